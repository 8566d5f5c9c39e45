/* One picture file: measure, pool, solve, apply. */
#include "job.h"

#include "file.h"
#include "msg.h"

#include <math.h>
#include <string.h>

/* The rows of a band take about this much: they stay in the second-level cache. */
enum { BAND_BYTES = 1 << 17 };

/* A file under work. */
struct work {
    struct worker *worker;
    const struct options *options;
    const struct job *job;
    struct why *why;

    struct file_source source;
    struct limits limits; /* the reader keeps hold of it */
    const struct codec *codec;
    void *reader;
    struct picture_info in, out;
    struct channel *channel;
    struct rows kept; /* the whole picture; no data if it is read twice */
    size_t band;      /* rows of a band: whole blocks */

    struct file_sink sink;
    const struct codec *writer_codec;
    void *writer;
    size_t pictures;
};

/* ---- opening ------------------------------------------------------------------------------------------------------ */

/* What a stream may take of the budget; the rest is for its rows. */
static size_t spool_budget(const struct options *o)
{
    return (size_t)(o->memory / 2);
}

static bool open_input(struct work *w)
{
    unsigned char head[16];

    if (!file_open(&w->source, w->job->input, spool_budget(w->options), w->why))
        return false;
    size_t n = w->source.base.read_at(&w->source.base, head, sizeof head, 0);
    if (w->source.base.why.text[0])
        return why_set(w->why, "%s", w->source.base.why.text);
    w->codec = codec_sniff(head, n);
    if (!w->codec)
        return why_set(w->why, n == 0 ? "empty file, expected a picture" : "unknown format, expected one of --version");
    w->limits.max_pixels = w->options->max_pixels;
    w->reader = w->codec->open(&w->source.base, &w->limits, w->why);
    return w->reader != NULL;
}

/* Where every row is at hand twice: kept by us, or by a codec that replays them. Otherwise the reader is rewound. */
static bool keep_rows(struct work *w)
{
    const struct picture_info *in = &w->in;
    uint64_t bytes = (uint64_t)in->width * in->height * in->channels * sample_size(in->sample);
    uint64_t taken = in->held + (w->source.regular ? 0 : spool_budget(w->options));

    w->kept.data = NULL;
    if (taken > w->options->memory)
        return why_set(w->why, "decoding it takes %.3g MiB of memory, more than the budget of %.3g MiB: see --memory",
                       (double)taken / 0x1p20, (double)w->options->memory / 0x1p20);
    if (w->options->stats || in->replays || bytes > w->options->memory - taken)
        return true;
    if (!store_reserve(&w->worker->kept, (size_t)bytes))
        return why_memory(w->why);
    w->kept = rows_interleaved(w->worker->kept.data, in->sample, in->channels, in->width, in->height);
    return true;
}

/* Every buffer that the picture needs, so that nothing is allocated later. */
static bool reserve_buffers(struct work *w)
{
    struct worker *k = w->worker;
    const struct picture_info *in = &w->in;
    size_t row = in->width * in->channels, blocks;

    size_t block = instnorm_block_rows(in->width);
    blocks = BAND_BYTES / (row * sample_size(in->sample) * block + 1);
    w->band = block * (blocks ? blocks : 1);
    if (w->band > in->height)
        w->band = in->height;
    if (!store_reserve(&k->channel, in->channels * sizeof *w->channel) ||
        !store_reserve(&k->tile, in->channels * INSTNORM_BLOCK * sizeof(float)) ||
        !store_reserve(&k->run, INSTNORM_BLOCK * sizeof(float)) ||
        !store_reserve(&k->table, (size_t)in->channels * 256 * sizeof(float)) ||
        !store_reserve(&k->band_in, w->band * row * sample_size(in->sample)) ||
        !store_reserve(&k->band_out, w->band * row * sizeof(float)))
        return why_memory(w->why);
    w->channel = (struct channel *)k->channel.data;
    memset(w->channel, 0, in->channels * sizeof *w->channel);
    return true;
}

