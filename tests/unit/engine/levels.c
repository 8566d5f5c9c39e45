/* Quantiles of histograms against a plain sort. */
#include "engine/levels.h"
#include "support.h"
#include "weighed.h"

#include <stdlib.h>
#include <string.h>

enum { CHANNELS = 3, N = 400, KINDS = 4 };

static const double shares[] = {0, 1e-9, 0.01, 0.25, 0.5, 0.7, 0.999, 1};
static const struct {
    enum sample sample;
    double unit;
} kinds[KINDS] = {{SAMPLE_U8, 255}, {SAMPLE_U16, 65535}, {SAMPLE_I16, 1}, {SAMPLE_U8, 15}};

/* The samples of a kind, as a histogram has them and as a list. */
struct sampled {
    struct histogram histogram;
    size_t n;
    struct weighed at[CHANNELS][KINDS * N];
};

static void add_kind(struct sampled *s, struct random *r, size_t k, const struct instnorm_space *space, bool soft)
{
    struct counts c;
    struct why why = {""};
    ck_assert(counts_begin(&c, kinds[k].sample, kinds[k].unit, CHANNELS, &why));
    for (unsigned channel = 0; channel < CHANNELS; channel++) {
        float x[N], w[N];
        for (size_t i = 0; i < N; i++) {
            x[i] = (float)(random_below(r, 200) + (sample_least(c.sample) < 0 ? 0 : 20) * channel);
            x[i] -= sample_least(c.sample) < 0 ? 100 : 0;
            w[i] = soft ? (float)random_below(r, 9) / 8 : (float)random_below(r, 2);
            double value = (double)x[i] / c.unit;
            float linear = 0;
            if (space->linear)
                instnorm_decode(&x[i], 1, c.unit, &linear);
            s->at[channel][s->n + i] =
                (struct weighed){space->linear ? (double)linear : value, (uint64_t)((double)w[i] * COUNTS_WHOLE)};
        }
        counts_add_run(&c, channel, (struct run){x, NULL}, 1, w, 1, N);
    }
    s->n += N;
    ck_assert(c.in_parts == soft);
    ck_assert_msg(histogram_add(&s->histogram, &c, &why), "%s", why.text);
    counts_free(&c);
}

static void require_quantiles(const struct levels *l, struct weighed *x, size_t n)
{
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        double got = levels_find(l, levels_rank(shares[i], l->total))->value;
        double want = weighed_quantile(x, n, shares[i]);
        REQUIRE(got == want, "quantile %g is %.17g, not %.17g", shares[i], got, want);
    }
}

/* Channels `first` to the last, together. */
static void require_levels(struct sampled *s, const struct instnorm_space *space, unsigned first, unsigned channels)
{
    static struct weighed all[CHANNELS * KINDS * N];
    struct levels l;
    struct why why = {""};
    size_t n = channels * s->n;
    for (unsigned c = 0; c < channels; c++)
        memcpy(all + c * s->n, s->at[first + c], s->n * sizeof *all);
    ck_assert_msg(levels_make(&l, &s->histogram, space, first, channels, &why), "%s", why.text);
    require_quantiles(&l, all, n);
    double centre = weighed_quantile(all, n, 0.5);
    for (size_t i = 0; i < n; i++)
        all[i].value = fabs(all[i].value - centre);
    ck_assert(levels_deviate(&l, centre, &why));
    require_quantiles(&l, all, n);
    levels_free(&l);
}

/* Bits of _i: how many kinds, whether the last of them counts in part. */
START_TEST(quantiles_are_those_of_a_sort)
{
    for (int linear = 0; linear < 2; linear++) {
        struct random r = {(uint64_t)_i};
        const struct instnorm_space *space = instnorm_space_find(linear ? "linear" : "rgb");
        struct sampled *s = calloc(1, sizeof *s);
        size_t n = 1 + (size_t)_i / 2;
        for (size_t k = 0; k < n; k++)
            add_kind(s, &r, k, space, k + 1 == n && _i % 2);
        ck_assert_uint_eq(s->histogram.kinds, n);
        for (unsigned c = 0; c < CHANNELS; c++)
            require_levels(s, space, c, 1);
        require_levels(s, space, 1, 2);
        require_levels(s, space, 0, CHANNELS);
        histogram_free(&s->histogram);
        free(s);
    }
}
END_TEST

