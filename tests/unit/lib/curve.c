/* The roots, the logarithm and the exponential of the colour spaces, against libm. */
#include "lib/curve.h"

#include "support.h"

#include <float.h>

static double fifth_of_twelve(double x)
{
    return pow(x, 1 / 2.4);
}

static double power_2_4(double x)
{
    return pow(x, 2.4);
}

static const struct {
    double (*got)(double x);
    double (*want)(double x);
    double bound; /* measured: 4.4e-14, 3.0e-12, 3.7e-8 and 1.6e-10 */
} roots[] = {
    {curve_cbrt, cbrt, 2e-13},
    {curve_power24, power_2_4, 1e-11},
    {curve_root24, fifth_of_twelve, 5e-8},
    {curve_root24_fine, fifth_of_twelve, 2e-10},
};
enum { ROOTS = sizeof roots / sizeof *roots };

START_TEST(roots_follow_libm)
{
    for (size_t i = 0; i < ROOTS; i++)
        for (double x = 0x1p-126; x < (double)FLT_MAX; x *= 1.0003)
            REQUIRE_NEAR(roots[i].got(x), roots[i].want(x), roots[i].bound);
}
END_TEST

/* The numbers that pictures have, each float of a run of octaves being as likely as any other. */
START_TEST(roots_follow_libm_within_a_picture)
{
    struct random r = {61};
    for (size_t i = 0; i < ROOTS; i++)
        for (int round = 0; round < 200000; round++) {
            double x = ldexp(1 + random_unit(&r), (int)random_below(&r, 12) - 10);
            REQUIRE_NEAR(roots[i].got(x), roots[i].want(x), roots[i].bound);
        }
}
END_TEST

START_TEST(roots_of_the_ends)
{
    for (size_t i = 0; i < ROOTS; i++) {
        ck_assert(roots[i].got(0) == 0);
        ck_assert(isnan(roots[i].got((double)NAN)) && isnan(roots[i].got(-(double)NAN)));
        REQUIRE_CLOSE(roots[i].got((double)FLT_TRUE_MIN), 0, 1e-13L);
        REQUIRE_NEAR(roots[i].got((double)FLT_MAX), roots[i].want((double)FLT_MAX), roots[i].bound);
    }
}
END_TEST

START_TEST(logarithm_follows_libm)
{
    struct random r = {62};
    for (double x = 0x1p-126; x < 0x1p126; x *= 1.0001)
        REQUIRE_CLOSE(curve_log(x), log(x), 2e-12L);
    for (int round = 0; round < 200000; round++) {
        double x = ldexp(1 + random_unit(&r), (int)random_below(&r, 12) - 3);
        REQUIRE_CLOSE(curve_log(x), log(x), 2e-12L);
    }
    ck_assert(curve_log(1) == 0);
    ck_assert(isnan(curve_log((double)NAN)) && isnan(curve_log(-(double)NAN)));
}
END_TEST

START_TEST(exponential_follows_libm)
{
    for (double x = -87; x <= 88; x += 0x1.1p-11)
        REQUIRE_NEAR(curve_exp(x), exp(x), 3e-11L);
    ck_assert(curve_exp(0) == 1);
    ck_assert(isnan(curve_exp((double)NAN)) && isnan(curve_exp(-(double)NAN)));
}
END_TEST

START_TEST(exponential_stays_within_float)
{
    const double low[] = {-87.0001, -100, -1e9, -1e300, (double)-INFINITY};
    for (size_t i = 0; i < sizeof low / sizeof *low; i++) {
        ck_assert(curve_exp(low[i]) == curve_exp(-87) && curve_exp(low[i]) > 0);
        ck_assert(curve_exp(-low[i] + 1) == curve_exp(88) && curve_exp(88) < (double)FLT_MAX);
    }
}
END_TEST

SUITE(curve)
{
    TCase *cases = tcase_create("libm");

    tcase_add_test(cases, roots_follow_libm);
    tcase_add_test(cases, roots_follow_libm_within_a_picture);
    tcase_add_test(cases, roots_of_the_ends);
    tcase_add_test(cases, logarithm_follows_libm);
    tcase_add_test(cases, exponential_follows_libm);
    tcase_add_test(cases, exponential_stays_within_float);
    suite_add_tcase(suite, cases);
}
