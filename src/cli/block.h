/* The blocks of a band, which are what the library measures and maps: their samples and weights as runs of floats. */
#ifndef BLOCK_H
#define BLOCK_H

#include "band.h"

/* How many channels of a block the tile holds: all if they are unpacked at once, otherwise three at most. */
unsigned block_channels(const struct picture_info *in);

/* The first block of a band (b all 0), or the one after: false if there is none. */
bool block_next(const struct band *band, const struct rows *rows, struct block *b);

/* Channel c as it is stored. Where the tile does not hold all, three channels after one another are valid at a time. */
const float *block_samples(const struct band *band, const struct rows *rows, const struct block *b, unsigned c);

/* NULL if there is none. */
const float *block_alpha(const struct band *band, const struct rows *rows, const struct block *b);

/* Channel c, not multiplied by alpha; 0 where alpha is. Three channels after one another are valid at a time. */
const float *block_straight(const struct band *band, const struct rows *rows, const struct block *b, unsigned c,
                            const float *alpha);

/*
 * Channel c of the space, to be called for c = 0, 1, 2, ... in this order: the planes of a space are converted together.
 * What is no stored sample may be overwritten.
 */
const float *block_value(const struct band *band, const struct rows *rows, const struct block *b, unsigned c,
                         const float *alpha);

#endif
