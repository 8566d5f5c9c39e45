/*
 * What solve, invert, fit and measure_plane refuse: NULL, and each number of a struct, and each pair of them, that is not
 * finite, negative, or so large or small that the map is not finite; against the formulas in long double.
 */
#include "instnorm.h"
#include "support.h"

#include <float.h>
#include <string.h>

static const struct instnorm_affine untouched = {-7, 77};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const double values[] = {
    (double)NAN, (double)INFINITY, (double)-INFINITY, -1,     0, 1, DBL_TRUE_MIN, 1e-200, 1e-60, 1e60, 1e200,
    DBL_MAX,     -1e200,           -1e-200,           0x1p-52};

static bool all_finite(const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isfinite(x[i]))
            return false;
    return true;
}

/* A map is what the formula says; of large and small numbers, which may lose digits in double, it is finite or refused. */
static void require_map(enum instnorm_status status, const struct instnorm_affine *a, long double scale, long double shift,
                        long double size, bool moderate)
{
    if (status == INSTNORM_OK) {
        REQUIRE(isfinite(a->scale) && isfinite(a->shift), "the map is not finite");
        if (!moderate)
            return;
        REQUIRE_CLOSE(a->scale, scale, 1e-14L * fabsl(scale));
        REQUIRE_CLOSE(a->shift, shift, 1e-14L * size);
    } else {
        REQUIRE(status == INSTNORM_ERROR_OVERFLOW && !moderate, "status %d", (int)status);
        REQUIRE(memcmp(a, &untouched, sizeof untouched) == 0, "what is refused was written");
    }
}

static bool moderate(const double *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (x[i] != 0 && !(fabs(x[i]) >= 1e-61 && fabs(x[i]) <= 1e61))
            return false;
    return true;
}

/* ---- solve --------------------------------------------------------------------------------------------------------- */

/* weight, mean, m2, min, max; gamma, beta, eps, strength, unit_in, unit_out */
enum { WEIGHT, MEAN, M2, MIN, MAX, GAMMA, BETA, EPS, STRENGTH, UNIT_IN, UNIT_OUT, NUMBERS };

static void require_solved(const double v[NUMBERS])
{
    const struct instnorm_moments m = {v[WEIGHT], v[MEAN], v[M2], v[MIN], v[MAX], 0};
    const struct instnorm_target t = {v[GAMMA], v[BETA], v[EPS], v[STRENGTH], v[UNIT_IN], v[UNIT_OUT]};
    struct instnorm_affine a = untouched;
    enum instnorm_status status = instnorm_solve(&m, &t, &a);

    if (isnan(v[MIN]) || isnan(v[MAX]) || !all_finite(v, MIN) || !all_finite(v + GAMMA, NUMBERS - GAMMA) || v[WEIGHT] < 0 ||
        v[M2] < 0 || v[EPS] < 0 || v[UNIT_IN] <= 0 || v[UNIT_OUT] <= 0 || v[UNIT_IN] * v[UNIT_IN] == 0 ||
        !isfinite(v[UNIT_IN] * v[UNIT_IN])) {
        REQUIRE(status == INSTNORM_ERROR_NUMBER, "status %d", (int)status);
        REQUIRE(memcmp(&a, &untouched, sizeof a) == 0, "what is refused was written");
        return;
    }
    if (v[WEIGHT] == 0) {
        REQUIRE(status == INSTNORM_ERROR_EMPTY, "status %d", (int)status);
        return;
    }
    long double unit = v[UNIT_IN], mean = v[MEAN] / unit, variance = (long double)v[M2] / v[WEIGHT] / (unit * unit);
    long double under = variance + v[EPS], scale = v[MIN] == v[MAX] || under == 0 ? 0 : v[GAMMA] / sqrtl(under);
    long double shift = v[STRENGTH] * (v[BETA] - mean * scale) * v[UNIT_OUT];
    long double size = fabsl(v[STRENGTH] * (fabsl(v[BETA]) + fabsl(mean * scale)) * v[UNIT_OUT]);
    long double whole = (v[STRENGTH] * scale + (1 - v[STRENGTH])) * (v[UNIT_OUT] / unit);
    /* Where the strength cancels the scale the bound is that of its parts. */
    if (fabsl(whole) < 1e-3L * fabsl(v[UNIT_OUT] / unit) && v[STRENGTH] != 1)
        return;
    require_map(status, &a, whole, shift, size, moderate(v, NUMBERS) && fabsl(whole) < 1e300L && size < 1e300L);
}

