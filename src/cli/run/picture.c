/* One picture: measure, pool, solve, apply. */
#include "base/channel.h"
#include "base/quote.h"
#include "engine/cursor.h"
#include "codec/icc.h"
#include "cli/msg.h"
#include "engine/layout.h"
#include "cli/run/work.h"

#include <string.h>

/* ---- getting ready ------------------------------------------------------------------------------------------------ */

/* Fills in the buffers of a band. */
static bool reserve_band(struct band *band, struct buffer *tile, struct buffer *scratch, struct why *why)
{
    size_t tile_bytes = block_channels(&band->in) * INSTNORM_BLOCK * sizeof(float);
    if (!buffer_reserve(tile, tile_bytes) || !buffer_reserve(scratch, sizeof(struct scratch)))
        return why_memory(why);
    band->tile = (float *)tile->data;
    band->scratch = (struct scratch *)scratch->data;
    band_begin(band);
    return true;
}

/* Every buffer that the picture needs, so that nothing is allocated later. */
static bool reserve_buffers(struct work *w)
{
    struct worker *k = w->worker;
    if (!buffer_reserve(&k->channel, w->band.out.channels * sizeof *w->band.channel) ||
        !buffer_reserve(&k->table, BAND_TABLES * 256 * sizeof(float)) ||
        !buffer_reserve(&k->band_out, w->in.pictures.rows.band * w->band.out.width * w->band.out.channels *
                                          sample_size(w->band.out.sample)))
        return why_memory(w->why);
    w->band.odd_alpha = false;
    w->band.channel = (struct channel *)k->channel.data;
    w->band.table = k->table.data;
    w->band.mask = w->mask.weights.n > 0 ? &w->mask.weights : NULL;
    w->band.changed = w->changed.weights.n > 0 ? &w->changed.weights : NULL;
    memset(w->band.channel, 0, w->band.out.channels * sizeof *w->band.channel);
    for (unsigned c = 0; c < w->band.out.channels; c++)
        instnorm_moments_clear(&w->band.channel[c].moments);
    return reserve_band(&w->band, &k->tile, &k->scratch, w->why);
}

/* In a first pass too: what the output could not take is refused before any is begun. */
static bool prepare(struct work *w)
{
    const struct codec *writer = w->job->writer ? w->job->writer : w->in.pictures.codec;
    const struct output_format format = {writer->tensor, writer->premultiplied};
    if (w->job->output && w->worker->writing->in_place && w->in.pictures.rows.info.converted)
        return why_set(w->why, "CMYK is read as RGB, and --in-place would lose the inks: write another file");
    return target_describe(&w->band, &w->in.pictures.rows.info, w->job->output ? &format : NULL, w->request, w->why) &&
           reserve_buffers(w);
}

/* The numbers of a colour space are of sRGB: samples of another profile have others. Said once of each that has any. */
static void warn_of_profile(const struct work *w)
{
    const struct metadata *m = w->in.pictures.rows.info.metadata;
    const struct meta *icc = m ? metadata_find(m, META_ICC) : NULL;
    if (!w->nothing.text[0] && band_converts(&w->band) && icc && !icc_is_srgb(icc->data, icc->size))
        msg_warning(w->job->input, "its ICC profile is not sRGB, which --space %s takes it for", w->band.space->name);
}

static bool read_band(struct work *w, struct rows *band)
{
    return w->in.pictures.rows.read(&w->in.pictures.rows, band, w->why);
}

static bool rewind_picture(struct work *w)
{
    return w->in.pictures.rows.rewind(&w->in.pictures.rows, w->why);
}

/* ---- fit ---------------------------------------------------------------------------------------------------------- */

/* The reason, with the option before it. */
static bool fit_failed(struct work *w, const char *reason)
{
    char name[160];
    return why_set(w->why, "--fit %s: %s", quote(name, sizeof name, w->request->fit), reason);
}

/* The picture to fit that goes with this one: of the same size and channels. */
static bool select_fit(struct work *w)
{
    struct why why = {0};
    if (!w->fit.rows.rewind(&w->fit.rows, w->why))
        return false;
    bool ok = target_describe(&w->fit_band, &w->fit.rows.info, NULL, w->request, &why) &&
              reserve_band(&w->fit_band, &w->worker->fit_tile, &w->worker->fit_scratch, &why);
    if (ok && w->fit_band.values != w->band.values && !w->request->rgb)
        ok = why_set(&why, "%u colour channel%s: expected %u as the input has%s", w->fit_band.values,
                     w->fit_band.values == 1 ? "" : "s", w->band.values,
                     w->fit_band.values == 1 || w->band.values == 1 ? ", or --rgb" : "");
    return ok || fit_failed(w, why.text);
}

