/* Statistics of several pictures and channels, against plain loops over the samples that they are of. */
#include "engine/statistics.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 2000, CHANNELS = 6 };

/* Samples of several channels, and what is measured of them. */
struct samples {
    float x[CHANNELS][MOST];
    size_t n;
    struct instnorm_moments moments[CHANNELS];
};

static void make_samples(struct random *r, struct samples *s, size_t n)
{
    s->n = n;
    for (size_t c = 0; c < CHANNELS; c++) {
        random_floats(r, (double)c - 2, 0.1 + (double)c, s->x[c], n);
        instnorm_moments_clear(&s->moments[c]);
        instnorm_measure(s->x[c], NULL, n, &s->moments[c]);
    }
}

/* The moments by definition of channels [first, last) of both. */
static struct reference of_both(const struct samples *a, const struct samples *b, size_t first, size_t last)
{
    static float all[2 * CHANNELS * MOST];
    size_t n = 0;
    for (size_t c = first; c < last; c++) {
        memcpy(all + n, a->x[c], a->n * sizeof *all);
        n += a->n;
        memcpy(all + n, b->x[c], b->n * sizeof *all);
        n += b->n;
    }
    return reference(all, NULL, n);
}

START_TEST(pictures_merge_to_their_samples)
{
    struct random r = {1};
    struct samples a, b;
    struct statistics s = {0};
    struct why why = {""};
    make_samples(&r, &a, 1777);
    make_samples(&r, &b, 131);
    ck_assert(statistics_merge(&s, a.moments, CHANNELS, 1, &why) && statistics_merge(&s, b.moments, CHANNELS, 3, &why));
    ck_assert(s.colours == CHANNELS && s.pictures == 4);
    for (size_t c = 0; c < CHANNELS; c++) {
        struct reference want = of_both(&a, &b, c, c + 1);
        require_reference(&s.channel[c], &want);
    }
    statistics_free(&s);
    ck_assert(s.colours == 0 && !s.channel && s.pictures == 0);
}
END_TEST

START_TEST(pictures_of_other_channels_are_refused)
{
    struct random r = {2};
    struct samples a;
    struct statistics s = {0};
    struct why why = {""};
    make_samples(&r, &a, 50);
    ck_assert(statistics_merge(&s, a.moments, 3, 1, &why));
    ck_assert(!statistics_merge(&s, a.moments, 1, 1, &why));
    ck_assert_msg(strstr(why.text, "expected 3 colour channels") && strstr(why.text, "not 1"), "%s", why.text);
    ck_assert(s.colours == 3 && s.pictures == 1);
    for (size_t c = 0; c < 3; c++)
        require_same_moments(&s.channel[c], &a.moments[c]);
    statistics_free(&s);
}
END_TEST

/* Linked channels have the moments of all samples of their group. */
static void check_link(unsigned groups)
{
    struct random r = {groups};
    struct samples a, none = {.n = 0};
    struct statistics s = {0};
    struct why why = {""};
    make_samples(&r, &a, 900);
    ck_assert(statistics_merge(&s, a.moments, CHANNELS, 1, &why));
    ck_assert_msg(statistics_pool(&s, NULL, groups, &why), "%s", why.text);
    unsigned width = CHANNELS / groups;
    for (unsigned c = 0; c < CHANNELS; c++) {
        struct reference want = of_both(&a, &none, c - c % width, c - c % width + width);
        require_reference(&s.channel[c], &want);
        require_same_moments(&s.channel[c], &s.channel[c - c % width]);
    }
    statistics_free(&s);
}

START_TEST(linked_channels_share_their_samples)
{
    for (unsigned groups = 1; groups <= CHANNELS; groups++)
        if (CHANNELS % groups == 0)
            check_link(groups);
}
END_TEST

START_TEST(groups_must_divide_the_channels)
{
    struct random r = {3};
    struct samples a;
    struct statistics s = {0};
    struct why why = {""};
    make_samples(&r, &a, 20);
    ck_assert(statistics_merge(&s, a.moments, CHANNELS, 1, &why));
    ck_assert(!statistics_pool(&s, NULL, 4, &why));
    ck_assert_msg(strstr(why.text, "group:4") && strstr(why.text, "divides the 6"), "%s", why.text);
    statistics_free(&s);
}
END_TEST

