/* The formats that no codec reads, told by the first bytes of a file. */
#include "base/bytes.h"
#include "codec/codec.h"

#include <ctype.h>
#include <string.h>

static const char with_ffmpeg[] = "save its frames as PNG first, for example with ffmpeg -i FILE %04d.png";
static const char with_magick[] = "convert it to PNG first, for example with ImageMagick";
static const char with_gimp[] = "export it as PNG or TIFF first, for example with GIMP";
static const char with_oiio[] = "convert it to TIFF or PFM first, for example with oiiotool";
static const char with_npy[] = "save its arrays as .npy first, with numpy.save";
static const char with_library[] = "this program was built without the library for it, see --version";
static const char unpack[] = "unpack it first";
static const char of_text[] = "expected one of the formats of --version";

const char foreign_raw_advice[] = "develop it to TIFF first, for example with darktable or RawTherapee";

/* ---- by fixed bytes ------------------------------------------------------------------------------------------------ */

struct magic {
    unsigned at, n;
    const char *bytes;
    struct foreign foreign;
};

#define MAGIC(at, bytes) at, sizeof(bytes) - 1, bytes
#define PICTURE(name, advice)                                                                                              \
    {                                                                                                                      \
        name, advice, FOREIGN_PICTURE                                                                                      \
    }
#define OTHER(name, advice)                                                                                                \
    {                                                                                                                      \
        name, advice, FOREIGN_OTHER                                                                                        \
    }

/* The first format that fits. A file of less than 8 bytes is of none. */
static const struct magic magics[] = {
    {MAGIC(0, "GIF8"), PICTURE("GIF", with_ffmpeg)},
    {MAGIC(0, "8BPS"), PICTURE("PSD", "flatten it and export it as TIFF or PNG first")},
    {MAGIC(0, "gimp xcf"), PICTURE("XCF", with_gimp)},
    {MAGIC(0, "\xff\x0a"), PICTURE("JPEG XL", "convert it to PNG first, for example with djxl")},
    {MAGIC(0, "\0\0\0\x0cJXL \r\n\x87\n"), PICTURE("JPEG XL", "convert it to PNG first, for example with djxl")},
    {MAGIC(0, "\0\0\0\x0cjP  \r\n\x87\n"),
     PICTURE("JPEG 2000", "convert it to PNG first, for example with opj_decompress")},
    {MAGIC(0, "\xff\x4f\xff\x51"), PICTURE("JPEG 2000", "convert it to PNG first, for example with opj_decompress")},
    {MAGIC(0, "II\xbc"), PICTURE("JPEG XR", "convert it to TIFF first, for example with JxrDecApp")},
    {MAGIC(0, "IIU\0"), PICTURE("camera raw (RW2)", foreign_raw_advice)},
    {MAGIC(0, "IIRO"), PICTURE("camera raw (ORF)", foreign_raw_advice)},
    {MAGIC(0, "IIRS"), PICTURE("camera raw (ORF)", foreign_raw_advice)},
    {MAGIC(0, "MMOR"), PICTURE("camera raw (ORF)", foreign_raw_advice)},
    {MAGIC(0, "FUJIFILMCCD-RAW"), PICTURE("camera raw (RAF)", foreign_raw_advice)},
    {MAGIC(0, "FOVb"), PICTURE("camera raw (X3F)", foreign_raw_advice)},
    {MAGIC(0, "\0MRM"), PICTURE("camera raw (MRW)", foreign_raw_advice)},
    {MAGIC(6, "HEAPCCDR"), PICTURE("camera raw (CRW)", foreign_raw_advice)},
    {MAGIC(0, "\x76\x2f\x31\x01"), PICTURE("OpenEXR", with_oiio)},
    {MAGIC(0, "#?RADIANCE"), PICTURE("Radiance HDR", with_oiio)},
    {MAGIC(0, "#?RGBE"), PICTURE("Radiance HDR", with_oiio)},
    {MAGIC(0, "DDS "), PICTURE("DDS", with_magick)},
    {MAGIC(0, "qoif"), PICTURE("QOI", "convert it to PNG first, for example with ffmpeg")},
    {MAGIC(0, "farbfeld"), PICTURE("farbfeld", "convert it to PNG first, for example with ff2png")},
    {MAGIC(0, "BPG\xfb"), PICTURE("BPG", "convert it to PNG first, for example with bpgdec")},
    {MAGIC(0, "\x8aMNG\r\n"), PICTURE("MNG", with_magick)},
    {MAGIC(0, "\0\0\1\0"), PICTURE("ICO", with_magick)},
    {MAGIC(0, "AT&TFORM"), PICTURE("DjVu", "convert its pages to TIFF first, for example with ddjvu")},
    {MAGIC(0, "\x01\xda\x00"), PICTURE("SGI", with_magick)},
    {MAGIC(0, "\x01\xda\x01"), PICTURE("SGI", with_magick)},
    {MAGIC(0, "\x59\xa6\x6a\x95"), PICTURE("Sun raster", with_magick)},
    {MAGIC(0, "SDPX"), PICTURE("DPX", with_oiio)},
    {MAGIC(0, "XPDS"), PICTURE("DPX", with_oiio)},
    {MAGIC(0, "icns"), PICTURE("ICNS", with_magick)},
    {MAGIC(0, "SIMPLE  ="), PICTURE("FITS", "save its data as .npy first, for example with astropy")},
    {MAGIC(128, "DICM"), PICTURE("DICOM", "convert it to PNG or TIFF first, for example with dcmj2pnm")},
    {MAGIC(344, "n+1\0"), PICTURE("NIfTI", "save its data as .npy first, for example with nibabel")},
    /* Read where their library is in. */
    {MAGIC(0, "\x89PNG\r\n"), PICTURE("PNG", with_library)},
    {MAGIC(0, "\xff\xd8\xff"), PICTURE("JPEG", with_library)},
    {MAGIC(8, "WEBP"), PICTURE("WebP", with_library)},
    {MAGIC(0, "II*\0"), PICTURE("TIFF", with_library)},
    {MAGIC(0, "MM\0*"), PICTURE("TIFF", with_library)},
    {MAGIC(0, "II+\0"), PICTURE("TIFF", with_library)},
    {MAGIC(0, "MM\0+"), PICTURE("TIFF", with_library)},
    /* No pictures. */
    {MAGIC(0, "%PDF-"), OTHER("PDF", "convert its pages to PNG first, for example with pdftoppm -png")},
    {MAGIC(0, "%!PS"), OTHER("PostScript", "convert its pages to PNG first, for example with Ghostscript")},
    {MAGIC(8, "AVI "), OTHER("AVI", with_ffmpeg)},
    {MAGIC(0, "\x1a\x45\xdf\xa3"), OTHER("Matroska or WebM", with_ffmpeg)},
    {MAGIC(0, "\x89HDF\r\n"), OTHER("HDF5", with_npy)},
    {MAGIC(0, "MATLAB 5.0"), OTHER("a MATLAB file", with_npy)},
    {MAGIC(0, "\x1f\x8b"), OTHER("gzip", unpack)},
    {MAGIC(0, "\x28\xb5\x2f\xfd"), OTHER("zstd", unpack)},
    {MAGIC(0, "\xfd\x37zXZ"), OTHER("xz", unpack)},
    {MAGIC(0, "BZh"), OTHER("bzip2", unpack)},
    {MAGIC(0, "7z\xbc\xaf"), OTHER("a 7z archive", unpack)},
    {MAGIC(257, "ustar"), OTHER("a tar archive", unpack)},
};

