#include "engine/viewer.h"

#include "engine/pooled.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- ranges -------------------------------------------------------------------------------------------------------- */

struct range {
    double low, high; /* in units */
};

/* Of integers it is known; other values are between the smallest and the largest. */
static struct range measured_range(const struct layout *layout, const struct instnorm_moments *moments)
{
    const struct picture_info *in = &layout->in;
    bool known = !picture_is_open(in) && layout->space->planes == 1;
    double unit = layout_unit(layout), white = layout_converts(layout) ? picture_most(in) : unit;
    return known || !(moments->weight > 0) ? (struct range){sample_least(in->sample) / white, picture_most(in) / white}
                                           : (struct range){moments->min / unit, moments->max / unit};
}

/* What the map makes of the smallest and the largest value. */
static struct range mapped_range(const struct viewer *v, const struct map *map, unsigned c,
                                 const struct instnorm_moments *moments)
{
    double ends[] = {moments->min, moments->max}, unit = layout_unit_out(v->layout);
    struct range known = measured_range(&v->after, moments);
    if (!picture_is_open(&v->after.in) && v->after.space->planes == 1)
        return known;
    map_run(map, c, (struct run){NULL, ends}, 2, (struct run_to){NULL, ends});
    return (struct range){fmin(ends[0], ends[1]) / unit, fmax(ends[0], ends[1]) / unit};
}

static struct range joined(struct range a, struct range b)
{
    return (struct range){fmin(a.low, b.low), fmax(a.high, b.high)};
}

/* The axis of a histogram. A constant is in the middle, between edges that differ from it however large it is. */
static void set_edges(struct view_channel *channel, struct range range)
{
    bool wide = range.high > range.low && isfinite(range.high - range.low);
    double middle = isfinite(range.low) ? range.low : 0, half = fmax(0.5, fabs(middle) * 0x1p-20);
    channel->low = wide ? range.low : middle - half;
    channel->high = wide ? range.high : middle + half;
}

/* ---- samples of 8 bits --------------------------------------------------------------------------------------------- */

/* Whether it is enough to know how often each of 256 samples comes. */
static bool has_bytes(const struct viewer *v, const struct picture_info *info)
{
    return v->result->colours <= VIEW_CHANNELS && info->sample == SAMPLE_U8 && info->alpha != ALPHA_PREMULTIPLIED &&
           v->layout->space->planes == 1 && !v->by && !v->layout->in.has_nodata && !v->layout->alpha_counts;
}

static bool reserve_counts(uint64_t (**counts)[256], unsigned n, bool wanted, struct why *why)
{
    free(*counts);
    *counts = wanted ? calloc(n, sizeof **counts) : NULL;
    return !wanted || *counts || why_memory(why);
}

