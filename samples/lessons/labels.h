/* Names at the ends of lines, moved apart where they would overlap. */
#ifndef LESSONS_LABELS_H
#define LESSONS_LABELS_H

#include "lessons/figure.h"

enum { LABELS_MAX = 8, LABEL_BYTES = 24 };

struct label {
    char text[LABEL_BYTES];
    const char *class; /* of the line */
    double x, y;       /* where the line ends */
};

struct labels {
    struct label label[LABELS_MAX];
    size_t n;
};

/* Adds the names in a column at x, between top and bottom, each with a thin line from the end of its own. */
void labels_put(struct growing *to, const struct labels *labels, double x, double top, double bottom);

#endif
