/* Quantiles that take several readings: values of any kind against a plain sort, and how many readings it takes. */
#include "engine/search.h"
#include "engine/series.h"
#include "support.h"
#include "weighed.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNELS = 4, PICTURES = 3, N = 700 };

static const double shares[] = {0, 0.001, 0.05, 0.3, 0.5, 0.5001, 0.77, 0.999, 1};
enum { SHARES = sizeof shares / sizeof *shares };

/* What values a picture has, as samples of which `one` is 1. */
enum values { FLOATS, DOUBLES, ALL_FLOATS, ALL_DOUBLES, FEW, BYTES, KINDS_MIXED };

struct picture_of {
    bool each;     /* integers that are counted each by itself */
    bool weighted; /* some count in part */
    double one;
    double value[CHANNELS][N];
    float narrow[CHANNELS][N], weight[N];
};

/* Any finite number. */
static double any_value(struct random *r, bool wide)
{
    double exponent = wide ? (double)random_below(r, 2040) - 1060 : (double)random_below(r, 270) - 145;
    double value = ldexp(1 + random_unit(r), (int)exponent);
    value = wide ? value : (double)(float)value;
    if (!isfinite(value) || (!wide && value > (double)FLT_MAX))
        value = 0;
    return random_below(r, 2) ? value : -value;
}

static double value_of(struct random *r, enum values kind)
{
    switch (kind) {
    case FLOATS:
        return (double)(float)random_normal(r);
    case DOUBLES:
        return random_normal(r);
    case ALL_FLOATS:
    case ALL_DOUBLES:
        return any_value(r, kind == ALL_DOUBLES);
    case FEW:
        return (double)((float)random_below(r, 3) / 3);
    default:
        return (double)random_below(r, 256);
    }
}

static void make(struct picture_of *p, struct random *r, enum values kind, bool weighted)
{
    *p = (struct picture_of){.each = kind == BYTES, .weighted = weighted, .one = kind == BYTES ? 255 : 1};
    for (size_t i = 0; i < N; i++) {
        for (unsigned c = 0; c < CHANNELS; c++) {
            p->value[c][i] = value_of(r, kind);
            p->narrow[c][i] = (float)p->value[c][i];
        }
        p->weight[i] = weighted ? (float)random_below(r, 9) / 8 : 1;
    }
}

/* Floats are read as such, to see that both ways are gone. */
static struct run run_of_picture(const struct picture_of *p, unsigned c, bool wide)
{
    return wide ? (struct run){NULL, p->value[c]} : (struct run){p->narrow[c], NULL};
}

static struct counts count(const struct picture_of *p, bool wide)
{
    struct counts counts;
    struct why why = {""};
    ck_assert(counts_begin(&counts, p->each ? SAMPLE_U8 : SAMPLE_F64, p->one, CHANNELS, &why));
    counts.fine = wide && !p->each;
    for (unsigned c = 0; c < CHANNELS; c++)
        counts_add_run(&counts, c, run_of_picture(p, c, wide), p->one, p->weighted ? p->weight : NULL, 1, N);
    return counts;
}

/* A reading. */
static void read_picture(const struct search *s, uint64_t *bin, const struct picture_of *p, bool wide)
{
    for (unsigned c = 0; c < CHANNELS; c++)
        search_count(s, bin, c, run_of_picture(p, c, wide), p->one, p->weighted ? p->weight : NULL, 1, N);
}

/* The plain way: of a group of channels, and as deviations from a centre. */
static double plain(const struct picture_of *p, size_t pictures, unsigned first, unsigned channels, const double *centre,
                    double share)
{
    static struct weighed all[CHANNELS * PICTURES * N];
    size_t n = 0;
    for (size_t k = 0; k < pictures; k++)
        for (unsigned c = first; c < first + channels; c++)
            for (size_t i = 0; i < N; i++) {
                double value = p[k].value[c][i] / p[k].one;
                value = centre ? fabs(value - *centre) : value;
                all[n++] = (struct weighed){value, (uint64_t)((double)p[k].weight[i] * COUNTS_WHOLE)};
            }
    return weighed_quantile(all, n, share);
}

static void require_found(const struct search *s, const struct picture_of *p, unsigned groups, const double *centre)
{
    unsigned wide = CHANNELS / groups;
    for (unsigned g = 0; g < groups; g++)
        for (size_t i = 0; i < SHARES; i++) {
            double want = plain(p, PICTURES, g * wide, wide, centre ? &centre[g] : NULL, shares[i]);
            double got = search_value(s, g, i);
            REQUIRE(got == want, "group %u of %u, quantile %g is %.17g, not %.17g", g, groups, shares[i], got, want);
        }
}

