/* A histogram as a list: the values that there are, ascending, and how much each weighs. */
#ifndef ENGINE_LEVELS_H
#define ENGINE_LEVELS_H

#include "engine/histogram.h"
#include "instnorm.h"

struct level {
    double value;      /* in units; of an interval the middle */
    unsigned interval; /* that it is in: see counts_interval */
    uint64_t weight;
};

/* All 0 is of no values. */
struct levels {
    size_t n;
    struct level *at; /* [n] */
    uint64_t total;   /* of the weights */
};

/*
 * to <- all values of some neighbouring channels, in units of the space. If some pictures are counted in parts, then so are
 * the weights. False if memory is short, or they come to 2^63.
 */
bool levels_make(struct levels *to, const struct histogram *from, const struct instnorm_space *space, unsigned first,
                 unsigned channels, struct why *why);

/* Each value <- how far it is from the centre. False if memory is short. */
bool levels_deviate(struct levels *l, double centre, struct why *why);

/*
 * The place of a quantile, from 1 to the total: by the inverted distribution function, so that it is the first sample with
 * which at least this share has been reached (R. J. Hyndman and Y. Fan, Sample quantiles in statistical packages, 1996,
 * definition 1).
 */
uint64_t levels_rank(double quantile, uint64_t total);

/* The first level with which the rank is reached. */
const struct level *levels_find(const struct levels *l, uint64_t rank);

void levels_free(struct levels *l);

#endif
