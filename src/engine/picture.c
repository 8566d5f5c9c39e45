#include "engine/picture.h"

#include "base/channel.h"
#include "engine/nodata.h"

/* ---- begin --------------------------------------------------------------------------------------------------------- */

bool picture_begin(struct picture *p, const struct picture_task *task, struct why *why)
{
    const struct picture_info *out = &p->layout.out;
    p->stage = PICTURE_NONE;
    p->task = *task;
    p->first = (struct rows){0};
    p->nothing = (struct why){0};
    if (!layout_make(&p->layout, &task->rows->info, task->format, task->request, why) ||
        !cursor_open(&p->cursor, &p->layout, why))
        return false;
    if (task->format &&
        !buffer_reserve(&p->output, task->rows->band * out->width * out->channels * sample_size(out->sample)))
        return why_memory(why);
    p->stage = PICTURE_BEGUN;
    return true;
}

static bool check_stage(const struct picture *p, enum picture_stage stage, struct why *why)
{
    return p->stage == stage ||
           why_set(why, "internal error: the picture was not %s", stage == PICTURE_BEGUN ? "begun" : "measured");
}

bool picture_is_side_page(const struct picture *p)
{
    enum page_role role = p->layout.in.role;
    return role == PAGE_COPIED || (role == PAGE_REDUCED && p->task.page->channels == p->layout.out.channels);
}

void picture_free(struct picture *p)
{
    cursor_close(&p->cursor);
    cursor_close(&p->fit);
    measure_free(&p->measure);
    apply_free(&p->apply);
    viewer_free(&p->viewer);
    map_free(&p->map);
    buffer_free(&p->output);
    *p = (struct picture){0};
}

/* ---- the picture to fit -------------------------------------------------------------------------------------------- */

static bool check_fit(const struct layout *layout, const struct layout *fit, bool rgb, struct why *why)
{
    bool grey = fit->measured == 1 || layout->measured == 1;
    return fit->measured == layout->measured || rgb ||
           why_set(why, "%u colour channel%s: expected %u as the input has%s", fit->measured, fit->measured == 1 ? "" : "s",
                   layout->measured, grey ? ", or --rgb" : "");
}

/* Errors of the reader name the option and the picture already. */
static bool begin_fit(struct picture *p, struct why *why)
{
    const struct request *request = p->task.request;
    struct picture_rows *fit = p->task.fit;
    struct why reason = {0};
    if (!fit->rewind(fit, why))
        return false;
    return (layout_make(&p->fit_layout, &fit->info, NULL, request, &reason) &&
            cursor_open(&p->fit, &p->fit_layout, &reason) &&
            check_fit(&p->layout, &p->fit_layout, request->rgb, &reason)) ||
           why_option(why, "--fit", p->task.request->fit, &reason);
}

static bool fit_band(struct picture *p, const struct rows *rows, size_t y, struct why *why)
{
    static const struct why other_rows = {"its rows are not those of the picture"};
    struct picture_rows *fit = p->task.fit;
    struct rows target;
    if (!fit->read(fit, &target, why))
        return false;
    if (target.width != rows->width || target.height != rows->height)
        return why_option(why, "--fit", p->task.request->fit, &other_rows);
    cursor_enter(&p->cursor, rows, y);
    cursor_enter(&p->fit, &target, y);
    measure_pairs(&p->measure, &p->cursor, &p->fit);
    return true;
}

/* ---- bands --------------------------------------------------------------------------------------------------------- */

static bool begin_mask(struct weights *mask, const struct picture_info *info, struct why *why)
{
    return !mask || weights_begin(mask, info, why);
}

/* The band that begins at row y, which is the next one or was kept, and that of the mask. */
static bool read_band(struct picture *p, struct weights *mask, size_t y, struct rows *rows, struct why *why)
{
    struct picture_rows *from = p->task.rows;
    if (y == 0 && p->first.data)
        *rows = p->first;
    else if (!from->read(from, rows, why))
        return false;
    return !mask || weights_read(mask, rows, why);
}

/* ---- views --------------------------------------------------------------------------------------------------------- */

static bool has_views(const struct picture *p)
{
    return p->task.views && view_asked(&p->task.request->view);
}

/* map: NULL if there is no output. */
static bool begin_views(struct picture *p, const struct view_request *what, const struct map *map, struct result *result,
                        struct why *why)
{
    struct viewer *v = &p->viewer;
    return viewer_begin(v, &p->layout, what, p->measure.by, map, result, why) && begin_mask(v->by, &p->layout.in, why);
}

