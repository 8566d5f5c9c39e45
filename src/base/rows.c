/* Native samples to and from CHW tiles. */
#include "base/rows.h"

#include "base/half.h"
#include "base/kernel.h"

#include <stdbool.h>
#include <string.h>

struct rows rows_interleaved(void *data, enum sample sample, unsigned channels, size_t width, size_t height)
{
    size_t size = sample_size(sample);
    return (struct rows){.data = data,
                         .dc = (ptrdiff_t)size,
                         .dy = (ptrdiff_t)(size * channels * width),
                         .dx = (ptrdiff_t)(size * channels),
                         .sample = sample,
                         .channels = channels,
                         .width = width,
                         .height = height};
}

struct rows rows_planar(void *data, enum sample sample, unsigned channels, size_t width, size_t height)
{
    size_t size = sample_size(sample);
    return (struct rows){.data = data,
                         .dc = (ptrdiff_t)(size * width * height),
                         .dy = (ptrdiff_t)(size * width),
                         .dx = (ptrdiff_t)size,
                         .sample = sample,
                         .channels = channels,
                         .width = width,
                         .height = height};
}

struct rows rows_tight(bool planar, void *data, enum sample sample, unsigned channels, size_t width, size_t height)
{
    return (planar ? rows_planar : rows_interleaved)(data, sample, channels, width, height);
}

struct rows rows_part(const struct rows *rows, size_t y, size_t height)
{
    struct rows part = *rows;
    part.data += (ptrdiff_t)y * rows->dy;
    part.height = height;
    return part;
}

static unsigned char *sample_at(const struct rows *rows, unsigned c, size_t y, size_t x)
{
    return rows->data + (ptrdiff_t)c * rows->dc + (ptrdiff_t)y * rows->dy + (ptrdiff_t)x * rows->dx;
}

/* Three neighbouring channels of 8 or 16 bits at once: what gcc turns into shuffles. */
#define UNPACK3(NAME, TYPE)                                                                                                \
    KERNEL void NAME(const TYPE *restrict in, size_t n, float *restrict r, float *restrict g, float *restrict b)           \
    {                                                                                                                      \
        for (size_t i = 0; i < n; i++) {                                                                                   \
            r[i] = in[3 * i];                                                                                              \
            g[i] = in[3 * i + 1];                                                                                          \
            b[i] = in[3 * i + 2];                                                                                          \
        }                                                                                                                  \
    }

UNPACK3(unpack3_u8, uint8_t)
UNPACK3(unpack3_u16, uint16_t)

/* One channel, `step` samples from one to the next. A step of 1 is worth a loop of its own. */
#define UNPACK1(NAME, FROM, TO)                                                                                            \
    KERNEL void NAME(const FROM *restrict in, size_t n, size_t step, TO *restrict out)                                     \
    {                                                                                                                      \
        if (step == 1)                                                                                                     \
            for (size_t i = 0; i < n; i++)                                                                                 \
                out[i] = (TO)in[i];                                                                                        \
        else                                                                                                               \
            for (size_t i = 0; i < n; i++)                                                                                 \
                out[i] = (TO)in[i * step];                                                                                 \
    }

UNPACK1(unpack1_u8, uint8_t, float)
UNPACK1(unpack1_u16, uint16_t, float)
UNPACK1(unpack1_f32, float, float)
UNPACK1(unpack1_i8, int8_t, float)
UNPACK1(unpack1_i16, int16_t, float)
UNPACK1(unpack1_i32, int32_t, float)
UNPACK1(unpack1_u32, uint32_t, float)
UNPACK1(unpack1_f64, double, float)
UNPACK1(unpack1_wide_i32, int32_t, double)
UNPACK1(unpack1_wide_u32, uint32_t, double)
UNPACK1(unpack1_wide_f64, double, double)

static void unpack_channel(const struct rows *rows, const void *in, size_t n, float *out)
{
    size_t step = (size_t)rows->dx / sample_size(rows->sample);
    switch (rows->sample) {
    case SAMPLE_NONE:
        break;
    case SAMPLE_U8:
    case SAMPLE_BOOL:
        unpack1_u8(in, n, step, out);
        break;
    case SAMPLE_U16:
        unpack1_u16(in, n, step, out);
        break;
    case SAMPLE_F32:
        unpack1_f32(in, n, step, out);
        break;
    case SAMPLE_I8:
        unpack1_i8(in, n, step, out);
        break;
    case SAMPLE_I16:
        unpack1_i16(in, n, step, out);
        break;
    case SAMPLE_F16:
        half_unpack(in, n, step, out);
        break;
    case SAMPLE_I32:
        unpack1_i32(in, n, step, out);
        break;
    case SAMPLE_U32:
        unpack1_u32(in, n, step, out);
        break;
    case SAMPLE_F64:
        unpack1_f64(in, n, step, out);
        break;
    }
}

