/* One picture file: measure, pool, solve, apply. */
#include "job.h"

#include "input.h"
#include "msg.h"
#include "report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

static bool check_list(struct work *w, const struct list *list, const char *option)
{
    unsigned n = w->band.colours;
    if (list->n <= 1 || list->n == n)
        return true;
    return why_set(w->why, "--%s has %zu values and the picture %u colour channel%s%s: expected 1%s", option, list->n, n,
                   n == 1 ? "" : "s", n == 1 ? " (grey)" : "", n == 1 ? "" : " or one for each");
}

static struct item item_of(const struct list *list, unsigned c, double preset)
{
    if (list->n == 0)
        return (struct item){.value = preset};
    return list->item[list->n == 1 ? 0 : c];
}

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
    double unit = w->band.in.unit, std = item_of(&w->options->std, c, 1).value * unit;
    instnorm_moments_given(item_of(&w->options->mean, c, 0).value * unit, std * std, &w->band.channel[c].pooled);
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
    if (!check_list(w, &w->options->mean, "mean") || !check_list(w, &w->options->std, "std"))
        return false;
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
    struct item gamma = item_of(&o->gamma, c, tensor ? 1 : 0.25), beta = item_of(&o->beta, c, tensor ? 0 : 0.5);
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

/* The names and indices of --channels: "R", "0", "none". */
static bool names_channel(const struct work *w, const char *word, size_t n, unsigned c)
{
    char name[32], index[16];
    report_channel_name(w->band.colours, c, name, sizeof name);
    snprintf(index, sizeof index, "%u", c);
    return (strlen(name) == n && strncasecmp(word, name, n) == 0) || (strlen(index) == n && memcmp(word, index, n) == 0);
}

static bool is_touched(const struct work *w, unsigned c)
{
    bool touched = !w->options->channels;
    for (const char *word = w->options->channels; word && *word; word += *word == ',') {
        size_t n = strcspn(word, ",");
        touched |= names_channel(w, word, n, c);
        word += n;
    }
    return touched;
}

/* Each word of --channels names a channel of this picture. */
static bool check_channels(struct work *w)
{
    for (const char *word = w->options->channels; word && *word; word += *word == ',') {
        size_t n = strcspn(word, ",");
        unsigned c = 0;
        while (c < w->band.colours && !names_channel(w, word, n, c))
            c++;
        if (c == w->band.colours && !(n == 4 && memcmp(word, "none", 4) == 0))
            return why_set(w->why, "--channels '%.*s': expected a name or an index below %u, or none", (int)n, word,
                           w->band.colours);
        word += n;
    }
    return true;
}

static bool solve(struct work *w)
{
    bool transparent = w->band.in.alpha != ALPHA_NONE && w->band.channel[0].pooled.weight == 0;

    if (!check_list(w, &w->options->gamma, "gamma") || !check_list(w, &w->options->beta, "beta") || !check_channels(w))
        return false;
    if (transparent)
        msg_warning(w->job->input, "wholly transparent: passed through unchanged");
    for (unsigned c = 0; c < w->band.out.channels; c++) {
        w->band.channel[c].map = unchanged(w);
        if (c >= w->band.colours || transparent || !is_touched(w, c))
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

/* A tensor takes the colour channels as floats, a picture the input's own type; --depth and --rgb have the last word. */
static bool describe_output(struct work *w)
{
    const struct options *o = w->options;
    unsigned colours = picture_colours(&w->in.info);
    bool tensor = w->to && w->to->codec->tensor;

    w->band.in = w->in.info;
    w->band.out = w->in.info;
    w->band.out.planar = tensor;
    if (o->rgb && colours != 1 && colours != 3)
        return why_set(w->why, "--rgb: expected a picture of 1 or 3 colour channels, not %u", colours);
    if (o->rgb || tensor) {
        w->band.out.alpha = ALPHA_NONE;
        w->band.out.channels = o->rgb ? 3 : colours;
    }
    if (tensor) {
        w->band.out.dimensions = w->band.in.dimensions > 2 || w->band.out.channels > 1 || !w->band.in.dimensions
                                     ? w->band.in.dimensions > 3 ? 4 : 3
                                     : 2;
        bool wide = w->band.in.dimensions && (w->band.in.stored == STORED_F16 || w->band.in.stored == STORED_F64);
        w->band.out.sample = SAMPLE_F32;
        w->band.out.stored = wide && !o->depth ? w->band.in.stored : STORED_F32;
    }
    if (o->depth)
        w->band.out.sample = o->depth == 8 ? SAMPLE_U8 : o->depth == 16 ? SAMPLE_U16 : SAMPLE_F32;
    if (w->band.out.alpha == ALPHA_PREMULTIPLIED && w->to && !w->to->codec->premultiplied)
        w->band.out.alpha = ALPHA_STRAIGHT;
    w->band.dither = o->dither;
    w->band.all_count = o->mask_all;
    w->band.out.other_colours = picture_colours(&w->band.out) != colours;
    w->band.out.other_type = w->band.out.sample != w->band.in.sample || w->band.out.channels != w->band.in.channels;
    if (o->strip)
        w->band.out.metadata = NULL;
    w->band.out.unit = tensor && w->band.in.dimensions ? 1 : sample_unit(w->band.out.sample);
    w->band.colours = picture_colours(&w->band.out);
    return true;
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

static bool run_picture(struct work *w, const struct batch_moments *batch)
{
    bool measured = must_measure(w, batch);
    if (!describe_output(w) || !reserve_buffers(w))
        return false;
    if (measured && !measure(w))
        return false;
    if (w->to) {
        if (!pool(w, batch) || !solve(w) || !output_begin(w->to, &w->band.out, w->job->input, w->why))
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
        if (!describe_output(w) || !reserve_buffers(w) || !measure(w) || !merge_batch(w, batch))
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
    struct store *stores[] = {&k->kept, &k->band_in, &k->band_out, &k->tile, &k->run, &k->table, &k->channel};
    for (size_t i = 0; i < sizeof stores / sizeof *stores; i++)
        store_free(stores[i]);
}