static bool view_band(struct picture *p, const struct rows *in, const struct rows *out, size_t y, struct why *why)
{
    struct viewer *v = &p->viewer;
    if (v->by && !weights_read(v->by, in, why))
        return false;
    viewer_band(v, &p->cursor, in, out, y);
    return true;
}

/* A picture that is only measured is read once more: the edges of histograms were not known before. */
static bool view_measured(struct picture *p, struct result *result, struct why *why)
{
    struct rows rows;
    if (!begin_views(p, &p->task.request->view, NULL, result, why) || !p->task.rows->rewind(p->task.rows, why))
        return false;
    for (size_t y = 0; y < p->layout.in.height; y += p->task.rows->band)
        if (!read_band(p, NULL, y, &rows, why) || !view_band(p, &rows, NULL, y, why))
            return false;
    return viewer_end(&p->viewer, why);
}

/* ---- measure ------------------------------------------------------------------------------------------------------- */

/* Says why no sample of the picture counts. */
static void note_nothing(struct picture *p)
{
    const struct layout *layout = &p->layout;
    struct weights *mask = p->measure.by;
    char list[200];
    if (mask)
        why_set(&p->nothing, "%s: no pixel is left", weights_describe(mask, list, sizeof list));
    else if (layout->in.has_nodata)
        why_set(&p->nothing, "each of its %spixels stands for no data", layout->alpha_counts ? "visible " : "");
    else if (p->measure.weights->odd_alpha)
        why_set(&p->nothing, "wherever its alpha is finite, it is transparent");
    else if (measure_skipped(&p->measure) > 0)
        why_set(&p->nothing, "no %s%s is finite", layout->alpha_counts ? "visible " : "",
                layout->space->planes == 3 ? "pixel" : "sample");
    else
        why_set(&p->nothing, "wholly transparent");
}

/*
 * Whether anything counts in a picture that need not be measured: it is read as far as the first sample that does. Every
 * sample of integers counts where neither alpha nor a mask weighs it. The band that was read is kept if it was the only
 * one.
 */
static bool look(struct picture *p, struct why *why)
{
    struct weights *mask = p->measure.by;
    struct picture_rows *from = p->task.rows;
    bool found = !mask && !p->layout.alpha_counts && !p->layout.in.has_nodata && !sample_is_float(p->layout.in.sample);
    struct rows rows;
    if (found)
        return true;
    if (!begin_mask(mask, &p->layout.in, why))
        return false;
    for (size_t y = 0; !found && y < p->layout.in.height; y += from->band) {
        if (!read_band(p, mask, y, &rows, why))
            return false;
        cursor_enter(&p->cursor, &rows, y);
        found = measure_band(&p->measure, &p->cursor, true);
        if (found && y == 0)
            p->first = rows;
    }
    if (!found)
        note_nothing(p);
    measure_clear(&p->measure); /* nothing was measured */
    return p->first.data || from->rewind(from, why);
}

static bool measure_bands(struct picture *p, struct why *why)
{
    struct weights *mask = p->measure.by;
    for (size_t y = 0; y < p->layout.in.height; y += p->task.rows->band) {
        struct rows rows;
        if (!read_band(p, mask, y, &rows, why))
            return false;
        cursor_enter(&p->cursor, &rows, y);
        measure_band(&p->measure, &p->cursor, false);
        if (p->task.fit && !fit_band(p, &rows, y, why))
            return false;
    }
    return true;
}

static bool measure(struct picture *p, struct notes *notes, struct why *why)
{
    struct weights *mask = p->measure.by;
    bool fits = p->task.fit != NULL;
    if (!begin_mask(mask, &p->layout.in, why) || (fits && !begin_fit(p, why)) || !measure_bands(p, why))
        return false;
    if (!measure_end(&p->measure, fits ? &p->fit_layout : NULL, why))
        return false;
    if (!moments_count(p->measure.own.channel, p->layout.measured))
        note_nothing(p);
    else if (p->measure.weights->odd_alpha)
        notes_add(notes, NOTE_WARNING, NULL, "some of its alpha is infinite or NaN: these pixels are not measured");
    return !mask || weights_end(mask, notes, why);
}

