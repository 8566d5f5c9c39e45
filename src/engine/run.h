/* Runs of samples, or of values in a space: of float, or of double where float would round what is rounded once more. */
#ifndef ENGINE_RUN_H
#define ENGINE_RUN_H

#include "base/rows.h"
#include "instnorm.h"

#include <stddef.h>

/* A run to read. One of the two is NULL. */
struct run {
    const float *narrow;
    const double *wide;
};

/* A run to write. */
struct run_to {
    float *narrow;
    double *wide;
};

static inline double run_at(struct run x, size_t i)
{
    return x.wide ? x.wide[i] : (double)x.narrow[i];
}

static inline void run_set(struct run_to y, size_t i, double value)
{
    if (y.wide)
        y.wide[i] = value;
    else
        y.narrow[i] = (float)value;
}

static inline struct run run_of(struct run_to y)
{
    return (struct run){y.narrow, y.wide};
}

/* to[0..n) <- x * scale + shift as native samples: integers clamped and rounded half to even, NaN 0; floats rounded once.
 */
void run_store(struct run x, size_t n, const struct instnorm_affine *by, enum sample sample, void *to);

/* Where less than all of a sample is changed, y[i] <- amount[i] of y[i] and the rest of x[i] * factor. */
void run_blend(struct run x, double factor, const double *amount, size_t n, struct run_to y);

/* What instnorm_measure makes of a run, and instnorm_measure_pairs of two; weight may be NULL. */
void run_measure(struct run x, const float *weight, size_t n, struct instnorm_moments *out);
void run_measure_pairs(struct run x, struct run y, const float *weight, size_t n, struct instnorm_comoments *out);

/* Adds to clip the samples whose image integers of the type cut off: see instnorm_count_clipped. */
void run_count_clipped(struct run x, size_t n, const struct instnorm_affine *by, enum sample sample,
                       struct instnorm_clip *clip);

#endif
