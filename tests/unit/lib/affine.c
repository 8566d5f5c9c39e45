/* Solve, invert, apply, against long double. */
#include "instnorm.h"
#include "support.h"

#include <float.h>
#include <string.h>

static struct instnorm_target target(double gamma, double beta, double eps)
{
    return (struct instnorm_target){.gamma = gamma, .beta = beta, .eps = eps, .strength = 1, .unit_in = 1, .unit_out = 1};
}

static struct instnorm_moments moments(double weight, double mean, double variance)
{
    double reach = 2 * sqrt(variance);
    return (struct instnorm_moments){
        .weight = weight, .mean = mean, .m2 = variance * weight, .min = mean - reach, .max = mean + reach};
}

/* ---- solve ------------------------------------------------------------------------------------------------------ */

struct exact {
    long double scale, shift, size; /* size: of what the shift is a sum of */
};

static struct exact formula(const struct instnorm_moments *m, const struct instnorm_target *t)
{
    long double unit = t->unit_in, mean = m->mean / unit, variance = (long double)m->m2 / m->weight / (unit * unit);
    long double scale = t->gamma / sqrtl(variance + t->eps);
    return (struct exact){.scale = (t->strength * scale + (1 - t->strength)) * (t->unit_out / unit),
                          .shift = t->strength * (t->beta - mean * scale) * t->unit_out,
                          .size = t->strength * (fabsl(t->beta) + fabsl(mean * scale)) * t->unit_out};
}

static void require_formula(const struct instnorm_moments *m, const struct instnorm_target *t)
{
    struct instnorm_affine a;
    struct exact want = formula(m, t);
    REQUIRE(instnorm_solve(m, t, &a) == INSTNORM_OK, "not solved");
    REQUIRE_NEAR(a.scale, want.scale, 1e-14L);
    REQUIRE_CLOSE(a.shift, want.shift, 1e-14L * want.size);
}

START_TEST(solve_is_the_formula)
{
    const double units[] = {1, 255, 65535};
    struct random r = {20};
    for (int round = 0; round < 500; round++) {
        struct instnorm_target t = {.gamma = 3 * random_unit(&r),
                                    .beta = random_normal(&r),
                                    .eps = round % 3 ? 1e-5 : 0,
                                    .strength = round % 4 ? random_unit(&r) : 1,
                                    .unit_in = units[round % 3],
                                    .unit_out = units[round / 3 % 3]};
        struct instnorm_moments m =
            moments(1 + (double)random_below(&r, 100000), random_unit(&r) * t.unit_in, t.unit_in * random_unit(&r) + 1e-9);
        require_formula(&m, &t);
    }
}
END_TEST

START_TEST(solve_by_hand)
{
    struct instnorm_moments m = moments(4, 51, 51 * 51);
    struct instnorm_target t = {.gamma = 0.25, .beta = 0.5, .strength = 1, .unit_in = 255, .unit_out = 65535};
    struct instnorm_affine a;
    ck_assert_int_eq(instnorm_solve(&m, &t, &a), INSTNORM_OK);
    /* mean and deviation are both 0.2: y = 1.25 x + 0.25, in units of 255 and 65535 */
    REQUIRE_NEAR(a.scale, 1.25L * 257, 1e-14L);
    REQUIRE_NEAR(a.shift, 0.25L * 65535, 1e-13L);
}
END_TEST

START_TEST(strength_0_is_the_identity)
{
    struct random r = {21};
    const double units[] = {1, 255, 65535};
    for (int round = 0; round < 100; round++) {
        struct instnorm_target t = target(random_unit(&r), 0, 0);
        struct instnorm_moments m = moments(100, random_normal(&r), random_unit(&r));
        struct instnorm_affine a;
        t.beta = random_normal(&r);
        t.strength = 0;
        t.unit_in = t.unit_out = units[round % 3];
        REQUIRE(instnorm_solve(&m, &t, &a) == INSTNORM_OK, "not solved");
        REQUIRE(a.scale == 1 && a.shift == 0, "%.17g x + %.17g", a.scale, a.shift);
    }
}
END_TEST

