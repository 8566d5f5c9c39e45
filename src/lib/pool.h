/* Shapes, pools of planes and arrays of numbers: what the files that loop over tensors check and share. */
#ifndef POOL_H
#define POOL_H

#include "instnorm.h"

#include <math.h>

/* The planes (n, c) with n0 <= n < n1 and c0 <= c < c1. */
struct pool {
    size_t n0, n1, c0, c1;
};

/* *product <- a * b; 0 if it overflows. */
static inline int multiply(size_t a, size_t b, size_t *product)
{
    *product = a * b;
    return b == 0 || a <= SIZE_MAX / b;
}

/* The strides that are 0 are those of dense data. 0 if one overflows. */
static inline int fill_strides(struct instnorm_shape *s)
{
    if (s->stride_h == 0)
        s->stride_h = s->w;
    if (s->stride_c == 0 && !multiply(s->h, s->stride_h, &s->stride_c))
        return 0;
    return s->stride_n != 0 || multiply(s->c, s->stride_c, &s->stride_n);
}

/* Whether a size_t holds the bytes from the first sample to the last. */
static inline int is_addressable(const struct instnorm_shape *s)
{
    const size_t count[] = {s->h, s->c, s->n}, stride[] = {s->stride_h, s->stride_c, s->stride_n};
    size_t reach = s->w;

    for (size_t d = 0; d < 3; d++) {
        size_t last;
        if (count[d] == 1)
            continue;
        if (!multiply(count[d] - 1, stride[d], &last) || last > SIZE_MAX - reach)
            return 0;
        reach += last;
    }
    return reach <= SIZE_MAX / sizeof(float);
}

/* Whether no two samples of an addressable shape share an element. A dimension of 1 has no second item. */
static inline int lies_apart(const struct instnorm_shape *s)
{
    const size_t count[] = {s->h, s->c, s->n}, stride[] = {s->stride_h, s->stride_c, s->stride_n};
    size_t order[] = {0, 1, 2}, taken = s->w;

    for (size_t i = 0; i < 3; i++)
        for (size_t j = i; j > 0 && stride[order[j]] < stride[order[j - 1]]; j--) {
            size_t t = order[j];
            order[j] = order[j - 1];
            order[j - 1] = t;
        }
    for (size_t i = 0; i < 3; i++) {
        size_t d = order[i];
        if (count[d] == 1)
            continue;
        if (stride[d] < taken)
            return 0;
        taken += (count[d] - 1) * stride[d];
    }
    return 1;
}

/* Checks a shape without a dimension of 0. Its strides are taken as they are. */
static inline enum instnorm_status check_strides(const struct instnorm_shape *s)
{
    if (!is_addressable(s))
        return INSTNORM_ERROR_SIZE;
    return lies_apart(s) ? INSTNORM_OK : INSTNORM_ERROR_OVERLAP;
}

/* s <- in, with the strides set that are 0. */
static inline enum instnorm_status resolve_shape(const struct instnorm_shape *in, struct instnorm_shape *s)
{
    *s = *in;
    if (s->n == 0 || s->c == 0 || s->h == 0 || s->w == 0)
        return INSTNORM_ERROR_SHAPE;
    return fill_strides(s) ? check_strides(s) : INSTNORM_ERROR_SIZE;
}

static inline int is_kind(enum instnorm_kind kind)
{
    return (int)kind >= INSTNORM_INSTANCE && (int)kind <= INSTNORM_BATCH;
}

/* The number of pools; 0 if the groups do not divide the channels. */
static inline size_t count_pools(enum instnorm_kind kind, size_t groups, const struct instnorm_shape *s)
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

/* What every function of a kind checks: the shape, whose strides are set in s, and the groups. *pools <- their number. */
static inline enum instnorm_status resolve(enum instnorm_kind kind, size_t groups, const struct instnorm_shape *in,
                                           struct instnorm_shape *s, size_t *pools)
{
    enum instnorm_status status = resolve_shape(in, s);
    if (status != INSTNORM_OK)
        return status;
    *pools = count_pools(kind, groups, s);
    return *pools > 0 ? INSTNORM_OK : INSTNORM_ERROR_GROUPS;
}

/* Whether the n numbers of an array that may be NULL are finite. */
static inline int all_finite(const float *x, size_t n)
{
    size_t i = 0;
    while (x && i < n && isfinite(x[i]))
        i++;
    return !x || i == n;
}

/* Whether the n numbers are finite, and at least `least`. */
static inline int all_at_least(const double *x, size_t n, double least)
{
    size_t i = 0;
    while (i < n && isfinite(x[i]) && x[i] >= least)
        i++;
    return i == n;
}

/* Whether x is a number that eps may be. */
static inline int is_eps(double x)
{
    return x >= 0 && isfinite(x);
}

static inline struct pool pool_at(enum instnorm_kind kind, size_t groups, const struct instnorm_shape *s, size_t i)
{
    if (kind == INSTNORM_BATCH)
        return (struct pool){0, s->n, i, i + 1};
    size_t per_sample = kind == INSTNORM_INSTANCE ? s->c : kind == INSTNORM_LAYER ? 1 : groups;
    size_t width = s->c / per_sample;
    size_t n = i / per_sample, c = i % per_sample * width;
    return (struct pool){n, n + 1, c, c + width};
}

/* Where the plane (n, c) begins, in elements. */
static inline size_t plane_at(const struct instnorm_shape *s, size_t n, size_t c)
{
    return n * s->stride_n + c * s->stride_c;
}

#endif
