/*
 * The rows of a page, in one of three ways: strips that are uncompressed or deflated are read as a stream of bytes; other
 * strips, and tiles, are decoded whole, a row of them at a time; strips too large for that, by scanlines.
 */
#include "codec/tiff/internal.h"

#include <stdlib.h>
#include <string.h>

/* Strips of at most so many bytes are decoded whole. */
#define STRIPS_BYTES_MAX ((uint64_t)32 << 20)

/* What a stream of deflated bytes takes. */
enum { STREAM_BYTES = 80 << 10 };

/* What a handle of libtiff takes, with its fields, its codec's state and ours. */
enum { HANDLE_BYTES = 64 << 10 };

/* ---- what a page takes -------------------------------------------------------------------------------------------- */

static bool is_deflate(const struct tiff_page *p)
{
    return p->compression == COMPRESSION_ADOBE_DEFLATE || p->compression == COMPRESSION_DEFLATE;
}

static uint64_t segment_bytes(const struct tiff_page *p)
{
    return (uint64_t)p->segment_row_bytes * p->segment_height;
}

/* The bytes of a row of segments. */
static uint64_t segments_bytes(const struct tiff_page *p)
{
    return segment_bytes(p) * p->across * p->planes;
}

/* The largest strip or tile as it is in the file, which libtiff keeps while it decodes. */
static uint64_t encoded_bytes(const struct tiff_io *io, const struct tiff_page *p)
{
    uint32_t n = p->tiled ? TIFFNumberOfTiles(io->tif) : TIFFNumberOfStrips(io->tif);
    uint64_t most = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint64_t bytes = TIFFGetStrileByteCount(io->tif, i);
        most = bytes > most ? bytes : most;
    }
    return most < io->size ? most : io->size;
}

static enum tiff_way way_of(const struct tiff_page *p)
{
    if (!p->tiled && (p->compression == COMPRESSION_NONE || is_deflate(p)))
        return DECODE_STREAM;
    if (!p->tiled && p->compression != COMPRESSION_WEBP && segments_bytes(p) > STRIPS_BYTES_MAX)
        return DECODE_SCANLINES;
    return DECODE_SEGMENTS;
}

static uint64_t held_bytes(const struct tiff_decoder *d, const struct tiff_io *io)
{
    const struct tiff_page *p = d->page;
    if (d->way == DECODE_STREAM)
        return is_deflate(p) ? (uint64_t)STREAM_BYTES * p->planes : 0;
    if (d->way == DECODE_SCANLINES)
        return (encoded_bytes(io, p) + HANDLE_BYTES) * p->planes;
    return segments_bytes(p) + (is_deflate(p) ? STREAM_BYTES : encoded_bytes(io, p));
}

void tiff_decoder_start(struct tiff_decoder *d, struct tiff_io *io, const struct tiff_page *page)
{
    *d = (struct tiff_decoder){.io = io, .page = page, .way = way_of(page), .loaded = SIZE_MAX};
    d->held = held_bytes(d, io);
    d->replays = d->way == DECODE_SEGMENTS && page->segment_height >= page->height;
}

void tiff_decoder_end(struct tiff_decoder *d)
{
    for (unsigned c = 0; d->plane && c < d->opened; c++) {
        tiff_io_close(&d->plane[c].io);
        tiff_inflate_free(d->plane[c].stream);
    }
    free(d->plane);
    free(d->buffer);
    free(d->scratch);
    *d = (struct tiff_decoder){.loaded = SIZE_MAX};
}

/* ---- samples ------------------------------------------------------------------------------------------------------ */

static void invert(enum sample sample, const unsigned char *in, size_t n, unsigned char *out)
{
    for (size_t i = 0; i < n * sample_size(sample); i++)
        out[i] = (unsigned char)~in[i];
}

