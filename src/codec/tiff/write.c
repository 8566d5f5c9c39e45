/*
 * Writing TIFF. libtiff encodes strips and tiles; the directory that it makes is completed with the tags of the metadata
 * and written behind them, so that whatever follows from there is the end of the file.
 */
#include "base/bytes.h"
#include "codec/tiff/internal.h"

#include <stdlib.h>
#include <string.h>

enum {
    DEFAULT_LEVEL = 1,
    STRIP_BYTES = 1 << 17,     /* about what a strip of ours takes */
    STRIP_BYTES_MAX = 8 << 20, /* strips of the input are kept up to this */
    TILE_BYTES_MAX = 64 << 20, /* and tiles up to this, which is 4,096 by 4,096 of RGBA in 8 bits */
    TILE_SIDE_MAX = 1 << 14
};

struct writer {
    struct tiff_io io; /* of the page under way; its size is the file's */
    struct sink *sink;
    struct write_options options;
    bool begun, big;
    uint64_t link; /* where the offset of the next directory goes */
    struct picture_info info;
    struct file_layout layout; /* as written */
    size_t row;                /* of the page, that is next */
    struct rows segment;       /* a row of segments, interleaved or planar as in the file */
    size_t filled;             /* rows of it */
    unsigned char *buffer, *tile;
    size_t buffer_bytes;
};

void *tiff_write_create(struct sink *sink, const struct write_options *options, struct why *why)
{
    struct writer *w = codec_new(sizeof *w, why);
    if (!w)
        return NULL;
    w->sink = sink;
    w->options = *options;
    return w;
}

void tiff_write_abandon(void *writer)
{
    struct writer *w = writer;
    tiff_io_close(&w->io);
    free(w->buffer);
    free(w->tile);
    free(w);
}

/* ---- layout ------------------------------------------------------------------------------------------------------- */

/* Whether JPEG can hold the picture. */
static bool fits_jpeg(const struct picture_info *info)
{
    return info->sample == SAMPLE_U8 && info->alpha == ALPHA_NONE && (info->channels == 1 || info->channels == 3);
}

static bool fits_webp(const struct picture_info *info, bool planar)
{
    return info->sample == SAMPLE_U8 && picture_colours(info) == 3 && info->channels <= 4 && !planar;
}

/* The input's compression if the output can have it, or what was asked for. */
static void choose_compression(struct writer *w)
{
    struct file_layout *l = &w->layout;
    unsigned asked = l->compression;
    int level = w->options.compression;
    bool known = asked == COMPRESSION_NONE || asked == COMPRESSION_LZW || asked == COMPRESSION_PACKBITS ||
                 asked == COMPRESSION_ZSTD || asked == COMPRESSION_LZMA ||
                 (asked == COMPRESSION_JPEG && fits_jpeg(&w->info)) ||
                 (asked == COMPRESSION_WEBP && fits_webp(&w->info, l->planar));
    if (asked == 0)
        l->predictor = PREDICTOR_HORIZONTAL;
    if (level >= 0)
        l->compression = level > 0 ? COMPRESSION_ADOBE_DEFLATE : COMPRESSION_NONE;
    else if (!known)
        l->compression = COMPRESSION_ADOBE_DEFLATE;
    bool predicts = l->compression == COMPRESSION_LZW || l->compression == COMPRESSION_ADOBE_DEFLATE ||
                    l->compression == COMPRESSION_ZSTD || l->compression == COMPRESSION_LZMA;
    if (!predicts)
        l->predictor = 0;
    else if (l->predictor > PREDICTOR_NONE || (asked == COMPRESSION_JPEG || asked == COMPRESSION_WEBP))
        l->predictor = sample_is_float(w->info.sample) ? PREDICTOR_FLOATINGPOINT : PREDICTOR_HORIZONTAL;
}

/* Of all channels, or of one if the file is planar. */
static size_t pixel_bytes(const struct writer *w)
{
    return (w->layout.planar ? 1 : w->info.channels) * sample_size(w->info.sample);
}

static unsigned chroma(unsigned factor)
{
    return factor == 1 ? 1 : 2;
}

