/* Comoments and least squares, against a plain long double loop. */
#include "instnorm.h"
#include "support.h"

#include <float.h>
#include <string.h>

enum { BLOCK = INSTNORM_BLOCK };

static const size_t sizes[] = {1, 2, 15, 16, 17, 63, 4095, 4096};
enum { SIZES = sizeof sizes / sizeof *sizes };

static float x[BLOCK], y[BLOCK], weight[BLOCK];

static const struct instnorm_comoments nothing;

/* ---- the comoments by definition ----------------------------------------------------------------------------------- */

struct plain {
    long double weight, mean_x, mean_y, m2_x, m2_y, c_xy;
    long double size_x, size_y; /* the means of |x| and |y|, which rounding errors are measured by */
};

/* What pair i counts with; w is NULL for 1 each. */
static long double counts(const float *w, size_t i)
{
    if (!isfinite(x[i]) || !isfinite(y[i]) || (w && !(w[i] > 0)))
        return 0;
    return w ? w[i] : 1;
}

static struct plain plainly(const float *w, size_t n)
{
    struct plain p = {0};
    for (size_t i = 0; i < n; i++) {
        long double part = counts(w, i);
        if (part == 0)
            continue;
        p.weight += part;
        p.mean_x += part * x[i];
        p.mean_y += part * y[i];
        p.size_x += part * fabsf(x[i]);
        p.size_y += part * fabsf(y[i]);
    }
    if (p.weight == 0)
        return p;
    p.mean_x /= p.weight;
    p.mean_y /= p.weight;
    p.size_x /= p.weight;
    p.size_y /= p.weight;
    for (size_t i = 0; i < n; i++) {
        long double part = counts(w, i), dx = part == 0 ? 0 : x[i] - p.mean_x, dy = part == 0 ? 0 : y[i] - p.mean_y;
        p.m2_x += part * dx * dx;
        p.m2_y += part * dy * dy;
        p.c_xy += part * dx * dy;
    }
    return p;
}

/* Relative to the sums of magnitudes: of means those of the samples, of c_xy, by Cauchy and Schwarz, sqrt(m2_x m2_y). */
static void require_plain(const struct instnorm_comoments *m, const struct plain *p, long double part)
{
    long double lost_x = part * p->size_x, lost_y = part * p->size_y; /* what the error of the means adds to each sample */
    REQUIRE_NEAR(m->weight, p->weight, part);
    REQUIRE_CLOSE(m->mean_x, p->mean_x, lost_x);
    REQUIRE_CLOSE(m->mean_y, p->mean_y, lost_y);
    REQUIRE_CLOSE(m->m2_x, p->m2_x, part * p->m2_x + p->weight * lost_x * lost_x);
    REQUIRE_CLOSE(m->c_xy, p->c_xy, part * sqrtl(p->m2_x * p->m2_y) + p->weight * lost_x * lost_y);
}

static struct instnorm_comoments measured(const float *w, size_t n)
{
    struct instnorm_comoments m;
    memset(&m, 0xff, sizeof m);
    instnorm_measure_pairs(x, y, w, n, &m);
    return m;
}

static void require_measured(const float *w, size_t n)
{
    struct instnorm_comoments m = measured(w, n);
    struct plain p = plainly(w, n);
    require_plain(&m, &p, 1e-13L);
}

static void require_same(const struct instnorm_comoments *a, const struct instnorm_comoments *b)
{
    REQUIRE(memcmp(a, b, sizeof *a) == 0, "%a %a %a %a %a, not %a %a %a %a %a", a->weight, a->mean_x, a->mean_y, a->m2_x,
            a->c_xy, b->weight, b->mean_x, b->mean_y, b->m2_x, b->c_xy);
}

/* y is x times the slope, and noise. */
static void fill_pairs(struct random *r, double mean, double slope, double noise, size_t n)
{
    random_floats(r, mean, 2, x, n);
    random_floats(r, 1, noise, y, n);
    for (size_t i = 0; i < n; i++)
        y[i] += (float)slope * x[i];
}

