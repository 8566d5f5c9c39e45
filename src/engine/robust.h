/* Quantiles of pictures, and what stands in for mean and deviation: the median, or the middle of two quantiles. */
#ifndef ENGINE_ROBUST_H
#define ENGINE_ROBUST_H

#include "engine/request.h"
#include "engine/search.h"

/* All 0 is of nothing. */
struct robust {
    enum measured_by by;
    struct search values;     /* of the quantiles that the request asks for */
    struct search deviations; /* from the median; all 0: not yet, or not at all */
    struct search_task task;
};

/*
 * Begins, with a histogram that outlives the search. The channels of a group are taken together. `where` need not say which
 * quantiles. False if memory is short.
 */
bool robust_begin(struct robust *r, const struct request *request, const struct search_task *where, struct why *why);

/* What the pictures must be read for once more; NULL: everything is found. */
const struct search *robust_search(const struct robust *r);

/* After that reading: see search_narrow. */
bool robust_narrow(struct robust *r, const uint64_t *bin, struct why *why);

/* Quantile i of channel c, in units. */
double robust_quantile(const struct robust *r, unsigned c, size_t i);

/* *m, whose samples are 1.0 where they are `one`, gets what stands in for its mean and its deviation. */
void robust_put(const struct robust *r, unsigned c, double one, struct instnorm_moments *m);

void robust_free(struct robust *r);

#endif
