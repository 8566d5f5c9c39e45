/* Native samples to and from tiles, against loops that go sample by sample over dc, dy and dx. */
#include "base/half.h"
#include "base/rows.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

static const enum sample kinds[] = {SAMPLE_U8,  SAMPLE_U16, SAMPLE_F32, SAMPLE_BOOL, SAMPLE_I8,
                                    SAMPLE_I16, SAMPLE_F16, SAMPLE_I32, SAMPLE_U32,  SAMPLE_F64};
enum { KINDS = sizeof kinds / sizeof *kinds };

enum layout { INTERLEAVED, PADDED, PLANAR, PLANAR_PADDED, LAYOUTS };
enum { MOST = 5 }; /* channels */

/* A band in the layout, over fresh random bytes (*size of them). Floats are made from finite numbers. */
static struct rows make_rows(struct random *r, enum layout layout, enum sample sample, unsigned channels, size_t width,
                             size_t height, size_t *size)
{
    size_t s = sample_size(sample), pad = layout == PADDED || layout == PLANAR_PADDED ? 3 * s : 0;
    struct rows rows = rows_interleaved(NULL, sample, channels, width, height);
    *size = height * (s * channels * width + pad);
    if (layout == PADDED)
        rows.dy += (ptrdiff_t)pad;
    if (layout == PLANAR || layout == PLANAR_PADDED) {
        rows.dx = (ptrdiff_t)s;
        rows.dy = (ptrdiff_t)(width * s + pad);
        rows.dc = rows.dy * (ptrdiff_t)height;
        *size = (size_t)rows.dc * channels;
    }
    rows.data = must_alloc(*size);
    for (size_t i = 0; i < *size; i++)
        rows.data[i] = (unsigned char)random_bits(r);
    if (sample == SAMPLE_F32)
        random_floats(r, 0, 1000, (float *)(void *)rows.data, *size / s);
    for (size_t i = 0; (sample == SAMPLE_F16 || sample == SAMPLE_F64) && i < *size / s; i++) {
        double value = 1000 * random_normal(r);
        samples_put(&value, 1, sample, rows.data + i * s);
    }
    return rows;
}

static unsigned char *at(const struct rows *rows, unsigned c, size_t y, size_t x)
{
    return rows->data + (ptrdiff_t)c * rows->dc + (ptrdiff_t)y * rows->dy + (ptrdiff_t)x * rows->dx;
}

static double value_at(const struct rows *rows, unsigned c, size_t y, size_t x)
{
    int8_t i8;
    int16_t i16;
    int32_t i32;
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;
    float f32;
    double f64;
    const unsigned char *from = at(rows, c, y, x);
    switch (rows->sample) {
    case SAMPLE_NONE:
        break;
    case SAMPLE_U8:
    case SAMPLE_BOOL:
        return memcpy(&u8, from, sizeof u8), u8;
    case SAMPLE_U16:
        return memcpy(&u16, from, sizeof u16), u16;
    case SAMPLE_F32:
        return memcpy(&f32, from, sizeof f32), (double)f32;
    case SAMPLE_I8:
        return memcpy(&i8, from, sizeof i8), i8;
    case SAMPLE_I16:
        return memcpy(&i16, from, sizeof i16), i16;
    case SAMPLE_F16:
        return memcpy(&u16, from, sizeof u16), (double)half_to_float(u16);
    case SAMPLE_I32:
        return memcpy(&i32, from, sizeof i32), i32;
    case SAMPLE_U32:
        return memcpy(&u32, from, sizeof u32), u32;
    case SAMPLE_F64:
        return memcpy(&f64, from, sizeof f64), f64;
    }
    return NAN;
}

/* Blocks of a band of 23 x 9: all of it, whole rows, one column, one sample, the middle, the last corner. */
enum { WIDTH = 23, HEIGHT = 9 };
static const struct block blocks[] = {{0, 0, HEIGHT, WIDTH}, {2, 0, 4, WIDTH}, {0, 11, HEIGHT, 1}, {4, 7, 1, 1},
                                      {3, 5, 4, 16},         {8, 6, 1, 17},    {0, 0, 9, 22}};
