/* Measure: the moments of a picture's channels, band by band. */
#ifndef ENGINE_MEASURE_H
#define ENGINE_MEASURE_H

#include "base/sums.h"
#include "engine/pooled.h"
#include "engine/robust.h"
#include "engine/weigh.h"

struct measure_runs;

/* All 0 is closed. */
struct measure {
    const struct layout *layout;
    struct weights *by;    /* where to measure; NULL: everywhere */
    struct statistics own; /* of each colour channel, of samples or of values of the space: layout_unit is 1.0 */
    bool exact;            /* the sums are those of all samples that count: `own` is what they make */
    struct sums *sums;     /* [own.colours] of integer samples whose weights are all or nothing */
    struct wide *products; /* [sums_pairs(own.colours)] of its channels, in samples; NULL: nobody asks, */
    struct instnorm_comoments *between; /* or for these, which are known in any case */
    struct robust robust;               /* the quantiles of its channels; all 0: none are sought */
    struct counts counts;               /* of its channels; all 0: nobody asks */
    bool counts_whole_bands;            /* private: samples are counted where bands are, and not blocks */
    struct instnorm_comoments *pairs;   /* [own.colours] with the picture to fit */
    struct block_weights *weights;
    struct measure_runs *runs;
    float *pair_weight; /* [INSTNORM_BLOCK] */
};

/* What is measured beside the moments. */
struct measure_wants {
    bool covariance, histogram;
};

/* Before the first row. The layout and the weights outlive the use of it. What was reserved before is kept. */
bool measure_begin(struct measure *m, const struct layout *layout, struct weights *by, struct measure_wants wants,
                   struct why *why);

/*
 * Merges the moments of the band that the cursor has entered, weighted by alpha and the mask. Returns whether a sample
 * counts; with `until_found` no more is measured than it takes to tell.
 */
bool measure_band(struct measure *m, struct cursor *cursor, bool until_found);

/*
 * Merges the comoments of that band with those of the picture to fit, whose cursor has entered the same band and has the
 * same space and size. Where one of them is grey there are as many channels as the other has. Samples of the picture to fit
 * that were cut off are left out.
 */
void measure_pairs(struct measure *m, struct cursor *cursor, struct cursor *fit);

/*
 * After the last row: a grey picture has the same for all channels of --rgb; pairs are as if the picture to fit (its
 * layout; NULL: none) had the picture's unit. False: out of memory.
 */
bool measure_end(struct measure *m, const struct layout *fit, struct why *why);

/*
 * bin[search_bins(search)] += what a search asks of that band: see search_count. After measure_begin; nothing else is
 * measured.
 */
void measure_search(struct measure *m, struct cursor *cursor, const struct search *search, uint64_t *bin);

/* Adds what was measured to a pool, as that of a picture. */
bool measure_pool(struct measure *m, struct pooled *to, struct why *why);

/* Back to no samples. */
void measure_clear(struct measure *m);

/* The samples of the measured channels that are not finite. */
uint64_t measure_skipped(const struct measure *m);

void measure_free(struct measure *m);

#endif
