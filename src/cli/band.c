#include "band.h"

#include <math.h>

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

/* The alpha of the block; NULL if there is none. */
static const float *block_alpha(const struct band *band, const struct rows *rows, const struct block *b)
{
    unsigned c = band->in.channels - 1;
    if (band->in.alpha == ALPHA_NONE)
        return NULL;
    return band->in.planar ? rows_unpack_channel(rows, b, c, band->alpha) : block_samples(band, rows, b, c);
}

/* Channel c of the block, no longer multiplied by alpha; 0 where alpha is. */
static const float *straight_samples(const struct band *band, const struct rows *rows, const struct block *b, unsigned c,
                                     const float *alpha)
{
    const float *x = block_samples(band, rows, b, c);
    float unit = (float)band->in.unit;
    if (band->in.alpha != ALPHA_PREMULTIPLIED)
        return x;
    for (size_t i = 0; i < b->height * b->width; i++)
        band->straight[i] = alpha[i] > 0 ? x[i] * unit / alpha[i] : 0;
    return band->straight;
}

/* ---- measure ------------------------------------------------------------------------------------------------------ */

/* Alpha as weights, in its own unit; NULL if the block is opaque, so that it counts as one without alpha does. */
static const float *block_weights(const struct band *band, const float *alpha, size_t n)
{
    float opaque = (float)band->in.unit;
    for (size_t i = 0; alpha && !band->all_count && i < n; i++)
        if (alpha[i] != opaque)
            return alpha;
    return NULL;
}

void band_measure(const struct band *band, const struct rows *rows)
{
    for (struct block b = {0}; next_block(band, rows, &b);) {
        size_t n = b.height * b.width;
        const float *alpha = block_alpha(band, rows, &b), *weights = block_weights(band, alpha, n);
        for (unsigned c = 0; c < picture_colours(&band->in); c++) {
            struct instnorm_moments m;
            instnorm_measure(straight_samples(band, rows, &b, c, alpha), weights, n, &m);
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
    bool straightened = band->in.alpha == ALPHA_PREMULTIPLIED && band->out.alpha != ALPHA_PREMULTIPLIED;
    return !(straightened && c < band->colours) && band->in.sample == band->out.sample && a->scale == 1 && a->shift == 0;
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

/*
 * Less than half a step of the output, for each sample another: interleaved gradient noise (J. Jimenez, Next Generation
 * Post Processing in Call of Duty, 2014), which neighbours share as little as possible. Channels are shifted against
 * each other. With 0.99, a whole number stays what it is after rounding to float too: a step of one near 65535 is 1/256.
 */
static float dither_at(size_t x, size_t y, unsigned c)
{
    double shift = 5.588238 * (double)c;
    double inner = 0.06711056 * ((double)x + shift) + 0.00583715 * ((double)y + shift);
    double outer = 52.9829189 * (inner - floor(inner));
    return (float)(0.99 * (outer - floor(outer) - 0.5));
}

static void dither_run(const struct band *band, const struct block *b, unsigned c)
{
    for (size_t y = 0, i = 0; y < b->height; y++)
        for (size_t x = 0; x < b->width; x++, i++)
            band->straight[i] += dither_at(b->x + x, band->y + b->y + y, c);
}

/* x * scale + shift * alpha, and no integer sample above its alpha. */
static void premultiplied_run(const struct band *band, unsigned c, const float *x, const float *alpha, size_t n)
{
    const struct instnorm_affine *map = &band->channel[c].map;
    double unit = band->in.unit, to_out = band->out.unit / band->in.unit;
    bool clamped = band->out.sample != SAMPLE_F32;
    for (size_t i = 0; i < n; i++) {
        double v = (double)x[i] * map->scale + map->shift * ((double)alpha[i] / unit), most = (double)alpha[i] * to_out;
        band->straight[i] = (float)(clamped && v > most ? most : v);
    }
}

/* run <- channel c of the output. */
static void map_block(const struct band *band, const struct rows *in, const struct block *b, unsigned c)
{
    static const struct instnorm_affine identity = {1, 0};
    const float *alpha = band->in.alpha == ALPHA_PREMULTIPLIED ? block_alpha(band, in, b) : NULL;
    const struct instnorm_affine *map = &band->channel[c].map;
    size_t n = b->height * b->width;
    unsigned from = band_source(band, c);
    const float *x;

    if (band->out.alpha == ALPHA_PREMULTIPLIED && c < band->colours) {
        premultiplied_run(band, c, block_samples(band, in, b, from), alpha, n);
        x = band->straight;
        map = &identity;
    } else {
        x = from < picture_colours(&band->in) ? straight_samples(band, in, b, from, alpha)
                                              : block_samples(band, in, b, from);
    }
    if (band->dither && band->out.sample != SAMPLE_F32 && c < band->colours) {
        instnorm_apply(x, n, map, band->straight);
        dither_run(band, b, c);
        x = band->straight;
        map = &identity;
    }
    apply_run(band->out.sample, x, n, map, band->run);
}

static void apply_blocks(const struct band *band, const struct rows *in, const struct rows *out)
{
    for (struct block b = {0}; next_block(band, in, &b);)
        for (unsigned c = 0; c < band->out.channels; c++) {
            if (is_identity(band, c)) {
                rows_copy(in, band_source(band, c), &b, out, c);
                continue;
            }
            map_block(band, in, &b, c);
            rows_pack(out, &b, c, band->run);
        }
}

/* Whether a sample of the output depends on the value of one of the input alone. */
static bool has_table(const struct band *band)
{
    return band->out.channels <= BAND_TABLES && band->in.sample == SAMPLE_U8 && band->in.alpha != ALPHA_PREMULTIPLIED &&
           !band->dither;
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
    for (struct block b = {0}; next_block(band, rows, &b);) {
        const float *alpha = band->in.alpha == ALPHA_PREMULTIPLIED ? block_alpha(band, rows, &b) : NULL;
        for (unsigned c = 0; c < band->colours; c++)
            instnorm_count_clipped(straight_samples(band, rows, &b, band_source(band, c), alpha), b.height * b.width,
                                   &band->channel[c].map, most, &band->channel[c].clip);
    }
}

void band_prepare(const struct band *band)
{
    if (has_table(band))
        fill_table(band);
}

void band_apply(const struct band *band, const struct rows *in, const struct rows *out)
{
    if (has_table(band))
        apply_table(band, in, out);
    else
        apply_blocks(band, in, out);
}
