#include "engine/cursor.h"

/* Of so many channels the samples of a block take 4 MiB as floats; of 65,535 they would take 1 GiB. */
enum { CHANNELS_UNPACKED = 256 };

struct cursor_runs {
    float alpha[INSTNORM_BLOCK];
    float straight[3][INSTNORM_BLOCK]; /* not multiplied by alpha */
    float hub[3][INSTNORM_BLOCK];      /* in linear light */
    float value[3][INSTNORM_BLOCK];    /* in the space */
    double wide_alpha[INSTNORM_BLOCK];
    double wide_straight[INSTNORM_BLOCK];
    double wide_tile[3][INSTNORM_BLOCK]; /* as it is stored, of wide samples */
    float decoded[256];                  /* linear light of 8-bit samples */
    double wide_decoded[256];
    float tile[]; /* as it is stored: [channels that are unpacked together][INSTNORM_BLOCK] */
};

/* Whether the channels of a block are unpacked all at once: they adjoin, are not too many, and float holds them. */
static bool is_unpacked(const struct picture_info *in)
{
    return !in->planar && in->channels <= CHANNELS_UNPACKED && !sample_is_wide(in->sample);
}

/* How many channels of a block the tile holds. */
static unsigned tile_channels(const struct picture_info *in)
{
    return is_unpacked(in) || in->channels < 3 ? in->channels : 3;
}

static void fill_decoded(struct cursor_runs *runs, double unit)
{
    double values[256];
    for (unsigned v = 0; v < 256; v++)
        values[v] = v;
    instnorm_decode_double(values, 256, unit, runs->wide_decoded);
    for (unsigned v = 0; v < 256; v++)
        runs->decoded[v] = (float)runs->wide_decoded[v];
}

bool cursor_open(struct cursor *cursor, const struct layout *layout, struct why *why)
{
    size_t tile_bytes = tile_channels(&layout->in) * INSTNORM_BLOCK * sizeof(float);
    if (!buffer_reserve(&cursor->buffer, sizeof *cursor->runs + tile_bytes))
        return why_memory(why);
    cursor->layout = layout;
    cursor->runs = (struct cursor_runs *)cursor->buffer.data;
    if (layout->space->linear && layout->in.sample == SAMPLE_U8)
        fill_decoded(cursor->runs, layout->in.unit);
    return true;
}

void cursor_close(struct cursor *cursor)
{
    buffer_free(&cursor->buffer);
    *cursor = (struct cursor){0};
}

/* ---- blocks -------------------------------------------------------------------------------------------------------- */

void cursor_enter(struct cursor *cursor, const struct rows *rows, size_t y)
{
    cursor->rows = *rows;
    cursor->y = y;
    cursor->block = (struct block){0};
}

static void find_alpha(struct cursor *cursor)
{
    const struct picture_info *in = &cursor->layout->in;
    const struct rows *rows = &cursor->rows;
    unsigned c = in->channels - 1;
    if (in->alpha == ALPHA_NONE)
        return;
    cursor->alpha =
        is_unpacked(in) ? cursor_samples(cursor, c) : rows_unpack_channel(rows, &cursor->block, c, cursor->runs->alpha);
    cursor->alpha_run = (struct run){cursor->alpha, NULL};
    if (sample_is_wide(in->sample))
        cursor->alpha_run =
            (struct run){NULL, rows_unpack_channel_double(rows, &cursor->block, c, cursor->runs->wide_alpha)};
}

bool cursor_next(struct cursor *cursor)
{
    const struct rows *rows = &cursor->rows;
    struct block *b = &cursor->block;
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
    if (is_unpacked(&cursor->layout->in))
        rows_unpack(rows, b, cursor->runs->tile, INSTNORM_BLOCK);
    cursor->n = b->height * b->width;
    cursor->alpha = NULL;
    cursor->alpha_run = (struct run){0};
    find_alpha(cursor);
    cursor->converted = false;
    return true;
}

/* ---- samples ------------------------------------------------------------------------------------------------------- */

const float *cursor_samples(struct cursor *cursor, unsigned c)
{
    if (is_unpacked(&cursor->layout->in))
        return cursor->runs->tile + (size_t)c * INSTNORM_BLOCK;
    return rows_unpack_channel(&cursor->rows, &cursor->block, c, cursor->runs->tile + (size_t)(c % 3) * INSTNORM_BLOCK);
}

struct run cursor_samples_run(struct cursor *cursor, unsigned c)
{
    if (!sample_is_wide(cursor->layout->in.sample))
        return (struct run){cursor_samples(cursor, c), NULL};
    double *to = cursor->runs->wide_tile[c % 3];
    return (struct run){NULL, rows_unpack_channel_double(&cursor->rows, &cursor->block, c, to)};
}

/* Whether channel c is a colour that was multiplied by alpha, so that it is divided. */
static bool divides(const struct cursor *cursor, unsigned c)
{
    const struct picture_info *in = &cursor->layout->in;
    return in->alpha == ALPHA_PREMULTIPLIED && c < picture_colours(in);
}

