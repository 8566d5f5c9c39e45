/* Axes with round numbers, around a panel of a figure. */
#ifndef LESSONS_AXIS_H
#define LESSONS_AXIS_H

#include "cli/report/html/plot.h"
#include "lessons/figure.h"

enum { TICKS_MAX = 40, TICK_BYTES = 56 };

struct axis {
    struct scale scale;
    double tick[TICKS_MAX]; /* [ticks], rising */
    size_t ticks;
};

/* An axis for values of the range, at least one of which is finite; it begins and ends with a tick if it is `rounded`. */
struct axis axis_linear(struct range range, bool rounded);

/* The same for values above 0. */
struct axis axis_logarithmic(struct range range, bool rounded);

/* Whether values that are far apart are easier to see on a logarithmic axis: they are above 0 and span more than 10 : 1. */
bool axis_wants_logarithm(struct range range);

/* text <- the number, to `digits` digits at the most, with no zeros at its end. Returns `text`. */
const char *axis_number(char text[TICK_BYTES], double value, int digits);

/* A part of a figure with axes. */
struct panel {
    double left, right, top, bottom;
    struct axis x, y;
};

/* The scales of the panel's axes span the panel, but for `inset` at both ends of that of x. */
void panel_place(struct panel *panel, double inset);

/* Adds grid, ticks and their labels, and the name of x below. */
void panel_put(struct growing *to, const struct panel *panel, const char *x_name);

#endif
