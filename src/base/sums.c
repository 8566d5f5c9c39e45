#include "base/sums.h"

#include "base/kernel.h"

#include <string.h>

void wide_add(struct wide *to, struct wide from)
{
    to->low += from.low;
    to->high += from.high + (to->low < from.low);
}

static void add(struct wide *to, uint64_t from)
{
    wide_add(to, (struct wide){0, from});
}

size_t sums_pairs(unsigned channels)
{
    return (size_t)channels * (channels - 1) / 2;
}

size_t sums_pair(unsigned a, unsigned b)
{
    return sums_pairs(b) + a;
}

void sums_widen(struct sums *s, uint32_t least, uint32_t most)
{
    s->least = s->n == 0 || least < s->least ? least : s->least;
    s->most = s->n == 0 || most > s->most ? most : s->most;
}

/* The rows, of samples that adjoin, `in` of a pixel: as one, if they have no gap. */
static struct rows joined(const struct rows *rows, unsigned in)
{
    struct rows one = *rows;
    if (rows->dy == (ptrdiff_t)(rows->width * in * sample_size(rows->sample))) {
        one.width *= rows->height;
        one.height = rows->height > 0;
    }
    return one;
}

/* ---- bytes --------------------------------------------------------------------------------------------------------- */

/*
 * Adjoining bytes are summed side by side, each in a lane of its own. The channels of interleaved ones take turns, and 192
 * is a multiple of 1, 2, 3 and 4 channels. Of squares the low and the high byte are summed, so that 16 bits hold all sums
 * of as many turns as FULL.
 */
enum { BYTES = 192, FULL = UINT16_MAX / UINT8_MAX };

struct byte_lanes {
    unsigned turns;
    uint16_t sum[BYTES], low[BYTES], high[BYTES];
    uint8_t least[BYTES], most[BYTES];
};

/* A turn, or the first n lanes of one. */
static void add_turn(struct byte_lanes *restrict to, const uint8_t *restrict x, size_t n)
{
    for (size_t k = 0; k < n; k++) {
        uint16_t square = (uint16_t)(x[k] * x[k]);
        to->sum[k] = (uint16_t)(to->sum[k] + x[k]);
        to->low[k] = (uint16_t)(to->low[k] + (square & 255));
        to->high[k] = (uint16_t)(to->high[k] + (square >> 8));
        to->least[k] = x[k] < to->least[k] ? x[k] : to->least[k];
        to->most[k] = x[k] > to->most[k] ? x[k] : to->most[k];
    }
}

/* As many of n bytes as are whole pairs of turns, with half as many sums written; returns how many bytes they are. */
#ifdef SMALL_CODE
static size_t add_pairs(struct byte_lanes *to, const uint8_t *x, size_t n)
{
    return (void)to, (void)x, (void)n, 0;
}
#else
KERNEL size_t add_pairs(struct byte_lanes *restrict to, const uint8_t *restrict x, size_t n)
{
    size_t done = 0;
    for (; n - done >= 2 * BYTES; done += 2 * BYTES, x += 2 * BYTES) {
        const uint8_t *restrict y = x + BYTES;
        for (int k = 0; k < BYTES; k++) {
            uint16_t a = x[k], b = y[k], aa = (uint16_t)(a * a), bb = (uint16_t)(b * b);
            to->sum[k] = (uint16_t)(to->sum[k] + a + b);
            to->low[k] = (uint16_t)(to->low[k] + (aa & 255) + (bb & 255));
            to->high[k] = (uint16_t)(to->high[k] + (aa >> 8) + (bb >> 8));
        }
        for (int k = 0; k < BYTES; k++) {
            uint8_t less = x[k] < y[k] ? x[k] : y[k], more = x[k] < y[k] ? y[k] : x[k];
            to->least[k] = less < to->least[k] ? less : to->least[k];
            to->most[k] = more > to->most[k] ? more : to->most[k];
        }
    }
    return done;
}
#endif

