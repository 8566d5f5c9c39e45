#include "engine/dither.h"

#include <math.h>

/*
 * Less than half a step of the output, for each sample another: interleaved gradient noise (J. Jimenez, Next Generation
 * Post Processing in Call of Duty, 2014), which neighbours share as little as possible. Channels are shifted against
 * each other. With 0.99, a whole number stays what it is after rounding to float too: a step of one near 65535 is 1/256.
 */
static float dither_at(size_t x, size_t y, unsigned c)
{
    double shift = 5.588238 * (double)c;
    double inner = 0.06711056 * ((double)x + shift) + 0.00583715 * ((double)y + shift);
    double outer = 52.9829189 * (inner - floor(inner));
    return (float)(0.99 * (outer - floor(outer) - 0.5));
}

void dither_run(const struct cursor *cursor, unsigned c, struct run_to y)
{
    const struct block *b = &cursor->block;
    for (size_t row = 0, i = 0; row < b->height; row++)
        for (size_t x = 0; x < b->width; x++, i++)
            run_set(y, i, run_at(run_of(y), i) + (double)dither_at(b->x + x, cursor->y + b->y + row, c));
}