enum { BLOCKS = sizeof blocks / sizeof *blocks };

/* Runs check once for every layout, sample type and number of channels of a band, and every block of it. */
static void each_case(uint64_t seed,
                      void (*check)(struct random *, enum layout, const struct rows *, size_t size, const struct block *))
{
    struct random r = {seed};
    for (int layout = 0; layout < LAYOUTS; layout++)
        for (size_t k = 0; k < KINDS; k++)
            for (unsigned channels = 1; channels <= MOST; channels++) {
                size_t size;
                struct rows rows = make_rows(&r, (enum layout)layout, kinds[k], channels, WIDTH, HEIGHT, &size);
                for (size_t b = 0; b < BLOCKS; b++)
                    check(&r, (enum layout)layout, &rows, size, &blocks[b]);
                free(rows.data);
            }
}

static void check_unpack(struct random *r, enum layout layout, const struct rows *rows, size_t size,
                         const struct block *block)
{
    size_t n = block->height * block->width, plane = n + 3;
    float *tile = must_alloc(plane * rows->channels * sizeof *tile);
    (void)r;
    (void)size;
    for (size_t i = 0; i < plane * rows->channels; i++)
        tile[i] = -1e6f;
    rows_unpack(rows, block, tile, plane);
    for (unsigned c = 0; c < rows->channels; c++) {
        for (size_t i = 0; i < n; i++) {
            float want = (float)value_at(rows, c, block->y + i / block->width, block->x + i % block->width);
            REQUIRE(tile[c * plane + i] == want, "layout %d, %u channels, sample %zu of channel %u: %g, not %g",
                    (int)layout, rows->channels, i, c, (double)tile[c * plane + i], (double)want);
        }
        for (size_t i = n; i < plane; i++)
            REQUIRE(tile[c * plane + i] == -1e6f, "written behind the plane");
    }
    free(tile);
}

START_TEST(unpack_is_the_plain_loop)
{
    each_case(40, check_unpack);
}
END_TEST

static void check_pack(struct random *r, enum layout layout, const struct rows *rows, size_t size,
                       const struct block *block)
{
    size_t s = sample_size(rows->sample), n = block->height * block->width;
    unsigned char *run = must_alloc(n * s), *before = must_alloc(size);
    for (unsigned c = 0; c < rows->channels; c++) {
        for (size_t i = 0; i < n * s; i++)
            run[i] = (unsigned char)random_bits(r);
        memcpy(before, rows->data, size);
        rows_pack(rows, block, c, run);
        struct rows want = *rows;
        want.data = before;
        for (size_t i = 0; i < n; i++)
            memcpy(at(&want, c, block->y + i / block->width, block->x + i % block->width), run + i * s, s);
        REQUIRE(memcmp(before, rows->data, size) == 0, "layout %d, channel %u of %u", (int)layout, c, rows->channels);
    }
    free(run);
    free(before);
}

START_TEST(pack_is_the_plain_loop)
{
    each_case(41, check_pack);
}
END_TEST

