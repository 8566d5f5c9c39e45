/* One picture file: measure, pool, solve, apply. */
#include "job.h"

#include "input.h"
#include "msg.h"

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
    struct picture_info out;
    struct output own, *to;
    struct channel *channel; /* of the output */
    unsigned colours;        /* of the output */
};

/* ---- blocks: the tiles that the library measures and maps --------------------------------------------------------- */

/* The first block of a band (b all 0), or the one after: false if there is none. */
static bool next_block(const struct work *w, const struct rows *rows, struct block *b)
{
    size_t rule = instnorm_block_rows(rows->width);
    if (b->width > 0 && b->x + b->width < rows->width) {
        b->x += b->width;
    } else {
        b->x = 0;
        b->y += b->height;
    }
    if (b->y == rows->height)
        return false;
    b->height = rows->height - b->y < rule ? rows->height - b->y : rule;
    b->width = rows->width - b->x < INSTNORM_BLOCK ? rows->width - b->x : INSTNORM_BLOCK;
    if (!w->in.info.planar)
        rows_unpack(rows, b, (float *)w->worker->tile.data, INSTNORM_BLOCK);
    return true;
}

/* Channel c of the block as floats. Interleaved rows were unpacked all at once. */
static const float *block_samples(const struct work *w, const struct rows *rows, const struct block *b, unsigned c)
{
    float *tile = (float *)w->worker->tile.data;
    return w->in.info.planar ? rows_unpack_channel(rows, b, c, tile) : tile + (size_t)c * INSTNORM_BLOCK;
}

/* The input channel that a channel of the output is made of: a grey picture serves all three of --rgb. */
static unsigned source_of(const struct work *w, unsigned c)
{
    if (c >= w->colours)
        return w->in.info.channels - 1;
    return picture_colours(&w->in.info) == 1 ? 0 : c;
}

/* ---- measure ------------------------------------------------------------------------------------------------------ */

/* Alpha as weights, in its own unit; NULL if the block is opaque, so that it counts as one without alpha does. */
static const float *block_weights(const struct work *w, const struct rows *rows, const struct block *b)
{
    if (w->in.info.alpha == ALPHA_NONE)
        return NULL;
    const float *alpha = block_samples(w, rows, b, w->in.info.channels - 1), opaque = (float)w->in.info.unit;
    for (size_t i = 0; i < b->height * b->width; i++)
        if (alpha[i] != opaque)
            return alpha;
    return NULL;
}

static void measure_band(struct work *w, const struct rows *rows)
{
    for (struct block b = {0}; next_block(w, rows, &b);) {
        const float *weights = block_weights(w, rows, &b);
        for (unsigned c = 0; c < picture_colours(&w->in.info); c++) {
            struct instnorm_moments m;
            instnorm_measure(block_samples(w, rows, &b, c), weights, b.height * b.width, &m);
            if (weights) {
                m.weight /= w->in.info.unit;
                m.m2 /= w->in.info.unit;
            }
            instnorm_merge(&w->channel[c].moments, &m);
        }
    }
}

static bool measure(struct work *w)
{
    unsigned measured = picture_colours(&w->in.info);
    for (unsigned c = 0; c < w->colours; c++)
        instnorm_moments_clear(&w->channel[c].moments);
    for (size_t y = 0; y < w->in.info.height; y += w->in.band) {
        struct rows rows;
        if (!input_band(&w->in, y, &rows, w->why))
            return false;
        measure_band(w, &rows);
    }
    for (unsigned c = measured; c < w->colours; c++)
        w->channel[c].moments = w->channel[source_of(w, c)].moments;
    return true;
}

/* ---- pool --------------------------------------------------------------------------------------------------------- */

