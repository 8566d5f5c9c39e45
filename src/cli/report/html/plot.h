/* From numbers to a drawing in SVG: ranges, scales, and lines, dots and bands that are paths. */
#ifndef CLI_REPORT_HTML_PLOT_H
#define CLI_REPORT_HTML_PLOT_H

#include "base/growing.h"

#include <math.h>
#include <stddef.h>

/* The smallest and the largest of some numbers; that of none is RANGE_OF_NONE. */
struct range {
    double low, high;
};

#define RANGE_OF_NONE ((struct range){INFINITY, -INFINITY})

/* Widens the range to the value. NaN and infinities leave it as it is. */
void range_add(struct range *range, double value);

/* Some numbers that lie `stride` doubles apart. */
struct values {
    const double *at;
    size_t n, stride;
};

/* Of the numbers [begin,end). */
struct range range_of(const struct values *values, size_t begin, size_t end);

/* Where the values of an axis are in the drawing: `from` at `begin`, `to` at `end`; any of the two may be the larger. */
struct scale {
    double from, to, begin, end;
    bool logarithmic; /* then `from` and `to` are above 0 */
};

/*
 * The place of a value, beyond the ends too. It is in the middle if the ends are one or further apart than doubles reach;
 * NaN for a value that has no place: NaN, infinite, on a logarithmic axis 0 or less.
 */
double scale_place(const struct scale *scale, double value);

/* The place of a point. */
struct axes {
    struct scale x, y;
};

/* A line of more values than these goes through the lowest and the highest of those that share a column. */
enum { PLOT_COLUMNS = 1200 };

size_t plot_columns(size_t n);

/*
 * Adds a path of the class through the points (x, y). If `x` is NULL they are evenly apart: the i-th column, of
 * plot_columns(y->n), is at the place of i; otherwise a column is at its first x. The line is broken at points without a
 * place.
 */
void plot_line(struct growing *to, const char *class, const struct axes *axes, const struct values *x,
               const struct values *y);

/* Adds a path of the class with a line of no length at each point that has a place: a dot, if its ends are round. */
void plot_dots(struct growing *to, const char *class, const struct axes *axes, const struct values *x,
               const struct values *y);

/* Adds a closed path of the class between two lines. It is parted at points without a place. */
void plot_band(struct growing *to, const char *class, const struct axes *axes, const struct values *x,
               const struct values *low, const struct values *high);

#endif
