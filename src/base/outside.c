#include "base/outside.h"

#include "base/kernel.h"

#include <string.h>

/* Channels take turns, and each sample of a turn is counted in a lane of its own: 8 bits hold what FULL turns have. */
enum { LANES = 192, TOGETHER = 4, FULL = UINT8_MAX };

struct lanes {
    uint8_t from[LANES], to[LANES], below[LANES], above[LANES], least[LANES], most[LANES];
};

KERNEL void count_turns(struct lanes *restrict l, const uint8_t *restrict x, size_t turns)
{
    for (; turns > 0; turns--, x += LANES)
        for (int k = 0; k < LANES; k++) {
            l->below[k] = (uint8_t)(l->below[k] + (x[k] < l->from[k]));
            l->above[k] = (uint8_t)(l->above[k] + (x[k] > l->to[k]));
            l->least[k] = x[k] < l->least[k] ? x[k] : l->least[k];
            l->most[k] = x[k] > l->most[k] ? x[k] : l->most[k];
        }
}

static void add_lanes(const uint8_t *x, size_t turns, unsigned in, unsigned channels, struct outside counts[])
{
    struct lanes l = {0};
    for (unsigned k = 0; k < LANES; k++) {
        unsigned c = k % in < channels ? k % in : 0;
        l.from[k] = counts[c].from;
        l.to[k] = counts[c].to;
        l.least[k] = UINT8_MAX;
    }
    count_turns(&l, x, turns);
    for (unsigned k = 0; k < LANES; k++) {
        struct outside *o = &counts[k % in];
        if (k % in >= channels)
            continue;
        o->below += l.below[k];
        o->above += l.above[k];
        o->least = l.least[k] < o->least ? l.least[k] : o->least;
        o->most = l.most[k] > o->most ? l.most[k] : o->most;
    }
}

static void add_plain(const uint8_t *x, size_t n, ptrdiff_t step, struct outside *o)
{
    for (; n > 0; n--, x += step) {
        o->below += *x < o->from;
        o->above += *x > o->to;
        o->least = *x < o->least ? *x : o->least;
        o->most = *x > o->most ? *x : o->most;
    }
}

/* A row of n samples, of `in` channels that take turns. */
static void add_row(const uint8_t *x, size_t n, unsigned in, unsigned channels, struct outside counts[])
{
    for (size_t turns; n >= LANES; n -= turns * LANES, x += turns * LANES) {
        turns = n / LANES < FULL ? n / LANES : FULL;
        add_lanes(x, turns, in, channels, counts);
    }
    for (unsigned c = 0; c < channels; c++)
        add_plain(x + c, n / in, (ptrdiff_t)in, &counts[c]);
}

void outside_add(const struct rows *rows, unsigned channels, struct outside counts[])
{
    bool take_turns = rows->dx == (ptrdiff_t)rows->channels && rows->channels <= TOGETHER && rows->dc == 1;
    size_t n = rows->width, height = rows->height;
    if (rows->dy == rows->dx * (ptrdiff_t)n) { /* rows without a gap are one */
        n *= height;
        height = 1;
    }
    for (size_t y = 0; y < height; y++) {
        const uint8_t *row = rows->data + (ptrdiff_t)y * rows->dy;
        if (take_turns) {
            add_row(row, n * rows->channels, rows->channels, channels, counts);
            continue;
        }
        for (unsigned c = 0; c < channels; c++, row += rows->dc)
            if (rows->dx == 1)
                add_row(row, n, 1, 1, &counts[c]);
            else
                add_plain(row, n, rows->dx, &counts[c]);
    }
}