START_TEST(strength_one_half_is_halfway)
{
    struct instnorm_moments m = moments(100, 3, 4);
    struct instnorm_target t = target(3, 7, 0);
    struct instnorm_affine full, half;
    ck_assert_int_eq(instnorm_solve(&m, &t, &full), INSTNORM_OK);
    t.strength = 0.5;
    ck_assert_int_eq(instnorm_solve(&m, &t, &half), INSTNORM_OK);
    ck_assert(full.scale == 1.5 && full.shift == 2.5);
    ck_assert(half.scale == 1.25 && half.shift == 1.25);
}
END_TEST

static struct instnorm_moments constant(float value)
{
    float x[37];
    struct instnorm_moments m;
    fill(x, 37, value);
    instnorm_measure(x, NULL, 37, &m);
    return m;
}

START_TEST(a_constant_becomes_beta)
{
    const float values[] = {0, 0.1f, 1234, -FLT_MAX, FLT_TRUE_MIN};
    const double eps[] = {0, 1e-5, 1};
    for (size_t i = 0; i < 5; i++)
        for (size_t e = 0; e < 3; e++) {
            struct instnorm_moments m = constant(values[i]);
            struct instnorm_target t = target(1000, 0.3, eps[e]);
            struct instnorm_affine a;
            float y;
            ck_assert_int_eq(instnorm_solve(&m, &t, &a), INSTNORM_OK);
            ck_assert(a.scale == 0 && a.shift == 0.3);
            instnorm_apply(values + i, 1, &a, &y);
            ck_assert(y == 0.3f);
        }
}
END_TEST

/* Given statistics (a deviation of 0) need not come with a range that says so. */
START_TEST(no_variance_and_no_eps_becomes_beta)
{
    struct instnorm_moments m = {.weight = 9, .mean = 5, .m2 = 0, .min = 0, .max = 10};
    struct instnorm_target t = target(1, 2, 0);
    struct instnorm_affine a;
    ck_assert_int_eq(instnorm_solve(&m, &t, &a), INSTNORM_OK);
    ck_assert(a.scale == 0 && a.shift == 2);
    t.eps = 0.25;
    ck_assert_int_eq(instnorm_solve(&m, &t, &a), INSTNORM_OK);
    ck_assert(a.scale == 2 && a.shift == 2 - 10);
}
END_TEST

START_TEST(solve_refuses_bad_targets)
{
    const struct instnorm_target standard = target(1, 0, 0);
    struct instnorm_moments m = moments(10, 1, 1), none;
    struct instnorm_affine a;
    const size_t at[] = {offsetof(struct instnorm_target, gamma),    offsetof(struct instnorm_target, beta),
                         offsetof(struct instnorm_target, eps),      offsetof(struct instnorm_target, strength),
                         offsetof(struct instnorm_target, unit_in),  offsetof(struct instnorm_target, unit_out),
                         offsetof(struct instnorm_target, eps),      offsetof(struct instnorm_target, unit_in),
                         offsetof(struct instnorm_target, unit_out), offsetof(struct instnorm_target, unit_in)};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        const double odd[] = {(double)NAN, (double)INFINITY, (double)-INFINITY};
        const double low[] = {-1e-9, 0, 0, -255};
        for (size_t k = 0; k < (i < 6 ? 3 : 1); k++) {
            struct instnorm_target t = standard;
            memcpy((char *)&t + at[i], i < 6 ? &odd[k] : &low[i - 6], sizeof(double));
            REQUIRE(instnorm_solve(&m, &t, &a) == INSTNORM_ERROR_NUMBER, "number %zu of the target, case %zu", i, k);
        }
    }
    instnorm_moments_clear(&none);
    ck_assert_int_eq(instnorm_solve(&none, &standard, &a), INSTNORM_ERROR_EMPTY);
}
END_TEST

/* ---- invert ----------------------------------------------------------------------------------------------------- */