/* How many readings it takes. */
static int find_all(const struct picture_of *p, bool wide, unsigned groups, const double *centre)
{
    struct histogram h = {0};
    struct why why = {""};
    struct search s;
    int readings = 0;
    for (size_t k = 0; k < PICTURES; k++) {
        struct counts counts = count(&p[k], wide);
        ck_assert(histogram_add(&h, &counts, &why));
        counts_free(&counts);
    }
    const struct search_task task = {&h, instnorm_space_find("rgb"), CHANNELS, groups, shares, SHARES, centre, false};
    ck_assert_msg(search_begin(&s, &task, &why), "%s", why.text);
    for (; !search_is_done(&s); readings++) {
        uint64_t *bin = calloc(search_bins(&s), sizeof *bin);
        for (size_t k = 0; k < PICTURES; k++)
            read_picture(&s, bin, &p[k], wide);
        ck_assert_msg(search_narrow(&s, bin, &why), "%s", why.text);
        free(bin);
    }
    require_found(&s, p, groups, centre);
    search_free(&s);
    histogram_free(&h);
    return readings;
}

static const struct {
    enum values kind;
    bool wide;
    int least, most; /* readings after the first */
} cases_of[] = {{FLOATS, false, 1, 1}, {DOUBLES, true, 3, 4}, {ALL_FLOATS, false, 1, 3}, {ALL_DOUBLES, true, 1, 6},
                {FEW, false, 1, 3},    {BYTES, false, 0, 0},  {KINDS_MIXED, true, 3, 4}};

static struct picture_of *make_pictures(int i, bool weighted)
{
    static const enum values mixed[PICTURES] = {BYTES, DOUBLES, FLOATS};
    struct random r = {(uint64_t)i};
    struct picture_of *p = calloc(PICTURES, sizeof *p);
    for (size_t k = 0; k < PICTURES; k++)
        make(&p[k], &r, cases_of[i].kind == KINDS_MIXED ? mixed[k] : cases_of[i].kind, weighted && k > 0);
    return p;
}

START_TEST(quantiles_are_those_of_a_sort)
{
    for (int weighted = 0; weighted < 2; weighted++) {
        struct picture_of *p = make_pictures(_i, weighted);
        for (unsigned groups = 1; groups <= CHANNELS; groups *= 2) {
            int readings = find_all(p, cases_of[_i].wide, groups, NULL);
            REQUIRE(readings >= cases_of[_i].least && readings <= cases_of[_i].most, "%d readings", readings);
        }
        free(p);
    }
}
END_TEST

START_TEST(deviations_are_those_of_a_sort)
{
    for (int weighted = 0; weighted < 2; weighted++) {
        struct picture_of *p = make_pictures(_i, weighted);
        for (unsigned groups = 1; groups <= CHANNELS; groups *= 2) {
            double centre[CHANNELS];
            for (unsigned g = 0; g < groups; g++)
                centre[g] = plain(p, PICTURES, g * (CHANNELS / groups), CHANNELS / groups, NULL, 0.5);
            find_all(p, cases_of[_i].wide, groups, centre);
        }
        free(p);
    }
}
END_TEST

/* Values that are no longer there are missed. */
START_TEST(other_values_are_refused)
{
    struct picture_of *p = make_pictures(0, false);
    struct counts counts = count(p, false);
    struct histogram h = histogram_of(&counts);
    struct why why = {""};
    struct search s;
    const struct search_task task = {&h, instnorm_space_find("rgb"), CHANNELS, CHANNELS, shares, SHARES, NULL, false};
    ck_assert(search_begin(&s, &task, &why) && !search_is_done(&s));
    uint64_t *bin = calloc(search_bins(&s), sizeof *bin);
    for (size_t i = 0; i < N; i++)
        p->narrow[1][i] += 100;
    read_picture(&s, bin, p, false);
    ck_assert(!search_narrow(&s, bin, &why) && strstr(why.text, "changed while it was read"));
    free(bin);
    search_free(&s);
    counts_free(&counts);
    free(p);
}
END_TEST

/* From the histogram alone, within its bound; and of no values there is none. */
START_TEST(middles_do_where_nothing_is_read_again)
{
    struct picture_of *p = make_pictures(1, true);
    struct counts counts = count(&p[1], true);
    struct histogram h = histogram_of(&counts), none = {0};
    struct why why = {""};
    struct search s;
    struct search_task task = {&h, instnorm_space_find("rgb"), CHANNELS, 2, shares, SHARES, NULL, true};
    ck_assert(search_begin(&s, &task, &why) && search_is_done(&s));
    for (unsigned g = 0; g < 2; g++)
        for (size_t i = 0; i < SHARES; i++)
            REQUIRE_NEAR(search_value(&s, g, i), plain(&p[1], 1, 2 * g, 2, NULL, shares[i]), 1.0 / 256);
    search_free(&s);
    counts_free(&counts);
    task.of = &none;
    ck_assert(search_begin(&s, &task, &why) && search_is_done(&s) && isnan(search_value(&s, 0, 0)));
    search_free(&s);
    free(p);
}
END_TEST

