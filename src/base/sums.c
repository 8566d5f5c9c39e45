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

static void widen(struct sums *s, uint32_t least, uint32_t most)
{
    s->least = s->n == 0 || least < s->least ? least : s->least;
    s->most = s->n == 0 || most > s->most ? most : s->most;
}

/* ---- adjoining samples --------------------------------------------------------------------------------------------- */

/*
 * Adjoining samples are summed side by side, each in a lane of its own. The channels of interleaved samples take turns, and
 * 48 is a multiple of 1, 2, 3 and 4 channels; those of more are summed apart. products[d] are those with the sample d + 1
 * further on.
 */
enum { LANES = 48, NEXT = 2, TURNS_MAX = UINT32_MAX / (255 * 255) };

struct lanes {
    uint64_t sum[LANES], squares[LANES], products[NEXT][LANES];
    uint32_t least[LANES], most[LANES];
};

/* What 32 bits hold of the sums of TURNS_MAX times LANES bytes. */
struct short_lanes {
    uint32_t sum[LANES], squares[LANES], products[NEXT][LANES];
    uint8_t least[LANES], most[LANES];
};

KERNEL void add_turns(const uint8_t *x, size_t turns, struct short_lanes *to)
{
    uint32_t sum[LANES] = {0}, squares[LANES] = {0};
    uint8_t least[LANES], most[LANES];
    memcpy(least, to->least, LANES);
    memcpy(most, to->most, LANES);
    for (; turns > 0; turns--, x += LANES)
        for (int k = 0; k < LANES; k++) {
            sum[k] += x[k];
            squares[k] += (uint32_t)(x[k] * x[k]);
            least[k] = x[k] < least[k] ? x[k] : least[k];
            most[k] = x[k] > most[k] ? x[k] : most[k];
        }
    memcpy(to->sum, sum, sizeof sum);
    memcpy(to->squares, squares, sizeof squares);
    memcpy(to->least, least, LANES);
    memcpy(to->most, most, LANES);
}

KERNEL void multiply_turns(const uint8_t *x, size_t turns, struct short_lanes *to)
{
    uint32_t first[LANES] = {0}, second[LANES] = {0};
    for (; turns > 0; turns--, x += LANES)
        for (int k = 0; k < LANES; k++) {
            first[k] += (uint32_t)(x[k] * x[k + 1]);
            second[k] += (uint32_t)(x[k] * x[k + 2]);
        }
    memcpy(to->products[0], first, sizeof first);
    memcpy(to->products[1], second, sizeof second);
}

static void add_short(struct lanes *to, const struct short_lanes *from)
{
    for (int k = 0; k < LANES; k++) {
        to->sum[k] += from->sum[k];
        to->squares[k] += from->squares[k];
        to->least[k] = from->least[k] < to->least[k] ? from->least[k] : to->least[k];
        to->most[k] = from->most[k] > to->most[k] ? from->most[k] : to->most[k];
        for (int d = 0; d < NEXT; d++)
            to->products[d][k] += from->products[d][k];
    }
}

/* Whole turns behind which at least NEXT samples follow. */
static void add_bytes(struct lanes *to, const uint8_t *x, size_t turns, bool multiply)
{
    while (turns > 0) {
        size_t n = turns < TURNS_MAX ? turns : TURNS_MAX;
        struct short_lanes part = {0};
        memset(part.least, 255, LANES);
        add_turns(x, n, &part);
        if (multiply)
            multiply_turns(x, n, &part);
        add_short(to, &part);
        x += n * LANES;
        turns -= n;
    }
}

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

static uint32_t value_at(const void *x, enum sample sample, size_t i)
{
    return sample != SAMPLE_U16 ? ((const uint8_t *)x)[i] : ((const uint16_t *)x)[i];
}

