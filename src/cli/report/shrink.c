#include "cli/report/shrink.h"

/* The length of an axis when the longer one of both is `side` at most. */
static size_t fitted(size_t length, size_t longer, size_t side)
{
    size_t n = longer > side ? (length * side + longer / 2) / longer : length;
    return n > 0 ? n : 1;
}

/* How much of source pixel i falls on target pixel k, in units of which a source pixel has `to` and a target pixel `from`.
 */
static size_t overlap(size_t i, size_t from, size_t k, size_t to)
{
    size_t begin = i * to > k * from ? i * to : k * from;
    size_t end = (i + 1) * to < (k + 1) * from ? (i + 1) * to : (k + 1) * from;
    return end - begin;
}

/* Pixel (x, y) of `to`: the mean of what falls on it, rounded. */
static void shrink_pixel(const struct preview *from, const struct preview *to, size_t y, size_t x)
{
    size_t sum[3] = {0}, all = from->width * from->height;
    for (size_t v = y * from->height / to->height; v * to->height < (y + 1) * from->height; v++)
        for (size_t u = x * from->width / to->width; u * to->width < (x + 1) * from->width; u++) {
            size_t share = overlap(v, from->height, y, to->height) * overlap(u, from->width, x, to->width);
            for (size_t c = 0; c < 3; c++)
                sum[c] += share * from->rgb[(v * from->width + u) * 3 + c];
        }
    for (size_t c = 0; c < 3; c++)
        to->rgb[(y * to->width + x) * 3 + c] = (unsigned char)((sum[c] + all / 2) / all);
}

bool shrink(const struct preview *from, size_t side, struct preview *to, struct why *why)
{
    size_t longer = from->width > from->height ? from->width : from->height;
    if (!preview_reserve(to, fitted(from->width, longer, side), fitted(from->height, longer, side), why))
        return false;
    for (size_t y = 0; y < to->height; y++)
        for (size_t x = 0; x < to->width; x++)
            shrink_pixel(from, to, y, x);
    to->black = from->black;
    to->white = from->white;
    return true;
}
