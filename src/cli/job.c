/* One picture file: measure, pool, solve, apply. */
#include "job.h"

#include "input.h"
#include "msg.h"
#include "target.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A file under work. */
struct work {
    struct worker *worker;
    const struct options *options;
    const struct job *job;
    struct why *why;
    struct input in;
    struct band band;
    struct output own, *to;
    struct outcome outcome; /* of the last picture: told when it is complete */
    unsigned kept_maps;     /* how many channels of the last full page the worker has the maps of */
};

/* ---- measure ------------------------------------------------------------------------------------------------------ */

static bool measure(struct work *w)
{
    unsigned measured = picture_colours(&w->band.in);
    for (size_t y = 0; y < w->band.in.height; y += w->in.band) {
        struct rows rows;
        if (!input_band(&w->in, y, &rows, w->why))
            return false;
        band_measure(&w->band, &rows);
    }
    for (unsigned c = measured; c < w->band.colours; c++)
        w->band.channel[c].moments = w->band.channel[band_source(&w->band, c)].moments;
    return true;
}

/* ---- pool --------------------------------------------------------------------------------------------------------- */

/* The moments of the samples times a factor. */
static struct instnorm_moments scaled(const struct instnorm_moments *m, double factor)
{
    struct instnorm_moments s = *m;
    s.mean *= factor;
    s.m2 *= factor * factor;
    s.min *= factor;
    s.max *= factor;
    return s;
}

/* Statistics from the command line stand in for the measured ones: --mean and --std together. */
static void given_moments(struct work *w, unsigned c)
{
    double unit = w->band.in.unit, std = target_item(&w->options->std, c, 1).value * unit;
    instnorm_moments_given(target_item(&w->options->mean, c, 0).value * unit, std * std, &w->band.channel[c].pooled);
}

/* Groups of neighbouring channels, all of them (layer), or each alone. */
static bool pool_groups(struct work *w)
{
    unsigned groups = w->options->norm == INSTNORM_LAYER   ? 1
                      : w->options->norm == INSTNORM_GROUP ? w->options->groups
                                                           : w->band.colours;
    if (w->band.colours % groups != 0)
        return why_set(w->why, "--norm group:%u: expected a number that divides the %u colour channels", groups,
                       w->band.colours);
    unsigned width = w->band.colours / groups;
    for (unsigned first = 0; first < w->band.colours; first += width) {
        struct instnorm_moments all;
        instnorm_moments_clear(&all);
        for (unsigned c = first; c < first + width; c++)
            instnorm_merge(&all, &w->band.channel[c].moments);
        for (unsigned c = first; c < first + width; c++)
            w->band.channel[c].pooled = all;
    }
    return true;
}

static bool pool(struct work *w, const struct batch_moments *batch)
{
    if (!batch && w->options->mean.n == 0)
        return pool_groups(w);
    for (unsigned c = 0; c < w->band.colours; c++)
        if (batch)
            w->band.channel[c].pooled = scaled(&batch->channel[c], w->band.in.unit);
        else
            given_moments(w, c);
    return true;
}

/* ---- solve -------------------------------------------------------------------------------------------------------- */

/* `keep` is the measured value, and needs no eps: a gamma that was measured divides by itself. */
static void set_target(struct work *w, unsigned c)
{
    struct channel *ch = &w->band.channel[c];
    const struct options *o = w->options;
    bool tensor = w->to->codec->tensor; /* as in the literature: standardized */
    struct item gamma = target_item(&o->gamma, c, tensor ? 1 : 0.25), beta = target_item(&o->beta, c, tensor ? 0 : 0.5);
    double unit = w->band.in.unit;

    ch->target =
        (struct instnorm_target){.gamma = gamma.keep ? sqrt(instnorm_variance(&ch->pooled) / (unit * unit)) : gamma.value,
                                 .beta = beta.keep ? ch->pooled.mean / unit : beta.value,
                                 .eps = o->eps >= 0                   ? o->eps
                                        : gamma.keep || o->mean.n > 0 ? 0
                                                                      : 1e-5,
                                 .strength = o->strength,
                                 .unit_in = unit,
                                 .unit_out = w->band.out.unit};
}

/* The same values in the output's unit: alpha, and a picture that has nothing to measure. */
static struct instnorm_affine unchanged(const struct work *w)
{
    return (struct instnorm_affine){w->band.out.unit / w->band.in.unit, 0};
}