static void clear_bytes(struct byte_lanes *to)
{
    memset(to, 0, sizeof *to);
    memset(to->least, UINT8_MAX, sizeof to->least);
}

/* Of `in` channels that take turns the first ones are wanted. */
static void end_bytes(struct byte_lanes *l, unsigned in, unsigned channels, struct sums sums[])
{
    for (unsigned c = 0; c < channels; c++) {
        uint32_t sum = 0, squares = 0;
        for (unsigned k = c; k < BYTES; k += in) {
            sum += l->sum[k];
            squares += l->low[k] + ((uint32_t)l->high[k] << 8);
            sums_widen(&sums[c], l->least[k], l->most[k]);
        }
        add(&sums[c].sum, sum);
        add(&sums[c].squares, squares);
    }
    clear_bytes(l);
}

static void sum_bytes(const struct rows *rows, const unsigned char *row, unsigned in, unsigned channels, struct sums sums[])
{
    struct byte_lanes lanes;
    size_t n = rows->width * in, m;
    clear_bytes(&lanes);
    for (size_t y = 0; y < rows->height; y++, row += rows->dy)
        for (size_t i = 0; i < n; i += m) {
            m = n - i < FULL * BYTES ? n - i : FULL * BYTES;
            unsigned turns = (unsigned)((m + BYTES - 1) / BYTES);
            if (lanes.turns + turns > FULL)
                end_bytes(&lanes, in, channels, sums);
            lanes.turns += turns;
            for (size_t k = add_pairs(&lanes, row + i, m); k < m; k += BYTES)
                add_turn(&lanes, row + i + k, m - k < BYTES ? m - k : BYTES);
        }
    end_bytes(&lanes, in, channels, sums);
}

/* Products are summed by spans of a channel each, spread to 16 bits: 32 bits hold the sum of SPAN products. */
enum { PLANES = 4, SPAN = 2048 };

/* Pixels of so many channels that take turns. */
#define SPREAD(CHANNELS)                                                                                                   \
    KERNEL void spread##CHANNELS(const uint8_t *restrict in, size_t n, int16_t to[][SPAN])                                 \
    {                                                                                                                      \
        for (size_t i = 0; i < n; i++)                                                                                     \
            for (size_t c = 0; c < CHANNELS; c++)                                                                          \
                to[c][i] = in[CHANNELS * i + c];                                                                           \
    }

SPREAD(1)
SPREAD(2)
SPREAD(3)
SPREAD(4)

KERNEL int32_t multiply_span(const int16_t *restrict x, const int16_t *restrict y, size_t n)
{
    int32_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += x[i] * y[i];
    return sum;
}

static void multiply_bytes(const struct rows *rows, const unsigned char *row, unsigned in, unsigned channels,
                           struct wide products[])
{
    static void (*const spread[])(const uint8_t *, size_t, int16_t[][SPAN]) = {spread1, spread2, spread3, spread4};
    int16_t x[PLANES][SPAN];
    for (size_t y = 0; y < rows->height; y++, row += rows->dy)
        for (size_t i = 0; i < rows->width; i += SPAN) {
            size_t n = rows->width - i < SPAN ? rows->width - i : SPAN;
            spread[in - 1](row + i * in, n, x);
            for (unsigned b = 1; b < channels; b++)
                for (unsigned a = 0; a < b; a++)
                    add(&products[sums_pair(a, b)], (uint32_t)multiply_span(x[a], x[b], n));
        }
}

/* ---- words --------------------------------------------------------------------------------------------------------- */

/*
 * Adjoining samples of 16 bits are summed side by side, each in a lane of its own. The channels of interleaved samples take
 * turns, and 48 is a multiple of 1, 2, 3 and 4 channels; those of more are summed apart. products[d] are those with the
 * sample d + 1 further on.
 */
enum { LANES = 48, NEXT = 2 };

struct lanes {
    uint64_t sum[LANES], squares[LANES], products[NEXT][LANES];
    uint32_t least[LANES], most[LANES];
};

