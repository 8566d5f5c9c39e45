#include "lessons/curves.h"

#include <math.h>
#include <stdlib.h>

/* What one row says. */
struct result {
    struct kind kind;
    size_t batch, seed, row;
    double x, y;
};

static int compare_numbers(double a, double b)
{
    return (a > b) - (a < b);
}

/* Of results of one curve 0. */
static int compare_curves(const struct result *a, const struct result *b)
{
    return a->batch != b->batch ? compare_numbers((double)b->batch, (double)a->batch) : kind_compare(&a->kind, &b->kind);
}

static int compare(const void *left, const void *right)
{
    const struct result *a = left, *b = right;
    int order = compare_curves(a, b);
    if (order == 0)
        order = compare_numbers(a->x, b->x);
    if (order == 0)
        order = compare_numbers((double)a->seed, (double)b->seed);
    return order != 0 ? order : compare_numbers((double)a->row, (double)b->row);
}

static bool read_row(struct result *result, const struct table *table, size_t row, const struct columns *columns,
                     struct why *why)
{
    result->row = row;
    return kind_read(&result->kind, table, row, columns->kind, why) &&
           table_count(table, row, columns->batch, 1, &result->batch, why) &&
           table_count(table, row, columns->seed, 0, &result->seed, why) &&
           table_number(table, row, columns->x, &result->x, why) &&
           (!columns->positive || result->x > 0 || table_refuse(table, row, columns->x, "a number above 0", why)) &&
           table_result(table, row, columns->y, &result->y, why);
}

/* One colour and one pattern of dashes are there for all groups. */
static bool refuse_other_groups(const struct result *result, size_t n, const struct table *table,
                                const struct columns *columns, struct why *why)
{
    size_t groups = 0;
    for (size_t i = 0; i < n; i++) {
        if (groups > 0 && result[i].kind.groups > 0 && result[i].kind.groups != groups)
            return table_refuse(table, result[i].row, columns->kind, "the same number of groups as in the rows above", why);
        if (result[i].kind.groups > 0)
            groups = result[i].kind.groups;
    }
    return true;
}

static bool read_results(struct result *result, size_t *n, const struct table *table, const struct columns *columns,
                         struct why *why)
{
    for (size_t row = 0; row < table->rows; row++) {
        if (columns->sparse && table_field(table, row, columns->y)[0] == '\0')
            continue;
        if (!read_row(&result[*n], table, row, columns, why))
            return false;
        ++*n;
    }
    if (*n == 0)
        return table_refuse(table, table->rows - 1, columns->y, "a number in at least one row", why);
    if (!refuse_other_groups(result, *n, table, columns, why))
        return false;
    qsort(result, *n, sizeof *result, compare);
    for (size_t i = 1; i < *n; i++)
        if (compare_curves(&result[i - 1], &result[i]) == 0 && result[i - 1].x == result[i].x &&
            result[i - 1].seed == result[i].seed)
            return table_refuse(table, result[i].row, columns->seed, "one row of each seed at a place", why);
    return true;
}

/* The n results of one place. */
static struct point point_of(const struct result *result, size_t n)
{
    struct point point = {result->x, 0, INFINITY, -INFINITY, 0};
    for (size_t i = 0; i < n; i++) {
        point.mean += result[i].y / (double)n;
        point.low = fmin(point.low, result[i].y);
        point.high = fmax(point.high, result[i].y);
        point.diverged += isnan(result[i].y);
    }
    if (point.diverged > 0)
        point.mean = point.low = point.high = NAN;
    return point;
}

static void gather(struct curves *curves, const struct result *result, size_t n)
{
    struct point *point = curves->point;
    for (size_t begin = 0, end; begin < n; begin = end) {
        for (end = begin + 1;
             end < n && compare_curves(&result[begin], &result[end]) == 0 && result[begin].x == result[end].x;)
            end++;
        if (begin == 0 || compare_curves(&result[begin - 1], &result[begin]) != 0)
            curves->curve[curves->n++] =
                (struct curve){result[begin].kind, result[begin].batch, point, 0, result[begin].row};
        *point++ = point_of(result + begin, end - begin);
        curves->curve[curves->n - 1].n++;
    }
}

bool curves_read(struct curves *curves, const struct table *table, const struct columns *columns, struct why *why)
{
    size_t n = 0;
    struct result *result = calloc(table->rows, sizeof *result);
    *curves = (struct curves){calloc(table->rows, sizeof *curves->curve), calloc(table->rows, sizeof *curves->point), 0};
    bool good = result && curves->curve && curves->point;
    if (!good)
        why_memory(why);
    good = good && read_results(result, &n, table, columns, why);
    if (good)
        gather(curves, result, n);
    free(result);
    return good;
}

void curves_free(struct curves *curves)
{
    free(curves->curve);
    free(curves->point);
    *curves = (struct curves){0};
}

size_t curves_end(const struct curves *curves, size_t begin)
{
    size_t end = begin;
    while (end < curves->n && curves->curve[end].batch == curves->curve[begin].batch)
        end++;
    return end;
}
