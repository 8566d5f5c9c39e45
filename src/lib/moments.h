/* Moments within the library. */
#ifndef MOMENTS_H
#define MOMENTS_H

#include "instnorm.h"

/* Every sum over the samples of a block has this many lanes: see the block rule in instnorm.h. */
enum { LANES = 16 };

/* The halving tree: lanes 8..15 onto 0..7, then 4..7 onto 0..3, and so on. */
static inline double add_lanes(double *lane)
{
    for (size_t half = LANES / 2; half > 0; half /= 2)
        for (size_t l = 0; l < half; l++)
            lane[l] += lane[l + half];
    return lane[0];
}

/*
 * instnorm_measure_plane without the pass for the range: min == max if all samples are the same, otherwise the range is
 * unknown. The plane is not checked.
 */
void instnorm_private_measure(const float *x, size_t h, size_t w, size_t stride, struct instnorm_moments *into);

#endif