static bool keeps_tiles(const struct writer *w)
{
    const uint32_t width = w->layout.tile_width, height = w->layout.tile_height;
    return width > 0 && height > 0 && width % 16 == 0 && height % 16 == 0 && width <= TILE_SIDE_MAX &&
           height <= TILE_SIDE_MAX && (size_t)width * height <= TILE_BYTES_MAX / pixel_bytes(w);
}

/* The input's tiles, or its strips, unless they are large; else strips of about STRIP_BYTES. JPEG takes whole blocks. */
static void choose_segments(struct writer *w)
{
    struct file_layout *l = &w->layout;
    size_t row = w->info.width * w->info.channels * sample_size(w->info.sample), height = w->info.height;
    if (keeps_tiles(w))
        return;
    l->tile_width = l->tile_height = 0;
    size_t strip = l->strip_height < height ? l->strip_height : height;
    if (strip == 0 || strip > STRIP_BYTES_MAX / row)
        strip = STRIP_BYTES / row + 1;
    if (l->compression == COMPRESSION_JPEG && strip < height)
        strip = (strip + 15) / 16 * 16;
    l->strip_height = (uint32_t)(strip < height ? strip : height);
}

static void choose_layout(struct writer *w)
{
    struct file_layout *l = &w->layout;
    unsigned colours = picture_colours(&w->info);
    *l = w->info.layout;
    if (l->channels != w->info.channels) {
        l->primaries = l->alpha_at = 0;
        l->planar = l->planar && w->info.channels > 1;
    }
    if (l->primaries == 0 || l->primaries > colours)
        l->primaries = colours == 3 ? 3 : 1;
    if (w->info.alpha == ALPHA_NONE || l->alpha_at < l->primaries || l->alpha_at + 1 >= w->info.channels)
        l->alpha_at = 0;
    choose_compression(w);
    choose_segments(w);
}

/* ---- a page begins ------------------------------------------------------------------------------------------------ */

static bool fail(struct writer *w, const char *otherwise, struct why *why)
{
    why_set(&w->io.why, "%s", otherwise);
    return why_set(why, "%s", w->io.why.text);
}

static unsigned photometric(const struct writer *w)
{
    uint32_t subfile;
    if (w->layout.primaries == 3 && w->layout.compression == COMPRESSION_JPEG && !w->layout.planar)
        return PHOTOMETRIC_YCBCR;
    if (w->layout.primaries == 3)
        return PHOTOMETRIC_RGB;
    if (w->info.role == PAGE_COPIED && metadata_is_of(w->info.metadata, codec_tiff.name) &&
        tiff_meta_number(w->info.metadata, TIFFTAG_SUBFILETYPE, &subfile) && (subfile & FILETYPE_MASK))
        return PHOTOMETRIC_MASK;
    return PHOTOMETRIC_MINISBLACK;
}

static bool set_extra(TIFF *tif, const struct writer *w)
{
    unsigned n = w->info.channels - w->layout.primaries;
    uint16_t *extra = calloc(n + 1, sizeof *extra); /* 0: unspecified */
    if (!extra)
        return false;
    if (w->info.alpha != ALPHA_NONE)
        extra[w->layout.alpha_at ? w->layout.alpha_at - w->layout.primaries : n - 1] =
            w->info.alpha == ALPHA_STRAIGHT ? EXTRASAMPLE_UNASSALPHA : EXTRASAMPLE_ASSOCALPHA;
    bool ok = n == 0 || TIFFSetField(tif, TIFFTAG_EXTRASAMPLES, (uint16_t)n, extra);
    free(extra);
    return ok;
}

static int format_of(enum sample sample)
{
    return sample_is_float(sample) ? SAMPLEFORMAT_IEEEFP : sample_least(sample) < 0 ? SAMPLEFORMAT_INT : SAMPLEFORMAT_UINT;
}