/* Samples of 1, 2, 4 or 8 bits, the first in the upper bits. */
static unsigned packed_sample(const unsigned char *in, size_t i, unsigned bits)
{
    size_t at = i * bits;
    return (unsigned)in[at / 8] >> (8 - bits - at % 8) & ((1u << bits) - 1);
}

/* Samples of 9 to 15 bits, the first in the upper bits. */
static void unpack(const struct tiff_page *p, const unsigned char *in, size_t n, unsigned char *out)
{
    unsigned most = (1u << p->bits) - 1, flip = p->white ? most : 0;
    for (size_t i = 0, bit = 0; i < n; i++, bit += p->bits) {
        const unsigned char *at = in + bit / 8;
        unsigned used = (unsigned)(bit % 8) + p->bits; /* of the two or three bytes at hand */
        unsigned bytes = (unsigned)at[0] << 16 | (unsigned)at[1] << 8 | (used > 16 ? at[2] : 0u);
        uint16_t sample = (uint16_t)((bytes >> (24 - used) & most) ^ flip);
        memcpy(out + i * sizeof sample, &sample, sizeof sample);
    }
}

/* Where a plane as stored is in memory. */
static unsigned plane_of(const struct tiff_page *p, unsigned plane)
{
    if (p->alpha_at == 0 || plane < p->alpha_at)
        return plane;
    return plane == p->alpha_at ? p->samples - 1u : plane - 1;
}

/* The same in n pixels whose samples adjoin. */
static void move_alpha(const struct tiff_page *p, const struct rows *rows, size_t n, unsigned char *out)
{
    unsigned char alpha[sizeof(double)];
    size_t size = sample_size(rows->sample), behind = (p->samples - 1u - p->alpha_at) * size;
    if (p->alpha_at == 0 || p->planar)
        return;
    for (unsigned char *at = out + p->alpha_at * size; n > 0; n--, at += p->samples * size) {
        memcpy(alpha, at, size);
        memmove(at, at + size, behind);
        memcpy(at + behind, alpha, size);
    }
}

/* n pixels as stored, of one plane or of all channels, become samples in memory. */
static void expand(const struct tiff_page *p, const struct rows *rows, const unsigned char *in, size_t n,
                   unsigned char *out)
{
    switch (p->expand) {
    case EXPAND_NOT:
        memcpy(out, in, n * (p->planar ? 1 : rows->channels) * sample_size(rows->sample));
        break;
    case EXPAND_INVERT:
        invert(rows->sample, in, n, out);
        break;
    case EXPAND_PACKED:
        unpack(p, in, n * (p->planar ? 1 : rows->channels), out);
        break;
    case EXPAND_GREY:
        for (size_t i = 0; i < n; i++)
            out[i] = p->grey[packed_sample(in, i, p->bits)];
        break;
    case EXPAND_PALETTE:
        for (size_t i = 0; i < n; i++)
            memcpy(out + 3 * i, p->palette[packed_sample(in, i, p->bits)], 3);
        break;
    }
    move_alpha(p, rows, n, out);
}

/* Row y of a plane, from pixel x on. */
static unsigned char *row_at(const struct tiff_page *p, const struct rows *rows, unsigned plane, size_t y, size_t x)
{
    return rows->data + (ptrdiff_t)plane_of(p, plane) * rows->dc + (ptrdiff_t)y * rows->dy + (ptrdiff_t)x * rows->dx;
}

/* ---- streams of bytes --------------------------------------------------------------------------------------------- */

static uint32_t strip_rows(const struct tiff_page *p, size_t y)
{
    uint32_t left = p->height - (uint32_t)y;
    return left < p->segment_height ? left : p->segment_height;
}

