/* What a TIFF directory says of its page; what is not supported is refused by its name. */
#include "codec/tiff/internal.h"

#include <string.h>

/* ---- names ------------------------------------------------------------------------------------------------------- */

struct name {
    unsigned number;
    const char *name;
};

static const struct name supported_compressions[] = {{COMPRESSION_NONE, "none"},
                                                     {COMPRESSION_LZW, "LZW"},
                                                     {COMPRESSION_ADOBE_DEFLATE, "deflate"},
                                                     {COMPRESSION_DEFLATE, "deflate"},
                                                     {COMPRESSION_PACKBITS, "PackBits"},
                                                     {COMPRESSION_JPEG, "JPEG"},
                                                     {COMPRESSION_ZSTD, "Zstandard"},
                                                     {COMPRESSION_LZMA, "LZMA"},
                                                     {COMPRESSION_WEBP, "WebP"},
                                                     {COMPRESSION_CCITTRLE, "CCITT RLE"},
                                                     {COMPRESSION_CCITTRLEW, "CCITT RLE"},
                                                     {COMPRESSION_CCITT_T4, "CCITT T.4"},
                                                     {COMPRESSION_CCITT_T6, "CCITT T.6"},
                                                     {0, NULL}};

static const struct name other_compressions[] = {{COMPRESSION_OJPEG, "old-style JPEG"},
                                                 {COMPRESSION_JBIG, "JBIG"},
                                                 {COMPRESSION_JP2000, "JPEG 2000"},
                                                 {33003, "JPEG 2000"},
                                                 {33005, "JPEG 2000"},
                                                 {COMPRESSION_SGILOG, "LogLuv"},
                                                 {COMPRESSION_SGILOG24, "LogLuv"},
                                                 {COMPRESSION_PIXARLOG, "Pixar log"},
                                                 {COMPRESSION_LERC, "LERC"},
                                                 {COMPRESSION_THUNDERSCAN, "ThunderScan"},
                                                 {COMPRESSION_NEXT, "NeXT"},
                                                 {0, NULL}};

static const struct name other_photometrics[] = {{PHOTOMETRIC_SEPARATED, "inks other than CMYK"},
                                                 {PHOTOMETRIC_YCBCR, "YCbCr without JPEG compression"},
                                                 {PHOTOMETRIC_CIELAB, "CIE L*a*b*"},
                                                 {PHOTOMETRIC_ICCLAB, "ICC L*a*b*"},
                                                 {PHOTOMETRIC_ITULAB, "ITU L*a*b*"},
                                                 {PHOTOMETRIC_LOGL, "LogL"},
                                                 {PHOTOMETRIC_LOGLUV, "LogLuv"},
                                                 {PHOTOMETRIC_CFA, "a camera's sensor"},
                                                 {34892, "a camera's sensor"},
                                                 {0, NULL}};

static const char *name_of(const struct name *names, unsigned number)
{
    while (names->name && names->number != number)
        names++;
    return names->name;
}

static bool check_compression(const struct tiff_page *p, struct why *why)
{
    unsigned number = p->compression;
    const char *name = name_of(supported_compressions, number);
    if (name && TIFFIsCODECConfigured(p->compression))
        return true;
    name = name ? name : name_of(other_compressions, number);
    if (!name)
        return why_set(why, "TIFF compression %u is not supported", number);
    return why_set(why, "TIFF compression %s is not supported", name);
}

/* ---- samples ------------------------------------------------------------------------------------------------------ */

/* What samples of the format are in memory; SAMPLE_NONE: they are not supported. */
static enum sample sample_of(unsigned format, unsigned bits)
{
    if (format == SAMPLEFORMAT_IEEEFP)
        return bits == 16 ? SAMPLE_F16 : bits == 32 ? SAMPLE_F32 : bits == 64 ? SAMPLE_F64 : SAMPLE_NONE;
    if (format == SAMPLEFORMAT_INT)
        return bits == 8 ? SAMPLE_I8 : bits == 16 ? SAMPLE_I16 : bits == 32 ? SAMPLE_I32 : SAMPLE_NONE;
    return bits == 32 ? SAMPLE_U32 : bits > 8 ? SAMPLE_U16 : SAMPLE_U8;
}