static bool check_list(struct work *w, const struct list *list, const char *option)
{
    unsigned n = w->colours;
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

/* Statistics from the command line stand in for the measured ones: --mean and --std together. */
static void given_moments(struct work *w, unsigned c)
{
    double unit = w->in.info.unit, std = item_of(&w->options->std, c, 1).value * unit;
    instnorm_moments_given(item_of(&w->options->mean, c, 0).value * unit, std * std, &w->channel[c].pooled);
}

/* Groups of neighbouring channels, all of them (layer), or each alone. */
static bool pool_groups(struct work *w)
{
    unsigned groups = w->options->norm == INSTNORM_LAYER   ? 1
                      : w->options->norm == INSTNORM_GROUP ? w->options->groups
                                                           : w->colours;
    if (w->colours % groups != 0)
        return why_set(w->why, "--norm group:%u: expected a number that divides the %u colour channels", groups,
                       w->colours);
    unsigned width = w->colours / groups;
    for (unsigned first = 0; first < w->colours; first += width) {
        struct instnorm_moments all;
        instnorm_moments_clear(&all);
        for (unsigned c = first; c < first + width; c++)
            instnorm_merge(&all, &w->channel[c].moments);
        for (unsigned c = first; c < first + width; c++)
            w->channel[c].pooled = all;
    }
    return true;
}

static bool pool(struct work *w, const struct batch_moments *batch)
{
    if (!check_list(w, &w->options->mean, "mean") || !check_list(w, &w->options->std, "std"))
        return false;
    if (!batch && w->options->mean.n == 0)
        return pool_groups(w);
    for (unsigned c = 0; c < w->colours; c++)
        if (batch)
            w->channel[c].pooled = batch->channel[c];
        else
            given_moments(w, c);
    return true;
}

/* ---- solve -------------------------------------------------------------------------------------------------------- */

/* `keep` is the measured value, and needs no eps: a gamma that was measured divides by itself. */
static void set_target(struct work *w, unsigned c)
{
    struct channel *ch = &w->channel[c];
    const struct options *o = w->options;
    bool tensor = w->to->codec->tensor; /* as in the literature: standardized */
    struct item gamma = item_of(&o->gamma, c, tensor ? 1 : 0.25), beta = item_of(&o->beta, c, tensor ? 0 : 0.5);
    double unit = w->in.info.unit;

    ch->target =
        (struct instnorm_target){.gamma = gamma.keep ? sqrt(instnorm_variance(&ch->pooled) / (unit * unit)) : gamma.value,
                                 .beta = beta.keep ? ch->pooled.mean / unit : beta.value,
                                 .eps = o->eps >= 0                   ? o->eps
                                        : gamma.keep || o->mean.n > 0 ? 0
                                                                      : 1e-5,
                                 .strength = o->strength,
                                 .unit_in = unit,
                                 .unit_out = w->out.unit};
}

/* The same values in the output's unit: alpha, and a picture that has nothing to measure. */
static struct instnorm_affine unchanged(const struct work *w)
{
    return (struct instnorm_affine){w->out.unit / w->in.info.unit, 0};
}

static bool solve(struct work *w)
{
    bool transparent = w->in.info.alpha != ALPHA_NONE && w->channel[0].pooled.weight == 0;

    if (!check_list(w, &w->options->gamma, "gamma") || !check_list(w, &w->options->beta, "beta"))
        return false;
    if (transparent)
        msg_warning(w->job->input, "wholly transparent: passed through unchanged");
    for (unsigned c = 0; c < w->out.channels; c++) {
        w->channel[c].map = unchanged(w);
        if (c >= w->colours || transparent)
            continue;
        set_target(w, c);
        enum instnorm_status status = instnorm_solve(&w->channel[c].pooled, &w->channel[c].target, &w->channel[c].map);
        if (status != INSTNORM_OK)
            return why_set(w->why, "channel %u: %s", c, instnorm_status_string(status));
    }
    return true;
}

/* ---- apply -------------------------------------------------------------------------------------------------------- */

static bool is_identity(const struct work *w, unsigned c)
{
    const struct instnorm_affine *a = &w->channel[c].map;
    return w->in.info.sample == w->out.sample && a->scale == 1 && a->shift == 0;
}

/* Whether the rows can be passed on as they are. */
static bool all_identity(const struct work *w)
{
    unsigned c = 0;
    while (c < w->out.channels && is_identity(w, c))
        c++;
    return c == w->in.info.channels && w->out.channels == c && w->in.info.planar == w->out.planar;
}

static void apply_run(enum sample sample, const float *x, size_t n, const struct instnorm_affine *map, void *run)
{
    if (sample == SAMPLE_U8)
        instnorm_apply_u8(x, n, map, run);
    else if (sample == SAMPLE_U16)
        instnorm_apply_u16(x, n, map, run);
    else
        instnorm_apply(x, n, map, run);
}

static void apply_blocks(struct work *w, const struct rows *in, const struct rows *out)
{
    void *run = w->worker->run.data;
    for (struct block b = {0}; next_block(w, in, &b);)
        for (unsigned c = 0; c < w->out.channels; c++) {
            if (is_identity(w, c)) {
                rows_copy(in, source_of(w, c), &b, out, c);
                continue;
            }
            apply_run(w->out.sample, block_samples(w, in, &b, source_of(w, c)), b.height * b.width, &w->channel[c].map,
                      run);
            rows_pack(out, &b, c, run);
        }
}

/* Eight bits have 256 values: the map is worked out once for each. The kernel is the same, and so are the bytes. */
static void fill_table(struct work *w)
{
    size_t bytes = 256 * sample_size(w->out.sample);
    float values[256];
    for (unsigned v = 0; v < 256; v++)
        values[v] = (float)v;
    for (unsigned c = 0; c < w->out.channels; c++)
        apply_run(w->out.sample, values, 256, &w->channel[c].map, w->worker->table.data + c * bytes);
}

static void apply_table(struct work *w, const struct rows *in, const struct rows *out)
{
    const unsigned char *table = w->worker->table.data;
    if (w->out.sample == SAMPLE_U8 && w->out.channels == 3 && w->in.info.channels == 3 && !w->in.info.planar &&
        !w->out.planar) {
        rows_map3(in, table, out);
        return;
    }
    for (unsigned c = 0; c < w->out.channels; c++)
        rows_map(in, source_of(w, c), table + c * 256 * sample_size(w->out.sample), out, c);
}

/* Only when it will be told: what falls outside the range of an integer output. */
static void count_clipped(struct work *w, const struct rows *rows)
{
    double most = sample_unit(w->out.sample);
    for (struct block b = {0}; next_block(w, rows, &b);)
        for (unsigned c = 0; c < w->colours; c++)
            instnorm_count_clipped(block_samples(w, rows, &b, source_of(w, c)), b.height * b.width, &w->channel[c].map,
                                   most, &w->channel[c].clipped_low, &w->channel[c].clipped_high);
}

static bool apply_band(struct work *w, const struct rows *in)
{
    struct rows out = *in;
    if (!all_identity(w)) {
        out = (w->out.planar ? rows_planar : rows_interleaved)(w->worker->band_out.data, w->out.sample, w->out.channels,
                                                               in->width, in->height);
        if (in->sample == SAMPLE_U8)
            apply_table(w, in, &out);
        else
            apply_blocks(w, in, &out);
    }
    if ((w->options->verbose || w->options->json) && w->out.sample != SAMPLE_F32)
        count_clipped(w, in);
    return output_write(w->to, &out, w->why);
}

static bool apply(struct work *w)
{
    if (w->in.info.sample == SAMPLE_U8)
        fill_table(w);
    for (size_t y = 0; y < w->in.info.height; y += w->in.band) {
        struct rows rows;
        if (!input_band(&w->in, y, &rows, w->why) || !apply_band(w, &rows))
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

    w->out = w->in.info;
    w->out.planar = tensor;
    w->out.dimensions = !tensor ? 0 : w->in.info.dimensions ? w->in.info.dimensions : 3;
    if (o->rgb && colours != 1 && colours != 3)
        return why_set(w->why, "--rgb: expected a picture of 1 or 3 colour channels, not %u", colours);
    if (o->rgb || tensor) {
        w->out.alpha = ALPHA_NONE;
        w->out.channels = o->rgb ? 3 : colours;
    }
    if (tensor) {
        bool wide = w->in.info.dimensions && (w->in.info.stored == STORED_F16 || w->in.info.stored == STORED_F64);
        w->out.sample = SAMPLE_F32;
        w->out.stored = wide && !o->depth ? w->in.info.stored : STORED_F32;
    }
    if (o->depth)
        w->out.sample = o->depth == 8 ? SAMPLE_U8 : o->depth == 16 ? SAMPLE_U16 : SAMPLE_F32;
    w->out.unit = tensor ? 1 : sample_unit(w->out.sample);
    w->colours = picture_colours(&w->out);
    return true;
}

/* Every buffer that the picture needs, so that nothing is allocated later. */
static bool reserve_buffers(struct work *w)
{
    struct worker *k = w->worker;
    size_t unpacked = w->in.info.planar ? 1 : w->in.info.channels;

    if (!store_reserve(&k->channel, w->out.channels * sizeof *w->channel) ||
        !store_reserve(&k->tile, unpacked * INSTNORM_BLOCK * sizeof(float)) ||
        !store_reserve(&k->run, INSTNORM_BLOCK * sizeof(float)) ||
        !store_reserve(&k->table, (size_t)w->out.channels * 256 * sizeof(float)) ||
        !store_reserve(&k->band_out, w->in.band * w->out.width * w->out.channels * sizeof(float)))
        return why_memory(w->why);
    w->channel = (struct channel *)k->channel.data;
    memset(w->channel, 0, w->out.channels * sizeof *w->channel);
    return true;
}

static void report(const struct work *w)
{
    struct outcome outcome = {.job = w->job,
                              .format = w->in.codec->name,
                              .info = w->in.info,
                              .colours = w->colours,
                              .channel = w->channel,
                              .applied = w->to != NULL};
    if (w->worker->report)
        w->worker->report(&outcome, w->options);
}

/* Whether the picture must be read before it can be mapped. */
static bool must_measure(const struct work *w, const struct batch_moments *batch)
{
    return !w->to || (!batch && w->options->mean.n == 0);
}

static bool run_picture(struct work *w, const struct batch_moments *batch)
{
    bool measured = must_measure(w, batch);
    if (!describe_output(w) || !reserve_buffers(w))
        return false;
    if (measured && !measure(w))
        return false;
    if (w->to) {
        if (!pool(w, batch) || !solve(w) || !output_begin(w->to, &w->out, w->options, w->why))
            return false;
        if ((measured && !input_rewind(&w->in, w->why)) || !apply(w))
            return false;
    }
    report(w);
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
        if (selected == SELECT_END)
            return shared || !w->to || output_commit(w->to, w->why);
        if (selected == SELECT_ERROR || (!w->to && !open_output(w, shared)) || !run_picture(w, batch))
            return false;
    }
}

static bool merge_batch(struct work *w, struct batch_moments *batch)
{
    if (batch->colours == 0) {
        batch->channel = calloc(w->colours, sizeof *batch->channel);
        if (!batch->channel)
            return why_memory(w->why);
        batch->colours = w->colours;
        batch->unit = w->in.info.unit;
        for (unsigned c = 0; c < w->colours; c++)
            instnorm_moments_clear(&batch->channel[c]);
    }
    if (batch->colours != w->colours || batch->unit != w->in.info.unit)
        return why_set(w->why, "a batch is of one type: expected %u colour channels in 0..%g as before, not %u in 0..%g",
                       batch->colours, batch->unit, w->colours, w->in.info.unit);
    for (unsigned c = 0; c < w->colours; c++)
        instnorm_merge(&batch->channel[c], &w->channel[c].moments);
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

bool job_measure(struct worker *worker, const struct job *job, struct batch_moments *batch, struct why *why)
{
    struct work w = work_begin(worker, job, why);
    bool ok = open_input(&w) && measure_pictures(&w, batch);
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
    bool ok = open_input(&w) && run_file(&w, batch, shared);
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
