/* Histograms that add up: samples against a plain loop, and the intervals that values are counted in. */
#include "engine/counts.h"
#include "support.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

enum { HALF = COUNTS_BINS / 2, WIDTH = 37, HEIGHT = 11, CHANNELS = 3, SAMPLES = WIDTH * HEIGHT * CHANNELS };

static struct counts begin(enum sample sample, unsigned channels)
{
    struct counts c;
    struct why why = {""};
    ck_assert_msg(counts_begin(&c, sample, 1, channels, &why), "%s", why.text);
    return c;
}

/* ---- intervals ----------------------------------------------------------------------------------------------------- */

START_TEST(intervals_follow_one_another)
{
    for (unsigned i = 1; i < HALF; i++) {
        double low = counts_low(i), below = nextafter(low, 0);
        REQUIRE(counts_low(i - 1) < low, "interval %u begins at %g", i, low);
        REQUIRE(counts_interval(low) == HALF + i, "%a is in %u", low, counts_interval(low));
        REQUIRE(counts_interval(below) == HALF + i - 1, "%a is in %u", below, counts_interval(below));
        REQUIRE(counts_interval(-low) == HALF - 1 - i, "%a is in %u", -low, counts_interval(-low));
        REQUIRE(counts_interval(-below) == HALF - i, "%a is in %u", -below, counts_interval(-below));
    }
}
END_TEST

/* From 2^-127 (1 + 1/128), where the first interval ends, to where the last begins. */
START_TEST(a_middle_is_near_all_values)
{
    struct random r = {1};
    for (int i = 0; i < 200000; i++) {
        double value = ldexp(1 + random_unit(&r), (int)random_below(&r, 255) - 126);
        if (random_below(&r, 2))
            value = -value;
        double middle = counts_middle(counts_interval(value));
        REQUIRE(fabs(middle - value) <= fabs(value) / 256, "%a has the middle %a", value, middle);
        REQUIRE(counts_interval(middle) == counts_interval(value), "%a has the middle %a", value, middle);
    }
}
END_TEST

START_TEST(each_number_has_an_interval)
{
    static const struct {
        double value;
        unsigned interval;
    } known[] = {{0, HALF},
                 {-0.0, HALF},
                 {DBL_TRUE_MIN, HALF},
                 {-DBL_TRUE_MIN, HALF - 1},
                 {FLT_TRUE_MIN, HALF},
                 {-FLT_TRUE_MIN, HALF - 1},
                 {0x1p-127, HALF},
                 {0x1.02p-127, HALF + 1},
                 {1, HALF + 127 * COUNTS_STEPS},
                 {-1, HALF - 1 - 127 * COUNTS_STEPS},
                 {FLT_MAX, HALF + 255 * COUNTS_STEPS - 1},
                 {-FLT_MAX, HALF - 255 * COUNTS_STEPS},
                 {0x1.fep128, COUNTS_BINS - 1},
                 {DBL_MAX, COUNTS_BINS - 1},
                 {-DBL_MAX, 0}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        unsigned got = counts_interval(known[i].value);
        REQUIRE(got == known[i].interval, "%a is in %u, not %u", known[i].value, got, known[i].interval);
    }
    ck_assert(counts_middle(HALF) == 0 && counts_middle(HALF - 1) == 0);
    ck_assert(counts_middle(COUNTS_BINS - 1) == 0x1.fep128 && counts_middle(0) == -0x1.fep128);
}
END_TEST

/* ---- samples ------------------------------------------------------------------------------------------------------- */

static const enum sample each[] = {SAMPLE_U8, SAMPLE_U16, SAMPLE_BOOL, SAMPLE_I8, SAMPLE_I16};

/* Samples of the whole range of the type; bytes <- as they are in memory. */
static void make_samples(struct random *r, enum sample sample, double *value, unsigned char *bytes)
{
    double least = sample_least(sample);
    size_t range = sample == SAMPLE_BOOL ? 2 : (size_t)1 << 8 * sample_size(sample);
    for (size_t i = 0; i < SAMPLES; i++)
        value[i] = least + (double)(i < 2 ? i * (range - 1) : random_below(r, range)); /* both ends, too */
    samples_put(value, SAMPLES, sample, bytes);
}

