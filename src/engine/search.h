/*
 * Quantiles of values that a histogram has in intervals: radix selection. Each reading of all values tells which part of
 * the interval has what is sought, until the part is a single number. One does for float32, beside that which made the
 * histogram, and three where a quantile is nearly 0.
 */
#ifndef ENGINE_SEARCH_H
#define ENGINE_SEARCH_H

#include "engine/levels.h"

/* A quantile of the values of a group of neighbouring channels. */
struct sought {
    double quantile;    /* 0 to 1 */
    uint64_t rank;      /* of it in the interval, from 1 */
    uint64_t low, span; /* the interval: keys from low on; span is 0 once it is found */
    double value;       /* in units: once it is found */
};

/* All 0 is of nothing. */
struct search {
    unsigned channels, groups;
    size_t n;            /* quantiles of each group */
    struct sought *item; /* [groups][n] */
    double *centre;      /* [groups]: deviations from these are sought; NULL: values */
    bool in_parts;       /* ranks are of weights in parts */
    unsigned grain;      /* bits of a key that are the same in all values */
    unsigned digit;      /* bits of it that a reading tells */
};

/* What is to be found, and where. */
struct search_task {
    const struct histogram *of;
    const struct instnorm_space *space;
    unsigned channels, groups; /* groups of as many neighbouring channels */
    const double *quantile;    /* [n] */
    size_t n;
    const double *centre; /* [groups]; NULL: values are sought, and not deviations */
    bool rough;           /* nothing can be read again: of an interval the middle will do */
};

/*
 * Begins, and finds what the histogram tells. Of no samples each value is NAN. False if memory is short.
 */
bool search_begin(struct search *s, const struct search_task *task, struct why *why);

/* Whether all are found, so that nothing need be read again. */
bool search_is_done(const struct search *s);

/* How many numbers a reading tells. */
size_t search_bins(const struct search *s);

/* bin[search_bins] += those of a run of channel c: see counts_add_run. */
void search_count(const struct search *s, uint64_t *bin, unsigned c, struct run x, double one, const float *weight,
                  double full, size_t n);

/* After a reading. False if there were other values than before. */
bool search_narrow(struct search *s, const uint64_t *bin, struct why *why);

/* What was found, or NAN. */
double search_value(const struct search *s, unsigned group, size_t i);

void search_free(struct search *s);

#endif
