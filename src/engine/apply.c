#include "engine/apply.h"

#include "base/byte_lines.h"
#include "engine/clip.h"
#include "engine/clip_bytes.h"
#include "engine/dither.h"
#include "engine/nodata.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct instnorm_affine identity = {1, 0};

/* Pictures of more channels than this are mapped without tables, which would take more room than their samples may. */
enum { TABLES = 64 };

/*
 * The runs of a block: one for each plane of a space, and those of a single channel. What becomes samples of 8 bits is kept
 * in float on its way, which is enough there; what becomes others in double, so that it is rounded once, when it is stored.
 */
struct apply_runs {
    struct block_weights weights;
    float value[3][INSTNORM_BLOCK];                     /* in the space, mapped */
    float hub[3][INSTNORM_BLOCK];                       /* the same in linear light */
    float mapped[3][INSTNORM_BLOCK];                    /* the same as samples, not yet rounded */
    double wide_mapped[3][INSTNORM_BLOCK];              /* that in double */
    double stored[INSTNORM_BLOCK];                      /* native samples of the output */
    double plain[INSTNORM_BLOCK];                       /* the same, of other pixels */
    float bytes[256];                                   /* 0 to 255 */
    unsigned char table[TABLES * 256 * sizeof(double)]; /* [channel][256] native samples of the output */
    struct byte_line line[TABLES];                      /* the same, if `lines` */
    bool lines;
};

/* ---- questions ----------------------------------------------------------------------------------------------------- */

/* Whether what is mapped is kept in double. */
static bool is_wide(const struct layout *layout)
{
    return layout->out.sample != SAMPLE_U8 || sample_is_wide(layout->in.sample);
}

/* Whether the map of colour channel c changes values, or in a space that of a channel that goes with it. */
static bool changes(const struct layout *layout, const struct map *map, unsigned c)
{
    unsigned planes = layout->space->planes, first = c - c % planes, k = 0;
    if (!layout_converts(layout))
        return !map_is_conversion(map, first, layout->in.unit, layout->out.unit);
    while (k < planes && map_is_identity(map, first + k))
        k++;
    return k < planes;
}

/* Whether channel c of the output has the samples of the input. */
static bool keeps(const struct layout *layout, const struct map *map, unsigned c)
{
    const struct picture_info *in = &layout->in, *out = &layout->out;
    bool straightened = in->alpha == ALPHA_PREMULTIPLIED && out->alpha != ALPHA_PREMULTIPLIED;
    if ((straightened && c < layout->colours) || in->sample != out->sample)
        return false;
    if (!layout_converts(layout) || c >= layout->colours)
        return map_is_identity(map, c);
    return in->unit == out->unit && !changes(layout, map, c);
}

bool apply_is_identity(const struct layout *layout, const struct map *map)
{
    const struct picture_info *in = &layout->in, *out = &layout->out;
    unsigned c = 0;
    while (c < out->channels && keeps(layout, map, c))
        c++;
    return c == in->channels && out->channels == c && in->planar == out->planar;
}

/* ---- the map, in the output's unit --------------------------------------------------------------------------------- */

/* Plane k of what is mapped. */
static struct run_to mapped_plane(struct apply *a, unsigned k)
{
    struct apply_runs *r = a->runs;
    return is_wide(a->layout) ? (struct run_to){NULL, r->wide_mapped[k]} : (struct run_to){r->mapped[k], NULL};
}

/* mapped <- the mapped values of the planes as samples. */
static void convert_back(struct apply *a, size_t n)
{
    struct apply_runs *r = a->runs;
    const struct instnorm_space *space = a->layout->space;
    double unit = a->layout->out.unit;
    float *hub[3], *const *to = hub;
    for (unsigned k = 0; k < space->planes; k++)
        hub[k] = space->linear ? r->hub[k] : r->mapped[k];
    const float *const value[] = {r->value[0], r->value[1], r->value[2]};
    if (space->from)
        space->from(value, n, space->linear ? 1 : unit, to);
    for (unsigned k = 0; k < space->planes && space->linear; k++)
        instnorm_encode(space->from ? r->hub[k] : value[k], n, unit, r->mapped[k]);
}

