#include "engine/measure.h"

#include <stdlib.h>
#include <string.h>

/* Runs of a block that are kept while others are looked at. */
struct measure_runs {
    uint32_t whole[2][INSTNORM_BLOCK];
    float narrow[INSTNORM_BLOCK];
    double wide[INSTNORM_BLOCK];
};

/* Whether the values are the integers of the picture, or in linear go with them. */
static bool has_integers(const struct layout *layout)
{
    const struct picture_info *in = &layout->in;
    return !sample_is_float(in->sample) && layout->space->planes == 1 && in->alpha != ALPHA_PREMULTIPLIED;
}

/* Whether pixels are not told apart: every one counts. */
static bool all_count(const struct measure *m)
{
    return !m->by && !m->layout->alpha_counts && !m->layout->in.has_nodata;
}

static bool begin_counts(struct measure *m, struct why *why)
{
    const struct layout *layout = m->layout;
    const struct picture_info *in = &layout->in;
    bool each = has_integers(layout) && counts_each(in->sample);
    bool ok = counts_begin(&m->counts, each ? in->sample : SAMPLE_F64, each ? in->unit : 1, layout->colours, why);
    m->counts.fine = layout_unit(layout) != 1 || (sample_is_wide(in->sample) && !layout_converts(layout));
    m->counts_whole_bands = each && all_count(m);
    return ok;
}

static void forget(struct measure *m)
{
    statistics_free(&m->own);
    counts_free(&m->counts);
    robust_free(&m->robust);
    free(m->pairs);
    free(m->sums);
    free(m->products);
    free(m->between);
    m->pairs = NULL;
    m->sums = NULL;
    m->products = NULL;
    m->between = NULL;
}

bool measure_begin(struct measure *m, const struct layout *layout, struct weights *by, struct measure_wants wants,
                   struct why *why)
{
    unsigned colours = layout->colours;
    bool covariance = wants.covariance;
    forget(m);
    m->layout = layout;
    m->by = by && by->n > 0 ? by : NULL;
    m->exact = has_integers(layout) && !layout->space->linear;
    m->pairs = calloc(colours, sizeof *m->pairs);
    m->sums = calloc(colours, sizeof *m->sums);
    m->products = covariance ? calloc(sums_pairs(colours) + 1, sizeof *m->products) : NULL;
    m->between = covariance ? calloc(sums_pairs(colours) + 1, sizeof *m->between) : NULL;
    if (!m->runs)
        m->runs = malloc(sizeof *m->runs);
    if (!m->weights)
        m->weights = malloc(sizeof *m->weights);
    if (!m->pair_weight)
        m->pair_weight = malloc(INSTNORM_BLOCK * sizeof *m->pair_weight);
    if (!m->pairs || !m->sums || (covariance && (!m->products || !m->between)) || !m->runs || !m->weights ||
        !m->pair_weight)
        return why_memory(why);
    m->weights->odd_alpha = false;
    return statistics_reserve(&m->own, colours, why) && (!wants.histogram || begin_counts(m, why));
}

void measure_clear(struct measure *m)
{
    m->exact = false;
    for (unsigned c = 0; c < m->own.colours; c++)
        instnorm_moments_clear(&m->own.channel[c]);
}

void measure_free(struct measure *m)
{
    forget(m);
    free(m->weights);
    free(m->pair_weight);
    free(m->runs);
    *m = (struct measure){0};
}

/* ---- moments ------------------------------------------------------------------------------------------------------- */

/* to <- the samples of channel c above the least that their type has. */
static void whole_numbers(struct cursor *cursor, unsigned c, uint32_t to[INSTNORM_BLOCK])
{
    struct run x = cursor_samples_run(cursor, c);
    double least = sample_least(cursor->layout->in.sample);
    for (size_t i = 0; x.wide && i < cursor->n; i++)
        to[i] = (uint32_t)(x.wide[i] - least);
    for (size_t i = 0; x.narrow && i < cursor->n; i++)
        to[i] = (uint32_t)((int32_t)x.narrow[i] - (int32_t)least);
}

/* Adds a block of integers to the sums, as long as no pixel has counted in part. */
static void sum_block(struct measure *m, struct cursor *cursor, const float *weights, double full)
{
    unsigned channels = m->layout->measured;
    m->exact = counts_whole(weights, full, cursor->n);
    for (unsigned c = 0; m->exact && c < channels; c++) {
        whole_numbers(cursor, c, m->runs->whole[0]);
        sums_add_where(m->runs->whole[0], weights, cursor->n, &m->sums[c]);
        for (unsigned b = 0; m->products && b < c; b++) {
            whole_numbers(cursor, b, m->runs->whole[1]);
            sums_multiply_where(m->runs->whole[0], m->runs->whole[1], weights, cursor->n, &m->products[sums_pair(b, c)]);
        }
    }
}

