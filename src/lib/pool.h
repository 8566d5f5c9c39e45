/* Shapes and pools of planes, for the files that loop over tensors. */
#ifndef POOL_H
#define POOL_H

#include "instnorm.h"

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

/*
 * One dimension: `count` items that take `extent` elements each lie `*stride` apart (0 = close by). *total <- the elements
 * that they take with their padding. 0 if they overlap or overflow.
 */
static inline int resolve_stride(size_t count, size_t extent, size_t *stride, size_t *total)
{
    if (*stride == 0)
        *stride = extent;
    return count > 0 && extent > 0 && *stride >= extent && multiply(count, *stride, total);
}

/* Fills in the strides that are 0 and checks them all. */
static inline enum instnorm_status resolve_shape(const struct instnorm_shape *in, struct instnorm_shape *s)
{
    size_t plane, sample, total, bytes;

    *s = *in;
    if (!resolve_stride(s->h, s->w, &s->stride_h, &plane) || !resolve_stride(s->c, plane, &s->stride_c, &sample) ||
        !resolve_stride(s->n, sample, &s->stride_n, &total) || !multiply(total, sizeof(float), &bytes))
        return INSTNORM_ERROR_SHAPE;
    return INSTNORM_OK;
}

/* The number of pools; 0 if the kind is unknown or the groups do not divide the channels. */
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
