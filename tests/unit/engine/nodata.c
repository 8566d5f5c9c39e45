/* Pixels that stand for no data: left out of what is measured, kept, and met by no sample that is mapped. */
#include "engine/nodata.h"
#include "in_memory.h"

#include <stdlib.h>
#include <string.h>

enum { W = 61, H = 70, N = W * H };

static const struct {
    enum sample sample, to;
    unsigned channels;
    double nodata;
    bool held;
} cases[] = {{SAMPLE_U8, SAMPLE_U8, 1, 0, true},
             {SAMPLE_U8, SAMPLE_U8, 3, 255, true},
             {SAMPLE_U8, SAMPLE_F32, 3, 255, true},
             {SAMPLE_I16, SAMPLE_I16, 3, -32768, true},
             {SAMPLE_I16, SAMPLE_U8, 1, -9999, false},
             {SAMPLE_F32, SAMPLE_F32, 1, -9999, true},
             {SAMPLE_F64, SAMPLE_F64, 3, 0.1, true},
             {SAMPLE_F64, SAMPLE_F32, 1, 0.1, false},
             {SAMPLE_U32, SAMPLE_U32, 1, UINT32_MAX, true},
             {SAMPLE_F16, SAMPLE_F16, 1, -2, true},
             {SAMPLE_F32, SAMPLE_F32, 3, NAN, true},
             {SAMPLE_F32, SAMPLE_U16, 1, NAN, false}};

static bool is_empty(size_t i)
{
    return i % 7 == 3;
}

static bool is(double x, double value)
{
    return x == value || (isnan(x) && isnan(value));
}

/* Noise, with pixels of no data, and with pixels whose first channel alone is of that value. */
static struct image make_holes(enum sample sample, unsigned channels, double nodata)
{
    struct recipe recipe = {W, H, channels, sample, ALPHA_NONE, .seed = 3};
    struct image image = make_noise(&recipe);
    image.info.has_nodata = true;
    image.info.nodata = nodata;
    for (size_t i = 0; i < N; i++)
        for (unsigned c = 0; c < channels; c++)
            if (is_empty(i) || (channels > 1 && c == 0 && i % 11 == 0 && !isnan(nodata)))
                image_set(&image, i, c, nodata);
            else if (image_sample(&image, i, c) == nodata)
                image_set(&image, i, c, sample_beside(nodata, sample));
    return image;
}

/* A map that takes some samples beyond the ends of the range, so that some would become the value. */
static struct made make(const struct image *in, enum sample to, struct item items[4])
{
    struct asked asked = {.in = in, .request = request_default(), .bands = 1};
    items[0] = items[2] = (struct item){.value = 0.5};
    items[1] = (struct item){.value = 1};
    items[3] = (struct item){.value = 4};
    asked.request.mean = (struct list){1, &items[0]};
    asked.request.std = (struct list){1, &items[1]};
    asked.request.given = true;
    asked.request.eps = 0;
    asked.request.beta = (struct list){1, &items[2]};
    asked.request.gamma = (struct list){1, &items[3]};
    asked.request.depth = to;
    return engine_make(&asked);
}

START_TEST(holes_are_kept)
{
    double v = cases[_i].nodata;
    struct item items[4];
    struct image in = make_holes(cases[_i].sample, cases[_i].channels, v);
    struct made with = make(&in, cases[_i].to, items);
    in.info.has_nodata = false;
    struct made without = make(&in, cases[_i].to, items);
    size_t stepped = 0;
    ck_assert_msg(with.ok && without.ok, "%s%s", with.why.text, without.why.text);
    for (size_t i = 0; i < N; i++)
        for (unsigned c = 0; c < cases[_i].channels; c++) {
            double got = image_sample(&with.out, i, c), plain = image_sample(&without.out, i, c);
            if (is_empty(i) && cases[_i].held)
                REQUIRE(is(got, v), "%zu: no data became %g", i, got);
            else if (!is_empty(i) && cases[_i].held && is(plain, v))
                REQUIRE(is(got, sample_beside(v, cases[_i].to)), "%zu: %g", i, got);
            else if (!is_empty(i))
                REQUIRE(is(got, plain), "%zu: %g, not %g", i, got, plain);
            stepped += !is_empty(i) && !is(got, plain);
        }
    ck_assert(stepped > 0 || !cases[_i].held || sample_is_float(cases[_i].to));
    bool noted = false;
    for (size_t i = 0; i < with.result.notes.n; i++)
        noted |= strstr(with.result.notes.item[i].text, "stands for no data") != NULL;
    ck_assert(noted == !cases[_i].held);
    made_free(&with);
    made_free(&without);
    free(in.samples);
}
END_TEST