static const struct foreign *find_magic(const unsigned char *head, size_t n)
{
    for (size_t i = 0; n >= 8 && i < sizeof magics / sizeof *magics; i++)
        if (n >= magics[i].at + magics[i].n && memcmp(head + magics[i].at, magics[i].bytes, magics[i].n) == 0)
            return &magics[i].foreign;
    return NULL;
}

static bool contains(const unsigned char *head, size_t n, const char *word)
{
    size_t size = strlen(word);
    for (size_t i = 0; i + size <= n; i++)
        if (memcmp(head + i, word, size) == 0)
            return true;
    return false;
}

/* ---- by what is in them --------------------------------------------------------------------------------------------- */

/* The brands of an ISO base media file: first the major one, and after its version the compatible ones. */
static bool has_brand(const unsigned char *head, size_t n, const char *brand)
{
    size_t box = get_be16(head + 2);
    for (size_t i = 8; i + 4 <= n && i + 4 <= box; i += 4)
        if (i != 12 && memcmp(head + i, brand, 4) == 0)
            return true;
    return false;
}

static const struct foreign *find_box(const unsigned char *head, size_t n)
{
    static const struct {
        const char brand[5];
        struct foreign foreign;
    } brands[] = {
        {"crx ", PICTURE("camera raw (CR3)", foreign_raw_advice)},
        {"avif", PICTURE("AVIF", "convert it to PNG first, for example with avifdec")},
        {"avis", PICTURE("AVIF", "convert it to PNG first, for example with avifdec")},
        {"heic", PICTURE("HEIC", "convert it to PNG first, for example with heif-convert")},
        {"heix", PICTURE("HEIC", "convert it to PNG first, for example with heif-convert")},
        {"hevc", PICTURE("HEIC", "convert it to PNG first, for example with heif-convert")},
        {"mif1", PICTURE("HEIF", "convert it to PNG first, for example with heif-convert")},
        {"msf1", PICTURE("HEIF", "convert it to PNG first, for example with heif-convert")},
    };
    static const struct foreign video = OTHER("MP4 or QuickTime", with_ffmpeg);
    if (n < 12 || memcmp(head + 4, "ftyp", 4) != 0)
        return NULL;
    for (size_t i = 0; i < sizeof brands / sizeof *brands; i++)
        if (has_brand(head, n, brands[i].brand))
            return &brands[i].foreign;
    return &video;
}