START_TEST(ranks_are_from_the_first_to_the_last)
{
    ck_assert_uint_eq(levels_rank(0, 10), 1);
    ck_assert_uint_eq(levels_rank(0.1, 10), 1);
    ck_assert_uint_eq(levels_rank(0.10000001, 10), 2);
    ck_assert_uint_eq(levels_rank(0.5, 5), 3);
    ck_assert_uint_eq(levels_rank(0.5, 4), 2);
    ck_assert_uint_eq(levels_rank(1, 10), 10);
    ck_assert_uint_eq(levels_rank(1, INT64_MAX), INT64_MAX);
    ck_assert_uint_eq(levels_rank(NAN, 10), 1);
}
END_TEST

/* Each of the channels fits, but not all of them together; and not as many where some count in part. */
START_TEST(too_many_pixels_are_refused)
{
    const struct instnorm_space *space = instnorm_space_find("rgb");
    struct counts c, soft;
    struct levels l;
    struct why why = {""};
    struct histogram h = {0};
    ck_assert(counts_begin(&c, SAMPLE_U8, 255, 2, &why) && counts_begin(&soft, SAMPLE_U16, 255, 2, &why));
    c.bin[4] = c.bin[256 + 9] = (uint64_t)1 << 62;
    soft.in_parts = true;
    ck_assert(histogram_add(&h, &c, &why));
    ck_assert(levels_make(&l, &h, space, 1, 1, &why));
    levels_free(&l);
    ck_assert(!levels_make(&l, &h, space, 0, 2, &why) && strstr(why.text, "too many pixels"));
    ck_assert(histogram_add(&h, &soft, &why));
    ck_assert(!levels_make(&l, &h, space, 1, 1, &why));
    counts_free(&c);
    counts_free(&soft);
    histogram_free(&h);
}
END_TEST

START_TEST(kinds_are_in_order_and_alike)
{
    struct random r = {3};
    const struct instnorm_space *space = instnorm_space_find("rgb");
    struct sampled *a = calloc(1, sizeof *a), *b = calloc(1, sizeof *b);
    struct why why = {""};
    for (size_t k = 0; k < KINDS; k++) {
        add_kind(a, &(struct random){k}, k, space, k == 2);
        add_kind(b, &(struct random){KINDS - 1 - k}, KINDS - 1 - k, space, KINDS - 1 - k == 2);
    }
    for (size_t k = 0; k < KINDS; k++) {
        const struct counts *x = &a->histogram.kind[k], *y = &b->histogram.kind[k];
        ck_assert(x->sample == y->sample && x->unit == y->unit && x->in_parts == y->in_parts);
        ck_assert(memcmp(x->bin, y->bin, CHANNELS * counts_bins(x->sample) * sizeof *x->bin) == 0);
    }
    ck_assert(histogram_merge(&a->histogram, &b->histogram, &why));
    ck_assert_uint_eq(a->histogram.kinds, KINDS);
    struct counts grey;
    ck_assert(counts_begin(&grey, SAMPLE_U8, 255, 1, &why));
    ck_assert(!histogram_add(&a->histogram, &grey, &why) && strstr(why.text, "other channels"));
    grey.bin[7] = 1 + random_below(&r, 9);
    struct histogram h = {0};
    ck_assert(histogram_add(&h, &grey, &why) && histogram_repeat_grey(&h, &why));
    ck_assert(h.kinds == 1 && h.kind[0].channels == 3);
    for (unsigned c = 0; c < 3; c++)
        ck_assert(h.kind[0].bin[256 * c + 7] == grey.bin[7] && counts_total(&h.kind[0], c) == grey.bin[7]);
    histogram_free(&h);
    counts_free(&grey);
    histogram_free(&a->histogram);
    histogram_free(&b->histogram);
    free(a);
    free(b);
}
END_TEST

SUITE(levels)
{
    TCase *cases = tcase_create("levels");
    tcase_add_loop_test(cases, quantiles_are_those_of_a_sort, 0, 2 * KINDS);
    tcase_add_test(cases, ranks_are_from_the_first_to_the_last);
    tcase_add_test(cases, too_many_pixels_are_refused);
    tcase_add_test(cases, kinds_are_in_order_and_alike);
    suite_add_tcase(suite, cases);
}