static void unpack_channel_double(const struct rows *rows, const void *in, size_t n, double *out)
{
    size_t step = (size_t)rows->dx / sample_size(rows->sample);
    if (rows->sample == SAMPLE_I32)
        unpack1_wide_i32(in, n, step, out);
    else if (rows->sample == SAMPLE_U32)
        unpack1_wide_u32(in, n, step, out);
    else
        unpack1_wide_f64(in, n, step, out);
}

/* n samples of every channel from (y, x) on. */
static void unpack_run(const struct rows *rows, size_t y, size_t x, size_t n, float *tile, size_t plane)
{
    size_t size = sample_size(rows->sample);
    bool plain = rows->sample == SAMPLE_U8 || rows->sample == SAMPLE_U16;
    unsigned c = 0;

    if (plain && rows->channels == 3 && rows->dc == (ptrdiff_t)size && rows->dx == (ptrdiff_t)(3 * size)) {
        if (size == 1)
            unpack3_u8(sample_at(rows, 0, y, x), n, tile, tile + plane, tile + 2 * plane);
        else
            unpack3_u16((const void *)sample_at(rows, 0, y, x), n, tile, tile + plane, tile + 2 * plane);
        c = 3;
    }
    for (; c < rows->channels; c++)
        unpack_channel(rows, sample_at(rows, c, y, x), n, tile + c * plane);
}

/* Whether the rows of a block follow one another without a gap, so that it is one run. */
static bool is_one_run(const struct rows *rows, const struct block *block)
{
    return block->width == rows->width && rows->dy == rows->dx * (ptrdiff_t)rows->width;
}

void rows_unpack(const struct rows *rows, const struct block *block, float *tile, size_t plane)
{
    if (is_one_run(rows, block)) {
        unpack_run(rows, block->y, 0, block->height * block->width, tile, plane);
        return;
    }
    for (size_t y = 0; y < block->height; y++)
        unpack_run(rows, block->y + y, block->x, block->width, tile + y * block->width, plane);
}

#define PACK(NAME, TYPE)                                                                                                   \
    KERNEL void NAME(TYPE *restrict out, size_t n, size_t step, const TYPE *restrict in)                                   \
    {                                                                                                                      \
        for (size_t i = 0; i < n; i++)                                                                                     \
            out[i * step] = in[i];                                                                                         \
    }

PACK(pack_8, uint8_t)
PACK(pack_16, uint16_t)
PACK(pack_32, uint32_t)
PACK(pack_64, uint64_t)

static void pack_run(const struct rows *rows, void *out, size_t n, const void *in)
{
    size_t size = sample_size(rows->sample), step = (size_t)rows->dx / size;
    if (step == 1)
        memcpy(out, in, n * size);
    else if (size == 1)
        pack_8(out, n, step, in);
    else if (size == 2)
        pack_16(out, n, step, in);
    else if (size == 4)
        pack_32(out, n, step, in);
    else
        pack_64(out, n, step, in);
}

void rows_pack(const struct rows *rows, const struct block *block, unsigned c, const void *run)
{
    const unsigned char *from = run;
    if (is_one_run(rows, block)) {
        pack_run(rows, sample_at(rows, c, block->y, 0), block->height * block->width, from);
        return;
    }
    size_t bytes = block->width * sample_size(rows->sample);
    for (size_t y = 0; y < block->height; y++)
        pack_run(rows, sample_at(rows, c, block->y + y, block->x), block->width, from + y * bytes);
}

/* Neighbours are often the same, and would wait for one another in one table: they take turns. */
enum { TURNS = 4, TOGETHER = 3 };

/* A row of n pixels; inline, so that the compiler knows the numbers that callers write down. */
static inline void count_row(const uint8_t *x, size_t n, ptrdiff_t step, unsigned channels,
                             uint64_t count[TURNS][TOGETHER][256])
{
    size_t i = 0;
    for (; i + TURNS <= n; i += TURNS)
        for (unsigned turn = 0; turn < TURNS; turn++, x += step)
            for (unsigned c = 0; c < channels; c++)
                count[turn][c][x[c]]++;
    for (; i < n; i++, x += step)
        for (unsigned c = 0; c < channels; c++)
            count[0][c][x[c]]++;
}

