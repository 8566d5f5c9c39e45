/* Solve, invert, apply: two numbers per channel. */
#include "exact.h"

#include "instnorm.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Moments as measuring, merging and instnorm_moments_given make them. */
static int are_moments(const struct instnorm_moments *m)
{
    return isfinite(m->weight) && m->weight >= 0 && isfinite(m->mean) && isfinite(m->m2) && m->m2 >= 0 && !isnan(m->min) &&
           !isnan(m->max);
}

/* The square of a unit must be a number too: moments are divided by it. */
static int is_target(const struct instnorm_target *t)
{
    return isfinite(t->gamma) && isfinite(t->beta) && t->eps >= 0 && isfinite(t->eps) && isfinite(t->strength) &&
           t->unit_in > 0 && t->unit_in * t->unit_in > 0 && isfinite(t->unit_in * t->unit_in) && t->unit_out > 0 &&
           isfinite(t->unit_out);
}

enum instnorm_status instnorm_solve(const struct instnorm_moments *m, const struct instnorm_target *target,
                                    struct instnorm_affine *out)
{
    const struct instnorm_target *t = target;
    if (!m || !t || !out)
        return INSTNORM_ERROR_NULL;
    if (!are_moments(m) || !is_target(t))
        return INSTNORM_ERROR_NUMBER;
    if (m->weight == 0)
        return INSTNORM_ERROR_EMPTY;

    double mean = m->mean / t->unit_in;
    double variance = instnorm_variance(m) / (t->unit_in * t->unit_in);
    double scale = 0;
    if (m->min != m->max && variance + t->eps > 0)
        scale = t->gamma / sqrt(variance + t->eps);
    double shift = t->beta - mean * scale;
    scale = (t->strength * scale + (1 - t->strength)) * (t->unit_out / t->unit_in);
    shift = t->strength * shift * t->unit_out;
    if (!isfinite(variance) || !isfinite(scale) || !isfinite(shift))
        return INSTNORM_ERROR_OVERFLOW;
    *out = (struct instnorm_affine){scale, shift};
    return INSTNORM_OK;
}

enum instnorm_status instnorm_invert(const struct instnorm_affine *a, struct instnorm_affine *out)
{
    if (!a || !out)
        return INSTNORM_ERROR_NULL;
    if (!isfinite(a->scale) || !isfinite(a->shift))
        return INSTNORM_ERROR_NUMBER;
    if (a->scale == 0)
        return INSTNORM_ERROR_SINGULAR;
    double scale = 1 / a->scale, shift = -a->shift * scale;
    if (!isfinite(scale) || !isfinite(shift))
        return INSTNORM_ERROR_OVERFLOW;
    *out = (struct instnorm_affine){scale, shift};
    return INSTNORM_OK;
}

#define APPLY(NAME, FROM)                                                                                                  \
    KERNEL void NAME(const FROM *x, size_t n, double scale, double shift, float *y)                                        \
    {                                                                                                                      \
        for (size_t i = 0; i < n; i++)                                                                                     \
            y[i] = (float)((double)x[i] * scale + shift);                                                                  \
    }

APPLY(apply_float, float)
APPLY(apply_double, double)

void instnorm_apply(const float *x, size_t n, const struct instnorm_affine *a, float *y)
{
    apply_float(x, n, a->scale, a->shift, y);
}

void instnorm_apply_double(const double *x, size_t n, const struct instnorm_affine *a, float *y)
{
    apply_double(x, n, a->scale, a->shift, y);
}

/* Samples are narrowed a strip at a time: gcc vectorises each of the two loops, not both in one. */
enum { STRIP = 64 };

/*
 * Adding 2^52 rounds a double in [0, 2^52) half to even, on instruction sets with and without a rounding instruction. The
 * comparisons are written so that NaN gives 0.
 */
#define QUANTIZE(v, max) ((v) = (v) > 0 ? (v) : 0, (v) = (v) < (max) ? (v) : (max), (int32_t)(((v) + 0x1p52) - 0x1p52))

#define APPLY_INTEGER(NAME, FROM, TO, MAX)                                                                                 \
    KERNEL void NAME(const FROM *x, size_t n, double scale, double shift, TO *y)                                           \
    {                                                                                                                      \
        for (size_t i = 0; i < n; i += STRIP) {                                                                            \
            int32_t q[STRIP];                                                                                              \
            size_t m = n - i < STRIP ? n - i : STRIP;                                                                      \
            for (size_t j = 0; j < m; j++) {                                                                               \
                double v = (double)x[i + j] * scale + shift;                                                               \
                q[j] = QUANTIZE(v, MAX);                                                                                   \
            }                                                                                                              \
            for (size_t j = 0; j < m; j++)                                                                                 \
                y[i + j] = (TO)q[j];                                                                                       \
        }                                                                                                                  \
    }

