/* Pools of any numbers, and whether two are the same. */
#ifndef POOLS_H
#define POOLS_H

#include "engine/pooled.h"
#include "support.h"

#include <string.h>

/* Digits anywhere from 2^-3200 to 2^3136; of either sign, and 0 at times. */
static inline void fill_dyadic(struct dyadic *x, struct random *r)
{
    size_t n = random_below(r, 4);
    if (n == 0)
        return;
    *x = (struct dyadic){must_alloc(n * sizeof *x->digit), n, n, (int)random_below(r, 190) - 100, random_below(r, 2) == 1};
    for (size_t i = 0; i < n; i++)
        x->digit[i] = 1 + (uint32_t)random_below(r, UINT32_MAX);
}

static inline void fill_pool(struct pooled *p, unsigned colours, struct random *r)
{
    struct why why = {""};
    ck_assert(pooled_begin(p, colours, &why));
    p->pictures = random_bits(r), p->missing = random_bits(r);
    p->names.high = random_bits(r), p->names.low = random_bits(r);
    p->unnamed = random_below(r, 2) == 1;
    for (unsigned c = 0; c < colours; c++)
        p->range[c] = (struct pooled_range){random_normal(r), random_normal(r), random_bits(r), random_bits(r)};
    for (double unit = 255; unit <= 65535; unit *= 257) {
        struct pooled_unit *u = pooled_unit(p, unit, &why);
        ck_assert_ptr_nonnull(u);
        for (unsigned c = 0; c < colours; c++) {
            fill_dyadic(&u->channel[c].weight, r);
            fill_dyadic(&u->channel[c].stds, r);
        }
        for (size_t k = 0; !p->no_covariance && k < sums_pairs(colours); k++) {
            fill_dyadic(&u->pair[k].weight, r);
            fill_dyadic(&u->pair[k].products, r);
        }
    }
}

static inline void require_same_dyadic(const struct dyadic *a, const struct dyadic *b)
{
    REQUIRE(a->n == b->n && a->low == b->low && a->negative == b->negative, "%zu digits, not %zu", b->n, a->n);
    REQUIRE(a->n == 0 || memcmp(a->digit, b->digit, a->n * sizeof *a->digit) == 0, "other digits");
}

static inline void require_same_pool(const struct pooled *a, const struct pooled *b)
{
    ck_assert(a->colours == b->colours && a->units == b->units && a->pictures == b->pictures && a->missing == b->missing);
    ck_assert(a->names.high == b->names.high && a->names.low == b->names.low);
    ck_assert(a->unnamed == b->unnamed && a->no_covariance == b->no_covariance);
    ck_assert(a->colours == 0 || memcmp(a->range, b->range, a->colours * sizeof *a->range) == 0);
    for (size_t i = 0; i < a->units; i++) {
        ck_assert(a->unit[i].unit == b->unit[i].unit);
        for (unsigned c = 0; c < a->colours; c++) {
            require_same_dyadic(&a->unit[i].channel[c].weight, &b->unit[i].channel[c].weight);
            require_same_dyadic(&a->unit[i].channel[c].stds, &b->unit[i].channel[c].stds);
        }
        for (size_t k = 0; !a->no_covariance && k < sums_pairs(a->colours); k++) {
            require_same_dyadic(&a->unit[i].pair[k].weight, &b->unit[i].pair[k].weight);
            require_same_dyadic(&a->unit[i].pair[k].products, &b->unit[i].pair[k].products);
        }
    }
}

#endif
