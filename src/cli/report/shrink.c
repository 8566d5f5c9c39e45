#include "cli/report/shrink.h"

#include <stdlib.h>

/* The length of an axis when the longer one of both is `side` at most. */
static size_t fitted(size_t length, size_t longer, size_t side)
{
    size_t n = longer > side ? (length * side + longer / 2) / longer : length;
    return n > 0 ? n : 1;
}

/*
 * to[m][3] += the n pixels `from`, times `share`. Along the row each of the n has m units and each of the m takes n, so
 * that a pixel may fall on two.
 */
static void shrink_row(const unsigned char *from, size_t n, size_t share, size_t *to, size_t m)
{
    size_t free = n;
    for (size_t i = 0; i < n; i++, from += 3)
        for (size_t units = m; units > 0;) {
            size_t taken = units < free ? units : free;
            for (size_t c = 0; c < 3; c++)
                to[c] += taken * share * from[c];
            units -= taken;
            free -= taken;
            if (free == 0) {
                to += 3;
                free = n;
            }
        }
}

/* The same of rows: each pixel of `to` is the mean of what falls on it, rounded. sums[to->width][3] are 0. */
static void shrink_rows(const struct preview *from, const struct preview *to, size_t *sums)
{
    unsigned char *out = to->rgb;
    size_t free = from->height, all = from->width * from->height;
    for (size_t y = 0; y < from->height; y++)
        for (size_t units = to->height; units > 0;) {
            size_t taken = units < free ? units : free;
            shrink_row(from->rgb + y * from->width * 3, from->width, taken, sums, to->width);
            units -= taken;
            free -= taken;
            if (free > 0)
                continue;
            for (size_t i = 0; i < to->width * 3; i++, sums[i - 1] = 0)
                *out++ = (unsigned char)((sums[i] + all / 2) / all);
            free = from->height;
        }
}

bool shrink(const struct preview *from, size_t side, struct preview *to, struct why *why)
{
    size_t longer = from->width > from->height ? from->width : from->height;
    size_t width = fitted(from->width, longer, side), height = fitted(from->height, longer, side);
    size_t *sums = calloc(width * 3, sizeof *sums);
    bool ok = sums ? preview_reserve(to, width, height, why) : why_memory(why);
    if (ok)
        shrink_rows(from, to, sums);
    free(sums);
    to->black = from->black;
    to->white = from->white;
    return ok;
}
