/* A standalone SVG: its frame, its colours and its text. */
#ifndef LESSONS_FIGURE_H
#define LESSONS_FIGURE_H

#include "base/growing.h"

/*
 * The width of a figure in its own units, of which text is 17 high, and 20 where the figure is less than 480 pixels wide.
 * Lines of text are FIGURE_LINE apart.
 */
enum { FIGURE_WIDTH = 640, FIGURE_LINE = 23 };

/* Begins the figure. `title` says what it is, and `description` what is to be seen in it, for those who do not see it. */
void figure_begin(struct growing *to, int height, const char *title, const struct growing *description);

void figure_end(struct growing *to);

/* Adds a text, whose class says where (x, y) is: "s" at its start, "m" in its middle, "e" at its end. */
void figure_text(struct growing *to, const char *class, double x, double y, const char *text);

#endif