/* wide_mapped[0..planes) <- what the hub there is mapped to, of the channels of the output from c on. */
static void map_wide(struct apply *a, unsigned c, size_t n)
{
    const struct layout *layout = a->layout;
    double(*x)[INSTNORM_BLOCK] = a->runs->wide_mapped, *const mapped[] = {x[0], x[1], x[2]};
    const double *const hub[] = {x[0], x[1], x[2]};
    double unit_in = layout->space->linear ? 1 : layout->in.unit;
    map_in_space(a->map, c, layout->space, hub, n, unit_in, layout->out.unit, mapped);
}

/* Whether the space has numbers for a pixel, which the map may yet take too far. In double none that is of use does. */
static bool has_numbers(const struct apply *a, size_t i)
{
    for (unsigned k = 0; k < a->layout->space->planes; k++)
        if (is_wide(a->layout) || !isfinite(a->runs->value[k][i]))
            return false;
    return true;
}

/* A pixel that the space has no numbers for, not being finite, is passed on. */
static void pass_on(const struct apply *a, struct run x, size_t n, struct run_to mapped)
{
    double to_out = layout_conversion(a->layout).scale;
    for (size_t i = 0; i < n; i++)
        if (!isfinite(run_at(run_of(mapped), i)) && !has_numbers(a, i))
            run_set(mapped, i, run_at(x, i) * to_out);
}

/* The planes of the space <- the channels of the output from c on, which go together, mapped. */
static void map_planes(struct apply *a, struct cursor *cursor, unsigned c)
{
    const struct layout *layout = a->layout;
    unsigned planes = layout->space->planes;
    bool wide = is_wide(layout);
    for (unsigned k = 0; k < planes; k++) {
        unsigned source = layout_source(layout, c + k);
        if (wide)
            cursor_hub(cursor, source, a->runs->wide_mapped[k]);
        else
            map_sample(a->map, c + k, cursor_value(cursor, planes == 3 ? k : source), cursor->n, a->runs->value[k]);
    }
    if (wide)
        map_wide(a, c, cursor->n);
    else
        convert_back(a, cursor->n);
    for (unsigned k = 0; k < planes && sample_is_float(layout->in.sample); k++)
        pass_on(a, cursor_straight_run(cursor, layout_source(layout, c + k), wide), cursor->n, mapped_plane(a, k));
}

/* Of an integer output no sample is above its alpha. x, as it is stored, stays where alpha is not finite. */
static double under_alpha(const struct layout *layout, double value, double x, double alpha)
{
    double to_out = layout_conversion(layout).scale, most = alpha * to_out;
    double v = isfinite(alpha) ? value : x * to_out;
    return !sample_is_float(layout->out.sample) && v > most ? most : v;
}

/* mapped <- premultiplied samples: channel c, `converted` already, or of what is stored. */
static void map_multiplied(struct apply *a, struct cursor *cursor, unsigned c, bool converted, struct run_to mapped)
{
    const struct layout *layout = a->layout;
    const struct run x = cursor_samples_run(cursor, layout_source(layout, c)), alpha = cursor->alpha_run;
    if (!converted)
        map_premultiplied(a->map, c, x, alpha, layout->in.unit, cursor->n, mapped);
    for (size_t i = 0; i < cursor->n; i++) {
        double value = run_at(run_of(mapped), i) * (converted ? run_at(alpha, i) / layout->in.unit : 1);
        run_set(mapped, i, under_alpha(layout, value, run_at(x, i), run_at(alpha, i)));
    }
}

/* ---- blocks -------------------------------------------------------------------------------------------------------- */

static bool is_reached(const double *amount, size_t n)
{
    size_t i = 0;
    while (amount && i < n && !(amount[i] > 0))
        i++;
    return i < n;
}

static bool is_partial(const double *amount, size_t n)
{
    for (size_t i = 0; amount && i < n; i++)
        if (amount[i] > 0 && amount[i] < 1)
            return true;
    return false;
}

/* stored[i] <- the input's sample where nothing is changed. */
static void restore(struct apply *a, struct run x, const double *amount, size_t n)
{
    const struct layout *layout = a->layout;
    struct apply_runs *r = a->runs;
    const struct instnorm_affine convert = layout_conversion(layout);
    size_t size = sample_size(layout->out.sample);
    enum sample in = layout->in.sample, out = layout->out.sample;
    const void *plain = out == SAMPLE_F32 ? (const void *)x.narrow : x.wide;
    if (in != out || (in != SAMPLE_F32 && in != SAMPLE_F64) || convert.scale != 1 || !plain) {
        run_store(x, n, &convert, layout->out.sample, r->plain);
        plain = r->plain;
    }
    for (size_t i = 0; i < n; i++)
        if (!(amount[i] > 0))
            memcpy((char *)r->stored + i * size, (const char *)plain + i * size, size);
}

