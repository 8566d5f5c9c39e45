#include "cli/report/compare/histogram.h"

#include <math.h>
#include <stdlib.h>

static const struct colour grey = {{96, 96, 96}}, axis = {{160, 160, 160}};

struct colour histogram_colour(const struct instnorm_space *space, unsigned channels, unsigned c)
{
    static const struct colour rgb[] = {{{214, 40, 40}}, {{30, 150, 60}}, {{40, 90, 220}}};
    static const struct colour opponent[] = {{{96, 96, 96}}, {{200, 60, 140}}, {{200, 150, 20}}};
    static const struct colour other[] = {{{200, 60, 140}}, {{200, 150, 20}}, {{30, 150, 150}}, {{96, 96, 96}}};
    if (channels == 1)
        return grey;
    if (channels == 3)
        return space->planes == 3 ? opponent[c] : rgb[c];
    return other[c % VIEW_CHANNELS];
}

static int compare_bins(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double histogram_peak(const struct view *before, const struct view *after)
{
    double bins[2 * VIEW_CHANNELS * VIEW_BINS];
    size_t n = 0;
    for (int k = 0; k < 2; k++) {
        const struct view *view = k == 0 ? before : after;
        for (unsigned c = 0; c < view->channels; c++)
            for (unsigned b = 1; b + 1 < VIEW_BINS; b++)
                if (view->channel[c].bin[b] > 0)
                    bins[n++] = view->channel[c].bin[b];
    }
    qsort(bins, n, sizeof *bins, compare_bins);
    return n > 0 ? bins[n - 1 - n / 50] : 1;
}

/* The sum of the bins of column x of `width`, as if there were VIEW_BINS columns. */
static double column(const struct view_channel *channel, size_t x, size_t width)
{
    size_t first = x * VIEW_BINS / width, end = (x + 1) * VIEW_BINS / width, n = 0;
    double sum = 0;
    for (size_t b = first; b == first || b < end; b++, n++)
        sum += channel->bin[b];
    return sum / (double)n;
}

static void draw_bars(struct canvas *canvas, const struct rectangle *where, const struct view_channel *channel,
                      struct colour colour, double peak)
{
    for (size_t x = 0; x < where->width; x++) {
        double part = fmin(column(channel, x, where->width) / peak, 1);
        size_t height = (size_t)ceil(part * (double)where->height);
        const struct rectangle bar = {where->x + x, where->y + where->height - height, 1, height};
        canvas_fill(canvas, &bar, colour, 0.35);
        const struct rectangle top = {bar.x, bar.y, 1, height > 0};
        canvas_fill(canvas, &top, colour, 0.65);
    }
}

/* A place on the axis in pixels; beyond it the end. */
static size_t place(const struct rectangle *where, const struct view_channel *channel, double value)
{
    double part = (value - channel->low) / (channel->high - channel->low);
    return (size_t)lrint(fmin(fmax(part, 0), 1) * (double)(where->width - 1));
}

/* Row c of the marks below the axis. */
static void draw_marks(struct canvas *canvas, const struct rectangle *where, const struct view_channel *channel, unsigned c,
                       struct colour colour)
{
    const struct instnorm_moments *m = &channel->moments;
    if (!(m->weight > 0))
        return;
    double std = sqrt(m->m2 / m->weight);
    size_t y = where->y + where->height + 4 + 6 * c, from = place(where, channel, m->mean - std);
    size_t to = place(where, channel, m->mean + std), mean = place(where, channel, m->mean);
    const struct rectangle line = {where->x + from, y, to - from + 1, 2};
    const struct rectangle mark = {where->x + (mean > 0 ? mean - 1 : 0), y - 2, 3, 6};
    canvas_fill(canvas, &line, colour, 1);
    canvas_fill(canvas, &mark, colour, 1);
}

void histogram_draw(struct canvas *canvas, const struct rectangle *where, const struct view *view,
                    const struct instnorm_space *space, double peak)
{
    const struct rectangle line = {where->x, where->y + where->height, where->width, 1};
    for (unsigned c = 0; c < view->channels; c++)
        draw_bars(canvas, where, &view->channel[c], histogram_colour(space, view->channels, c), peak);
    canvas_fill(canvas, &line, axis, 1);
    for (unsigned c = 0; c < view->channels; c++)
        draw_marks(canvas, where, &view->channel[c], c, histogram_colour(space, view->channels, c));
}
