/* Exact sums of samples, and of products of the channels of a pixel, against plain loops in double, which are exact too. */
#include "base/sums.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

enum { MOST = 5, PAIRS = MOST * (MOST - 1) / 2 };

/* What is added up by definition. All numbers are whole and below 2^53. */
struct plain {
    double n, sum[MOST], squares[MOST], products[PAIRS];
    unsigned least[MOST], most[MOST];
};

static unsigned sample_of(const struct rows *rows, unsigned c, size_t y, size_t x)
{
    const unsigned char *at = rows->data + (ptrdiff_t)c * rows->dc + (ptrdiff_t)y * rows->dy + (ptrdiff_t)x * rows->dx;
    uint16_t word;
    memcpy(&word, at, sample_size(rows->sample));
    return rows->sample == SAMPLE_U8 ? *at : word;
}

static void add_pixel(struct plain *p, const unsigned *value, unsigned channels)
{
    for (unsigned c = 0; c < channels; c++) {
        p->sum[c] += value[c];
        p->squares[c] += (double)value[c] * value[c];
        p->least[c] = p->n == 0 || value[c] < p->least[c] ? value[c] : p->least[c];
        p->most[c] = p->n == 0 || value[c] > p->most[c] ? value[c] : p->most[c];
        for (unsigned b = 0; b < c; b++)
            p->products[sums_pair(b, c)] += (double)value[b] * value[c];
    }
    p->n++;
}

static void add_plain(struct plain *p, const struct rows *rows, unsigned channels)
{
    for (size_t y = 0; y < rows->height; y++)
        for (size_t x = 0; x < rows->width; x++) {
            unsigned value[MOST];
            for (unsigned c = 0; c < channels; c++)
                value[c] = sample_of(rows, c, y, x);
            add_pixel(p, value, channels);
        }
}

static void require_same(const struct sums *sums, const struct wide *products, const struct plain *want, unsigned channels)
{
    for (unsigned c = 0; c < channels; c++) {
        ck_assert((double)sums[c].n == want->n);
        ck_assert(sums[c].sum.high == 0 && (double)sums[c].sum.low == want->sum[c]);
        ck_assert(sums[c].squares.high == 0 && (double)sums[c].squares.low == want->squares[c]);
        ck_assert_uint_eq(sums[c].least, want->least[c]);
        ck_assert_uint_eq(sums[c].most, want->most[c]);
        for (unsigned b = 0; products && b < c; b++)
            ck_assert(products[sums_pair(b, c)].high == 0 &&
                      (double)products[sums_pair(b, c)].low == want->products[sums_pair(b, c)]);
    }
}

static struct rows make(struct random *r, unsigned layout, enum sample sample, unsigned channels, size_t width,
                        size_t height, size_t pad)
{
    size_t s = sample_size(sample), size = (height * (width * channels + pad) + channels * height * pad) * s;
    unsigned char *data = must_alloc(size); /* to the byte, so that a sanitizer sees what is read beyond */
    for (size_t i = 0; i < size; i++)
        data[i] = (unsigned char)random_bits(r);
    struct rows rows = rows_tight(layout == 1, data, sample, channels, width, height);
    if (layout == 0)
        rows.dy += (ptrdiff_t)(pad * s);
    return rows;
}

/* Rows that are added to others: interleaved, padded or in planes; all channels, and all but the last. */
START_TEST(sums_are_those_of_a_plain_loop)
{
    static const size_t width[] = {1, 2, 15, 16, 17, 50, 1000}, height[] = {1, 3};
    struct random r = {(uint64_t)_i};
    unsigned in = 1 + (unsigned)_i % MOST, layout = (unsigned)_i / MOST % 2;
    enum sample sample = _i / MOST / 2 % 2 ? SAMPLE_U16 : SAMPLE_U8;
    for (unsigned channels = in > 1 ? in - 1 : 1; channels <= in; channels++)
        for (size_t pad = 0; pad < 4; pad += 3) {
            struct sums sums[MOST] = {{0}}, alone[MOST] = {{0}};
            struct wide products[PAIRS] = {{0}}, products_alone[PAIRS] = {{0}};
            struct plain want = {0};
            for (size_t i = 0; i < 7 * 2; i++) {
                struct rows rows = make(&r, layout, sample, in, width[i / 2], height[i % 2], pad);
                sums_add(&rows, channels, sums, products);
                sums_add(&rows, channels, alone, NULL);
                sums_add(&rows, channels, NULL, products_alone);
                add_plain(&want, &rows, channels);
                free(rows.data);
            }
            require_same(sums, products, &want, channels);
            require_same(alone, NULL, &want, channels);
            require_same(sums, products_alone, &want, channels);
        }
}
END_TEST