/* stored[i] <- the mapped sample where a pixel is changed in part; the others were rounded once already. */
static void blend_stored(struct apply *a, struct run x, const double *amount, size_t n, unsigned c, struct run_to mapped)
{
    const struct layout *layout = a->layout;
    struct apply_runs *r = a->runs;
    size_t size = sample_size(layout->out.sample);
    map_run(a->map, c, x, n, mapped);
    run_blend(x, layout_conversion(layout).scale, amount, n, mapped);
    run_store(run_of(mapped), n, &identity, layout->out.sample, r->plain);
    for (size_t i = 0; i < n; i++)
        if (amount[i] < 1)
            memcpy((char *)r->stored + i * size, (const char *)r->plain + i * size, size);
}

/* stored <- channel c of the output; where the space converts, of what map_planes made of its channels. */
static void map_block(struct apply *a, struct cursor *cursor, unsigned c, const double *amount)
{
    const struct layout *layout = a->layout;
    enum sample sample = layout->out.sample;
    size_t n = cursor->n;
    unsigned from = layout_source(layout, c);
    bool colour = c < layout->colours, converted = colour && layout_converts(layout);
    bool multiplied = colour && layout->out.alpha == ALPHA_PREMULTIPLIED, partial = colour && is_partial(amount, n);
    bool dithered = layout->dither && !sample_is_float(sample) && colour && changes(layout, a->map, c);
    struct run_to mapped = mapped_plane(a, c % layout->space->planes);
    struct run straight = cursor_straight_run(cursor, from, is_wide(layout));
    struct run before = multiplied ? cursor_samples_run(cursor, from) : straight;

    clip_count(a, cursor, c, converted, converted ? run_of(mapped) : straight, straight, amount);
    if (!converted && !multiplied && !dithered) {
        map_store(a->map, c, straight, n, sample, a->runs->stored);
        if (partial)
            blend_stored(a, straight, amount, n, c, mapped);
    } else {
        if (multiplied)
            map_multiplied(a, cursor, c, converted, mapped);
        else if (!converted)
            map_run(a->map, c, straight, n, mapped);
        if (partial)
            run_blend(before, layout_conversion(layout).scale, amount, n, mapped);
        if (dithered)
            dither_run(cursor, c, mapped);
        run_store(run_of(mapped), n, &identity, sample, a->runs->stored);
    }
    if (amount && colour)
        restore(a, before, amount, n);
    if (colour && a->data)
        nodata_keep(layout, a->data, amount, n, a->runs->stored);
}

/* out <- n channels from c on: those that go together in the space, or one. */
static void apply_channels(struct apply *a, struct cursor *cursor, unsigned c, unsigned n, const double *amount,
                           const struct rows *out)
{
    if (c < a->layout->colours && layout_converts(a->layout))
        map_planes(a, cursor, c);
    for (unsigned k = c; k < c + n; k++) {
        map_block(a, cursor, k, amount);
        rows_pack(out, &cursor->block, k, a->runs->stored);
    }
}

static void apply_blocks(struct apply *a, struct cursor *cursor, const struct rows *out)
{
    const struct layout *layout = a->layout;
    while (cursor_next(cursor)) {
        const double *amount = weigh_amounts(&a->runs->weights, a->by, cursor, is_wide(layout));
        a->reached |= is_reached(amount, cursor->n);
        a->pixels += clip_pixels(a, cursor, amount);
        for (unsigned c = 0, n; c < layout->out.channels; c += n) {
            n = c < layout->colours ? layout->space->planes : 1;
            if (!keeps(layout, a->map, c))
                apply_channels(a, cursor, c, n, amount, out);
            else
                for (unsigned k = c; k < c + n; k++)
                    rows_copy(&cursor->rows, layout_source(layout, k), &cursor->block, out, k);
        }
    }
}

/* ---- tables -------------------------------------------------------------------------------------------------------- */

/* Whether a sample of the output depends on the value of one of the input alone. */
static bool has_table(const struct apply *a)
{
    const struct layout *layout = a->layout;
    return layout->out.channels <= TABLES && layout->in.sample == SAMPLE_U8 && layout->in.alpha != ALPHA_PREMULTIPLIED &&
           !layout->dither && !a->by && !layout->in.has_nodata && layout->space->planes == 1 &&
           !(layout_converts(layout) && layout->count_clipped);
}