/* values[256] <- what the samples are in units. */
static void byte_values(const struct viewer *v, const struct picture_info *info, double values[256])
{
    double unit = v->layout->space->linear ? 1 : info->unit;
    for (unsigned i = 0; i < 256; i++)
        values[i] = i / unit;
    if (v->layout->space->linear)
        instnorm_decode_double(values, 256, info->unit, values);
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

static bool begin_numbers(struct viewer *v, const struct map *map, const struct view_request *what, struct why *why)
{
    unsigned n = v->result->colours;
    bool measures = map && (what->moments || what->histograms), sums = !what->histograms && !v->layout->space->linear;
    v->before_way = !what->histograms ? VIEWER_NONE : has_bytes(v, &v->layout->in) ? VIEWER_COUNTS : VIEWER_VALUES;
    v->after_way = !measures                     ? VIEWER_NONE
                   : !has_bytes(v, &v->after.in) ? VIEWER_VALUES
                   : sums                        ? VIEWER_SUMS
                                                 : VIEWER_COUNTS;
    memset(v->after_sums, 0, sizeof v->after_sums);
    if (!v->weights)
        v->weights = malloc(sizeof *v->weights);
    if (!v->weights)
        return why_memory(why);
    v->weights->odd_alpha = false;
    for (unsigned c = 0; c < n; c++)
        instnorm_moments_clear(&v->result->channel[c].after);
    return reserve_counts(&v->before_bytes, n, v->before_way == VIEWER_COUNTS, why) &&
           reserve_counts(&v->after_bytes, n, v->after_way == VIEWER_COUNTS, why);
}

static bool begin_histograms(struct viewer *v, const struct map *map, struct why *why)
{
    struct view *before = &v->result->before, *after = &v->result->after;
    unsigned n = v->result->colours < VIEW_CHANNELS ? v->result->colours : VIEW_CHANNELS;
    if (!view_reserve(before, n, why) || (map && !view_reserve(after, n, why)))
        return false;
    for (unsigned c = 0; c < n; c++) {
        struct range range = measured_range(v->layout, moments_of(v, c));
        if (map && moments_of(v, c)->weight > 0)
            range = joined(range, mapped_range(v, map, c, moments_of(v, c)));
        set_edges(&before->channel[c], range);
        before->channel[c].moments = moments_scaled(moments_of(v, c), 1 / layout_unit(v->layout));
        if (map)
            set_edges(&after->channel[c], range);
    }
    return true;
}

/*
 * Floats may be anything: those that leave 0 to 1 are shown from the least to the greatest. Of integers of 32 bits few fill
 * their range: they are shown from 0, or the least, to the greatest.
 */
static void set_shown(const struct viewer *v, const struct picture_info *info, const struct map *map, struct preview *to)
{
    bool plain = picture_is_open(info) && !layout_converts(v->layout);
    struct range all = {sample_least(info->sample) / info->unit, picture_most(info) / info->unit};
    if (plain && !sample_is_float(info->sample))
        all = (struct range){0, 0};
    for (unsigned c = 0; plain && c < v->result->colours; c++)
        if (moments_of(v, c)->weight > 0)
            all =
                joined(all, map ? mapped_range(v, map, c, moments_of(v, c)) : measured_range(v->layout, moments_of(v, c)));
    bool wide = isfinite(all.high - all.low);
    to->black = wide ? all.low : 0;
    to->white = wide ? all.high : 1;
}

static bool begin_preview(struct viewer *v, const struct map *map, unsigned side, int size, struct why *why)
{
    struct preview *before = &v->result->before.preview[size], *after = &v->result->after.preview[size];
    if (side == 0)
        return true;
    set_shown(v, &v->layout->in, NULL, before);
    if (!preview_begin(&v->before_maker[size], before, &v->layout->in, side, why))
        return false;
    if (!map)
        return true;
    set_shown(v, &v->after.in, map, after);
    return preview_begin(&v->after_maker[size], after, &v->after.in, side, why);
}

bool viewer_begin(struct viewer *v, const struct layout *layout, const struct view_request *what, struct weights *by,
                  const struct map *map, struct result *result, struct why *why)
{
    v->layout = layout;
    v->result = result;
    v->by = by && by->n > 0 ? by : NULL;
    make_after(v);
    return (!map || cursor_open(&v->out, &v->after, why)) && begin_numbers(v, map, what, why) &&
           (!what->histograms || begin_histograms(v, map, why)) &&
           begin_preview(v, map, what->side[VIEW_SMALL], VIEW_SMALL, why) &&
           begin_preview(v, map, what->side[VIEW_LARGE], VIEW_LARGE, why);
}

void viewer_free(struct viewer *v)
{
    cursor_close(&v->out);
    free(v->weights);
    free(v->before_bytes);
    free(v->after_bytes);
    for (int i = 0; i < VIEW_SIZES; i++) {
        preview_maker_free(&v->before_maker[i]);
        preview_maker_free(&v->after_maker[i]);
    }
    *v = (struct viewer){0};
}

/* ---- histograms ---------------------------------------------------------------------------------------------------- */

/* The bin of a place on the axis, from 0 to VIEW_BINS. */
static size_t bin_at(double at)
{
    return at >= VIEW_BINS ? VIEW_BINS - 1 : at > 0 ? (size_t)at : 0;
}

/* Values that are no numbers are in no bin. */
static void count(struct view_channel *to, struct run x, const float *weights, double full, size_t n, double unit)
{
    double scale = VIEW_BINS / (to->high - to->low) / unit, shift = -to->low * unit * scale;
    for (size_t i = 0; i < n; i++) {
        double at = run_at(x, i) * scale + shift, w = weights ? (double)weights[i] / full : 1;
        if (at == at)
            to->bin[bin_at(at)] += w;
    }
}

static void measure(struct instnorm_moments *to, struct run x, const float *weights, double full, size_t n, double unit)
{
    struct instnorm_moments block;
    run_measure(x, weights, n, &block);
    if (weights) {
        block.weight /= full;
        block.m2 /= full;
    }
    block = moments_scaled(&block, 1 / unit);
    instnorm_merge(to, &block);
}

/* The value that is measured of a colour channel of the output: a grey picture serves all three of --rgb. */
static struct run value_of(struct cursor *cursor, unsigned c)
{
    const struct layout *layout = cursor->layout;
    bool grey = layout->space->planes == 1 && picture_colours(&layout->in) == 1;
    return cursor_value_run(cursor, grey ? 0 : c);
}

static void count_before(struct viewer *v, struct cursor *cursor, const float *weights, double full)
{
    struct view *view = &v->result->before;
    for (unsigned c = 0; c < view->channels; c++)
        count(&view->channel[c], value_of(cursor, c), weights, full, cursor->n, layout_unit(v->layout));
}

static void count_after(struct viewer *v, const float *weights, double full)
{
    struct view *view = &v->result->after;
    double unit = layout_unit(&v->after);
    for (unsigned c = 0; c < v->result->colours; c++) {
        struct run x = value_of(&v->out, c);
        if (c < view->channels)
            count(&view->channel[c], x, weights, full, v->out.n, unit);
        measure(&v->result->channel[c].after, x, weights, full, v->out.n, unit);
    }
}

static void count_blocks(struct viewer *v, struct cursor *cursor, const struct rows *in, const struct rows *out, size_t y)
{
    cursor_enter(cursor, in, y);
    if (out)
        cursor_enter(&v->out, out, y);
    while (cursor_next(cursor) && (!out || cursor_next(&v->out))) {
        double full;
        const float *weights = weigh_block(v->weights, v->by, cursor, &full);
        if (v->before_way == VIEWER_VALUES)
            count_before(v, cursor, weights, full);
        if (v->after_way == VIEWER_VALUES)
            count_after(v, weights, full);
    }
}

static void count_bytes(const struct viewer *v, const struct layout *layout, const struct rows *rows, uint64_t to[][256])
{
    bool grey = picture_colours(&layout->in) == 1; /* it serves all */
    rows_count(rows, grey ? 1 : v->result->colours, to);
    for (unsigned c = 1; grey && c < v->result->colours; c++)
        memcpy(to[c], to[0], sizeof to[c]);
}

void viewer_band(struct viewer *v, struct cursor *cursor, const struct rows *in, const struct rows *out, size_t y)
{
    for (int i = 0; i < VIEW_SIZES; i++) {
        if (v->result->before.preview[i].rgb)
            preview_add(&v->before_maker[i], in);
        if (v->result->after.preview[i].rgb)
            preview_add(&v->after_maker[i], out);
    }
    if (v->before_way == VIEWER_COUNTS)
        count_bytes(v, v->layout, in, v->before_bytes);
    if (v->after_way == VIEWER_COUNTS)
        count_bytes(v, &v->after, out, v->after_bytes);
    if (v->after_way == VIEWER_SUMS)
        sums_add(out, out->channels, v->after_sums, NULL);
    if (v->before_way == VIEWER_VALUES || v->after_way == VIEWER_VALUES)
        count_blocks(v, cursor, in, out, y);
}

/* ---- end ----------------------------------------------------------------------------------------------------------- */

static void fill_bins(struct view_channel *to, const uint64_t count[256], const double values[256])
{
    for (unsigned i = 0; i < 256; i++)
        to->bin[bin_at((values[i] - to->low) / (to->high - to->low) * VIEW_BINS)] += (double)count[i];
}

/* Of values that are not in proportion to the samples. */
static struct instnorm_moments moments_of_values(const uint64_t count[256], const double values[256])
{
    struct instnorm_moments m;
    instnorm_moments_clear(&m);
    for (unsigned i = 0; i < 256; i++) {
        double n = (double)count[i];
        struct instnorm_moments part = {n, values[i], 0, values[i], values[i], 0};
        if (n > 0)
            instnorm_merge(&m, &part);
    }
    return m;
}

static bool measure_after(struct viewer *v, unsigned c, const double values[256], struct why *why)
{
    struct instnorm_moments *m = &v->result->channel[c].after;
    if (v->after_way == VIEWER_VALUES)
        return true;
    if (v->layout->space->linear) {
        *m = moments_of_values(v->after_bytes[c], values);
        return true;
    }
    const struct sums sums = v->after_way == VIEWER_SUMS ? v->after_sums[c] : sums_of_counts(v->after_bytes[c]);
    bool ok = moments_of_sums(&sums, 0, m, why);
    *m = moments_scaled(m, 1 / v->after.in.unit);
    return ok;
}

bool viewer_end(struct viewer *v, struct why *why)
{
    bool ok = true;
    double values[256];
    struct view *before = &v->result->before, *after = &v->result->after;
    byte_values(v, &v->layout->in, values);
    for (unsigned c = 0; v->before_way == VIEWER_COUNTS && c < before->channels; c++)
        fill_bins(&before->channel[c], v->before_bytes[c], values);
    byte_values(v, &v->after.in, values);
    for (unsigned c = 0; v->after_way == VIEWER_COUNTS && c < after->channels; c++)
        fill_bins(&after->channel[c], v->after_bytes[c], values);
    for (unsigned c = 0; ok && v->after_way != VIEWER_NONE && c < v->result->colours; c++)
        ok = measure_after(v, c, values, why);
    for (unsigned c = 0; c < after->channels; c++)
        after->channel[c].moments = v->result->channel[c].after;
    return ok;
}