void rows_count(const struct rows *rows, unsigned channels, uint64_t count[][256])
{
    bool together = channels == TOGETHER && rows->dc == 1 && rows->dx == TOGETHER;
    unsigned n = together ? TOGETHER : 1;
    for (unsigned c = 0; c < channels; c += n) {
        uint64_t own[TURNS][TOGETHER][256] = {0};
        for (size_t y = 0; y < rows->height; y++) {
            if (together)
                count_row(sample_at(rows, 0, y, 0), rows->width, TOGETHER, TOGETHER, own);
            else
                count_row(sample_at(rows, c, y, 0), rows->width, rows->dx, 1, own);
        }
        for (unsigned k = 0; k < n; k++)
            for (unsigned v = 0; v < 256; v++)
                count[c + k][v] += own[0][k][v] + own[1][k][v] + own[2][k][v] + own[3][k][v];
    }
}

void rows_copy(const struct rows *in, unsigned from, const struct block *block, const struct rows *out, unsigned to)
{
    size_t size = sample_size(in->sample);
    for (size_t y = 0; y < block->height; y++) {
        const unsigned char *source = sample_at(in, from, block->y + y, block->x);
        unsigned char *target = sample_at(out, to, block->y + y, block->x);
        if (in->dx == (ptrdiff_t)size && out->dx == (ptrdiff_t)size)
            memcpy(target, source, block->width * size);
        else
            for (size_t x = 0; x < block->width; x++, source += in->dx, target += out->dx)
                memcpy(target, source, size);
    }
}

/* The samples of a channel, if they are a run of that type already. */
static const void *find_run(const struct rows *rows, const struct block *block, unsigned c, enum sample sample)
{
    bool one_run = is_one_run(rows, block) || block->height == 1;
    bool is_run = rows->sample == sample && rows->dx == (ptrdiff_t)sample_size(sample) && one_run;
    return is_run ? sample_at(rows, c, block->y, block->x) : NULL;
}

#define UNPACK_CHANNEL(NAME, TYPE, SAMPLE, UNPACK)                                                                         \
    const TYPE *NAME(const struct rows *rows, const struct block *block, unsigned c, TYPE *run)                            \
    {                                                                                                                      \
        const void *found = find_run(rows, block, c, SAMPLE);                                                              \
        if (found)                                                                                                         \
            return found;                                                                                                  \
        if (is_one_run(rows, block)) {                                                                                     \
            UNPACK(rows, sample_at(rows, c, block->y, 0), block->height * block->width, run);                              \
            return run;                                                                                                    \
        }                                                                                                                  \
        for (size_t y = 0; y < block->height; y++)                                                                         \
            UNPACK(rows, sample_at(rows, c, block->y + y, block->x), block->width, run + y * block->width);                \
        return run;                                                                                                        \
    }

UNPACK_CHANNEL(rows_unpack_channel, float, SAMPLE_F32, unpack_channel)
UNPACK_CHANNEL(rows_unpack_channel_double, double, SAMPLE_F64, unpack_channel_double)

#define MAP(NAME, TYPE)                                                                                                    \
    static void NAME(const uint8_t *restrict in, size_t in_step, size_t n, const TYPE *restrict table, TYPE *restrict out, \
                     size_t out_step)                                                                                      \
    {                                                                                                                      \
        for (size_t i = 0; i < n; i++)                                                                                     \
            out[i * out_step] = table[in[i * in_step]];                                                                    \
    }

MAP(map_8, uint8_t)
MAP(map_16, uint16_t)
MAP(map_32, uint32_t)
MAP(map_64, uint64_t)

void rows_map(const struct rows *in, unsigned from, const void *table, const struct rows *out, unsigned to)
{
    size_t in_step = (size_t)in->dx, size = sample_size(out->sample), out_step = (size_t)out->dx / size;
    for (size_t y = 0; y < in->height; y++) {
        const uint8_t *source = sample_at(in, from, y, 0);
        void *target = sample_at(out, to, y, 0);
        if (size == 1)
            map_8(source, in_step, in->width, table, target, out_step);
        else if (size == 2)
            map_16(source, in_step, in->width, table, target, out_step);
        else if (size == 4)
            map_32(source, in_step, in->width, table, target, out_step);
        else
            map_64(source, in_step, in->width, table, target, out_step);
    }
}

static void map3(const uint8_t *restrict in, size_t pixels, const uint8_t *restrict table, uint8_t *restrict out)
{
    for (size_t i = 0; i < 3 * pixels; i += 3) {
        out[i] = table[in[i]];
        out[i + 1] = table[256 + in[i + 1]];
        out[i + 2] = table[512 + in[i + 2]];
    }
}

void rows_map3(const struct rows *in, const uint8_t *table, const struct rows *out)
{
    for (size_t y = 0; y < in->height; y++)
        map3(sample_at(in, 0, y, 0), in->width, table, sample_at(out, 0, y, 0));
}
