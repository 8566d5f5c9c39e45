/*
 * Each byte waits for the one to the left, so that what counts is how little there is between two of them. The bytes of a
 * pixel go side by side in registers: one byte at a time is sooner than vectors of them, but for Up.
 */
#include "codec/png/unfilter.h"

#include <string.h>

static inline int undo_sub(int x, int left, int up, int corner)
{
    (void)up, (void)corner;
    return x + left;
}

static inline int undo_average(int x, int left, int up, int corner)
{
    (void)corner;
    return x + ((left + up) >> 1);
}

/*
 * Of left, up and corner the one nearest to left + up - corner. Their distances need not be compared: where corner is below
 * the other two, or up to a third of the way from the lesser to the greater one, the greater is nearest; above, and from
 * two thirds on, the lesser; between, corner itself.
 */
static inline int undo_paeth(int x, int left, int up, int corner)
{
    int least = left < up ? left : up, most = left < up ? up : left, turn = 3 * corner - up - left;
    int nearest = most <= turn ? least : corner;
    return x + (turn <= least ? most : nearest);
}

#define UNDO(NAME, PIXEL)                                                                                                  \
    static void NAME##_##PIXEL(const unsigned char *restrict in, const unsigned char *restrict above, size_t n,            \
                               unsigned char *restrict out)                                                                \
    {                                                                                                                      \
        int left[PIXEL] = {0}, corner[PIXEL] = {0};                                                                        \
        for (size_t i = 0; i < n; i += PIXEL)                                                                              \
            for (size_t k = 0; k < PIXEL; k++) {                                                                           \
                int up = above[i + k];                                                                                     \
                left[k] = NAME(in[i + k], left[k], up, corner[k]) & 255;                                                   \
                corner[k] = up;                                                                                            \
                out[i + k] = (unsigned char)left[k];                                                                       \
            }                                                                                                              \
    }

#define UNDO_EACH(NAME) UNDO(NAME, 1) UNDO(NAME, 2) UNDO(NAME, 3) UNDO(NAME, 4) UNDO(NAME, 6) UNDO(NAME, 8)

UNDO_EACH(undo_sub)
UNDO_EACH(undo_average)
UNDO_EACH(undo_paeth)

static void undo_up(const unsigned char *restrict in, const unsigned char *restrict above, size_t n,
                    unsigned char *restrict out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (unsigned char)(in[i] + above[i]);
}

#define EACH(NAME)                                                                                                         \
    {                                                                                                                      \
        NULL, NAME##_1, NAME##_2, NAME##_3, NAME##_4, NULL, NAME##_6, NULL, NAME##_8                                       \
    }

/* Of Sub, Average and Paeth. */
static png_undo *undo_of(unsigned filter, size_t pixel)
{
    static png_undo *const of[][PNG_MOST_PIXEL + 1] = {
        [PNG_SUB] = EACH(undo_sub), [PNG_AVERAGE] = EACH(undo_average), [PNG_PAETH] = EACH(undo_paeth)};
    png_undo *wide = png_undo_sse4(filter, pixel);
    return wide ? wide : of[filter][pixel];
}

bool png_unfilter(unsigned filter, const unsigned char *restrict in, const unsigned char *restrict above, size_t n,
                  size_t pixel, unsigned char *restrict out)
{
    if (filter == PNG_NONE)
        memcpy(out, in, n);
    else if (filter == PNG_UP)
        undo_up(in, above, n, out);
    else if (filter <= PNG_PAETH)
        undo_of(filter, pixel)(in, above, n, out);
    return filter <= PNG_PAETH;
}
