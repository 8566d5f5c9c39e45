/* Results of several seeds as curves: their mean, the least and the largest. */
#ifndef LESSONS_CURVES_H
#define LESSONS_CURVES_H

#include "lessons/kinds.h"

/* Of all seeds at one place. One that diverged makes the numbers NaN. */
struct point {
    double x, mean, low, high;
    double diverged; /* how many seeds */
};

struct curve {
    struct kind kind;
    size_t batch;
    struct point *point; /* [n], x rising */
    size_t n;
    size_t row; /* the first in the table */
};

/* Freed by curves_free. */
struct curves {
    struct curve *curve; /* [n], by batch, those of a batch by kind */
    struct point *point; /* of all curves */
    size_t n;
};

/* Columns of a table. */
struct columns {
    size_t kind, batch, x, seed, y;
    bool sparse;   /* rows without y say nothing */
    bool positive; /* x is above 0 */
};

bool curves_read(struct curves *curves, const struct table *table, const struct columns *columns, struct why *why);

void curves_free(struct curves *curves);

/* The curves from `begin` on that have its batch end here. */
size_t curves_end(const struct curves *curves, size_t begin);

#endif