/* Rows y.. of a plane as they are in an uncompressed strip. */
static bool get_plain(struct tiff_decoder *d, unsigned plane, size_t y, size_t n, unsigned char *to)
{
    const struct tiff_page *p = d->page;
    struct tiff_io *io = d->io;
    uint32_t strip = TIFFComputeStrip(io->tif, (uint32_t)y, (uint16_t)plane);
    uint64_t before = (uint64_t)(y % p->segment_height) * p->row_bytes, bytes = (uint64_t)n * p->row_bytes;
    uint64_t at = TIFFGetStrileOffset(io->tif, strip), count = TIFFGetStrileByteCount(io->tif, strip);
    if (at == 0 || at > INT64_MAX - before || before + bytes > count)
        return why_set(&io->why, "TIFF strip %u is missing or too short", strip);
    if (!source_get(io->source, to, (size_t)bytes, at + before, &io->why))
        return false;
    if (p->reversed_bits)
        TIFFReverseBits(to, (tmsize_t)bytes);
    return true;
}

/* The same of a deflated strip. Rows that are not asked for, because the caller went elsewhere, are read all the same. */
static bool get_inflated(struct tiff_decoder *d, unsigned plane, size_t y, size_t n, unsigned char *to)
{
    const struct tiff_page *p = d->page;
    struct tiff_plane *s = &d->plane[plane];
    size_t first = y - y % p->segment_height;
    if (y != s->row || y == first) {
        tiff_inflate_start(s->stream, d->io, TIFFComputeStrip(d->io->tif, (uint32_t)y, (uint16_t)plane));
        for (s->row = first; s->row < y; s->row++)
            if (!tiff_inflate_get(s->stream, d->io, p->reversed_bits, d->buffer, p->row_bytes))
                return false;
    }
    s->row = SIZE_MAX;
    if (!tiff_inflate_get(s->stream, d->io, p->reversed_bits, to, n * p->row_bytes))
        return false;
    uint32_t rows = strip_rows(p, first);
    uint64_t spare = (uint64_t)(p->segment_height - rows) * p->row_bytes;
    if (y + n == first + rows && !tiff_inflate_end(s->stream, d->io, p->reversed_bits, spare))
        return false;
    s->row = y + n;
    return true;
}

/* Rows that are stored as they are in memory are read as many at once as a strip has. */
static bool read_stream(struct tiff_decoder *d, unsigned plane, size_t y, const struct rows *rows)
{
    const struct tiff_page *p = d->page;
    bool direct = p->expand == EXPAND_NOT;
    for (size_t done = 0, n; done < rows->height; done += n) {
        size_t left = p->segment_height - (y + done) % p->segment_height;
        n = rows->height - done < left ? rows->height - done : left;
        n = direct ? n : 1;
        unsigned char *out = row_at(p, rows, plane, done, 0), *to = direct ? out : d->buffer;
        if (!(is_deflate(p) ? get_inflated : get_plain)(d, plane, y + done, n, to))
            return false;
        tiff_restore_rows(p, to, n, p->row_bytes, d->scratch);
        if (direct)
            move_alpha(p, rows, n * p->width, out);
        else
            expand(p, rows, to, p->width, out);
    }
    return true;
}

/* ---- whole strips and tiles --------------------------------------------------------------------------------------- */

static bool inflate_segment(struct tiff_decoder *d, uint32_t strile, unsigned char *to, size_t rows)
{
    const struct tiff_page *p = d->page;
    struct tiff_inflate *s = d->plane[0].stream;
    tiff_inflate_start(s, d->io, strile);
    if (!tiff_inflate_get(s, d->io, p->reversed_bits, to, rows * p->segment_row_bytes) ||
        !tiff_inflate_end(s, d->io, p->reversed_bits, 0))
        return false;
    tiff_restore_rows(p, to, rows, p->segment_row_bytes, d->scratch);
    return true;
}

