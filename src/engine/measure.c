/* A band of rows through the library. */
#include "engine/band.h"

#include "engine/cursor.h"
#include "engine/weigh.h"

unsigned band_source(const struct band *band, unsigned c)
{
    if (c >= band->colours)
        return band->in.channels - 1;
    return picture_colours(&band->in) == 1 ? 0 : c;
}

bool band_converts(const struct band *band)
{
    return band->space->to || band->space->linear;
}

double band_unit(const struct band *band)
{
    return band_converts(band) ? 1 : band->in.unit;
}

void band_begin(struct band *band)
{
    struct scratch *s = band->scratch;
    double values[256];
    if (!band->space->linear || band->in.sample != SAMPLE_U8)
        return;
    for (unsigned v = 0; v < 256; v++)
        values[v] = v;
    instnorm_decode_double(values, 256, band->in.unit, s->wide_decode);
    for (unsigned v = 0; v < 256; v++)
        s->decode[v] = (float)s->wide_decode[v];
}

/* ---- measure ------------------------------------------------------------------------------------------------------ */

bool band_counts(struct band *band, const struct rows *rows)
{
    for (struct block b = {0}; block_next(band, rows, &b);) {
        double full;
        const float *alpha = block_alpha(band, rows, &b), *weights = mask_weights(band, rows, &b, alpha, &full);
        for (unsigned c = 0; c < band->values; c++) {
            struct instnorm_moments m;
            instnorm_measure(block_value(band, rows, &b, c, alpha), weights, b.height * b.width, &m);
            if (m.weight > 0)
                return true;
            band->channel[c].moments.skipped += m.skipped;
        }
    }
    return false;
}

void band_measure(struct band *band, const struct rows *rows)
{
    for (struct block b = {0}; block_next(band, rows, &b);) {
        double full;
        const float *alpha = block_alpha(band, rows, &b), *weights = mask_weights(band, rows, &b, alpha, &full);
        for (unsigned c = 0; c < band->values; c++) {
            struct instnorm_moments m;
            instnorm_measure(block_value(band, rows, &b, c, alpha), weights, b.height * b.width, &m);
            if (weights) {
                m.weight /= full;
                m.m2 /= full;
            }
            instnorm_merge(&band->channel[c].moments, &m);
        }
    }
}

/* ---- fit ---------------------------------------------------------------------------------------------------------- */

/* w[i] <- 0 where x is at an end of the range of its integers: it may have been cut off. */
static void leave_out_clipped(const struct picture_info *info, const float *x, size_t n, float *w)
{
    float most = (float)picture_most(info);
    if (info->sample == SAMPLE_F32)
        return;
    for (size_t i = 0; i < n; i++)
        w[i] = x[i] > 0 && x[i] < most ? w[i] : 0;
}

/* The weights of the pairs of channel c; of all of its pixel's colours where they go together. */
static const float *pair_weights(const struct band *band, const struct band *target, const struct rows *rows,
                                 const struct block *b, const float *alpha, unsigned c, const float *weights, double full)
{
    size_t n = b->height * b->width;
    float *w = target->scratch->weight;
    for (size_t i = 0; i < n; i++)
        w[i] = weights ? (float)((double)weights[i] / full) : 1;
    bool together = band->space->planes == 3;
    unsigned last = together ? picture_colours(&target->in) - 1 : c;
    for (unsigned k = together ? 0 : c; k <= last; k++)
        leave_out_clipped(&target->in, block_samples(target, rows, b, k), n, w);
    for (size_t i = 0; alpha && i < n; i++)
        w[i] = alpha[i] > 0 ? w[i] : 0;
    return w;
}

/* The value that is measured as channel c: where channels go by themselves, a grey picture has the same for all. */
static unsigned value_of(const struct band *band, unsigned c)
{
    return band->space->planes == 3 ? c : band_source(band, c);
}

void band_fit(struct band *band, const struct rows *rows, const struct band *target, const struct rows *target_rows)
{
    struct block b = {0}, same = {0};
    unsigned n = band->values > target->values ? band->values : target->values;
    while (block_next(band, rows, &b) && block_next(target, target_rows, &same)) {
        double full;
        const float *alpha = block_alpha(band, rows, &b), *weights = mask_weights(band, rows, &b, alpha, &full);
        const float *target_alpha = block_alpha(target, target_rows, &b);
        for (unsigned c = 0; c < n; c++) {
            struct instnorm_comoments pairs;
            unsigned from = value_of(band, c), to = value_of(target, c);
            const float *w = pair_weights(band, target, target_rows, &b, target_alpha, to, weights, full);
            const float *x = block_value(band, rows, &b, from, alpha);
            const float *y = block_value(target, target_rows, &b, to, target_alpha);
            instnorm_measure_pairs(x, y, w, b.height * b.width, &pairs);
            instnorm_merge_pairs(&band->channel[c].pairs, &pairs);
        }
    }
}

/* ---- identity ------------------------------------------------------------------------------------------------------ */

static bool is_identity_map(const struct instnorm_affine *a)
{
    return a->scale == 1 && a->shift == 0;
}

bool band_changes(const struct band *band, unsigned c)
{
    unsigned planes = band->space->planes, first = c - c % planes, k = 0;
    const struct instnorm_affine *map = &band->channel[first].map;
    if (!band_converts(band))
        return map->scale != band->out.unit / band->in.unit || map->shift != 0;
    while (k < planes && is_identity_map(&band->channel[first + k].map))
        k++;
    return k < planes;
}

bool band_keeps(const struct band *band, unsigned c)
{
    bool straightened = band->in.alpha == ALPHA_PREMULTIPLIED && band->out.alpha != ALPHA_PREMULTIPLIED;
    if ((straightened && c < band->colours) || band->in.sample != band->out.sample)
        return false;
    if (!band_converts(band) || c >= band->colours)
        return is_identity_map(&band->channel[c].map);
    return band->in.unit == band->out.unit && !band_changes(band, c);
}

bool band_is_identity(const struct band *band)
{
    unsigned c = 0;
    while (c < band->out.channels && band_keeps(band, c))
        c++;
    return c == band->in.channels && band->out.channels == c && band->in.planar == band->out.planar;
}
