/* What a first pass over all pictures finds: their pooled statistics, and for a moving average those of each. */
#ifndef ENGINE_SERIES_H
#define ENGINE_SERIES_H

#include "engine/pooled.h"
#include "engine/robust.h"

struct series {
    const struct request *request; /* says which quantiles are asked for of all pictures; NULL: none */
    struct pooled pool;
    struct statistics all; /* the numbers of the pool, once they were checked */
    struct robust robust;  /* the quantiles, then */
    uint64_t *found;       /* of a search: see search_bins; NULL: nothing yet */
    bool averages;         /* each picture that counts is kept, for series_average */
    size_t n, room;
    size_t *place;                    /* [n]: of each picture among those that count, or SERIES_NOWHERE */
    size_t kept;                      /* pictures that there is room for */
    struct instnorm_moments *picture; /* [all.pictures][all.colours] that pictures are normalized with */
};

/* The place of a picture in which nothing counts. */
#define SERIES_NOWHERE SIZE_MAX

/*
 * The next picture: what its own statistics add to the pool, and those that it is normalized with. One in which nothing
 * counts adds nothing, whatever its channels are. False if it has other channels than those before.
 */
bool series_add(struct series *s, const struct pooled *own, const struct statistics *used, struct why *why);

/*
 * After the last picture. False if nothing counts in any picture of a batch, or memory is short. Then the pictures are read
 * again as long as series_search tells what for; series_add_found gets what each of them has of it, and series_narrow comes
 * after the last.
 */
bool series_check(struct series *s, struct why *why);
const struct search *series_search(const struct series *s);
bool series_add_found(struct series *s, const uint64_t *found, size_t n, struct why *why);
bool series_narrow(struct series *s, struct why *why);

/*
 * used <- what picture i is normalized with; the array stays that of the series. average <- the means and variances
 * averaged over the `width` pictures centred on it, fewer at the ends; of an even width the outermost two count half: the
 * centred moving average. False if the first pass found no such picture in which something counts.
 */
bool series_average(const struct series *s, size_t i, unsigned width, struct statistics *used, struct statistics *average,
                    struct why *why);

void series_free(struct series *s);

#endif
