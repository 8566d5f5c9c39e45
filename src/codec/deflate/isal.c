/*
 * IDAT by ISA-L, which deflates photographs four to eight times as fast as zlib's level 1 (see tests/bench). Each row is
 * filtered with Sub: on photographs no other filter gives fewer bytes in less time.
 *
 * Of ISA-L's levels only 0 and 3 are used: 1 and 2 (2.30) give now and then other bytes for the same picture, for their
 * tables of earlier matches depend on where in memory they are. Level 3 takes a fifth longer than 1, and 2 % fewer bytes.
 */
#include "codec/deflate.h"

#include "base/bytes.h"
#include "base/crew.h"

#include <isa-l/igzip_lib.h>

#include <stdlib.h>
#include <string.h>

/*
 * Blocks of about BLOCK_BYTES do not refer to one another, which costs 0.04 % of the bytes of photographs, so that a crew
 * may deflate some at once. Within a block rows are deflated as many at once as take up to STEP_BYTES, one if it is longer:
 * fewer and longer steps are sooner. What comes of rows depends on blocks and steps, and so these depend on nothing but the
 * size of the picture.
 */
enum { BLOCK_BYTES = 1 << 20, STEP_BYTES = 1 << 15, CHUNK_BYTES = 1 << 16 };

enum { FILTER_SUB = 1, LEVEL_FASTEST = 0, LEVEL_DEFAULT = 3 };

/* Of the zlib stream around the blocks: it has a head, and ends in the sum of all rows. */
enum { HEAD_BYTES = 2, SUM_BYTES = 4 };

const bool deflate_is_there = true;

/*
 * A block under way. Without a crew it holds the rows of a step, and puts each chunk when it is full. With one it holds all
 * its rows, and all that comes of them.
 */
struct part {
    struct isal_zstream stream;
    struct deflate *owner; /* that puts chunks; NULL: it is for a crew */
    size_t step_bytes;
    unsigned char *level; /* memory of ISA-L */
    unsigned char *rows;  /* filtered, */
    size_t rows_n;        /* and how many bytes they are */
    unsigned char *out;
    size_t out_room;
    bool ends_stream; /* it is the last block */
    bool ended, failed;
};

struct deflate {
    deflate_put *put;
    void *to;
    size_t row_bytes, pixel_bytes, rows_left;
    bool swap;                    /* 16-bit samples are big endian in the file */
    size_t step_rows, block_rows; /* of each but the last, */
    size_t step_left, block_left; /* and until the next one */
    uint32_t level, level_bytes;  /* for ISA-L */
    uint32_t adler;               /* of all rows so far */
    struct crew *crew;            /* NULL: blocks are deflated one after another */
    unsigned threads;             /* of the crew that are used; as many as there are blocks at most */
    struct part *part;            /* one for each of these threads, and one that gets rows */
    size_t started, put_n;        /* blocks that the crew got, and those of them that were put */
};

/* ---- new ----------------------------------------------------------------------------------------------------------- */

static void part_begin(const struct deflate *d, struct part *p)
{
    isal_deflate_init(&p->stream);
    p->stream.level = d->level;
    p->stream.level_buf = p->level;
    p->stream.level_buf_size = d->level_bytes;
    p->stream.hist_bits = ISAL_DEF_MAX_HIST_BITS;
    p->stream.next_out = p->out;
    p->stream.avail_out = CHUNK_BYTES;
    p->rows_n = 0;
    p->ended = false;
}

/* No code of deflate is longer than 15 bits; beside them are heads, and next_chunk wants that much more. */
static size_t most_deflated(size_t n)
{
    return 2 * n + CHUNK_BYTES;
}

static bool part_new(struct deflate *d, struct part *p)
{
    size_t step_bytes = d->step_rows * (d->row_bytes + 1),
           bytes = d->crew ? d->block_rows * (d->row_bytes + 1) : step_bytes;
    *p = (struct part){.owner = d->crew ? NULL : d, .step_bytes = step_bytes};
    p->out_room = d->crew ? most_deflated(bytes) : CHUNK_BYTES;
    p->level = calloc(1, d->level_bytes ? d->level_bytes : 1);
    p->rows = malloc(bytes);
    p->out = malloc(p->out_room + SUM_BYTES);
    return p->level && p->rows && p->out;
}

