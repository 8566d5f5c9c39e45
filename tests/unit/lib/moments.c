/* Measuring, against a plain long double loop. */
#include "instnorm.h"
#include "support.h"

#include <float.h>
#include <string.h>

enum { BLOCK = INSTNORM_BLOCK };

static const size_t sizes[] = {1, 2, 15, 16, 17, 63, 4095, 4096};
enum { SIZES = sizeof sizes / sizeof *sizes };

static void require_like_reference(const float *x, const float *weight, size_t n)
{
    struct instnorm_moments m;
    instnorm_measure(x, weight, n, &m);
    struct reference r = reference(x, weight, n);
    require_reference(&m, &r);
}

START_TEST(clear_is_the_moments_of_nothing)
{
    struct instnorm_moments m, none;
    memset(&m, 0xff, sizeof m);
    instnorm_moments_clear(&m);
    ck_assert(m.weight == 0 && m.mean == 0 && m.m2 == 0 && m.skipped == 0);
    ck_assert(m.min == (double)INFINITY && m.max == (double)-INFINITY);
    ck_assert(instnorm_variance(&m) == 0);
    instnorm_measure(NULL, NULL, 0, &none);
    require_same_moments(&m, &none);
}
END_TEST

START_TEST(measure_follows_the_reference)
{
    static float x[BLOCK];
    struct random r = {1};
    for (size_t i = 0; i < SIZES; i++)
        for (int round = 0; round < 8; round++) {
            random_floats(&r, 10 * random_normal(&r), 1 + round, x, sizes[i]);
            require_like_reference(x, NULL, sizes[i]);
        }
}
END_TEST

/* The order of summation is part of the contract: 16 lanes, then a halving tree. */
static double sum_of_lanes(const double *term, size_t n)
{
    double lane[16] = {0};
    for (size_t i = 0; i < n; i++)
        lane[i % 16] += term[i];
    for (size_t i = 0; i < 8; i++)
        lane[i] += lane[i + 8];
    for (size_t i = 0; i < 4; i++)
        lane[i] += lane[i + 4];
    return (lane[0] + lane[2]) + (lane[1] + lane[3]);
}

START_TEST(measure_adds_in_sixteen_lanes)
{
    static float x[BLOCK];
    static double term[BLOCK];
    struct random r = {2};
    for (size_t n = 1; n <= BLOCK; n = n < 70 ? n + 1 : n * 2 - 65) {
        random_floats(&r, 1, 1, x, n);
        for (size_t i = 0; i < n; i++)
            term[i] = (double)x[i];
        double mean = sum_of_lanes(term, n) / (double)n;
        for (size_t i = 0; i < n; i++) {
            volatile double d = (double)x[i] - mean, square = d * d; /* volatile: never fused */
            term[i] = square;
        }
        struct instnorm_moments m;
        instnorm_measure(x, NULL, n, &m);
        REQUIRE(m.mean == mean, "n %zu: mean %a, not %a", n, m.mean, mean);
        REQUIRE(m.m2 == sum_of_lanes(term, n), "n %zu: m2 %a, not %a", n, m.m2, sum_of_lanes(term, n));
    }
}
END_TEST

/* The moments are those without weights, `w` times. Where that product is exact only another order would show. */
static void check_equal_weights(float w, uint64_t seed)
{
    static float x[BLOCK], weight[BLOCK];
    struct random r = {seed};
    fill(weight, BLOCK, w);
    for (size_t i = 0; i < SIZES; i++) {
        struct instnorm_moments plain, weighted;
        random_floats(&r, 3, 2, x, sizes[i]);
        instnorm_measure(x, NULL, sizes[i], &plain);
        instnorm_measure(x, weight, sizes[i], &weighted);
        plain.weight *= (double)w;
        plain.m2 *= (double)w;
        require_same_moments(&plain, &weighted);
    }
}

START_TEST(weights_of_one_change_no_bit)
{
    check_equal_weights(1, 3);
}
END_TEST

START_TEST(weights_of_two_double)
{
    check_equal_weights(2, 4);
}
END_TEST