APPLY_INTEGER(apply_u8, float, uint8_t, 255)
APPLY_INTEGER(apply_u16, float, uint16_t, 65535)
APPLY_INTEGER(apply_double_u8, double, uint8_t, 255)
APPLY_INTEGER(apply_double_u16, double, uint16_t, 65535)

void instnorm_apply_u8(const float *x, size_t n, const struct instnorm_affine *a, uint8_t *y)
{
    apply_u8(x, n, a->scale, a->shift, y);
}

void instnorm_apply_u16(const float *x, size_t n, const struct instnorm_affine *a, uint16_t *y)
{
    apply_u16(x, n, a->scale, a->shift, y);
}

void instnorm_apply_double_u8(const double *x, size_t n, const struct instnorm_affine *a, uint8_t *y)
{
    apply_double_u8(x, n, a->scale, a->shift, y);
}

void instnorm_apply_double_u16(const double *x, size_t n, const struct instnorm_affine *a, uint16_t *y)
{
    apply_double_u16(x, n, a->scale, a->shift, y);
}

/* What is counted of each sixteenth sample; in doubles, which are as exact up to 2^53 and as wide as the samples. */
enum { LANES = 16 };
struct clip_lanes {
    double below[LANES], above[LANES], lo[LANES], hi[LANES];
};

/* Sample i, in lane l. NaN, which stands for what is not finite, is neither less nor more than any number. */
#define COUNT_SAMPLE(i, l)                                                                                                 \
    do {                                                                                                                   \
        double v = (double)x[i] * scale + shift, finite = fabs(v) <= DBL_MAX ? v : (double)NAN;                            \
        below[l] += v < -0.5 ? 1.0 : 0.0;                                                                                  \
        above[l] += v >= top ? 1.0 : 0.0;                                                                                  \
        lo[l] = finite < lo[l] ? finite : lo[l];                                                                           \
        hi[l] = finite > hi[l] ? finite : hi[l];                                                                           \
    } while (0)

/* -0.5 itself rounds to 0, and max + 0.5, max being odd, to max + 1. Not unrolled: see range_lanes. */
#define COUNT_CLIPPED(NAME, KERNEL_NAME, FROM)                                                                             \
    KERNEL void KERNEL_NAME(const FROM *x, size_t n, double scale, double shift, double top, struct clip_lanes *out)       \
    {                                                                                                                      \
        double below[LANES] = {0}, above[LANES] = {0}, lo[LANES], hi[LANES];                                               \
        size_t i = 0;                                                                                                      \
        for (size_t l = 0; l < LANES; l++) {                                                                               \
            lo[l] = INFINITY;                                                                                              \
            hi[l] = -INFINITY;                                                                                             \
        }                                                                                                                  \
        for (; i + LANES <= n; i += LANES)                                                                                 \
            _Pragma("GCC unroll 1") for (size_t l = 0; l < LANES; l++) COUNT_SAMPLE(i + l, l);                             \
        for (size_t l = 0; i + l < n; l++)                                                                                 \
            COUNT_SAMPLE(i + l, l);                                                                                        \
        memcpy(out->below, below, sizeof below);                                                                           \
        memcpy(out->above, above, sizeof above);                                                                           \
        memcpy(out->lo, lo, sizeof lo);                                                                                    \
        memcpy(out->hi, hi, sizeof hi);                                                                                    \
    }                                                                                                                      \
                                                                                                                           \
    void NAME(const FROM *x, size_t n, const struct instnorm_affine *a, double max, struct instnorm_clip *clip)            \
    {                                                                                                                      \
        struct clip_lanes lanes;                                                                                           \
        KERNEL_NAME(x, n, a->scale, a->shift, max + 0.5, &lanes);                                                          \
        add_lanes(&lanes, clip);                                                                                           \
    }

static void add_lanes(const struct clip_lanes *c, struct instnorm_clip *clip)
{
    for (size_t l = 0; l < LANES; l++) {
        clip->low += (uint64_t)c->below[l];
        clip->high += (uint64_t)c->above[l];
        clip->min = c->lo[l] < clip->min ? c->lo[l] : clip->min;
        clip->max = c->hi[l] > clip->max ? c->hi[l] : clip->max;
    }
    clip->min += 0.0; /* no -0 */
    clip->max += 0.0;
}

COUNT_CLIPPED(instnorm_count_clipped, count_lanes, float)
COUNT_CLIPPED(instnorm_count_clipped_double, count_lanes_double, double)
