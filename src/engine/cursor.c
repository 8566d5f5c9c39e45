#include "engine/cursor.h"

/* Of so many channels the samples of a block take 4 MiB as floats; of 65,535 they would take 1 GiB. */
enum { CHANNELS_UNPACKED = 256 };

/* Whether the channels of a block are unpacked all at once: they adjoin, and are not too many. */
static bool is_unpacked(const struct picture_info *in)
{
    return !in->planar && in->channels <= CHANNELS_UNPACKED;
}

unsigned block_channels(const struct picture_info *in)
{
    return is_unpacked(in) || in->channels < 3 ? in->channels : 3;
}

bool block_next(const struct band *band, const struct rows *rows, struct block *b)
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
    if (is_unpacked(&band->in))
        rows_unpack(rows, b, band->tile, INSTNORM_BLOCK);
    return true;
}

/* ---- samples ------------------------------------------------------------------------------------------------------ */

const float *block_samples(const struct band *band, const struct rows *rows, const struct block *b, unsigned c)
{
    if (is_unpacked(&band->in))
        return band->tile + (size_t)c * INSTNORM_BLOCK;
    return rows_unpack_channel(rows, b, c, band->tile + (size_t)(c % 3) * INSTNORM_BLOCK);
}

const float *block_alpha(const struct band *band, const struct rows *rows, const struct block *b)
{
    unsigned c = band->in.channels - 1;
    if (band->in.alpha == ALPHA_NONE)
        return NULL;
    return is_unpacked(&band->in) ? block_samples(band, rows, b, c) : rows_unpack_channel(rows, b, c, band->scratch->alpha);
}

bool block_divides(const struct band *band, unsigned c)
{
    return band->in.alpha == ALPHA_PREMULTIPLIED && c < picture_colours(&band->in);
}

/* What a colour was before it was multiplied by alpha. Where they are equal it is exactly the unit. */
static double divided(double x, double unit, double alpha)
{
    return alpha > 0 ? x * unit / alpha : 0;
}

const float *block_straight(const struct band *band, const struct rows *rows, const struct block *b, unsigned c,
                            const float *alpha)
{
    const float *x = block_samples(band, rows, b, c);
    float *straight = band->scratch->straight[c % 3];
    if (!block_divides(band, c))
        return x;
    for (size_t i = 0; i < b->height * b->width; i++)
        straight[i] = (float)divided((double)x[i], band->in.unit, (double)alpha[i]);
    return straight;
}

void block_straight_double(const struct band *band, const struct rows *rows, const struct block *b, unsigned c,
                           const float *alpha, double *straight)
{
    const float *x = block_samples(band, rows, b, c);
    size_t n = b->height * b->width;
    for (size_t i = 0; i < n && block_divides(band, c); i++)
        straight[i] = divided((double)x[i], band->in.unit, (double)alpha[i]);
    for (size_t i = 0; i < n && !block_divides(band, c); i++)
        straight[i] = (double)x[i];
}

/* ---- runs of either type ------------------------------------------------------------------------------------------- */

bool block_is_wide(const struct band *band)
{
    return band->out.sample != SAMPLE_U8;
}

struct mapped block_mapped(const struct band *band, unsigned k)
{
    struct scratch *s = band->scratch;
    return block_is_wide(band) ? (struct mapped){NULL, s->wide_mapped[k]} : (struct mapped){s->mapped[k], NULL};
}

struct values block_straight_values(const struct band *band, const struct rows *rows, const struct block *b, unsigned c,
                                    const float *alpha)
{
    if (!block_is_wide(band) || !block_divides(band, c))
        return (struct values){block_straight(band, rows, b, c, alpha), NULL};
    block_straight_double(band, rows, b, c, alpha, band->scratch->wide_straight);
    return (struct values){NULL, band->scratch->wide_straight};
}

/* ---- values in a space --------------------------------------------------------------------------------------------- */

/* y <- linear light. Eight bits have 256 values, and the table was filled by the library. */
static void decode(const struct band *band, const float *x, size_t n, float *y)
{
    if (band->in.sample != SAMPLE_U8 || band->in.alpha == ALPHA_PREMULTIPLIED) {
        instnorm_decode(x, n, band->in.unit, y);
        return;
    }
    for (size_t i = 0; i < n; i++)
        y[i] = band->scratch->decode[(unsigned char)x[i]];
}

/* The planes of a space that takes three: a grey picture has three equal colours. */
static void convert_planes(const struct band *band, const struct rows *rows, const struct block *b, const float *alpha)
{
    struct scratch *s = band->scratch;
    size_t n = b->height * b->width;
    const float *hub[3];
    float *value[] = {s->value[0], s->value[1], s->value[2]};
    for (unsigned c = 0; c < 3; c++) {
        if (c > 0 && picture_colours(&band->in) == 1) {
            hub[c] = hub[0];
            continue;
        }
        hub[c] = block_straight(band, rows, b, c, alpha);
        if (!band->space->linear)
            continue;
        decode(band, hub[c], n, s->hub[c]);
        hub[c] = s->hub[c];
    }
    band->space->to(hub, n, band->space->linear ? 1 : band->in.unit, value);
}

const float *block_value(const struct band *band, const struct rows *rows, const struct block *b, unsigned c,
                         const float *alpha)
{
    struct scratch *s = band->scratch;
    if (band->space->planes == 3) {
        if (c == 0)
            convert_planes(band, rows, b, alpha);
        return s->value[c];
    }
    const float *x = block_straight(band, rows, b, c, alpha);
    if (!band->space->linear)
        return x;
    decode(band, x, b->height * b->width, s->value[0]);
    return s->value[0];
}
