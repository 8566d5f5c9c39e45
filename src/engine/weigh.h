/* Where a picture is measured, or changed: the selectors of an option, with the pictures that some of them name. */
#ifndef MASK_H
#define MASK_H

#include "engine/band.h"
#include "engine/request.h"
#include "cli/files/input.h"

/* A picture of weights, read beside the one that is worked on. */
struct mask_file {
    char *path;
    struct input in;
    struct store kept, band;
    struct rows rows; /* that were read last */
    bool beyond;      /* it has values above 1 */
};

struct mask {
    const char *option; /* "--mask" */
    size_t n, n_files;
    const struct selector **selector; /* [n]; pictures, thresholds and values */
    struct mask_file *file;           /* [n_files]: of the selectors that are pictures, in their order */
    bool coloured;                    /* a picture that was read is not grey */
};

/*
 * The selectors for the input of that name, with those of `same` (NULL: none) where they say so; their pictures are opened.
 * False, with `why`, if one cannot be. In either case mask_close frees it.
 */
bool mask_open(struct mask *mask, const char *option, const struct selectors *selectors, const struct selectors *same,
               const char *input, const struct reading *how, struct why *why);

/* Bytes that the codecs of the pictures hold. */
uint64_t mask_held(const struct mask *mask);

/* To the top of the pictures that belong to the one that is selected of `leader`. */
bool mask_select(struct mask *mask, const struct input *leader, struct why *why);

/* input_end_beside of its pictures. */
bool mask_end(struct mask *mask, size_t pictures, struct why *why);

/* Reads the rows of the band that begins at row y. */
bool mask_read(struct mask *mask, size_t y, struct why *why);

/* What each pixel counts with, from 0 to *full, by alpha and the mask; NULL if all count in full. One
 * whose alpha is not finite counts with nothing, and is noted. */
const float *mask_weights(struct band *band, const struct rows *rows, const struct block *b, const float *alpha,
                          double *full);

/* How much of each pixel is changed, from 0 to 1; NULL if all of all. */
const double *mask_amounts(const struct band *band, const struct rows *rows, const struct block *b, const float *alpha);

/* After the last row: warns of values above 1; false if a picture was none of weights. */
bool mask_check(struct mask *mask, struct why *why);

/* to <- the option and its selectors, "--mask 'below:0.1'"; returns to. */
char *mask_describe(const struct mask *mask, char *to, size_t size);

/* input_tell of its pictures. */
void mask_tell(struct mask *mask);

/*
 * The file in the folder with the input's base name, with its extension or one that is known; NULL: none. *other <- a
 * second one, or NULL. Both to be freed.
 */
char *mask_in_folder(const char *folder, const char *input, char **other);

void mask_close(struct mask *mask);

#endif