static bool set_samples(TIFF *tif, const struct writer *w)
{
    const struct picture_info *info = &w->info;
    return TIFFSetField(tif, TIFFTAG_IMAGEWIDTH, (uint32_t)info->width) &&
           TIFFSetField(tif, TIFFTAG_IMAGELENGTH, (uint32_t)info->height) &&
           TIFFSetField(tif, TIFFTAG_BITSPERSAMPLE, (uint16_t)(8 * sample_size(info->sample))) &&
           TIFFSetField(tif, TIFFTAG_SAMPLESPERPIXEL, (uint16_t)info->channels) &&
           TIFFSetField(tif, TIFFTAG_SAMPLEFORMAT, format_of(info->sample)) &&
           TIFFSetField(tif, TIFFTAG_PHOTOMETRIC, (uint16_t)photometric(w)) &&
           TIFFSetField(tif, TIFFTAG_PLANARCONFIG,
                        (uint16_t)(w->layout.planar ? PLANARCONFIG_SEPARATE : PLANARCONFIG_CONTIG)) &&
           set_extra(tif, w);
}

static bool set_compression(TIFF *tif, const struct writer *w)
{
    const struct file_layout *l = &w->layout;
    int level = w->options.compression;
    if (!TIFFSetField(tif, TIFFTAG_COMPRESSION, (uint16_t)l->compression))
        return false;
    if (l->predictor > 0 && !TIFFSetField(tif, TIFFTAG_PREDICTOR, (uint16_t)l->predictor))
        return false;
    if (l->compression == COMPRESSION_ADOBE_DEFLATE)
        return TIFFSetField(tif, TIFFTAG_ZIPQUALITY, level > 0 ? level : DEFAULT_LEVEL);
    if (l->compression == COMPRESSION_WEBP)
        return TIFFSetField(tif, TIFFTAG_WEBP_LOSSLESS, 1);
    return l->compression != COMPRESSION_JPEG || TIFFSetField(tif, TIFFTAG_JPEGQUALITY, write_quality(&w->options));
}

/* TIFF has none that is lower down than across (TIFF 6.0, YCbCrSubSampling), as a turned picture can have it. */
static bool set_chroma(TIFF *tif, const struct writer *w)
{
    unsigned h = chroma(w->info.chroma_h), v = chroma(w->info.chroma_v);
    return photometric(w) != PHOTOMETRIC_YCBCR ||
           (TIFFSetField(tif, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB) &&
            TIFFSetField(tif, TIFFTAG_YCBCRSUBSAMPLING, (uint16_t)h, (uint16_t)(v > h ? h : v)));
}

static bool set_segments(TIFF *tif, const struct writer *w)
{
    const struct file_layout *l = &w->layout;
    if (l->tile_width > 0)
        return TIFFSetField(tif, TIFFTAG_TILEWIDTH, l->tile_width) && TIFFSetField(tif, TIFFTAG_TILELENGTH, l->tile_height);
    return TIFFSetField(tif, TIFFTAG_ROWSPERSTRIP, l->strip_height);
}

static bool reserve(struct writer *w)
{
    const struct picture_info *info = &w->info;
    size_t height = w->layout.tile_height ? w->layout.tile_height : w->layout.strip_height;
    height = height < info->height ? height : info->height;
    size_t bytes = height * info->width * info->channels * sample_size(info->sample);
    free(w->tile);
    w->tile = w->layout.tile_width ? malloc((size_t)w->layout.tile_width * w->layout.tile_height * pixel_bytes(w)) : NULL;
    if (bytes > w->buffer_bytes) {
        free(w->buffer);
        w->buffer = malloc(bytes);
        w->buffer_bytes = w->buffer ? bytes : 0;
    }
    if (!w->buffer || (w->layout.tile_width && !w->tile))
        return false;
    w->segment = rows_tight(w->layout.planar, w->buffer, info->sample, info->channels, info->width, height);
    return true;
}

/* The header is written again when the first directory's place is known. */
static bool begin_file(struct writer *w, struct why *why)
{
    static const unsigned char header[16];
    uint64_t row = (uint64_t)w->info.width * w->info.channels * sample_size(w->info.sample);
    w->begun = true;
    w->big = w->info.layout.big || w->info.height > (UINT32_MAX - (1u << 24)) / row;
    w->link = w->big ? 8 : 4;
    w->io = (struct tiff_io){.sink = w->sink};
    return tiff_io_put(&w->io, header, w->big ? 16 : 8, 0) || fail(w, "", why);
}