/* The name of the first member follows 30 bytes of header. numpy names its members .npy. */
static const struct foreign *find_zip(const unsigned char *head, size_t n)
{
    static const struct foreign npz = OTHER("an .npz archive", with_npy), zip = OTHER("a ZIP archive", unpack);
    if (n < 30 || memcmp(head, "PK\3\4", 4) != 0)
        return NULL;
    size_t name = get_le16(head + 26);
    bool array = name > 4 && n >= 30 + name && memcmp(head + 30 + name - 4, ".npy", 4) == 0;
    return array ? &npz : &zip;
}

/* Two letters are little proof of a BMP: the zeros behind the size are asked for too. */
static const struct foreign *find_bmp(const unsigned char *head, size_t n)
{
    static const struct foreign bmp = PICTURE("BMP", with_library);
    return n >= 10 && memcmp(head, "BM", 2) == 0 && memcmp(head + 6, "\0\0\0\0", 4) == 0 ? &bmp : NULL;
}

/* ---- text ---------------------------------------------------------------------------------------------------------- */

static bool is_text(const unsigned char *head, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (head[i] == 0x7f || (head[i] < 0x20 && !memchr("\t\n\r\f\b\033", head[i], 6)))
            return false;
    return n > 0;
}

/* Past a byte order mark and blanks. */
static size_t first_of_text(const unsigned char *head, size_t n)
{
    size_t i = n >= 3 && memcmp(head, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    while (i < n && isspace(head[i]))
        i++;
    return i;
}

static bool begins(const unsigned char *head, size_t n, const char *word)
{
    size_t i = 0;
    for (; word[i] && i < n && tolower(head[i]) == word[i]; i++)
        ;
    return word[i] == '\0';
}

static const struct foreign *find_text(const unsigned char *head, size_t n)
{
    static const struct foreign svg = PICTURE("SVG", "render it to PNG first, for example with rsvg-convert"),
                                html = OTHER("an HTML page", "is it a download that failed?"),
                                pointer = OTHER("a Git LFS pointer", "fetch the file it stands for with git lfs pull"),
                                cube = {"a .cube file", "programs that edit pictures and videos apply it", FOREIGN_CUBE},
                                statistics = {"a statistics file", "--use-stats and --style take it", FOREIGN_STATISTICS},
                                text = OTHER("text", of_text);
    size_t from = first_of_text(head, n);
    const unsigned char *at = head + from;
    n -= from;
    if (!is_text(at, n))
        return NULL;
    if (begins(at, n, "<!doctype html") || begins(at, n, "<html"))
        return &html;
    if (at[0] == '<')
        return contains(at, n, "<svg") || contains(at, n, "<!DOCTYPE svg") ? &svg : &text;
    if (at[0] == '{')
        return contains(at, n, "\"instnorm\"") ? &statistics : &text;
    if (begins(at, n, "version https://git-lfs"))
        return &pointer;
    return contains(at, n, "LUT_3D_SIZE") || contains(at, n, "LUT_1D_SIZE") ? &cube : &text;
}

/* ---- all ----------------------------------------------------------------------------------------------------------- */

const struct foreign *foreign_sniff(const unsigned char *head, size_t n)
{
    const struct foreign *found = find_magic(head, n);
    found = found ? found : find_box(head, n);
    found = found ? found : find_zip(head, n);
    found = found ? found : find_bmp(head, n);
    return found ? found : find_text(head, n);
}

bool why_foreign(struct why *why, const struct foreign *foreign)
{
    const char *what = foreign->kind == FOREIGN_PICTURE ? "is not supported" : "is not a picture";
    return why_set(why, "%s %s: %s", foreign->name, what, foreign->advice);
}
