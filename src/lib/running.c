/* Running statistics. */
#include "exact.h"

#include "instnorm.h"
#include "pool.h"

#include <math.h>

/* The average over the samples of the mean and the unbiased variance of channel c. */
static void average(enum instnorm_kind kind, const struct instnorm_shape *s, size_t c, const double *mean,
                    const double *rstd, double eps, double *mean_out, double *variance_out)
{
    size_t pools = kind == INSTNORM_BATCH ? 1 : s->n;
    double count = (double)s->h * (double)s->w * (kind == INSTNORM_BATCH ? (double)s->n : 1);
    double sum = 0, squares = 0;

    for (size_t n = 0; n < pools; n++) {
        double r = rstd[n * s->c + c], variance = r > 0 ? 1 / (r * r) - eps : 0;
        sum += mean[n * s->c + c];
        squares += variance > 0 ? variance : 0;
    }
    *mean_out = sum / (double)pools;
    *variance_out = squares / (double)pools * (count / (count - 1));
}

enum instnorm_status instnorm_running(enum instnorm_kind kind, const struct instnorm_shape *shape, const double *mean,
                                      const double *rstd, double eps, double momentum, double *running_mean,
                                      double *running_variance)
{
    struct instnorm_shape s;
    size_t pools;

    if (!shape || !mean || !rstd || !running_mean || !running_variance)
        return INSTNORM_ERROR_NULL;
    if (kind != INSTNORM_INSTANCE && kind != INSTNORM_BATCH)
        return INSTNORM_ERROR_KIND;
    if (!is_eps(eps) || !(momentum >= 0 && momentum <= 1))
        return INSTNORM_ERROR_NUMBER;
    enum instnorm_status status = resolve(kind, 0, shape, &s, &pools);
    if (status != INSTNORM_OK)
        return status;
    if (s.h * s.w * (kind == INSTNORM_BATCH ? s.n : 1) < 2)
        return INSTNORM_ERROR_SINGLE;
    if (!all_at_least(mean, pools, -INFINITY) || !all_at_least(rstd, pools, 0) ||
        !all_at_least(running_mean, s.c, -INFINITY) || !all_at_least(running_variance, s.c, 0))
        return INSTNORM_ERROR_NUMBER;
    for (size_t c = 0; c < s.c; c++) {
        double m, variance;
        average(kind, &s, c, mean, rstd, eps, &m, &variance);
        running_mean[c] = (1 - momentum) * running_mean[c] + momentum * m;
        running_variance[c] = (1 - momentum) * running_variance[c] + momentum * variance;
    }
    return INSTNORM_OK;
}
