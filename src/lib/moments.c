/*
 * Measure and pool: the moments of a block, and merging them.
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

KERNEL void sum_lanes(const float *x, size_t n, double *restrict lane)
{
    double s[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t l = 0; l < LANES; l++)
            s[l] += (double)x[i + l];
    for (size_t l = 0; i + l < n; l++)
        s[l] += (double)x[i + l];
    memcpy(lane, s, sizeof s);
}

/*
 * The block is in the cache by now and memory is idle: the time goes into fetching what lies as far behind it, which most
 * often is the next block. It takes a third off the time for a plane that is not in the cache.
 */
KERNEL void square_lanes(const float *x, size_t n, double mean, double *restrict lane)
{
    double s[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        __builtin_prefetch((const void *)((uintptr_t)(x + i) + n * sizeof *x));
        for (size_t l = 0; l < LANES; l++) {
            double d = (double)x[i + l] - mean;
            s[l] += d * d;
        }
    }
    for (size_t l = 0; i + l < n; l++) {
        double d = (double)x[i + l] - mean;
        s[l] += d * d;
    }
    memcpy(lane, s, sizeof s);
}

/* Not unrolled by hand or compiler: gcc then sees that a lane is a vector element. */
KERNEL void range_lanes(const float *x, size_t n, float *restrict lo, float *restrict hi)
{
    float a[LANES], b[LANES];
    for (size_t l = 0; l < LANES; l++) {
        a[l] = INFINITY;
        b[l] = -INFINITY;
    }
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
#pragma GCC unroll 1
        for (size_t l = 0; l < LANES; l++) {
            a[l] = x[i + l] < a[l] ? x[i + l] : a[l];
            b[l] = x[i + l] > b[l] ? x[i + l] : b[l];
        }
    for (size_t l = 0; i + l < n; l++) {
        a[l] = x[i + l] < a[l] ? x[i + l] : a[l];
        b[l] = x[i + l] > b[l] ? x[i + l] : b[l];
    }
    memcpy(lo, a, sizeof a);
    memcpy(hi, b, sizeof b);
}

/* Plain comparisons: of two zeros, fmin and fmax may give either, and processors differ. */
static inline void widen(struct instnorm_moments *m, double lo, double hi)
{
    m->min = lo < m->min ? lo : m->min;
    m->max = hi > m->max ? hi : m->max;
}

static void set_range(const float *x, size_t n, struct instnorm_moments *out)
{
    float lo[LANES], hi[LANES];
    range_lanes(x, n, lo, hi);
    for (size_t l = 0; l < LANES; l++)
        widen(out, (double)lo[l], (double)hi[l]);
}

/*
 * All samples of weight 1. False, and nothing is set, if one of them is not finite: floats cannot overflow a sum in double,
 * so that the sum tells.
 */
static int measure_plain(const float *x, size_t n, struct instnorm_moments *out)
{
    double lane[LANES];
    sum_lanes(x, n, lane);
    double sum = add_lanes(lane);
    if (!isfinite(sum))
        return 0;
    out->weight = (double)n;
    out->mean = sum / out->weight;
    square_lanes(x, n, out->mean, lane);
    out->m2 = add_lanes(lane);
    return 1;
}

/* The weight that sample i counts with: 0 for one that is not finite. */
static double weight_of(const float *x, const float *weight, size_t i)
{
    if (!isfinite(x[i]))
        return 0;
    if (!weight)
        return 1;
    return weight[i] > 0 ? (double)weight[i] : 0;
}

/* Any samples, any weights; the lanes are those of measure_plain, so that weights of 1 give the same bits. */
static void measure_weighted(const float *x, const float *weight, size_t n, struct instnorm_moments *out)
{
    double w_lane[LANES] = {0}, x_lane[LANES] = {0}, d_lane[LANES] = {0};

    for (size_t i = 0; i < n; i++) {
        double w = weight_of(x, weight, i);
        out->skipped += isfinite(x[i]) ? 0 : 1;
        if (w == 0)
            continue;
        w_lane[i % LANES] += w;
        x_lane[i % LANES] += w * (double)x[i];
        widen(out, (double)x[i], (double)x[i]);
    }
    out->weight = add_lanes(w_lane);
    if (out->weight == 0)
        return;
    out->mean = add_lanes(x_lane) / out->weight;
    for (size_t i = 0; i < n; i++) {
        double w = weight_of(x, weight, i);
        double d = w == 0 ? 0 : (double)x[i] - out->mean;
        d_lane[i % LANES] += w * d * d;
    }
    out->m2 = add_lanes(d_lane);
}

static int all_one(const float *weight, size_t n)
{
    size_t i = 0;
    while (i < n && weight[i] == 1)
        i++;
    return i == n;
}

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
    instnorm_moments_clear(out);
    if (n == 0)
        return;
    if ((!weight || all_one(weight, n)) && measure_plain(x, n, out))
        set_range(x, n, out);
    else
        measure_weighted(x, weight, n, out);
    out->min += 0.0; /* -0 becomes +0 */
    out->max += 0.0;
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
    if (!measure_plain(x, n, out)) {
        measure_weighted(x, NULL, n, out);
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
