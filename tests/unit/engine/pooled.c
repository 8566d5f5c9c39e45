/* Statistics that add up: the same whatever the order and the split, and those of all samples. */
#include "engine/pooled.h"
#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PICTURES = 40, COLOURS = 3, PAIRS = 3, SAMPLES = 60 };

/* A picture of floats, or of integers of one of several units, some of them signed. */
struct picture_of {
    double unit, least;
    bool exact;
    size_t n;
    double value[COLOURS][SAMPLES]; /* in samples */
    struct instnorm_moments moments[COLOURS];
    struct sums sums[COLOURS];
    struct wide products[PAIRS];
    struct instnorm_comoments between[PAIRS];
};

static void measure(struct picture_of *p)
{
    float x[COLOURS][SAMPLES];
    uint32_t whole[COLOURS][SAMPLES];
    struct why why = {""};
    for (unsigned c = 0; c < COLOURS; c++) {
        for (size_t i = 0; i < p->n; i++) {
            x[c][i] = (float)p->value[c][i];
            whole[c][i] = p->exact ? (uint32_t)(p->value[c][i] - p->least) : 0;
        }
        sums_add_where(whole[c], NULL, p->n, &p->sums[c]);
        instnorm_measure(x[c], NULL, p->n, &p->moments[c]);
        if (p->exact)
            ck_assert(moments_of_sums(&p->sums[c], p->least, &p->moments[c], &why));
        for (unsigned b = 0; b < c; b++) {
            sums_multiply_where(whole[b], whole[c], NULL, p->n, &p->products[sums_pair(b, c)]);
            instnorm_measure_pairs(x[b], x[c], NULL, p->n, &p->between[sums_pair(b, c)]);
        }
    }
}

static void make(struct picture_of *p, struct random *r, size_t i)
{
    static const struct {
        double unit, least;
        bool exact;
    } kinds[] = {{255, 0, true}, {1, 0, false}, {65535, 0, true}, {127, -128, true}, {1023, 0, true}};
    memset(p, 0, sizeof *p);
    p->unit = kinds[i % 5].unit, p->least = kinds[i % 5].least, p->exact = kinds[i % 5].exact;
    p->n = 1 + (size_t)random_below(r, SAMPLES);
    for (unsigned c = 0; c < COLOURS; c++)
        for (size_t k = 0; k < p->n; k++)
            p->value[c][k] = p->exact ? p->least + (double)random_below(r, (uint64_t)(p->unit - p->least) + 1)
                                      : (double)(float)(random_normal(r) * 1e-3 + 1000 * c);
    measure(p);
}

static void add(struct pooled *to, const struct picture_of *p)
{
    struct why why = {""};
    const struct pooled_part part = {.colours = COLOURS,
                                     .unit = p->unit,
                                     .least = p->least,
                                     .moments = p->moments,
                                     .sums = p->exact ? p->sums : NULL,
                                     .products = p->products,
                                     .between = p->between,
                                     .pictures = 1};
    ck_assert_msg(pooled_add(to, &part, &why), "%s", why.text);
}

static bool same_dyadic(const struct dyadic *a, const struct dyadic *b)
{
    return a->n == b->n && a->negative == b->negative && a->low == b->low &&
           (a->n == 0 || memcmp(a->digit, b->digit, a->n * sizeof *a->digit) == 0);
}