/* Each pixel without data counts with nothing, one with the value in some channels alone as any other. */
START_TEST(holes_are_not_measured)
{
    struct image in = make_holes(cases[_i].sample, cases[_i].channels, cases[_i].nodata);
    struct asked asked = {.in = &in, .request = request_default(), .bands = 1};
    struct made made = engine_make(&asked);
    ck_assert_msg(made.ok, "%s", made.why.text);
    for (unsigned c = 0; c < cases[_i].channels; c++) {
        long double n = 0, sum = 0, squares = 0;
        for (size_t i = 0; i < N; i++)
            if (!is_empty(i)) {
                n++;
                sum += image_sample(&in, i, c);
            }
        for (size_t i = 0; i < N; i++)
            if (!is_empty(i))
                squares += (image_sample(&in, i, c) - sum / n) * (image_sample(&in, i, c) - sum / n);
        const struct instnorm_moments *m = &made.result.channel[c].moments;
        REQUIRE_CLOSE(m->weight, n, 0);
        REQUIRE_CLOSE(m->mean, sum / n, 1e-12L * (1 + fabsl(sum / n)));
        REQUIRE_CLOSE(m->m2, squares, 1e-12L * squares);
    }
    made_free(&made);
    free(in.samples);
}
END_TEST

/* What integers cut off of pixels without data is not counted, whether they hold the value or not. */
START_TEST(holes_do_not_clip)
{
    struct image in = make_holes(SAMPLE_F32, 1, -9999);
    for (enum sample to = SAMPLE_U8; to <= SAMPLE_I16; to++) {
        struct asked asked = {.in = &in, .request = request_default(), .bands = 1};
        asked.request.channels = "none";
        asked.request.depth = to;
        asked.request.count_clipped = true;
        struct made made = engine_make(&asked);
        ck_assert_msg(made.ok, "%s", made.why.text);
        const struct instnorm_clip *clip = &made.result.channel[0].clip;
        ck_assert(to == SAMPLE_F32 || (clip->low == 0 && clip->high == 0 && made.result.pixels == N - N / 7));
        made_free(&made);
    }
    free(in.samples);
}
END_TEST

START_TEST(nothing_but_holes)
{
    struct recipe recipe = {5, 4, 3, SAMPLE_U8, ALPHA_NONE, .seed = 1};
    struct image in = make_noise(&recipe);
    struct asked asked = {.in = &in, .request = request_default()};
    memset(in.samples, 7, 60);
    in.info.has_nodata = true;
    in.info.nodata = 7;
    struct made made = engine_make(&asked);
    ck_assert_msg(made.ok && strstr(made.result.nothing.text, "no data"), "%s%s", made.why.text, made.result.nothing.text);
    require_same_image(&made.out, &in, "passed on");
    made_free(&made);
    free(in.samples);
}
END_TEST

START_TEST(neighbours_are_on_the_way_to_0)
{
    ck_assert(sample_beside(0, SAMPLE_U8) == 1 && sample_beside(255, SAMPLE_U8) == 254);
    ck_assert(sample_beside(-32768, SAMPLE_I16) == -32767 && sample_beside(UINT32_MAX, SAMPLE_U32) == UINT32_MAX - 1.);
    ck_assert(sample_beside(1, SAMPLE_F32) == 1 - 0x1p-24 && sample_beside(-1, SAMPLE_F64) == -1 + 0x1p-53);
    ck_assert(sample_beside(0, SAMPLE_F32) == 0x1p-149 && sample_beside(0, SAMPLE_F64) == 0x1p-1074);
    ck_assert(sample_beside(0, SAMPLE_F16) == 0x1p-24 && sample_beside(-2, SAMPLE_F16) == -2 + 0x1p-10);
}
END_TEST

SUITE(nodata)
{
    TCase *nodata = tcase_create("nodata");
    ADD_EACH(nodata, holes_are_kept, cases);
    ADD_EACH(nodata, holes_are_not_measured, cases);
    tcase_add_test(nodata, holes_do_not_clip);
    tcase_add_test(nodata, nothing_but_holes);
    tcase_add_test(nodata, neighbours_are_on_the_way_to_0);
    suite_add_tcase(suite, nodata);
}
