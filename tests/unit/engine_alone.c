/*
 * Normalizes a picture in memory with a style and a mask, linked with the engine, the library and base alone, and compares
 * the output with a plain loop over doubles.
 */
#include "engine/picture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { W = 61, H = 47, N = W * H };

struct output {
    struct picture_sink sink;
    unsigned char *end;
};

static bool begin(struct picture_sink *sink, const struct picture_info *info, struct why *why)
{
    return (sink && info->sample == SAMPLE_U8 && info->channels == 3) || why_set(why, "expected RGB of 8 bits");
}

static bool write_rows(struct picture_sink *sink, const struct rows *rows, struct why *why)
{
    struct output *to = (struct output *)sink;
    (void)why; /* nothing can fail */
    for (size_t y = 0; y < rows->height; y++)
        for (size_t i = 0; i < rows->width * 3; i++)
            *to->end++ = rows->data[(ptrdiff_t)y * rows->dy + (ptrdiff_t)i];
    return true;
}

static struct memory_picture open_picture(unsigned char *data, unsigned channels)
{
    const struct picture_info info = {.width = W, .height = H, .channels = channels, .unit = 255, .depth = 8};
    const struct rows rows = rows_interleaved(data, SAMPLE_U8, channels, W, H);
    struct memory_picture picture;
    memory_picture_open(&picture, &info, &rows);
    return picture;
}

/* The mean and the deviation of channel c, each pixel weighed by the mask (NULL: all alike). */
static void measure_plainly(const unsigned char *x, const unsigned char *mask, unsigned c, double *mean, double *std)
{
    double weight = 0, sum = 0, squares = 0;
    for (size_t i = 0; i < N; i++) {
        weight += mask ? mask[i] : 1;
        sum += (mask ? mask[i] : 1) * (double)x[3 * i + c];
    }
    for (size_t i = 0; i < N; i++)
        squares += (mask ? mask[i] : 1) * pow(x[3 * i + c] - sum / weight, 2);
    *mean = sum / weight;
    *std = sqrt(squares / weight);
}

/* Whether y is what the loop makes of x. */
static bool is_right(const unsigned char *x, const unsigned char *mask, const unsigned char *style, const unsigned char *y)
{
    for (unsigned c = 0; c < 3; c++) {
        double mean, std, style_mean, style_std;
        measure_plainly(x, mask, c, &mean, &std);
        measure_plainly(style, NULL, c, &style_mean, &style_std);
        for (size_t i = 0; i < N; i++) {
            double want = rint((x[3 * i + c] - mean) / std * style_std + style_mean);
            if (y[3 * i + c] != (want < 0 ? 0 : want > 255 ? 255 : want))
                return printf("engine_alone: sample %zu of channel %u is %d, not %g\n", i, c, y[3 * i + c], want) < 0;
        }
    }
    return true;
}

/* y <- x by the engine. */
static bool normalize(unsigned char *x, unsigned char *mask, unsigned char *style, unsigned char *y, struct why *why)
{
    struct memory_picture in = open_picture(x, 3), in_mask = open_picture(mask, 1), in_style = open_picture(style, 3);
    const struct selector by = {.kind = SELECTOR_PICTURE};
    struct weight item = {.by = &by, .name = "mask", .from = &in_mask.base};
    struct weights weights = {.option = "--mask", .n = 1, .item = &item};
    const struct output_format format = {0};
    struct request request = request_default();
    struct picture picture = {0};
    struct result result = {0}, style_result = {0};
    struct statistics target = {0};
    struct map page = {0};
    struct output out = {{begin, write_rows}, y};
    struct picture_task task = {.request = &request, .rows = &in_style.base, .page = &page};
    bool ok = picture_begin(&picture, &task, why) && picture_measure(&picture, &style_result, why) &&
              result_merge(&style_result, &target, why);
    request.style = true;
    task = (struct picture_task){.request = &request, .format = &format, .rows = &in.base, .mask = &weights, .page = &page};
    const struct given from = {.target = &target, .target_name = "the style"};
    ok = ok && picture_begin(&picture, &task, why) && picture_measure(&picture, &result, why) &&
         picture_map(&picture, &from, &out.sink, &result, why);
    ok = ok && (out.end == y + 3 * N || why_set(why, "%td samples were written", out.end - y));
    picture_free(&picture);
    result_free(&result);
    result_free(&style_result);
    statistics_free(&target);
    map_free(&page);
    return ok;
}

int main(void)
{
    static unsigned char x[3 * N], style[3 * N], mask[N], y[3 * N];
    struct why why = {0};
    unsigned seed = 1;
    for (size_t i = 0; i < 3 * N; i++) {
        seed = seed * 1664525 + 1013904223;
        x[i] = (unsigned char)(60 + (seed >> 24) / 3 + i % 50);
        style[i] = (unsigned char)(20 + (seed >> 16 & 0xff) / 2 + i % 3 * 20);
        mask[i / 3] = (unsigned char)(seed >> 23);
    }
    if (!normalize(x, mask, style, y, &why))
        printf("engine_alone: %s\n", why.text);
    return !why.text[0] && is_right(x, mask, style, y) ? EXIT_SUCCESS : EXIT_FAILURE;
}