static bool set_step(void *on)
{
    const struct writer *w = on;
    TIFF *tif = w->io.tif;
    return set_samples(tif, w) && set_compression(tif, w) && set_chroma(tif, w) && set_segments(tif, w);
}

bool tiff_write_begin(void *writer, const struct picture_info *info, struct why *why)
{
    struct writer *w = writer;
    if (!codec_holds(&codec_tiff, info->sample))
        return codec_refuse_sample(why, "TIFF holds numbers", "8", info->sample);
    if (info->width > UINT32_MAX || info->height > UINT32_MAX)
        return why_set(why, "TIFF holds at most 4294967295 pixels along an axis");
    if (info->channels > UINT16_MAX)
        return why_set(why, "TIFF holds at most 65535 channels, not %u", info->channels);
    w->info = *info;
    w->row = w->filled = 0;
    if (!w->begun && !begin_file(w, why))
        return false;
    choose_layout(w);
    if (!reserve(w))
        return why_memory(why);
    if (!tiff_io_write(&w->io, w->sink, w->io.size, w->big))
        return fail(w, "", why);
    return (tiff_guard(&w->io, set_step, w) && !w->io.why.text[0]) ||
           fail(w, "libtiff refuses a TIFF of this layout or compression", why);
}

/* ---- a page ends -------------------------------------------------------------------------------------------------- */

/* Sets the offset that leads to a directory: in the header, or at the end of the directory before. */
static bool put_link(struct writer *w, uint64_t at)
{
    unsigned char link[8];
    size_t header = w->big ? 16 : 8, bytes = w->big ? 8 : 4;
    put_bytes(link, bytes, machine_is_little(), at);
    if (w->link >= header)
        return tiff_io_put(&w->io, link, bytes, w->link);
    memcpy(w->io.header + w->link, link, bytes);
    return tiff_io_put(&w->io, w->io.header, header, 0);
}

static bool put_directory(struct writer *w, const struct metadata *tags)
{
    struct tiff_bytes b = {.base = w->io.size, .big = w->big};
    size_t size = w->big ? 20 : 12, ends = w->big ? 16 : 6, n = w->io.directory_size;
    if (!w->io.directory || n < ends || (n - ends) % size)
        return why_set(&w->io.why, "libtiff wrote no directory");
    uint64_t at = tiff_ifd_put(&b, tags, w->io.directory + (w->big ? 8 : 2), (n - ends) / size);
    bool ok = b.failed                                      ? why_memory(&w->io.why)
              : !w->big && w->io.size + b.size > UINT32_MAX ? why_set(&w->io.why, "a TIFF file of more than 4 GiB")
                                                            : tiff_io_put(&w->io, b.data, b.size, b.base);
    free(b.data);
    if (!ok || !put_link(w, at))
        return false;
    w->link = w->io.size - (w->big ? 8 : 4);
    return true;
}

static bool directory_step(void *on)
{
    const struct writer *w = on;
    return TIFFWriteDirectory(w->io.tif) != 0;
}

static bool end_page(struct writer *w, struct why *why)
{
    struct metadata tags = {.format = NULL};
    bool ok = tiff_guard(&w->io, directory_step, w) && w->io.why.text[0] == '\0';
    if (ok)
        ok = tiff_meta_import(&tags, &w->info, &w->options) ? put_directory(w, &tags) : why_memory(&w->io.why);
    metadata_clear(&tags);
    tiff_io_close(&w->io);
    return ok || fail(w, "TIFF directory cannot be written", why);
}

/* ---- rows --------------------------------------------------------------------------------------------------------- */

