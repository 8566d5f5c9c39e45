#include "cli/report/html/chart.h"

#include "base/channel.h"
#include "cli/report/html/markup.h"
#include "cli/report/html/plot.h"

#include <math.h>
#include <stdlib.h>

enum { WIDTH = 600, HEIGHT = 120 };

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

/* The numbers `k` of channel c in all frames. */
static struct values values_of(const struct chart *chart, unsigned c, int k)
{
    return (struct values){&chart->frame[0].value[c][k], chart->n, sizeof(struct frame) / sizeof(double)};
}

static void put_line(struct growing *to, const char *class, const struct values *values, const struct range *all)
{
    const struct axes axes = {
        .x = {.to = (double)(plot_columns(values->n) - 1), .end = WIDTH},
        .y = {.from = all->high, .to = all->low, .begin = 2, .end = HEIGHT - 2},
    };
    plot_line(to, class, &axes, NULL, values);
}

static void put_chart(struct growing *to, const struct chart *chart, unsigned c, int k, const char *what)
{
    char name[CHANNEL_NAME_BYTES], low[NUMBER_BYTES], high[NUMBER_BYTES];
    struct values was = values_of(chart, c, k), is = values_of(chart, c, k + 1);
    struct range all = range_of(&was, 0, was.n), after = range_of(&is, 0, is.n);
    range_add(&all, after.low);
    range_add(&all, after.high);
    int places = number_places(fmax(fabs(all.low), fabs(all.high)));
    channel_name(chart->space, chart->colours, c, name, sizeof name);
    growing_format(to, "<figure class=\"chart\"><figcaption>%s of ", what);
    markup_string(to, name);
    growing_format(to,
                   "</figcaption><span>%s</span><svg viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\" "
                   "aria-label=\"%s of each frame, before and after\">",
                   number_text(high, all.high, places), WIDTH, HEIGHT, what);
    put_line(to, "was", &was, &all);
    put_line(to, "is", &is, &all);
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