/* The next band of the input: from the kept rows, where it is read into in the first pass, or from the reader. */
static bool next_band(struct work *w, size_t y, bool first_pass, struct rows *rows)
{
    size_t height = w->in.height - y < w->band ? w->in.height - y : w->band;
    if (w->kept.data)
        *rows = rows_part(&w->kept, y, height);
    else
        *rows = rows_interleaved(w->worker->band_in.data, w->in.sample, w->in.channels, w->in.width, height);
    if (w->kept.data && !first_pass)
        return true;
    return w->codec->read(w->reader, rows, w->why);
}

/* ---- blocks: the tiles that the library measures and maps --------------------------------------------------------- */

/* The first block of a band, and the one after: false if there is none. */
static bool next_block(const struct rows *rows, struct block *b)
{
    size_t rule = instnorm_block_rows(rows->width);
    if (b->width == 0) {
        b->y = b->x = 0;
    } else if (b->x + b->width < rows->width) {
        b->x += b->width;
    } else {
        b->x = 0;
        b->y += b->height;
    }
    if (b->y == rows->height)
        return false;
    b->height = rows->height - b->y < rule ? rows->height - b->y : rule;
    b->width = rows->width - b->x < INSTNORM_BLOCK ? rows->width - b->x : INSTNORM_BLOCK;
    return true;
}

static float *tile_plane(const struct work *w, unsigned c)
{
    return (float *)w->worker->tile.data + (size_t)c * INSTNORM_BLOCK;
}

/* Alpha as weights, in its own unit; NULL if the block is opaque, so that it counts as one without alpha does. */
static const float *block_weights(const struct work *w, size_t n)
{
    const float *alpha = tile_plane(w, w->in.channels - 1), opaque = (float)sample_unit(w->in.sample);
    if (w->in.alpha == ALPHA_NONE)
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (alpha[i] != opaque)
            return alpha;
    return NULL;
}

/* ---- measure ------------------------------------------------------------------------------------------------------ */

static void measure_band(struct work *w, const struct rows *rows)
{
    for (struct block b = {0}; next_block(rows, &b);) {
        size_t n = b.height * b.width;
        rows_unpack(rows, &b, tile_plane(w, 0), INSTNORM_BLOCK);
        const float *weights = block_weights(w, n);
        for (unsigned c = 0; c < picture_colours(&w->in); c++) {
            struct instnorm_moments m;
            instnorm_measure(tile_plane(w, c), weights, n, &m);
            if (weights) {
                m.weight /= sample_unit(w->in.sample);
                m.m2 /= sample_unit(w->in.sample);
            }
            instnorm_merge(&w->channel[c].moments, &m);
        }
    }
}

static bool measure(struct work *w)
{
    for (unsigned c = 0; c < w->in.channels; c++)
        instnorm_moments_clear(&w->channel[c].moments);
    for (size_t y = 0; y < w->in.height; y += w->band) {
        struct rows rows;
        if (!next_band(w, y, true, &rows))
            return false;
        measure_band(w, &rows);
    }
    return file_unchanged(&w->source, w->why);
}

/* ---- pool --------------------------------------------------------------------------------------------------------- */

static void pool(struct work *w)
{
    unsigned colours = picture_colours(&w->in);
    struct instnorm_moments all;

    instnorm_moments_clear(&all);
    for (unsigned c = 0; c < colours; c++)
        instnorm_merge(&all, &w->channel[c].moments);
    for (unsigned c = 0; c < colours; c++)
        w->channel[c].pooled = w->options->norm == INSTNORM_LAYER ? all : w->channel[c].moments;
}

/* ---- solve -------------------------------------------------------------------------------------------------------- */

static bool check_list(struct work *w, const struct list *list, const char *option)
{
    unsigned colours = picture_colours(&w->in);
    if (list->n <= 1 || list->n == colours)
        return true;
    return why_set(w->why, "--%s has %zu values and the picture %u colour channel%s%s: expected 1%s", option, list->n,
                   colours, colours == 1 ? "" : "s", colours == 1 ? " (grey)" : "", colours == 1 ? "" : " or one for each");
}

static struct item item_of(const struct list *list, unsigned c, double preset)
{
    if (list->n == 0)
        return (struct item){.value = preset};
    return list->item[list->n == 1 ? 0 : c];
}

