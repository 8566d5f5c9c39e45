/* Tensors [N, C, H, W]: every kind of normalization from one loop over pools of planes. */
#include "exact.h"

#include "instnorm.h"

#include <math.h>

/* The planes (n, c) with n0 <= n < n1 and c0 <= c < c1. */
struct pool {
    size_t n0, n1, c0, c1;
};

/* *product <- a * b; 0 if it overflows. */
static int multiply(size_t a, size_t b, size_t *product)
{
    *product = a * b;
    return b == 0 || a <= SIZE_MAX / b;
}

/*
 * One dimension: `count` items that take `extent` elements each lie `*stride` apart (0 = close by). *total <- the elements
 * that they take with their padding. 0 if they overlap or overflow.
 */
static int resolve_stride(size_t count, size_t extent, size_t *stride, size_t *total)
{
    if (*stride == 0)
        *stride = extent;
    return count > 0 && extent > 0 && *stride >= extent && multiply(count, *stride, total);
}

/* Fills in the strides that are 0 and checks them all. */
static enum instnorm_status resolve_shape(const struct instnorm_shape *in, struct instnorm_shape *s)
{
    size_t plane, sample, total, bytes;

    *s = *in;
    if (!resolve_stride(s->h, s->w, &s->stride_h, &plane) || !resolve_stride(s->c, plane, &s->stride_c, &sample) ||
        !resolve_stride(s->n, sample, &s->stride_n, &total) || !multiply(total, sizeof(float), &bytes))
        return INSTNORM_ERROR_SHAPE;
    return INSTNORM_OK;
}

/* The number of pools; 0 if the kind is unknown or the groups do not divide the channels. */
static size_t count_pools(enum instnorm_kind kind, size_t groups, const struct instnorm_shape *s)
{
    switch (kind) {
    case INSTNORM_INSTANCE:
        return s->n * s->c;
    case INSTNORM_LAYER:
        return s->n;
    case INSTNORM_GROUP:
        return groups > 0 && s->c % groups == 0 ? s->n * groups : 0;
    case INSTNORM_BATCH:
        return s->c;
    }
    return 0;
}

static struct pool pool_at(enum instnorm_kind kind, size_t groups, const struct instnorm_shape *s, size_t i)
{
    if (kind == INSTNORM_BATCH)
        return (struct pool){0, s->n, i, i + 1};
    size_t per_sample = kind == INSTNORM_INSTANCE ? s->c : kind == INSTNORM_LAYER ? 1 : groups;
    size_t width = s->c / per_sample;
    size_t n = i / per_sample, c = i % per_sample * width;
    return (struct pool){n, n + 1, c, c + width};
}

static size_t offset(const struct instnorm_shape *s, size_t n, size_t c)
{
    return n * s->stride_n + c * s->stride_c;
}

static void apply_plane(const struct instnorm_shape *s, const float *x, const struct instnorm_affine *a, float *y)
{
    if (s->stride_h == s->w) {
        instnorm_apply(x, s->h * s->w, a, y);
        return;
    }
    for (size_t i = 0; i < s->h; i++)
        instnorm_apply(x + i * s->stride_h, s->w, a, y + i * s->stride_h);
}

static void measure_pool(const struct instnorm_shape *s, const struct pool *p, const float *x, struct instnorm_moments *m)
{
    instnorm_moments_clear(m);
    for (size_t n = p->n0; n < p->n1; n++)
        for (size_t c = p->c0; c < p->c1; c++)
            (void)instnorm_measure_plane(x + offset(s, n, c), s->h, s->w, s->stride_h, m);
}

static enum instnorm_status apply_pool(const struct instnorm_shape *s, const struct pool *p, const float *x,
                                       const float *gamma, const float *beta, double eps, const struct instnorm_moments *m,
                                       float *y)
{
    for (size_t c = p->c0; c < p->c1; c++) {
        struct instnorm_target target = {.gamma = gamma ? (double)gamma[c] : 1,
                                         .beta = beta ? (double)beta[c] : 0,
                                         .eps = eps,
                                         .strength = 1,
                                         .unit_in = 1,
                                         .unit_out = 1};
        struct instnorm_affine a;
        enum instnorm_status status = instnorm_solve(m, &target, &a);
        if (status != INSTNORM_OK)
            return status;
        for (size_t n = p->n0; n < p->n1; n++)
            apply_plane(s, x + offset(s, n, c), &a, y + offset(s, n, c));
    }
    return INSTNORM_OK;
}

enum instnorm_status instnorm_forward(enum instnorm_kind kind, size_t groups, const struct instnorm_shape *shape,
                                      const float *x, const float *gamma, const float *beta, double eps, float *y,
                                      double *mean, double *rstd)
{
    struct instnorm_shape s;

    if (!shape || !x || !y || !(eps >= 0) || !isfinite(eps))
        return INSTNORM_ERROR_ARGUMENT;
    enum instnorm_status status = resolve_shape(shape, &s);
    if (status != INSTNORM_OK)
        return status;
    size_t pools = count_pools(kind, groups, &s);
    if (pools == 0)
        return INSTNORM_ERROR_SHAPE;

    for (size_t i = 0; i < pools; i++) {
        struct pool p = pool_at(kind, groups, &s, i);
        struct instnorm_moments m;
        measure_pool(&s, &p, x, &m);
        status = apply_pool(&s, &p, x, gamma, beta, eps, &m, y);
        if (status != INSTNORM_OK)
            return status;
        double variance = instnorm_variance(&m);
        if (mean)
            mean[i] = m.mean;
        if (rstd)
            rstd[i] = variance + eps > 0 ? 1 / sqrt(variance + eps) : 0;
    }
    return INSTNORM_OK;
}
