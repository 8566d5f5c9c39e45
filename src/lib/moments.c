/*
 * Measure and pool: the moments of a block (moments_of.h), and merging them.
 *
 * Sixteen lanes of double are what the widest vector unit in use can fill twice; fixed in the source, they make the sum
 * the same on every instruction set, for the compiler may vectorise across lanes but never reorder within one.
 */
#include "exact.h"

#include "instnorm.h"
#include "moments.h"
#include "pool.h"

#include <math.h>
#include <string.h>

/* Plain comparisons: of two zeros, fmin and fmax may give either, and processors differ. */
static inline void widen(struct instnorm_moments *m, double lo, double hi)
{
    m->min = lo < m->min ? lo : m->min;
    m->max = hi > m->max ? hi : m->max;
}

static int all_one(const float *weight, size_t n)
{
    size_t i = 0;
    while (i < n && weight[i] == 1)
        i++;
    return i == n;
}

#define REAL        float
#define NAMED(name) name##_float
#include "moments_of.h"
#undef REAL
#undef NAMED
#define REAL        double
#define NAMED(name) name##_double
#include "moments_of.h"

void instnorm_moments_clear(struct instnorm_moments *m)
{
    *m = (struct instnorm_moments){.min = INFINITY, .max = -INFINITY};
}

void instnorm_moments_given(double mean, double variance, struct instnorm_moments *m)
{
    *m = (struct instnorm_moments){.weight = 1, .mean = mean, .m2 = variance, .min = -INFINITY, .max = INFINITY};
}

void instnorm_measure(const float *x, const float *weight, size_t n, struct instnorm_moments *out)
{
    measure_float(x, weight, n, out);
}

void instnorm_measure_double(const double *x, const float *weight, size_t n, struct instnorm_moments *out)
{
    measure_double(x, weight, n, out);
}

void instnorm_merge(struct instnorm_moments *into, const struct instnorm_moments *from)
{
    into->skipped += from->skipped;
    if (from->weight == 0)
        return;
    if (into->weight == 0) {
        uint64_t skipped = into->skipped;
        *into = *from;
        into->skipped = skipped;
        return;
    }
    double weight = into->weight + from->weight;
    double d = from->mean - into->mean;
    into->m2 += from->m2 + d * d * (into->weight * (from->weight / weight));
    into->mean += d * (from->weight / weight);
    into->weight = weight;
    widen(into, from->min, from->max);
}

double instnorm_variance(const struct instnorm_moments *m)
{
    return m->weight > 0 ? m->m2 / m->weight : 0;
}

size_t instnorm_block_rows(size_t w)
{
    return w < INSTNORM_BLOCK ? INSTNORM_BLOCK / w : 1;
}

/* Without a range but for min == max, which is m2 == 0: the square of a difference of two floats is above 0 in double. */
static void measure_lean(const float *x, size_t n, struct instnorm_moments *out)
{
    instnorm_moments_clear(out);
    if (!measure_plain_float(x, n, out)) {
        measure_weighted_float(x, NULL, n, out);
        return;
    }
    out->min = out->m2 == 0 ? out->mean : -INFINITY;
    out->max = out->m2 == 0 ? out->mean : INFINITY;
}

/* One block of rows x w samples, w <= INSTNORM_BLOCK, gathered into one run if its rows do not adjoin. */
static void measure_block(const float *x, size_t rows, size_t w, size_t stride, int lean, struct instnorm_moments *into)
{
    float run[INSTNORM_BLOCK];
    struct instnorm_moments m;

    if (stride != w && rows > 1) {
        for (size_t y = 0; y < rows; y++)
            memcpy(run + y * w, x + y * stride, w * sizeof *run);
        x = run;
    }
    if (lean)
        measure_lean(x, rows * w, &m);
    else
        instnorm_measure(x, NULL, rows * w, &m);
    instnorm_merge(into, &m);
}

/* The blocks of a plane are merged before the plane is: a program that reads all planes row by row can do the same. */
static void measure_blocks(const float *x, size_t h, size_t w, size_t stride, int lean, struct instnorm_moments *into)
{
    size_t rows = instnorm_block_rows(w);
    struct instnorm_moments plane;
    instnorm_moments_clear(&plane);
    for (size_t y = 0; y < h; y += rows)
        for (size_t left = 0; left < w; left += INSTNORM_BLOCK)
            measure_block(x + y * stride + left, h - y < rows ? h - y : rows,
                          w - left < INSTNORM_BLOCK ? w - left : INSTNORM_BLOCK, stride, lean, &plane);
    instnorm_merge(into, &plane);
}

enum instnorm_status instnorm_measure_plane(const float *x, size_t h, size_t w, size_t stride,
                                            struct instnorm_moments *into)
{
    const struct instnorm_shape s = {.n = 1, .c = 1, .h = h, .w = w, .stride_h = stride};
    if (!x || !into)
        return INSTNORM_ERROR_NULL;
    if (h == 0 || w == 0)
        return INSTNORM_ERROR_SHAPE;
    enum instnorm_status status = check_strides(&s);
    if (status == INSTNORM_OK)
        measure_blocks(x, h, w, stride, 0, into);
    return status;
}

void instnorm_private_measure(const float *x, size_t h, size_t w, size_t stride, struct instnorm_moments *into)
{
    measure_blocks(x, h, w, stride, 1, into);
}
