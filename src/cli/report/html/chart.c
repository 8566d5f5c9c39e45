#include "cli/report/html/chart.h"

#include "base/channel.h"
#include "cli/report/html/markup.h"

#include <math.h>
#include <stdlib.h>

enum { WIDTH = 600, HEIGHT = 120, COLUMNS_MAX = 1200 };

bool chart_add(struct chart *chart, const struct result *r, struct why *why)
{
    if (r->status != RESULT_MAPPED || !result_counts(r))
        return true;
    if (chart->n == 0) {
        chart->space = r->space;
        chart->colours = r->colours;
    }
    if (r->colours != chart->colours)
        return true;
    if (chart->n == chart->room) {
        size_t room = chart->room ? 2 * chart->room : 64;
        struct frame *more = reallocarray(chart->frame, room, sizeof *more);
        if (!more)
            return why_memory(why);
        chart->frame = more;
        chart->room = room;
    }
    struct frame *frame = &chart->frame[chart->n++];
    *frame = (struct frame){{{0}}};
    for (unsigned c = 0; c < r->colours && c < CHART_CHANNELS; c++) {
        struct moments_numbers was = moments_in_units(&r->channel[c].moments, r->unit);
        struct moments_numbers is = moments_in_units(&r->channel[c].after, 1);
        const double value[] = {was.mean, is.mean, was.std, is.std};
        for (int k = 0; k < 4; k++)
            frame->value[c][k] = isfinite(value[k]) ? value[k] : 0;
    }
    return true;
}

/* The smallest and the largest of some numbers. */
struct range {
    double low, high;
};

static void widen(struct range *range, double value)
{
    range->low = fmin(range->low, value);
    range->high = fmax(range->high, value);
}

/* Of the numbers `k` of channel c in the frames [begin,end). */
static struct range range_of(const struct chart *chart, unsigned c, int k, size_t begin, size_t end)
{
    struct range range = {INFINITY, -INFINITY};
    for (size_t i = begin; i < end; i++)
        widen(&range, chart->frame[i].value[c][k]);
    return range;
}

static double y_of(double value, const struct range *all)
{
    double span = all->high - all->low;
    return span > 0 && isfinite(span) ? 2 + (HEIGHT - 4) * (all->high - value) / span : HEIGHT / 2.0;
}

/* A line through all frames; where there are too many, through the lowest and the highest of those that share a column. */
static void put_line(struct growing *to, const char *class, const struct chart *chart, unsigned c, int k,
                     const struct range *all)
{
    size_t columns = chart->n < COLUMNS_MAX ? chart->n : COLUMNS_MAX;
    growing_format(to, "<path class=\"%s\" d=\"", class);
    for (size_t i = 0; i < columns; i++) {
        struct range range = range_of(chart, c, k, i * chart->n / columns, (i + 1) * chart->n / columns);
        double x = WIDTH * (double)i / (double)(columns - 1);
        growing_format(to, "%s%.1f %.1f", i == 0 ? "M" : i == 1 ? "L" : " ", x, y_of(range.low, all));
        if (range.high > range.low)
            growing_format(to, "V%.1fL%.1f %.1f", y_of(range.high, all), x, y_of(range.high, all));
    }
    growing_put(to, "\"/>");
}

static void put_chart(struct growing *to, const struct chart *chart, unsigned c, int k, const char *what)
{
    char name[CHANNEL_NAME_BYTES], low[NUMBER_BYTES], high[NUMBER_BYTES];
    struct range all = range_of(chart, c, k, 0, chart->n), after = range_of(chart, c, k + 1, 0, chart->n);
    widen(&all, after.low);
    widen(&all, after.high);
    int places = number_places(fmax(fabs(all.low), fabs(all.high)));
    channel_name(chart->space, chart->colours, c, name, sizeof name);
    growing_format(to, "<figure class=\"chart\"><figcaption>%s of ", what);
    markup_string(to, name);
    growing_format(to,
                   "</figcaption><span>%s</span><svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\" "
                   "aria-label=\"%s of each frame, before and after\">",
                   number_text(high, all.high, places), WIDTH, HEIGHT, what);
    put_line(to, "was", chart, c, k, &all);
    put_line(to, "is", chart, c, k + 1, &all);
    growing_format(to, "</svg><span>%s</span></figure>", number_text(low, all.low, places));
}

void chart_put(struct growing *to, const struct chart *chart)
{
    if (chart->n < 2)
        return;
    growing_format(to,
                   "<section id=\"series\"><h2>Over %zu frames</h2><p class=\"key\"><i class=\"was\">before</i> "
                   "<i class=\"is\">after</i></p><div class=\"charts\">",
                   chart->n);
    for (unsigned c = 0; c < chart->colours && c < CHART_CHANNELS; c++) {
        put_chart(to, chart, c, 0, "Mean");
        put_chart(to, chart, c, 2, "Deviation");
    }
    growing_put(to, "</div></section>\n");
}

void chart_free(struct chart *chart)
{
    free(chart->frame);
    *chart = (struct chart){0};
}
