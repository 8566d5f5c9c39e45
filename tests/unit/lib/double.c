/* The forms of double: samples that float cannot hold, and a space there and back without rounding between. */
#include "support.h"

#include <stdlib.h>
#include <string.h>

enum { N = 1000 };

static const struct instnorm_affine identity = {1, 0};

/* ---- apply ------------------------------------------------------------------------------------------------------ */

static double clamped(double v, double most)
{
    return v > most ? most : v > 0 ? nearbyint(v) : 0;
}

/* Values around every half, nearer to it than float tells. */
START_TEST(integers_are_the_nearest)
{
    for (int step = -3; step < 70000; step += step < 300 ? 1 : 997)
        for (int side = -1; side <= 1; side++) {
            double x = step + 0.5 + ldexp(side, -30);
            uint8_t byte;
            uint16_t word;
            instnorm_apply_double_u8(&x, 1, &identity, &byte);
            instnorm_apply_double_u16(&x, 1, &identity, &word);
            REQUIRE(byte == clamped(x, 255) && word == clamped(x, 65535), "%.17g: %d, %d", x, byte, word);
        }
}
END_TEST

START_TEST(doubles_are_mapped)
{
    struct random r = {70};
    const struct instnorm_affine map = {-311.7, 40000.3};
    double x[N];
    float y[N];
    uint16_t word[N];
    for (size_t i = 0; i < N; i++)
        x[i] = 150 * random_normal(&r);
    x[0] = (double)NAN;
    x[1] = (double)INFINITY;
    instnorm_apply_double(x, N, &map, y);
    instnorm_apply_double_u16(x, N, &map, word);
    ck_assert(isnan(y[0]) && word[0] == 0 && y[1] == -INFINITY && word[1] == 0);
    for (size_t i = 2; i < N; i++) {
        REQUIRE(y[i] == (float)(x[i] * map.scale + map.shift), "%zu", i);
        REQUIRE(word[i] == clamped(x[i] * map.scale + map.shift, 65535), "%zu", i);
    }
}
END_TEST

START_TEST(what_clips_is_told_by_double)
{
    const double below = -0.5 - 0x1p-40, above = 255.5 - 0x1p-40, x[] = {-0.5, below, above, 255.5, (double)NAN, 3};
    struct instnorm_clip clip = {0, 0, (double)INFINITY, -(double)INFINITY};
    instnorm_count_clipped_double(x, sizeof x / sizeof *x, &identity, 255, &clip);
    ck_assert(clip.low == 1 && clip.high == 1 && clip.min == below && clip.max == 255.5);
}
END_TEST

/* ---- spaces ----------------------------------------------------------------------------------------------------- */

/* x <- colours of 0..unit, some of them grey, and some outside. */
static void make_colours(double unit, float (*x)[N], double (*wide)[N])
{
    struct random r = {71};
    for (size_t i = 0; i < N; i++)
        for (unsigned k = 0; k < 3; k++) {
            float v = (float)(unit * (i % 10 == 1 ? 1.4 * random_unit(&r) - 0.2 : random_unit(&r)));
            x[k][i] = k > 0 && i % 10 == 0 ? x[0][i] : v;
            wide[k][i] = (double)x[k][i];
        }
}

/* The float forms round what these give, and do nothing else. */
START_TEST(conversions_are_those_of_float)
{
    static float x[3][N], y[3][N];
    static double wide[3][N], z[3][N];
    float *const to[] = {y[0], y[1], y[2]};
    double *const wide_to[] = {z[0], z[1], z[2]};
    make_colours(1, x, wide);
    const float *const from[] = {x[0], x[1], x[2]};
    const double *const wide_from[] = {wide[0], wide[1], wide[2]};
    for (size_t at = 0; instnorm_space_at(at); at++) {
        const struct instnorm_space *s = instnorm_space_at(at);
        ck_assert(!s->to == !s->to_double && !s->from == !s->from_double);
        for (int back = 0; s->to && back < 2; back++) {
            (back ? s->from : s->to)(from, N, 1, to);
            (back ? s->from_double : s->to_double)(wide_from, N, 1, wide_to);
            for (size_t i = 0; i < 3 * N; i++)
                REQUIRE(y[i / N][i % N] == (float)z[i / N][i % N], "%s, back %d: %zu", s->name, back, i);
        }
    }
    instnorm_decode(x[0], N, 1, y[0]);
    instnorm_decode_double(wide[0], N, 1, z[0]);
    for (size_t i = 0; i < N; i++)
        REQUIRE(y[0][i] == (float)z[0][i], "decode: %zu", i);
}
END_TEST

/* IEC 61966-2-1 */
static long double linear_of(long double x)
{
    long double a = fabsl(x);
    return copysignl(a <= 0.04045L ? a / 12.92L : powl((a + 0.055L) / 1.055L, 2.4L), x);
}