/* Some pixels of runs. */
START_TEST(sums_are_of_pixels_that_count)
{
    struct random r = {7};
    for (size_t n = 0; n < 200; n += 7) {
        uint32_t x[2][200];
        float weight[200];
        struct sums sums[2] = {{0}};
        struct wide products = {0};
        struct plain want = {0};
        for (size_t i = 0; i < n; i++) {
            unsigned value[] = {(unsigned)random_below(&r, 65536), (unsigned)random_below(&r, 256)};
            x[0][i] = value[0], x[1][i] = value[1];
            weight[i] = random_below(&r, 2) ? 255 : 0;
            if (weight[i] > 0)
                add_pixel(&want, value, 2);
        }
        for (unsigned c = 0; c < 2; c++)
            sums_add_where(x[c], weight, n, &sums[c]);
        sums_multiply_where(x[0], x[1], weight, n, &products);
        if (want.n > 0)
            require_same(sums, &products, &want, 2);
        struct sums all = {0};
        sums_add_where(x[0], NULL, n, &all);
        ck_assert_uint_eq(all.n, n);
    }
}
END_TEST

START_TEST(sums_follow_from_how_often_each_byte_comes)
{
    struct random r = {(uint64_t)_i};
    struct rows rows = make(&r, 0, SAMPLE_U8, 3, 1 + (size_t)_i * 37, 5, 2);
    uint64_t count[3][256] = {{0}};
    struct sums sums[3] = {{0}}, follow[3];
    struct plain want = {0};
    for (int i = 0; i < 2; i++) {
        sums_add(&rows, 3, sums, NULL);
        rows_count(&rows, 3, count);
        add_plain(&want, &rows, 3);
    }
    for (unsigned c = 0; c < 3; c++)
        follow[c] = sums_of_counts(count[c]);
    require_same(follow, NULL, &want, 3);
    require_same(sums, NULL, &want, 3);
    const uint64_t none[256] = {0};
    ck_assert_uint_eq(sums_of_counts(none).n, 0);
    free(rows.data);
}
END_TEST

/* More than 32 bits hold of the squares of one lane, and than 64 of the squares of all; in short rows with a gap too. */
START_TEST(long_sums_do_not_overflow)
{
    enum { N = 48 * 70000 };
    unsigned char *bytes = must_alloc(N);
    memset(bytes, 255, N);
    for (int planes = 0; planes < 2; planes++) {
        const struct rows rows = rows_tight(planes, bytes, SAMPLE_U8, 3, N / 3, 1);
        struct sums sums[3] = {{0}};
        struct wide products[3] = {{0}};
        sums_add(&rows, 3, sums, products);
        for (unsigned c = 0; c < 3; c++) {
            ck_assert(sums[c].n == N / 3 && sums[c].sum.low == 255ull * N / 3 && sums[c].squares.low == 65025ull * N / 3);
            ck_assert(products[c].low == 65025ull * N / 3);
        }
    }
    struct rows apart = rows_interleaved(bytes, SAMPLE_U8, 3, 70, N / 211);
    struct sums sums[3] = {{0}};
    apart.dy++;
    sums_add(&apart, 3, sums, NULL);
    for (unsigned c = 0; c < 3; c++)
        ck_assert(sums[c].sum.low == 255ull * 70 * (N / 211) && sums[c].squares.low == 65025ull * 70 * (N / 211));
    struct wide wide = {0, UINT64_MAX};
    wide_add(&wide, (struct wide){1, 2});
    ck_assert(wide.high == 2 && wide.low == 1);
    free(bytes);
}
END_TEST

SUITE(sums)
{
    TCase *tcase = tcase_create("sums");
    tcase_add_loop_test(tcase, sums_are_those_of_a_plain_loop, 0, MOST * 2 * 2);
    tcase_add_test(tcase, sums_are_of_pixels_that_count);
    tcase_add_loop_test(tcase, sums_follow_from_how_often_each_byte_comes, 0, 20);
    tcase_add_test(tcase, long_sums_do_not_overflow);
    suite_add_tcase(suite, tcase);
}
