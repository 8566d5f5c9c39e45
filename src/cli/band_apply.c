/* Mapping a band: through the space and back, under a mask, with noise. */
#include "block.h"
#include "mask.h"

#include <math.h>
#include <string.h>

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

/* ---- the map as floats, in the output's unit ----------------------------------------------------------------------- */

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

/* A pixel that the space has no numbers for, not being finite, is passed on. One that the map takes too far is not. */
static void pass_on(const struct band *band, const float *x, size_t n, float *mapped)
{
    const struct scratch *s = band->scratch;
    double to_out = band->out.unit / band->in.unit;
    for (size_t i = 0; i < n; i++) {
        bool finite = true;
        for (unsigned k = 0; k < band->space->planes; k++)
            finite = finite && isfinite(s->value[k][i]);
        if (!finite && !isfinite(mapped[i]))
            mapped[i] = (float)((double)x[i] * to_out);
    }
}

/* mapped[0..planes) <- the channels of the output from c on, which go together, by way of the space. */
static void map_planes(const struct band *band, const struct rows *in, const struct block *b, unsigned c,
                       const float *alpha)
{
    struct scratch *s = band->scratch;
    size_t n = b->height * b->width;
    unsigned planes = band->space->planes;
    for (unsigned k = 0; k < planes; k++) {
        unsigned from = planes == 3 ? k : band_source(band, c);
        const float *x = block_value(band, in, b, from, alpha);
        instnorm_apply(x, n, &band->channel[c + k].map, s->value[k]);
    }
    convert_back(band, n);
    for (unsigned k = 0; k < planes && band->in.sample == SAMPLE_F32; k++)
        pass_on(band, block_straight(band, in, b, band_source(band, c + k), alpha), n, s->mapped[k]);
}

/* Of an integer output no sample is above its alpha. x, as it is stored, stays where alpha is not finite. */
static void premultiply(const struct band *band, const float *x, const float *alpha, size_t n, float *mapped)
{
    double unit = band->in.unit, to_out = band->out.unit / band->in.unit;
    bool clamped = band->out.sample != SAMPLE_F32;
    for (size_t i = 0; i < n; i++) {
        double v = (double)mapped[i] * ((double)alpha[i] / unit), most = (double)alpha[i] * to_out;
        v = isfinite(alpha[i]) ? v : (double)x[i] * to_out;
        mapped[i] = (float)(clamped && v > most ? most : v);
    }
}

/* x * scale + shift * alpha: what was multiplied stays so. */
static void map_premultiplied(const struct band *band, unsigned c, const float *x, const float *alpha, size_t n,
                              float *mapped)
{
    const struct instnorm_affine *map = &band->channel[c].map;
    double unit = band->in.unit, to_out = band->out.unit / band->in.unit;
    bool clamped = band->out.sample != SAMPLE_F32;
    for (size_t i = 0; i < n; i++) {
        double v = (double)x[i] * map->scale + map->shift * ((double)alpha[i] / unit), most = (double)alpha[i] * to_out;
        v = isfinite(alpha[i]) ? v : (double)x[i] * to_out;
        mapped[i] = (float)(clamped && v > most ? most : v);
    }
}

/* A pixel that is changed in part is the one and the other by its amount. */
static void blend(const struct band *band, const float *x, const float *amount, size_t n, float *mapped)
{
    double to_out = band->out.unit / band->in.unit;
    for (size_t i = 0; i < n; i++) {
        double plain = (double)x[i] * to_out, w = (double)amount[i];
        if (w < 1)
            mapped[i] = (float)(plain + w * ((double)mapped[i] - plain));
    }
}