/* libtiff leaves a gap undefined where the WebP stream is narrower than the strip or tile. */
static bool check_webp(struct tiff_decoder *d, uint32_t strile, uint32_t height)
{
    unsigned char b[30];
    uint32_t w = 0, h = 0;
    if (!source_get(d->io->source, b, sizeof b, TIFFGetStrileOffset(d->io->tif, strile), &d->io->why))
        return false;
    if (memcmp(b + 12, "VP8 ", 4) == 0) {
        w = (b[26] | (uint32_t)b[27] << 8) & 0x3fff;
        h = (b[28] | (uint32_t)b[29] << 8) & 0x3fff;
    } else if (memcmp(b + 12, "VP8L", 4) == 0) {
        uint32_t bits = b[21] | (uint32_t)b[22] << 8 | (uint32_t)b[23] << 16 | (uint32_t)b[24] << 24;
        w = (bits & 0x3fff) + 1;
        h = (bits >> 14 & 0x3fff) + 1;
    } else if (memcmp(b + 12, "VP8X", 4) == 0) {
        w = (b[24] | (uint32_t)b[25] << 8 | (uint32_t)b[26] << 16) + 1;
        h = (b[27] | (uint32_t)b[28] << 8 | (uint32_t)b[29] << 16) + 1;
    }
    return (w == d->page->segment_width && h == height) ||
           why_set(&d->io->why, "WebP data of %u x %u pixels, expected %u x %u", w, h, d->page->segment_width, height);
}

static bool load_segment(struct tiff_decoder *d, unsigned plane, size_t row, size_t i, unsigned char *to)
{
    const struct tiff_page *p = d->page;
    TIFF *tif = d->io->tif;
    uint32_t y = (uint32_t)(row * p->segment_height), height = p->tiled ? p->segment_height : strip_rows(p, y);
    tmsize_t bytes = (tmsize_t)(p->segment_row_bytes * height);
    uint32_t strile = p->tiled ? TIFFComputeTile(tif, (uint32_t)(i * p->segment_width), y, 0, (uint16_t)plane)
                               : TIFFComputeStrip(tif, y, (uint16_t)plane);
    if (p->compression == COMPRESSION_WEBP && !check_webp(d, strile, height))
        return false;
    if (is_deflate(p))
        return inflate_segment(d, strile, to, height);
    return (p->tiled ? TIFFReadEncodedTile : TIFFReadEncodedStrip)(tif, strile, to, bytes) == bytes;
}

static bool load(struct tiff_decoder *d, size_t row)
{
    size_t bytes = (size_t)segment_bytes(d->page);
    d->loaded = SIZE_MAX;
    for (unsigned c = 0; c < d->page->planes; c++)
        for (size_t i = 0; i < d->page->across; i++)
            if (!load_segment(d, c, row, i, d->buffer + (c * d->page->across + i) * bytes) || d->io->why.text[0])
                return why_set(&d->io->why, "TIFF strip or tile cannot be decoded");
    d->loaded = row;
    return true;
}

static bool read_segments(struct tiff_decoder *d, size_t y, const struct rows *rows)
{
    const struct tiff_page *p = d->page;
    size_t bytes = (size_t)segment_bytes(p), width = p->segment_width;
    for (size_t done = 0; done < rows->height; done++) {
        size_t row = (y + done) / p->segment_height, inside = (y + done) % p->segment_height;
        if (row != d->loaded && !load(d, row))
            return false;
        for (unsigned c = 0; c < p->planes; c++)
            for (size_t i = 0; i < p->across; i++) {
                const unsigned char *in = d->buffer + (c * p->across + i) * bytes + inside * p->segment_row_bytes;
                size_t x = i * width, n = p->width - x < width ? p->width - x : width;
                expand(p, rows, in, n, row_at(p, rows, c, done, x));
            }
    }
    return true;
}

/* ---- scanlines ---------------------------------------------------------------------------------------------------- */

struct opening {
    struct tiff_io *io;
    uint64_t directory;
};

static bool directory_step(void *on)
{
    const struct opening *o = on;
    tiff_io_show(o->io, o->directory);
    return TIFFSetSubDirectory(o->io->tif, o->directory) != 0;
}