static bool fill_measured(struct picture *p, struct result *r, struct why *why)
{
    const struct picture_info *info = &p->layout.in;
    struct notes notes = r->notes;
    *r = (struct result){.status = RESULT_MEASURED,
                         .notes = notes,
                         .width = info->width,
                         .height = info->height,
                         .channels = info->channels,
                         .depth = info->depth,
                         .dimensions = info->dimensions,
                         .alpha = info->alpha,
                         .role = info->role,
                         .nothing = p->nothing,
                         .space = p->layout.space,
                         .unit = layout_unit(&p->layout),
                         .pictures = 1};
    if (!result_reserve(r, p->layout.colours, why))
        return false;
    for (unsigned c = 0; c < r->colours; c++)
        r->channel[c].moments = p->measure.own.channel[c];
    return !p->task.request->pooled || p->task.look || measure_pool(&p->measure, &r->pooled, why);
}

static bool begin_measure(struct picture *p, struct why *why)
{
    bool covariance = p->task.request->covariance && p->layout.colours <= POOLED_COVARIANCES;
    return measure_begin(&p->measure, &p->layout, p->task.mask, covariance, why);
}

bool picture_measure(struct picture *p, struct result *result, struct why *why)
{
    if (!check_stage(p, PICTURE_BEGUN, why) || !begin_measure(p, why))
        return false;
    if (!(p->task.look ? look(p, why) : measure(p, &result->notes, why)) || !fill_measured(p, result, why))
        return false;
    bool seen = !p->task.format && has_views(p) && p->task.views_from <= 0; /* nothing is clipped */
    if (seen && !view_measured(p, result, why))
        return false;
    p->stage = PICTURE_MEASURED;
    return true;
}

/* ---- pool ---------------------------------------------------------------------------------------------------------- */

bool picture_pool(const struct picture *p, struct result *result, struct why *why)
{
    struct statistics pooled = {0};
    bool ok = check_stage(p, PICTURE_MEASURED, why) && solve_pool(&p->measure, p->task.request, &pooled, NULL, why);
    for (unsigned c = 0; ok && c < result->colours; c++)
        result->channel[c].used = pooled.channel[c];
    statistics_free(&pooled);
    return ok;
}

/* ---- solve --------------------------------------------------------------------------------------------------------- */

/* Some channels have samples that count, and others none. */
static void note_empty_channels(const struct picture *p, struct result *result)
{
    const struct layout *layout = &p->layout;
    unsigned empty = 0, first = 0;
    char name[CHANNEL_NAME_BYTES];
    for (unsigned c = layout->colours; c-- > 0;)
        if (!(result->channel[c].used.weight > 0) && layout_touches(layout, p->task.request, c)) {
            empty++;
            first = c;
        }
    if (empty > 0)
        notes_add(&result->notes, NOTE_WARNING, NULL, "no sample of channel %s%s counts: passed through unchanged",
                  channel_name(layout->space, layout->colours, first, name, sizeof name),
                  empty > 1 ? ", and of others," : "");
}

/* Its pixels of no data become what the type can hold. */
static void note_nodata(const struct picture *p, struct result *result)
{
    const struct layout *layout = &p->layout;
    if (layout->in.has_nodata && !nodata_is_held(layout))
        notes_add(&result->notes, NOTE_WARNING, NULL, "%s cannot hold %g, which stands for no data",
                  sample_name(layout->out.sample), layout->in.nodata);
}

static bool solve_picture(struct picture *p, const struct given *given, struct result *result, struct why *why)
{
    const struct picture_task *task = &p->task;
    note_nodata(p, result);
    if (p->nothing.text[0])
        return solve_unchanged(&p->layout, &p->map, why);
    if (!solve(&p->measure, task->request, task->format, given, result->channel, &p->map, why))
        return false;
    note_empty_channels(p, result);
    return true;
}

/* ---- apply --------------------------------------------------------------------------------------------------------- */

/* Once the map is known. */
static bool begin_output(const struct picture *p, struct picture_sink *sink, struct why *why)
{
    struct picture_info out = p->layout.out;
    out.changes.samples = !apply_is_identity(&p->layout, &p->map) || out.changes.turned > 1;
    return sink->begin(sink, &out, why);
}

/* What the band becomes: it may be the same. */
static struct rows map_band(struct picture *p, const struct rows *in, size_t y)
{
    const struct picture_info *info = &p->layout.out;
    if (apply_is_identity(&p->layout, &p->map))
        return *in;
    struct rows out = rows_tight(info->planar, p->output.data, info->sample, info->channels, in->width, in->height);
    cursor_enter(&p->cursor, in, y);
    apply_band(&p->apply, &p->cursor, &out);
    return out;
}

