/* A file of comma-separated values, read whole. */
#ifndef LESSONS_TABLE_H
#define LESSONS_TABLE_H

#include "base/why.h"

#include <stddef.h>

/* All 0 is empty. Freed by table_free. */
struct table {
    const char *path;   /* the caller's */
    const char *header; /* the caller's: the names of the columns, with commas between */
    char *text;         /* the file; each field of it ends in a NUL */
    const char **field; /* [rows][columns] */
    size_t rows, columns;
};

/* Reads the file. It begins with the header and has at least one row; each row has as many fields as the header. */
bool table_read(struct table *table, const char *path, const char *header, struct why *why);

void table_free(struct table *table);

const char *table_field(const struct table *table, size_t row, size_t column);

/* Sets `why`: the file, the line, the name of the column, the field, and what was expected. Always false. */
bool table_refuse(const struct table *table, size_t row, size_t column, const char *expected, struct why *why);

/* value <- the decimal number of the field, of at most 1e100; one of less than 1e-100 is 0. */
bool table_number(const struct table *table, size_t row, size_t column, double *value, struct why *why);

/* The same, or NaN if it diverged: for "nan" and "inf", with a minus sign or without, and for a number of more than 1e100.
 */
bool table_result(const struct table *table, size_t row, size_t column, double *value, struct why *why);

/* value <- the whole number of the field, of `least` at the least and of at most 9 digits. */
bool table_count(const struct table *table, size_t row, size_t column, size_t least, size_t *value, struct why *why);

#endif
