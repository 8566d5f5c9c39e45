/* The engine alone: a picture in memory gets the mean and deviation of another one, measured where a mask selects. */
#include "engine/picture.h"
#include "support.h"

enum { WIDTH = 90, HEIGHT = 110, N = WIDTH * HEIGHT };

static const struct picture_info rgb = {
    .width = WIDTH, .height = HEIGHT, .channels = 3, .sample = SAMPLE_F32, .unit = 1, .stored = STORED_F32, .depth = 32};

static struct memory_picture open_floats(float *x, unsigned channels)
{
    struct memory_picture picture;
    struct picture_info info = rgb;
    struct rows rows = rows_interleaved(x, SAMPLE_F32, channels, WIDTH, HEIGHT);
    info.channels = channels;
    memory_picture_open(&picture, &info, &rows);
    return picture;
}

struct floats_sink {
    struct picture_sink base;
    float *to;
};

static bool begin_floats(struct picture_sink *sink, const struct picture_info *info, struct why *why)
{
    return (sink && info->sample == SAMPLE_F32 && info->channels == 3) || why_set(why, "other samples");
}

static bool write_floats(struct picture_sink *sink, const struct rows *rows, struct why *why)
{
    struct floats_sink *to = (struct floats_sink *)sink;
    size_t n = rows->height * WIDTH * 3;
    (void)why;
    for (size_t i = 0; i < n; i++)
        *to->to++ = ((const float *)(const void *)rows->data)[i];
    return true;
}

START_TEST(a_style_where_a_mask_selects)
{
    static float in[3 * N], style[3 * N], mask[N], out[3 * N];
    struct random r = {1};
    for (unsigned i = 0; i < 3 * N; i++) {
        in[i] = (float)(0.5 + 0.1 * random_normal(&r)) + (i / 3 % WIDTH < 45 ? 0 : 0.3f);
        style[i] = (float)((i % 3 + 1) * (0.2 + 0.05 * random_normal(&r)));
        mask[i / 3] = i / 3 % WIDTH < 45;
    }
    struct memory_picture picture = open_floats(in, 3), other = open_floats(style, 3), weights = open_floats(mask, 1);
    struct selector selector = {.kind = SELECTOR_PICTURE, .text = "mask"};
    struct weight item = {.by = &selector, .name = "mask", .from = &weights.base};
    struct weights by = {.option = "--mask", .n = 1, .item = &item};
    struct request request = request_default();
    struct output_format format = {0};
    struct map page = {0};
    struct picture work = {0};
    struct result result = {0}, of_style = {0};
    struct statistics target = {0};
    struct floats_sink sink = {{begin_floats, write_floats}, out};
    struct why why = {""};

    struct picture_task task = {.request = &request, .rows = &other.base, .page = &page};
    ck_assert_msg(picture_begin(&work, &task, &why) && picture_measure(&work, &of_style, &why), "%s", why.text);
    ck_assert_msg(result_merge(&of_style, &target, &why), "%s", why.text);
    task = (struct picture_task){&request, &format, &picture.base, .mask = &by, .page = &page};
    request.style = true;
    struct given from = {.target = &target, .target_name = "the style"};
    ck_assert_msg(picture_begin(&work, &task, &why) && picture_measure(&work, &result, &why) &&
                      picture_map(&work, &from, &sink.base, &result, &why),
                  "%s", why.text);
    for (unsigned c = 0; c < 3; c++) {
        float got[N], wanted[N];
        size_t n = 0;
        for (size_t i = 0; i < N; i++) {
            wanted[i] = style[3 * i + c];
            if (mask[i] > 0)
                got[n++] = out[3 * i + c];
        }
        struct reference a = reference(got, NULL, n), b = reference(wanted, NULL, N);
        REQUIRE_CLOSE(a.mean, b.mean, 1e-6);
        REQUIRE_CLOSE(sqrtl(a.m2 / a.weight), sqrtl(b.m2 / b.weight), 1e-6);
    }
    statistics_free(&target);
    result_free(&result);
    result_free(&of_style);
    map_free(&page);
    picture_free(&work);
}
END_TEST

SUITE(alone)
{
    TCase *cases = tcase_create("alone");
    tcase_add_test(cases, a_style_where_a_mask_selects);
    suite_add_tcase(suite, cases);
}
