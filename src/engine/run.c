#include "engine/run.h"

void run_store(struct run x, size_t n, const struct instnorm_affine *by, enum sample sample, void *to)
{
    if (sample == SAMPLE_U8)
        instnorm_apply_u8(x.narrow, n, by, to);
    else if (x.wide && sample == SAMPLE_U16)
        instnorm_apply_double_u16(x.wide, n, by, to);
    else if (x.wide)
        instnorm_apply_double(x.wide, n, by, to);
    else if (sample == SAMPLE_U16)
        instnorm_apply_u16(x.narrow, n, by, to);
    else
        instnorm_apply(x.narrow, n, by, to);
}

void run_blend(struct run x, double factor, const double *amount, size_t n, struct run_to y)
{
    for (size_t i = 0; i < n; i++) {
        double plain = run_at(x, i) * factor, w = amount[i];
        if (w < 1)
            run_set(y, i, plain + w * (run_at(run_of(y), i) - plain));
    }
}

void run_count_clipped(struct run x, size_t n, const struct instnorm_affine *by, double most, struct instnorm_clip *clip)
{
    if (x.wide)
        instnorm_count_clipped_double(x.wide, n, by, most, clip);
    else
        instnorm_count_clipped(x.narrow, n, by, most, clip);
}