static bool fit_band(struct work *w, const struct rows *rows)
{
    struct rows target;
    if (!w->fit.rows.read(&w->fit.rows, &target, w->why))
        return false;
    band_fit(&w->band, rows, &w->fit_band, &target);
    return true;
}

/* Comoments of samples of two units, as if the target had the input's. */
static void scale_pairs(struct work *w)
{
    double factor = band_unit(&w->band) / band_unit(&w->fit_band);
    for (unsigned c = 0; c < w->band.colours; c++) {
        w->band.channel[c].pairs.mean_y *= factor;
        w->band.channel[c].pairs.c_xy *= factor;
    }
}

/* ---- measure ------------------------------------------------------------------------------------------------------ */

/* Says why no sample of the picture counts. */
static void note_nothing(struct work *w)
{
    char list[200];
    uint64_t skipped = 0;
    bool alpha = w->band.in.alpha != ALPHA_NONE && !w->band.all_count;
    for (unsigned c = 0; c < w->band.values; c++)
        skipped += w->band.channel[c].moments.skipped;
    if (w->mask.weights.n > 0)
        why_set(&w->nothing, "%s: no pixel is left", weights_describe(&w->mask.weights, list, sizeof list));
    else if (w->band.odd_alpha)
        why_set(&w->nothing, "wherever its alpha is finite, it is transparent");
    else if (skipped > 0)
        why_set(&w->nothing, "no %s%s is finite", alpha ? "visible " : "", w->band.space->planes == 3 ? "pixel" : "sample");
    else
        why_set(&w->nothing, "wholly transparent");
}

/*
 * Whether anything counts in a picture that need not be measured: it is read as far as the first sample that does. Every
 * sample of integers counts where neither alpha nor a mask weighs it. The band that was read stays in `first` if it was the
 * only one.
 */
static bool look(struct work *w)
{
    bool weighed = (w->band.in.alpha != ALPHA_NONE && !w->band.all_count) || w->mask.weights.n > 0;
    bool found = !weighed && w->band.in.sample != SAMPLE_F32, first = false;
    if (found)
        return true;
    if (!weights_begin(&w->mask.weights, &w->in.pictures.rows.info, w->why))
        return false;
    for (size_t y = 0; !found && y < w->band.in.height; y += w->in.pictures.rows.band) {
        if (!read_band(w, &w->first) || !weights_read(&w->mask.weights, w->why))
            return false;
        found = band_counts(&w->band, &w->first);
        first = found && y == 0;
    }
    if (!found)
        note_nothing(w);
    for (unsigned c = 0; c < w->band.values; c++) /* nothing was measured */
        w->band.channel[c].moments.skipped = 0;
    if (first)
        return true;
    w->first.data = NULL;
    return rewind_picture(w);
}

/* Alpha that is no share of anything. */
static void warn_of_alpha(const struct work *w)
{
    if (w->band.odd_alpha && !w->nothing.text[0])
        msg_warning(w->job->input, "some of its alpha is infinite or NaN: these pixels are not measured");
}

/* Tells what was noted of the pictures of weights. */
static bool end_weights(struct weights *weights, struct why *why)
{
    struct notes notes = {0};
    bool ok = weights_end(weights, &notes, why);
    msg_notes(&notes, NULL);
    notes_free(&notes);
    return ok;
}

static bool measure_bands(struct work *w)
{
    for (size_t y = 0; y < w->band.in.height; y += w->in.pictures.rows.band) {
        struct rows rows;
        if (!read_band(w, &rows) || !weights_read(&w->mask.weights, w->why))
            return false;
        band_measure(&w->band, &rows);
        if (w->fit.in.open && !fit_band(w, &rows))
            return false;
    }
    return true;
}

static bool measure(struct work *w)
{
    if (!weights_begin(&w->mask.weights, &w->in.pictures.rows.info, w->why) || (w->fit.in.open && !select_fit(w)) ||
        !measure_bands(w))
        return false;
    if (w->fit.in.open)
        scale_pairs(w);
    for (unsigned c = w->band.values; c < w->band.colours; c++) {
        const struct channel *source = &w->band.channel[band_source(&w->band, c)];
        w->band.channel[c].moments = source->moments;
        if (w->fit_band.values == w->band.values)
            w->band.channel[c].pairs = source->pairs;
    }
    bool empty = true;
    for (unsigned c = 0; c < w->band.values; c++)
        empty &= w->band.channel[c].moments.weight == 0;
    if (empty)
        note_nothing(w);
    warn_of_alpha(w);
    return end_weights(&w->mask.weights, w->why);
}

bool picture_measure(struct work *w)
{
    return prepare(w) && (w->band.in.role != PAGE_FULL || (measure(w) && solve_pool(&w->band, w->request, w->why)));
}

