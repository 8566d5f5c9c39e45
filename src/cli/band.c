#include "band.h"

/* ---- blocks: the tiles that the library measures and maps --------------------------------------------------------- */

/* The first block of a band (b all 0), or the one after: false if there is none. */
static bool next_block(const struct band *band, const struct rows *rows, struct block *b)
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
    if (!band->in.planar)
        rows_unpack(rows, b, band->tile, INSTNORM_BLOCK);
    return true;
}

/* Channel c of the block as floats. Interleaved rows were unpacked all at once. */
static const float *block_samples(const struct band *band, const struct rows *rows, const struct block *b, unsigned c)
{
    float *tile = band->tile;
    return band->in.planar ? rows_unpack_channel(rows, b, c, tile) : tile + (size_t)c * INSTNORM_BLOCK;
}

unsigned band_source(const struct band *band, unsigned c)
{
    if (c >= band->colours)
        return band->in.channels - 1;
    return picture_colours(&band->in) == 1 ? 0 : c;
}

/* ---- measure ------------------------------------------------------------------------------------------------------ */

/* Alpha as weights, in its own unit; NULL if the block is opaque, so that it counts as one without alpha does. */
static const float *block_weights(const struct band *band, const struct rows *rows, const struct block *b)
{
    if (band->in.alpha == ALPHA_NONE)
        return NULL;
    const float *alpha = block_samples(band, rows, b, band->in.channels - 1), opaque = (float)band->in.unit;
    for (size_t i = 0; i < b->height * b->width; i++)
        if (alpha[i] != opaque)
            return alpha;
    return NULL;
}

void band_measure(const struct band *band, const struct rows *rows)
{
    for (struct block b = {0}; next_block(band, rows, &b);) {
        const float *weights = block_weights(band, rows, &b);
        for (unsigned c = 0; c < picture_colours(&band->in); c++) {
            struct instnorm_moments m;
            instnorm_measure(block_samples(band, rows, &b, c), weights, b.height * b.width, &m);
            if (weights) {
                m.weight /= band->in.unit;
                m.m2 /= band->in.unit;
            }
            instnorm_merge(&band->channel[c].moments, &m);
        }
    }
}

/* ---- apply -------------------------------------------------------------------------------------------------------- */

static bool is_identity(const struct band *band, unsigned c)
{
    const struct instnorm_affine *a = &band->channel[c].map;
    return band->in.sample == band->out.sample && a->scale == 1 && a->shift == 0;
}

bool band_is_identity(const struct band *band)
{
    unsigned c = 0;
    while (c < band->out.channels && is_identity(band, c))
        c++;
    return c == band->in.channels && band->out.channels == c && band->in.planar == band->out.planar;
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

static void apply_blocks(const struct band *band, const struct rows *in, const struct rows *out)
{
    for (struct block b = {0}; next_block(band, in, &b);)
        for (unsigned c = 0; c < band->out.channels; c++) {
            if (is_identity(band, c)) {
                rows_copy(in, band_source(band, c), &b, out, c);
                continue;
            }
            apply_run(band->out.sample, block_samples(band, in, &b, band_source(band, c)), b.height * b.width,
                      &band->channel[c].map, band->run);
            rows_pack(out, &b, c, band->run);
        }
}

/* Eight bits have 256 values: the map is worked out once for each. The kernel is the same, and so are the bytes. */
static void fill_table(const struct band *band)
{
    size_t bytes = 256 * sample_size(band->out.sample);
    float values[256];
    for (unsigned v = 0; v < 256; v++)
        values[v] = (float)v;
    for (unsigned c = 0; c < band->out.channels; c++)
        apply_run(band->out.sample, values, 256, &band->channel[c].map, band->table + c * bytes);
}

static void apply_table(const struct band *band, const struct rows *in, const struct rows *out)
{
    const unsigned char *table = band->table;
    if (band->out.sample == SAMPLE_U8 && band->out.channels == 3 && band->in.channels == 3 && !band->in.planar &&
        !band->out.planar) {
        rows_map3(in, table, out);
        return;
    }
    for (unsigned c = 0; c < band->out.channels; c++)
        rows_map(in, band_source(band, c), table + c * 256 * sample_size(band->out.sample), out, c);
}

void band_count_clipped(const struct band *band, const struct rows *rows)
{
    double most = sample_unit(band->out.sample);
    for (struct block b = {0}; next_block(band, rows, &b);)
        for (unsigned c = 0; c < band->colours; c++)
            instnorm_count_clipped(block_samples(band, rows, &b, band_source(band, c)), b.height * b.width,
                                   &band->channel[c].map, most, &band->channel[c].clipped_low,
                                   &band->channel[c].clipped_high);
}

void band_prepare(const struct band *band)
{
    if (band->in.sample == SAMPLE_U8)
        fill_table(band);
}

void band_apply(const struct band *band, const struct rows *in, const struct rows *out)
{
    if (in->sample == SAMPLE_U8)
        apply_table(band, in, out);
    else
        apply_blocks(band, in, out);
}
