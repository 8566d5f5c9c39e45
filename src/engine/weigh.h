/* Where a picture is measured, or changed: the selectors of an option, as weights of its pixels. */
#ifndef ENGINE_WEIGH_H
#define ENGINE_WEIGH_H

#include "base/notes.h"
#include "base/picture_rows.h"
#include "engine/cursor.h"
#include "engine/request.h"

/* One factor of the weight of each pixel. */
struct weight {
    const struct selector *by; /* a picture, a threshold or a value */
    const char *name;          /* in messages: the text of the selector, or the path of the picture that was found */
    struct picture_rows *from; /* the picture of weights; NULL: the selector is none */
    struct rows rows;          /* its band that was read last */
    bool beyond;               /* it has values above 1 */
};

/*
 * What the selectors of an option say. Whoever has found and opened the pictures fills in option, n and, of each item, by,
 * name and from; the rest is all 0. Where n is 0 every pixel weighs the same.
 */
struct weights {
    const char *option; /* in messages: "--mask" */
    size_t n;
    struct weight *item; /* [n] */
    bool coloured;       /* a picture that was read is not grey */
};

/*
 * Before a pass over the picture `of`: rewinds the pictures of weights, which have its size and its bands. Their errors
 * name the option and the picture. False too if one is neither grey nor RGB, or a selector cannot be told of the picture.
 */
bool weights_begin(struct weights *weights, const struct picture_info *of, struct why *why);

/* Reads the band of each picture of weights that goes with the next one of the picture. False if one has other rows. */
bool weights_read(struct weights *weights, const struct rows *band, struct why *why);

/* After the last row: notes values above 1; false if a picture of weights was in colour. */
bool weights_end(struct weights *weights, struct notes *notes, struct why *why);

/* to <- the option and its selectors, "--mask 'below:0.1'"; returns to. */
char *weights_describe(const struct weights *weights, char *to, size_t size);

/* ---- blocks -------------------------------------------------------------------------------------------------------- */

/* The weights of a block. Each who measures or maps has its own. */
struct block_weights {
    double amount[INSTNORM_BLOCK];
    float weight[INSTNORM_BLOCK];
    float value[INSTNORM_BLOCK], other[INSTNORM_BLOCK]; /* what the weights are made of */
    float data[INSTNORM_BLOCK];                         /* of a picture with `nodata`: 0 where a pixel stands for none */
    bool odd_alpha;                                     /* the alpha of some pixel is not finite */
};

/*
 * What each pixel where the cursor is counts with, from 0 to *full, by its alpha and `by` (NULL: nothing else); NULL if all
 * of them count in full. A pixel whose alpha is not finite, or that stands for no data, counts with nothing.
 */
const float *weigh_block(struct block_weights *to, struct weights *by, struct cursor *cursor, double *full);

/*
 * How much of each pixel there is changed, from 0 to 1, and nothing of one that stands for no data; NULL if all of them are
 * changed in full. `exact` amounts are not
 * rounded to float.
 */
const double *weigh_amounts(struct block_weights *to, struct weights *by, struct cursor *cursor, bool exact);

#endif
