/* Bands of an output that stay while the next are mapped: the same samples, and none changes too soon. */
#include "in_memory.h"

#include <stdlib.h>
#include <string.h>

/* A copy of each band is kept, and compared with the band itself as long as that has to stay. */
struct late_sink {
    struct picture_sink base;
    const struct picture *picture;
    struct rows band[1000];
    unsigned char *copy[1000];
    size_t n, y;
    struct image out;
};

static bool begin_late(struct picture_sink *sink, const struct picture_info *info, struct why *why)
{
    struct late_sink *s = (struct late_sink *)sink;
    (void)why;
    s->out = (struct image){.info = *info, .samples = must_alloc(image_bytes(info))};
    return true;
}

/* Samples of a tight band adjoin, whether it is planar or not. */
static size_t band_bytes(const struct rows *rows)
{
    return rows->width * rows->height * rows->channels * sample_size(rows->sample);
}

static bool write_late(struct picture_sink *sink, const struct rows *rows, struct why *why)
{
    struct late_sink *s = (struct late_sink *)sink;
    const struct block all = {0, 0, rows->height, rows->width};
    struct rows out = image_rows(&s->out, s->y, rows->height);
    (void)why;
    for (unsigned c = 0; c < rows->channels; c++)
        rows_copy(rows, c, &all, &out, c);
    s->y += rows->height;
    REQUIRE(s->n < 1000, "too many bands");
    s->band[s->n] = *rows;
    s->copy[s->n] = must_alloc(band_bytes(rows));
    memcpy(s->copy[s->n++], rows->data, band_bytes(rows));
    for (size_t k = 0; k <= picture_lag(s->picture) && k < s->n; k++) {
        const struct rows *band = &s->band[s->n - 1 - k];
        REQUIRE(memcmp(band->data, s->copy[s->n - 1 - k], band_bytes(band)) == 0, "a band was overwritten");
    }
    return true;
}

/* *lag <- how many bands stay. */
static struct image map_late(const struct image *in, const struct request *request, size_t band, bool lags, unsigned *lag)
{
    static struct late_sink sink;
    struct picture work = {0};
    struct memory_picture rows;
    struct output_format format = {0};
    struct map page = {0};
    struct result result = {0};
    struct given from = {0};
    struct why why = {""};
    struct rows all = image_rows(in, 0, in->info.height);
    memory_picture_open(&rows, &in->info, &all);
    rows.base.band = band;
    struct picture_task task = {.request = request, .format = &format, .rows = &rows.base, .lags = lags, .page = &page};
    sink = (struct late_sink){.base = {begin_late, write_late}, .picture = &work};
    ck_assert_msg(picture_begin(&work, &task, &why), "%s", why.text);
    *lag = picture_lag(&work);
    ck_assert_msg(picture_measure(&work, &result, &why) && picture_map(&work, &from, &sink.base, &result, &why), "%s",
                  why.text);
    for (size_t i = 0; i < sink.n; i++)
        free(sink.copy[i]);
    result_free(&result);
    map_free(&page);
    picture_free(&work);
    return sink.out;
}

static void require_late(const struct recipe *recipe, bool planar, double strength, unsigned least, unsigned most)
{
    struct request request = request_default();
    struct image in = make_noise(recipe);
    unsigned none, lag;
    in.info.planar = planar;
    request.strength = strength;
    size_t band = instnorm_block_rows(recipe->width);
    struct image at_once = map_late(&in, &request, band, false, &none);
    struct image late = map_late(&in, &request, band, true, &lag);
    ck_assert_uint_eq(none, 0);
    ck_assert_uint_ge(lag, least);
    ck_assert_uint_le(lag, most);
    require_same_image(&late, &at_once, "late");
    free(in.samples);
    free(at_once.samples);
    free(late.samples);
}

START_TEST(bands_stay)
{
    const struct recipe small = {301, 977, 3, SAMPLE_U8, ALPHA_NONE, .seed = 1};
    const struct recipe alpha = {97, 1411, 4, SAMPLE_U16, ALPHA_STRAIGHT, .seed = 2};
    for (int planar = 0; planar < 2; planar++)
        for (int strength = 0; strength < 2; strength++) { /* 0: rows are passed on as they are */
            require_late(&small, planar, strength, PICTURE_LAG_MAX, PICTURE_LAG_MAX);
            require_late(&alpha, planar, strength, 30, PICTURE_LAG_MAX);
        }
}
END_TEST

/* A row of 1 MiB and more: fewer stay. Of one band, or of bands that are too large, none does. */
START_TEST(fewer_of_large_ones)
{
    const struct recipe wide = {400000, 9, 3, SAMPLE_U8, ALPHA_NONE, .seed = 3};
    const struct recipe wider = {2700000, 3, 3, SAMPLE_U8, ALPHA_NONE, .seed = 4};
    const struct recipe widest = {2800000, 3, 3, SAMPLE_U8, ALPHA_NONE, .seed = 4};
    const struct recipe one = {64, 64, 3, SAMPLE_U8, ALPHA_NONE, .seed = 5};
    require_late(&wide, false, 1, 5, 5);
    require_late(&wider, false, 1, 1, 1);
    require_late(&widest, false, 1, 0, 0);
    require_late(&one, false, 1, 0, 0);
}
END_TEST

SUITE(lag)
{
    TCase *tcase = tcase_create("lag");
    tcase_add_test(tcase, bands_stay);
    tcase_add_test(tcase, fewer_of_large_ones);
    suite_add_tcase(suite, tcase);
}
