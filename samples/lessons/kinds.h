/* Kinds of normalization, as the tables name them. */
#ifndef LESSONS_KINDS_H
#define LESSONS_KINDS_H

#include "lessons/table.h"

enum norm { NORM_NONE, NORM_INSTANCE, NORM_LAYER, NORM_GROUP, NORM_BATCH };

struct kind {
    enum norm norm;
    size_t groups; /* of NORM_GROUP, otherwise 0 */
};

enum { KIND_BYTES = 24 };

/* kind <- that of a field: none, instance, layer, group:G or batch. */
bool kind_read(struct kind *kind, const struct table *table, size_t row, size_t column, struct why *why);

/* Below, equal to, or above 0: in the order of the enum. */
int kind_compare(const struct kind *a, const struct kind *b);

/* text <- what the table calls it. Returns `text`. */
const char *kind_name(char text[KIND_BYTES], const struct kind *kind);

/* The class that it is drawn in. */
const char *kind_class(const struct kind *kind);

#endif
