/* The flat form of results that have histograms and quantiles: kept to the last bit, or refused. */
#include "flat_form.h"

/* A kind of samples with some counts, which is added to the pool. */
static void add_kind(struct pooled *p, enum sample sample, double unit, unsigned colours, struct random *r)
{
    struct counts c;
    struct why why = {""};
    ck_assert(counts_begin(&c, sample, unit, colours, &why));
    for (int i = 0; i < 5; i++)
        c.bin[random_below(r, colours * counts_bins(sample))] = 1 + random_below(r, 1000);
    c.in_parts = sample == SAMPLE_U8;
    c.fine = sample == SAMPLE_F64;
    ck_assert_msg(histogram_add(&p->histogram, &c, &why), "%s", why.text);
    counts_free(&c);
}

/* large: with types of many values. */
static struct result counted(unsigned colours, bool large, struct random *r)
{
    struct why why = {""};
    struct result result = {.status = RESULT_MEASURED, .space = instnorm_space_find("rgb"), .unit = 1, .pictures = 1};
    ck_assert(result_reserve(&result, colours, &why) && pooled_begin(&result.pooled, colours, &why));
    if (large) {
        add_kind(&result.pooled, SAMPLE_F64, 1, colours, r);
        add_kind(&result.pooled, SAMPLE_I16, 32767, colours, r);
    }
    add_kind(&result.pooled, SAMPLE_U8, 15, colours, r);
    add_kind(&result.pooled, SAMPLE_I8, 127, colours, r);
    add_kind(&result.pooled, SAMPLE_I8, 1, colours, r);
    ck_assert(result_reserve_quantiles(&result, 2, &why) && result_reserve_found(&result, 300, &why));
    for (size_t i = 0; i < 2 * colours; i++)
        result.quantile[i] = (struct quantile){random_unit(r), random_normal(r)};
    for (size_t i = 0; i < 300; i += 1 + random_below(r, 90))
        result.found[i] = 1 + random_bits(r) / 2;
    return result;
}

START_TEST(a_pipe_keeps_counts)
{
    for (unsigned colours = 1; colours <= 3; colours++) {
        struct random r = {7};
        struct result result = counted(colours, true, &r), other;
        const struct histogram *a = &result.pooled.histogram, *b = &other.pooled.histogram;
        struct why why = {""};
        size_t n;
        unsigned char *bytes = result_pack(&result, &n);
        ck_assert_msg(unpacks(bytes, n, &other, &why), "%s", why.text);
        free(bytes);
        ck_assert_uint_eq(a->kinds, b->kinds);
        for (size_t k = 0; k < a->kinds; k++) {
            const struct counts *x = &a->kind[k], *y = &b->kind[k];
            ck_assert(x->sample == y->sample && x->unit == y->unit && x->channels == y->channels);
            ck_assert(x->in_parts == y->in_parts && x->fine == y->fine);
            ck_assert(memcmp(x->bin, y->bin, colours * counts_bins(x->sample) * sizeof *x->bin) == 0);
        }
        ck_assert(result.quantiles == other.quantiles && result.founds == other.founds);
        ck_assert(memcmp(result.quantile, other.quantile, 2 * colours * sizeof *result.quantile) == 0);
        ck_assert(memcmp(result.found, other.found, 300 * sizeof *result.found) == 0);
        result_free(&result);
        result_free(&other);
    }
}
END_TEST

START_TEST(counts_may_be_wrong)
{
    struct random r = {8};
    struct result result = counted(1, false, &r);
    require_truncations_refused(&result);
    require_bits_matter(&result, 1000);
    result_free(&result);
}
END_TEST

SUITE(flat_counts)
{
    TCase *cases = tcase_create("flat_counts");
    tcase_add_test(cases, a_pipe_keeps_counts);
    tcase_add_test(cases, counts_may_be_wrong);
    suite_add_tcase(suite, cases);
}
