#include "lessons/kinds.h"

#include <stdio.h>
#include <string.h>

static const char *const names[] = {"none", "instance", "layer", "group", "batch"};

/* The number behind "group:", or 0. */
static size_t groups_of(const char *text)
{
    size_t digits = strspn(text, "0123456789"), groups = 0;
    if (digits == 0 || digits > 9 || text[digits] != '\0')
        return 0;
    for (; *text; text++)
        groups = 10 * groups + (size_t)(*text - '0');
    return groups;
}

bool kind_read(struct kind *kind, const struct table *table, size_t row, size_t column, struct why *why)
{
    const char *field = table_field(table, row, column);
    *kind = (struct kind){NORM_GROUP, strncmp(field, "group:", 6) == 0 ? groups_of(field + 6) : 0};
    for (enum norm norm = NORM_NONE; norm <= NORM_BATCH; norm++)
        if (norm != NORM_GROUP && strcmp(field, names[norm]) == 0)
            kind->norm = norm;
    return kind->norm != NORM_GROUP || kind->groups > 0 ||
           table_refuse(table, row, column, "none, instance, layer, group:G or batch", why);
}

int kind_compare(const struct kind *a, const struct kind *b)
{
    if (a->norm != b->norm)
        return a->norm < b->norm ? -1 : 1;
    return (a->groups > b->groups) - (a->groups < b->groups);
}

const char *kind_name(char text[KIND_BYTES], const struct kind *kind)
{
    if (kind->norm == NORM_GROUP)
        snprintf(text, KIND_BYTES, "group:%zu", kind->groups);
    else
        snprintf(text, KIND_BYTES, "%s", names[kind->norm]);
    return text;
}

const char *kind_class(const struct kind *kind)
{
    return names[kind->norm];
}
