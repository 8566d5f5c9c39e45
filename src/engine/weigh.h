/* Where a picture is measured, or changed: the selectors of an option, as weights of its pixels. */
#ifndef ENGINE_WEIGH_H
#define ENGINE_WEIGH_H

#include "base/notes.h"
#include "base/picture_rows.h"
#include "engine/band.h"
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

/* False, with `why`, if a picture can be none of weights: it is neither grey nor, as formats without grey have it, RGB. */
bool weights_suit(const struct picture_info *picture, struct why *why);

/*
 * Before a pass over the picture `of`: rewinds the pictures of weights, which have its size and its bands. Their errors
 * name the option and the picture. False too if a selector cannot be told of the picture.
 */
bool weights_begin(struct weights *weights, const struct picture_info *of, struct why *why);

/* Reads the next band of each picture of weights. */
bool weights_read(struct weights *weights, struct why *why);

/* After the last row: notes values above 1; false if a picture of weights was in colour. */
bool weights_end(struct weights *weights, struct notes *notes, struct why *why);

/* to <- the option and its selectors, "--mask 'below:0.1'"; returns to. */
char *weights_describe(const struct weights *weights, char *to, size_t size);

/* What each pixel counts with, from 0 to *full, by alpha and the mask; NULL if all count in full. One
 * whose alpha is not finite counts with nothing, and is noted. */
const float *mask_weights(struct band *band, const struct rows *rows, const struct block *b, const float *alpha,
                          double *full);

/* How much of each pixel is changed, from 0 to 1; NULL if all of them are changed in full. */
const double *mask_amounts(const struct band *band, const struct rows *rows, const struct block *b, const float *alpha);

#endif
