#include "engine/run.h"

#include "base/kernel.h"

#include <math.h>

/* Samples are made a strip at a time. */
enum { STRIP = 256 };

/* Adding 1.5 * 2^52 rounds a double of less than 2^51 half to even. The comparisons are such that NaN gives 0. */
KERNEL void quantize(double *y, size_t n, double least, double most)
{
    for (size_t i = 0; i < n; i++) {
        double v = y[i] < most ? y[i] : most;
        v = v > least ? v : least;
        v = y[i] == y[i] ? v : 0;
        y[i] = (v + 0x1.8p52) - 0x1.8p52;
    }
}

/* A run that stays as it is keeps -0 too. */
static void store(struct run x, size_t n, const struct instnorm_affine *by, enum sample sample, unsigned char *to)
{
    bool same = by->scale == 1 && by->shift == 0;
    for (size_t i = 0; i < n; i += STRIP) {
        double y[STRIP];
        size_t m = n - i < STRIP ? n - i : STRIP;
        for (size_t j = 0; j < m; j++)
            y[j] = same ? run_at(x, i + j) : run_at(x, i + j) * by->scale + by->shift;
        if (!sample_is_float(sample))
            quantize(y, m, sample_least(sample), sample_unit(sample));
        samples_put(y, m, sample, to + i * sample_size(sample));
    }
}

void run_store(struct run x, size_t n, const struct instnorm_affine *by, enum sample sample, void *to)
{
    if (sample == SAMPLE_U8 && x.wide)
        instnorm_apply_double_u8(x.wide, n, by, to);
    else if (sample == SAMPLE_U8)
        instnorm_apply_u8(x.narrow, n, by, to);
    else if (sample == SAMPLE_U16 && x.wide)
        instnorm_apply_double_u16(x.wide, n, by, to);
    else if (sample == SAMPLE_U16)
        instnorm_apply_u16(x.narrow, n, by, to);
    else if (sample == SAMPLE_F32 && x.wide)
        instnorm_apply_double(x.wide, n, by, to);
    else if (sample == SAMPLE_F32)
        instnorm_apply(x.narrow, n, by, to);
    else
        store(x, n, by, sample, to);
}

void run_blend(struct run x, double factor, const double *amount, size_t n, struct run_to y)
{
    for (size_t i = 0; i < n; i++) {
        double plain = run_at(x, i) * factor, w = amount[i];
        if (w < 1)
            run_set(y, i, plain + w * (run_at(run_of(y), i) - plain));
    }
}

void run_measure(struct run x, const float *weight, size_t n, struct instnorm_moments *out)
{
    if (x.wide)
        instnorm_measure_double(x.wide, weight, n, out);
    else
        instnorm_measure(x.narrow, weight, n, out);
}

/* x as double: in `to`, or where it is. */
static const double *widened(struct run x, size_t n, double *to)
{
    for (size_t i = 0; !x.wide && i < n; i++)
        to[i] = (double)x.narrow[i];
    return x.wide ? x.wide : to;
}

void run_measure_pairs(struct run x, struct run y, const float *weight, size_t n, struct instnorm_comoments *out)
{
    double wide_x[INSTNORM_BLOCK], wide_y[INSTNORM_BLOCK];
    if (x.narrow && y.narrow)
        instnorm_measure_pairs(x.narrow, y.narrow, weight, n, out);
    else
        instnorm_measure_pairs_double(widened(x, n, wide_x), widened(y, n, wide_y), weight, n, out);
}

/* Of types that go below 0. The least of them is even, so that half a step below it rounds to it. */
static void count_signed(struct run x, size_t n, const struct instnorm_affine *by, double least, double most,
                         struct instnorm_clip *clip)
{
    for (size_t i = 0; i < n; i++) {
        double v = run_at(x, i) * by->scale + by->shift;
        clip->low += v < least - 0.5;
        clip->high += v >= most + 0.5;
        if (isfinite(v)) {
            clip->min = v < clip->min ? v : clip->min;
            clip->max = v > clip->max ? v : clip->max;
        }
    }
    clip->min += 0.0; /* no -0 */
    clip->max += 0.0;
}

void run_count_clipped(struct run x, size_t n, const struct instnorm_affine *by, enum sample sample,
                       struct instnorm_clip *clip)
{
    double least = sample_least(sample), most = sample_unit(sample);
    if (least < 0)
        count_signed(x, n, by, least, most, clip);
    else if (x.wide)
        instnorm_count_clipped_double(x.wide, n, by, most, clip);
    else
        instnorm_count_clipped(x.narrow, n, by, most, clip);
}