/* The same samples without moving them, where they are one run of floats already; otherwise copies. */
static void check_unpack_channel(struct random *r, enum layout layout, const struct rows *rows, size_t size,
                                 const struct block *block)
{
    size_t n = block->height * block->width;
    float *run = must_alloc((n + 1) * sizeof *run);
    bool gapless = block->height == 1 || (layout == PLANAR && block->width == rows->width) ||
                   (layout == INTERLEAVED && block->width == rows->width && rows->channels == 1);
    bool adjoin = layout == PLANAR || layout == PLANAR_PADDED || rows->channels == 1;
    (void)r;
    (void)size;
    for (unsigned c = 0; c < rows->channels; c++) {
        fill(run, n + 1, -1e6f);
        const float *got = rows_unpack_channel(rows, block, c, run);
        bool direct = rows->sample == SAMPLE_F32 && gapless && adjoin;
        REQUIRE(got == (direct ? (const void *)at(rows, c, block->y, block->x) : run), "layout %d, %u channels: direct %d",
                (int)layout, rows->channels, direct);
        for (size_t i = 0; i < n; i++) {
            float want = (float)value_at(rows, c, block->y + i / block->width, block->x + i % block->width);
            REQUIRE(got[i] == want, "layout %d, sample %zu of channel %u: %g, not %g", (int)layout, i, c, (double)got[i],
                    (double)want);
        }
        REQUIRE(run[n] == -1e6f && (!direct || run[0] == -1e6f), "written where it need not be");
    }
    free(run);
}

START_TEST(unpacking_a_channel_is_the_plain_loop)
{
    each_case(44, check_unpack_channel);
}
END_TEST

/* From the first channel of the band to the last one of a band of another layout. */
static void check_copy(struct random *r, enum layout layout, const struct rows *rows, size_t size,
                       const struct block *block)
{
    (void)size;
    for (int other = 0; other < LAYOUTS; other++) {
        size_t room;
        unsigned channels = 1 + (unsigned)random_below(r, MOST), from = (unsigned)random_below(r, rows->channels);
        struct rows to = make_rows(r, (enum layout)other, rows->sample, channels, rows->width, rows->height, &room);
        struct rows want = to;
        want.data = must_alloc(room);
        memcpy(want.data, to.data, room);
        rows_copy(rows, from, block, &to, channels - 1);
        for (size_t y = block->y; y < block->y + block->height; y++)
            for (size_t x = block->x; x < block->x + block->width; x++)
                memcpy(at(&want, channels - 1, y, x), at(rows, from, y, x), sample_size(rows->sample));
        REQUIRE(memcmp(want.data, to.data, room) == 0, "from layout %d to %d", (int)layout, other);
        free(to.data);
        free(want.data);
    }
}

START_TEST(copy_is_the_plain_loop)
{
    each_case(42, check_copy);
}
END_TEST

/* Every channel of out from one of in, through a table of its own. */
static void check_map(struct random *r, const struct rows *in, const struct rows *out, size_t room)
{
    size_t s = sample_size(out->sample);
    unsigned char *table = must_alloc(256 * s);
    struct rows want = *out;
    want.data = must_alloc(room);
    memcpy(want.data, out->data, room);
    for (unsigned c = 0; c < out->channels; c++) {
        unsigned from = (unsigned)random_below(r, in->channels);
        for (size_t i = 0; i < 256 * s; i++)
            table[i] = (unsigned char)random_bits(r);
        rows_map(in, from, table, out, c);
        for (size_t y = 0; y < in->height; y++)
            for (size_t x = 0; x < in->width; x++)
                memcpy(at(&want, c, y, x), table + *at(in, from, y, x) * s, s);
        REQUIRE(memcmp(want.data, out->data, room) == 0, "channel %u of %zu bytes <- %u of %u", c, s, from, in->channels);
    }
    free(table);
    free(want.data);
}

/* From every layout to every other; padding is left as it was. */
START_TEST(map_is_the_plain_loop)
{
    struct random r = {43};
    for (unsigned channels = 1; channels <= MOST; channels++)
        for (size_t k = 0; k < 3; k++)
            for (int layout = 0; layout < LAYOUTS * LAYOUTS; layout++) {
                size_t size, room;
                enum layout from = (enum layout)(layout / LAYOUTS), to = (enum layout)(layout % LAYOUTS);
                unsigned outputs = 1 + (unsigned)random_below(&r, MOST);
                struct rows in = make_rows(&r, from, SAMPLE_U8, channels, WIDTH, HEIGHT, &size);
                struct rows out = make_rows(&r, to, kinds[k], outputs, WIDTH, HEIGHT, &room);
                check_map(&r, &in, &out, room);
                free(in.data);
                free(out.data);
            }
}
END_TEST