/* ---- what stands in for mean and deviation, of a series ------------------------------------------------------------ */

static void add_to_series(struct series *s, const struct picture_of *p, bool wide)
{
    struct counts counts = count(p, wide);
    struct instnorm_moments m[CHANNELS];
    struct pooled own = {0};
    struct why why = {""};
    for (unsigned c = 0; c < CHANNELS; c++)
        run_measure(run_of_picture(p, c, wide), p->weighted ? p->weight : NULL, N, &m[c]);
    const struct pooled_part part = {
        .colours = CHANNELS, .unit = p->one, .moments = m, .histogram = &counts, .pictures = 1};
    const struct statistics used = {CHANNELS, m, 1, 0};
    ck_assert_msg(pooled_add(&own, &part, &why) && series_add(s, &own, &used, &why), "%s", why.text);
    pooled_free(&own);
    counts_free(&counts);
}

static void finish_series(struct series *s, const struct picture_of *p, bool wide)
{
    struct why why = {""};
    ck_assert_msg(series_check(s, &why), "%s", why.text);
    while (series_search(s)) {
        size_t n = search_bins(series_search(s));
        for (size_t k = 0; k < PICTURES; k++) {
            uint64_t *found = calloc(n, sizeof *found);
            read_picture(series_search(s), found, &p[k], wide);
            ck_assert(!series_add_found(s, found, n + 1, &why));
            ck_assert(series_add_found(s, found, n, &why));
            free(found);
        }
        ck_assert_msg(series_narrow(s, &why), "%s", why.text);
    }
    uint64_t none = 0;
    ck_assert(!series_add_found(s, &none, 1, &why));
}

static double mad_of(const struct picture_of *p, unsigned c, double median)
{
    return 1.4826 * plain(p, PICTURES, c, 1, &median, 0.5);
}

START_TEST(a_series_is_all_its_values)
{
    for (int median = 0; median < 2; median++) {
        struct picture_of *p = make_pictures(_i, true);
        const struct request request = {.space = instnorm_space_find("rgb"),
                                        .norm = INSTNORM_BATCH,
                                        .by = median ? MEASURED_MEDIAN : MEASURED_QUANTILES,
                                        .range = {0.05, 0.8}};
        struct series s = {.request = &request};
        for (size_t k = 0; k < PICTURES; k++)
            add_to_series(&s, &p[k], cases_of[_i].wide);
        finish_series(&s, p, cases_of[_i].wide);
        for (unsigned c = 0; c < CHANNELS; c++) {
            double low = plain(p, PICTURES, c, 1, NULL, median ? 0.5 : 0.05), high = plain(p, PICTURES, c, 1, NULL, 0.8);
            REQUIRE_NEAR(s.all.channel[c].mean, median ? low : (low + high) / 2, 1e-15);
            REQUIRE_NEAR(sqrt(instnorm_variance(&s.all.channel[c])), median ? mad_of(p, c, low) : (high - low) / 2, 1e-14);
        }
        series_free(&s);
        free(p);
    }
}
END_TEST

START_TEST(a_series_that_changes_is_refused)
{
    struct picture_of *p = make_pictures(0, false);
    const struct request request = {.space = instnorm_space_find("rgb"), .norm = INSTNORM_BATCH, .by = MEASURED_MEDIAN};
    struct series s = {.request = &request};
    struct why why = {""};
    add_to_series(&s, p, false);
    ck_assert(series_check(&s, &why) && series_search(&s));
    ck_assert(!series_narrow(&s, &why) && strstr(why.text, "changed while it was read"));
    series_free(&s);
    free(p);
}
END_TEST

SUITE(search)
{
    TCase *cases = tcase_create("search");
    int all = sizeof cases_of / sizeof *cases_of;
    tcase_add_loop_test(cases, quantiles_are_those_of_a_sort, 0, all);
    tcase_add_loop_test(cases, deviations_are_those_of_a_sort, 0, all);
    tcase_add_test(cases, other_values_are_refused);
    tcase_add_test(cases, middles_do_where_nothing_is_read_again);
    tcase_add_loop_test(cases, a_series_is_all_its_values, 0, 2);
    tcase_add_test(cases, a_series_that_changes_is_refused);
    suite_add_tcase(suite, cases);
}
