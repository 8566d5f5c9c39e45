/* A histogram of pictures, which may have samples of several types: those that are alike are counted together. */
#ifndef ENGINE_HISTOGRAM_H
#define ENGINE_HISTOGRAM_H

#include "engine/counts.h"

/* Types, or units of the same type, at most. */
enum { HISTOGRAM_KINDS = 64 };

/* All 0 is of no pictures. */
struct histogram {
    size_t kinds;
    struct counts *kind; /* [kinds] by type, then by unit, ascending */
};

/* Adds pictures that were counted together. False if they have other channels, memory is short or numbers are too large. */
bool histogram_add(struct histogram *h, const struct counts *counts, struct why *why);

bool histogram_merge(struct histogram *to, const struct histogram *from, struct why *why);

/* Makes three channels of one that is grey. */
bool histogram_repeat_grey(struct histogram *h, struct why *why);

/* The same as one. */
struct histogram histogram_of(struct counts *counts);

void histogram_free(struct histogram *h);

#endif
