/* What a first pass over all pictures finds: their pooled moments, and for --deflicker those of each. */
#ifndef GATHER_H
#define GATHER_H

#include "engine/statistics.h"

struct gathered {
    struct statistics all;
    bool series; /* each picture that counts is kept */
    size_t n, room;
    size_t *place; /* [n]: of each picture among those that count, or GATHERED_NOWHERE */
    size_t kept;
    struct instnorm_moments *picture; /* [all.pictures][all.colours] of a series */
};

/* The place of a picture in which nothing counts. */
#define GATHERED_NOWHERE SIZE_MAX

/*
 * The next picture: its own moments, and those that it is normalized by. One in which nothing counts adds nothing,
 * whatever its channels are. False if it has other channels than those before.
 */
bool gather(struct gathered *g, const struct instnorm_moments *own, const struct instnorm_moments *pooled, unsigned colours,
            struct why *why);

/* False if nothing counts in any picture of a batch. */
bool gathered_check(const struct gathered *g, struct why *why);

/*
 * into <- the means and variances averaged over the `width` pictures centred on picture i, fewer at the ends. Of an even
 * width the outermost two count half: the centred moving average.
 */
bool gathered_average(const struct gathered *g, size_t i, unsigned width, struct statistics *into, struct why *why);

void gathered_free(struct gathered *g);

#endif
