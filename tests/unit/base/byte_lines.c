/* Tables of bytes that are lines: found by their entries alone, and mapped as a loop that looks up maps. */
#include "base/byte_lines.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

/* What x * scale + shift is as a byte, rounded half to even. */
static void make_table(double scale, double shift, uint8_t table[256])
{
    for (int x = 0; x < 256; x++) {
        double y = nearbyint(x * scale + shift);
        table[x] = (uint8_t)(y > 0 ? (y < 255 ? y : 255) : 0);
    }
}

/* By the words of struct byte_line. */
static uint8_t entry(const struct byte_line *line, unsigned x)
{
    uint8_t between = (uint8_t)((uint64_t)((uint64_t)x * line->slope + line->shift) >> 16);
    return x < line->least ? line->first : x > line->most ? line->last : between;
}

static bool is_found(const uint8_t table[256])
{
    struct byte_line line;
    if (!byte_line_find(table, &line))
        return false;
    for (unsigned x = 0; x < 256; x++)
        REQUIRE(entry(&line, x) == table[x], "%u becomes %u, not %u", x, entry(&line, x), table[x]);
    return true;
}

/* Rising and falling, flat and steep, and such that all or nothing is cut off. */
START_TEST(maps_are_lines)
{
    enum { N = 5000 };
    struct random r = {71};
    unsigned found = 0;
    uint8_t table[256];
    for (int i = 0; i < N; i++) {
        double size = exp(6 * random_unit(&r) - 4), sign = random_below(&r, 4) ? 1 : -1;
        make_table(sign * size, 255 * random_unit(&r) - sign * size * 255 * random_unit(&r), table);
        found += is_found(table);
    }
    ck_assert_uint_ge(found, N - N / 1000);
}
END_TEST

START_TEST(plain_maps_are_lines)
{
    static const double maps[][2] = {{1, 0},   {-1, 255}, {0, 0},    {0, 127}, {0, 255},  {1, 300},      {1, -300},
                                     {255, 0}, {1, 17},   {1, -250}, {2, 0},   {1e6, -1}, {-1e6, 100e6}, {1e300, 0}};
    uint8_t table[256];
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++) {
        make_table(maps[i][0], maps[i][1], table);
        REQUIRE(is_found(table), "x * %g + %g", maps[i][0], maps[i][1]);
    }
}
END_TEST

/* A root, noise, one entry that is elsewhere, and halves that are rounded up and down in turns. */
START_TEST(what_is_no_line_is_not_found)
{
    struct random r = {72};
    uint8_t table[256];
    for (int x = 0; x < 256; x++)
        table[x] = (uint8_t)(sqrt(x / 255.0) * 255);
    ck_assert(!is_found(table));
    for (int x = 0; x < 256; x++)
        table[x] = (uint8_t)random_bits(&r);
    ck_assert(!is_found(table));
    for (int x = 3; x < 253; x++) { /* at the ends there may be a jump to what is first or last */
        make_table(1, 0, table);
        table[x]++;
        table[x - 1]--;
        ck_assert(!is_found(table));
    }
    make_table(0.5, 0, table);
    ck_assert(!is_found(table));
}
END_TEST

enum { MOST = 6 };

/* Random bytes; in planes, or with bytes between the rows. */
static struct rows make_rows(struct random *r, bool planar, size_t pad, unsigned channels, size_t width, size_t height,
                             size_t *size)
{
    struct rows rows = rows_tight(planar, NULL, SAMPLE_U8, channels, width, height);
    rows.dy += (ptrdiff_t)pad;
    rows.dc = planar ? rows.dy * (ptrdiff_t)height : 1;
    *size = (width * channels + pad * (planar ? channels : 1)) * height;
    rows.data = must_alloc(*size); /* to the byte, so that a sanitizer sees what is beyond */
    for (size_t i = 0; i < *size; i++)
        rows.data[i] = (unsigned char)random_bits(r);
    return rows;
}

static void check_map(const struct rows *in, const struct rows *out, size_t room, const uint8_t table[][256],
                      const struct byte_line *line, bool fits)
{
    unsigned char *want = must_alloc(room);
    memcpy(want, out->data, room);
    for (unsigned c = 0; fits && c < in->channels; c++)
        for (size_t y = 0; y < in->height; y++)
            for (size_t x = 0; x < in->width; x++)
                want[(ptrdiff_t)c * out->dc + (ptrdiff_t)y * out->dy + (ptrdiff_t)x * out->dx] =
                    table[c][in->data[(ptrdiff_t)c * in->dc + (ptrdiff_t)y * in->dy + (ptrdiff_t)x * in->dx]];
    ck_assert(byte_lines_map(in, line, out) == fits);
    REQUIRE(memcmp(want, out->data, room) == 0, "%u channels, %zu x %zu", in->channels, in->width, in->height);
    free(want);
}

/* Padding is left as it was, and so is all where rows do not fit. */
START_TEST(lines_are_mapped_as_by_tables)
{
    static const size_t width[] = {1, 31, 64, 65, 192, 250}, height[] = {1, 3, 7};
    unsigned channels = 1 + (unsigned)_i;
    struct random r = {(uint64_t)(80 + _i)};
    uint8_t table[MOST][256];
    struct byte_line line[MOST];
    for (int k = 0; k < 6 * 3 * 16; k++) {
        size_t size, room, w = width[k % 6], h = height[k / 6 % 3];
        bool from_planes = k / 18 & 1, to_planes = k / 18 & 2,
             fits = from_planes == to_planes && (from_planes || channels <= 4);
        for (unsigned c = 0; c < channels; c++) {
            double scale = 4 * random_unit(&r) - 1;
            make_table(scale, 127.1 - scale * 255 * random_unit(&r), table[c]);
            ck_assert(byte_line_find(table[c], &line[c]));
        }
        struct rows in = make_rows(&r, from_planes, k / 18 & 4 ? 5 : 0, channels, w, h, &size);
        struct rows out = make_rows(&r, to_planes, k / 18 & 8 ? 3 : 0, channels, w, h, &room);
        check_map(&in, &out, room, (const uint8_t(*)[256])table, line, fits || channels == 1);
        free(in.data);
        free(out.data);
    }
}
END_TEST

SUITE(byte_lines)
{
    TCase *tcase = tcase_create("byte_lines");
    tcase_add_test(tcase, maps_are_lines);
    tcase_add_test(tcase, plain_maps_are_lines);
    tcase_add_test(tcase, what_is_no_line_is_not_found);
    tcase_add_loop_test(tcase, lines_are_mapped_as_by_tables, 0, MOST);
    suite_add_tcase(suite, tcase);
}