/* The last samples: fewer than fill a turn, or what follows them would be beyond the end. */
static void add_rest(struct lanes *to, const void *x, enum sample sample, size_t begin, size_t end, bool multiply)
{
    for (size_t i = begin; i < end; i++) {
        size_t k = (i - begin) % LANES;
        uint32_t v = value_at(x, sample, i);
        to->sum[k] += v;
        to->squares[k] += (uint64_t)v * v;
        to->least[k] = v < to->least[k] ? v : to->least[k];
        to->most[k] = v > to->most[k] ? v : to->most[k];
        for (size_t d = 0; multiply && d < NEXT && i + d + 1 < end; d++)
            to->products[d][k] += (uint64_t)v * value_at(x, sample, i + d + 1);
    }
}

static void add_run(struct lanes *to, const void *x, enum sample sample, size_t n, bool multiply)
{
    size_t turns = n > NEXT ? (n - NEXT) / LANES : 0;
    if (sample != SAMPLE_U16)
        add_bytes(to, x, turns, multiply);
    else
        add_words(to, x, turns);
    if (sample == SAMPLE_U16 && multiply)
        multiply_words(to, x, turns);
    add_rest(to, x, sample, turns * LANES, n, multiply);
}

/* Of `in` channels that take turns the first ones are wanted. */
static void end_lanes(const struct lanes *l, unsigned in, unsigned channels, struct sums sums[], struct wide products[])
{
    for (unsigned k = 0; k < LANES; k++) {
        unsigned c = k % in;
        if (c >= channels)
            continue;
        add(&sums[c].sum, l->sum[k]);
        add(&sums[c].squares, l->squares[k]);
        if (l->least[k] <= l->most[k]) {
            sums[c].least = l->least[k] < sums[c].least ? l->least[k] : sums[c].least;
            sums[c].most = l->most[k] > sums[c].most ? l->most[k] : sums[c].most;
        }
        for (unsigned d = 0; products && d < NEXT && c + d + 1 < channels; d++)
            add(&products[sums_pair(c, c + d + 1)], l->products[d][k]);
    }
}

/* Rows of n adjoining samples, of `in` channels that take turns. */
static void sum_adjoining(const struct rows *rows, const unsigned char *row, unsigned in, unsigned channels,
                          struct sums sums[], struct wide products[])
{
    struct lanes lanes = {0};
    size_t n = rows->width * in, height = rows->height;
    memset(lanes.least, 255, sizeof lanes.least);
    if (rows->dy == (ptrdiff_t)(n * sample_size(rows->sample))) { /* and so do the rows */
        n *= height;
        height = 1;
    }
    for (size_t y = 0; y < height; y++, row += rows->dy)
        add_run(&lanes, row, rows->sample, n, products != NULL);
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
            to->least = v < to->least ? v : to->least;
            to->most = v > to->most ? v : to->most;
        }
    }
}

/* As many products of bytes as 32 bits hold the sum of: 2^16 x 255^2 is below 2^32. */
enum { BYTES_MAX = 1 << 16 };

KERNEL uint32_t multiply_bytes(const uint8_t *x, const uint8_t *z, size_t n)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (uint32_t)(x[i] * z[i]);
    return sum;
}

KERNEL uint64_t multiply_words_apart(const uint16_t *x, const uint16_t *z, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (uint32_t)x[i] * z[i];
    return sum;
}

/* Adjoining samples of two rows. */
static void multiply_rows(const void *x, const void *z, enum sample sample, size_t n, struct wide *to)
{
    const uint8_t *a = x, *b = z;
    if (sample == SAMPLE_U16) {
        add(to, multiply_words_apart(x, z, n));
        return;
    }
    for (size_t i = 0; i < n; i += BYTES_MAX)
        add(to, multiply_bytes(a + i, b + i, n - i < BYTES_MAX ? n - i : BYTES_MAX));
}

static void multiply_apart(const struct rows *rows, unsigned a, unsigned b, bool adjoin, struct wide *to)
{
    for (size_t y = 0; y < rows->height; y++) {
        const unsigned char *x = channel_row(rows, a, y), *z = channel_row(rows, b, y);
        if (adjoin) {
            multiply_rows(x, z, rows->sample, rows->width, to);
            continue;
        }
        for (size_t i = 0; i < rows->width; i++, x += rows->dx, z += rows->dx)
            add(to, (uint64_t)sample_at(x, rows->sample) * sample_at(z, rows->sample));
    }
}

