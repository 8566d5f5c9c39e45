/* What conversions of colours keep: the colour on the way back, grey, NaN, and that a sample's neighbours do not matter. */
#include "instnorm.h"
#include "support.h"

#include <string.h>

/* Indices of instnorm_space_at. */
enum { LINEAR = 1, LAB, OKLAB, RUDERMAN };

/* Colours at a time: all that have one red. Under a sanitizer only some of the reds. */
enum { SIDE = 256, FACE = SIDE * SIDE };

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SLOW
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(SLOW)
enum { RED_STEP = 7 };
#else
enum { RED_STEP = 1 };
#endif

static float in[3][FACE], mid[3][FACE], out[3][FACE];
static float *const mid_planes[] = {mid[0], mid[1], mid[2]};
static float *const out_planes[] = {out[0], out[1], out[2]};
static const float *const from_in[] = {in[0], in[1], in[2]};
static const float *const from_mid[] = {mid[0], mid[1], mid[2]};

/* ---- there and back ----------------------------------------------------------------------------------------------- */

static void round_trip(const struct instnorm_space *s, size_t n, double unit, float bound)
{
    instnorm_to_space(s, from_in, n, unit, mid_planes);
    instnorm_from_space(s, from_mid, n, unit, out_planes);
    for (size_t c = 0; c < s->planes; c++) {
        size_t bad = 0;
        for (size_t i = 0; i < n; i++)
            bad += fabsf(out[c][i] - in[c][i]) <= bound ? 0 : 1;
        for (size_t i = 0; bad && i < n; i++)
            REQUIRE(fabsf(out[c][i] - in[c][i]) <= bound, "%s of %.9g %.9g %.9g: channel %zu comes back as %.9g", s->name,
                    (double)in[0][i], (double)in[1][i], (double)in[2][i], c, (double)out[c][i]);
    }
}

/* Within a thousandth of a step, where a half would do: what is measured is a fifth of that. */
START_TEST(every_8_bit_colour_comes_back)
{
    const struct instnorm_space *s;
    for (size_t i = 0; i < FACE; i++) {
        in[1][i] = (float)(i / SIDE);
        in[2][i] = (float)(i % SIDE);
    }
    for (int red = 0; red < SIDE; red += RED_STEP) {
        fill(in[0], FACE, (float)red);
        for (size_t at = LINEAR; (s = instnorm_space_at(at)) != NULL; at++)
            round_trip(s, FACE, 255, 1e-3f);
    }
}
END_TEST

START_TEST(colours_of_16_bits_come_back)
{
    const struct instnorm_space *s;
    struct random r = {74};
    for (int bits = 1; bits <= 16; bits++) {
        for (size_t c = 0; c < 3; c++)
            for (size_t i = 0; i < FACE; i++)
                in[c][i] = (float)random_below(&r, (size_t)1 << (c == 0 ? bits : 1 + (int)random_below(&r, 16)));
        for (size_t at = LINEAR; (s = instnorm_space_at(at)) != NULL; at++)
            round_trip(s, FACE, 65535, 0.1f);
    }
}
END_TEST

/* ---- grey, black, what is not a number ---------------------------------------------------------------------------- */

/* From 8 bits, from 16, and far beyond both ends. */
static void fill_greys(struct random *r)
{
    random_floats(r, 1e4, 1e5, in[0], FACE);
    for (size_t i = 0; i < 40000; i++)
        in[0][i] = i < 256 ? (float)(i * 257) : (float)random_below(r, 65536);
    memcpy(in[1], in[0], sizeof in[0]);
    memcpy(in[2], in[0], sizeof in[0]);
}

START_TEST(grey_has_no_colour)
{
    struct random r = {75};
    const float *const same[] = {in[0], in[0], in[0]};
    fill_greys(&r);
    for (size_t k = LAB; k <= OKLAB; k++) {
        const struct instnorm_space *s = instnorm_space_at(k);
        instnorm_to_space(s, from_in, FACE, 65535, mid_planes);
        for (size_t i = 0; i < FACE; i++)
            REQUIRE(mid[1][i] == 0 && mid[2][i] == 0, "%s of grey %.9g: %g, %g", s->name, (double)in[0][i],
                    (double)mid[1][i], (double)mid[2][i]);
        instnorm_to_space(s, same, FACE, 65535, out_planes);
        ck_assert(memcmp(mid, out, sizeof mid) == 0);
    }
}
END_TEST

START_TEST(no_colour_is_grey)
{
    struct random r = {76};
    fill(in[1], FACE, 0);
    fill(in[2], FACE, -0.0f);
    for (size_t k = LAB; k <= OKLAB; k++) {
        const struct instnorm_space *s = instnorm_space_at(k);
        random_floats(&r, k == LAB ? 50 : 0.5, k == LAB ? 100 : 1, in[0], FACE);
        instnorm_from_space(s, from_in, FACE, 255, out_planes);
        for (size_t i = 0; i < FACE; i++)
            REQUIRE(out[0][i] == out[1][i] && out[1][i] == out[2][i], "%s %.9g: %.9g %.9g %.9g", s->name, (double)in[0][i],
                    (double)out[0][i], (double)out[1][i], (double)out[2][i]);
    }
}
END_TEST