/* A copy of a run, which would not be valid any more once that of another channel is asked for. */
static struct run keep_run(struct measure *m, struct run x, size_t n)
{
    if (x.wide) {
        memcpy(m->runs->wide, x.wide, n * sizeof *m->runs->wide);
        return (struct run){NULL, m->runs->wide};
    }
    memcpy(m->runs->narrow, x.narrow, n * sizeof *m->runs->narrow);
    return (struct run){m->runs->narrow, NULL};
}

static void measure_between(struct measure *m, struct cursor *cursor, const float *weights, double full)
{
    for (unsigned c = 1; c < m->layout->measured; c++)
        for (unsigned b = 0; b < c; b++) {
            struct instnorm_comoments block;
            struct run x = keep_run(m, cursor_value_run(cursor, b), cursor->n);
            run_measure_pairs(x, cursor_value_run(cursor, c), weights, cursor->n, &block);
            if (weights) {
                block.weight /= full;
                block.m2_x /= full;
                block.c_xy /= full;
            }
            instnorm_merge_pairs(&m->between[sums_pair(b, c)], &block);
        }
}

/* Adds a block to the histogram. */
static void count_block(struct measure *m, struct cursor *cursor, const float *weights, double full)
{
    bool each = counts_each(m->counts.sample);
    for (unsigned c = 0; c < m->layout->measured; c++) {
        struct run x = each ? cursor_samples_run(cursor, c) : cursor_value_run(cursor, c);
        counts_add_run(&m->counts, c, x, layout_unit(m->layout), weights, full, cursor->n);
    }
}

static bool measure_block(struct measure *m, struct cursor *cursor)
{
    double full;
    bool found = false;
    const float *weights = weigh_block(m->weights, m->by, cursor, &full);
    for (unsigned c = 0; c < m->layout->measured; c++) {
        struct instnorm_moments block;
        run_measure(cursor_value_run(cursor, c), weights, cursor->n, &block);
        if (weights) {
            block.weight /= full;
            block.m2 /= full;
        }
        instnorm_merge(&m->own.channel[c], &block);
        found |= block.weight > 0;
    }
    if (m->between)
        measure_between(m, cursor, weights, full);
    if (m->exact)
        sum_block(m, cursor, weights, full);
    if (m->counts.bin && !m->counts_whole_bands)
        count_block(m, cursor, weights, full);
    return found;
}

/* The counts of each channel that its sums follow from; NULL: they do not. */
static uint64_t (*counted_bytes(const struct measure *m))[256]
{
    return m->counts_whole_bands ? counts_bytes(&m->counts) : NULL;
}

bool measure_band(struct measure *m, struct cursor *cursor, bool until_found)
{
    bool found = false;
    if (m->counts.bin && m->counts_whole_bands)
        counts_add(&m->counts, m->layout->measured, &cursor->rows);
    if (m->exact && all_count(m)) {
        sums_add(&cursor->rows, m->layout->measured, counted_bytes(m) ? NULL : m->sums, m->products);
        while (m->counts.bin && !m->counts_whole_bands && cursor_next(cursor))
            count_block(m, cursor, NULL, 1);
        return true;
    }
    while (!(found && until_found) && cursor_next(cursor))
        found |= measure_block(m, cursor);
    return found;
}

void measure_search(struct measure *m, struct cursor *cursor, const struct search *search, uint64_t *bin)
{
    const struct layout *layout = m->layout;
    while (cursor_next(cursor)) {
        double full;
        const float *weights = weigh_block(m->weights, m->by, cursor, &full);
        for (unsigned c = 0; c < layout->colours; c++) {
            struct run x = cursor_value_run(cursor, c < layout->measured ? c : layout_source(layout, c));
            search_count(search, bin, c, x, layout_unit(layout), weights, full, cursor->n);
        }
    }
}

uint64_t measure_skipped(const struct measure *m)
{
    uint64_t skipped = 0;
    for (unsigned c = 0; c < m->layout->measured; c++)
        skipped += m->own.channel[c].skipped;
    return skipped;
}

/* ---- pairs --------------------------------------------------------------------------------------------------------- */

/* w[i] <- 0 where x is at an end of the range of its integers, so that it may have been cut off; or where it stands for no
 * data. */
