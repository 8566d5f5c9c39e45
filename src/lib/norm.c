/* Tensors [N, C, H, W]: every kind of normalization from one loop over pools of planes. */
#include "exact.h"

#include "instnorm.h"
#include "moments.h"
#include "pool.h"

#include <math.h>

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
            instnorm_private_measure(x + plane_at(s, n, c), s->h, s->w, s->stride_h, m);
}

static struct instnorm_target target_of(const float *gamma, const float *beta, size_t c, double eps)
{
    return (struct instnorm_target){.gamma = gamma ? (double)gamma[c] : 1,
                                    .beta = beta ? (double)beta[c] : 0,
                                    .eps = eps,
                                    .strength = 1,
                                    .unit_in = 1,
                                    .unit_out = 1};
}

/* Solves for each channel of the pool and applies to its planes. */
static enum instnorm_status apply_pool(const struct instnorm_shape *s, const struct pool *p, const float *x,
                                       const float *gamma, const float *beta, double eps, const struct instnorm_moments *m,
                                       float *y)
{
    for (size_t c = p->c0; c < p->c1; c++) {
        struct instnorm_target target = target_of(gamma, beta, c, eps);
        struct instnorm_affine a;
        enum instnorm_status status = instnorm_solve(m, &target, &a);
        if (status != INSTNORM_OK)
            return status;
        for (size_t n = p->n0; n < p->n1; n++)
            apply_plane(s, x + plane_at(s, n, c), &a, y + plane_at(s, n, c));
    }
    return INSTNORM_OK;
}

enum instnorm_status instnorm_forward(enum instnorm_kind kind, size_t groups, const struct instnorm_shape *shape,
                                      const float *x, const float *gamma, const float *beta, double eps, float *y,
                                      double *mean, double *rstd)
{
    struct instnorm_shape s;
    size_t pools;

    if (!shape || !x || !y)
        return INSTNORM_ERROR_NULL;
    if (!is_kind(kind))
        return INSTNORM_ERROR_KIND;
    if (!is_eps(eps))
        return INSTNORM_ERROR_NUMBER;
    enum instnorm_status status = resolve(kind, groups, shape, &s, &pools);
    if (status != INSTNORM_OK)
        return status;
    if (!all_finite(gamma, s.c) || !all_finite(beta, s.c))
        return INSTNORM_ERROR_NUMBER;

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

/* The map of channel c with statistics that are given. */
static enum instnorm_status solve_given(const double *mean, const double *variance, const float *gamma, const float *beta,
                                        size_t c, double eps, struct instnorm_affine *a)
{
    struct instnorm_target target = target_of(gamma, beta, c, eps);
    struct instnorm_moments m;
    instnorm_moments_given(mean[c], variance[c], &m);
    return instnorm_solve(&m, &target, a);
}

/* Every map is solved before the first is applied, so that what is refused is not half done. */
enum instnorm_status instnorm_inference(const struct instnorm_shape *shape, const float *x, const double *mean,
                                        const double *variance, const float *gamma, const float *beta, double eps, float *y)
{
    struct instnorm_shape s;
    struct instnorm_affine a;

    if (!shape || !x || !y || !mean || !variance)
        return INSTNORM_ERROR_NULL;
    if (!is_eps(eps))
        return INSTNORM_ERROR_NUMBER;
    enum instnorm_status status = resolve_shape(shape, &s);
    if (status != INSTNORM_OK)
        return status;
    if (!all_at_least(mean, s.c, -INFINITY) || !all_at_least(variance, s.c, 0) || !all_finite(gamma, s.c) ||
        !all_finite(beta, s.c))
        return INSTNORM_ERROR_NUMBER;
    for (size_t c = 0; status == INSTNORM_OK && c < s.c; c++)
        status = solve_given(mean, variance, gamma, beta, c, eps, &a);
    for (size_t c = 0; status == INSTNORM_OK && c < s.c; c++) {
        status = solve_given(mean, variance, gamma, beta, c, eps, &a);
        for (size_t n = 0; n < s.n; n++)
            apply_plane(&s, x + plane_at(&s, n, c), &a, y + plane_at(&s, n, c));
    }
    return status;
}
