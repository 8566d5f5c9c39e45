/* Histograms in JSON, of a statistics file or of a report: see instnorm-stats(5). */
#ifndef STATS_HISTOGRAM_H
#define STATS_HISTOGRAM_H

#include "cli/report/json.h"
#include "engine/histogram.h"

/* An array with an object for each type and unit of samples. NULL: out of memory. */
json_t *stats_put_histogram(const struct histogram *h);

/* Reads that array into an empty histogram of so many channels. False, with `why`, if it is not such an array. */
bool stats_get_histogram(const json_t *array, unsigned channels, struct histogram *h, struct why *why);

#endif