static void free_parts(struct deflate *d)
{
    for (unsigned i = 0; i < d->threads; i++)
        d->crew->wait(d->crew, i);
    for (unsigned i = 0; d->part && i <= d->threads; i++) {
        free(d->part[i].level);
        free(d->part[i].rows);
        free(d->part[i].out);
    }
    free(d->part);
    d->part = NULL;
}

static bool new_parts(struct deflate *d, struct crew *crew)
{
    d->crew = crew;
    size_t blocks = (d->rows_left + d->block_rows - 1) / d->block_rows;
    d->threads = !crew ? 0 : blocks < crew->n ? (unsigned)blocks : crew->n;
    d->part = calloc(d->threads + 1, sizeof *d->part);
    bool ok = d->part;
    for (unsigned i = 0; ok && i <= d->threads; i++)
        ok = part_new(d, &d->part[i]);
    if (!ok)
        free_parts(d);
    return ok;
}

/* Rows of which several fit a block, and more than one block of them: a crew makes these sooner. */
static bool is_for_crew(const struct deflate *d)
{
    return d->row_bytes < BLOCK_BYTES / 2 && d->rows_left > d->block_rows;
}

struct deflate *deflate_new(const struct picture_info *info, bool fastest, struct crew *crew, deflate_put *put, void *to)
{
    struct deflate *d = calloc(1, sizeof *d);
    if (!d)
        return NULL;
    d->put = put;
    d->to = to;
    d->pixel_bytes = info->channels * sample_size(info->sample);
    d->row_bytes = info->width * d->pixel_bytes;
    d->rows_left = info->height;
    d->swap = info->sample == SAMPLE_U16 && machine_is_little();
    d->level = fastest ? LEVEL_FASTEST : LEVEL_DEFAULT;
    d->level_bytes = fastest ? ISAL_DEF_LVL0_DEFAULT : ISAL_DEF_LVL3_DEFAULT;
    d->adler = 1;
    size_t bytes = d->row_bytes + 1;
    d->step_left = d->step_rows = bytes > STEP_BYTES ? 1 : STEP_BYTES / bytes;
    size_t step_bytes = d->step_rows * bytes;
    d->block_left = d->block_rows = d->step_rows * (step_bytes > BLOCK_BYTES ? 1 : BLOCK_BYTES / step_bytes);
    bool ok = (crew && is_for_crew(d) && new_parts(d, crew)) || new_parts(d, NULL);
    if (!ok) {
        free(d);
        return NULL;
    }
    for (unsigned i = 0; i <= d->threads; i++)
        part_begin(d, &d->part[i]);
    static const unsigned char head[HEAD_BYTES] = {0x78, 1};
    struct isal_zstream *first = &d->part[0].stream;
    memcpy(first->next_out, head, HEAD_BYTES);
    first->next_out += HEAD_BYTES;
    first->avail_out -= HEAD_BYTES;
    return d;
}

void deflate_free(struct deflate *d)
{
    if (d)
        free_parts(d);
    free(d);
}

/* ---- rows ---------------------------------------------------------------------------------------------------------- */

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

/* ---- deflate ------------------------------------------------------------------------------------------------------- */

/* Puts what the part came to, in chunks; the end of the stream is in the last one. */
static void put_out(struct deflate *d, struct part *p)
{
    size_t n = (size_t)(p->stream.next_out - p->out), at = 0;
    for (; n - at >= CHUNK_BYTES; at += CHUNK_BYTES)
        d->put(d->to, p->out + at, CHUNK_BYTES);
    if (p->ended && p->ends_stream) {
        put_be32(p->out + n, d->adler);
        n += SUM_BYTES;
    }
    if (n > at)
        d->put(d->to, p->out + at, n - at);
    p->stream.next_out = p->out;
}

/*
 * A chunk is full. What ISA-L makes of rows depends on the room that it is given, and so a part of a crew gets its room
 * chunk by chunk too.
 */