static bool solve(struct work *w)
{
    bool transparent = w->band.in.alpha != ALPHA_NONE && w->band.channel[0].pooled.weight == 0;

    if (transparent)
        msg_warning(w->job->input, "wholly transparent: passed through unchanged");
    for (unsigned c = 0; c < w->band.out.channels; c++) {
        w->band.channel[c].map = unchanged(w);
        if (c >= w->band.colours || transparent || !target_touches(w->options, w->band.colours, c))
            continue;
        set_target(w, c);
        w->band.channel[c].touched = true;
        enum instnorm_status status =
            instnorm_solve(&w->band.channel[c].pooled, &w->band.channel[c].target, &w->band.channel[c].map);
        if (status != INSTNORM_OK)
            return why_set(w->why, "channel %u: %s", c, instnorm_status_string(status));
    }
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
    if ((w->options->verbose || w->options->json) && w->band.out.sample != SAMPLE_F32)
        band_count_clipped(&w->band, in);
    return output_write(w->to, &out, w->why);
}

static bool apply(struct work *w)
{
    band_prepare(&w->band);
    for (size_t y = 0; y < w->band.in.height; y += w->in.band) {
        struct rows rows;
        if (!input_band(&w->in, y, &rows, w->why) || !apply_band(w, y, &rows))
            return false;
    }
    return true;
}

/* ---- a picture ---------------------------------------------------------------------------------------------------- */

static bool describe_output(struct work *w)
{
    return target_describe(&w->band, &w->in.info, w->to ? w->to->codec : NULL, w->options, w->why);
}

/* Every buffer that the picture needs, so that nothing is allocated later. */
static bool reserve_buffers(struct work *w)
{
    struct worker *k = w->worker;
    size_t unpacked = w->band.in.planar ? 1 : w->band.in.channels;

    if (!store_reserve(&k->channel, w->band.out.channels * sizeof *w->band.channel) ||
        !store_reserve(&k->tile, unpacked * INSTNORM_BLOCK * sizeof(float)) ||
        !store_reserve(&k->run, 3 * INSTNORM_BLOCK * sizeof(float)) ||
        !store_reserve(&k->table, BAND_TABLES * 256 * sizeof(float)) ||
        !store_reserve(&k->band_out, w->in.band * w->band.out.width * w->band.out.channels * sizeof(float)))
        return why_memory(w->why);
    w->band.channel = (struct channel *)k->channel.data;
    w->band.tile = (float *)k->tile.data;
    w->band.run = (float *)k->run.data;
    w->band.alpha = w->band.run + INSTNORM_BLOCK;
    w->band.straight = w->band.alpha + INSTNORM_BLOCK;
    w->band.table = k->table.data;
    memset(w->band.channel, 0, w->band.out.channels * sizeof *w->band.channel);
    for (unsigned c = 0; c < w->band.out.channels; c++)
        instnorm_moments_clear(&w->band.channel[c].moments);
    return true;
}

/* Tells of the last picture. Not before the next one was found, or the output is complete: it may still fail. */
static void report(struct work *w)
{
    if (w->outcome.job && w->worker->report)
        w->worker->report(&w->outcome, w->options);
    w->outcome.job = NULL;
}

static void note_outcome(struct work *w)
{
    w->outcome = (struct outcome){.job = w->job,
                                  .format = w->in.codec->name,
                                  .index = w->in.picture,
                                  .info = w->band.in,
                                  .colours = w->band.colours,
                                  .channel = w->band.channel,
                                  .integer = w->band.out.sample != SAMPLE_F32,
                                  .applied = w->to != NULL};
}

/* Whether the picture must be read before it can be mapped. */
static bool must_measure(const struct work *w, const struct batch_moments *batch)
{
    return !w->job->output || (!batch && w->options->mean.n == 0);
}

/* A page that is a smaller copy of the one before, or no picture of its own: measured by nobody, told to nobody. */
static bool is_side_page(const struct work *w)
{
    enum page_role role = w->band.in.role;
    return role == PAGE_COPIED || (role == PAGE_REDUCED && w->kept_maps == w->band.out.channels);
}

/* The maps of a full page, for the smaller copies of it that may follow. */
static bool keep_maps(struct work *w)
{
    if (!store_reserve(&w->worker->maps, w->band.out.channels * sizeof(struct instnorm_affine)))
        return why_memory(w->why);
    struct instnorm_affine *map = (struct instnorm_affine *)w->worker->maps.data;
    for (unsigned c = 0; c < w->band.out.channels; c++)
        map[c] = w->band.channel[c].map;
    w->kept_maps = w->band.out.channels;
    return true;
}

static void set_side_maps(struct work *w)
{
    const struct instnorm_affine *map = (const struct instnorm_affine *)w->worker->maps.data;
    for (unsigned c = 0; c < w->band.out.channels; c++)
        w->band.channel[c].map = w->band.in.role == PAGE_COPIED ? unchanged(w) : map[c];
}

static bool run_side_page(struct work *w)
{
    set_side_maps(w);
    return output_begin(w->to, &w->band.out, w->job->input, w->why) && apply(w);
}