START_TEST(invert_and_back)
{
    struct random r = {22};
    for (int round = 0; round < 200; round++) {
        struct instnorm_affine a = {ldexp(0.5 + random_unit(&r), (int)random_below(&r, 60) - 30), 100 * random_normal(&r)};
        struct instnorm_affine inverse, back;
        a.scale *= round % 2 ? 1 : -1;
        REQUIRE(instnorm_invert(&a, &inverse) == INSTNORM_OK, "not inverted");
        double x = random_normal(&r), y = x * a.scale + a.shift;
        REQUIRE_CLOSE(y * inverse.scale + inverse.shift, x, 1e-14L * (fabsl(x) + fabsl(a.shift / a.scale)));
        back = inverse;
        REQUIRE(instnorm_invert(&back, &back) == INSTNORM_OK, "not inverted in place");
        REQUIRE_NEAR(back.scale, a.scale, 1e-15L);
        REQUIRE_NEAR(back.shift, a.shift, 1e-15L);
    }
}
END_TEST

START_TEST(invert_refuses)
{
    const struct instnorm_affine flat = {0, 3}, minus = {-0.0, 3}, nan = {(double)NAN, 0}, far = {1, (double)INFINITY};
    const struct instnorm_affine steep = {0x1p-1074, 0}, shifted = {1e-10, 1e300};
    struct instnorm_affine out;
    ck_assert_int_eq(instnorm_invert(&flat, &out), INSTNORM_ERROR_SINGULAR);
    ck_assert_int_eq(instnorm_invert(&minus, &out), INSTNORM_ERROR_SINGULAR);
    ck_assert_int_eq(instnorm_invert(&nan, &out), INSTNORM_ERROR_NUMBER);
    ck_assert_int_eq(instnorm_invert(&far, &out), INSTNORM_ERROR_NUMBER);
    ck_assert_int_eq(instnorm_invert(&steep, &out), INSTNORM_ERROR_OVERFLOW);
    ck_assert_int_eq(instnorm_invert(&shifted, &out), INSTNORM_ERROR_OVERFLOW);
}
END_TEST

/* ---- apply ------------------------------------------------------------------------------------------------------ */

enum { MOST = 200 };

static void require_error_bound(struct random *r, double mean, double deviation, double gamma, double beta)
{
    struct instnorm_moments m = moments(1000, mean, deviation * deviation);
    struct instnorm_target t = target(gamma, beta, 0);
    struct instnorm_affine a;
    float x[MOST], y[MOST];

    REQUIRE(instnorm_solve(&m, &t, &a) == INSTNORM_OK, "not solved");
    random_floats(r, mean, deviation, x, MOST);
    instnorm_apply(x, MOST, &a, y);
    for (size_t i = 0; i < MOST; i++) {
        long double product = (long double)x[i] * a.scale, want = product + a.shift;
        REQUIRE_CLOSE(y[i], want, 0x1p-24L * fabsl(want) + 0x1p-50L * (fabsl(product) + fabsl((long double)a.shift)));
    }
}

START_TEST(apply_keeps_its_error_bound)
{
    const double gammas[] = {1e-3, 1, 30, 1000}, ratios[] = {0, 1, 1e3, 1e6};
    struct random r = {23};
    for (size_t g = 0; g < 4; g++)
        for (size_t i = 0; i < 4; i++)
            for (int round = 0; round < 5; round++) {
                double deviation = ldexp(1, round * 4 - 8);
                require_error_bound(&r, ratios[i] * deviation, deviation, gammas[g], round);
                require_error_bound(&r, -ratios[i] * deviation, deviation, -gammas[g], -0.5);
            }
}
END_TEST

START_TEST(apply_passes_on_what_is_not_finite)
{
    const float x[] = {NAN, INFINITY, -INFINITY, FLT_MAX};
    const struct instnorm_affine a = {2, 1};
    float y[4];
    instnorm_apply(x, 4, &a, y);
    ck_assert(isnan(y[0]) && y[1] == INFINITY && y[2] == -INFINITY && y[3] == INFINITY);
}
END_TEST

static double mapped(float x, const struct instnorm_affine *a)
{
    volatile double product = (double)x * a->scale; /* volatile: never fused */
    return product + a->shift;
}