START_TEST(solve_is_the_formula_or_refuses)
{
    const double good[NUMBERS] = {4, 3, 8, -1, 9, 0.25, 0.5, 1e-5, 1, 255, 1};
    for (size_t i = 0; i < NUMBERS; i++)
        for (size_t j = 0; j < NUMBERS; j++)
            for (size_t k = 0; k < COUNT(values) * COUNT(values); k++) {
                double v[NUMBERS];
                memcpy(v, good, sizeof v);
                v[i] = values[k / COUNT(values)];
                v[j] = values[k % COUNT(values)];
                require_solved(v);
            }
}
END_TEST

/* A variance that double cannot hold is not taken for none, or for an infinite one. */
START_TEST(variances_beyond_double_are_refused)
{
    const double unit_in[] = {1e-200, 1e-155, 1e155, 1e200, 1e-3, 1}, m2[] = {8, 8, 8, 8, DBL_MAX, DBL_MAX};
    const enum instnorm_status wanted[] = {INSTNORM_ERROR_NUMBER, INSTNORM_ERROR_OVERFLOW, INSTNORM_ERROR_NUMBER,
                                           INSTNORM_ERROR_NUMBER, INSTNORM_ERROR_OVERFLOW, INSTNORM_OK};
    for (size_t i = 0; i < COUNT(unit_in); i++) {
        const struct instnorm_moments m = {.weight = 4, .mean = 1, .m2 = m2[i], .min = 0, .max = 2};
        const struct instnorm_target t = {1, 0, 1, 1, unit_in[i], 1};
        struct instnorm_affine a = untouched;
        enum instnorm_status want = wanted[i];
        REQUIRE(instnorm_solve(&m, &t, &a) == want, "case %zu", i);
        REQUIRE((a.scale == untouched.scale) == (want != INSTNORM_OK), "case %zu: scale %g", i, a.scale);
    }
}
END_TEST

/* ---- invert and fit ------------------------------------------------------------------------------------------------ */

START_TEST(invert_is_the_formula_or_refuses)
{
    for (size_t k = 0; k < COUNT(values) * COUNT(values); k++) {
        const double v[] = {values[k / COUNT(values)], values[k % COUNT(values)]};
        const struct instnorm_affine map = {v[0], v[1]};
        struct instnorm_affine a = untouched;
        enum instnorm_status status = instnorm_invert(&map, &a);
        if (!all_finite(v, 2)) {
            REQUIRE(status == INSTNORM_ERROR_NUMBER, "status %d", (int)status);
        } else if (v[0] == 0) {
            REQUIRE(status == INSTNORM_ERROR_SINGULAR, "status %d", (int)status);
        } else if (status == INSTNORM_ERROR_OVERFLOW) {
            REQUIRE(!moderate(v, 2), "%g, %g has an inverse", v[0], v[1]);
        } else {
            require_map(status, &a, 1 / (long double)v[0], -v[1] / (long double)v[0], fabsl(v[1] / (long double)v[0]),
                        moderate(v, 2));
            continue;
        }
        REQUIRE(memcmp(&a, &untouched, sizeof a) == 0, "what is refused was written");
    }
}
END_TEST

/* weight, mean_x, mean_y, m2_x, c_xy */
static void require_fitted(const double v[5])
{
    const struct instnorm_comoments m = {v[0], v[1], v[2], v[3], v[4]};
    struct instnorm_affine a = untouched;
    enum instnorm_status status = instnorm_fit(&m, &a);

    if (!all_finite(v, 5) || v[0] < 0 || v[3] < 0 || v[0] == 0) {
        bool finite = all_finite(v, 5) && v[0] == 0 && v[3] >= 0;
        REQUIRE(status == (finite ? INSTNORM_ERROR_EMPTY : INSTNORM_ERROR_NUMBER), "status %d", (int)status);
        REQUIRE(memcmp(&a, &untouched, sizeof a) == 0, "what is refused was written");
        return;
    }
    long double scale = v[3] > 0 ? (long double)v[4] / v[3] : 0;
    require_map(status, &a, scale, v[2] - scale * v[1], fabsl(v[2]) + fabsl(scale * v[1]), moderate(v, 5));
}

