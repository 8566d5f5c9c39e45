#include "engine/viewer.h"

#include <math.h>
#include <stdlib.h>

/* ---- ranges -------------------------------------------------------------------------------------------------------- */

struct range {
    double low, high; /* in units */
};

/* Of integers it is known; other values are between the smallest and the largest. */
static struct range measured_range(const struct layout *layout, const struct instnorm_moments *moments)
{
    bool known = layout->in.sample != SAMPLE_F32 && layout->space->planes == 1;
    double unit = layout_unit(layout), most = layout_converts(layout) ? 1 : picture_most(&layout->in) / unit;
    return known || !(moments->weight > 0) ? (struct range){0, most}
                                           : (struct range){moments->min / unit, moments->max / unit};
}

/* What the map makes of the smallest and the largest value. */
static struct range mapped_range(const struct viewer *v, const struct map *map, unsigned c,
                                 const struct instnorm_moments *moments)
{
    double ends[] = {moments->min, moments->max}, unit = layout_unit_out(v->layout);
    struct range known = measured_range(&v->after, moments);
    if (v->after.in.sample != SAMPLE_F32 && v->after.space->planes == 1)
        return known;
    map_run(map, c, (struct run){NULL, ends}, 2, (struct run_to){NULL, ends});
    return (struct range){fmin(ends[0], ends[1]) / unit, fmax(ends[0], ends[1]) / unit};
}

static struct range joined(struct range a, struct range b)
{
    return (struct range){fmin(a.low, b.low), fmax(a.high, b.high)};
}

/* The axis of a histogram. A constant is in the middle. */
static void set_edges(struct view_channel *channel, struct range range)
{
    bool wide = range.high > range.low && isfinite(range.high - range.low);
    double middle = isfinite(range.low) ? range.low : 0;
    channel->low = wide ? range.low : middle - 0.5;
    channel->high = wide ? range.high : middle + 0.5;
}

/* ---- begin --------------------------------------------------------------------------------------------------------- */

/* The output as a picture that is read: what is measured of it is comparable to what was measured of the input. */
static void make_after(struct viewer *v)
{
    v->after = *v->layout;
    v->after.in = v->layout->out;
    v->after.measured = v->layout->space->planes == 3 ? 3 : v->layout->colours;
    v->after.alpha_counts = false; /* the weights are those of the input */
}

static const struct instnorm_moments *moments_of(const struct viewer *v, unsigned c)
{
    return &v->result->channel[c].moments;
}

static bool begin_histograms(struct viewer *v, const struct map *map, struct why *why)
{
    struct view *before = &v->result->before, *after = &v->result->after;
    unsigned n = v->result->colours;
    if (!v->weights)
        v->weights = malloc(sizeof *v->weights);
    if (!v->weights || !view_reserve(before, n, why) || (map && !view_reserve(after, n, why)))
        return why_memory(why);
    for (unsigned c = 0; c < n; c++) {
        struct range range = measured_range(v->layout, moments_of(v, c));
        if (map && moments_of(v, c)->weight > 0)
            range = joined(range, mapped_range(v, map, c, moments_of(v, c)));
        set_edges(&before->channel[c], range);
        if (map)
            set_edges(&after->channel[c], range);
    }
    return true;
}

/* Floats may be anything: those that leave 0 to 1 are shown from the least to the greatest. */
static void set_shown(const struct viewer *v, const struct picture_info *info, const struct map *map, struct preview *to)
{
    bool plain = info->sample == SAMPLE_F32 && !layout_converts(v->layout);
    struct range all = {0, picture_most(info) / info->unit};
    for (unsigned c = 0; plain && c < v->result->colours; c++)
        if (moments_of(v, c)->weight > 0)
            all =
                joined(all, map ? mapped_range(v, map, c, moments_of(v, c)) : measured_range(v->layout, moments_of(v, c)));
    bool wide = isfinite(all.high - all.low);
    to->black = wide ? all.low : 0;
    to->white = wide ? all.high : 1;
}

static bool begin_previews(struct viewer *v, const struct map *map, unsigned side, struct why *why)
{
    struct preview *before = &v->result->before.preview, *after = &v->result->after.preview;
    set_shown(v, &v->layout->in, NULL, before);
    if (!preview_begin(&v->before_maker, before, &v->layout->in, side, why))
        return false;
    if (!map)
        return true;
    set_shown(v, &v->after.in, map, after);
    return preview_begin(&v->after_maker, after, &v->after.in, side, why);
}

bool viewer_begin(struct viewer *v, const struct layout *layout, const struct request *request, struct weights *by,
                  const struct map *map, struct result *result, struct why *why)
{
    v->layout = layout;
    v->result = result;
    v->by = by && by->n > 0 ? by : NULL;
    make_after(v);
    return (!map || cursor_open(&v->out, &v->after, why)) && (!request->view.histograms || begin_histograms(v, map, why)) &&
           (request->view.side == 0 || begin_previews(v, map, request->view.side, why));
}

void viewer_free(struct viewer *v)
{
    cursor_close(&v->out);
    free(v->weights);
    preview_maker_free(&v->before_maker);
    preview_maker_free(&v->after_maker);
    *v = (struct viewer){0};
}

/* ---- histograms ---------------------------------------------------------------------------------------------------- */

/* Values that are no numbers are in no bin. */
static void count(struct view_channel *to, const float *x, const float *weights, double full, size_t n, double unit)
{
    double scale = VIEW_BINS / (to->high - to->low) / unit, shift = -to->low * unit * scale;
    for (size_t i = 0; i < n; i++) {
        double at = (double)x[i] * scale + shift, w = weights ? (double)weights[i] / full : 1;
        if (at == at)
            to->bin[at >= VIEW_BINS ? VIEW_BINS - 1 : at > 0 ? (size_t)at : 0] += w;
    }
}

static void measure(struct view_channel *to, const float *x, const float *weights, double full, size_t n, double unit)
{
    struct instnorm_moments block;
    instnorm_measure(x, weights, n, &block);
    if (weights) {
        block.weight /= full;
        block.m2 /= full;
    }
    block = moments_scaled(&block, 1 / unit);
    instnorm_merge(&to->moments, &block);
}

/* The value that is measured of a colour channel of the output: a grey picture serves all three of --rgb. */
static const float *value_of(struct cursor *cursor, unsigned c)
{
    const struct layout *layout = cursor->layout;
    bool grey = layout->space->planes == 1 && picture_colours(&layout->in) == 1;
    return cursor_value(cursor, grey ? 0 : c);
}

static void count_block(struct cursor *cursor, struct view *view, const float *weights, double full)
{
    double unit = layout_unit(cursor->layout);
    for (unsigned c = 0; c < view->channels; c++) {
        const float *x = value_of(cursor, c);
        count(&view->channel[c], x, weights, full, cursor->n, unit);
        measure(&view->channel[c], x, weights, full, cursor->n, unit);
    }
}

void viewer_band(struct viewer *v, struct cursor *cursor, const struct rows *in, const struct rows *out, size_t y)
{
    struct view *before = &v->result->before, *after = &v->result->after;
    if (before->preview.rgb)
        preview_add(&v->before_maker, in);
    if (after->preview.rgb)
        preview_add(&v->after_maker, out);
    if (before->channels == 0)
        return;
    cursor_enter(cursor, in, y);
    if (out)
        cursor_enter(&v->out, out, y);
    while (cursor_next(cursor) && (!out || cursor_next(&v->out))) {
        double full;
        const float *weights = weigh_block(v->weights, v->by, cursor, &full);
        count_block(cursor, before, weights, full);
        if (out)
            count_block(&v->out, after, weights, full);
    }
}