static void leave_out_clipped(const struct picture_info *info, struct run x, size_t n, float *w)
{
    double least = sample_least(info->sample), most = picture_most(info);
    for (size_t i = 0; info->has_nodata && i < n; i++)
        w[i] = run_at(x, i) == info->nodata ? 0 : w[i];
    if (sample_is_float(info->sample) || info->sample == SAMPLE_BOOL)
        return;
    for (size_t i = 0; i < n; i++)
        w[i] = run_at(x, i) > least && run_at(x, i) < most ? w[i] : 0;
}

/* w <- the weights of the pairs of channel c; of all of its pixel's colours where they go together. */
static void weigh_pairs(struct cursor *fit, unsigned c, const float *weights, double full, float *w)
{
    const struct layout *layout = fit->layout;
    bool together = layout->space->planes == 3;
    unsigned last = together ? picture_colours(&layout->in) - 1 : c;
    for (size_t i = 0; i < fit->n; i++)
        w[i] = weights ? (float)((double)weights[i] / full) : 1;
    for (unsigned k = together ? 0 : c; k <= last; k++)
        leave_out_clipped(&layout->in, cursor_samples_run(fit, k), fit->n, w);
    for (size_t i = 0; fit->alpha && i < fit->n; i++)
        w[i] = fit->alpha[i] > 0 ? w[i] : 0;
}

/* The value that is measured as channel c: where channels go by themselves, a grey picture has the same for all. */
static unsigned value_of(const struct layout *layout, unsigned c)
{
    return layout->space->planes == 3 || picture_colours(&layout->in) > 1 ? c : 0;
}

void measure_pairs(struct measure *m, struct cursor *cursor, struct cursor *fit)
{
    unsigned own = m->layout->measured, others = fit->layout->measured, n = own > others ? own : others;
    while (cursor_next(cursor) && cursor_next(fit)) {
        double full;
        const float *weights = weigh_block(m->weights, m->by, cursor, &full);
        for (unsigned c = 0; c < n; c++) {
            struct instnorm_comoments pairs;
            unsigned from = value_of(m->layout, c), to = value_of(fit->layout, c);
            weigh_pairs(fit, to, weights, full, m->pair_weight);
            struct run x = cursor_value_run(cursor, from), y = cursor_value_run(fit, to);
            run_measure_pairs(x, y, m->pair_weight, cursor->n, &pairs);
            instnorm_merge_pairs(&m->pairs[c], &pairs);
        }
    }
}

/* Of a grey picture that serves all three of --rgb. */
static void repeat_between(struct measure *m)
{
    const struct instnorm_moments *grey = &m->own.channel[0];
    for (unsigned b = 1; m->between && m->layout->measured == 1 && b < m->layout->colours; b++)
        for (unsigned a = 0; a < b; a++) {
            m->products[sums_pair(a, b)] = m->sums[0].squares;
            m->between[sums_pair(a, b)] =
                (struct instnorm_comoments){grey->weight, grey->mean, grey->mean, grey->m2, grey->m2};
        }
}

bool measure_end(struct measure *m, const struct layout *fit, struct why *why)
{
    const struct layout *layout = m->layout;
    double factor = fit ? layout_unit(layout) / layout_unit(fit) : 1;
    uint64_t(*bytes)[256] = m->exact ? counted_bytes(m) : NULL;
    for (unsigned c = 0; bytes && c < layout->measured; c++)
        m->sums[c] = sums_of_counts(bytes[c]);
    for (unsigned c = 0; m->exact && c < layout->measured; c++)
        if (!moments_of_sums(&m->sums[c], sample_least(layout->in.sample), &m->own.channel[c], why))
            return false;
    for (unsigned c = 0; c < layout->colours; c++) {
        m->pairs[c].mean_y *= factor;
        m->pairs[c].c_xy *= factor;
    }
    for (unsigned c = layout->measured; c < layout->colours; c++) {
        unsigned source = layout_source(layout, c);
        m->own.channel[c] = m->own.channel[source];
        m->sums[c] = m->sums[source];
        if (m->counts.bin)
            counts_copy_channel(&m->counts, source, c);
        if (fit && fit->measured == layout->measured)
            m->pairs[c] = m->pairs[source];
    }
    repeat_between(m);
    return true;
}

bool measure_pool(struct measure *m, struct pooled *to, struct why *why)
{
    const struct pooled_part part = {.colours = m->own.colours,
                                     .unit = layout_unit(m->layout),
                                     .moments = m->own.channel,
                                     .sums = m->exact ? m->sums : NULL,
                                     .least = sample_least(m->layout->in.sample),
                                     .products = m->products,
                                     .between = m->between,
                                     .histogram = m->counts.bin ? &m->counts : NULL,
                                     .pictures = 1};
    return pooled_add(to, &part, why);
}