static void require_counted(const struct counts *c, const double *value, uint64_t times)
{
    size_t bins = counts_bins(c->sample);
    uint64_t *want = calloc(CHANNELS * bins, sizeof *want);
    for (size_t i = 0; i < SAMPLES; i++)
        want[i % CHANNELS * bins + (size_t)(value[i] - sample_least(c->sample))] += times;
    ck_assert(memcmp(c->bin, want, CHANNELS * bins * sizeof *want) == 0);
    free(want);
}

START_TEST(samples_are_counted_each_by_itself)
{
    struct random r = {(uint64_t)_i};
    enum sample sample = each[_i];
    double value[SAMPLES], plane[WIDTH * HEIGHT];
    unsigned char bytes[2 * SAMPLES];
    make_samples(&r, sample, value, bytes);
    ck_assert(counts_each(sample));
    ck_assert_uint_eq(counts_bins(sample), sample_size(sample) == 1 ? 256 : 65536);
    struct counts c = begin(sample, CHANNELS);
    const struct rows rows = rows_tight(false, bytes, sample, CHANNELS, WIDTH, HEIGHT);
    counts_add(&c, CHANNELS, &rows);
    require_counted(&c, value, 1);
    for (unsigned channel = 0; channel < CHANNELS; channel++) {
        for (size_t i = 0; i < WIDTH * HEIGHT; i++)
            plane[i] = value[i * CHANNELS + channel];
        counts_add_run(&c, channel, (struct run){NULL, plane}, 1, NULL, 1, WIDTH * HEIGHT);
        ck_assert_uint_eq(counts_total(&c, channel), 2 * WIDTH * HEIGHT);
    }
    require_counted(&c, value, 2);
    counts_copy_channel(&c, 0, 2);
    ck_assert(memcmp(c.bin, c.bin + 2 * counts_bins(sample), counts_bins(sample) * sizeof *c.bin) == 0);
    counts_free(&c);
}
END_TEST

START_TEST(what_is_not_finite_does_not_count)
{
    const float x[] = {NAN, INFINITY, -INFINITY, 3, -0.0F};
    struct counts c = begin(SAMPLE_F64, 1);
    counts_add_run(&c, 0, (struct run){x, NULL}, 2, NULL, 1, 5);
    ck_assert_uint_eq(counts_total(&c, 0), 2);
    ck_assert_uint_eq(c.bin[counts_interval(1.5)], 1); /* in units */
    ck_assert_uint_eq(c.bin[counts_interval(0)], 1);
    counts_free(&c);
}
END_TEST

/* ---- weights ------------------------------------------------------------------------------------------------------- */

START_TEST(pixels_may_count_in_part)
{
    const float x[] = {1, 2, 3, 4, 5, 6}, hard[] = {255, 0, 255, 0, 0, 255}, soft[] = {255, 0, 51, 1, 1e-30F, 127.5F};
    const uint64_t want[] = {1 << 24, 0, 3355443, 65793, 1, 1 << 23};
    struct counts c = begin(SAMPLE_U8, 1);
    ck_assert(counts_whole(hard, 255, 6) && !counts_whole(soft, 255, 6) && counts_whole(NULL, 255, 6));
    counts_add_run(&c, 0, (struct run){x, NULL}, 1, hard, 255, 6);
    ck_assert(!c.in_parts && c.bin[1] == 1 && c.bin[2] == 0 && c.bin[3] == 1 && c.bin[6] == 1);
    counts_add_run(&c, 0, (struct run){x, NULL}, 1, soft, 255, 6);
    ck_assert(c.in_parts);
    for (size_t i = 0; i < 6; i++) {
        uint64_t all = want[i] + (hard[i] > 0 ? COUNTS_WHOLE : 0);
        REQUIRE(c.bin[i + 1] == all, "%llu of %g, not %llu", (unsigned long long)c.bin[i + 1], (double)x[i],
                (unsigned long long)all);
    }
    counts_add_run(&c, 0, (struct run){x, NULL}, 1, NULL, 1, 1);
    ck_assert_uint_eq(c.bin[1], 3 * COUNTS_WHOLE);
    counts_free(&c);
}
END_TEST

