/* A picture that is drawn: rectangles, text and pictures, from 8 bits of R, G and B. What is outside of it is not drawn. */
#ifndef CLI_REPORT_COMPARE_CANVAS_H
#define CLI_REPORT_COMPARE_CANVAS_H

#include "engine/preview.h"

struct canvas {
    size_t width, height;
    unsigned char *rgb; /* [height][width][3] */
    void *text;         /* canvas_text_room() bytes to lay out a text in */
};

struct colour {
    unsigned char rgb[3];
};

/* In pixels, y downwards. */
struct rectangle {
    size_t x, y, width, height;
};

/* All white. False: out of memory. */
bool canvas_reserve(struct canvas *canvas, size_t width, size_t height, struct why *why);

void canvas_free(struct canvas *canvas);

/* Lays the colour over the rectangle; opacity 0 to 1. */
void canvas_fill(struct canvas *canvas, const struct rectangle *where, struct colour colour, double opacity);

/* The pixels of a preview, its upper left one at (x, y). */
void canvas_picture(struct canvas *canvas, const struct preview *preview, size_t x, size_t y);

/* ---- text (text.c): a font of 12 * scale pixels a line; all but printable ASCII is "?" ------------------------------ */

size_t canvas_text_room(void);

/* Of a text that is too wide the end is left out. */
void canvas_text(struct canvas *canvas, size_t x, size_t y, size_t width, unsigned scale, const char *text,
                 struct colour colour);

#endif