/* ---- solve -------------------------------------------------------------------------------------------------------- */

/* What the first pass found stands in: for all pictures, or for this one with the average of those around it. */
static bool refer_to_gathered(struct work *w, struct references *from, struct statistics *measured)
{
    const struct gathered *g = w->shared->gathered;
    if (!g)
        return true;
    *measured = g->all;
    from->measured = measured;
    from->measured_name = "the batch";
    if (!w->worker->deflicker)
        return true;
    size_t i = w->job->first + w->full;
    if (i >= g->n || g->place[i] == GATHERED_NOWHERE)
        return why_set(w->why, "changed since it was measured");
    measured->channel = g->picture + g->place[i] * g->all.colours;
    from->target = &w->average;
    from->target_name = "the series";
    return gathered_average(g, i, w->worker->deflicker, &w->average, w->why);
}

/* Some channels have samples that count, and others none. */
static void warn_of_empty_channels(const struct work *w)
{
    unsigned empty = 0, first = 0;
    char name[CHANNEL_NAME_BYTES];
    for (unsigned c = w->band.colours; c-- > 0;)
        if (!(w->band.channel[c].pooled.weight > 0) && target_touches(w->request, &w->band, c)) {
            empty++;
            first = c;
        }
    if (empty > 0)
        msg_warning(w->job->input, "no sample of channel %s%s counts: passed through unchanged",
                    channel_name(w->band.space, w->band.colours, first, name, sizeof name),
                    empty > 1 ? ", and of others," : "");
}

static bool solve(struct work *w)
{
    struct references from = w->shared->from;
    const struct output_format format = {w->to->codec->tensor, w->to->codec->premultiplied};
    struct statistics measured;
    for (unsigned c = 0; w->nothing.text[0] && c < w->band.out.channels; c++)
        w->band.channel[c].map = solve_unchanged(&w->band, c);
    if (w->nothing.text[0])
        return true;
    if (!refer_to_gathered(w, &from, &measured) || !solve_picture(&w->band, w->request, &from, &format, w->why))
        return false;
    warn_of_empty_channels(w);
    return true;
}

/* ---- apply -------------------------------------------------------------------------------------------------------- */

static bool apply_band(struct work *w, size_t y, const struct rows *in)
{
    struct rows out = *in;
    if (!band_is_identity(&w->band)) {
        out = (w->band.out.planar ? rows_planar : rows_interleaved)(w->worker->band_out.data, w->band.out.sample,
                                                                    w->band.out.channels, in->width, in->height);
        w->band.y = y;
        band_apply(&w->band, in, &out);
    }
    return output_write(w->to, &out, w->why);
}

static bool check_clipping(struct work *w)
{
    for (unsigned c = 0; w->request->fail_on_clip >= 0 && w->band.pixels > 0 && c < w->band.colours; c++) {
        const struct instnorm_clip *clip = &w->band.channel[c].clip;
        double percent = 100 * (double)(clip->low + clip->high) / (double)w->band.pixels;
        char name[CHANNEL_NAME_BYTES];
        if (percent > w->request->fail_on_clip)
            return why_set(w->why, "%.3g %% of %s clips, more than the %.3g %% of --fail-on-clip", percent,
                           channel_name(NULL, w->band.colours, c, name, sizeof name), w->request->fail_on_clip);
    }
    return true;
}

static bool apply(struct work *w)
{
    struct weights *changed = w->band.changed;
    char list[200];
    band_prepare(&w->band);
    if (changed && !weights_begin(changed, &w->in.pictures.rows.info, w->why))
        return false;
    for (size_t y = 0; y < w->band.in.height; y += w->in.pictures.rows.band) {
        struct rows rows = w->first;
        if (((y > 0 || !rows.data) && !read_band(w, &rows)) || (changed && !weights_read(changed, w->why)) ||
            !apply_band(w, y, &rows))
            return false;
    }
    if (changed && !end_weights(changed, w->why))
        return false;
    if (changed && w->band.in.role == PAGE_FULL && !w->band.reached && !band_is_identity(&w->band) && !w->nothing.text[0])
        msg_warning(w->job->input, "%s: no pixel is left: passed through unchanged",
                    weights_describe(changed, list, sizeof list));
    return check_clipping(w);
}

/* Once the maps are known. The first picture of a stack decides the type of its floats. */
static bool begin_output(struct work *w)
{
    if (w->to->codec->tensor && w->to->pictures > 0)
        w->band.out.stored = w->to->stored;
    w->band.out.changes.samples = !band_is_identity(&w->band) || w->band.out.changes.turned > 1;
    return output_begin(w->to, &w->band.out, w->job->input, w->why);
}