/* Whichever of them count in part, and in any order: as if all were counted together. */
START_TEST(hard_and_soft_add_up)
{
    struct random r = {7 + (uint64_t)_i};
    struct counts all = begin(SAMPLE_F64, 2), part[2] = {begin(SAMPLE_F64, 2), begin(SAMPLE_F64, 2)};
    struct why why = {""};
    for (int k = 0; k < 2; k++)
        for (unsigned c = 0; c < 2; c++) {
            float x[50], w[50];
            random_floats(&r, 0, 2, x, 50);
            for (size_t i = 0; i < 50; i++)
                w[i] = (float)random_below(&r, 5) / (_i >> k & 1 ? 4 : 1);
            for (size_t i = 0; i < 50 && !(_i >> k & 1); i++)
                w[i] = w[i] > 2;
            counts_add_run(&part[k], c, (struct run){x, NULL}, 1, w, 1, 50);
            counts_add_run(&all, c, (struct run){x, NULL}, 1, w, 1, 50);
        }
    part[1].fine = true;
    struct counts first = begin(SAMPLE_F64, 2);
    ck_assert(counts_merge(&first, &part[1], &why) && counts_merge(&first, &part[0], &why));
    ck_assert(counts_merge(&part[0], &part[1], &why));
    ck_assert(first.fine && part[0].fine && first.in_parts == all.in_parts && part[0].in_parts == all.in_parts);
    ck_assert(memcmp(first.bin, all.bin, 2 * COUNTS_BINS * sizeof *all.bin) == 0);
    ck_assert(memcmp(part[0].bin, all.bin, 2 * COUNTS_BINS * sizeof *all.bin) == 0);
    for (int k = 0; k < 2; k++)
        counts_free(&part[k]);
    counts_free(&first);
    counts_free(&all);
}
END_TEST

static void require_too_many(uint64_t to, bool to_parts, uint64_t from, bool from_parts, bool fits)
{
    struct counts a = begin(SAMPLE_U8, 1), b = begin(SAMPLE_U8, 1);
    struct why why = {""};
    a.bin[3] = to, a.in_parts = to_parts;
    b.bin[9] = from, b.in_parts = from_parts;
    REQUIRE(counts_merge(&a, &b, &why) == fits, "%llu and %llu", (unsigned long long)to, (unsigned long long)from);
    REQUIRE(fits || strstr(why.text, "too many pixels"), "%s", why.text);
    counts_free(&a);
    counts_free(&b);
}

START_TEST(numbers_that_do_not_fit_are_refused)
{
    const uint64_t most = INT64_MAX, of_parts = most / COUNTS_WHOLE;
    require_too_many(most - 1, false, 1, false, true);
    require_too_many(most, false, 1, false, false);
    require_too_many(1, true, most, true, false);
    require_too_many(of_parts, false, 1, true, true);
    require_too_many(of_parts + 1, false, 1, true, false);
    require_too_many(1, true, of_parts, false, true);
    require_too_many(1, true, of_parts + 1, false, false);
    struct counts c;
    struct why why = {""};
    ck_assert(!counts_begin(&c, SAMPLE_U8, 1, COUNTS_CHANNELS + 1, &why) && strstr(why.text, "256 at most"));
}
END_TEST

SUITE(counts)
{
    TCase *cases = tcase_create("counts");
    tcase_add_test(cases, intervals_follow_one_another);
    tcase_add_test(cases, a_middle_is_near_all_values);
    tcase_add_test(cases, each_number_has_an_interval);
    tcase_add_loop_test(cases, samples_are_counted_each_by_itself, 0, sizeof each / sizeof *each);
    tcase_add_test(cases, what_is_not_finite_does_not_count);
    tcase_add_test(cases, pixels_may_count_in_part);
    tcase_add_loop_test(cases, hard_and_soft_add_up, 0, 4);
    tcase_add_test(cases, numbers_that_do_not_fit_are_refused);
    suite_add_tcase(suite, cases);
}
