/* Solve, invert, apply: two numbers per channel. */
#include "exact.h"

#include "instnorm.h"

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

/* -0.5 itself rounds to 0, and max + 0.5, max being odd, to max + 1. */
#define COUNT_CLIPPED(NAME, FROM)                                                                                          \
    void NAME(const FROM *x, size_t n, const struct instnorm_affine *a, double max, struct instnorm_clip *clip)            \
    {                                                                                                                      \
        uint64_t below = 0, above = 0;                                                                                     \
        double lo = clip->min, hi = clip->max;                                                                             \
        for (size_t i = 0; i < n; i++) {                                                                                   \
            double v = (double)x[i] * a->scale + a->shift;                                                                 \
            below += v < -0.5;                                                                                             \
            above += v >= max + 0.5;                                                                                       \
            lo = isfinite(v) && v < lo ? v : lo;                                                                           \
            hi = isfinite(v) && v > hi ? v : hi;                                                                           \
        }                                                                                                                  \
        /* no -0 */                                                                                                        \
        *clip = (struct instnorm_clip){clip->low + below, clip->high + above, lo + 0.0, hi + 0.0};                         \
    }

COUNT_CLIPPED(instnorm_count_clipped, float)
COUNT_CLIPPED(instnorm_count_clipped_double, double)