/* Bytes of the tile <- the segments' rows; behind the picture's edges the last pixels again, which compress best. */
static void fill_tile(struct writer *w, unsigned plane, size_t x)
{
    size_t pixel = pixel_bytes(w), width = w->layout.tile_width, row = width * pixel;
    size_t n = w->info.width - x < width ? w->info.width - x : width;
    const unsigned char *from = w->segment.data + (ptrdiff_t)plane * w->segment.dc + (ptrdiff_t)x * w->segment.dx;
    for (size_t y = 0; y < w->layout.tile_height; y++) {
        unsigned char *to = w->tile + y * row;
        memcpy(to, from + (ptrdiff_t)(y < w->filled ? y : w->filled - 1) * w->segment.dy, n * pixel);
        for (size_t i = n; i < width; i++)
            memcpy(to + i * pixel, to + (n - 1) * pixel, pixel);
    }
}

static bool write_tiles(struct writer *w, unsigned plane, uint32_t y)
{
    TIFF *tif = w->io.tif;
    tmsize_t bytes = (tmsize_t)(w->layout.tile_width * w->layout.tile_height * pixel_bytes(w));
    for (size_t x = 0; x < w->info.width; x += w->layout.tile_width) {
        fill_tile(w, plane, x);
        uint32_t tile = TIFFComputeTile(tif, (uint32_t)x, y, 0, (uint16_t)plane);
        if (TIFFWriteEncodedTile(tif, tile, w->tile, bytes) != bytes)
            return false;
    }
    return true;
}

static bool write_strip(struct writer *w, unsigned plane, uint32_t y)
{
    TIFF *tif = w->io.tif;
    tmsize_t bytes = (tmsize_t)(w->filled * w->info.width * pixel_bytes(w));
    unsigned char *from = w->segment.data + (ptrdiff_t)plane * w->segment.dc;
    return TIFFWriteEncodedStrip(tif, TIFFComputeStrip(tif, y, (uint16_t)plane), from, bytes) == bytes;
}

static bool segments_step(void *on)
{
    struct writer *w = on;
    uint32_t y = (uint32_t)(w->row - w->filled);
    for (unsigned c = 0; c < (w->layout.planar ? w->info.channels : 1); c++)
        if (!(w->layout.tile_width ? write_tiles : write_strip)(w, c, y) || w->io.why.text[0])
            return false;
    w->filled = 0;
    return true;
}

/* Where a channel of the picture is in the file. */
static unsigned place_of(const struct writer *w, unsigned c)
{
    unsigned at = w->layout.alpha_at;
    if (at == 0 || c < at)
        return c;
    return c == w->info.channels - 1 ? at : c + 1;
}

/* Rows that may be laid out otherwise than the file. */
static void collect(struct writer *w, const struct rows *rows)
{
    struct rows to = rows_part(&w->segment, w->filled, rows->height);
    const struct block all = {.height = rows->height, .width = rows->width};
    if (w->layout.alpha_at == 0 && rows->dx == to.dx && rows->dy == to.dy &&
        rows->channels * sample_size(rows->sample) == (size_t)to.dx)
        memcpy(to.data, rows->data, (size_t)to.dy * rows->height);
    else
        for (unsigned c = 0; c < rows->channels; c++)
            rows_copy(rows, c, &all, &to, place_of(w, c));
}

bool tiff_write_rows(void *writer, const struct rows *rows, struct why *why)
{
    struct writer *w = writer;
    for (size_t y = 0, n; y < rows->height; y += n) {
        size_t left = w->segment.height - w->filled;
        n = rows->height - y < left ? rows->height - y : left;
        struct rows part = rows_part(rows, y, n);
        collect(w, &part);
        w->filled += n;
        w->row += n;
        if ((w->filled == w->segment.height || w->row == w->info.height) && !tiff_guard(&w->io, segments_step, w))
            return fail(w, "TIFF strip or tile cannot be written", why);
    }
    return w->row < w->info.height || end_page(w, why);
}

/* Every page was completed with its last row. */
bool tiff_write_finish(void *writer, struct why *why)
{
    struct writer *w = writer;
    bool ok = w->begun && !w->io.tif && w->io.why.text[0] == '\0';
    if (!ok)
        fail(w, "TIFF page without all of its rows", why);
    tiff_write_abandon(w);
    return ok;
}
