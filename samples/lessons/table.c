#include "lessons/table.h"

#include "base/growing.h"
#include "base/quote.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { QUOTED = 80, DIGITS_MAX = 9 };

/* Sets `why`: the file, the line, and the reason. Always false. */
static bool refuse_line(const struct table *table, size_t line, const char *reason, struct why *why)
{
    char path[QUOTED];
    return why_set(why, "%s:%zu: %s", quote(path, sizeof path, table->path), line, reason);
}

static bool read_text(struct table *table, size_t *size, struct why *why)
{
    char path[QUOTED], part[65536];
    struct growing text = {0};
    FILE *file = fopen(table->path, "rb");
    if (!file)
        return why_set(why, "%s: %s", quote(path, sizeof path, table->path), strerror(errno));
    for (size_t n; (n = fread(part, 1, sizeof part, file)) > 0;)
        growing_add(&text, part, n);
    bool failed = ferror(file);
    if (failed)
        why_set(why, "%s: %s", quote(path, sizeof path, table->path), strerror(errno));
    fclose(file);
    *size = text.n;
    table->text = growing_take(&text, why);
    return table->text && !failed;
}

static size_t count(const char *text, char c)
{
    size_t n = 0;
    for (; (text = strchr(text, c)) != NULL; text++)
        n++;
    return n;
}

/* The end of the line at `line`, where a NUL takes the place of the line feed. */
static char *cut_line(char *line)
{
    char *end = line + strcspn(line, "\n");
    *end = '\0';
    return end;
}

/* Cuts the line into the fields of a row. */
static bool split_row(struct table *table, size_t row, char *line, struct why *why)
{
    size_t fields = count(line, ',') + 1;
    if (fields != table->columns) {
        char reason[QUOTED];
        snprintf(reason, sizeof reason, "%zu fields, expected the %zu of the header", fields, table->columns);
        return refuse_line(table, row + 2, reason, why);
    }
    for (size_t i = 0; i < fields; i++) {
        table->field[row * table->columns + i] = line;
        line += strcspn(line, ",");
        *line++ = '\0';
    }
    return true;
}

static bool split(struct table *table, struct why *why)
{
    size_t rows = count(table->text, '\n') - 1;
    char *end = cut_line(table->text);
    if (strcmp(table->text, table->header) != 0) {
        char reason[2 * QUOTED], found[QUOTED];
        snprintf(reason, sizeof reason, "the header is %s, expected %s", quote(found, sizeof found, table->text),
                 table->header);
        return refuse_line(table, 1, reason, why);
    }
    if (rows == 0)
        return refuse_line(table, 2, "no rows below the header", why);
    table->columns = count(table->header, ',') + 1;
    table->field = calloc(rows * table->columns, sizeof *table->field);
    if (!table->field)
        return why_memory(why);
    for (; table->rows < rows; table->rows++) {
        char *line = end + 1;
        end = cut_line(line);
        if (!split_row(table, table->rows, line, why))
            return false;
    }
    return true;
}

bool table_read(struct table *table, const char *path, const char *header, struct why *why)
{
    *table = (struct table){.path = path, .header = header};
    size_t size = 0;
    if (!read_text(table, &size, why))
        return false;
    size_t line = count(table->text, '\n') + 1;
    if (strlen(table->text) < size)
        return refuse_line(table, line, "a byte 0: this is no text", why);
    if (size == 0)
        return refuse_line(table, 1, "an empty file", why);
    if (table->text[size - 1] != '\n')
        return refuse_line(table, line, "the line does not end: the file is cut off", why);
    return split(table, why);
}

void table_free(struct table *table)
{
    free(table->text);
    free(table->field);
    *table = (struct table){0};
}

const char *table_field(const struct table *table, size_t row, size_t column)
{
    return table->field[row * table->columns + column];
}

bool table_refuse(const struct table *table, size_t row, size_t column, const char *expected, struct why *why)
{
    const char *name = table->header;
    for (size_t i = 0; i < column; i++)
        name += strcspn(name, ",") + 1;
    char reason[3 * QUOTED], found[QUOTED / 2];
    snprintf(reason, sizeof reason, "%.*s is %s, expected %s", (int)strcspn(name, ","), name,
             quote(found, sizeof found, table_field(table, row, column)), expected);
    return refuse_line(table, row + 2, reason, why);
}

/* Beyond these an axis has no round numbers that are doubles. */
static const double largest = 1e100, smallest = 1e-100;

/* A decimal number: strtod takes hexadecimal ones, words and blanks too. */
static bool parse(const char *field, double *value)
{
    char *end;
    if (*field == '\0' || field[strspn(field, "0123456789+-.eE")] != '\0')
        return false;
    *value = strtod(field, &end);
    if (fabs(*value) < smallest)
        *value = 0;
    return *end == '\0';
}

bool table_number(const struct table *table, size_t row, size_t column, double *value, struct why *why)
{
    return (parse(table_field(table, row, column), value) && fabs(*value) <= largest) ||
           table_refuse(table, row, column, "a number of at most 1e100", why);
}

bool table_result(const struct table *table, size_t row, size_t column, double *value, struct why *why)
{
    const char *field = table_field(table, row, column), *word = field + (*field == '-');
    bool diverged = strcmp(word, "nan") == 0 || strcmp(word, "inf") == 0;
    if (!diverged && !parse(field, value))
        return table_refuse(table, row, column, "a number, nan or inf", why);
    if (diverged || fabs(*value) > largest)
        *value = NAN;
    return true;
}

bool table_count(const struct table *table, size_t row, size_t column, size_t least, size_t *value, struct why *why)
{
    const char *field = table_field(table, row, column);
    size_t digits = strspn(field, "0123456789");
    *value = 0;
    for (size_t i = 0; i < digits && i < DIGITS_MAX; i++)
        *value = 10 * *value + (size_t)(field[i] - '0');
    if (digits > 0 && digits <= DIGITS_MAX && field[digits] == '\0' && *value >= least)
        return true;
    return table_refuse(table, row, column, least > 0 ? "a whole number above 0" : "a whole number", why);
}
