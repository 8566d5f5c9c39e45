/* Merging moments, and planes that are merged from blocks. */
#include "instnorm.h"
#include "support.h"

#include <stdlib.h>

enum { BLOCK = INSTNORM_BLOCK };

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
    require_same_moments(&sum, &m);
    sum = nothing;
    instnorm_merge(&sum, &m);
    require_same_moments(&sum, &m);
    sum = nothing;
    instnorm_merge(&sum, &nothing);
    require_same_moments(&sum, &nothing);

    instnorm_measure(&nan, NULL, 1, &skipped);
    sum = m;
    instnorm_merge(&sum, &skipped);
    ck_assert(sum.skipped == 2 && sum.mean == m.mean && sum.m2 == m.m2 && sum.weight == 3);
    instnorm_merge(&skipped, &m);
    require_same_moments(&sum, &skipped);
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
        require_same_moments(&got, &want);
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
    ck_assert_int_eq(instnorm_measure_plane(x, 2, 2, 1, &m), INSTNORM_ERROR_OVERLAP);
    require_same_moments(&m, &before);
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

SUITE(merge)
{
    TCase *merge = tcase_create("merge"), *planes = tcase_create("planes");

    tcase_add_test(merge, any_split_merges_to_the_whole);
    tcase_add_test(merge, weighted_parts_merge_to_the_whole);
    tcase_add_test(merge, merging_nothing_changes_nothing);
    tcase_add_test(merge, merging_a_constant_keeps_it_exact);
    tcase_add_test(planes, planes_keep_the_block_rule);
    tcase_add_test(planes, planes_are_merged_into_what_is_there);
    tcase_add_test(planes, bad_planes_are_refused);
    tcase_add_test(planes, block_rows_fill_a_block);
    suite_add_tcase(suite, merge);
    suite_add_tcase(suite, planes);
}