void sums_add(const struct rows *rows, unsigned channels, struct sums sums[], struct wide products[])
{
    size_t size = sample_size(rows->sample);
    bool quick = rows->sample == SAMPLE_U8 || rows->sample == SAMPLE_BOOL || rows->sample == SAMPLE_U16;
    bool interleaved = quick && rows->dc == (ptrdiff_t)size && rows->dx == (ptrdiff_t)(size * rows->channels) &&
                       LANES % rows->channels == 0 && channels <= 1 + NEXT;
    for (unsigned c = 0; c < channels; c++) {
        widen(&sums[c], UINT32_MAX, 0);
        sums[c].n += (uint64_t)rows->width * rows->height;
    }
    if (interleaved) {
        sum_adjoining(rows, rows->data, rows->channels, channels, sums, products);
        return;
    }
    for (unsigned c = 0; c < channels; c++) {
        if (quick && rows->dx == (ptrdiff_t)size)
            sum_adjoining(rows, channel_row(rows, c, 0), 1, 1, &sums[c], NULL);
        else
            sum_apart(rows, c, &sums[c]);
        for (unsigned b = 0; products && b < c; b++)
            multiply_apart(rows, b, c, quick && rows->dx == (ptrdiff_t)size, &products[sums_pair(b, c)]);
    }
}

/* ---- some pixels --------------------------------------------------------------------------------------------------- */

/* Sums of less than 2^32 numbers; those of squares are modulo 2^64. */
struct part {
    uint64_t n, sum, squares;
    uint32_t least, most;
};

KERNEL void sum_where(const uint32_t *x, const float *weight, size_t n, struct part *to)
{
    uint64_t counted = 0, sum = 0, squares = 0;
    uint32_t least = UINT32_MAX, most = 0;
    for (size_t i = 0; i < n; i++) {
        bool counts = !weight || weight[i] > 0;
        uint32_t v = counts ? x[i] : 0, w = counts ? x[i] : UINT32_MAX;
        counted += counts;
        sum += v;
        squares += (uint64_t)v * v;
        least = w < least ? w : least;
        most = v > most ? v : most;
    }
    *to = (struct part){counted, sum, squares, least, most};
}

KERNEL uint64_t multiply_where(const uint32_t *x, const uint32_t *y, const float *weight, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (!weight || weight[i] > 0) ? (uint64_t)x[i] * y[i] : 0;
    return sum;
}

/* Products of so many numbers fit 64 bits if the numbers fit 16. */
enum { PART = 1 << 12, SMALL = 1 << 16 };

static void add_part(const uint32_t *x, const float *weight, size_t n, struct sums *to)
{
    struct part part;
    sum_where(x, weight, n, &part);
    if (part.n == 0)
        return;
    widen(to, part.least, part.most);
    to->n += part.n;
    add(&to->sum, part.sum);
    if (part.most < SMALL)
        add(&to->squares, part.squares);
    for (size_t i = 0; part.most >= SMALL && i < n; i++)
        add(&to->squares, (!weight || weight[i] > 0) ? (uint64_t)x[i] * x[i] : 0);
}

void sums_add_where(const uint32_t *x, const float *weight, size_t n, struct sums *to)
{
    for (size_t i = 0; i < n; i += PART)
        add_part(x + i, weight ? weight + i : NULL, n - i < PART ? n - i : PART, to);
}

static bool are_small(const uint32_t *x, size_t n)
{
    uint32_t all = 0;
    for (size_t i = 0; i < n; i++)
        all |= x[i];
    return all < SMALL;
}

void sums_multiply_where(const uint32_t *x, const uint32_t *y, const float *weight, size_t n, struct wide *products)
{
    bool small = n <= PART && are_small(x, n) && are_small(y, n);
    if (small)
        add(products, multiply_where(x, y, weight, n));
    for (size_t i = 0; !small && i < n; i++)
        add(products, (!weight || weight[i] > 0) ? (uint64_t)x[i] * y[i] : 0);
}