/* Planes are as far from one another as the picture is large: each is decoded by a handle of its own. */
static bool open_plane(struct tiff_decoder *d, struct tiff_io *io)
{
    struct opening o = {io, TIFFCurrentDirOffset(d->io->tif)};
    if (!tiff_io_read(io, d->io->source, d->io->size) || !tiff_guard(io, directory_step, &o))
        return why_set(&d->io->why, "%s", io->why.text[0] ? io->why.text : "TIFF directory cannot be read again");
    if (d->page->photometric == PHOTOMETRIC_YCBCR)
        TIFFSetField(io->tif, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB);
    io->decoding = true;
    return true;
}

struct scan {
    struct tiff_decoder *decoder;
    unsigned plane;
    size_t y;
    const struct rows *rows;
};

static bool scan_step(void *on)
{
    const struct scan *s = on;
    const struct tiff_decoder *d = s->decoder;
    const struct tiff_io *io = &d->plane[s->plane].io;
    for (size_t done = 0; done < s->rows->height; done++) {
        if (TIFFReadScanline(io->tif, d->buffer, (uint32_t)(s->y + done), (uint16_t)s->plane) < 0 || io->why.text[0])
            return false;
        expand(d->page, s->rows, d->buffer, d->page->width, row_at(d->page, s->rows, s->plane, done, 0));
    }
    return true;
}

static bool read_scanlines(struct tiff_decoder *d, unsigned plane, size_t y, const struct rows *rows)
{
    struct tiff_io *io = &d->plane[plane].io;
    if (!io->tif && !open_plane(d, io))
        return false;
    return tiff_guard(io, scan_step, &(struct scan){d, plane, y, rows}) ||
           why_set(&d->io->why, "%s", io->why.text[0] ? io->why.text : "TIFF strip cannot be decoded");
}

/* ---- rows --------------------------------------------------------------------------------------------------------- */

/* Opens and allocates what the page needs, before its first rows. */
static bool prepare(struct tiff_decoder *d)
{
    const struct tiff_page *p = d->page;
    unsigned streams = !is_deflate(p) ? 0 : d->way == DECODE_SEGMENTS ? 1 : p->planes;
    uint64_t bytes = d->way == DECODE_SEGMENTS ? segments_bytes(p) : p->row_bytes;
    if (d->buffer)
        return true;
    d->opened = d->way == DECODE_SCANLINES ? p->planes : streams;
    d->plane = calloc(d->opened + 1u, sizeof *d->plane);
    d->scratch = malloc(p->segment_row_bytes);
    d->buffer = d->plane && d->scratch && bytes < SIZE_MAX / 2 ? malloc((size_t)bytes) : NULL;
    if (!d->buffer)
        return why_memory(&d->io->why);
    for (unsigned c = 0; c < streams; c++) {
        d->plane[c].stream = tiff_inflate_new(&d->io->why);
        if (!d->plane[c].stream)
            return false;
    }
    return true;
}

static bool read_rows(struct tiff_decoder *d, size_t y, const struct rows *rows)
{
    if (!d->io->tif || d->io->why.text[0] || !prepare(d))
        return false;
    if (d->way == DECODE_SEGMENTS)
        return read_segments(d, y, rows);
    for (unsigned c = 0; c < d->page->planes; c++)
        if (!(d->way == DECODE_STREAM ? read_stream : read_scanlines)(d, c, y, rows))
            return false;
    return true;
}

static bool read_step(void *on)
{
    const struct scan *s = on;
    return read_rows(s->decoder, s->y, s->rows);
}

bool tiff_decoder_read(struct tiff_decoder *d, size_t y, const struct rows *rows, struct why *why)
{
    d->io->decoding = true;
    bool ok = tiff_guard(d->io, read_step, &(struct scan){d, 0, y, rows});
    d->io->decoding = false;
    return ok || why_set(why, "%s", d->io->why.text);
}