START_TEST(fit_is_the_formula_or_refuses)
{
    const double good[] = {4, 3, 2, 8, -6};
    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < 5; j++)
            for (size_t k = 0; k < COUNT(values) * COUNT(values); k++) {
                double v[5];
                memcpy(v, good, sizeof v);
                v[i] = values[k / COUNT(values)];
                v[j] = values[k % COUNT(values)];
                require_fitted(v);
            }
}
END_TEST

/* ---- NULL, and planes ---------------------------------------------------------------------------------------------- */

START_TEST(null_is_refused)
{
    const struct instnorm_target t = {1, 0, 0, 1, 1, 1};
    const struct instnorm_comoments pairs = {2, 0, 0, 1, 1};
    const float x[] = {1, 3};
    struct instnorm_moments m, before;
    struct instnorm_affine a = untouched;

    instnorm_measure(x, NULL, 2, &m);
    before = m;
    for (int missing = 1; missing < 8; missing++)
        ck_assert_int_eq(instnorm_solve(missing & 1 ? NULL : &m, missing & 2 ? NULL : &t, missing & 4 ? NULL : &a),
                         INSTNORM_ERROR_NULL);
    for (int missing = 1; missing < 4; missing++) {
        ck_assert_int_eq(instnorm_invert(missing & 1 ? NULL : &a, missing & 2 ? NULL : &a), INSTNORM_ERROR_NULL);
        ck_assert_int_eq(instnorm_fit(missing & 1 ? NULL : &pairs, missing & 2 ? NULL : &a), INSTNORM_ERROR_NULL);
        ck_assert_int_eq(instnorm_measure_plane(missing & 1 ? NULL : x, 1, 2, 2, missing & 2 ? NULL : &m),
                         INSTNORM_ERROR_NULL);
    }
    ck_assert_int_eq(instnorm_measure_plane(NULL, 0, 2, 2, &m), INSTNORM_ERROR_NULL);
    ck_assert(memcmp(&a, &untouched, sizeof a) == 0);
    require_same_moments(&m, &before);
}
END_TEST

START_TEST(planes_are_checked_against_what_they_need)
{
    const float x[] = {1, 3, 5, 7, 9, 11, 13};
    const size_t most = SIZE_MAX / sizeof *x;
    enum { SHAPE = INSTNORM_ERROR_SHAPE, SIZE = INSTNORM_ERROR_SIZE, OVERLAP = INSTNORM_ERROR_OVERLAP };
    /* h, w, stride, and the status */
    const size_t plane[][4] = {{1, 3, 0, 0},
                               {1, 3, 2, 0},
                               {1, 3, SIZE_MAX, 0},
                               {2, 3, 3, 0},
                               {2, 3, 4, 0},
                               {2, 3, 2, OVERLAP},
                               {2, 3, 0, OVERLAP},
                               {0, 3, 3, SHAPE},
                               {2, 0, 3, SHAPE},
                               {0, SIZE_MAX, 1, SHAPE},
                               {1, most + 1, most + 1, SIZE},
                               {2, 3, most - 2, SIZE},
                               {most, 3, 3, SIZE},
                               {SIZE_MAX, 1, 1, SIZE},
                               {SIZE_MAX / 2 + 2, 2, 2, SIZE}};
    for (size_t i = 0; i < COUNT(plane); i++) {
        struct instnorm_moments m, before;
        instnorm_moments_clear(&m);
        before = m;
        enum instnorm_status want = (enum instnorm_status)plane[i][3];
        REQUIRE(instnorm_measure_plane(x, plane[i][0], plane[i][1], plane[i][2], &m) == want, "plane %zu", i);
        if (want != INSTNORM_OK)
            require_same_moments(&m, &before);
        else
            REQUIRE(m.weight == (double)(plane[i][0] * plane[i][1]) && m.min == 1, "plane %zu has other moments", i);
    }
}
END_TEST

SUITE(numbers)
{
    TCase *numbers = tcase_create("numbers");
    tcase_add_test(numbers, solve_is_the_formula_or_refuses);
    tcase_add_test(numbers, variances_beyond_double_are_refused);
    tcase_add_test(numbers, invert_is_the_formula_or_refuses);
    tcase_add_test(numbers, fit_is_the_formula_or_refuses);
    tcase_add_test(numbers, null_is_refused);
    tcase_add_test(numbers, planes_are_checked_against_what_they_need);
    suite_add_tcase(suite, numbers);
}