/* What tells how the picture lies goes lost. */
static void warn_of_orientation(struct work *w)
{
    char text[160];
    if (w->in.pictures.rows.info.changes.turned || pictures_orientation(&w->in.pictures) <= 1 ||
        (w->to->codec->orients && !w->worker->writing->strip))
        return;
    if (w->worker->writing->strip)
        snprintf(text, sizeof text, "--strip drops its EXIF orientation: add --auto-orient to turn the samples");
    else
        snprintf(text, sizeof text, "%s cannot hold its EXIF orientation: add --auto-orient to turn the samples",
                 w->to->codec->name);
    struct notes notes = {0};
    input_note(&w->in, NOTE_WARNING, text, NULL, &notes);
    msg_notes(&notes, w->job->input);
    notes_free(&notes);
}

/* ---- side pages --------------------------------------------------------------------------------------------------- */

/* A page that is no picture of its own, or a smaller copy of the one before that takes its maps. */
static bool is_side_page(const struct work *w)
{
    enum page_role role = w->band.in.role;
    return role == PAGE_COPIED || (role == PAGE_REDUCED && w->kept_maps == w->band.out.channels);
}

/* The maps of a full page, for the smaller copies of it that may follow. */
static bool keep_maps(struct work *w)
{
    if (!buffer_reserve(&w->worker->maps, w->band.out.channels * sizeof(struct instnorm_affine)))
        return why_memory(w->why);
    struct instnorm_affine *map = (struct instnorm_affine *)w->worker->maps.data;
    for (unsigned c = 0; c < w->band.out.channels; c++)
        map[c] = w->band.channel[c].map;
    w->kept_maps = w->band.out.channels;
    return true;
}

static bool run_side_page(struct work *w)
{
    const struct instnorm_affine *map = (const struct instnorm_affine *)w->worker->maps.data;
    bool copied = w->band.in.role == PAGE_COPIED;
    for (unsigned c = 0; c < w->band.out.channels; c++)
        w->band.channel[c].map = copied ? solve_unchanged(&w->band, c) : map[c];
    if (copied)
        w->band.changed = NULL;
    return begin_output(w) && apply(w);
}

/* ---- a picture ---------------------------------------------------------------------------------------------------- */

bool picture_must_measure(const struct work *w)
{
    return !w->job->output || (!w->shared->gathered && (!w->request->given || w->worker->measures));
}

/* What is kept of colour channel c. A channel that is not touched keeps its values. */
static void fill_channel(struct work *w, unsigned c)
{
    const struct channel *ch = &w->band.channel[c];
    const struct instnorm_target *t = &ch->target;
    struct result_channel *r = &w->result.channel[c];
    *r = (struct result_channel){.moments = ch->moments, .clip = ch->clip};
    if (!ch->touched)
        return;
    r->touched = true;
    r->used = ch->pooled;
    r->target = *t;
    map_set_members(&w->result.map, c,
                    (double[MAP_MEMBERS]){ch->map.scale * t->unit_in / t->unit_out, ch->map.shift / t->unit_out});
}

static bool fill_result(struct work *w)
{
    const struct picture_info *info = &w->band.in;
    struct result *r = &w->result;
    struct notes notes = r->notes;
    *r = (struct result){.notes = notes,
                         .status = w->to ? RESULT_MAPPED : RESULT_MEASURED,
                         .job = w->job->number,
                         .index = w->in.pictures.index,
                         .width = info->width,
                         .height = info->height,
                         .channels = info->channels,
                         .depth = info->depth,
                         .dimensions = info->dimensions,
                         .alpha = info->alpha,
                         .role = info->role,
                         .nothing = w->nothing,
                         .integer = w->band.out.sample != SAMPLE_F32,
                         .most = w->band.out.unit,
                         .pixels = w->band.pixels,
                         .space = w->band.space,
                         .unit = band_unit(&w->band),
                         .pictures = 1};
    snprintf(r->format, sizeof r->format, "%s", w->in.pictures.codec->name);
    if (!result_reserve(r, w->band.colours, w->why) || !map_reserve(&r->map, w->band.colours, w->why))
        return false;
    for (unsigned c = 0; c < r->colours; c++)
        fill_channel(w, c);
    w->has_result = true;
    w->full++;
    return true;
}

bool picture_run(struct work *w)
{
    bool measured = picture_must_measure(w);
    w->nothing = (struct why){0};
    w->first.data = NULL;
    if (!prepare(w))
        return false;
    if (is_side_page(w))
        return !w->to || run_side_page(w);
    if (measured ? !measure(w) : !look(w))
        return false;
    warn_of_profile(w);
    if (w->to) {
        if (!solve(w) || !keep_maps(w) || !begin_output(w))
            return false;
        if ((measured && !rewind_picture(w)) || !apply(w))
            return false;
        warn_of_orientation(w);
    }
    return fill_result(w);
}
