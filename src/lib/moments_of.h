/*
 * The measure of a run, for moments.c to include once for each type of its samples: REAL is the type, NAMED(f) what f is
 * called for it. Not a header like others: it defines functions.
 */
#ifndef REAL
#error "included by moments.c alone"
#endif

KERNEL void NAMED(sum_lanes)(const REAL *x, size_t n, double *restrict lane)
{
    double s[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
        for (size_t l = 0; l < LANES; l++)
            s[l] += (double)x[i + l];
    for (size_t l = 0; i + l < n; l++)
        s[l] += (double)x[i + l];
    memcpy(lane, s, sizeof s);
}

/*
 * The block is in the cache by now and memory is idle: the time goes into fetching what lies as far behind it, which most
 * often is the next block. It takes a third off the time for a plane that is not in the cache.
 */
KERNEL void NAMED(square_lanes)(const REAL *x, size_t n, double mean, double *restrict lane)
{
    double s[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= n; i += LANES) {
        __builtin_prefetch((const void *)((uintptr_t)(x + i) + n * sizeof *x));
        for (size_t l = 0; l < LANES; l++) {
            double d = (double)x[i + l] - mean;
            s[l] += d * d;
        }
    }
    for (size_t l = 0; i + l < n; l++) {
        double d = (double)x[i + l] - mean;
        s[l] += d * d;
    }
    memcpy(lane, s, sizeof s);
}

/* Not unrolled by hand or compiler: gcc then sees that a lane is a vector element. */
KERNEL void NAMED(range_lanes)(const REAL *x, size_t n, REAL *restrict lo, REAL *restrict hi)
{
    REAL a[LANES], b[LANES];
    for (size_t l = 0; l < LANES; l++) {
        a[l] = INFINITY;
        b[l] = -INFINITY;
    }
    size_t i = 0;
    for (; i + LANES <= n; i += LANES)
#pragma GCC unroll 1
        for (size_t l = 0; l < LANES; l++) {
            a[l] = x[i + l] < a[l] ? x[i + l] : a[l];
            b[l] = x[i + l] > b[l] ? x[i + l] : b[l];
        }
    for (size_t l = 0; i + l < n; l++) {
        a[l] = x[i + l] < a[l] ? x[i + l] : a[l];
        b[l] = x[i + l] > b[l] ? x[i + l] : b[l];
    }
    memcpy(lo, a, sizeof a);
    memcpy(hi, b, sizeof b);
}

static void NAMED(set_range)(const REAL *x, size_t n, struct instnorm_moments *out)
{
    REAL lo[LANES], hi[LANES];
    NAMED(range_lanes)(x, n, lo, hi);
    for (size_t l = 0; l < LANES; l++)
        widen(out, (double)lo[l], (double)hi[l]);
}

/*
 * All samples of weight 1. False, and nothing is set, if one of them is not finite: floats cannot overflow a sum in double,
 * so that the sum tells. Doubles can, and have no moments then.
 */
static int NAMED(measure_plain)(const REAL *x, size_t n, struct instnorm_moments *out)
{
    double lane[LANES];
    NAMED(sum_lanes)(x, n, lane);
    double sum = add_lanes(lane);
    if (!isfinite(sum))
        return 0;
    out->weight = (double)n;
    out->mean = sum / out->weight;
    NAMED(square_lanes)(x, n, out->mean, lane);
    out->m2 = add_lanes(lane);
    return 1;
}

/* The weight that sample i counts with: 0 for one that is not finite. */
static double NAMED(weight_of)(const REAL *x, const float *weight, size_t i)
{
    if (!isfinite(x[i]))
        return 0;
    if (!weight)
        return 1;
    return weight[i] > 0 ? (double)weight[i] : 0;
}

/* Any samples, any weights; the lanes are those of measure_plain, so that weights of 1 give the same bits. */
static void NAMED(measure_weighted)(const REAL *x, const float *weight, size_t n, struct instnorm_moments *out)
{
    double w_lane[LANES] = {0}, x_lane[LANES] = {0}, d_lane[LANES] = {0};

    for (size_t i = 0; i < n; i++) {
        double w = NAMED(weight_of)(x, weight, i);
        out->skipped += isfinite(x[i]) ? 0 : 1;
        if (w == 0)
            continue;
        w_lane[i % LANES] += w;
        x_lane[i % LANES] += w * (double)x[i];
        widen(out, (double)x[i], (double)x[i]);
    }
    out->weight = add_lanes(w_lane);
    if (out->weight == 0)
        return;
    out->mean = add_lanes(x_lane) / out->weight;
    for (size_t i = 0; i < n; i++) {
        double w = NAMED(weight_of)(x, weight, i);
        double d = w == 0 ? 0 : (double)x[i] - out->mean;
        d_lane[i % LANES] += w * d * d;
    }
    out->m2 = add_lanes(d_lane);
}

static void NAMED(measure)(const REAL *x, const float *weight, size_t n, struct instnorm_moments *out)
{
    instnorm_moments_clear(out);
    if (n == 0)
        return;
    if ((!weight || all_one(weight, n)) && NAMED(measure_plain)(x, n, out))
        NAMED(set_range)(x, n, out);
    else
        NAMED(measure_weighted)(x, weight, n, out);
    out->min += 0.0; /* -0 becomes +0 */
    out->max += 0.0;
}