START_TEST(random_weights_follow_the_reference)
{
    static float x[BLOCK], weight[BLOCK];
    struct random r = {5};
    for (size_t i = 0; i < SIZES; i++)
        for (int round = 0; round < 8; round++) {
            random_floats(&r, 5, 3, x, sizes[i]);
            for (size_t k = 0; k < sizes[i]; k++)
                weight[k] = (float)random_unit(&r);
            require_like_reference(x, weight, sizes[i]);
        }
}
END_TEST

START_TEST(samples_without_weight_are_left_out)
{
    static float x[BLOCK], weight[BLOCK];
    struct random r = {6};
    const float none[] = {0, -0.0f, -1, NAN, -INFINITY};
    random_floats(&r, 5, 3, x, BLOCK);
    for (size_t i = 0; i < BLOCK; i++) {
        weight[i] = 1;
        if (random_below(&r, 3) == 0) {
            weight[i] = none[i % 5];
            x[i] = 1e9f;
        }
    }
    struct instnorm_moments m;
    instnorm_measure(x, weight, BLOCK, &m);
    ck_assert(m.weight < BLOCK && m.max < 100);
    require_like_reference(x, weight, BLOCK);

    fill(weight, BLOCK, 0);
    instnorm_measure(x, weight, BLOCK, &m);
    struct instnorm_moments nothing;
    instnorm_moments_clear(&nothing);
    require_same_moments(&m, &nothing);
}
END_TEST

START_TEST(what_is_not_finite_is_skipped_and_counted)
{
    static float x[BLOCK], weight[BLOCK];
    struct random r = {7};
    const float odd[] = {NAN, INFINITY, -INFINITY, -NAN};
    for (size_t i = 0; i < SIZES; i++) {
        size_t n = sizes[i], bad = 0;
        random_floats(&r, 5, 3, x, n);
        fill(weight, n, 0.5f);
        for (size_t k = 0; k < n; k++)
            if (random_below(&r, 4) == 0)
                x[k] = odd[bad++ % 4];
        require_like_reference(x, NULL, n);
        require_like_reference(x, weight, n);
        struct instnorm_moments m;
        instnorm_measure(x, NULL, n, &m);
        REQUIRE(m.skipped == bad && m.weight == (double)(n - bad), "%d of %d skipped", (int)m.skipped, (int)bad);
    }
    fill(x, 5, NAN);
    struct instnorm_moments m;
    instnorm_measure(x, NULL, 5, &m);
    ck_assert(m.skipped == 5 && m.weight == 0 && m.mean == 0 && m.m2 == 0);
    fill(weight, 5, 0);
    instnorm_measure(x, weight, 5, &m);
    ck_assert_msg(m.skipped == 5, "NaN counts with or without a weight");
}
END_TEST

/* One NaN behind the samples takes the slow path, which must give the bits of the fast one. */
START_TEST(the_slow_path_gives_the_same_bits)
{
    static float x[BLOCK + 1];
    struct random r = {8};
    for (size_t i = 0; i < SIZES; i++) {
        struct instnorm_moments fast, slow;
        random_floats(&r, 5, 3, x, sizes[i]);
        x[sizes[i]] = i % 2 ? NAN : INFINITY;
        instnorm_measure(x, NULL, sizes[i], &fast);
        instnorm_measure(x, NULL, sizes[i] + 1, &slow);
        REQUIRE(slow.skipped == 1, "not skipped");
        slow.skipped = 0;
        require_same_moments(&fast, &slow);
    }
}
END_TEST

START_TEST(a_constant_has_no_spread)
{
    static float x[BLOCK];
    const float values[] = {0, 1, 0.1f, -3.3333333f, 1234, 65535, 1e-30f, -1e30f, FLT_MAX, FLT_TRUE_MIN};
    for (size_t v = 0; v < sizeof values / sizeof *values; v++)
        for (size_t i = 0; i < SIZES; i++) {
            struct instnorm_moments m;
            fill(x, sizes[i], values[v]);
            instnorm_measure(x, NULL, sizes[i], &m);
            REQUIRE(m.m2 == 0 && m.mean == (double)values[v], "%zu of %g: mean %.17g, m2 %g", sizes[i], (double)values[v],
                    m.mean, m.m2);
            REQUIRE(m.min == m.mean && m.max == m.mean && instnorm_variance(&m) == 0, "%zu: range", sizes[i]);
        }
}
END_TEST