KERNEL void add_words(struct lanes *to, const uint16_t *x, size_t turns)
{
    for (; turns > 0; turns--, x += LANES)
        for (int k = 0; k < LANES; k++) {
            to->sum[k] += x[k];
            to->squares[k] += (uint32_t)x[k] * x[k];
            to->least[k] = x[k] < to->least[k] ? x[k] : to->least[k];
            to->most[k] = x[k] > to->most[k] ? x[k] : to->most[k];
        }
}

KERNEL void multiply_words(struct lanes *to, const uint16_t *x, size_t turns)
{
    for (; turns > 0; turns--, x += LANES)
        for (int k = 0; k < LANES; k++) {
            to->products[0][k] += (uint32_t)x[k] * x[k + 1];
            to->products[1][k] += (uint32_t)x[k] * x[k + 2];
        }
}

/* The last samples: fewer than fill a turn, or what follows them would be beyond the end. */
static void add_rest(struct lanes *to, const uint16_t *x, size_t n, bool multiply)
{
    for (size_t i = 0; i < n; i++) {
        size_t k = i % LANES;
        to->sum[k] += x[i];
        to->squares[k] += (uint32_t)x[i] * x[i];
        to->least[k] = x[i] < to->least[k] ? x[i] : to->least[k];
        to->most[k] = x[i] > to->most[k] ? x[i] : to->most[k];
        for (size_t d = 0; multiply && d < NEXT && i + d + 1 < n; d++)
            to->products[d][k] += (uint32_t)x[i] * x[i + d + 1];
    }
}

static void add_run(struct lanes *to, const uint16_t *x, size_t n, bool multiply)
{
    size_t turns = n > NEXT ? (n - NEXT) / LANES : 0;
    add_words(to, x, turns);
    if (multiply)
        multiply_words(to, x, turns);
    add_rest(to, x + turns * LANES, n - turns * LANES, multiply);
}

static void add_lane(struct sums *sums, const struct lanes *l, unsigned k)
{
    add(&sums->sum, l->sum[k]);
    add(&sums->squares, l->squares[k]);
    sums_widen(sums, l->least[k], l->most[k]);
}

/* Of `in` channels that take turns the first ones are wanted. */
static void end_lanes(const struct lanes *l, unsigned in, unsigned channels, struct sums sums[], struct wide products[])
{
    for (unsigned k = 0; k < LANES; k++) {
        unsigned c = k % in;
        if (sums && c < channels)
            add_lane(&sums[c], l, k);
        for (unsigned d = 0; products && d < NEXT && c + d + 1 < channels; d++)
            add(&products[sums_pair(c, c + d + 1)], l->products[d][k]);
    }
}

static void sum_words(const struct rows *rows, const unsigned char *row, unsigned in, unsigned channels, struct sums sums[],
                      struct wide products[])
{
    struct lanes lanes = {0};
    memset(lanes.least, 255, sizeof lanes.least);
    for (size_t y = 0; y < rows->height; y++, row += rows->dy)
        add_run(&lanes, (const void *)row, rows->width * in, products != NULL);
    end_lanes(&lanes, in, channels, sums, products);
}

/* ---- any layout ---------------------------------------------------------------------------------------------------- */

static const unsigned char *channel_row(const struct rows *rows, unsigned c, size_t y)
{
    return rows->data + (ptrdiff_t)c * rows->dc + (ptrdiff_t)y * rows->dy;
}

/* How much more the sample is than the least that its type has. */
static uint32_t sample_at(const unsigned char *at, enum sample sample)
{
    return (uint32_t)(sample_value(at, sample) - sample_least(sample));
}

static void sum_apart(const struct rows *rows, unsigned c, struct sums *to)
{
    for (size_t y = 0; y < rows->height; y++) {
        const unsigned char *x = channel_row(rows, c, y);
        for (size_t i = 0; i < rows->width; i++, x += rows->dx) {
            uint32_t v = sample_at(x, rows->sample);
            add(&to->sum, v);
            add(&to->squares, (uint64_t)v * v);
            sums_widen(to, v, v);
        }
    }
}

