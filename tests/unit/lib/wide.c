/* Moments and comoments of doubles: those of float where float holds the samples, and those of long double. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

enum { N = INSTNORM_BLOCK };

static struct instnorm_moments measured(const double *x, const float *weight, size_t n)
{
    struct instnorm_moments m;
    instnorm_measure_double(x, weight, n, &m);
    return m;
}

/* Runs of each length have the bits of the same floats, weighted or not, finite or not. */
START_TEST(floats_have_the_same_moments)
{
    struct random r = {80};
    static float x[N], weight[N];
    static double wide[N];
    for (size_t n = 0; n <= N; n = n < 70 ? n + 1 : n * 2)
        for (int kind = 0; kind < 4; kind++) {
            struct instnorm_moments of_float;
            const float *w = kind & 1 ? weight : NULL;
            for (size_t i = 0; i < n; i++) {
                x[i] = kind & 2 && i % 7 == 3 ? NAN : (float)(100 + random_normal(&r));
                weight[i] = (float)random_below(&r, 4) / 3;
                wide[i] = (double)x[i];
            }
            instnorm_measure(x, w, n, &of_float);
            struct instnorm_moments of_double = measured(wide, w, n);
            REQUIRE(memcmp(&of_float, &of_double, sizeof of_float) == 0, "%zu samples, kind %d", n, kind);
        }
}
END_TEST

/* What float would lose: a deviation of one in 10^12. */
START_TEST(doubles_keep_their_digits)
{
    struct random r = {81};
    static double x[N];
    static float weight[N];
    for (int weighted = 0; weighted < 2; weighted++) {
        long double sum = 0, squares = 0, all = 0;
        for (size_t i = 0; i < N; i++) {
            x[i] = 1e12 + random_normal(&r);
            weight[i] = weighted ? (float)random_unit(&r) : 1;
            all += (long double)weight[i];
            sum += (long double)weight[i] * (long double)(x[i] - 1e12);
        }
        long double mean = sum / all;
        for (size_t i = 0; i < N; i++)
            squares += (long double)weight[i] * ((long double)(x[i] - 1e12) - mean) * ((long double)(x[i] - 1e12) - mean);
        struct instnorm_moments m = measured(x, weighted ? weight : NULL, N);
        REQUIRE_CLOSE(m.mean, 1e12L + mean, 1e12L * 0x1p-51L);
        REQUIRE_CLOSE(m.m2 / m.weight, squares / all, 1e-7L);
        REQUIRE(m.min < 1e12 - 2 && m.max > 1e12 + 2, "%g to %g", m.min - 1e12, m.max - 1e12);
    }
}
END_TEST

START_TEST(what_is_not_finite_is_left_out)
{
    const double x[] = {1, NAN, 3, INFINITY, -INFINITY, -0.0};
    struct instnorm_moments m = measured(x, NULL, 6);
    ck_assert(m.weight == 3 && m.skipped == 3 && m.min == 0 && m.max == 3 && !signbit(m.min));
    ck_assert_double_eq_tol(m.mean, 4 / 3., 1e-15);
    const double large[] = {1.5e308, 1.5e308, -1};
    m = measured(large, NULL, 3);
    ck_assert(m.weight == 3 && m.skipped == 0 && !isfinite(m.mean) && m.max == 1.5e308);
}
END_TEST

START_TEST(pairs_of_floats_have_the_same_comoments)
{
    struct random r = {82};
    static float x[N], y[N], weight[N];
    static double wide_x[N], wide_y[N];
    for (size_t n = 0; n <= N; n = n < 70 ? n + 1 : n * 2)
        for (int weighted = 0; weighted < 2; weighted++) {
            struct instnorm_comoments of_float, of_double;
            for (size_t i = 0; i < n; i++) {
                wide_x[i] = (double)(x[i] = i % 9 == 5 ? NAN : (float)random_normal(&r));
                wide_y[i] = (double)(y[i] = (float)(3 + 2 * random_normal(&r)));
                weight[i] = (float)random_below(&r, 3);
            }
            instnorm_measure_pairs(x, y, weighted ? weight : NULL, n, &of_float);
            instnorm_measure_pairs_double(wide_x, wide_y, weighted ? weight : NULL, n, &of_double);
            REQUIRE(memcmp(&of_float, &of_double, sizeof of_float) == 0, "%zu pairs", n);
        }
}
END_TEST

/* y = 3 x + 1e9, where x is 1e9 and less than 1 to either side. */
START_TEST(pairs_keep_their_digits)
{
    struct random r = {83};
    static double x[N], y[N];
    struct instnorm_comoments pairs;
    struct instnorm_affine map;
    for (size_t i = 0; i < N; i++) {
        x[i] = 1e9 + ldexp((double)random_below(&r, 1u << 20), -20);
        y[i] = 3 * (x[i] - 1e9) + 1e9;
    }
    instnorm_measure_pairs_double(x, y, NULL, N, &pairs);
    ck_assert(instnorm_fit(&pairs, &map) == INSTNORM_OK);
    ck_assert_double_eq_tol(map.scale, 3, 1e-6);
}
END_TEST

SUITE(wide)
{
    TCase *moments = tcase_create("moments"), *pairs = tcase_create("pairs");

    tcase_add_test(moments, floats_have_the_same_moments);
    tcase_add_test(moments, doubles_keep_their_digits);
    tcase_add_test(moments, what_is_not_finite_is_left_out);
    tcase_add_test(pairs, pairs_of_floats_have_the_same_comoments);
    tcase_add_test(pairs, pairs_keep_their_digits);
    suite_add_tcase(suite, moments);
    suite_add_tcase(suite, pairs);
}
