/* The blocks of a band, which are what the library measures and maps: their samples and weights as runs of floats. */
#ifndef BLOCK_H
#define BLOCK_H

#include "engine/band.h"

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

/* straight <- the same, not rounded to float. */
void block_straight_double(const struct band *band, const struct rows *rows, const struct block *b, unsigned c,
                           const float *alpha, double *straight);

/* Whether channel c is a colour that was multiplied by alpha, so that it is divided. */
bool block_divides(const struct band *band, unsigned c);

/*
 * Channel c of the space, to be called for c = 0, 1, 2, ... in this order: the planes of a space are converted together.
 * What is no stored sample may be overwritten.
 */
const float *block_value(const struct band *band, const struct rows *rows, const struct block *b, unsigned c,
                         const float *alpha);

/* ---- runs of either type ------------------------------------------------------------------------------------------- */

/* Whether what is mapped is kept in double: see struct scratch. */
bool block_is_wide(const struct band *band);

/* Values to read, of one type or the other; NULL: of the other. */
struct values {
    const float *narrow;
    const double *wide;
};

/* Those of a plane that are mapped. */
struct mapped {
    float *narrow;
    double *wide;
};

static inline double value_at(struct values x, size_t i)
{
    return x.wide ? x.wide[i] : (double)x.narrow[i];
}

static inline void map_to(struct mapped y, size_t i, double value)
{
    if (y.wide)
        y.wide[i] = value;
    else
        y.narrow[i] = (float)value;
}

static inline struct values values_of(struct mapped y)
{
    return (struct values){y.narrow, y.wide};
}

/* Plane k of what is mapped. */
struct mapped block_mapped(const struct band *band, unsigned k);

/* Channel c, not multiplied by alpha, as exact as what it is mapped to; valid until the next one. */
struct values block_straight_values(const struct band *band, const struct rows *rows, const struct block *b, unsigned c,
                                    const float *alpha);

#endif