KERNEL uint64_t multiply_words_apart(const uint16_t *x, const uint16_t *y, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (uint32_t)x[i] * y[i];
    return sum;
}

/* Adjoining samples of two rows. */
static void multiply_rows(const void *x, const void *y, enum sample sample, size_t n, struct wide *to)
{
    const uint8_t *a = x, *b = y;
    int16_t both[2][SPAN];
    if (sample == SAMPLE_U16) {
        add(to, multiply_words_apart(x, y, n));
        return;
    }
    for (size_t i = 0; i < n; i += SPAN) {
        size_t part = n - i < SPAN ? n - i : SPAN;
        spread1(a + i, part, both);
        spread1(b + i, part, both + 1);
        add(to, (uint32_t)multiply_span(both[0], both[1], part));
    }
}

static void multiply_apart(const struct rows *rows, unsigned a, unsigned b, bool quick, struct wide *to)
{
    for (size_t y = 0; y < rows->height; y++) {
        const unsigned char *x = channel_row(rows, a, y), *z = channel_row(rows, b, y);
        if (quick) {
            multiply_rows(x, z, rows->sample, rows->width, to);
            continue;
        }
        for (size_t i = 0; i < rows->width; i++, x += rows->dx, z += rows->dx)
            add(to, (uint64_t)sample_at(x, rows->sample) * sample_at(z, rows->sample));
    }
}

/* Whether samples of their type, of so many channels that adjoin, have a loop of their own. */
static bool are_quick(const struct rows *rows, unsigned channels)
{
    size_t size = sample_size(rows->sample);
    bool quick = rows->sample == SAMPLE_U8 || rows->sample == SAMPLE_BOOL || rows->sample == SAMPLE_U16;
    return quick && channels <= PLANES && rows->dx == (ptrdiff_t)(size * channels);
}

static void sum_adjoining(const struct rows *rows, const unsigned char *row, unsigned in, unsigned channels,
                          struct sums sums[], struct wide products[])
{
    struct rows one = joined(rows, in);
    if (rows->sample == SAMPLE_U16)
        sum_words(&one, row, in, channels, sums, products);
    else if (sums)
        sum_bytes(&one, row, in, channels, sums);
    if (rows->sample != SAMPLE_U16 && products)
        multiply_bytes(&one, row, in, channels, products);
}

void sums_add(const struct rows *rows, unsigned channels, struct sums sums[], struct wide products[])
{
    bool words = rows->sample == SAMPLE_U16, alone = are_quick(rows, 1);
    bool interleaved = are_quick(rows, rows->channels) && rows->dc == (ptrdiff_t)sample_size(rows->sample) &&
                       !(words && channels > 1 + NEXT);
    for (unsigned c = 0; sums && c < channels; c++) {
        sums_widen(&sums[c], UINT32_MAX, 0);
        sums[c].n += (uint64_t)rows->width * rows->height;
    }
    if (interleaved) {
        sum_adjoining(rows, rows->data, rows->channels, channels, sums, products);
        return;
    }
    for (unsigned c = 0; c < channels; c++) {
        if (sums && alone)
            sum_adjoining(rows, channel_row(rows, c, 0), 1, 1, &sums[c], NULL);
        else if (sums)
            sum_apart(rows, c, &sums[c]);
        for (unsigned b = 0; products && b < c; b++)
            multiply_apart(rows, b, c, alone, &products[sums_pair(b, c)]);
    }
}

struct sums sums_of_counts(const uint64_t count[256])
{
    struct sums s = {0};
    for (uint32_t v = 0; v < 256; v++) {
        if (count[v] == 0)
            continue;
        sums_widen(&s, v, v);
        s.n += count[v];
        add(&s.sum, count[v] * v);
        add(&s.squares, count[v] * v * v);
    }
    return s;
}
