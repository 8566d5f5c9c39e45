/* Comoments of pairs of samples, and the map of least squares between them. In lanes and blocks as the moments are. */
#include "exact.h"

#include "instnorm.h"
#include "moments.h"

#include <math.h>

/* WEIGHT_OF: the weight that pair i counts with. Rounding must not give a constant a deviation. */
#define MEASURE_PAIRS(NAME, WEIGHT_OF, REAL)                                                                               \
    static double WEIGHT_OF(const REAL *x, const REAL *y, const float *weight, size_t i)                                   \
    {                                                                                                                      \
        if (!isfinite(x[i]) || !isfinite(y[i]))                                                                            \
            return 0;                                                                                                      \
        if (!weight)                                                                                                       \
            return 1;                                                                                                      \
        return weight[i] > 0 ? (double)weight[i] : 0;                                                                      \
    }                                                                                                                      \
                                                                                                                           \
    void NAME(const REAL *x, const REAL *y, const float *weight, size_t n, struct instnorm_comoments *out)                 \
    {                                                                                                                      \
        double w_lane[LANES] = {0}, x_lane[LANES] = {0}, y_lane[LANES] = {0}, xx_lane[LANES] = {0}, xy_lane[LANES] = {0};  \
        double low = INFINITY, high = -INFINITY;                                                                           \
                                                                                                                           \
        *out = (struct instnorm_comoments){0};                                                                             \
        for (size_t i = 0; i < n; i++) {                                                                                   \
            double w = WEIGHT_OF(x, y, weight, i);                                                                         \
            w_lane[i % LANES] += w;                                                                                        \
            x_lane[i % LANES] += w > 0 ? w * (double)x[i] : 0;                                                             \
            y_lane[i % LANES] += w > 0 ? w * (double)y[i] : 0;                                                             \
            low = w > 0 && (double)x[i] < low ? (double)x[i] : low;                                                        \
            high = w > 0 && (double)x[i] > high ? (double)x[i] : high;                                                     \
        }                                                                                                                  \
        out->weight = add_lanes(w_lane);                                                                                   \
        if (out->weight == 0)                                                                                              \
            return;                                                                                                        \
        out->mean_x = low == high ? low : add_lanes(x_lane) / out->weight;                                                 \
        out->mean_y = add_lanes(y_lane) / out->weight;                                                                     \
        for (size_t i = 0; i < n; i++) {                                                                                   \
            double w = WEIGHT_OF(x, y, weight, i);                                                                         \
            double dx = w > 0 ? (double)x[i] - out->mean_x : 0, dy = w > 0 ? (double)y[i] - out->mean_y : 0;               \
            xx_lane[i % LANES] += w * dx * dx;                                                                             \
            xy_lane[i % LANES] += w * dx * dy;                                                                             \
        }                                                                                                                  \
        out->m2_x = add_lanes(xx_lane);                                                                                    \
        out->c_xy = add_lanes(xy_lane);                                                                                    \
    }

MEASURE_PAIRS(instnorm_measure_pairs, weight_of_pair, float)
MEASURE_PAIRS(instnorm_measure_pairs_double, weight_of_pair_double, double)

/* P. Pébay: Formulas for robust, one-pass parallel computation of covariances and statistical moments, 2008. */
void instnorm_merge_pairs(struct instnorm_comoments *into, const struct instnorm_comoments *from)
{
    double weight = into->weight + from->weight;
    if (from->weight == 0)
        return;
    double dx = from->mean_x - into->mean_x, dy = from->mean_y - into->mean_y, part = from->weight / weight;
    into->m2_x += from->m2_x + dx * dx * (into->weight * part);
    into->c_xy += from->c_xy + dx * dy * (into->weight * part);
    into->mean_x += dx * part;
    into->mean_y += dy * part;
    into->weight = weight;
}

static int are_comoments(const struct instnorm_comoments *m)
{
    return isfinite(m->weight) && m->weight >= 0 && isfinite(m->mean_x) && isfinite(m->mean_y) && isfinite(m->m2_x) &&
           m->m2_x >= 0 && isfinite(m->c_xy);
}

enum instnorm_status instnorm_fit(const struct instnorm_comoments *m, struct instnorm_affine *out)
{
    if (!m || !out)
        return INSTNORM_ERROR_NULL;
    if (!are_comoments(m))
        return INSTNORM_ERROR_NUMBER;
    if (m->weight == 0)
        return INSTNORM_ERROR_EMPTY;
    double scale = m->m2_x > 0 ? m->c_xy / m->m2_x : 0, shift = m->mean_y - scale * m->mean_x;
    if (!isfinite(scale) || !isfinite(shift))
        return INSTNORM_ERROR_OVERFLOW;
    *out = (struct instnorm_affine){scale, shift};
    return INSTNORM_OK;
}