static void require_same(const struct pooled *a, const struct pooled *b)
{
    ck_assert(a->colours == b->colours && a->units == b->units && a->pictures == b->pictures);
    ck_assert(a->no_covariance == b->no_covariance && memcmp(&a->names, &b->names, sizeof a->names) == 0);
    ck_assert(memcmp(a->range, b->range, a->colours * sizeof *a->range) == 0);
    for (size_t i = 0; i < a->units; i++) {
        ck_assert(a->unit[i].unit == b->unit[i].unit);
        for (unsigned c = 0; c < a->colours; c++) {
            const struct pooled_channel *x = &a->unit[i].channel[c], *y = &b->unit[i].channel[c];
            ck_assert(same_dyadic(&x->weight, &y->weight) && same_dyadic(&x->sum, &y->sum) &&
                      same_dyadic(&x->squares, &y->squares) && same_dyadic(&x->means, &y->means) &&
                      same_dyadic(&x->stds, &y->stds));
        }
        for (size_t k = 0; k < sums_pairs(a->colours); k++) {
            const struct pooled_pair *x = &a->unit[i].pair[k], *y = &b->unit[i].pair[k];
            ck_assert(same_dyadic(&x->weight, &y->weight) && same_dyadic(&x->x, &y->x) && same_dyadic(&x->y, &y->y) &&
                      same_dyadic(&x->products, &y->products));
        }
    }
}

/* In any order, in any number of parts that are merged in any order. */
START_TEST(order_and_split_do_not_matter)
{
    struct random r = {(uint64_t)_i};
    struct picture_of *p = must_alloc(PICTURES * sizeof *p);
    struct pooled whole = {0}, all = {0}, part[7] = {{0}};
    struct why why = {""};
    for (size_t i = 0; i < PICTURES; i++) {
        make(&p[i], &r, i);
        add(&whole, &p[i]);
        pooled_name(&whole, "p", i);
    }
    for (size_t left = PICTURES, i; left > 0; left--) {
        i = (size_t)random_below(&r, left);
        size_t k = (size_t)random_below(&r, 7);
        add(&part[k], &p[i]);
        p[i] = p[left - 1];
    }
    for (size_t k = 7; k-- > 0;)
        ck_assert(pooled_merge(&all, &part[k], &why));
    for (size_t i = PICTURES; i-- > 0;)
        pooled_name(&all, "p", i);
    require_same(&all, &whole);
    for (size_t k = 0; k < 7; k++)
        pooled_free(&part[k]);
    pooled_free(&all);
    pooled_free(&whole);
    free(p);
}
END_TEST

/* The numbers are those of all samples together, in units. */
START_TEST(numbers_are_of_all_samples)
{
    struct random r = {(uint64_t)_i + 100};
    struct picture_of *p = must_alloc(PICTURES * sizeof *p);
    struct pooled pool = {0};
    struct statistics s = {0};
    struct why why = {""};
    double matrix[COLOURS * COLOURS];
    long double n = 0, mean[COLOURS] = {0}, between[COLOURS][COLOURS] = {{0}};
    for (size_t i = 0; i < PICTURES; i++) {
        make(&p[i], &r, _i == 0 ? i : 5 * i + (size_t)_i - 1); /* of all kinds, or of one */
        add(&pool, &p[i]);
        n += p[i].n;
        for (unsigned c = 0; c < COLOURS; c++)
            for (size_t k = 0; k < p[i].n; k++)
                mean[c] += (long double)p[i].value[c][k] / p[i].unit;
    }
    for (unsigned c = 0; c < COLOURS; c++)
        mean[c] /= n;
    for (size_t i = 0; i < PICTURES; i++)
        for (size_t k = 0; k < p[i].n; k++)
            for (unsigned a = 0; a < COLOURS; a++)
                for (unsigned b = 0; b < COLOURS; b++)
                    between[a][b] += (p[i].value[a][k] / (long double)p[i].unit - mean[a]) *
                                     (p[i].value[b][k] / (long double)p[i].unit - mean[b]);
    ck_assert(pooled_statistics(&pool, &s, &why) && pooled_covariance(&pool, matrix, &why));
    for (unsigned a = 0; a < COLOURS; a++) {
        struct moments_numbers numbers;
        long double scale = fabsl(mean[a]) + sqrtl(between[a][a] / n);
        ck_assert(pooled_numbers(&pool, a, &numbers, &why));
        ck_assert(s.channel[a].weight == (double)n);
        REQUIRE_NEAR(numbers.mean, mean[a], 1e-15L);
        REQUIRE_CLOSE(numbers.variance, between[a][a] / n, 1e-15L * scale * scale);
        REQUIRE_NEAR(s.channel[a].m2, numbers.variance * n, 1e-15L);
        for (unsigned b = 0; b < COLOURS; b++)
            REQUIRE_CLOSE(matrix[a * COLOURS + b], between[a][b] / n,
                          2e-15L * scale * (fabsl(mean[b]) + sqrtl(between[b][b] / n)));
    }
    statistics_free(&s);
    pooled_free(&pool);
    free(p);
}
END_TEST