/* `keep` is the measured value, and needs no eps: a gamma that was measured divides by itself. */
static void set_target(struct work *w, unsigned c)
{
    struct channel *ch = &w->channel[c];
    const struct options *o = w->options;
    struct item gamma = item_of(&o->gamma, c, 0.25), beta = item_of(&o->beta, c, 0.5);
    double unit = sample_unit(w->in.sample);

    ch->target =
        (struct instnorm_target){.gamma = gamma.keep ? sqrt(instnorm_variance(&ch->pooled) / (unit * unit)) : gamma.value,
                                 .beta = beta.keep ? ch->pooled.mean / unit : beta.value,
                                 .eps = o->eps >= 0  ? o->eps
                                        : gamma.keep ? 0
                                                     : 1e-5,
                                 .strength = o->strength,
                                 .unit_in = unit,
                                 .unit_out = sample_unit(w->out.sample)};
}

/* Alpha, and a picture that has nothing to measure: the same values in the output's unit. */
static struct instnorm_affine unchanged(const struct work *w)
{
    return (struct instnorm_affine){sample_unit(w->out.sample) / sample_unit(w->in.sample), 0};
}

static bool solve(struct work *w)
{
    unsigned colours = picture_colours(&w->in);
    bool transparent = w->in.alpha != ALPHA_NONE && w->channel[0].pooled.weight == 0;

    if (!check_list(w, &w->options->gamma, "gamma") || !check_list(w, &w->options->beta, "beta"))
        return false;
    if (transparent)
        msg_warning(w->job->input, "wholly transparent: passed through unchanged");
    for (unsigned c = 0; c < w->in.channels; c++) {
        w->channel[c].map = unchanged(w);
        if (c >= colours || transparent)
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
    return w->in.sample == w->out.sample && a->scale == 1 && a->shift == 0;
}

static bool all_identity(const struct work *w)
{
    unsigned c = 0;
    while (c < w->in.channels && is_identity(w, c))
        c++;
    return c == w->in.channels;
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
    for (struct block b = {0}; next_block(in, &b);) {
        rows_unpack(in, &b, tile_plane(w, 0), INSTNORM_BLOCK);
        for (unsigned c = 0; c < w->in.channels; c++) {
            if (is_identity(w, c)) {
                rows_copy(out, in, &b, c);
                continue;
            }
            apply_run(w->out.sample, tile_plane(w, c), b.height * b.width, &w->channel[c].map, run);
            rows_pack(out, &b, c, run);
        }
    }
}

/* Eight bits have 256 values: the map is worked out once for each. The kernel is the same, and so are the bytes. */
static void fill_table(struct work *w)
{
    size_t bytes = 256 * sample_size(w->out.sample);
    float values[256];
    for (unsigned v = 0; v < 256; v++)
        values[v] = (float)v;
    for (unsigned c = 0; c < w->in.channels; c++)
        apply_run(w->out.sample, values, 256, &w->channel[c].map, w->worker->table.data + c * bytes);
}

/* Only when it will be told: what falls outside the range of an integer output. */
static void count_clipped(struct work *w, const struct rows *rows)
{
    for (struct block b = {0}; next_block(rows, &b);) {
        rows_unpack(rows, &b, tile_plane(w, 0), INSTNORM_BLOCK);
        for (unsigned c = 0; c < picture_colours(&w->in); c++)
            instnorm_count_clipped(tile_plane(w, c), b.height * b.width, &w->channel[c].map, sample_unit(w->out.sample),
                                   &w->channel[c].clipped_low, &w->channel[c].clipped_high);
    }
}

static bool apply_band(struct work *w, const struct rows *in)
{
    struct rows out = *in;
    if (!all_identity(w)) {
        out = rows_interleaved(w->worker->band_out.data, w->out.sample, w->out.channels, in->width, in->height);
        if (in->sample == SAMPLE_U8)
            rows_map(in, w->worker->table.data, &out);
        else
            apply_blocks(w, in, &out);
    }
    if ((w->options->verbose || w->options->json) && w->out.sample != SAMPLE_F32)
        count_clipped(w, in);
    return w->writer_codec->write(w->writer, &out, w->why);
}

static bool apply(struct work *w)
{
    if (!w->kept.data && w->codec->select(w->reader, w->pictures, &w->in, w->why) != SELECT_OK)
        return false;
    if (w->in.sample == SAMPLE_U8)
        fill_table(w);
    for (size_t y = 0; y < w->in.height; y += w->band) {
        struct rows rows;
        if (!next_band(w, y, false, &rows) || !apply_band(w, &rows))
            return false;
    }
    return file_unchanged(&w->source, w->why);
}

/* ---- writing ------------------------------------------------------------------------------------------------------ */

/* Before the first pixel is read: a folder that is missing, or not ours to write, should not cost a decoding. */
static bool open_output(struct work *w)
{
    if (!w->job->output || w->sink.buffer)
        return true;
    w->writer_codec = w->job->writer ? w->job->writer : w->codec;
    if (!w->writer_codec->create)
        return why_set(w->why, "%s cannot be written: see --format", w->writer_codec->name);
    if (!file_create(&w->sink, w->job->output, &w->source.stat, w->options->no_clobber, w->why))
        return false;
    if (w->options->in_place)
        file_keep_owner(&w->sink, &w->source.stat);
    return true;
}

static bool begin_output(struct work *w)
{
    if (!w->writer)
        w->writer = w->writer_codec->create(&w->sink.base, &w->options->write, w->why);
    else if (!w->writer_codec->many)
        return why_set(w->why, "it holds several pictures, and %s only one", w->writer_codec->name);
    return w->writer && w->writer_codec->begin(w->writer, &w->out, w->why);
}

static bool finish_output(struct work *w)
{
    void *writer = w->writer;
    w->writer = NULL;
    return !writer || (w->writer_codec->finish(writer, w->why) && file_commit(&w->sink, w->why));
}

static void report(const struct work *w)
{
    struct outcome outcome = {.job = w->job,
                              .format = w->codec->name,
                              .info = w->in,
                              .channel = w->channel,
                              .samples = (uint64_t)w->in.width * w->in.height,
                              .applied = w->job->output != NULL};
    if (w->worker->report)
        w->worker->report(&outcome, w->options);
}

/* ---- a file ------------------------------------------------------------------------------------------------------- */

static bool run_picture(struct work *w)
{
    w->out = w->in;
    if (w->options->depth)
        w->out.sample = w->options->depth == 8 ? SAMPLE_U8 : SAMPLE_U16;
    if (!keep_rows(w) || !reserve_buffers(w) || !open_output(w))
        return false;
    if (!measure(w))
        return false;
    pool(w);
    if (w->job->output && !(solve(w) && begin_output(w) && apply(w)))
        return false;
    if (!w->job->output)
        report(w);
    return true;
}

/* Picture after picture, until the file has no more. */
static bool run_file(struct work *w)
{
    if (!open_input(w))
        return false;
    for (;; w->pictures++) {
        switch (w->codec->select(w->reader, w->pictures, &w->in, w->why)) {
        case SELECT_ERROR:
            return false;
        case SELECT_END:
            if (!finish_output(w))
                return false;
            if (w->job->output)
                report(w);
            return true;
        case SELECT_OK:
            if (!run_picture(w))
                return false;
        }
    }
}

enum job_result job_run(struct worker *worker, const struct job *job, struct why *why)
{
    struct work w = {.worker = worker, .options = worker->options, .job = job, .why = why, .source.fd = -1, .sink.fd = -1};

    w.source.spool_fd = -1;
    if (job->skip)
        return JOB_SKIPPED;
    bool ok = run_file(&w);
    if (w.writer)
        w.writer_codec->abandon(w.writer);
    file_discard(&w.sink);
    if (w.reader)
        w.codec->close(w.reader);
    file_close(&w.source);
    return ok ? JOB_DONE : JOB_FAILED;
}

void worker_free(struct worker *k)
{
    struct store *stores[] = {&k->kept, &k->band_in, &k->band_out, &k->tile, &k->run, &k->table, &k->channel};
    for (size_t i = 0; i < sizeof stores / sizeof *stores; i++)
        store_free(stores[i]);
}
