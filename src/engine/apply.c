/* Mapping a band: through the space and back, under a mask, with noise. */
#include "engine/cursor.h"
#include "engine/weigh.h"

#include <math.h>
#include <string.h>

static const struct instnorm_affine identity = {1, 0};

/* to <- samples of the output, rounded here and nowhere else but for 8 bits. */
static void apply_run(enum sample sample, struct values x, size_t n, const struct instnorm_affine *map, void *to)
{
    if (sample == SAMPLE_U8)
        instnorm_apply_u8(x.narrow, n, map, to);
    else if (x.wide && sample == SAMPLE_U16)
        instnorm_apply_double_u16(x.wide, n, map, to);
    else if (x.wide)
        instnorm_apply_double(x.wide, n, map, to);
    else if (sample == SAMPLE_U16)
        instnorm_apply_u16(x.narrow, n, map, to);
    else
        instnorm_apply(x.narrow, n, map, to);
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

/* ---- the map, in the output's unit --------------------------------------------------------------------------------- */

/* hub <- what the mapped values of the planes are there; mapped <- the same as samples. */
static void convert_back(const struct band *band, size_t n)
{
    struct scratch *s = band->scratch;
    const struct instnorm_space *space = band->space;
    float *hub[3], *const *to = hub;
    for (unsigned k = 0; k < space->planes; k++)
        hub[k] = space->linear ? s->hub[k] : s->mapped[k];
    const float *const value[] = {s->value[0], s->value[1], s->value[2]};
    if (space->from)
        space->from(value, n, space->linear ? 1 : band->out.unit, to);
    for (unsigned k = 0; k < space->planes && space->linear; k++)
        instnorm_encode(space->from ? s->hub[k] : value[k], n, band->out.unit, s->mapped[k]);
}

/* to <- channel c in the hub of the space. */
static void wide_hub(const struct band *band, const struct rows *in, const struct block *b, unsigned c, const float *alpha,
                     double *to)
{
    struct scratch *s = band->scratch;
    size_t n = b->height * b->width;
    if (band->space->linear && band->in.sample == SAMPLE_U8 && !block_divides(band, c)) {
        const float *x = block_samples(band, in, b, c);
        for (size_t i = 0; i < n; i++)
            to[i] = s->wide_decode[(unsigned char)x[i]];
        return;
    }
    block_straight_double(band, in, b, c, alpha, band->space->linear ? s->wide_straight : to);
    if (band->space->linear)
        instnorm_decode_double(s->wide_straight, n, band->in.unit, to);
}

/* wide_mapped[0..planes) <- what the hub there is mapped to, of the channels of the output from c on. */
static void map_wide(const struct band *band, unsigned c, size_t n)
{
    double(*x)[INSTNORM_BLOCK] = band->scratch->wide_mapped, *const mapped[] = {x[0], x[1], x[2]};
    const double *const hub[] = {x[0], x[1], x[2]};
    struct instnorm_affine map[3];
    for (unsigned k = 0; k < band->space->planes; k++)
        map[k] = band->channel[c + k].map;
    instnorm_apply_in_space(band->space, hub, n, map, band->space->linear ? 1 : band->in.unit, band->out.unit, mapped);
}

/* Whether the space has numbers for a pixel, which the map may yet take too far. In double none that is of use does. */
static bool has_numbers(const struct band *band, size_t i)
{
    for (unsigned k = 0; k < band->space->planes; k++)
        if (block_is_wide(band) || !isfinite(band->scratch->value[k][i]))
            return false;
    return true;
}

/* A pixel that the space has no numbers for, not being finite, is passed on. */
static void pass_on(const struct band *band, struct values x, size_t n, struct mapped mapped)
{
    double to_out = band->out.unit / band->in.unit;
    for (size_t i = 0; i < n; i++)
        if (!isfinite(value_at(values_of(mapped), i)) && !has_numbers(band, i))
            map_to(mapped, i, value_at(x, i) * to_out);
}

/* The planes of the space <- the channels of the output from c on, which go together, mapped. */
static void map_planes(const struct band *band, const struct rows *in, const struct block *b, unsigned c,
                       const float *alpha)
{
    struct scratch *s = band->scratch;
    size_t n = b->height * b->width;
    unsigned planes = band->space->planes;
    for (unsigned k = 0; k < planes; k++) {
        if (block_is_wide(band)) {
            wide_hub(band, in, b, band_source(band, c + k), alpha, s->wide_mapped[k]);
            continue;
        }
        const float *x = block_value(band, in, b, planes == 3 ? k : band_source(band, c), alpha);
        instnorm_apply(x, n, &band->channel[c + k].map, s->value[k]);
    }
    if (block_is_wide(band))
        map_wide(band, c, n);
    else
        convert_back(band, n);
    for (unsigned k = 0; k < planes && band->in.sample == SAMPLE_F32; k++)
        pass_on(band, block_straight_values(band, in, b, band_source(band, c + k), alpha), n, block_mapped(band, k));
}

/* Of an integer output no sample is above its alpha. x, as it is stored, stays where alpha is not finite. */
static double under_alpha(const struct band *band, double value, float x, float alpha)
{
    double to_out = band->out.unit / band->in.unit, most = (double)alpha * to_out;
    double v = isfinite(alpha) ? value : (double)x * to_out;
    return band->out.sample != SAMPLE_F32 && v > most ? most : v;
}

static void premultiply(const struct band *band, const float *x, const float *alpha, size_t n, struct mapped mapped)
{
    for (size_t i = 0; i < n; i++) {
        double value = value_at(values_of(mapped), i) * ((double)alpha[i] / band->in.unit);
        map_to(mapped, i, under_alpha(band, value, x[i], alpha[i]));
    }
}

/* x * scale + shift * alpha: what was multiplied stays so. */
static void map_premultiplied(const struct band *band, unsigned c, const float *x, const float *alpha, size_t n,
                              struct mapped mapped)
{
    const struct instnorm_affine *map = &band->channel[c].map;
    for (size_t i = 0; i < n; i++) {
        double value = (double)x[i] * map->scale + map->shift * ((double)alpha[i] / band->in.unit);
        map_to(mapped, i, under_alpha(band, value, x[i], alpha[i]));
    }
}

static void map_run(struct values x, size_t n, const struct instnorm_affine *map, struct mapped mapped)
{
    for (size_t i = 0; i < n; i++)
        map_to(mapped, i, value_at(x, i) * map->scale + map->shift);
}

/* A pixel that is changed in part is the one and the other by its amount. */
static void blend(const struct band *band, struct values x, const double *amount, size_t n, struct mapped mapped)
{
    double to_out = band->out.unit / band->in.unit;
    for (size_t i = 0; i < n; i++) {
        double plain = value_at(x, i) * to_out, w = amount[i];
        if (w < 1)
            map_to(mapped, i, plain + w * (value_at(values_of(mapped), i) - plain));
    }
}

static void dither_run(const struct band *band, const struct block *b, unsigned c, struct mapped mapped)
{
    for (size_t y = 0, i = 0; y < b->height; y++)
        for (size_t x = 0; x < b->width; x++, i++)
            map_to(mapped, i, value_at(values_of(mapped), i) + (double)dither_at(b->x + x, band->y + b->y + y, c));
}

/* ---- what clips ---------------------------------------------------------------------------------------------------- */

/* Whether floats become integers, which may cut off what is not changed too. */
static bool cuts_all(const struct band *band)
{
    return band->in.sample == SAMPLE_F32 && band->out.sample != SAMPLE_F32;
}

/* What is transparent is not counted where it is not measured either. */
static bool is_seen(const struct band *band, const float *alpha, size_t i)
{
    return !alpha || band->all_count || alpha[i] > 0;
}

/* Counts the pixels that are seen, and `changed` or not. */
static void count_part(const struct band *band, unsigned c, struct values x, const float *alpha, const double *amount,
                       bool changed, size_t n, const struct instnorm_affine *map)
{
    double *counted = band->scratch->counted, most = sample_unit(band->out.sample);
    struct instnorm_clip *clip = &band->channel[c].clip;
    size_t m = 0;
    if (!alpha && !amount && !x.wide) {
        instnorm_count_clipped(x.narrow, n, map, most, clip);
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (is_seen(band, alpha, i) && (!amount || (amount[i] > 0) == changed))
            counted[m++] = value_at(x, i);
    instnorm_count_clipped_double(counted, m, map, most, clip);
}

/* x becomes the output by the map, where it is changed; elsewhere the straight samples do as they are. */
static void count_clipped(const struct band *band, unsigned c, struct values x, struct values straight, const float *alpha,
                          const double *amount, size_t n, const struct instnorm_affine *map)
{
    const struct instnorm_affine convert = {band->out.unit / band->in.unit, 0};
    if (!band->counts || c >= band->colours)
        return;
    count_part(band, c, x, alpha, amount, true, n, map);
    if (amount && cuts_all(band))
        count_part(band, c, straight, alpha, amount, false, n, &convert);
}

static bool is_reached(const double *amount, size_t n)
{
    size_t i = 0;
    while (amount && i < n && !(amount[i] > 0))
        i++;
    return i < n;
}

static uint64_t count_pixels(const struct band *band, const float *alpha, const double *amount, size_t n)
{
    uint64_t counted = 0;
    if (!alpha && !amount)
        return n;
    for (size_t i = 0; i < n; i++)
        counted += is_seen(band, alpha, i) && (!amount || amount[i] > 0 || cuts_all(band));
    return counted;
}

/* ---- blocks -------------------------------------------------------------------------------------------------------- */

static bool is_partial(const double *amount, size_t n)
{
    for (size_t i = 0; amount && i < n; i++)
        if (amount[i] > 0 && amount[i] < 1)
            return true;
    return false;
}

/* run[i] <- the input's sample where nothing is changed. */
static void restore(const struct band *band, struct values x, const double *amount, size_t n)
{
    struct scratch *s = band->scratch;
    const struct instnorm_affine convert = {band->out.unit / band->in.unit, 0};
    size_t size = sample_size(band->out.sample);
    const void *plain = x.narrow;
    if (band->out.sample != SAMPLE_F32 || band->in.sample != SAMPLE_F32 || convert.scale != 1 || x.wide) {
        apply_run(band->out.sample, x, n, &convert, s->plain);
        plain = s->plain;
    }
    for (size_t i = 0; i < n; i++)
        if (!(amount[i] > 0))
            memcpy((char *)s->run + i * size, (const char *)plain + i * size, size);
}

/* run[i] <- the mapped sample where a pixel is changed in part; the others were rounded once already. */
static void blend_run(const struct band *band, struct values x, const double *amount, size_t n, unsigned c,
                      struct mapped mapped)
{
    struct scratch *s = band->scratch;
    size_t size = sample_size(band->out.sample);
    map_run(x, n, &band->channel[c].map, mapped);
    blend(band, x, amount, n, mapped);
    apply_run(band->out.sample, values_of(mapped), n, &identity, s->plain);
    for (size_t i = 0; i < n; i++)
        if (amount[i] < 1)
            memcpy((char *)s->run + i * size, (const char *)s->plain + i * size, size);
}

/* run <- channel c of the output. Where values are no samples, map_planes has been here. */
static void map_block(const struct band *band, const struct rows *in, const struct block *b, unsigned c, const float *alpha,
                      const double *amount)
{
    struct scratch *s = band->scratch;
    const struct instnorm_affine *map = &band->channel[c].map;
    size_t n = b->height * b->width;
    unsigned from = band_source(band, c);
    bool colour = c < band->colours, converts = colour && band_converts(band);
    bool multiplied = colour && band->out.alpha == ALPHA_PREMULTIPLIED, partial = colour && is_partial(amount, n);
    bool dithered = band->dither && band->out.sample != SAMPLE_F32 && colour && band_changes(band, c);
    struct mapped mapped = block_mapped(band, c % band->space->planes);
    struct values x = {block_samples(band, in, b, from), NULL}, straight = block_straight_values(band, in, b, from, alpha);

    count_clipped(band, c, converts ? values_of(mapped) : straight, straight, alpha, amount, n, converts ? &identity : map);
    if (!converts && !multiplied && !dithered) {
        apply_run(band->out.sample, straight, n, map, s->run);
        if (partial)
            blend_run(band, straight, amount, n, c, mapped);
    } else {
        if (converts && multiplied)
            premultiply(band, x.narrow, alpha, n, mapped);
        else if (multiplied)
            map_premultiplied(band, c, x.narrow, alpha, n, mapped);
        else if (!converts)
            map_run(straight, n, map, mapped);
        if (partial)
            blend(band, multiplied ? x : straight, amount, n, mapped);
        if (dithered)
            dither_run(band, b, c, mapped);
        apply_run(band->out.sample, values_of(mapped), n, &identity, s->run);
    }
    if (amount && colour)
        restore(band, multiplied ? x : straight, amount, n);
}

static void apply_blocks(struct band *band, const struct rows *in, const struct rows *out)
{
    for (struct block b = {0}; block_next(band, in, &b);) {
        size_t n = b.height * b.width;
        const float *alpha = block_alpha(band, in, &b);
        const double *amount = mask_amounts(band, in, &b, alpha);
        band->reached |= is_reached(amount, n);
        band->pixels += count_pixels(band, alpha, amount, n);
        for (unsigned c = 0; c < band->out.channels; c++) {
            if (band_keeps(band, c)) {
                rows_copy(in, band_source(band, c), &b, out, c);
                continue;
            }
            if (c < band->colours && band_converts(band) && c % band->space->planes == 0)
                map_planes(band, in, &b, c, alpha);
            map_block(band, in, &b, c, alpha, amount);
            rows_pack(out, &b, c, band->scratch->run);
        }
    }
}

/* ---- tables -------------------------------------------------------------------------------------------------------- */

/* Whether a sample of the output depends on the value of one of the input alone. */
static bool has_table(const struct band *band)
{
    return band->out.channels <= BAND_TABLES && band->in.sample == SAMPLE_U8 && band->in.alpha != ALPHA_PREMULTIPLIED &&
           !band->dither && !band->changed && band->space->planes == 1 && !(band_converts(band) && band->counts);
}

/* Eight bits have 256 values: the map is worked out once for each. The kernels are the same, and so are the bytes. */
static void fill_table(const struct band *band, unsigned c)
{
    struct scratch *s = band->scratch;
    unsigned char *table = band->table + c * 256 * sample_size(band->out.sample);
    const struct instnorm_affine *map = &band->channel[c].map;
    for (unsigned v = 0; v < 256; v++)
        s->plain[v] = (float)v;
    if (!band_converts(band) || c >= band->colours) {
        apply_run(band->out.sample, (struct values){s->plain, NULL}, 256, map, table);
        return;
    }
    if (block_is_wide(band)) {
        memcpy(s->wide_mapped[0], s->wide_decode, sizeof s->wide_decode);
        map_wide(band, c, 256);
    } else {
        instnorm_apply(s->decode, 256, map, s->value[0]);
        convert_back(band, 256);
    }
    apply_run(band->out.sample, values_of(block_mapped(band, 0)), 256, &identity, table);
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

/* What clips under the table. */
static void count_blocks(struct band *band, const struct rows *rows)
{
    for (struct block b = {0}; block_next(band, rows, &b);) {
        size_t n = b.height * b.width;
        const float *alpha = block_alpha(band, rows, &b);
        band->pixels += count_pixels(band, alpha, NULL, n);
        for (unsigned c = 0; c < band->colours; c++) {
            struct values x = {block_samples(band, rows, &b, band_source(band, c)), NULL};
            count_clipped(band, c, x, x, alpha, NULL, n, &band->channel[c].map);
        }
    }
}

void band_prepare(struct band *band)
{
    band->pixels = 0;
    band->reached = false;
    for (unsigned c = 0; c < band->out.channels; c++) {
        band->channel[c].clip = (struct instnorm_clip){0, 0, INFINITY, -INFINITY};
        if (has_table(band))
            fill_table(band, c);
    }
}

void band_apply(struct band *band, const struct rows *in, const struct rows *out)
{
    if (!has_table(band)) {
        apply_blocks(band, in, out);
        return;
    }
    apply_table(band, in, out);
    if (band->counts)
        count_blocks(band, in);
}
