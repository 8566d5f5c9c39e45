/* The first verb: what is measured of a picture, in as many readings as it takes. */
#include "engine/picture_parts.h"

#include <stdlib.h>

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

/* ---- views --------------------------------------------------------------------------------------------------------- */

/* A picture that is only measured is read once more: the edges of histograms were not known before. */
static bool view_measured(struct picture *p, struct result *result, struct why *why)
{
    struct rows rows;
    if (!picture_begin_views(p, &p->task.request->view, NULL, result, why) || !p->task.rows->rewind(p->task.rows, why))
        return false;
    for (size_t y = 0; y < p->layout.in.height; y += p->task.rows->band)
        if (!picture_read_band(p, NULL, y, &rows, why) || !picture_view_band(p, &rows, NULL, y, why))
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
    if (!picture_begin_mask(mask, &p->layout.in, why))
        return false;
    for (size_t y = 0; !found && y < p->layout.in.height; y += from->band) {
        if (!picture_read_band(p, mask, y, &rows, why))
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
        if (!picture_read_band(p, mask, y, &rows, why))
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
    if (!picture_begin_mask(mask, &p->layout.in, why) || (fits && !begin_fit(p, why)) || !measure_bands(p, why))
        return false;
    if (!measure_end(&p->measure, fits ? &p->fit_layout : NULL, why))
        return false;
    if (!moments_count(p->measure.own.channel, p->layout.measured))
        note_nothing(p);
    else if (p->measure.weights->odd_alpha)
        notes_add(notes, NOTE_WARNING, NULL, "some of its alpha is infinite or NaN: these pixels are not measured");
    return !mask || weights_end(mask, notes, why);
}

static bool begin_measure(struct picture *p, bool searches, struct why *why)
{
    const struct request *request = p->task.request;
    const struct measure_wants wants = {.covariance = request->covariance && p->layout.colours <= POOLED_COVARIANCES,
                                        .histogram = request->histogram && !p->task.look && !searches};
    return measure_begin(&p->measure, &p->layout, p->task.mask, wants, why);
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
    return true;
}

static bool fill_quantiles(const struct picture *p, struct result *r, struct why *why)
{
    const struct quantiles *asked = &p->task.request->quantiles;
    if (asked->n == 0 || p->measure.robust.values.n == 0)
        return true;
    if (!result_reserve_quantiles(r, asked->n, why))
        return false;
    for (unsigned c = 0; c < r->colours; c++)
        for (size_t i = 0; i < asked->n; i++)
            r->quantile[c * asked->n + i] = (struct quantile){asked->at[i], robust_quantile(&p->measure.robust, c, i)};
    return true;
}

static bool fill_pooled(struct picture *p, struct result *r, struct why *why)
{
    return !p->task.request->pooled || p->task.look || measure_pool(&p->measure, &r->pooled, why);
}

/* ---- quantiles ----------------------------------------------------------------------------------------------------- */

/* Reads the picture again for what a search asks. bin[search_bins] is empty before. */
static bool search_bands(struct picture *p, const struct search *search, uint64_t *bin, struct why *why)
{
    struct picture_rows *from = p->task.rows;
    struct weights *mask = p->measure.by;
    if (!from->rewind(from, why) || !picture_begin_mask(mask, &p->layout.in, why))
        return false;
    for (size_t y = 0; y < p->layout.in.height; y += from->band) {
        struct rows rows;
        if (!picture_read_band(p, mask, y, &rows, why))
            return false;
        cursor_enter(&p->cursor, &rows, y);
        measure_search(&p->measure, &p->cursor, search, bin);
    }
    return true;
}

static bool search_once(struct picture *p, const struct search *search, struct why *why)
{
    uint64_t *bin = calloc(search_bins(search), sizeof *bin);
    bool ok = (bin || why_memory(why)) && search_bands(p, search, bin, why) && robust_narrow(&p->measure.robust, bin, why);
    free(bin);
    return ok;
}

/* Finds the quantiles that are asked for, reading the picture as often as that takes. */
static bool find_quantiles(struct picture *p, struct why *why)
{
    const struct request *request = p->task.request;
    struct robust *robust = &p->measure.robust;
    const struct histogram own = histogram_of(&p->measure.counts);
    const struct search_task task = {.of = &own,
                                     .space = p->layout.space,
                                     .channels = p->layout.colours,
                                     .groups = request_groups(request, p->layout.colours)};
    bool wanted = request_quantiles(request).n > 0 && request->norm != INSTNORM_BATCH && !p->nothing.text[0];
    if (!wanted)
        return true;
    if (!statistics_check_groups(&p->measure.own, task.groups, why) || !robust_begin(robust, request, &task, why))
        return false;
    while (robust_search(robust))
        if (!search_once(p, robust_search(robust), why))
            return false;
    return true;
}

bool picture_search(struct picture *p, const struct search *search, struct result *result, struct why *why)
{
    if (!picture_check_stage(p, PICTURE_BEGUN, why) || !begin_measure(p, true, why))
        return false;
    p->stage = PICTURE_NONE;
    return fill_measured(p, result, why) && result_reserve_found(result, search_bins(search), why) &&
           search_bands(p, search, result->found, why);
}

/* ---- all of it ----------------------------------------------------------------------------------------------------- */

bool picture_measure(struct picture *p, struct result *result, struct why *why)
{
    if (!picture_check_stage(p, PICTURE_BEGUN, why) || !begin_measure(p, false, why))
        return false;
    bool measured = p->task.look ? look(p, why) : measure(p, &result->notes, why) && find_quantiles(p, why);
    if (!measured || !fill_measured(p, result, why) || !fill_quantiles(p, result, why) || !fill_pooled(p, result, why))
        return false;
    bool seen = !p->task.format && picture_has_views(p) && p->task.views_from <= 0; /* nothing is clipped */
    if (seen && !view_measured(p, result, why))
        return false;
    p->stage = PICTURE_MEASURED;
    return true;
}

/* ---- pool ---------------------------------------------------------------------------------------------------------- */

bool picture_pool(const struct picture *p, struct result *result, struct why *why)
{
    struct statistics pooled = {0};
    bool ok = picture_check_stage(p, PICTURE_MEASURED, why) && solve_pool(&p->measure, p->task.request, &pooled, NULL, why);
    for (unsigned c = 0; ok && c < result->colours; c++)
        result->channel[c].used = pooled.channel[c];
    statistics_free(&pooled);
    return ok;
}
