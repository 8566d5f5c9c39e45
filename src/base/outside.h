/* How many bytes are outside a range, and what their range is. */
#ifndef BASE_OUTSIDE_H
#define BASE_OUTSIDE_H

#include "base/rows.h"

/* Of a channel. */
struct outside {
    uint8_t from, to;      /* what is asked: the range */
    uint64_t below, above; /* samples less than `from`, and more than `to` */
    uint8_t least, most;   /* of all samples */
};

/* Adds 8-bit samples of each of the first `channels` channels to counts[c], which begins with least 255 and most 0. */
void outside_add(const struct rows *rows, unsigned channels, struct outside counts[]);

#endif
