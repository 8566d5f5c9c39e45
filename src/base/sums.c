#include "base/sums.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

/*
 * Neighbouring bytes are summed side by side, each in a lane of its own. The channels of interleaved samples take turns,
 * and 48 is a multiple of 1, 2, 3 and 4 channels; those of more are summed apart. A lane holds as many of the largest
 * squares as 32 bits can.
 */
enum { LANES = 48, TURNS_MAX = UINT32_MAX / (255 * 255) };

struct lanes {
    uint32_t sum[LANES], squares[LANES];
    uint8_t least[LANES], most[LANES];
    size_t turns; /* bytes in a lane, at most; TURNS_MAX of them fill it */
};

static void lanes_begin(struct lanes *l)
{
    memset(l, 0, sizeof *l);
    memset(l->least, 255, sizeof l->least);
}

static void lanes_add(struct lanes *l, const uint8_t *x, unsigned n)
{
    for (unsigned k = 0; k < n; k++) {
        l->sum[k] += x[k];
        l->squares[k] += (uint32_t)x[k] * x[k];
        l->least[k] = x[k] < l->least[k] ? x[k] : l->least[k];
        l->most[k] = x[k] > l->most[k] ? x[k] : l->most[k];
    }
    l->turns++;
}

static void lanes_end(struct lanes *l, unsigned channels, struct sums sums[])
{
    for (unsigned k = 0; k < LANES; k++) {
        struct sums *to = &sums[k % channels];
        to->sum += l->sum[k];
        to->squares += l->squares[k];
        to->least = l->least[k] < to->least ? l->least[k] : to->least;
        to->most = l->most[k] > to->most ? l->most[k] : to->most;
    }
    lanes_begin(l);
}

/* Rows of n adjoining bytes, of as many channels that take turns. */
static void sum_adjoining(const struct rows *rows, const uint8_t *row, size_t n, unsigned channels, struct sums sums[])
{
    struct lanes lanes;
    lanes_begin(&lanes);
    for (size_t y = 0; y < rows->height; y++, row += rows->dy) {
        size_t i = 0;
        for (; i + LANES <= n; i += LANES) {
            lanes_add(&lanes, row + i, LANES);
            if (lanes.turns == TURNS_MAX)
                lanes_end(&lanes, channels, sums);
        }
        lanes_add(&lanes, row + i, (unsigned)(n - i));
        if (lanes.turns == TURNS_MAX)
            lanes_end(&lanes, channels, sums);
    }
    lanes_end(&lanes, channels, sums);
}

static void sum_apart(const struct rows *rows, const uint8_t *row, struct sums *to)
{
    for (size_t y = 0; y < rows->height; y++, row += rows->dy) {
        const uint8_t *x = row;
        for (size_t i = 0; i < rows->width; i++, x += rows->dx) {
            to->sum += *x;
            to->squares += (uint64_t)*x * *x;
            to->least = *x < to->least ? *x : to->least;
            to->most = *x > to->most ? *x : to->most;
        }
    }
}

void sums_add(struct sums sums[], const struct rows *rows)
{
    bool interleaved = rows->dc == 1 && rows->dx == (ptrdiff_t)rows->channels && LANES % rows->channels == 0;
    for (unsigned c = 0; c < rows->channels; c++) {
        sums[c].least = sums[c].n > 0 ? sums[c].least : UINT_MAX;
        sums[c].n += (uint64_t)rows->width * rows->height;
    }
    if (interleaved)
        sum_adjoining(rows, rows->data, rows->width * rows->channels, rows->channels, sums);
    for (unsigned c = 0; !interleaved && c < rows->channels; c++) {
        const uint8_t *row = rows->data + (ptrdiff_t)c * rows->dc;
        if (rows->dx == 1)
            sum_adjoining(rows, row, rows->width, 1, &sums[c]);
        else
            sum_apart(rows, row, &sums[c]);
    }
}
