/* Measuring and merging, against a plain long double loop. */
#include "instnorm.h"
#include "support.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = INSTNORM_BLOCK };

static const size_t sizes[] = {1, 2, 15, 16, 17, 63, 4095, 4096};
enum { SIZES = sizeof sizes / sizeof *sizes };

struct reference {
    long double weight, mean, m2, size; /* size: the mean of |x|, which rounding errors are measured by */
    double min, max;
    uint64_t skipped;
};

static long double counts(const float *x, const float *weight, size_t i)
{
    if (!isfinite(x[i]) || (weight && !(weight[i] > 0)))
        return 0;
    return weight ? (long double)weight[i] : 1;
}

static struct reference reference(const float *x, const float *weight, size_t n)
{
    struct reference r = {.min = (double)INFINITY, .max = (double)-INFINITY};
    for (size_t i = 0; i < n; i++) {
        long double w = counts(x, weight, i);
        r.skipped += isfinite(x[i]) ? 0 : 1;
        if (w == 0)
            continue;
        r.weight += w;
        r.mean += w * (long double)x[i];
        r.size += w * fabsl((long double)x[i]);
        r.min = (double)x[i] < r.min ? (double)x[i] : r.min;
        r.max = (double)x[i] > r.max ? (double)x[i] : r.max;
    }
    if (r.weight == 0)
        return r;
    r.mean /= r.weight;
    r.size /= r.weight;
    for (size_t i = 0; i < n; i++) {
        long double w = counts(x, weight, i);
        r.m2 += w == 0 ? 0 : w * ((long double)x[i] - r.mean) * ((long double)x[i] - r.mean);
    }
    return r;
}

/* The tolerance of m2 allows for the error of the mean, whose square each sample adds. */
static void require_reference(const struct instnorm_moments *m, const struct reference *r)
{
    long double off = 1e-13L * r->size;
    REQUIRE_NEAR(m->weight, r->weight, 1e-14L);
    REQUIRE_CLOSE(m->mean, r->mean, off);
    REQUIRE_CLOSE(m->m2, r->m2, 1e-12L * r->m2 + r->weight * off * off);
    REQUIRE(m->min == r->min && m->max == r->max, "range %g..%g, not %g..%g", m->min, m->max, r->min, r->max);
    REQUIRE(m->skipped == r->skipped, "skipped %d, not %d", (int)m->skipped, (int)r->skipped);
}

static void require_like_reference(const float *x, const float *weight, size_t n)
{
    struct instnorm_moments m;
    instnorm_measure(x, weight, n, &m);
    struct reference r = reference(x, weight, n);
    require_reference(&m, &r);
}

static void require_same_bits(const struct instnorm_moments *a, const struct instnorm_moments *b)
{
    REQUIRE(memcmp(a, b, sizeof *a) == 0, "moments differ: mean %.17g, m2 %.17g; mean %.17g, m2 %.17g", a->mean, a->m2,
            b->mean, b->m2);
}

