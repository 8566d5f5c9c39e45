/*
 * Deflate and the predictors, past libtiff: which never checks the end of a stream when it decodes by rows, takes what is
 * too long when it decodes whole strips, and keeps all of a strip in memory.
 */
#include "base/bytes.h"
#include "codec/tiff/internal.h"

#include <stdlib.h>
#include <string.h>

#include <zlib.h>

enum { INPUT_BYTES = 1 << 15 };

struct tiff_inflate {
    z_stream z;
    uint64_t at, left; /* of the encoded bytes, still in the file */
    bool ended;        /* the stream is complete, and its checksum right */
    unsigned char input[INPUT_BYTES];
};

/* ---- streams ------------------------------------------------------------------------------------------------------ */

struct tiff_inflate *tiff_inflate_new(struct why *why)
{
    struct tiff_inflate *s = calloc(1, sizeof *s);
    if (s && inflateInit(&s->z) == Z_OK)
        return s;
    free(s);
    why_memory(why);
    return NULL;
}

void tiff_inflate_free(struct tiff_inflate *s)
{
    if (s)
        inflateEnd(&s->z);
    free(s);
}

void tiff_inflate_start(struct tiff_inflate *s, const struct tiff_io *io, uint32_t strile)
{
    s->at = TIFFGetStrileOffset(io->tif, strile);
    s->left = TIFFGetStrileByteCount(io->tif, strile);
    s->z.avail_in = 0;
    s->ended = false;
    inflateReset(&s->z);
}

static bool refill(struct tiff_inflate *s, struct tiff_io *io, bool reversed)
{
    size_t n = s->left < INPUT_BYTES ? (size_t)s->left : INPUT_BYTES;
    if (n == 0)
        return why_set(&io->why, "TIFF strip or tile is too short");
    if (!source_get(io->source, s->input, n, s->at, &io->why))
        return false;
    if (reversed)
        TIFFReverseBits(s->input, (tmsize_t)n);
    s->at += n;
    s->left -= n;
    s->z.next_in = s->input;
    s->z.avail_in = (uInt)n;
    return true;
}

static bool step(struct tiff_inflate *s, struct tiff_io *io, bool reversed)
{
    if (s->z.avail_in == 0 && !refill(s, io, reversed))
        return false;
    int status = inflate(&s->z, Z_NO_FLUSH);
    s->ended = status == Z_STREAM_END;
    if (status == Z_OK || status == Z_STREAM_END || (status == Z_BUF_ERROR && s->z.avail_in == 0))
        return true;
    return why_set(&io->why, "deflate: %s", s->z.msg ? s->z.msg : "invalid data");
}

bool tiff_inflate_get(struct tiff_inflate *s, struct tiff_io *io, bool reversed, unsigned char *to, size_t n)
{
    for (size_t part; n > 0; to += part, n -= part) {
        part = n < (1u << 30) ? n : 1u << 30;
        s->z.next_out = to;
        s->z.avail_out = (uInt)part;
        while (s->z.avail_out > 0) {
            if (s->ended)
                return why_set(&io->why, "TIFF strip or tile is too short");
            if (!step(s, io, reversed))
                return false;
        }
    }
    return true;
}

bool tiff_inflate_end(struct tiff_inflate *s, struct tiff_io *io, bool reversed, uint64_t spare)
{
    unsigned char rest[4096];
    while (!s->ended) {
        s->z.next_out = rest;
        s->z.avail_out = sizeof rest;
        if (!step(s, io, reversed))
            return false;
        size_t n = sizeof rest - s->z.avail_out;
        if (n > spare)
            return why_set(&io->why, "TIFF strip or tile is too long");
        spare -= n;
    }
    return true;
}

/* ---- predictors --------------------------------------------------------------------------------------------------- */

static void sum_bytes(unsigned char *row, size_t n, size_t stride)
{
    for (size_t i = stride; i < n; i++)
        row[i] = (unsigned char)(row[i] + row[i - stride]);
}

/* Neighbouring pixels of three bytes, the common case, without waiting for memory. */
static void sum_rgb(unsigned char *row, size_t pixels)
{
    unsigned char r = 0, g = 0, b = 0;
    for (size_t i = 0; i < 3 * pixels; i += 3) {
        row[i] = r = (unsigned char)(r + row[i]);
        row[i + 1] = g = (unsigned char)(g + row[i + 1]);
        row[i + 2] = b = (unsigned char)(b + row[i + 2]);
    }
}

static void sum_shorts(uint16_t *row, size_t n, size_t stride)
{
    for (size_t i = stride; i < n; i++)
        row[i] = (uint16_t)(row[i] + row[i - stride]);
}

static void sum_longs(uint32_t *row, size_t n, size_t stride)
{
    for (size_t i = stride; i < n; i++)
        row[i] += row[i - stride];
}

static void sum_quads(uint64_t *row, size_t n, size_t stride)
{
    for (size_t i = stride; i < n; i++)
        row[i] += row[i - stride];
}

/* Adobe Photoshop TIFF Technical Note 3: the bytes of all samples by significance, the most significant first. */
static void sum_floats(unsigned char *row, size_t n, size_t size, size_t stride, unsigned char *scratch)
{
    size_t samples = n / size;
    sum_bytes(row, n, stride);
    memcpy(scratch, row, n);
    for (size_t k = 0; size != 4 && k < size; k++) {
        unsigned char *to = row + (machine_is_little() ? size - 1 - k : k);
        for (size_t i = 0; i < samples; i++)
            to[i * size] = scratch[k * samples + i];
    }
    for (size_t i = 0; size == 4 && i < samples; i++) {
        uint32_t bits =
            FOUR_CHARACTERS(scratch[i], scratch[samples + i], scratch[2 * samples + i], scratch[3 * samples + i]);
        memcpy(row + 4 * i, &bits, sizeof bits);
    }
}

static void restore_row(const struct tiff_page *p, unsigned char *row, size_t n, unsigned char *scratch)
{
    size_t stride = p->planar ? 1 : p->samples;
    if (p->predictor == PREDICTOR_FLOATINGPOINT) {
        sum_floats(row, n, p->bits / 8, stride, scratch);
        return;
    }
    if (p->swapped && p->bits >= 16)
        swap_bytes(row, n / (p->bits / 8), p->bits / 8);
    if (p->predictor != PREDICTOR_HORIZONTAL)
        return;
    if (p->bits == 16)
        sum_shorts((uint16_t *)(void *)row, n / 2, stride);
    else if (p->bits == 32)
        sum_longs((uint32_t *)(void *)row, n / 4, stride);
    else if (p->bits == 64)
        sum_quads((uint64_t *)(void *)row, n / 8, stride);
    else if (stride == 3)
        sum_rgb(row, n / 3);
    else
        sum_bytes(row, n, stride);
}

void tiff_restore_rows(const struct tiff_page *p, unsigned char *data, size_t rows, size_t row_bytes,
                       unsigned char *scratch)
{
    if (p->swapped || p->predictor > PREDICTOR_NONE)
        for (size_t y = 0; y < rows; y++)
            restore_row(p, data + y * row_bytes, row_bytes, scratch);
}
