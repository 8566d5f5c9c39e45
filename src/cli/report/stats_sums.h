/* The part of a statistics file that adds up: sums as texts, which keep every digit. */
#ifndef STATS_SUMS_H
#define STATS_SUMS_H

#include "cli/report/json.h"
#include "engine/pooled.h"

/* An array with an object for each unit. NULL: out of memory. */
json_t *stats_put_sums(const struct pooled *pool);

/* Reads that array into a pool that has its channels, and no sums yet. False, with `why`, if it is not such an array. */
bool stats_get_sums(const json_t *sums, struct pooled *pool, struct why *why);

#endif