START_TEST(grey_is_repeated_and_colours_are_not)
{
    struct random r = {4};
    struct samples a;
    struct why why = {""};
    make_samples(&r, &a, 60);
    for (unsigned colours = 1; colours <= 3; colours++) {
        struct statistics s = {0};
        ck_assert(statistics_merge(&s, a.moments, colours, 7, &why) && statistics_repeat_grey(&s, &why));
        ck_assert_uint_eq(s.colours, colours == 1 ? 3 : colours);
        ck_assert_uint_eq(s.pictures, 7);
        for (unsigned c = 0; c < s.colours; c++)
            require_same_moments(&s.channel[c], &a.moments[colours == 1 ? 0 : c]);
        statistics_free(&s);
    }
}
END_TEST

/* Means and deviations are averaged by their weights, whatever the sizes of the pictures. */
START_TEST(blends_average_means_and_deviations)
{
    struct random r = {5};
    struct samples a[3];
    struct statistics set[3] = {{0}}, blend = {0};
    struct why why = {""};
    const double weight[] = {0.5, 2, 1.25};
    for (size_t i = 0; i < 3; i++) {
        make_samples(&r, &a[i], 400 * i + 7);
        ck_assert(statistics_merge(&set[i], a[i].moments, 3, 1, &why));
    }
    ck_assert(statistics_blend(set, weight, 3, &blend, &why));
    for (size_t c = 0; c < 3; c++) {
        long double mean = 0, std = 0, total = 0;
        for (size_t i = 0; i < 3; i++) {
            struct reference of = reference(a[i].x[c], NULL, a[i].n);
            total += weight[i];
            mean += weight[i] * of.mean;
            std += weight[i] * sqrtl(of.m2 / of.weight);
        }
        REQUIRE_CLOSE(blend.channel[c].mean, mean / total, 1e-12);
        REQUIRE_NEAR(sqrt(instnorm_variance(&blend.channel[c])), std / total, 1e-12);
    }
    for (size_t i = 0; i < 3; i++)
        statistics_free(&set[i]);
    statistics_free(&blend);
}
END_TEST

START_TEST(a_blend_of_one_is_that_one)
{
    struct random r = {6};
    struct samples a;
    struct statistics set = {0}, blend = {0};
    struct why why = {""};
    make_samples(&r, &a, 333);
    ck_assert(statistics_merge(&set, a.moments, 3, 5, &why) && statistics_blend(&set, &(double){0.3}, 1, &blend, &why));
    ck_assert_uint_eq(blend.pictures, 5);
    for (size_t c = 0; c < 3; c++)
        require_same_moments(&blend.channel[c], &a.moments[c]);
    statistics_free(&set);
    statistics_free(&blend);
}
END_TEST

/* By a power of two scaling is exact, so that the moments of scaled samples are the scaled moments. */
START_TEST(scaled_moments_are_those_of_scaled_samples)
{
    struct random r = {7};
    struct samples a;
    make_samples(&r, &a, 1500);
    for (size_t c = 0; c < CHANNELS; c++) {
        struct instnorm_moments want, got = moments_scaled(&a.moments[c], 256);
        for (size_t i = 0; i < a.n; i++)
            a.x[c][i] *= 256;
        instnorm_moments_clear(&want);
        instnorm_measure(a.x[c], NULL, a.n, &want);
        require_same_moments(&got, &want);
    }
}
END_TEST

START_TEST(a_sample_in_any_channel_counts)
{
    struct instnorm_moments m[3];
    for (size_t c = 0; c < 3; c++)
        instnorm_moments_clear(&m[c]);
    ck_assert(!moments_count(m, 3));
    m[0].skipped = 9;
    ck_assert(!moments_count(m, 3));
    instnorm_measure(&(float){0}, NULL, 1, &m[2]);
    ck_assert(moments_count(m, 3) && !moments_count(m, 2) && !moments_count(m, 0));
}
END_TEST

SUITE(statistics)
{
    TCase *cases = tcase_create("statistics");
    tcase_add_test(cases, pictures_merge_to_their_samples);
    tcase_add_test(cases, pictures_of_other_channels_are_refused);
    tcase_add_test(cases, linked_channels_share_their_samples);
    tcase_add_test(cases, groups_must_divide_the_channels);
    tcase_add_test(cases, grey_is_repeated_and_colours_are_not);
    tcase_add_test(cases, blends_average_means_and_deviations);
    tcase_add_test(cases, a_blend_of_one_is_that_one);
    tcase_add_test(cases, scaled_moments_are_those_of_scaled_samples);
    tcase_add_test(cases, a_sample_in_any_channel_counts);
    suite_add_tcase(suite, cases);
}