static bool next_chunk(struct part *p)
{
    if (p->owner)
        put_out(p->owner, p);
    else if (p->out_room - (size_t)(p->stream.next_out - p->out) < CHUNK_BYTES)
        return false;
    p->stream.avail_out = CHUNK_BYTES;
    return true;
}

/*
 * Whether nothing of a block or a stream is left in ISA-L. A full flush leaves no history, and the state before a header;
 * but another state while bytes of it wait for room. The call that gives this room may add an empty block, which does no
 * harm.
 */
static bool has_ended(const struct isal_zstream *s)
{
    const struct isal_zstate *state = &s->internal_state;
    if (s->end_of_stream)
        return state->state == ZSTATE_END;
    return s->flush == NO_FLUSH || (state->has_hist == IGZIP_NO_HIST && state->state == ZSTATE_NEW_HDR);
}

/* Deflates rows of a block; the last ones end it. */
static bool deflate_some(struct part *p, unsigned char *rows, size_t n, bool ends)
{
    struct isal_zstream *s = &p->stream;
    s->next_in = rows;
    do {
        size_t some = n < INT32_MAX ? n : INT32_MAX;
        bool last = ends && some == n;
        s->avail_in = (uint32_t)some;
        s->end_of_stream = last && p->ends_stream;
        s->flush = last && !p->ends_stream ? FULL_FLUSH : NO_FLUSH;
        n -= some;
        do {
            if (isal_deflate(s) != COMP_OK || (s->avail_out == 0 && !next_chunk(p)))
                return false;
        } while (s->avail_in > 0 || !has_ended(s));
    } while (n > 0);
    p->ended = ends;
    return true;
}

/* A block of a crew. */
static void deflate_part(void *part)
{
    struct part *p = part;
    p->failed = false;
    for (size_t at = 0, n; !p->failed && at < p->rows_n; at += n) {
        n = p->rows_n - at < p->step_bytes ? p->rows_n - at : p->step_bytes;
        p->failed = !deflate_some(p, p->rows + at, n, at + n == p->rows_n);
    }
}

/* Waits for the oldest block under way, and puts what it came to: its part is free. */
static bool put_part(struct deflate *d)
{
    struct part *p = &d->part[d->put_n % (d->threads + 1)];
    d->crew->wait(d->crew, (unsigned)(d->put_n % d->threads));
    d->put_n++;
    if (p->failed)
        return false;
    put_out(d, p);
    part_begin(d, p);
    return true;
}

/* The parts take turns, and so do the threads. There is one part more than threads: the one that gets rows. */
static bool end_block_of_crew(struct deflate *d)
{
    struct crew *crew = d->crew;
    if (d->started - d->put_n == d->threads && !put_part(d))
        return false;
    crew->start(crew, (unsigned)(d->started % d->threads), deflate_part, &d->part[d->started % (d->threads + 1)]);
    d->started++;
    while (d->rows_left == 0 && d->put_n < d->started)
        if (!put_part(d))
            return false;
    return true;
}

/* The rows of a step are there. */
static bool end_step(struct deflate *d, bool ends_block)
{
    struct part *p = &d->part[d->started % (d->threads + 1)];
    p->ends_stream = d->rows_left == 0;
    if (d->crew)
        return !ends_block || end_block_of_crew(d);
    if (!deflate_some(p, p->rows, p->rows_n, ends_block))
        return false;
    p->rows_n = 0;
    if (ends_block) {
        put_out(d, p);
        part_begin(d, p);
    }
    return true;
}

bool deflate_row(struct deflate *d, const unsigned char *row)
{
    struct part *p = &d->part[d->started % (d->threads + 1)];
    unsigned char *out = p->rows + p->rows_n;
    (d->swap ? filter_sub_swapped : filter_sub)(row, d->row_bytes, d->pixel_bytes, out);
    d->adler = isal_adler32(d->adler, out, d->row_bytes + 1);
    p->rows_n += d->row_bytes + 1;
    d->rows_left--;
    d->step_left--;
    d->block_left--;
    bool ends_block = d->rows_left == 0 || d->block_left == 0;
    if (!ends_block && d->step_left > 0)
        return true;
    d->step_left = d->step_rows;
    if (ends_block)
        d->block_left = d->block_rows;
    return end_step(d, ends_block);
}