static bool check_type(const struct tiff_page *p, unsigned format, struct why *why)
{
    if (format == SAMPLEFORMAT_COMPLEXIEEEFP || format == SAMPLEFORMAT_COMPLEXINT)
        return why_set(why, "TIFF of complex numbers is not supported");
    if (p->compression == COMPRESSION_JPEG && (p->bits != 8 || format == SAMPLEFORMAT_INT))
        return why_set(why, "TIFF of JPEG with %u%s bits is not supported, expected 8 bits", p->bits,
                       format == SAMPLEFORMAT_INT ? " signed" : "");
    if (format == SAMPLEFORMAT_INT)
        return p->sample != SAMPLE_NONE ||
               why_set(why, "TIFF of %u-bit signed integers is not supported, expected 8, 16 or 32 bits", p->bits);
    if (format == SAMPLEFORMAT_IEEEFP)
        return p->sample != SAMPLE_NONE ||
               why_set(why, "TIFF of %u-bit floats is not supported, expected 16, 32 or 64 bits", p->bits);
    if ((p->bits >= 8 && p->bits <= 16) || p->bits == 32)
        return true;
    if ((p->bits == 1 || p->bits == 2 || p->bits == 4) && p->samples == 1)
        return true;
    return why_set(why, "TIFF of %u-bit integers is not supported%s", p->bits,
                   p->bits < 8 ? " with more than one channel" : ", expected at most 16, or 32");
}

/* Colour channels that the photometric interpretation stands for; 0 and an error if it is not supported. */
static unsigned primaries(TIFF *tif, const struct tiff_page *p, struct why *why)
{
    uint16_t inks = INKSET_CMYK;
    switch (p->photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_MASK:
    case PHOTOMETRIC_PALETTE:
        return 1;
    case PHOTOMETRIC_RGB:
        return 3;
    case PHOTOMETRIC_YCBCR:
        if (p->compression == COMPRESSION_JPEG && !p->planar && p->samples == 3)
            return 3;
        break;
    case PHOTOMETRIC_SEPARATED:
        TIFFGetField(tif, TIFFTAG_INKSET, &inks);
        if (inks == INKSET_CMYK)
            return 4;
        break;
    default:
        break;
    }
    const char *name = name_of(other_photometrics, p->photometric);
    if (name)
        why_set(why, "TIFF of %s is not supported", name);
    else
        why_set(why, "TIFF of photometric interpretation %u is not supported", p->photometric);
    return 0;
}

/* The map's entries have 16 bits; some writers leave the upper 8 at 0. */
static bool read_palette(TIFF *tif, struct tiff_page *p, struct why *why)
{
    uint16_t *map[3];
    unsigned n = 1u << p->bits, all = 0;
    if (p->bits > 8 || p->samples != 1 || p->sample != SAMPLE_U8)
        return why_set(why, "TIFF palette of %u%s bits and %u channels is not supported", p->bits,
                       p->sample == SAMPLE_I8 ? " signed" : "", p->samples);
    if (!TIFFGetField(tif, TIFFTAG_COLORMAP, &map[0], &map[1], &map[2]))
        return why_set(why, "TIFF palette is missing");
    for (unsigned i = 0; i < 3 * n; i++)
        all |= map[i / n][i % n];
    for (unsigned i = 0; i < 3 * n; i++)
        p->palette[i % n][i / n] = (unsigned char)(all > 255 ? map[i / n][i % n] >> 8 : map[i / n][i % n]);
    p->expand = EXPAND_PALETTE;
    return true;
}

static bool set_expansion(TIFF *tif, struct tiff_page *p, unsigned format, struct why *why)
{
    bool white = p->photometric == PHOTOMETRIC_MINISWHITE;
    unsigned most = (1u << (p->bits & 7)) - 1;
    if (p->photometric == PHOTOMETRIC_PALETTE)
        return read_palette(tif, p, why);
    if (white && (p->samples != 1 || format == SAMPLEFORMAT_IEEEFP || format == SAMPLEFORMAT_INT))
        return why_set(why, "MinIsWhite TIFF of floats, of signed integers or with more than one channel is not supported");
    p->white = white;
    p->expand = p->bits % 8 ? EXPAND_PACKED : white ? EXPAND_INVERT : EXPAND_NOT;
    if (p->bits >= 8)
        return true;
    for (unsigned v = 0; v <= most; v++)
        p->grey[v] = (unsigned char)((white ? most - v : v) * 255 / most);
    p->expand = EXPAND_GREY;
    return true;
}

