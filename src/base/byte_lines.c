#include "base/byte_lines.h"

#include "base/kernel.h"

#include <string.h>

#ifdef SMALL_CODE

bool byte_line_find(const uint8_t *table, struct byte_line *line)
{
    return (void)table, (void)line, false;
}

bool byte_lines_map(const struct rows *in, const struct byte_line *line, const struct rows *out)
{
    return (void)in, (void)line, (void)out, false;
}

#else

/* ---- find ---------------------------------------------------------------------------------------------------------- */

enum { ONE = 1 << 16 };

/*
 * The shifts with which the slope gives entries least to most are those from `from` to below `to`: each entry asks for
 * entry * ONE <= x * slope + shift < (entry + 1) * ONE. The entries that leave no more are at `low` and at `high`.
 */
struct shifts {
    int64_t from, to;
    int low, high;
};

static struct shifts find_shifts(const uint8_t *table, const struct byte_line *line, int64_t slope)
{
    struct shifts s = {INT64_MIN, INT64_MAX, 0, 0};
    for (int x = line->least; x <= line->most; x++) {
        int64_t from = (int64_t)table[x] * ONE - x * slope, to = from + ONE;
        if (from > s.from) {
            s.from = from;
            s.low = x;
        }
        if (to < s.to) {
            s.to = to;
            s.high = x;
        }
    }
    return s;
}

/* If a slope leaves no shift, the two entries in the way of each other say on which side of it all those are that do. */
bool byte_line_find(const uint8_t *table, struct byte_line *line)
{
    int least = 0, most = 255;
    while (least < 255 && table[least] == table[0])
        least++;
    while (most > least && table[most] == table[255])
        most--;
    *line = (struct byte_line){(uint8_t)least, (uint8_t)most, table[0], table[255], 0, 0};

    int64_t width = most > least ? most - least : 1, rise = table[most] - table[least];
    int64_t from = (rise - 1) * ONE / width - 1, to = (rise + 1) * ONE / width + 1;
    while (from <= to) {
        int64_t slope = from + (to - from) / 2;
        struct shifts s = find_shifts(table, line, slope);
        if (s.from < s.to) {
            line->slope = (uint32_t)slope;
            line->shift = (uint32_t)s.from;
            return true;
        }
        if (s.low > s.high)
            from = slope + 1;
        else
            to = slope - 1;
    }
    return false;
}

/* ---- map ----------------------------------------------------------------------------------------------------------- */

/* A multiple of 1, 2, 3 and 4 channels, and of the bytes that fit a register. */
enum { LANES = 192, TOGETHER = 4 };

/* A line of the cache, and how far ahead it is asked for: rows come from memory. */
enum { LINE = 64, AHEAD = 2048 };

/* For each lane the line of its channel, with its numbers in bytes, so that 16 bits hold products and sums. */
struct lanes {
    uint8_t least[LANES], most[LANES], first[LANES], last[LANES];
    uint16_t slope_high[LANES], slope_low[LANES], shift_high[LANES], shift_low[LANES];
};

static void spread_lines(const struct byte_line *line, unsigned channels, struct lanes *to)
{
    for (unsigned k = 0; k < LANES; k++) {
        const struct byte_line *l = &line[k % channels];
        to->least[k] = l->least;
        to->most[k] = l->most;
        to->first[k] = l->first;
        to->last[k] = l->last;
        to->slope_high[k] = (uint16_t)(l->slope >> 8);
        to->slope_low[k] = (uint8_t)l->slope;
        to->shift_high[k] = (uint16_t)(l->shift >> 8);
        to->shift_low[k] = (uint8_t)l->shift;
    }
}

/* Two loops with all loads before the conditions: gcc vectorizes them for each instruction set. */
KERNEL void map_lanes(const uint8_t *restrict in, size_t turns, const struct lanes *restrict by, uint8_t *restrict out)
{
    for (; turns > 0; turns--, in += LANES, out += LANES) {
        uint8_t between[LANES];
        for (int k = 0; k < LANES; k += LINE)
            __builtin_prefetch((const void *)((uintptr_t)in + AHEAD + (unsigned)k)); /* maybe behind the last one */
        for (int k = 0; k < LANES; k++) {
            uint16_t x = in[k], low = (uint16_t)(x * by->slope_low[k] + by->shift_low[k]);
            uint16_t high = (uint16_t)(x * by->slope_high[k] + by->shift_high[k] + (low >> 8));
            between[k] = (uint8_t)(high >> 8);
        }
        for (int k = 0; k < LANES; k++) {
            uint8_t x = in[k], y = between[k], first = by->first[k], last = by->last[k];
            y = x < by->least[k] ? first : y;
            out[k] = x > by->most[k] ? last : y;
        }
    }
}

static void map_run(const uint8_t *in, size_t n, const struct lanes *by, uint8_t *out)
{
    size_t rest = n % LANES, whole = n - rest;
    uint8_t x[LANES] = {0}, y[LANES];
    map_lanes(in, n / LANES, by, out);
    if (rest > 0) {
        memcpy(x, in + whole, rest);
        map_lanes(x, 1, by, y);
        memcpy(out + whole, y, rest);
    }
}

/* The `channels` of rows from these on, which take turns. */
static void map_rows(const struct rows *in, const uint8_t *x, const struct byte_line *line, unsigned channels,
                     const struct rows *out, uint8_t *y)
{
    struct lanes lanes;
    size_t n = in->width * channels, height = in->height;
    spread_lines(line, channels, &lanes);
    if (in->dy == (ptrdiff_t)n && out->dy == (ptrdiff_t)n) { /* rows without a gap are one */
        n *= height;
        height = 1;
    }
    for (; height > 0; height--, x += in->dy, y += out->dy)
        map_run(x, n, &lanes, y);
}

static bool take_turns(const struct rows *rows)
{
    return rows->channels <= TOGETHER && rows->dx == (ptrdiff_t)rows->channels && (rows->dc == 1 || rows->channels == 1);
}

bool byte_lines_map(const struct rows *in, const struct byte_line *line, const struct rows *out)
{
    if (take_turns(in) && take_turns(out)) {
        map_rows(in, in->data, line, in->channels, out, out->data);
        return true;
    }
    if (in->dx != 1 || out->dx != 1)
        return false;
    for (unsigned c = 0; c < in->channels; c++)
        map_rows(in, in->data + (ptrdiff_t)c * in->dc, &line[c], 1, out, out->data + (ptrdiff_t)c * out->dc);
    return true;
}

#endif
