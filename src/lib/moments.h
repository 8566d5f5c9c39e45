/* Moments within the library. */
#ifndef MOMENTS_H
#define MOMENTS_H

#include "instnorm.h"

/*
 * instnorm_measure_plane for who only needs weight, mean and m2: of min and max it says no more than whether they are the
 * same, which saves one of three passes. The plane is not checked.
 */
void instnorm_private_measure(const float *x, size_t h, size_t w, size_t stride, struct instnorm_moments *into);

#endif