/* Of extra channels that are not unspecified the first is alpha; the others are data. */
static bool read_alpha(TIFF *tif, struct tiff_page *p, unsigned colours, bool as_data, struct why *why)
{
    uint16_t n = 0, *extra = NULL;
    TIFFGetFieldDefaulted(tif, TIFFTAG_EXTRASAMPLES, &n, &extra);
    for (unsigned i = 0; i < n && i < p->samples; i++) {
        if (extra[i] != EXTRASAMPLE_ASSOCALPHA && extra[i] != EXTRASAMPLE_UNASSALPHA)
            continue;
        p->other_alpha = p->alpha != ALPHA_NONE;
        if (p->other_alpha)
            break;
        p->alpha = extra[i] == EXTRASAMPLE_ASSOCALPHA ? ALPHA_PREMULTIPLIED : ALPHA_STRAIGHT;
        p->alpha_at = i + 1 < n && !as_data ? p->samples - n + i : 0;
    }
    colours += p->alpha != ALPHA_NONE;
    return p->samples >= colours || why_set(why, "TIFF of %u channels, expected at least %u", p->samples, colours);
}

static bool check_cmyk(const struct tiff_page *p, struct why *why)
{
    bool unsuited = p->sample != SAMPLE_U8 && p->sample != SAMPLE_U16;
    if (p->cmyk && (unsuited || p->bits % 8))
        return why_set(why, "CMYK TIFF of %u-bit %s is not supported, expected integers of 8 or 16 bits", p->bits,
                       p->floats                     ? "floats"
                       : sample_least(p->sample) < 0 ? "signed integers"
                                                     : "integers");
    if (p->cmyk && p->alpha == ALPHA_PREMULTIPLIED)
        return why_set(why, "CMYK TIFF with premultiplied alpha is not supported");
    return true;
}

static bool read_samples(TIFF *tif, const struct limits *limits, struct tiff_page *p, struct why *why)
{
    uint16_t format = SAMPLEFORMAT_UINT, planar = PLANARCONFIG_CONTIG;
    TIFFGetFieldDefaulted(tif, TIFFTAG_BITSPERSAMPLE, &p->bits);
    TIFFGetFieldDefaulted(tif, TIFFTAG_SAMPLESPERPIXEL, &p->samples);
    TIFFGetFieldDefaulted(tif, TIFFTAG_SAMPLEFORMAT, &format);
    TIFFGetFieldDefaulted(tif, TIFFTAG_PLANARCONFIG, &planar);
    p->floats = format == SAMPLEFORMAT_IEEEFP;
    p->sample = sample_of(format, p->bits);
    p->planar = planar == PLANARCONFIG_SEPARATE && p->samples > 1;
    if (!TIFFGetField(tif, TIFFTAG_PHOTOMETRIC, &p->photometric))
        return why_set(why, "TIFF without a photometric interpretation");
    unsigned colours = primaries(tif, p, why);
    p->cmyk = colours == 4;
    if (colours == 0 || !check_type(p, format, why))
        return false;
    return read_alpha(tif, p, colours, limits->alpha_as_data, why) && check_cmyk(p, why) &&
           set_expansion(tif, p, format, why);
}

/* What libtiff would say when it decodes. */
static bool check_predictor(const struct tiff_page *p, struct why *why)
{
    bool whole = p->bits == 8 || p->bits == 16 || p->bits == 32 || p->bits == 64;
    bool ok = p->predictor == PREDICTOR_NONE || (p->predictor == PREDICTOR_HORIZONTAL && whole) ||
              (p->predictor == PREDICTOR_FLOATINGPOINT && p->floats);
    return ok || why_set(why, "TIFF predictor %u of %u-bit samples is not supported", p->predictor, p->bits);
}

/* ---- geometry ----------------------------------------------------------------------------------------------------- */