START_TEST(a_large_mean_costs_no_precision)
{
    static float x[BLOCK];
    struct random r = {9};
    for (size_t i = 0; i < SIZES; i++) {
        random_floats(&r, 1e6, 1, x, sizes[i]);
        require_like_reference(x, NULL, sizes[i]);
        random_floats(&r, -1e-3, 1e-9, x, sizes[i]);
        require_like_reference(x, NULL, sizes[i]);
    }
}
END_TEST

/* Which of two zeros comes first, or is the last, must not show: not in blocks, with weights, merged, nor in clip. */
START_TEST(a_zero_has_no_sign_in_a_range)
{
    const struct instnorm_affine same = {1, 0};
    for (size_t n = 1; n <= 40; n++)
        for (size_t i = 0; i < 8; i++) {
            float x[40], weight[40];
            struct instnorm_moments m[3];
            struct instnorm_clip clip = {0, 0, (double)INFINITY, (double)-INFINITY};
            for (size_t k = 0; k < n; k++) {
                x[k] = i == 0 || (i < 7 && (k * k + k / 7) % (i + 1) == 0) ? -0.0f : 0.0f;
                weight[k] = k % 3 ? 1 : 0.5f;
            }
            instnorm_measure(x, NULL, n, &m[0]);
            instnorm_measure(x, weight, n, &m[1]);
            m[2] = m[0];
            instnorm_merge(&m[2], &m[1]);
            for (size_t k = 0; k < 3; k++)
                REQUIRE(m[k].min == 0 && m[k].max == 0 && !signbit(m[k].min) && !signbit(m[k].max) && !signbit(m[k].mean),
                        "%zu samples, pattern %zu: %g to %g", n, i, m[k].min, m[k].max);
            instnorm_count_clipped(x, n, &same, 255, &clip);
            REQUIRE(clip.min == 0 && clip.max == 0 && !signbit(clip.min) && !signbit(clip.max), "clipped %g, %g", clip.min,
                    clip.max);
        }
}
END_TEST

START_TEST(the_ends_of_float_are_exact)
{
    static float x[BLOCK];
    for (size_t i = 0; i < BLOCK; i++)
        x[i] = i % 2 ? FLT_MAX : -FLT_MAX;
    struct instnorm_moments m;
    instnorm_measure(x, NULL, BLOCK, &m);
    ck_assert(m.mean == 0 && m.min == -(double)FLT_MAX && m.max == (double)FLT_MAX);
    REQUIRE_NEAR(instnorm_variance(&m), (long double)FLT_MAX * (long double)FLT_MAX, 1e-13L);

    for (size_t i = 0; i < BLOCK; i++)
        x[i] = FLT_TRUE_MIN * (float)(i % 5);
    instnorm_measure(x, NULL, 4095, &m);
    REQUIRE_NEAR(instnorm_variance(&m), 2 * (long double)FLT_TRUE_MIN * (long double)FLT_TRUE_MIN, 1e-12L);
    require_like_reference(x, NULL, 4095);
}
END_TEST

SUITE(moments)
{
    TCase *measure = tcase_create("measure");

    tcase_add_test(measure, clear_is_the_moments_of_nothing);
    tcase_add_test(measure, measure_follows_the_reference);
    tcase_add_test(measure, measure_adds_in_sixteen_lanes);
    tcase_add_test(measure, weights_of_one_change_no_bit);
    tcase_add_test(measure, weights_of_two_double);
    tcase_add_test(measure, random_weights_follow_the_reference);
    tcase_add_test(measure, samples_without_weight_are_left_out);
    tcase_add_test(measure, what_is_not_finite_is_skipped_and_counted);
    tcase_add_test(measure, the_slow_path_gives_the_same_bits);
    tcase_add_test(measure, a_constant_has_no_spread);
    tcase_add_test(measure, a_large_mean_costs_no_precision);
    tcase_add_test(measure, a_zero_has_no_sign_in_a_range);
    tcase_add_test(measure, the_ends_of_float_are_exact);
    suite_add_tcase(suite, measure);
}