static long double coded(long double x)
{
    long double a = fabsl(x);
    return copysignl(a <= 0.0031308L ? a * 12.92L : 1.055L * powl(a, 1 / 2.4L) - 0.055L, x);
}

START_TEST(a_map_in_linear_light)
{
    static float x[3][N];
    static double wide[3][N], hub[N], out[N];
    const struct instnorm_affine map = {1.3, -0.04};
    const double *const from[] = {hub};
    double *const to[] = {out};
    make_colours(65535, x, wide);
    instnorm_decode_double(wide[0], N, 65535, hub);
    instnorm_apply_in_space(instnorm_space_find("linear"), from, N, &map, 1, 255, to);
    for (size_t i = 0; i < N; i++) {
        long double light = linear_of((long double)x[0][i] / 65535);
        REQUIRE_CLOSE(hub[i], light, 1e-11L);
        REQUIRE_CLOSE(out[i], 255 * coded(light * map.scale + map.shift), 255 * 2e-10L);
    }
}
END_TEST

/* The hub of colours of 0..unit: decoded where the space is of linear light, which has a unit of 1. */
static double make_hub(const struct instnorm_space *s, double unit, double (*hub)[N])
{
    static float x[3][N];
    static double wide[3][N];
    make_colours(unit, x, wide);
    for (unsigned k = 0; k < 3; k++)
        if (s->linear)
            instnorm_decode_double(wide[k], N, unit, hub[k]);
        else
            memcpy(hub[k], wide[k], sizeof wide[k]);
    return s->linear ? 1 : unit;
}

START_TEST(nothing_is_lost_on_the_way)
{
    static const struct instnorm_affine none[3] = {{1, 0}, {1, 0}, {1, 0}};
    static float x[3][N];
    static double wide[3][N], hub[3][N];
    double *const to[] = {hub[0], hub[1], hub[2]};
    make_colours(65535, x, wide);
    for (size_t at = 0; instnorm_space_at(at); at++) {
        const struct instnorm_space *s = instnorm_space_at(at);
        double unit = make_hub(s, 65535, hub);
        instnorm_apply_in_space(s, (const double *const[]){hub[0], hub[1], hub[2]}, N, none, unit, 65535, to);
        for (size_t i = 0; i < s->planes * N; i++)
            REQUIRE_CLOSE(hub[i / N][i % N], wide[i / N][i % N], 65535 * 1e-9L);
    }
}
END_TEST

/* Any number at a time, in place or not: the map is that of the planes by themselves. */
START_TEST(pixels_are_mapped_one_by_one)
{
    static const struct instnorm_affine map[3] = {{1.2, 0.1}, {0.9, -0.02}, {1.5, 0.01}};
    static double hub[3][N], out[3][N];
    double *const to[] = {out[0], out[1], out[2]}, *const same[] = {hub[0], hub[1], hub[2]};
    for (size_t at = 0; instnorm_space_at(at); at++) {
        const struct instnorm_space *s = instnorm_space_at(at);
        double unit = make_hub(s, 255, hub);
        instnorm_apply_in_space(s, (const double *const[]){hub[0], hub[1], hub[2]}, N, map, unit, 255, to);
        for (size_t i = 0; i < N && s->to; i++) {
            double v[3], one[3], *const planes[] = {&v[0], &v[1], &v[2]}, *const back[] = {&one[0], &one[1], &one[2]};
            s->to_double((const double *const[]){&hub[0][i], &hub[1][i], &hub[2][i]}, 1, unit, planes);
            for (unsigned k = 0; k < 3; k++)
                v[k] = v[k] * map[k].scale + map[k].shift;
            s->from_double((const double *const[]){&v[0], &v[1], &v[2]}, 1, 1, back);
            for (unsigned k = 0; k < 3; k++)
                REQUIRE_CLOSE(out[k][i], 255 * (s->linear ? coded(one[k]) : (long double)one[k]), 1e-7L);
        }
        instnorm_apply_in_space(s, (const double *const[]){hub[0], hub[1], hub[2]}, N, map, unit, 255, same);
        ck_assert_mem_eq(hub, out, s->planes * sizeof *out);
    }
}
END_TEST

SUITE(double)
{
    TCase *cases = tcase_create("double");
    tcase_add_test(cases, integers_are_the_nearest);
    tcase_add_test(cases, doubles_are_mapped);
    tcase_add_test(cases, what_clips_is_told_by_double);
    tcase_add_test(cases, conversions_are_those_of_float);
    tcase_add_test(cases, a_map_in_linear_light);
    tcase_add_test(cases, nothing_is_lost_on_the_way);
    tcase_add_test(cases, pixels_are_mapped_one_by_one);
    suite_add_tcase(suite, cases);
}