static bool read_segments(TIFF *tif, struct tiff_page *p, struct why *why)
{
    p->planes = p->planar ? p->samples : 1;
    p->segment_width = p->width;
    p->across = 1;
    if (p->tiled) {
        TIFFGetField(tif, TIFFTAG_TILEWIDTH, &p->segment_width);
        TIFFGetField(tif, TIFFTAG_TILELENGTH, &p->segment_height);
    } else {
        TIFFGetFieldDefaulted(tif, TIFFTAG_ROWSPERSTRIP, &p->segment_height);
        if (p->segment_height > p->height)
            p->segment_height = p->height;
    }
    if (p->segment_width == 0 || p->segment_height == 0)
        return why_set(why, "TIFF of empty strips or tiles");
    p->across = ((size_t)p->width + p->segment_width - 1) / p->segment_width;
    tmsize_t row = TIFFScanlineSize(tif), segment_row = p->tiled ? TIFFTileRowSize(tif) : row;
    p->row_bytes = row > 0 ? (size_t)row : 0;
    p->segment_row_bytes = segment_row > 0 ? (size_t)segment_row : 0;
    /* libtiff must compute the same sizes, or a buffer would be too small. */
    size_t samples = p->planar ? 1 : p->samples;
    if (p->row_bytes != (p->width * samples * p->bits + 7) / 8 ||
        p->segment_row_bytes != (p->segment_width * samples * p->bits + 7) / 8)
        return why_set(why, "TIFF rows of an unexpected size");
    return true;
}

/* Whether the file can hold the samples as they are: then they are no more than it promises. */
static bool is_held_by_file(const struct tiff_io *io, const struct tiff_page *p)
{
    uint64_t bytes = (uint64_t)p->row_bytes * p->planes;
    return p->compression == COMPRESSION_NONE && bytes > 0 && p->height <= io->size / bytes;
}

/*
 * How many bytes a byte of the file can stand for: deflate has at most 258 for two bits, PackBits 128 for two bytes, LZW
 * one more for each code of 12 bits since the last Clear, of which there are less than 4,096. 0 = no bound is known.
 */
static uint64_t expansion(const struct tiff_page *p)
{
    switch (p->compression) {
    case COMPRESSION_NONE:
        return 1;
    case COMPRESSION_PACKBITS:
        return 64;
    case COMPRESSION_DEFLATE:
    case COMPRESSION_ADOBE_DEFLATE:
        return 1032;
    case COMPRESSION_LZW:
        return 4096;
    default:
        return 0;
    }
}

/*
 * Whether the file has bytes enough for each strip and tile, which may be those of another. If not the page is refused
 * before anything of its size is allocated.
 */
static bool check_segments(const struct tiff_io *io, const struct tiff_page *p, struct why *why)
{
    uint32_t n = p->tiled ? TIFFNumberOfTiles(io->tif) : TIFFNumberOfStrips(io->tif);
    uint64_t bytes = (uint64_t)p->segment_row_bytes * p->segment_height, times = expansion(p);
    uint32_t strips = (p->height + p->segment_height - 1) / p->segment_height, last = p->height % p->segment_height;
    for (uint32_t i = 0; times > 0 && i < n; i++) {
        bool is_last = !p->tiled && last > 0 && i % strips == strips - 1;
        uint64_t at = TIFFGetStrileOffset(io->tif, i), count = TIFFGetStrileByteCount(io->tif, i);
        uint64_t want = is_last ? (uint64_t)p->row_bytes * last : bytes, left = at < io->size ? io->size - at : 0;
        if ((count < left ? count : left) < (want + times - 1) / times)
            return why_set(why, "truncated: TIFF strip or tile %u of %llu bytes is not in the file", i,
                           (unsigned long long)want);
    }
    return true;
}

