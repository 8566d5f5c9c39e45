/* The first pass over a series, and its moving average, against a plain loop. */
#include "engine/series.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

enum { FRAMES = 150, COLOURS = 3 };

/* Frames of a few samples; in every fifth nothing counts. */
struct frames {
    struct instnorm_moments own[FRAMES][COLOURS], pooled[FRAMES][COLOURS];
    bool counts[FRAMES];
};

static void make_frames(struct frames *f, struct random *r)
{
    for (size_t i = 0; i < FRAMES; i++) {
        f->counts[i] = i % 5 != 3;
        for (size_t c = 0; c < COLOURS; c++) {
            float x[40];
            random_floats(r, random_normal(r), 0.5 + random_unit(r), x, 40);
            instnorm_moments_clear(&f->own[i][c]);
            instnorm_measure(x, NULL, f->counts[i] ? 20 + i % 20 : 0, &f->own[i][c]);
            instnorm_moments_given(random_normal(r), random_unit(r), &f->pooled[i][c]);
        }
    }
}

static bool add(struct series *g, struct frames *f, size_t i, unsigned colours, struct why *why)
{
    const struct statistics used = {colours, f->pooled[i], 1, 0};
    const struct pooled_part part = {.colours = colours, .unit = 1, .moments = f->own[i], .pictures = 1};
    struct pooled own = {0};
    bool ok = pooled_add(&own, &part, why) && series_add(g, &own, &used, why);
    pooled_free(&own);
    return ok;
}

static struct series gather_all(struct frames *f, bool averages)
{
    struct series g = {.averages = averages};
    struct why why = {""};
    for (size_t i = 0; i < FRAMES; i++)
        ck_assert_msg(add(&g, f, i, COLOURS, &why), "%s", why.text);
    return g;
}

/* The centred moving average of width 2 k has 2 k + 1 terms, of which the outermost two have half the weight. */
static double weight_of(size_t i, size_t k, unsigned width)
{
    double apart = fabs((double)i - (double)k), reach = width / 2;
    return apart > reach ? 0 : apart == reach && width % 2 == 0 ? 0.5 : 1;
}

static void check_average(const struct frames *f, const struct series *g, size_t i, unsigned width)
{
    struct statistics own = {0}, got = {0};
    struct why why = {""};
    if (!f->counts[i]) {
        ck_assert(!series_average(g, i, width, &own, &got, &why));
        return;
    }
    ck_assert(series_average(g, i, width, &own, &got, &why) && got.colours == COLOURS);
    ck_assert(memcmp(own.channel, f->pooled[i], sizeof f->pooled[i]) == 0);
    for (size_t c = 0; c < COLOURS; c++) {
        long double total = 0, mean = 0, variance = 0;
        for (size_t k = 0; k < FRAMES; k++) {
            double w = f->counts[k] ? weight_of(i, k, width) : 0;
            total += w;
            mean += w * f->pooled[k][c].mean;
            variance += w * instnorm_variance(&f->pooled[k][c]);
        }
        if (total > 0) {
            REQUIRE_CLOSE(got.channel[c].mean, mean / total, 1e-12);
            REQUIRE_CLOSE(instnorm_variance(&got.channel[c]), variance / total, 1e-12);
        } else {
            ck_assert_double_eq(got.channel[c].weight, 0);
        }
    }
    statistics_free(&got);
}

START_TEST(averages_are_the_plain_loop)
{
    static const unsigned widths[] = {1, 2, 3, 4, 7, 10, 61, FRAMES, 2 * FRAMES, 2 * FRAMES + 1, 1000};
    struct random r = {1};
    struct frames f;
    make_frames(&f, &r);
    struct series g = gather_all(&f, true);
    ck_assert_uint_eq(g.n, FRAMES);
    for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
        for (size_t i = 0; i < FRAMES; i++)
            check_average(&f, &g, i, widths[w]);
    struct statistics own, got = {0};
    struct why why = {""};
    ck_assert(!series_average(&g, FRAMES, 3, &own, &got, &why));
    ck_assert_str_eq(why.text, "changed since it was measured");
    series_free(&g);
    ck_assert(g.n == 0 && !g.place && !g.picture);
}
END_TEST

/* All samples of all pictures, whether they are a series or a batch. */
START_TEST(the_whole_is_every_sample)
{
    struct random r = {2};
    struct frames f;
    make_frames(&f, &r);
    for (int series = 0; series < 2; series++) {
        struct series g = gather_all(&f, series);
        struct why why = {""};
        ck_assert(series_check(&g, &why));
        ck_assert_uint_eq(g.all.pictures, FRAMES * 4 / 5);
        for (size_t c = 0; c < COLOURS; c++) {
            struct instnorm_moments want;
            instnorm_moments_clear(&want);
            for (size_t i = 0; i < FRAMES; i++)
                instnorm_merge(&want, &f.own[i][c]);
            const struct instnorm_moments *got = &g.all.channel[c];
            REQUIRE_CLOSE(got->weight, want.weight, 0);
            REQUIRE_NEAR(got->mean, want.mean, 1e-14);
            REQUIRE_NEAR(got->m2, want.m2, 1e-14);
            ck_assert(got->min == want.min && got->max == want.max);
        }
        series_free(&g);
    }
}
END_TEST

START_TEST(other_channels_are_refused)
{
    struct random r = {3};
    struct frames f;
    struct series g = {.averages = true};
    struct why why = {""};
    make_frames(&f, &r);
    ck_assert(add(&g, &f, 0, 3, &why));
    ck_assert_msg(add(&g, &f, 3, 1, &why), "nothing counts in it: %s", why.text);
    ck_assert(!add(&g, &f, 1, 1, &why));
    ck_assert_msg(strstr(why.text, "expected 3 colour channels"), "%s", why.text);
    series_free(&g);
}
END_TEST

/* A batch in which nothing counts has no statistics; a series passes such pictures on. */
START_TEST(a_batch_of_nothing_is_an_error)
{
    struct random r = {4};
    struct frames f;
    make_frames(&f, &r);
    for (int series = 0; series < 2; series++) {
        struct series g = {.averages = series};
        struct why why = {""};
        ck_assert(add(&g, &f, 3, COLOURS, &why));
        ck_assert(series_check(&g, &why) == series);
        ck_assert_msg(series || strstr(why.text, "nothing counts"), "%s", why.text);
        series_free(&g);
    }
}
END_TEST

SUITE(series)
{
    TCase *cases = tcase_create("series");
    tcase_add_test(cases, averages_are_the_plain_loop);
    tcase_add_test(cases, the_whole_is_every_sample);
    tcase_add_test(cases, other_channels_are_refused);
    tcase_add_test(cases, a_batch_of_nothing_is_an_error);
    suite_add_tcase(suite, cases);
}
