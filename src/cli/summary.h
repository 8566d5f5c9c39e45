/* What is written at the end of a run: the statistics of all pictures, and the map that they got. */
#ifndef SUMMARY_H
#define SUMMARY_H

#include "job.h"

struct summary {
    struct statistics measured;  /* of all pictures; with --fit what they were given */
    struct instnorm_affine *map; /* of each channel of the pictures, in units */
    unsigned colours;
    size_t pictures; /* that were mapped */
    bool differs;    /* not all by the same map */
};

/* The next picture. False if it has other channels than those before. */
bool summary_add(struct summary *s, const struct outcome *outcome, const struct options *o, struct why *why);

/* Writes --save-stats and --lut, as far as they were asked for. `all` are the statistics of a first pass, or NULL. */
bool summary_write(const struct summary *s, const struct statistics *all, const struct options *o, struct why *why);

void summary_free(struct summary *s);

#endif
