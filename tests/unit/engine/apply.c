/* What integers cut off, noise, and pages that go with others. */
#include "in_memory.h"

#include <stdlib.h>
#include <string.h>

enum { W = 91, H = 120, N = W * H };

/* Each sample is taken as it is and mapped by y = gamma (x - 0.5) + beta. */
struct steep {
    struct item mean, std, gamma, beta;
};

static void ask_for(struct asked *asked, struct steep *s, double gamma, double beta)
{
    *s = (struct steep){{.value = 0.5}, {.value = 1}, {.value = gamma}, {.value = beta}};
    asked->request.given = true;
    asked->request.eps = 0;
    asked->request.mean = (struct list){1, &s->mean};
    asked->request.std = (struct list){1, &s->std};
    asked->request.gamma = (struct list){1, &s->gamma};
    asked->request.beta = (struct list){1, &s->beta};
}

/* ---- what clips ---------------------------------------------------------------------------------------------------- */

static const struct {
    enum sample from, to;
    enum alpha alpha;
} types[] = {{SAMPLE_U8, SAMPLE_U8, ALPHA_NONE},      {SAMPLE_U8, SAMPLE_U16, ALPHA_STRAIGHT},
             {SAMPLE_U16, SAMPLE_U8, ALPHA_STRAIGHT}, {SAMPLE_U16, SAMPLE_U16, ALPHA_NONE},
             {SAMPLE_F32, SAMPLE_U8, ALPHA_NONE},     {SAMPLE_F32, SAMPLE_U16, ALPHA_STRAIGHT},
             {SAMPLE_F32, SAMPLE_I8, ALPHA_NONE},     {SAMPLE_I16, SAMPLE_U8, ALPHA_STRAIGHT},
             {SAMPLE_I16, SAMPLE_I16, ALPHA_NONE},    {SAMPLE_U32, SAMPLE_I32, ALPHA_STRAIGHT},
             {SAMPLE_F64, SAMPLE_I16, ALPHA_NONE},    {SAMPLE_I32, SAMPLE_U32, ALPHA_NONE},
             {SAMPLE_F64, SAMPLE_BOOL, ALPHA_NONE}};

/* Visible samples whose value falls beyond the ends of the range, once it is rounded. */
START_TEST(clipped_samples_are_counted)
{
    unsigned channels = types[_i].alpha == ALPHA_NONE ? 3 : 4;
    struct recipe recipe = {W, H, channels, types[_i].from, types[_i].alpha, .seed = (uint64_t)_i};
    struct image in = make_noise(&recipe);
    struct asked asked = {.in = &in, .request = request_default(), .bands = 1};
    struct steep steep;
    double least = sample_least(types[_i].to), most = sample_unit(types[_i].to), unit = in.info.unit;
    /* About the middle of the one range becomes that of the other. */
    double middle = sample_least(types[_i].from) < 0 ? -0.2 : 0.4, gamma = 6, beta = gamma * (0.5 - middle);
    beta += least < 0 ? 0 : 0.5;
    ask_for(&asked, &steep, gamma, beta);
    asked.request.depth = types[_i].to;
    asked.request.count_clipped = true;
    struct made made = engine_make(&asked);
    uint64_t pixels = 0;
    ck_assert_msg(made.ok && made.result.integer, "%s", made.why.text);
    for (unsigned c = 0; c < 3; c++) {
        uint64_t low = 0, high = 0;
        for (size_t i = 0; i < N; i++) {
            bool seen = channels == 3 || image_sample(&in, i, 3) > 0;
            double y = nearbyint((gamma * (image_sample(&in, i, c) / unit - 0.5) + beta) * most);
            pixels += seen && c == 0;
            low += seen && y < least;
            high += seen && y > most;
        }
        ck_assert_uint_eq(made.result.channel[c].clip.low, low);
        ck_assert_uint_eq(made.result.channel[c].clip.high, high);
        ck_assert(low > 10 && high > 10);
    }
    ck_assert_uint_eq(made.result.pixels, pixels);
    made_free(&made);
    free(in.samples);
}
END_TEST

