/*
 * IDAT by ISA-L, which deflates photographs four to eight times as fast as zlib's level 1 (see tests/bench). Each row is
 * filtered with Sub: on photographs no other filter gives fewer bytes in less time.
 *
 * Of ISA-L's levels only 0 and 3 are used: 1 and 2 (2.30) give now and then other bytes for the same picture, for their
 * tables of earlier matches depend on where in memory they are. Level 3 takes a fifth longer than 1, and 2 % fewer bytes.
 */
#include "codec/deflate.h"

#include "base/bytes.h"

#include <isa-l/igzip_lib.h>

#include <stdlib.h>
#include <string.h>

/*
 * Rows are deflated as many at once as take up to ROWS_BYTES, one if it is longer: fewer and longer steps are sooner. What
 * comes of them depends on the steps, and so these depend on nothing but the size of the picture.
 */
enum { ROWS_BYTES = 1 << 15 };

enum { CHUNK_BYTES = 1 << 16, FILTER_SUB = 1, LEVEL_FASTEST = 0, LEVEL_DEFAULT = 3 };

const bool deflate_is_there = true;

struct deflate {
    struct isal_zstream stream;
    deflate_put *put;
    void *to;
    size_t row_bytes, pixel_bytes, rows_left;
    bool swap;            /* 16-bit samples are big endian in the file */
    unsigned char *level; /* memory of ISA-L */
    unsigned char *rows;  /* filtered, not yet deflated */
    size_t rows_n, rows_room;
    unsigned char out[CHUNK_BYTES];
};

struct deflate *deflate_new(const struct picture_info *info, bool fastest, deflate_put *put, void *to)
{
    uint32_t level = fastest ? LEVEL_FASTEST : LEVEL_DEFAULT,
             size = fastest ? ISAL_DEF_LVL0_DEFAULT : ISAL_DEF_LVL3_DEFAULT;
    struct deflate *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->put = put;
    d->to = to;
    d->pixel_bytes = info->channels * sample_size(info->sample);
    d->row_bytes = info->width * d->pixel_bytes;
    d->rows_left = info->height;
    d->swap = info->sample == SAMPLE_U16 && machine_is_little();
    d->level = calloc(1, size ? size : 1);
    d->rows_room = d->row_bytes + 1 > ROWS_BYTES ? 1 : ROWS_BYTES / (d->row_bytes + 1);
    d->rows = malloc(d->rows_room * (d->row_bytes + 1));
    if (!d->level || !d->rows) {
        deflate_free(d);
        return NULL;
    }
    isal_deflate_init(&d->stream);
    d->stream.level = level;
    d->stream.level_buf = d->level;
    d->stream.level_buf_size = size;
    d->stream.gzip_flag = IGZIP_ZLIB;
    d->stream.hist_bits = ISAL_DEF_MAX_HIST_BITS;
    d->stream.next_out = d->out;
    d->stream.avail_out = CHUNK_BYTES;
    return d;
}

void deflate_free(struct deflate *d)
{
    if (!d)
        return;
    free(d->level);
    free(d->rows);
    free(d);
}

/* out <- the filter's number, and each byte less that of the pixel to the left. */
static void filter_sub(const unsigned char *restrict row, size_t n, size_t pixel, unsigned char *restrict out)
{
    *out++ = FILTER_SUB;
    memcpy(out, row, pixel);
    for (size_t i = pixel; i < n; i++)
        out[i] = (unsigned char)(row[i] - row[i - pixel]);
}

/* The same of 16-bit samples in native order, whose bytes are exchanged on the way. */
static void filter_sub_swapped(const unsigned char *restrict row, size_t n, size_t pixel, unsigned char *restrict out)
{
    *out++ = FILTER_SUB;
    for (size_t i = 0; i < pixel; i++)
        out[i] = row[i ^ 1];
    for (size_t i = pixel; i < n; i += 2) {
        out[i] = (unsigned char)(row[i + 1] - row[i + 1 - pixel]);
        out[i + 1] = (unsigned char)(row[i] - row[i - pixel]);
    }
}

static void put_out(struct deflate *d)
{
    d->put(d->to, d->out, CHUNK_BYTES - d->stream.avail_out);
    d->stream.next_out = d->out;
    d->stream.avail_out = CHUNK_BYTES;
}

/* Deflates the rows that are there; behind the last one of the picture the stream ends. */
static bool deflate_rows(struct deflate *d)
{
    struct isal_zstream *s = &d->stream;
    s->next_in = d->rows;
    s->avail_in = (uint32_t)(d->rows_n * (d->row_bytes + 1));
    s->end_of_stream = d->rows_left == 0;
    d->rows_n = 0;
    do {
        if (isal_deflate(s) != COMP_OK)
            return false;
        if (s->avail_out == 0)
            put_out(d);
    } while (s->avail_in > 0 || (s->end_of_stream && s->internal_state.state != ZSTATE_END));
    if (s->end_of_stream && s->avail_out < CHUNK_BYTES)
        put_out(d);
    return true;
}

bool deflate_row(struct deflate *d, const unsigned char *row)
{
    unsigned char *out = d->rows + d->rows_n++ * (d->row_bytes + 1);
    (d->swap ? filter_sub_swapped : filter_sub)(row, d->row_bytes, d->pixel_bytes, out);
    d->rows_left--;
    return (d->rows_left > 0 && d->rows_n < d->rows_room) || deflate_rows(d);
}
