/* Files of other formats, by the beginnings that their specifications give. */
#include "codec/codec.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

#define TEXT(bytes) bytes, sizeof(bytes) - 1

static const struct sample_of {
    const char *name, *bytes;
    size_t n;
    enum foreign_kind kind;
    const char *advice; /* a part of it */
} samples[] = {
    {"GIF", TEXT("GIF89a\1\0\1\0\200\0\0"), FOREIGN_PICTURE, "PNG"},
    {"PSD", TEXT("8BPS\0\1\0\0\0\0\0\0\0\3"), FOREIGN_PICTURE, "export"},
    {"HEIC",
     TEXT("\0\0\0\x1c"
          "ftypheic\0\0\0\0mif1heicmiaf"),
     FOREIGN_PICTURE, "heif-convert"},
    {"HEIC",
     TEXT("\0\0\0\x1c"
          "ftypmif1\0\0\0\0mif1heicmiaf"),
     FOREIGN_PICTURE, "heif-convert"},
    {"AVIF",
     TEXT("\0\0\0\x1c"
          "ftypmif1\0\0\0\0mif1avifmiaf"),
     FOREIGN_PICTURE, "avifdec"},
    {"HEIF",
     TEXT("\0\0\0\x14"
          "ftypmif1\0\0\0\0mif1heic"),
     FOREIGN_PICTURE, "heif-convert"}, /* heic is behind the box */
    {"camera raw (CR3)",
     TEXT("\0\0\0\x18"
          "ftypcrx \0\0\0\1crx isom"),
     FOREIGN_PICTURE, "develop"},
    {"MP4 or QuickTime",
     TEXT("\0\0\0\x18"
          "ftypmp42\0\0\0\0mp42isom"),
     FOREIGN_OTHER, "ffmpeg"},
    {"JPEG XL", TEXT("\xff\x0a\xfa\x7f\1\x90\x08\0"), FOREIGN_PICTURE, "djxl"},
    {"JPEG XL", TEXT("\0\0\0\x0cJXL \r\n\x87\n"), FOREIGN_PICTURE, "djxl"},
    {"JPEG 2000", TEXT("\0\0\0\x0cjP  \r\n\x87\n"), FOREIGN_PICTURE, "opj_decompress"},
    {"JPEG 2000", TEXT("\xff\x4f\xff\x51\0\x2f\0\0"), FOREIGN_PICTURE, "opj_decompress"},
    {"camera raw (RAF)", TEXT("FUJIFILMCCD-RAW 0201"), FOREIGN_PICTURE, "develop"},
    {"camera raw (RW2)", TEXT("IIU\0\x18\0\0\0"), FOREIGN_PICTURE, "develop"},
    {"camera raw (ORF)", TEXT("IIRO\x08\0\0\0"), FOREIGN_PICTURE, "develop"},
    {"camera raw (CRW)", TEXT("II\x1a\0\0\0HEAPCCDR"), FOREIGN_PICTURE, "develop"},
    {"SGI", TEXT("\x01\xda\0\1\0\3\0\x40"), FOREIGN_PICTURE, "ImageMagick"},
    {"DPX", TEXT("SDPX\0\0\x20\0V1.0"), FOREIGN_PICTURE, "oiiotool"},
    {"OpenEXR", TEXT("\x76\x2f\x31\x01\2\0\0\0channels"), FOREIGN_PICTURE, "oiiotool"},
    {"FITS", TEXT("SIMPLE  =                    T"), FOREIGN_PICTURE, ".npy"},
    {"Radiance HDR", TEXT("#?RADIANCE\nFORMAT"), FOREIGN_PICTURE, "oiiotool"},
    {"PDF", TEXT("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), FOREIGN_OTHER, "pdftoppm"},
    {"an .npz archive", TEXT("PK\3\4\x2d\0\0\0\0\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0\5\0\0\0x.npyxx"), FOREIGN_OTHER,
     "numpy.save"},
    {"a ZIP archive", TEXT("PK\3\4\x0a\0\0\0\0\0\0\0!\0\0\0\0\0\0\0\0\0\0\0\0\0\5\0\0\0x.txtxx"), FOREIGN_OTHER, "unpack"},
    {"HDF5", TEXT("\x89HDF\r\n\x1a\n\0\0"), FOREIGN_OTHER, ".npy"},
    {"gzip", TEXT("\x1f\x8b\x08\0\0\0\0\0\0\3"), FOREIGN_OTHER, "unpack"},
    {"an HTML page", TEXT("\n<!DOCTYPE html>\n<html><svg></svg>"), FOREIGN_OTHER, "download"},
    {"an HTML page", TEXT("<HTML><body>404"), FOREIGN_OTHER, "download"},
    {"SVG", TEXT("<?xml version=\"1.0\"?>\n<!-- made by hand -->\n<svg width=\"1\""), FOREIGN_PICTURE, "rsvg-convert"},
    {"SVG", TEXT("\xef\xbb\xbf<svg xmlns="), FOREIGN_PICTURE, "rsvg-convert"},
    {"a Git LFS pointer", TEXT("version https://git-lfs.github.com/spec/v1\n"), FOREIGN_OTHER, "git lfs pull"},
    {"a .cube file", TEXT("# by hand\nTITLE \"warm\"\n\nLUT_3D_SIZE 33\n"), FOREIGN_CUBE, "apply"},
    {"a .cube file", TEXT("LUT_1D_SIZE 1021\n"), FOREIGN_CUBE, "apply"},
    {"a statistics file", TEXT("{\n  \"instnorm\": 1,\n"), FOREIGN_STATISTICS, "--use-stats"},
    {"text", TEXT("{\"other\": 1}"), FOREIGN_OTHER, "--version"},
    {"text", TEXT("just some text\n"), FOREIGN_OTHER, "--version"},
    {"text",
     TEXT("gr\xc3\xbc\xc3\x9f"
          "e"),
     FOREIGN_OTHER, "--version"},
};

START_TEST(each_is_named_with_what_to_do)
{
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
        const struct sample_of *s = &samples[i];
        const struct foreign *found = foreign_sniff((const unsigned char *)s->bytes, s->n);
        REQUIRE(found && strcmp(found->name, s->name) == 0, "%s is taken for %s", s->name, found ? found->name : "nothing");
        REQUIRE(found->kind == s->kind, "%s is of kind %d", s->name, (int)found->kind);
        REQUIRE(strstr(found->advice, s->advice), "%s: %s", s->name, found->advice);
        REQUIRE(!codec_sniff((const unsigned char *)s->bytes, s->n), "%s is read", s->name);
    }
}
END_TEST

static unsigned char far[FOREIGN_HEAD];

static const char *named_at(size_t at, const char *bytes)
{
    memset(far, 0, sizeof far);
    memcpy(far + at, bytes, strlen(bytes) + 1);
    const struct foreign *found = foreign_sniff(far, sizeof far);
    return found ? found->name : "";
}

START_TEST(some_have_their_magic_further_in)
{
    ck_assert_str_eq(named_at(128, "DICM"), "DICOM");
    ck_assert_str_eq(named_at(344, "n+1"), "NIfTI");
    ck_assert_str_eq(named_at(257, "ustar"), "a tar archive");
    ck_assert_str_eq(named_at(127, "DICM"), "");
}
END_TEST

/* What is unknown stays so, and nothing is read beyond a short file: the sanitizers see that. */
START_TEST(others_have_no_name)
{
    static const unsigned char bytes[] = {0x00, 0x01, 0x02, 0xfe, 'x', 'y', 'z', 0x00, 0x7f, 0x10};
    for (size_t n = 0; n <= sizeof bytes; n++)
        REQUIRE(!foreign_sniff(bytes, n), "%zu bytes have a name", n);
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        for (size_t n = 0; n < samples[i].n; n++) {
            unsigned char *part = malloc(n ? n : 1);
            memcpy(part, samples[i].bytes, n);
            foreign_sniff(part, n);
            free(part);
        }
}
END_TEST

/* Whatever a codec reads has a name here too where its library is missing. */
START_TEST(what_a_missing_library_would_read_is_named)
{
    ck_assert_str_eq(foreign_sniff((const unsigned char *)"\x89PNG\r\n\x1a\n", 8)->name, "PNG");
    ck_assert_str_eq(foreign_sniff((const unsigned char *)"II*\0\x08\0\0\0", 8)->name, "TIFF");
    ck_assert_str_eq(foreign_sniff((const unsigned char *)"RIFF\x20\0\0\0WEBP", 12)->name, "WebP");
    ck_assert_str_eq(foreign_sniff((const unsigned char *)"BM\x3a\0\0\0\0\0\0\0\x36", 11)->name, "BMP");
}
END_TEST

SUITE(foreign)
{
    TCase *foreign = tcase_create("foreign");
    tcase_add_test(foreign, each_is_named_with_what_to_do);
    tcase_add_test(foreign, some_have_their_magic_further_in);
    tcase_add_test(foreign, others_have_no_name);
    tcase_add_test(foreign, what_a_missing_library_would_read_is_named);
    suite_add_tcase(suite, foreign);
}