static unsigned char *table_of(struct apply *a, unsigned c)
{
    return a->runs->table + c * 256 * sample_size(a->layout->out.sample);
}

/* Eight bits have 256 values: the map is worked out once for each. The kernels are the same, and so are the bytes. */
static void fill_table(struct apply *a, const struct cursor *cursor, unsigned c)
{
    const struct layout *layout = a->layout;
    struct apply_runs *r = a->runs;
    bool wide = is_wide(layout);
    for (unsigned v = 0; v < 256; v++)
        r->bytes[v] = (float)v;
    if (!layout_converts(layout) || c >= layout->colours) {
        map_store(a->map, c, (struct run){r->bytes, NULL}, 256, layout->out.sample, table_of(a, c));
        return;
    }
    struct run decoded = cursor_decoded(cursor, wide);
    if (wide) {
        memcpy(r->wide_mapped[0], decoded.wide, 256 * sizeof *decoded.wide);
        map_wide(a, c, 256);
    } else {
        map_sample(a->map, c, decoded.narrow, 256, r->value[0]);
        convert_back(a, 256);
    }
    run_store(run_of(mapped_plane(a, 0)), 256, &identity, layout->out.sample, table_of(a, c));
}

static void fill_tables(struct apply *a, const struct cursor *cursor)
{
    const struct layout *layout = a->layout;
    unsigned channels = layout->out.channels;
    a->runs->lines = layout->out.sample == SAMPLE_U8 && layout->in.channels == channels;
    for (unsigned c = 0; c < channels; c++) {
        fill_table(a, cursor, c);
        a->runs->lines = a->runs->lines && byte_line_find(table_of(a, c), &a->runs->line[c]);
    }
}

static void apply_table(struct apply *a, const struct rows *in, const struct rows *out)
{
    const struct layout *layout = a->layout;
    if (a->runs->lines && byte_lines_map(in, a->runs->line, out))
        return;
    if (layout->out.sample == SAMPLE_U8 && layout->out.channels == 3 && layout->in.channels == 3 && !layout->in.planar &&
        !layout->out.planar) {
        rows_map3(in, a->runs->table, out);
        return;
    }
    for (unsigned c = 0; c < layout->out.channels; c++)
        rows_map(in, layout_source(layout, c), table_of(a, c), out, c);
}

/* What clips under the table. */
static void count_blocks(struct apply *a, struct cursor *cursor)
{
    while (cursor_next(cursor)) {
        a->pixels += clip_pixels(a, cursor, NULL);
        for (unsigned c = 0; c < a->layout->colours; c++) {
            struct run x = cursor_samples_run(cursor, layout_source(a->layout, c));
            clip_count(a, cursor, c, false, x, x, NULL);
        }
    }
}

/* ---- pictures ------------------------------------------------------------------------------------------------------ */

bool apply_begin(struct apply *a, const struct layout *layout, const struct map *map, struct weights *by,
                 const struct cursor *cursor, struct why *why)
{
    a->layout = layout;
    a->map = map;
    a->by = by && by->n > 0 ? by : NULL;
    a->reached = false;
    a->within = false;
    a->pixels = 0;
    free(a->clip);
    a->clip = malloc(layout->colours * sizeof *a->clip);
    if (!a->clip || !buffer_reserve(&a->buffer, sizeof *a->runs))
        return why_memory(why);
    a->runs = (struct apply_runs *)a->buffer.data;
    a->data = layout->in.has_nodata ? a->runs->weights.data : NULL;
    for (unsigned c = 0; c < layout->colours; c++)
        a->clip[c] = (struct instnorm_clip){0, 0, INFINITY, -INFINITY};
    if (has_table(a))
        fill_tables(a, cursor);
    return true;
}

void apply_band(struct apply *a, struct cursor *cursor, const struct rows *out)
{
    if (!has_table(a)) {
        apply_blocks(a, cursor, out);
        return;
    }
    apply_table(a, &cursor->rows, out);
    if (a->within)
        a->pixels += (uint64_t)out->width * out->height;
    else if (a->layout->count_clipped && !clip_count_bytes(a, &cursor->rows))
        count_blocks(a, cursor);
}

void apply_free(struct apply *a)
{
    free(a->clip);
    buffer_free(&a->buffer);
    *a = (struct apply){0};
}