static void fill_weights(struct random *r, size_t n)
{
    for (size_t i = 0; i < n; i++)
        weight[i] = (float)random_unit(r);
}

/* ---- measure ------------------------------------------------------------------------------------------------------- */

START_TEST(no_pairs_are_all_0)
{
    struct instnorm_comoments m;
    memset(&m, 0xff, sizeof m);
    instnorm_measure_pairs(NULL, NULL, NULL, 0, &m);
    require_same(&m, &nothing);
}
END_TEST

START_TEST(pairs_follow_the_reference)
{
    struct random r = {81};
    for (size_t i = 0; i < SIZES; i++)
        for (int round = 0; round < 8; round++) {
            fill_pairs(&r, 10 * random_normal(&r), random_normal(&r), 1 + round, sizes[i]);
            fill_weights(&r, sizes[i]);
            require_measured(NULL, sizes[i]);
            require_measured(weight, sizes[i]);
        }
}
END_TEST

START_TEST(means_far_from_0_cost_no_precision)
{
    struct random r = {82};
    for (size_t i = 0; i < SIZES; i++) {
        fill_pairs(&r, 1e6, -3, 1, sizes[i]);
        fill_weights(&r, sizes[i]);
        require_measured(NULL, sizes[i]);
        require_measured(weight, sizes[i]);
    }
}
END_TEST

/* Of x beside itself they are the moments, lanes and all. */
START_TEST(pairs_are_added_as_samples_are)
{
    struct random r = {83};
    for (size_t n = 1; n <= BLOCK; n = n < 70 ? n + 1 : n * 2 - 65) {
        struct instnorm_moments m;
        struct instnorm_comoments got;
        random_floats(&r, 5, 3, x, n);
        instnorm_measure(x, NULL, n, &m);
        instnorm_measure_pairs(x, x, NULL, n, &got);
        struct instnorm_comoments want = {m.weight, m.mean, m.mean, m.m2, m.m2};
        require_same(&got, &want);
    }
}
END_TEST

START_TEST(pairs_that_are_not_finite_are_left_out)
{
    struct random r = {84};
    const float odd[] = {NAN, INFINITY, -INFINITY, -NAN};
    for (size_t i = 0; i < SIZES; i++) {
        size_t n = sizes[i], left = n;
        fill_pairs(&r, 3, 0.5, 1, n);
        fill_weights(&r, n);
        for (size_t k = 0; k < n; k++) {
            bool bad_x = random_below(&r, 5) == 0, bad_y = random_below(&r, 5) == 0;
            left -= bad_x || bad_y;
            x[k] = bad_x ? odd[k % 4] : x[k];
            y[k] = bad_y ? odd[(k + 1) % 4] : y[k];
        }
        ck_assert(measured(NULL, n).weight == (double)left);
        require_measured(NULL, n);
        require_measured(weight, n);
    }
    fill(y, BLOCK, NAN);
    struct instnorm_comoments m = measured(NULL, BLOCK);
    require_same(&m, &nothing);
}
END_TEST

START_TEST(pairs_without_weight_are_left_out)
{
    struct random r = {85};
    const float none[] = {0, -0.0f, -1, NAN, -INFINITY};
    fill_pairs(&r, 3, 0.5, 1, BLOCK);
    for (size_t k = 0; k < BLOCK; k++) {
        weight[k] = 0.5f;
        if (random_below(&r, 3) == 0) {
            weight[k] = none[k % 5];
            x[k] = y[k] = FLT_MAX;
        }
    }
    require_measured(weight, BLOCK);
    ck_assert(fabs(measured(weight, BLOCK).mean_x) < 10);
    fill(weight, BLOCK, 0);
    struct instnorm_comoments m = measured(weight, BLOCK);
    require_same(&m, &nothing);
}
END_TEST