START_TEST(map3_is_the_plain_loop)
{
    struct random r = {45};
    uint8_t table[3 * 256];
    for (int layout = 0; layout < 4; layout++) { /* with and without padding on either side */
        size_t size, room;
        struct rows in = make_rows(&r, layout & 1 ? PADDED : INTERLEAVED, SAMPLE_U8, 3, WIDTH, HEIGHT, &size);
        struct rows out = make_rows(&r, layout & 2 ? PADDED : INTERLEAVED, SAMPLE_U8, 3, WIDTH, HEIGHT, &room);
        struct rows want = out;
        want.data = must_alloc(room);
        memcpy(want.data, out.data, room);
        for (size_t i = 0; i < sizeof table; i++)
            table[i] = (uint8_t)random_bits(&r);
        rows_map3(&in, table, &out);
        for (unsigned c = 0; c < 3; c++)
            for (size_t y = 0; y < HEIGHT; y++)
                for (size_t x = 0; x < WIDTH; x++)
                    *at(&want, c, y, x) = table[256 * c + *at(&in, c, y, x)];
        REQUIRE(memcmp(want.data, out.data, room) == 0, "layout %d", layout);
        free(in.data);
        free(out.data);
        free(want.data);
    }
}
END_TEST

START_TEST(every_native_value_survives)
{
    uint16_t *all = must_alloc(65536 * sizeof *all), *back = must_alloc(65536 * sizeof *back);
    float *tile = must_alloc(65536 * sizeof *tile);
    for (size_t i = 0; i < 65536; i++)
        all[i] = (uint16_t)i;
    struct rows rows = rows_interleaved(all, SAMPLE_U16, 1, 256, 256), to = rows_interleaved(back, SAMPLE_U16, 1, 256, 256);
    struct block block = {0, 0, 256, 256};
    rows_unpack(&rows, &block, tile, 65536);
    for (size_t i = 0; i < 65536; i++)
        REQUIRE(tile[i] == (float)i, "%zu became %g", i, (double)tile[i]);
    rows_pack(&to, &block, 0, all);
    ck_assert(memcmp(all, back, 65536 * sizeof *all) == 0);
    free(all);
    free(back);
    free(tile);
}
END_TEST

/* Of wide types doubles hold each sample; floats hold what is nearest. */
START_TEST(wide_samples_are_doubles)
{
    const int32_t signed32[] = {INT32_MIN, -16777217, -1, 0, 16777217, INT32_MAX};
    const uint32_t unsigned32[] = {0, 1, 16777217, 2147483649u, UINT32_MAX - 1, UINT32_MAX};
    const double doubles[] = {1 + 0x1p-52, -0.1, 1e300, 0x1p-1074, INFINITY, NAN};
    const void *data[] = {signed32, unsigned32, doubles};
    const enum sample sample[] = {SAMPLE_I32, SAMPLE_U32, SAMPLE_F64};
    const struct block block = {0, 0, 2, 1};
    for (int k = 0; k < 3; k++) { /* the second column of three */
        struct rows rows = rows_interleaved((void *)(uintptr_t)data[k], sample[k], 1, 3, 2);
        struct block second = block;
        double run[2];
        float narrow[2];
        second.x = 1;
        const double *got = rows_unpack_channel_double(&rows, &second, 0, run);
        const float *rounded = rows_unpack_channel(&rows, &second, 0, narrow);
        for (size_t i = 0; i < 2; i++) {
            double want = value_at(&rows, 0, i, 1);
            ck_assert(got[i] == want && rounded[i] == (float)want);
        }
    }
    struct rows all = rows_interleaved((void *)(uintptr_t)doubles, SAMPLE_F64, 1, 6, 1);
    ck_assert_ptr_eq(rows_unpack_channel_double(&all, &(struct block){0, 2, 1, 3}, 0, NULL), doubles + 2);
}
END_TEST