START_TEST(what_does_not_fit_is_refused)
{
    struct random r = {1};
    struct picture_of p;
    struct pooled three = {0}, other = {0};
    struct why why = {""};
    make(&p, &r, 0);
    add(&three, &p);
    const struct pooled_part two = {.colours = 2, .unit = 1, .moments = p.moments, .pictures = 1};
    ck_assert(!pooled_add(&three, &two, &why) && strstr(why.text, "expected 3 colour channels"));
    ck_assert(pooled_add(&other, &two, &why) && other.no_covariance);
    why = (struct why){""};
    ck_assert(!pooled_merge(&three, &other, &why) && strstr(why.text, "expected 3 colour channels"));
    for (int i = 0; i < 2; i++) {
        struct instnorm_moments wild = p.moments[0];
        const struct pooled_part part = {.colours = 1, .unit = 1, .moments = &wild, .pictures = 1};
        struct pooled none = {0};
        *(i ? &wild.mean : &wild.m2) = INFINITY;
        why = (struct why){""};
        ck_assert_msg(!pooled_add(&none, &part, &why) && strstr(why.text, "infinite"), "%d", i);
        ck_assert(!pooled_counts(&none));
        pooled_free(&none);
    }
    pooled_free(&three);
    pooled_free(&other);
}
END_TEST

/* A grey picture that becomes RGB is three channels that are the same. */
START_TEST(grey_is_repeated)
{
    struct random r = {2};
    struct picture_of p;
    struct pooled grey = {0};
    struct why why = {""};
    double matrix[9];
    make(&p, &r, 0);
    const struct pooled_part part = {.colours = 1, .unit = 255, .moments = p.moments, .sums = p.sums, .pictures = 1};
    ck_assert(pooled_add(&grey, &part, &why) && pooled_repeat_grey(&grey, &why) && pooled_covariance(&grey, matrix, &why));
    for (int i = 1; i < 9; i++)
        ck_assert(matrix[i] == matrix[0]);
    ck_assert_uint_eq(grey.colours, 3);
    pooled_free(&grey);
}
END_TEST

/* Published vectors of FNV-1a, 128 bits, of "" and "foobar" would end without the zero and the index. */
START_TEST(names_add_up)
{
    struct pooled a = {0}, b = {0};
    pooled_name(&a, "one", 0);
    pooled_name(&a, "two", 3);
    pooled_name(&b, "two", 3);
    ck_assert(memcmp(&a.names, &b.names, sizeof a.names) != 0);
    pooled_name(&b, "one", 0);
    ck_assert(memcmp(&a.names, &b.names, sizeof a.names) == 0);
    pooled_name(&a, "two", 4);
    pooled_name(&b, "two4", 0);
    ck_assert(memcmp(&a.names, &b.names, sizeof a.names) != 0);
}
END_TEST

SUITE(pooled)
{
    TCase *tcase = tcase_create("pooled");
    tcase_add_loop_test(tcase, order_and_split_do_not_matter, 0, 20);
    tcase_add_loop_test(tcase, numbers_are_of_all_samples, 0, 6);
    tcase_add_test(tcase, what_does_not_fit_is_refused);
    tcase_add_test(tcase, grey_is_repeated);
    tcase_add_test(tcase, names_add_up);
    suite_add_tcase(suite, tcase);
}