/* Each of LMS gives ln(1/16) - 1, and l is their sum over sqrt(3). Order is kept on both sides of black. */
START_TEST(black_has_a_logarithm)
{
    const struct instnorm_space *s = instnorm_space_at(RUDERMAN);
    const double black = (log(0.0625) - 1) * sqrt(3);
    fill(in[0], 3, 0);
    in[1][0] = 0;
    in[1][1] = 0x1p-20f;
    in[1][2] = -0x1p-20f;
    instnorm_to_space(s, (const float *const[]){in[0], in[1], in[0]}, 3, 255, mid_planes);
    REQUIRE_NEAR(mid[0][0], black, 1e-7L);
    ck_assert(mid[0][2] < mid[0][0] && mid[0][0] < mid[0][1]);
    REQUIRE_CLOSE(mid[1][0], 0, 1e-7L);
    REQUIRE_CLOSE(mid[2][0], 0, 1e-7L);
    instnorm_from_space(s, from_mid, 3, 255, out_planes);
    for (size_t c = 0; c < 3; c++)
        for (size_t i = 0; i < 3; i++)
            REQUIRE_CLOSE(out[c][i], c == 1 ? in[1][i] : 0, 1e-6L);
}
END_TEST

/* ---- every conversion as one, for what they have in common --------------------------------------------------------- */

static void to_space(const struct instnorm_space *s, const float *const from[], size_t n, float *const to[])
{
    instnorm_to_space(s, from, n, 1, to);
}

static void from_space(const struct instnorm_space *s, const float *const from[], size_t n, float *const to[])
{
    instnorm_from_space(s, from, n, 1, to);
}

static void hub_to(const struct instnorm_space *s, const float *const from[], size_t n, float *const to[])
{
    if (s->to)
        s->to(from, n, 1, to);
    else
        instnorm_decode(from[0], n, 1, to[0]);
}

static void hub_from(const struct instnorm_space *s, const float *const from[], size_t n, float *const to[])
{
    if (s->from)
        s->from(from, n, 1, to);
    else
        instnorm_encode(from[0], n, 1, to[0]);
}

static void lightness(const struct instnorm_space *s, const float *const from[], size_t n, float *const to[])
{
    (void)s;
    instnorm_lightness(from, n, 1, to[0]);
}

static void (*const conversions[])(const struct instnorm_space *, const float *const[], size_t,
                                   float *const[]) = {to_space, from_space, hub_to, hub_from, lightness};
enum { CONVERSIONS = sizeof conversions / sizeof *conversions };

/* A sample comes out the same wherever it lies; nothing is written behind the end. */
static void require_anywhere(const struct instnorm_space *s, size_t k, size_t n)
{
    memset(mid, 0xa5, sizeof mid);
    memset(out, 0xa5, sizeof out);
    conversions[k](s, from_in, n, mid_planes);
    for (size_t i = 0; i < n; i++)
        conversions[k](s, (const float *const[]){in[0] + i, in[1] + i, in[2] + i}, 1,
                       (float *const[]){out[0] + i, out[1] + i, out[2] + i});
    REQUIRE(memcmp(mid, out, sizeof mid) == 0, "%s, conversion %zu: %zu samples are not as they are one by one", s->name, k,
            n);
    for (size_t at = 1; at < 20 && at < n; at++) {
        const float *const from[] = {in[0] + at, in[1] + at, in[2] + at};
        conversions[k](s, from, n - at, (float *const[]){out[0] + at, out[1] + at, out[2] + at});
        REQUIRE(memcmp(mid, out, sizeof mid) == 0, "%s, conversion %zu: %zu samples from %zu on differ", s->name, k, n, at);
    }
}

START_TEST(samples_are_converted_one_by_one)
{
    const struct instnorm_space *s;
    struct random r = {77};
    const size_t sizes[] = {0, 1, 2, 15, 16, 17, 255, 256, 257, 515};
    for (size_t at = LINEAR; (s = instnorm_space_at(at)) != NULL; at++)
        for (size_t k = 0; k < CONVERSIONS; k++)
            for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
                for (size_t c = 0; c < 3; c++)
                    random_floats(&r, 0.4, 0.4, in[c], sizes[i]);
                require_anywhere(s, k, sizes[i]);
            }
}
END_TEST

static void require_infected(const struct instnorm_space *s, size_t k, size_t channel, float nan)
{
    enum { N = 300, AT = 277 };
    size_t planes = k == 4 ? 1 : s->planes;
    struct random r = {78};
    for (size_t c = 0; c < 3; c++)
        random_floats(&r, 0.4, 0.1, in[c], N);
    in[channel][AT] = nan;
    conversions[k](s, from_in, N, out_planes);
    for (size_t c = 0; c < planes; c++)
        for (size_t i = 0; i < N; i++)
            REQUIRE(i == AT ? isnan(out[c][i]) : isfinite(out[c][i]),
                    "%s, conversion %zu: NaN at %d of channel %zu makes sample %zu of plane %zu %g", s->name, k, AT,
                    channel, i, c, (double)out[c][i]);
}

/* A colour that lacks a channel is no colour in any. */
START_TEST(what_is_not_a_number_stays_so)
{
    const struct instnorm_space *s;
    for (size_t at = LINEAR; (s = instnorm_space_at(at)) != NULL; at++)
        for (size_t k = 0; k < CONVERSIONS; k++)
            for (size_t c = 0; c < (k == 4 ? 3 : s->planes); c++) {
                require_infected(s, k, c, NAN);
                require_infected(s, k, c, -NAN);
            }
}
END_TEST

SUITE(colour_kept)
{
    TCase *cases = tcase_create("kept");

    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, every_8_bit_colour_comes_back);
    tcase_add_test(cases, colours_of_16_bits_come_back);
    tcase_add_test(cases, grey_has_no_colour);
    tcase_add_test(cases, no_colour_is_grey);
    tcase_add_test(cases, black_has_a_logarithm);
    tcase_add_test(cases, samples_are_converted_one_by_one);
    tcase_add_test(cases, what_is_not_a_number_stays_so);
    suite_add_tcase(suite, cases);
}
