/*
 * The backward pass of every kind, from one loop over pools of planes.
 *
 * With z = (x - mean) * rstd and y = z * gamma + beta, over a pool of M samples (S. Ioffe, C. Szegedy, arXiv:1502.03167,
 * section 3, with the sums written out):
 *
 *     dbeta = sum dy      dgamma = sum dy * z      over the samples of a channel
 *     dx = rstd * (g - sum(g) / M - z * sum(g * z) / M)      with g = gamma * dy, sums over the pool
 */
#include "exact.h"

#include "instnorm.h"
#include "moments.h"
#include "pool.h"

#include <math.h>
#include <string.h>

/* Sums over samples: of dy, and of dy * (x - mean). */
struct sums {
    double dy, dyx;
};

/* dx = dy * a + (x - mean) * b + c */
struct slope {
    double mean, a, b, c;
};

KERNEL void sum_lanes(const float *x, const float *dy, size_t n, double mean, double *restrict dy_lane,
                      double *restrict dyx_lane)
{
    double s[LANES] = {0}, t[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t l = 0; l < LANES; l++) {
            double d = (double)dy[i + l];
            s[l] += d;
            t[l] += d * ((double)x[i + l] - mean);
        }
    for (size_t l = 0; i + l < n; l++) {
        double d = (double)dy[i + l];
        s[l] += d;
        t[l] += d * ((double)x[i + l] - mean);
    }
    memcpy(dy_lane, s, sizeof s);
    memcpy(dyx_lane, t, sizeof t);
}

KERNEL void slope_run(const float *x, const float *dy, size_t n, double mean, double a, double b, double c, float *dx)
{
    for (size_t i = 0; i < n; i++)
        dx[i] = (float)((double)dy[i] * a + ((double)x[i] - mean) * b + c);
}

/* One block by the block rule (see instnorm.h): rows that do not adjoin are gathered. */
static void sum_block(const struct instnorm_shape *s, const float *x, const float *dy, size_t rows, size_t w, double mean,
                      struct sums *all)
{
    float x_run[INSTNORM_BLOCK], dy_run[INSTNORM_BLOCK];
    double dy_lane[LANES], dyx_lane[LANES];

    if (s->stride_h != w && rows > 1) {
        for (size_t y = 0; y < rows; y++) {
            memcpy(x_run + y * w, x + y * s->stride_h, w * sizeof *x_run);
            memcpy(dy_run + y * w, dy + y * s->stride_h, w * sizeof *dy_run);
        }
        x = x_run;
        dy = dy_run;
    }
    sum_lanes(x, dy, rows * w, mean, dy_lane, dyx_lane);
    all->dy += add_lanes(dy_lane);
    all->dyx += add_lanes(dyx_lane);
}

/* Floats cannot overflow these sums: one that is not finite has a sample that is not, and all that comes of it is NaN. */
static double or_nan(double sum)
{
    return isfinite(sum) ? sum : (double)NAN;
}

static struct sums sum_plane(const struct instnorm_shape *s, const float *x, const float *dy, double mean)
{
    size_t rows = instnorm_block_rows(s->w);
    struct sums all = {0, 0};

    for (size_t y = 0; y < s->h; y += rows)
        for (size_t left = 0; left < s->w; left += INSTNORM_BLOCK) {
            size_t at = y * s->stride_h + left;
            sum_block(s, x + at, dy + at, s->h - y < rows ? s->h - y : rows,
                      s->w - left < INSTNORM_BLOCK ? s->w - left : INSTNORM_BLOCK, mean, &all);
        }
    return (struct sums){or_nan(all.dy), or_nan(all.dyx)};
}

static void slope_plane(const struct instnorm_shape *s, const float *x, const float *dy, const struct slope *k, float *dx)
{
    if (s->stride_h == s->w) {
        slope_run(x, dy, s->h * s->w, k->mean, k->a, k->b, k->c, dx);
        return;
    }
    for (size_t y = 0; y < s->h; y++)
        slope_run(x + y * s->stride_h, dy + y * s->stride_h, s->w, k->mean, k->a, k->b, k->c, dx + y * s->stride_h);
}

/* The sums over a pool, each plane's times its gamma; the gradients of gamma and beta on the way. */
static struct sums sum_pool(const struct instnorm_shape *s, const struct pool *p, const float *x, const float *dy,
                            const float *gamma, double mean, double rstd, double *dgamma, double *dbeta)
{
    struct sums all = {0, 0};
    for (size_t n = p->n0; n < p->n1; n++)
        for (size_t c = p->c0; c < p->c1; c++) {
            struct sums plane = sum_plane(s, x + plane_at(s, n, c), dy + plane_at(s, n, c), mean);
            double g = gamma ? (double)gamma[c] : 1;
            all.dy += g * plane.dy;
            all.dyx += g * plane.dyx;
            if (dgamma)
                dgamma[c] += plane.dyx * rstd;
            if (dbeta)
                dbeta[c] += plane.dy;
        }
    return all;
}

static void slope_pool(const struct instnorm_shape *s, const struct pool *p, const float *x, const float *dy,
                       const float *gamma, double mean, double rstd, const struct sums *all, float *dx)
{
    double samples = (double)((p->n1 - p->n0) * (p->c1 - p->c0)) * (double)s->h * (double)s->w;
    struct slope k = {.mean = mean, .b = -rstd * rstd * rstd * all->dyx / samples, .c = -rstd * all->dy / samples};

    for (size_t n = p->n0; n < p->n1; n++)
        for (size_t c = p->c0; c < p->c1; c++) {
            k.a = rstd * (gamma ? (double)gamma[c] : 1);
            slope_plane(s, x + plane_at(s, n, c), dy + plane_at(s, n, c), &k, dx + plane_at(s, n, c));
        }
}

enum instnorm_status instnorm_backward(enum instnorm_kind kind, size_t groups, const struct instnorm_shape *shape,
                                       const float *x, const float *dy, const float *gamma, const double *mean,
                                       const double *rstd, float *dx, double *dgamma, double *dbeta)
{
    struct instnorm_shape s;
    size_t pools;

    if (!shape || !x || !dy || !mean || !rstd)
        return INSTNORM_ERROR_NULL;
    if (!is_kind(kind))
        return INSTNORM_ERROR_KIND;
    enum instnorm_status status = resolve(kind, groups, shape, &s, &pools);
    if (status != INSTNORM_OK)
        return status;
    if (!all_finite(gamma, s.c) || !all_at_least(mean, pools, -INFINITY) || !all_at_least(rstd, pools, 0))
        return INSTNORM_ERROR_NUMBER;

    for (size_t i = 0; i < pools; i++) {
        struct pool p = pool_at(kind, groups, &s, i);
        struct sums all = sum_pool(&s, &p, x, dy, gamma, mean[i], rstd[i], dgamma, dbeta);
        if (dx)
            slope_pool(&s, &p, x, dy, gamma, mean[i], rstd[i], &all, dx);
    }
    return INSTNORM_OK;
}