static bool check_size(const struct tiff_io *io, const struct tiff_page *p, const struct limits *limits, struct why *why)
{
    if (is_held_by_file(io, p) && !p->tiled)
        return true;
    if (!is_held_by_file(io, p) && !limits_check(limits, p->width, p->height, why))
        return false;
    uint64_t quads = (p->samples + 3u) / 4u, tile = (uint64_t)p->segment_width * p->segment_height;
    if (!is_held_by_file(io, p) && (uint64_t)p->width * p->height > limits->max_pixels / quads)
        return why_set(why, "%u x %u pixels of %u channels are more than the limit of %llu: see --max-pixels", p->width,
                       p->height, p->samples, (unsigned long long)limits->max_pixels * 4);
    if (p->tiled && tile > limits->max_pixels / quads)
        return why_set(why, "tiles of %u x %u pixels are more than the limit of %llu: see --max-pixels", p->segment_width,
                       p->segment_height, (unsigned long long)limits->max_pixels);
    return is_held_by_file(io, p) || check_segments(io, p, why);
}

/* ---- a page ------------------------------------------------------------------------------------------------------- */

bool tiff_page_read(const struct tiff_io *io, const struct limits *limits, struct tiff_page *p, struct why *why)
{
    TIFF *tif = io->tif;
    uint16_t order = FILLORDER_MSB2LSB;

    *p = (struct tiff_page){.compression = COMPRESSION_NONE, .predictor = PREDICTOR_NONE};
    TIFFGetField(tif, TIFFTAG_IMAGEWIDTH, &p->width);
    TIFFGetField(tif, TIFFTAG_IMAGELENGTH, &p->height);
    if (p->width == 0 || p->height == 0)
        return limits_check(limits, p->width, p->height, why);
    TIFFGetFieldDefaulted(tif, TIFFTAG_COMPRESSION, &p->compression);
    if (!check_compression(p, why) || !read_samples(tif, limits, p, why))
        return false;
    TIFFGetField(tif, TIFFTAG_SUBFILETYPE, &p->subfile);
    TIFFGetFieldDefaulted(tif, TIFFTAG_FILLORDER, &order);
    if (p->compression != COMPRESSION_NONE && p->compression != COMPRESSION_JPEG)
        TIFFGetField(tif, TIFFTAG_PREDICTOR, &p->predictor);
    if (!check_predictor(p, why))
        return false;
    if (p->photometric == PHOTOMETRIC_YCBCR)
        TIFFSetField(tif, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    p->tiled = TIFFIsTiled(tif) != 0;
    p->swapped = TIFFIsByteSwapped(tif) != 0;
    p->reversed_bits = order != FILLORDER_MSB2LSB;
    return read_segments(tif, p, why) && check_size(io, p, limits, why);
}

/* RGB that was compressed as it is has full chroma. */
static void describe_chroma(const struct tiff_io *io, const struct tiff_page *p, struct picture_info *info)
{
    uint16_t h = 1, v = 1;
    if (p->photometric == PHOTOMETRIC_YCBCR)
        TIFFGetFieldDefaulted(io->tif, TIFFTAG_YCBCRSUBSAMPLING, &h, &v);
    info->chroma_h = p->compression == COMPRESSION_JPEG ? h : 0;
    info->chroma_v = p->compression == COMPRESSION_JPEG ? v : 0;
}

void tiff_page_describe(const struct tiff_io *io, const struct tiff_page *p, struct picture_info *info)
{
    bool palette = p->expand == EXPAND_PALETTE;
    *info = (struct picture_info){.width = p->width,
                                  .height = p->height,
                                  .channels = palette   ? 3
                                              : p->cmyk ? p->samples - 1u
                                                        : p->samples,
                                  .sample = p->sample,
                                  .alpha = p->alpha,
                                  .planar = p->planar,
                                  .converted = p->cmyk,
                                  .depth = p->bits};
    info->unit = p->expand == EXPAND_PACKED ? (1u << p->bits) - 1 : sample_unit(info->sample);
    info->layout = (struct file_layout){
        .compression = p->compression,
        .predictor = p->predictor,
        .tile_width = p->tiled ? p->segment_width : 0,
        .tile_height = p->tiled ? p->segment_height : 0,
        .strip_height = p->tiled ? 0 : p->segment_height,
        .channels = info->channels,
        .primaries = palette || p->cmyk || p->photometric == PHOTOMETRIC_RGB || p->photometric == PHOTOMETRIC_YCBCR ? 3 : 1,
        .alpha_at = p->alpha_at - (p->alpha_at > 0 && p->cmyk),
        .planar = p->planar,
        .big = TIFFIsBigTIFF(io->tif) != 0};
    describe_chroma(io, p, info);
}