static void dither_run(const struct band *band, const struct block *b, unsigned c, float *mapped)
{
    for (size_t y = 0, i = 0; y < b->height; y++)
        for (size_t x = 0; x < b->width; x++, i++)
            mapped[i] += dither_at(b->x + x, band->y + b->y + y, c);
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
static void count_part(const struct band *band, unsigned c, const float *x, const float *alpha, const float *amount,
                       bool changed, size_t n, const struct instnorm_affine *map)
{
    float *counted = band->scratch->plain;
    size_t m = 0;
    for (size_t i = 0; (alpha || amount) && i < n; i++)
        if (is_seen(band, alpha, i) && (!amount || (amount[i] > 0) == changed))
            counted[m++] = x[i];
    bool all = !alpha && !amount;
    instnorm_count_clipped(all ? x : counted, all ? n : m, map, sample_unit(band->out.sample), &band->channel[c].clip);
}

/* x becomes the output by the map, where it is changed; elsewhere the straight samples do as they are. */
static void count_clipped(const struct band *band, unsigned c, const float *x, const float *straight, const float *alpha,
                          const float *amount, size_t n, const struct instnorm_affine *map)
{
    const struct instnorm_affine convert = {band->out.unit / band->in.unit, 0};
    if (!band->counts || c >= band->colours)
        return;
    count_part(band, c, x, alpha, amount, true, n, map);
    if (amount && cuts_all(band))
        count_part(band, c, straight, alpha, amount, false, n, &convert);
}

static bool is_reached(const float *amount, size_t n)
{
    size_t i = 0;
    while (amount && i < n && !(amount[i] > 0))
        i++;
    return i < n;
}

static uint64_t count_pixels(const struct band *band, const float *alpha, const float *amount, size_t n)
{
    uint64_t counted = 0;
    if (!alpha && !amount)
        return n;
    for (size_t i = 0; i < n; i++)
        counted += is_seen(band, alpha, i) && (!amount || amount[i] > 0 || cuts_all(band));
    return counted;
}

/* ---- blocks -------------------------------------------------------------------------------------------------------- */

static bool is_partial(const float *amount, size_t n)
{
    for (size_t i = 0; amount && i < n; i++)
        if (amount[i] > 0 && amount[i] < 1)
            return true;
    return false;
}

/* run[i] <- the input's sample where nothing is changed. */
static void restore(const struct band *band, const float *x, const float *amount, size_t n)
{
    struct scratch *s = band->scratch;
    const struct instnorm_affine convert = {band->out.unit / band->in.unit, 0};
    size_t size = sample_size(band->out.sample);
    const void *plain = x;
    if (band->out.sample != SAMPLE_F32 || band->in.sample != SAMPLE_F32 || convert.scale != 1) {
        apply_run(band->out.sample, x, n, &convert, s->plain);
        plain = s->plain;
    }
    for (size_t i = 0; i < n; i++)
        if (!(amount[i] > 0))
            memcpy((char *)s->run + i * size, (const char *)plain + i * size, size);
}

/* run[i] <- the mapped sample where a pixel is changed in part; the others were rounded once already. */
static void blend_run(const struct band *band, const float *x, const float *amount, size_t n, unsigned c, float *mapped)
{
    static const struct instnorm_affine identity = {1, 0};
    struct scratch *s = band->scratch;
    size_t size = sample_size(band->out.sample);
    instnorm_apply(x, n, &band->channel[c].map, mapped);
    blend(band, x, amount, n, mapped);
    apply_run(band->out.sample, mapped, n, &identity, s->plain);
    for (size_t i = 0; i < n; i++)
        if (amount[i] < 1)
            memcpy((char *)s->run + i * size, (const char *)s->plain + i * size, size);
}

/* run <- channel c of the output. Where values are no samples, map_planes has been here. */
static void map_block(const struct band *band, const struct rows *in, const struct block *b, unsigned c, const float *alpha,
                      const float *amount)
{
    static const struct instnorm_affine identity = {1, 0};
    struct scratch *s = band->scratch;
    const struct instnorm_affine *map = &band->channel[c].map;
    size_t n = b->height * b->width;
    unsigned from = band_source(band, c);
    bool colour = c < band->colours, converts = colour && band_converts(band);
    bool multiplied = colour && band->out.alpha == ALPHA_PREMULTIPLIED, partial = colour && is_partial(amount, n);
    bool dithered = band->dither && band->out.sample != SAMPLE_F32 && colour && band_changes(band, c);
    float *mapped = s->mapped[c % band->space->planes];
    const float *x = block_samples(band, in, b, from), *straight = block_straight(band, in, b, from, alpha);

    count_clipped(band, c, converts ? mapped : straight, straight, alpha, amount, n, converts ? &identity : map);
    if (!converts && !multiplied && !dithered) {
        apply_run(band->out.sample, straight, n, map, s->run);
        if (partial)
            blend_run(band, straight, amount, n, c, mapped);
    } else {
        if (converts && multiplied)
            premultiply(band, x, alpha, n, mapped);
        else if (multiplied)
            map_premultiplied(band, c, x, alpha, n, mapped);
        else if (!converts)
            instnorm_apply(straight, n, map, mapped);
        if (partial)
            blend(band, multiplied ? x : straight, amount, n, mapped);
        if (dithered)
            dither_run(band, b, c, mapped);
        apply_run(band->out.sample, mapped, n, &identity, s->run);
    }
    if (amount && colour)
        restore(band, multiplied ? x : straight, amount, n);
}

static void apply_blocks(struct band *band, const struct rows *in, const struct rows *out)
{
    for (struct block b = {0}; block_next(band, in, &b);) {
        size_t n = b.height * b.width;
        const float *alpha = block_alpha(band, in, &b), *amount = mask_amounts(band, in, &b, alpha);
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
    static const struct instnorm_affine identity = {1, 0};
    struct scratch *s = band->scratch;
    unsigned char *table = band->table + c * 256 * sample_size(band->out.sample);
    const struct instnorm_affine *map = &band->channel[c].map;
    for (unsigned v = 0; v < 256; v++)
        s->plain[v] = (float)v;
    if (!band_converts(band) || c >= band->colours) {
        apply_run(band->out.sample, s->plain, 256, map, table);
        return;
    }
    instnorm_apply(s->decode, 256, map, s->value[0]);
    convert_back(band, 256);
    apply_run(band->out.sample, s->mapped[0], 256, &identity, table);
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
            const float *x = block_samples(band, rows, &b, band_source(band, c));
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