/* What a picture that was measured cuts off: nothing that needs to be looked at, an end, or much. */
START_TEST(what_clips_is_known_from_the_extremes)
{
    static const double gamma[] = {0.05, 0.125, 0.2, 0.5};
    for (size_t k = 0; k < sizeof gamma / sizeof *gamma; k++) {
        struct recipe recipe = {W, H, 3, types[_i].from, .seed = (uint64_t)_i + 50};
        struct image in = make_noise(&recipe);
        struct asked asked = {.in = &in, .request = request_default(), .bands = 1};
        struct item spread = {.value = gamma[k]};
        double bottom = sample_least(types[_i].to), most = sample_unit(types[_i].to);
        asked.request.gamma = (struct list){1, &spread};
        asked.request.depth = types[_i].to;
        asked.request.count_clipped = true;
        struct made made = engine_make(&asked);
        ck_assert_msg(made.ok && made.result.integer, "%s", made.why.text);
        ck_assert_uint_eq(made.result.pixels, N);
        for (unsigned c = 0; c < 3; c++) {
            const struct instnorm_clip *clip = &made.result.channel[c].clip;
            double least = INFINITY, greatest = -INFINITY;
            uint64_t low = 0, high = 0;
            for (size_t i = 0; i < N; i++) {
                double y = image_sample(&in, i, c) / in.info.unit;
                map_run(&made.result.map, c, (struct run){NULL, &y}, 1, (struct run_to){NULL, &y});
                least = fmin(least, y * most);
                greatest = fmax(greatest, y * most);
                low += nearbyint(y * most) < bottom;
                high += nearbyint(y * most) > most;
            }
            ck_assert_uint_eq(clip->low, low);
            ck_assert_uint_eq(clip->high, high);
            REQUIRE_CLOSE(clip->min, least, 1e-9 * most);
            REQUIRE_CLOSE(clip->max, greatest, 1e-9 * most);
            ck_assert(k > 0 || low + high == 0);
            ck_assert(k < 3 || low + high > 10);
        }
        made_free(&made);
        free(in.samples);
    }
}
END_TEST

/* So much may be cut off, and not more. */
START_TEST(too_much_is_refused)
{
    struct recipe recipe = {W, H, 1, SAMPLE_U8, ALPHA_NONE, .seed = 1};
    struct image in = make_noise(&recipe);
    struct asked asked = {.in = &in, .request = request_default()};
    struct steep steep;
    double clipped = 0;
    ask_for(&asked, &steep, 4, 0.9);
    for (size_t i = 0; i < N; i++) {
        double y = nearbyint((4 * (image_sample(&in, i, 0) / 255 - 0.5) + 0.9) * 255);
        clipped += (y < 0 || y > 255) * 100.0 / N;
    }
    ck_assert(clipped > 5 && clipped < 95);
    asked.request.count_clipped = true;
    for (int more = 0; more < 2; more++) {
        asked.request.fail_on_clip = clipped + (more ? 1e-3 : -1e-3);
        struct made made = engine_make(&asked);
        ck_assert_msg(made.ok == more, "%g: %s", clipped, made.why.text);
        ck_assert_msg(more || strstr(made.why.text, "--fail-on-clip") != NULL, "%s", made.why.text);
        made_free(&made);
    }
    free(in.samples);
}
END_TEST

/* ---- noise --------------------------------------------------------------------------------------------------------- */

/* Each sample is one of the two that are nearest, the mean stays, and what is a whole number already does not change. */
START_TEST(noise_rounds_to_a_neighbour)
{
    struct recipe recipe = {W, H, 3, SAMPLE_F32, ALPHA_NONE, .seed = 2};
    struct image in = make_noise(&recipe);
    struct asked asked = {.in = &in, .request = request_default(), .bands = 1};
    struct steep steep;
    double error = 0;
    size_t others = 0;
    ask_for(&asked, &steep, 0.5, 0.5);
    asked.request.depth = SAMPLE_U8;
    asked.request.dither = true;
    struct made made = engine_make(&asked);
    ck_assert_msg(made.ok, "%s", made.why.text);
    for (size_t i = 0; i < N; i++)
        for (unsigned c = 0; c < 3; c++) {
            double y = 255 * (0.5 * (image_sample(&in, i, c) - 0.5) + 0.5), got = image_sample(&made.out, i, c);
            double low = floor(y + 1e-4), high = ceil(y - 1e-4);
            REQUIRE(got == low || got == high, "%g became %g", y, got);
            error += (got - y) / (3 * N);
            others += got != rint(y);
        }
    ck_assert_double_lt(fabs(error), 0.01);
    ck_assert_uint_gt(others, N / 4);
    made_free(&made);
    ask_for(&asked, &steep, 1, 0.5);
    for (size_t i = 0; i < 3 * N; i++)
        image_set(&in, i / 3, (unsigned)(i % 3), rint(image_sample(&in, i / 3, (unsigned)(i % 3)) * 255) / 255);
    steep.beta.value += 2 / 255.0;
    made = engine_make(&asked);
    for (size_t i = 0; i < 3 * N; i++) {
        double x = rint(image_sample(&in, i / 3, (unsigned)(i % 3)) * 255) + 2;
        REQUIRE_CLOSE(image_sample(&made.out, i / 3, (unsigned)(i % 3)), fmin(x, 255), 0);
    }
    made_free(&made);
    free(in.samples);
}
END_TEST

/* ---- pages --------------------------------------------------------------------------------------------------------- */

struct pages_sink {
    struct picture_sink base;
    struct image *to;
    size_t y;
};