/* Half to even, whatever the rounding mode of the machine; then clamped; NaN is 0. */
static double half_to_even(double v)
{
    double low = floor(v), part = v - low;
    bool up = part > 0.5 || (part == 0.5 && fmod(low, 2) != 0);
    return up ? low + 1 : low;
}

static double quantized(float x, const struct instnorm_affine *a, double max)
{
    double v = mapped(x, a);
    if (isnan(v))
        return 0;
    if (isinf(v))
        return v > 0 ? max : 0;
    double rounded = half_to_even(v);
    return rounded < 0 ? 0 : rounded > max ? max : rounded;
}

static void require_quantized(const float *x, size_t n, const struct instnorm_affine *a)
{
    uint8_t u8[MOST + 1];
    uint16_t u16[MOST + 1];
    memset(u8, 0xa5, sizeof u8);
    memset(u16, 0xa5, sizeof u16);
    instnorm_apply_u8(x, n, a, u8);
    instnorm_apply_u16(x, n, a, u16);
    for (size_t i = 0; i < n; i++) {
        double of_8 = quantized(x[i], a, 255), of_16 = quantized(x[i], a, 65535);
        REQUIRE(u8[i] == of_8 && u16[i] == of_16, "%a * %a + %a: %d and %d, not %g and %g", (double)x[i], a->scale,
                a->shift, u8[i], u16[i], of_8, of_16);
    }
    REQUIRE(u8[n] == 0xa5 && u16[n] == 0xa5a5, "%zu: written behind the end", n);
}

START_TEST(apply_rounds_half_to_even)
{
    static const struct instnorm_affine maps[] = {{1, 0}, {1, 0.5}, {1, -0.5}, {0.5, 0}, {-0.5, 255}, {257, 0.5}};
    float x[MOST];
    for (size_t m = 0; m < sizeof maps / sizeof *maps; m++)
        for (int from = -4; from < 65600; from += MOST) {
            for (int i = 0; i < MOST; i++)
                x[i] = (float)(from + i);
            require_quantized(x, MOST, &maps[m]);
        }
}
END_TEST

/* The last numbers below and the first above each limit. */
START_TEST(apply_rounds_and_clamps_at_the_limits)
{
    const double at[] = {0, -0.5, 0.5, 1.5, 254.5, 255, 255.5, 256, 65534.5, 65535, 65535.5, 65536, 1e9, -1e9, 0x1p52};
    for (size_t i = 0; i < sizeof at / sizeof *at; i++) {
        const double near[] = {at[i], nextafter(at[i], (double)-INFINITY), nextafter(at[i], (double)INFINITY)};
        for (size_t k = 0; k < 3; k++)
            require_quantized(&(float){0}, 1, &(struct instnorm_affine){1, near[k]});
    }
    const float odd[] = {NAN, -NAN, INFINITY, -INFINITY, FLT_MAX, -FLT_MAX, FLT_TRUE_MIN, -0.0f};
    const struct instnorm_affine maps[] = {{1, 0}, {-1, 0}, {0, 7}, {1e300, 0}, {1e-300, 0.5}};
    for (size_t m = 0; m < sizeof maps / sizeof *maps; m++)
        require_quantized(odd, sizeof odd / sizeof *odd, &maps[m]);
    uint8_t y[4];
    instnorm_apply_u8(odd, 4, &maps[0], y);
    ck_assert(y[0] == 0 && y[1] == 0 && y[2] == 255 && y[3] == 0);
}
END_TEST

START_TEST(apply_takes_any_length)
{
    struct random r = {24};
    float x[MOST], y[MOST + 1];
    const struct instnorm_affine a = {70, 120.25};
    random_floats(&r, 0, 1.5, x, MOST);
    x[3] = NAN;
    for (size_t n = 0; n <= MOST; n++) {
        require_quantized(x, n, &a);
        y[n] = -77;
        instnorm_apply(x, n, &a, y);
        for (size_t i = 0; i < n; i++) {
            float want = (float)mapped(x[i], &a);
            REQUIRE(memcmp(&y[i], &want, sizeof want) == 0 || (isnan(want) && isnan(y[i])), "%zu of %zu", i, n);
        }
        REQUIRE(y[n] == -77, "%zu: written behind the end", n);
    }
}
END_TEST

