#include "engine/measure.h"

#include <stdlib.h>

bool measure_begin(struct measure *m, const struct layout *layout, struct weights *by, struct why *why)
{
    unsigned colours = layout->colours;
    m->layout = layout;
    m->by = by && by->n > 0 ? by : NULL;
    statistics_free(&m->own);
    free(m->pairs);
    m->pairs = calloc(colours, sizeof *m->pairs);
    if (!m->weights)
        m->weights = malloc(sizeof *m->weights);
    if (!m->pair_weight)
        m->pair_weight = malloc(INSTNORM_BLOCK * sizeof *m->pair_weight);
    if (!m->pairs || !m->weights || !m->pair_weight)
        return why_memory(why);
    m->weights->odd_alpha = false;
    return statistics_reserve(&m->own, colours, why);
}

void measure_clear(struct measure *m)
{
    for (unsigned c = 0; c < m->own.colours; c++)
        instnorm_moments_clear(&m->own.channel[c]);
}

void measure_free(struct measure *m)
{
    statistics_free(&m->own);
    free(m->pairs);
    free(m->weights);
    free(m->pair_weight);
    *m = (struct measure){0};
}

/* ---- moments ------------------------------------------------------------------------------------------------------- */

bool measure_band(struct measure *m, struct cursor *cursor, bool until_found)
{
    bool found = false;
    while (!(found && until_found) && cursor_next(cursor)) {
        double full;
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
    }
    return found;
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

void measure_end(struct measure *m, const struct layout *fit)
{
    const struct layout *layout = m->layout;
    double factor = fit ? layout_unit(layout) / layout_unit(fit) : 1;
    for (unsigned c = 0; c < layout->colours; c++) {
        m->pairs[c].mean_y *= factor;
        m->pairs[c].c_xy *= factor;
    }
    for (unsigned c = layout->measured; c < layout->colours; c++) {
        unsigned source = layout_source(layout, c);
        m->own.channel[c] = m->own.channel[source];
        if (fit && fit->measured == layout->measured)
            m->pairs[c] = m->pairs[source];
    }
}