static bool check_clipping(const struct picture *p, struct why *why)
{
    double most = p->task.request->fail_on_clip;
    unsigned colours = p->layout.colours;
    for (unsigned c = 0; most >= 0 && p->apply.pixels > 0 && c < colours; c++) {
        const struct instnorm_clip *clip = &p->apply.clip[c];
        double percent = 100 * (double)(clip->low + clip->high) / (double)p->apply.pixels;
        char name[CHANNEL_NAME_BYTES];
        if (percent > most)
            return why_set(why, "%.3g %% of %s clips, more than the %.3g %% of --fail-on-clip", percent,
                           channel_name(NULL, colours, c, name, sizeof name), most);
    }
    return true;
}

/* Warns of a picture of its own in which --apply-mask selects no pixel. */
static void note_unreached(const struct picture *p, struct notes *notes)
{
    const struct weights *mask = p->apply.by;
    char list[200];
    if (mask && p->layout.in.role == PAGE_FULL && !p->apply.reached && !apply_is_identity(&p->layout, &p->map) &&
        !p->nothing.text[0])
        notes_add(notes, NOTE_WARNING, NULL, "%s: no pixel is left: passed through unchanged",
                  weights_describe(mask, list, sizeof list));
}

/* What the output cuts off. */
static void fill_clipped(const struct picture *p, struct result *r)
{
    r->integer = !sample_is_float(p->layout.out.sample);
    r->pixels = p->apply.pixels;
    for (unsigned c = 0; c < r->colours; c++)
        r->channel[c].clip = p->apply.clip[c];
}

/* After the first band was mapped. If it is the whole picture, it is known already whether the views are wanted. */
static bool begin_mapped_views(struct picture *p, const struct rows *band, struct result *r, struct why *why)
{
    const struct view_request *all = &p->task.request->view;
    const struct view_request numbers = {.moments = all->moments || all->histograms};
    fill_clipped(p, r);
    bool spared = band->height == p->layout.in.height && result_clipped(r) < p->task.views_from;
    return begin_views(p, spared ? &numbers : all, &p->map, r, why);
}

/* views: whether the result gets them. */
static bool apply(struct picture *p, struct weights *mask, bool views, struct picture_sink *sink, struct result *result,
                  struct why *why)
{
    if (!apply_begin(&p->apply, &p->layout, &p->map, mask, &p->cursor, why))
        return false;
    mask = p->apply.by;
    if (p->layout.in.role == PAGE_FULL && !p->task.look && !p->measure.by)
        apply_know(&p->apply, p->measure.own.channel);
    if (!begin_mask(mask, &p->layout.in, why))
        return false;
    for (size_t y = 0; y < p->layout.in.height; y += p->task.rows->band) {
        struct rows rows;
        if (!read_band(p, mask, y, &rows, why))
            return false;
        const struct rows out = map_band(p, &rows, y);
        if (views && y == 0 && !begin_mapped_views(p, &rows, result, why))
            return false;
        if ((views && !view_band(p, &rows, &out, y, why)) || !sink->write(sink, &out, why))
            return false;
    }
    if (mask && !weights_end(mask, &result->notes, why))
        return false;
    if (views && !viewer_end(&p->viewer, why))
        return false;
    note_unreached(p, &result->notes);
    return check_clipping(p, why);
}

static bool fill_mapped(struct picture *p, struct result *r, struct why *why)
{
    const struct layout *layout = &p->layout;
    r->status = RESULT_MAPPED;
    r->most = layout->out.unit;
    fill_clipped(p, r);
    return map_in_units(&p->map, r->colours, layout_unit(layout), layout_unit_out(layout), &r->map, why);
}

bool picture_map(struct picture *p, const struct given *given, struct picture_sink *sink, struct result *result,
                 struct why *why)
{
    struct picture_rows *rows = p->task.rows;
    if (!check_stage(p, PICTURE_MEASURED, why))
        return false;
    p->stage = PICTURE_NONE;
    return solve_picture(p, given, result, why) && map_copy(p->task.page, &p->map, why) && begin_output(p, sink, why) &&
           (p->task.look || rows->rewind(rows, why)) && apply(p, p->task.apply_mask, has_views(p), sink, result, why) &&
           fill_mapped(p, result, why);
}

bool picture_map_side(struct picture *p, struct picture_sink *sink, struct result *result, struct why *why)
{
    bool copied = p->layout.in.role == PAGE_COPIED;
    if (!check_stage(p, PICTURE_BEGUN, why))
        return false;
    p->stage = PICTURE_NONE;
    return (copied ? solve_unchanged(&p->layout, &p->map, why) : map_copy(&p->map, p->task.page, why)) &&
           begin_output(p, sink, why) && apply(p, copied ? NULL : p->task.apply_mask, false, sink, result, why);
}