/* Rows of a picture that is stored from the bottom up. */
START_TEST(rows_may_go_upward)
{
    uint8_t samples[] = {1, 2, 3, 4, 5, 6};
    struct rows rows = rows_interleaved(samples, SAMPLE_U8, 1, 2, 3);
    struct block block = {0, 0, 3, 2};
    const float want[] = {5, 6, 3, 4, 1, 2};
    const uint8_t run[] = {10, 20, 30, 40, 50, 60}, packed[] = {50, 60, 30, 40, 10, 20};
    float tile[6];
    rows.data += 4;
    rows.dy = -2;
    rows_unpack(&rows, &block, tile, 6);
    ck_assert(memcmp(tile, want, sizeof want) == 0);
    rows_pack(&rows, &block, 0, run);
    ck_assert(memcmp(samples, packed, sizeof packed) == 0);
}
END_TEST

START_TEST(sizes_units_and_parts)
{
    unsigned char data[2 * 3 * 5 * 7];
    struct rows rows = rows_interleaved(data, SAMPLE_U16, 3, 5, 7), part = rows_part(&rows, 2, 4);
    ck_assert(sample_size(SAMPLE_U8) == 1 && sample_size(SAMPLE_U16) == 2 && sample_size(SAMPLE_F32) == 4);
    ck_assert(sample_unit(SAMPLE_U8) == 255 && sample_unit(SAMPLE_U16) == 65535 && sample_unit(SAMPLE_F32) == 1);
    ck_assert(sample_unit(SAMPLE_BOOL) == 1 && sample_unit(SAMPLE_I8) == 127 && sample_unit(SAMPLE_I16) == 32767);
    ck_assert(sample_unit(SAMPLE_I32) == 2147483647. && sample_unit(SAMPLE_U32) == 4294967295.);
    ck_assert(rows.dc == 2 && rows.dx == 6 && rows.dy == 30 && rows.data == data);
    ck_assert(rows.width == 5 && rows.height == 7 && rows.channels == 3 && rows.sample == SAMPLE_U16);
    ck_assert(part.data == data + 60 && part.height == 4 && part.width == 5 && part.dy == 30 && part.dx == 6);
}
END_TEST

/* A part of planes keeps the distance of the whole ones. */
START_TEST(planes_lie_one_behind_the_other)
{
    unsigned char data[2 * 3 * 5 * 7];
    struct rows rows = rows_planar(data, SAMPLE_U16, 3, 5, 7), part = rows_part(&rows, 2, 4);
    ck_assert(rows.dx == 2 && rows.dy == 10 && rows.dc == 70 && rows.data == data);
    ck_assert(rows.width == 5 && rows.height == 7 && rows.channels == 3 && rows.sample == SAMPLE_U16);
    ck_assert(part.data == data + 20 && part.height == 4 && part.dc == 70 && part.dy == 10 && part.dx == 2);
    ck_assert_ptr_eq(at(&rows, 2, 6, 4) + 2, data + sizeof data);
}
END_TEST

SUITE(rows)
{
    TCase *rows = tcase_create("rows");

    tcase_add_test(rows, unpack_is_the_plain_loop);
    tcase_add_test(rows, pack_is_the_plain_loop);
    tcase_add_test(rows, copy_is_the_plain_loop);
    tcase_add_test(rows, map_is_the_plain_loop);
    tcase_add_test(rows, map3_is_the_plain_loop);
    tcase_add_test(rows, unpacking_a_channel_is_the_plain_loop);
    tcase_add_test(rows, every_native_value_survives);
    tcase_add_test(rows, wide_samples_are_doubles);
    tcase_add_test(rows, rows_may_go_upward);
    tcase_add_test(rows, sizes_units_and_parts);
    tcase_add_test(rows, planes_lie_one_behind_the_other);
    suite_add_tcase(suite, rows);
}
