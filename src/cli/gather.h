/* What a first pass over all pictures finds: their pooled moments, and for --deflicker those of each. */
#ifndef GATHER_H
#define GATHER_H

#include "statistics.h"

struct gathered {
    struct statistics all;
    bool series; /* each picture is kept */
    size_t n, room;
    struct instnorm_moments *picture; /* [n][all.colours] */
};

/* The next picture: its own moments, and those that it is normalized by. False if it has other channels. */
bool gather(struct gathered *g, const struct instnorm_moments *own, const struct instnorm_moments *pooled, unsigned colours,
            struct why *why);

/*
 * into <- the means and variances averaged over the `width` pictures centred on picture i, fewer at the ends. Of an even
 * width the outermost two count half: the centred moving average.
 */
bool gathered_average(const struct gathered *g, size_t i, unsigned width, struct statistics *into, struct why *why);

void gathered_free(struct gathered *g);

#endif
