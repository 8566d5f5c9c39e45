/* A small picture of a picture, for reports: each of its pixels is the mean of a square of the picture's. */
#ifndef ENGINE_PREVIEW_H
#define ENGINE_PREVIEW_H

#include "base/buffer.h"
#include "base/picture.h"

/* 8 bits of R, G and B, on white. All 0 is none. */
struct preview {
    size_t width, height;
    unsigned char *rgb;  /* [height][width][3] */
    double black, white; /* the samples, in units, that are shown as 0 and 255 */
};

/* Room for a preview, all black. False: out of memory. */
bool preview_reserve(struct preview *preview, size_t width, size_t height, struct why *why);

void preview_free(struct preview *preview);

/* ---- making one ---------------------------------------------------------------------------------------------------- */

/* All 0 is closed. It keeps its memory from picture to picture. */
struct preview_maker {
    struct preview *to;
    const struct picture_info *of;
    size_t square, step; /* pixels of a side of what becomes one pixel, and from one that is looked at to the next */
    size_t y;            /* the next row of the picture */
    struct buffer sums;  /* [to->width][4] doubles: R, G, B as samples or from 0 to 1, and how many pixels they are of */
};

/*
 * Begins a preview of a picture, whose longer side has at most `side` pixels; to->black and to->white are set. Both
 * pictures outlive the making. False: out of memory.
 */
bool preview_begin(struct preview_maker *maker, struct preview *to, const struct picture_info *of, unsigned side,
                   struct why *why);

/* The next rows, from the top. After the last one the preview is complete. */
void preview_add(struct preview_maker *maker, const struct rows *rows);

void preview_maker_free(struct preview_maker *maker);

#endif
