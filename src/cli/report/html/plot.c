#include "cli/report/html/plot.h"

#include <math.h>

void range_add(struct range *range, double value)
{
    if (!isfinite(value))
        return;
    range->low = fmin(range->low, value);
    range->high = fmax(range->high, value);
}

static double value_of(const struct values *values, size_t i)
{
    return values->at[i * values->stride];
}

struct range range_of(const struct values *values, size_t begin, size_t end)
{
    struct range range = RANGE_OF_NONE;
    for (size_t i = begin; i < end; i++)
        range_add(&range, value_of(values, i));
    return range;
}

double scale_place(const struct scale *scale, double value)
{
    double from = scale->from, to = scale->to;
    if (scale->logarithmic) {
        from = log(from);
        to = log(to);
        value = value > 0 ? log(value) : NAN;
    }
    if (!isfinite(value))
        return NAN;
    double span = to - from;
    if (span == 0 || !isfinite(span))
        return (scale->begin + scale->end) / 2;
    return scale->begin + (scale->end - scale->begin) * (value - from) / span;
}

size_t plot_columns(size_t n)
{
    return n < PLOT_COLUMNS ? n : PLOT_COLUMNS;
}

/* The command that goes on to point `i` of a line. A blank is a line too, after the first. */
static const char *step_of(size_t i)
{
    return i == 0 ? "M" : i == 1 ? "L" : " ";
}

void plot_line(struct growing *to, const char *class, const struct axes *axes, const struct values *x,
               const struct values *y)
{
    size_t columns = plot_columns(y->n), points = 0;
    growing_format(to, "<path class=\"%s\" d=\"", class);
    for (size_t i = 0; i < columns; i++) {
        size_t first = i * y->n / columns;
        struct range range = range_of(y, first, (i + 1) * y->n / columns);
        double at = scale_place(&axes->x, x ? value_of(x, first) : (double)i);
        double low = scale_place(&axes->y, range.low), high = scale_place(&axes->y, range.high);
        if (isnan(at) || isnan(low) || isnan(high)) {
            points = 0;
            continue;
        }
        growing_format(to, "%s%.1f %.1f", step_of(points++), at, low);
        if (range.high > range.low)
            growing_format(to, "V%.1fL%.1f %.1f", high, at, high);
    }
    growing_put(to, "\"/>");
}

static bool has_place(const struct axes *axes, const struct values *x, const struct values *y, size_t i)
{
    return !isnan(scale_place(&axes->x, value_of(x, i))) && !isnan(scale_place(&axes->y, value_of(y, i)));
}

static void put_point(struct growing *to, const char *step, const struct axes *axes, const struct values *x,
                      const struct values *y, size_t i)
{
    growing_format(to, "%s%.1f %.1f", step, scale_place(&axes->x, value_of(x, i)), scale_place(&axes->y, value_of(y, i)));
}

void plot_dots(struct growing *to, const char *class, const struct axes *axes, const struct values *x,
               const struct values *y)
{
    growing_format(to, "<path class=\"%s\" d=\"", class);
    for (size_t i = 0; i < y->n; i++)
        if (has_place(axes, x, y, i)) {
            put_point(to, "M", axes, x, y, i);
            growing_put(to, "h0");
        }
    growing_put(to, "\"/>");
}

void plot_band(struct growing *to, const char *class, const struct axes *axes, const struct values *x,
               const struct values *low, const struct values *high)
{
    growing_format(to, "<path class=\"%s\" d=\"", class);
    for (size_t begin = 0, end; begin < low->n; begin = end + 1) {
        for (end = begin; end < low->n && has_place(axes, x, low, end) && has_place(axes, x, high, end); end++)
            put_point(to, step_of(end - begin), axes, x, low, end);
        for (size_t i = end; i > begin; i--)
            put_point(to, " ", axes, x, high, i - 1);
        if (end > begin)
            growing_put(to, "z");
    }
    growing_put(to, "\"/>");
}