static void fill(float *x, size_t n, float value)
{
    for (size_t i = 0; i < n; i++)
        x[i] = value;
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
    require_same_bits(&m, &none);
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

START_TEST(weights_of_one_change_no_bit)
{
    static float x[BLOCK], weight[BLOCK];
    struct random r = {3};
    fill(weight, BLOCK, 1);
    for (size_t i = 0; i < SIZES; i++) {
        struct instnorm_moments plain, weighted;
        random_floats(&r, 3, 2, x, sizes[i]);
        instnorm_measure(x, NULL, sizes[i], &plain);
        instnorm_measure(x, weight, sizes[i], &weighted);
        require_same_bits(&plain, &weighted);
    }
}
END_TEST

/* Doubling is exact, so only another order of summation would show. */
START_TEST(weights_of_two_double)
{
    static float x[BLOCK], weight[BLOCK];
    struct random r = {4};
    fill(weight, BLOCK, 2);
    for (size_t i = 0; i < SIZES; i++) {
        struct instnorm_moments plain, weighted;
        random_floats(&r, 3, 2, x, sizes[i]);
        instnorm_measure(x, NULL, sizes[i], &plain);
        instnorm_measure(x, weight, sizes[i], &weighted);
        plain.weight *= 2;
        plain.m2 *= 2;
        require_same_bits(&plain, &weighted);
    }
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
    require_same_bits(&m, &nothing);
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
        require_same_bits(&fast, &slow);
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

static void require_merged(const float *x, size_t n, size_t first, long double tolerance)
{
    struct instnorm_moments m, part;
    struct reference r = reference(x, NULL, n);
    instnorm_moments_clear(&m);
    for (size_t at = 0, step = first; at < n; at += step, step = 2 * step + 1) {
        step = step < n - at ? step : n - at;
        instnorm_measure(x + at, NULL, step, &part);
        instnorm_merge(&m, &part);
    }
    REQUIRE(m.weight == (double)r.weight && m.skipped == r.skipped, "split at %zu: weight or skipped", first);
    REQUIRE(m.min == r.min && m.max == r.max, "split at %zu: range", first);
    REQUIRE_CLOSE(m.mean, r.mean, 1e-12L * r.size);
    REQUIRE_NEAR(m.m2, r.m2, tolerance);
}

START_TEST(any_split_merges_to_the_whole)
{
    static float x[BLOCK];
    struct random r = {10};
    random_floats(&r, 2, 1, x, BLOCK);
    for (size_t first = 1; first <= 4096; first = first < 40 ? first + 1 : first * 2 - 16)
        require_merged(x, BLOCK, first, 1e-12L);
    x[5] = NAN;
    x[4000] = INFINITY;
    require_merged(x, BLOCK, 7, 1e-12L);
    random_floats(&r, 1e6, 1, x, BLOCK);
    require_merged(x, BLOCK, 33, 1e-9L);
}
END_TEST

START_TEST(weighted_parts_merge_to_the_whole)
{
    static float x[BLOCK], weight[BLOCK];
    struct random r = {11};
    random_floats(&r, 2, 1, x, BLOCK);
    for (size_t i = 0; i < BLOCK; i++)
        weight[i] = (float)random_unit(&r) - 0.1f;
    struct instnorm_moments a, b;
    instnorm_measure(x, weight, 1000, &a);
    instnorm_measure(x + 1000, weight + 1000, BLOCK - 1000, &b);
    instnorm_merge(&a, &b);
    struct reference whole = reference(x, weight, BLOCK);
    require_reference(&a, &whole);
}
END_TEST

START_TEST(merging_nothing_changes_nothing)
{
    float x[] = {1, 2, 4, NAN}, nan = NAN;
    struct instnorm_moments m, nothing, skipped, sum;
    instnorm_measure(x, NULL, 4, &m);
    instnorm_moments_clear(&nothing);

    sum = m;
    instnorm_merge(&sum, &nothing);
    require_same_bits(&sum, &m);
    sum = nothing;
    instnorm_merge(&sum, &m);
    require_same_bits(&sum, &m);
    sum = nothing;
    instnorm_merge(&sum, &nothing);
    require_same_bits(&sum, &nothing);

    instnorm_measure(&nan, NULL, 1, &skipped);
    sum = m;
    instnorm_merge(&sum, &skipped);
    ck_assert(sum.skipped == 2 && sum.mean == m.mean && sum.m2 == m.m2 && sum.weight == 3);
    instnorm_merge(&skipped, &m);
    require_same_bits(&sum, &skipped);
}
END_TEST

START_TEST(merging_a_constant_keeps_it_exact)
{
    float x[100];
    struct instnorm_moments m, part;
    fill(x, 100, 0.1f);
    instnorm_moments_clear(&m);
    for (size_t n = 1; n <= 100; n++) {
        instnorm_measure(x, NULL, n, &part);
        instnorm_merge(&m, &part);
    }
    ck_assert(m.mean == (double)0.1f && m.m2 == 0 && m.weight == 5050);
}
END_TEST

/* The block rule, written out. */
static struct instnorm_moments plane_by_blocks(const float *x, size_t h, size_t w, size_t stride)
{
    float *run = must_alloc(BLOCK * sizeof *run);
    struct instnorm_moments m, part;
    size_t rows = w >= BLOCK ? 1 : BLOCK / w;
    instnorm_moments_clear(&m);
    for (size_t top = 0; top < h; top += rows)
        for (size_t left = 0; left < w; left += BLOCK) {
            size_t n = 0;
            for (size_t i = top; i < top + rows && i < h; i++)
                for (size_t j = left; j < left + BLOCK && j < w; j++)
                    run[n++] = x[i * stride + j];
            instnorm_measure(run, NULL, n, &part);
            instnorm_merge(&m, &part);
        }
    free(run);
    return m;
}

START_TEST(planes_keep_the_block_rule)
{
    const size_t shape[][3] = {{1, 1, 1},       {1, 1, 9},       {3, 5, 5},       {300, 33, 33},     {300, 33, 40},
                               {2, 4095, 4095}, {3, 4096, 4100}, {2, 4097, 4097}, {3, 10000, 10001}, {5000, 1, 3}};
    struct random r = {12};
    for (size_t i = 0; i < sizeof shape / sizeof *shape; i++) {
        size_t h = shape[i][0], w = shape[i][1], stride = shape[i][2];
        float *x = must_alloc(h * stride * sizeof *x);
        random_floats(&r, 1, 2, x, h * stride);
        struct instnorm_moments got, want = plane_by_blocks(x, h, w, stride);
        instnorm_moments_clear(&got);
        ck_assert_int_eq(instnorm_measure_plane(x, h, w, stride, &got), INSTNORM_OK);
        require_same_bits(&got, &want);
        ck_assert(got.weight == (double)(h * w));
        free(x);
    }
}
END_TEST

START_TEST(planes_are_merged_into_what_is_there)
{
    const float x[] = {1, 2, 3, 4, 5, 6};
    struct instnorm_moments m;
    instnorm_moments_clear(&m);
    ck_assert_int_eq(instnorm_measure_plane(x, 1, 3, 3, &m), INSTNORM_OK);
    ck_assert_int_eq(instnorm_measure_plane(x + 3, 3, 1, 1, &m), INSTNORM_OK);
    struct reference r = reference(x, NULL, 6);
    require_reference(&m, &r);
}
END_TEST

START_TEST(bad_planes_are_refused)
{
    const float x[4] = {0};
    struct instnorm_moments m, before;
    instnorm_measure(x, NULL, 4, &before);
    m = before;
    ck_assert_int_eq(instnorm_measure_plane(x, 0, 2, 2, &m), INSTNORM_ERROR_SHAPE);
    ck_assert_int_eq(instnorm_measure_plane(x, 2, 0, 2, &m), INSTNORM_ERROR_SHAPE);
    ck_assert_int_eq(instnorm_measure_plane(x, 2, 2, 1, &m), INSTNORM_ERROR_SHAPE);
    require_same_bits(&m, &before);
}
END_TEST

START_TEST(block_rows_fill_a_block)
{
    const size_t want[][2] = {{1, 4096}, {2, 2048}, {3, 1365}, {2048, 2},    {2049, 1},
                              {4095, 1}, {4096, 1}, {4097, 1}, {SIZE_MAX, 1}};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++)
        ck_assert_uint_eq(instnorm_block_rows(want[i][0]), want[i][1]);
}
END_TEST

/* ncnn, pull request 874: the one-pass variance of these was negative. */
START_TEST(vector_g_tiny_constant)
{
    static float x[3136];
    fill(x, 3136, -2.77808977674856681365843268e-19f);
    struct instnorm_moments m;
    instnorm_measure(x, NULL, 3136, &m);
    ck_assert(instnorm_variance(&m) == 0);
    ck_assert(m.mean == (double)-2.77808977674856681365843268e-19f);
}
END_TEST

/* onnxruntime, issue 21935: 256 copies of 1234. */
START_TEST(vector_h_constant)
{
    float x[256];
    fill(x, 256, 1234);
    struct instnorm_moments m;
    instnorm_measure(x, NULL, 256, &m);
    ck_assert(m.mean == 1234 && m.m2 == 0 && m.min == m.max);
}
END_TEST

/* A variance that one pass in float loses; 4 % is five deviations of the variance of 32768 normal numbers. */
static void require_small_variance(uint64_t seed, double mean, double deviation)
{
    size_t n = 32768;
    float *x = must_alloc(n * sizeof *x);
    struct random r = {seed};
    struct instnorm_moments m;
    random_floats(&r, mean, deviation, x, n);
    instnorm_moments_clear(&m);
    ck_assert_int_eq(instnorm_measure_plane(x, 128, 256, 256, &m), INSTNORM_OK);
    struct reference want = reference(x, NULL, n);
    REQUIRE_NEAR(m.m2, want.m2, 1e-12L);
    REQUIRE_NEAR(instnorm_variance(&m), deviation * deviation, 0.04L);
    free(x);
}

/* pytorch, issue 40302; tt-metal, issue 45968; sherpa-onnx, issue 3853. */
START_TEST(vector_i_small_variance)
{
    require_small_variance(13, 100, 0.01);
    require_small_variance(14, 5, 0.1);
    require_small_variance(15, -15.94, 0.005);
}
END_TEST

Suite *moments_suite(void)
{
    Suite *suite = suite_create("moments");
    TCase *measure = tcase_create("measure"), *merge = tcase_create("merge"), *vectors = tcase_create("vectors");

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
    tcase_add_test(measure, the_ends_of_float_are_exact);
    tcase_add_test(merge, any_split_merges_to_the_whole);
    tcase_add_test(merge, weighted_parts_merge_to_the_whole);
    tcase_add_test(merge, merging_nothing_changes_nothing);
    tcase_add_test(merge, merging_a_constant_keeps_it_exact);
    tcase_add_test(merge, planes_keep_the_block_rule);
    tcase_add_test(merge, planes_are_merged_into_what_is_there);
    tcase_add_test(merge, bad_planes_are_refused);
    tcase_add_test(merge, block_rows_fill_a_block);
    tcase_add_test(vectors, vector_g_tiny_constant);
    tcase_add_test(vectors, vector_h_constant);
    tcase_add_test(vectors, vector_i_small_variance);
    suite_add_tcase(suite, measure);
    suite_add_tcase(suite, merge);
    suite_add_tcase(suite, vectors);
    return suite;
}