static bool begin_page(struct picture_sink *sink, const struct picture_info *info, struct why *why)
{
    struct pages_sink *s = (struct pages_sink *)sink;
    (void)why;
    s->y = 0;
    *s->to = (struct image){.info = *info, .samples = must_alloc(image_bytes(info))};
    return true;
}

static bool write_page(struct picture_sink *sink, const struct rows *rows, struct why *why)
{
    struct pages_sink *s = (struct pages_sink *)sink;
    const struct block all = {0, 0, rows->height, rows->width};
    struct rows out = image_rows(s->to, s->y, rows->height);
    (void)why;
    for (unsigned c = 0; c < rows->channels; c++)
        rows_copy(rows, c, &all, &out, c);
    s->y += rows->height;
    return true;
}

/* A smaller copy gets the map of the picture before it, and something else is passed on. */
START_TEST(side_pages)
{
    struct request request = request_default();
    struct output_format format = {0};
    struct picture work = {0};
    struct map page = {0};
    struct result result = {0};
    struct given from = {0};
    struct why why = {""};
    struct image in[3], out[3];
    struct map_member member[MAP_MEMBERS] = {{NULL, 0}};
    for (size_t k = 0; k < 3; k++) {
        struct recipe recipe = {k ? 20 : W, k ? 30 : H, 3, SAMPLE_U16, ALPHA_NONE, .seed = k};
        struct memory_picture rows;
        struct pages_sink sink = {{begin_page, write_page}, &out[k], 0};
        in[k] = make_noise(&recipe);
        in[k].info.role = k == 0 ? PAGE_FULL : k == 1 ? PAGE_REDUCED : PAGE_COPIED;
        struct rows all = image_rows(&in[k], 0, in[k].info.height);
        memory_picture_open(&rows, &in[k].info, &all);
        struct picture_task task = {.request = &request, .format = &format, .rows = &rows.base, .page = &page};
        ck_assert_msg(picture_begin(&work, &task, &why), "%s", why.text);
        ck_assert(picture_is_side_page(&work) == (k > 0));
        bool ok = k > 0 ? picture_map_side(&work, &sink.base, &result, &why)
                        : picture_measure(&work, &result, &why) && picture_map(&work, &from, &sink.base, &result, &why);
        ck_assert_msg(ok, "%s", why.text);
    }
    for (unsigned c = 0; c < 3; c++) {
        map_members(&result.map, c, member);
        for (size_t i = 0; i < 600; i++) {
            double y = 65535 * (image_sample(&in[1], i, c) / 65535 * member[0].value + member[1].value);
            REQUIRE_CLOSE(image_sample(&out[1], i, c), fmin(fmax(y, 0), 65535), 0.51);
        }
    }
    require_same_image(&out[2], &in[2], "passed on");
    for (size_t k = 0; k < 3; k++) {
        free(in[k].samples);
        free(out[k].samples);
    }
    result_free(&result);
    map_free(&page);
    picture_free(&work);
}
END_TEST

START_TEST(another_order_is_refused)
{
    struct recipe recipe = {W, H, 3, SAMPLE_U8, ALPHA_NONE, .seed = 3};
    struct image in = make_noise(&recipe);
    struct request request = request_default();
    struct output_format format = {0};
    struct picture work = {0};
    struct map page = {0};
    struct result result = {0};
    struct given from = {0};
    struct memory_picture rows;
    struct rows all = image_rows(&in, 0, H);
    memory_picture_open(&rows, &in.info, &all);
    struct picture_task task = {.request = &request, .format = &format, .rows = &rows.base, .page = &page};
    struct why why[4] = {{""}};
    ck_assert(!picture_measure(&work, &result, &why[0]) && strstr(why[0].text, "not begun"));
    ck_assert(picture_begin(&work, &task, &why[1]));
    ck_assert(!picture_map(&work, &from, NULL, &result, &why[1]) && strstr(why[1].text, "not measured"));
    ck_assert(picture_measure(&work, &result, &why[2]));
    ck_assert(!picture_measure(&work, &result, &why[2]) && strstr(why[2].text, "not begun"));
    ck_assert(!picture_map_side(&work, NULL, &result, &why[3]) && strstr(why[3].text, "not begun"));
    result_free(&result);
    map_free(&page);
    picture_free(&work);
    free(in.samples);
}
END_TEST

SUITE(apply)
{
    TCase *clip = tcase_create("clip"), *noise = tcase_create("noise"), *pages = tcase_create("pages");
    ADD_EACH(clip, clipped_samples_are_counted, types);
    ADD_EACH(clip, what_clips_is_known_from_the_extremes, types);
    tcase_add_test(clip, too_much_is_refused);
    tcase_add_test(noise, noise_rounds_to_a_neighbour);
    tcase_add_test(pages, side_pages);
    tcase_add_test(pages, another_order_is_refused);
    suite_add_tcase(suite, clip);
    suite_add_tcase(suite, noise);
    suite_add_tcase(suite, pages);
}