/* ---- merge --------------------------------------------------------------------------------------------------------- */

START_TEST(merging_with_none_changes_no_bit)
{
    struct random r = {86};
    fill_pairs(&r, -1e3, 2, 1, 1000);
    struct instnorm_comoments m = measured(NULL, 1000), same = m, empty = nothing;
    instnorm_merge_pairs(&same, &nothing);
    require_same(&same, &m);
    instnorm_merge_pairs(&empty, &m);
    require_same(&empty, &m);
    empty = nothing;
    instnorm_merge_pairs(&empty, &nothing);
    require_same(&empty, &nothing);
}
END_TEST

enum { PARTS_MAX = 64 };

/* The comoments of x[0..n) and y[0..n) in parts of random sizes, some of them empty. */
static size_t measure_parts(struct random *r, const float *w, size_t n, struct instnorm_comoments *part)
{
    size_t parts = 0;
    for (size_t i = 0, size; i < n; i += size) {
        size = parts + 1 < PARTS_MAX ? random_below(r, n / 16) : n - i;
        size = size < n - i ? size : n - i;
        instnorm_measure_pairs(x + i, y + i, w ? w + i : NULL, size, &part[parts++]);
    }
    return parts;
}

START_TEST(parts_merge_to_the_whole)
{
    struct random r = {87};
    for (int round = 0; round < 40; round++) {
        const float *w = round % 2 ? weight : NULL;
        struct instnorm_comoments part[PARTS_MAX], forth = nothing, back = nothing, halves[2] = {nothing, nothing};
        fill_pairs(&r, round % 4 < 2 ? 5 : 1e5, random_normal(&r), 1, BLOCK);
        fill_weights(&r, BLOCK);
        struct plain p = plainly(w, BLOCK);
        size_t parts = measure_parts(&r, w, BLOCK, part);
        for (size_t i = 0; i < parts; i++) {
            instnorm_merge_pairs(&forth, &part[i]);
            instnorm_merge_pairs(&back, &part[parts - 1 - i]);
            instnorm_merge_pairs(&halves[i % 2], &part[i]);
        }
        instnorm_merge_pairs(&halves[1], &halves[0]);
        require_plain(&forth, &p, 1e-12L);
        require_plain(&back, &p, 1e-12L);
        require_plain(&halves[1], &p, 1e-12L);
    }
}
END_TEST

/* ---- fit ----------------------------------------------------------------------------------------------------------- */

static struct instnorm_affine fitted(const float *w, size_t n)
{
    struct instnorm_comoments m = measured(w, n);
    struct instnorm_affine a = {7, 7};
    REQUIRE(instnorm_fit(&m, &a) == INSTNORM_OK, "not fitted");
    return a;
}

START_TEST(no_pairs_have_no_fit)
{
    struct instnorm_comoments m = nothing;
    struct instnorm_affine a = {3, 4};
    ck_assert_int_eq(instnorm_fit(&m, &a), INSTNORM_ERROR_EMPTY);
    m.weight = (double)NAN;
    ck_assert_int_eq(instnorm_fit(&m, &a), INSTNORM_ERROR_NUMBER);
    ck_assert(a.scale == 3 && a.shift == 4);
}
END_TEST

/* Maps whose images of these x are floats. */
START_TEST(a_known_map_is_found)
{
    const struct instnorm_affine maps[] = {{1, 0}, {2, -3}, {-0.5, 7}, {-257, 65535}, {0, 5}, {0.0625, 0}};
    struct random r = {88};
    for (size_t k = 0; k < sizeof maps / sizeof *maps; k++)
        for (size_t i = 1; i < SIZES; i++) {
            for (size_t j = 0; j < sizes[i]; j++) {
                x[j] = (float)random_below(&r, 256);
                y[j] = (float)((double)x[j] * maps[k].scale + maps[k].shift);
            }
            x[0] = 256, y[0] = (float)(256 * maps[k].scale + maps[k].shift);
            fill_weights(&r, sizes[i]);
            for (int weighted = 0; weighted < 2; weighted++) {
                struct instnorm_affine a = fitted(weighted ? weight : NULL, sizes[i]);
                double size = fabs(maps[k].scale) + fabs(maps[k].shift) / 256;
                REQUIRE_CLOSE(a.scale, maps[k].scale, 1e-13L * size);
                REQUIRE_CLOSE(a.shift, maps[k].shift, 1e-13L * 256 * size);
            }
        }
}
END_TEST

