/* Quantiles by a plain sort: what histograms and searches are held against. */
#ifndef WEIGHED_H
#define WEIGHED_H

#include <stdint.h>
#include <stdlib.h>

struct weighed {
    double value;
    uint64_t weight;
};

static inline int weighed_compare(const void *a, const void *b)
{
    const struct weighed *x = a, *y = b;
    return x->value < y->value ? -1 : x->value > y->value;
}

/* Sorts them. The first value with which the share is reached, and that weighs. */
static inline double weighed_quantile(struct weighed *x, size_t n, double share)
{
    uint64_t total = 0, reached = 0;
    qsort(x, n, sizeof *x, weighed_compare);
    for (size_t i = 0; i < n; i++)
        total += x[i].weight;
    for (size_t i = 0; i < n; i++) {
        reached += x[i].weight;
        if (reached > 0 && (double)reached >= share * (double)total)
            return x[i].value;
    }
    return 0;
}

#endif
