/* Moments within the library. */
#ifndef MOMENTS_H
#define MOMENTS_H

#include "instnorm.h"

/* Of every sum over the samples of a block: see the block rule in instnorm.h. */
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
 * instnorm_measure_plane for who only needs weight, mean and m2: of min and max it says no more than whether they are the
 * same, which saves one of three passes. The plane is not checked.
 */
void instnorm_private_measure(const float *x, size_t h, size_t w, size_t stride, struct instnorm_moments *into);

#endif