/* What a colour was before it was multiplied by alpha. Where they are equal it is exactly the unit. */
static double divided(double x, double unit, double alpha)
{
    return alpha > 0 ? x * unit / alpha : 0;
}

const float *cursor_straight(struct cursor *cursor, unsigned c)
{
    const float *x = cursor_samples(cursor, c), *alpha = cursor->alpha;
    float *straight = cursor->runs->straight[c % 3];
    if (!divides(cursor, c))
        return x;
    for (size_t i = 0; i < cursor->n; i++)
        straight[i] = (float)divided((double)x[i], cursor->layout->in.unit, (double)alpha[i]);
    return straight;
}

/* straight[n] <- channel c, not multiplied by alpha and not rounded to float. */
static void straight_double(struct cursor *cursor, unsigned c, double *straight)
{
    const struct run x = cursor_samples_run(cursor, c), alpha = cursor->alpha_run;
    bool divide = divides(cursor, c);
    for (size_t i = 0; divide && i < cursor->n; i++)
        straight[i] = divided(run_at(x, i), cursor->layout->in.unit, run_at(alpha, i));
    for (size_t i = 0; !divide && i < cursor->n; i++)
        straight[i] = run_at(x, i);
}

struct run cursor_straight_run(struct cursor *cursor, unsigned c, bool wide)
{
    if (!divides(cursor, c))
        return cursor_samples_run(cursor, c);
    if (!wide && !sample_is_wide(cursor->layout->in.sample))
        return (struct run){cursor_straight(cursor, c), NULL};
    straight_double(cursor, c, cursor->runs->wide_straight);
    return (struct run){NULL, cursor->runs->wide_straight};
}

/* ---- values in a space --------------------------------------------------------------------------------------------- */

struct run cursor_decoded(const struct cursor *cursor, bool wide)
{
    const struct cursor_runs *runs = cursor->runs;
    return wide ? (struct run){NULL, runs->wide_decoded} : (struct run){runs->decoded, NULL};
}

/* Eight bits have 256 values, whose linear light is in a table. */
static bool has_decoded(const struct cursor *cursor, unsigned c)
{
    return cursor->layout->in.sample == SAMPLE_U8 && !divides(cursor, c);
}

/* y <- the linear light of channel c, whose straight samples are x. */
static void decode(const struct cursor *cursor, unsigned c, const float *x, float *y)
{
    if (!has_decoded(cursor, c)) {
        instnorm_decode(x, cursor->n, cursor->layout->in.unit, y);
        return;
    }
    for (size_t i = 0; i < cursor->n; i++)
        y[i] = cursor->runs->decoded[(unsigned char)x[i]];
}

void cursor_hub(struct cursor *cursor, unsigned c, double *hub)
{
    struct cursor_runs *runs = cursor->runs;
    if (!cursor->layout->space->linear) {
        straight_double(cursor, c, hub);
        return;
    }
    if (!has_decoded(cursor, c)) {
        straight_double(cursor, c, runs->wide_straight);
        instnorm_decode_double(runs->wide_straight, cursor->n, cursor->layout->in.unit, hub);
        return;
    }
    const float *x = cursor_samples(cursor, c);
    for (size_t i = 0; i < cursor->n; i++)
        hub[i] = runs->wide_decoded[(unsigned char)x[i]];
}

/* The planes of a space that takes three: a grey picture has three equal colours. */
static void convert_planes(struct cursor *cursor)
{
    const struct layout *layout = cursor->layout;
    struct cursor_runs *runs = cursor->runs;
    const float *hub[3];
    float *value[] = {runs->value[0], runs->value[1], runs->value[2]};
    for (unsigned c = 0; c < 3; c++) {
        if (c > 0 && picture_colours(&layout->in) == 1) {
            hub[c] = hub[0];
            continue;
        }
        hub[c] = cursor_straight(cursor, c);
        if (!layout->space->linear)
            continue;
        decode(cursor, c, hub[c], runs->hub[c]);
        hub[c] = runs->hub[c];
    }
    layout->space->to(hub, cursor->n, layout->space->linear ? 1 : layout->in.unit, value);
    cursor->converted = true;
}

const float *cursor_value(struct cursor *cursor, unsigned c)
{
    const struct instnorm_space *space = cursor->layout->space;
    struct cursor_runs *runs = cursor->runs;
    if (space->planes == 3) {
        if (!cursor->converted)
            convert_planes(cursor);
        return runs->value[c];
    }
    const float *x = cursor_straight(cursor, c);
    if (!space->linear)
        return x;
    decode(cursor, c, x, runs->value[0]);
    return runs->value[0];
}

struct run cursor_value_run(struct cursor *cursor, unsigned c)
{
    return layout_converts(cursor->layout) ? (struct run){cursor_value(cursor, c), NULL}
                                           : cursor_straight_run(cursor, c, false);
}