/* Where the sum of squares is least its derivatives are 0: those by shift and by scale, of x about its mean. */
START_TEST(no_map_comes_closer)
{
    struct random r = {89};
    for (int round = 0; round < 40; round++) {
        const float *w = round % 2 ? weight : NULL;
        size_t n = sizes[2 + (size_t)round % 6];
        fill_pairs(&r, 20 * random_normal(&r), 4 * random_normal(&r), 1, n);
        fill_weights(&r, n);
        struct plain p = plainly(w, n);
        struct instnorm_affine a = fitted(w, n);
        long double by_shift = 0, by_scale = 0, size = p.size_y + fabsl((long double)a.scale) * p.size_x;
        for (size_t i = 0; i < n; i++) {
            long double rest = counts(w, i) * (y[i] - ((long double)a.scale * x[i] + a.shift));
            by_shift += rest;
            by_scale += rest * (x[i] - p.mean_x);
        }
        REQUIRE_CLOSE(by_shift, 0, 1e-13L * p.weight * size);
        REQUIRE_CLOSE(by_scale, 0, 1e-13L * p.weight * size * sqrtl(p.m2_x / p.weight));
    }
}
END_TEST

/* Whatever the weights, whose products with x are not exact, and in however many parts. */
START_TEST(a_constant_x_has_scale_0)
{
    struct random r = {90};
    for (int round = 0; round < 200; round++) {
        const float *w = round % 2 ? weight : NULL;
        struct instnorm_comoments part[PARTS_MAX], all = nothing;
        struct instnorm_affine a;
        fill(x, BLOCK, (float)random_normal(&r));
        random_floats(&r, 5, 3, y, BLOCK);
        fill_weights(&r, BLOCK);
        size_t parts = measure_parts(&r, w, BLOCK, part);
        for (size_t i = 0; i < parts; i++)
            instnorm_merge_pairs(&all, &part[i]);
        REQUIRE(instnorm_fit(&all, &a) == INSTNORM_OK, "not fitted");
        REQUIRE(a.scale == 0 && a.shift == all.mean_y, "%g, weights %d: %.17g x + %.17g", (double)x[0], w != NULL, a.scale,
                a.shift);
        REQUIRE_NEAR(a.shift, plainly(w, BLOCK).mean_y, 1e-13L);
    }
}
END_TEST

SUITE(fit)
{
    TCase *pairs = tcase_create("pairs"), *fit = tcase_create("fit");

    tcase_add_test(pairs, no_pairs_are_all_0);
    tcase_add_test(pairs, pairs_follow_the_reference);
    tcase_add_test(pairs, means_far_from_0_cost_no_precision);
    tcase_add_test(pairs, pairs_are_added_as_samples_are);
    tcase_add_test(pairs, pairs_that_are_not_finite_are_left_out);
    tcase_add_test(pairs, pairs_without_weight_are_left_out);
    tcase_add_test(pairs, merging_with_none_changes_no_bit);
    tcase_add_test(pairs, parts_merge_to_the_whole);
    tcase_add_test(fit, no_pairs_have_no_fit);
    tcase_add_test(fit, a_known_map_is_found);
    tcase_add_test(fit, no_map_comes_closer);
    tcase_add_test(fit, a_constant_x_has_scale_0);
    suite_add_tcase(suite, pairs);
    suite_add_tcase(suite, fit);
}