START_TEST(apply_works_in_place)
{
    struct random r = {25};
    const struct instnorm_affine a = {-3.7, 0.3};
    for (size_t n = 1; n <= MOST; n++) {
        float x[MOST], y[MOST];
        random_floats(&r, 2, 5, x, n);
        instnorm_apply(x, n, &a, y);
        instnorm_apply(x, n, &a, x);
        REQUIRE(memcmp(x, y, n * sizeof *x) == 0, "%zu samples differ in place", n);
    }
}
END_TEST

/* ---- clipping --------------------------------------------------------------------------------------------------- */

static void require_clipped(const float *x, size_t n, const struct instnorm_affine *a, double max)
{
    struct instnorm_clip clip = {10, 20, INFINITY, -INFINITY}, plain = clip;
    for (size_t i = 0; i < n; i++) {
        double y = mapped(x[i], a), v = half_to_even(y);
        plain.low += v < 0;
        plain.high += v > max;
        plain.min = isfinite(y) && y < plain.min ? y : plain.min;
        plain.max = isfinite(y) && y > plain.max ? y : plain.max;
    }
    instnorm_count_clipped(x, n, a, max, &clip);
    REQUIRE(clip.low == plain.low && clip.high == plain.high, "%d low, %d high, not %d, %d", (int)clip.low, (int)clip.high,
            (int)plain.low, (int)plain.high);
    REQUIRE(clip.min == plain.min && clip.max == plain.max, "%g to %g, not %g to %g", clip.min, clip.max, plain.min,
            plain.max);
}

START_TEST(clipped_samples_are_counted)
{
    struct random r = {26};
    float x[MOST];
    const struct instnorm_affine map = {60, 128}, half = {0.5, 0}, deep = {20000, 32768};
    random_floats(&r, 0, 2, x, MOST);
    x[9] = NAN;
    x[11] = INFINITY;
    for (size_t n = 0; n <= MOST; n++) {
        require_clipped(x, n, &map, 255);
        require_clipped(x, n, &deep, 65535);
    }
    const float halves[] = {-3, -2, -1, 0, 1, 508, 509, 510, 511, 512, 513, 1e30f, -1e30f};
    require_clipped(halves, sizeof halves / sizeof *halves, &half, 255);
    const struct instnorm_affine same = {1, 0};
    const float ends[] = {65535, 65535.5f, 65536, -0.5f, -0.50001f, -1};
    struct instnorm_clip clip = {0, 0, INFINITY, -INFINITY};
    instnorm_count_clipped(ends, 6, &same, 65535, &clip);
    ck_assert_uint_eq(clip.low, 2);
    ck_assert_uint_eq(clip.high, 2);
    ck_assert_double_eq(clip.min, -1);
    ck_assert_double_eq(clip.max, 65536);
}
END_TEST

SUITE(affine)
{
    TCase *solve = tcase_create("solve"), *apply = tcase_create("apply");

    tcase_add_test(solve, solve_is_the_formula);
    tcase_add_test(solve, solve_by_hand);
    tcase_add_test(solve, strength_0_is_the_identity);
    tcase_add_test(solve, strength_one_half_is_halfway);
    tcase_add_test(solve, a_constant_becomes_beta);
    tcase_add_test(solve, no_variance_and_no_eps_becomes_beta);
    tcase_add_test(solve, solve_refuses_bad_targets);
    tcase_add_test(solve, invert_and_back);
    tcase_add_test(solve, invert_refuses);
    tcase_add_test(apply, apply_keeps_its_error_bound);
    tcase_add_test(apply, apply_passes_on_what_is_not_finite);
    tcase_add_test(apply, apply_rounds_half_to_even);
    tcase_add_test(apply, apply_rounds_and_clamps_at_the_limits);
    tcase_add_test(apply, apply_takes_any_length);
    tcase_add_test(apply, apply_works_in_place);
    tcase_add_test(apply, clipped_samples_are_counted);
    suite_add_tcase(suite, solve);
    suite_add_tcase(suite, apply);
}