static bool run_picture(struct work *w, const struct batch_moments *batch)
{
    bool measured = must_measure(w, batch);
    if (!describe_output(w) || !reserve_buffers(w))
        return false;
    if (is_side_page(w))
        return !w->to || run_side_page(w);
    if (measured && !measure(w))
        return false;
    if (w->to) {
        if (!pool(w, batch) || !solve(w) || !keep_maps(w) || !output_begin(w->to, &w->band.out, w->job->input, w->why))
            return false;
        if ((measured && !input_rewind(&w->in, w->why)) || !apply(w))
            return false;
    }
    note_outcome(w);
    return true;
}

/* ---- a file ------------------------------------------------------------------------------------------------------- */

static bool open_output(struct work *w, struct output *shared)
{
    if (!w->job->output)
        return true;
    w->to = shared ? shared : &w->own;
    return w->to->open || output_open(w->to, w->job->output, w->job->writer ? w->job->writer : w->in.codec,
                                      &w->in.file.stat, w->options, w->why);
}

/* Picture after picture, until the file has no more. The output is opened when the first header was read. */
static bool run_pictures(struct work *w, const struct batch_moments *batch, struct output *shared)
{
    for (size_t i = 0;; i++) {
        enum selected selected = input_select(&w->in, i, w->job->output && must_measure(w, batch), w->why);
        if (selected == SELECT_END && (shared || !w->to || output_commit(w->to, w->why))) {
            report(w);
            return true;
        }
        if (selected != SELECT_OK)
            return false;
        report(w);
        if ((!w->to && !open_output(w, shared)) || !run_picture(w, batch))
            return false;
    }
}

static bool merge_batch(struct work *w, struct batch_moments *batch)
{
    if (batch->colours == 0) {
        batch->channel = calloc(w->band.colours, sizeof *batch->channel);
        if (!batch->channel)
            return why_memory(w->why);
        batch->colours = w->band.colours;
        for (unsigned c = 0; c < w->band.colours; c++)
            instnorm_moments_clear(&batch->channel[c]);
    }
    if (batch->colours != w->band.colours)
        return why_set(w->why, "expected %u colour channels as in the batch before it, not %u", batch->colours,
                       w->band.colours);
    for (unsigned c = 0; c < w->band.colours; c++) {
        struct instnorm_moments m = scaled(&w->band.channel[c].moments, 1 / w->band.in.unit);
        instnorm_merge(&batch->channel[c], &m);
    }
    return true;
}

static bool measure_pictures(struct work *w, struct batch_moments *batch)
{
    for (size_t i = 0;; i++) {
        enum selected selected = input_select(&w->in, i, false, w->why);
        if (selected != SELECT_OK)
            return selected == SELECT_END;
        if (!describe_output(w) || !reserve_buffers(w))
            return false;
        if (w->band.in.role == PAGE_FULL && !(measure(w) && merge_batch(w, batch)))
            return false;
    }
}

static struct work work_begin(struct worker *worker, const struct job *job, struct why *why)
{
    return (struct work){.worker = worker, .options = worker->options, .job = job, .why = why};
}

static bool open_input(struct work *w)
{
    return input_open(&w->in, w->job->input, w->options, &w->worker->kept, &w->worker->band_in, w->why);
}

bool job_measure(struct worker *worker, struct job *job, struct batch_moments *batch, struct why *why)
{
    struct work w = work_begin(worker, job, why);
    bool ok = open_input(&w) && measure_pictures(&w, batch);
    job->mark = file_mark_of(&w.in.file.stat);
    input_close(&w.in);
    return ok;
}

/* A batch of the pictures of one file needs no second opening. */
static bool run_file(struct work *w, const struct batch_moments *batch, struct output *shared)
{
    struct batch_moments own = {0};
    bool alone = w->options->norm == INSTNORM_BATCH && !batch && w->job->output && w->options->mean.n == 0;
    bool ok = (!alone || measure_pictures(w, &own)) && run_pictures(w, alone ? &own : batch, shared);
    batch_moments_free(&own);
    return ok;
}

bool job_run(struct worker *worker, const struct job *job, const struct batch_moments *batch, struct output *shared,
             struct why *why)
{
    struct work w = work_begin(worker, job, why);
    bool ok = open_input(&w);
    struct file_mark mark = file_mark_of(&w.in.file.stat);
    if (ok && batch && !file_mark_same(&mark, &job->mark))
        ok = why_set(why, "changed since it was measured");
    ok = ok && run_file(&w, batch, shared);
    output_discard(&w.own);
    input_close(&w.in);
    return ok;
}

void batch_moments_free(struct batch_moments *batch)
{
    free(batch->channel);
    *batch = (struct batch_moments){0};
}

void worker_free(struct worker *k)
{
    struct store *stores[] = {&k->kept, &k->band_in, &k->band_out, &k->tile, &k->run, &k->table, &k->channel, &k->maps};
    for (size_t i = 0; i < sizeof stores / sizeof *stores; i++)
        store_free(stores[i]);
}
