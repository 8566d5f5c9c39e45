/* Exact sums of integer samples: they do not depend on the order, and are the same on every machine. */
#ifndef BASE_SUMS_H
#define BASE_SUMS_H

#include "base/rows.h"

/* All 0 is of no samples. */
struct sums {
    uint64_t n, sum, squares;
    unsigned least, most;
};

/* sums[c] += the 8-bit samples of channel c. */
void sums_add(struct sums sums[], const struct rows *rows);

#endif
