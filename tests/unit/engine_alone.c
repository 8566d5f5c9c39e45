/*
 * Normalizes a picture in memory with a style and a mask, linked with the engine, the library and base alone, and compares
 * the output with a plain loop over doubles.
 */
#include "engine/picture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { W = 61, H = 147, N = W * H };

static float x[N], mask[N], style[N], everywhere[N], y[N];
static float *end = y; /* of what was written */

static bool begin(struct picture_sink *sink, const struct picture_info *info, struct why *why)
{
    return (sink && info->sample == SAMPLE_F32 && info->channels == 1) || why_set(why, "expected grey floats");
}

static bool write_rows(struct picture_sink *sink, const struct rows *rows, struct why *why)
{
    for (size_t row = 0; row < rows->height; row++, end += W)
        memcpy(end, rows->data + (ptrdiff_t)row * rows->dy, W * sizeof *end);
    return sink && why;
}

static struct memory_picture open_picture(float *data)
{
    const struct picture_info info = {.width = W, .height = H, .channels = 1, .sample = SAMPLE_F32, .unit = 1, .depth = 32};
    const struct rows rows = rows_interleaved(data, SAMPLE_F32, 1, W, H);
    struct memory_picture picture;
    memory_picture_open(&picture, &info, &rows);
    return picture;
}

/* y <- x with the mean and the deviation of the style, both measured by the engine, x where its mask selects. */
static bool normalize(struct why *why)
{
    struct memory_picture in = open_picture(x), in_mask = open_picture(mask), in_style = open_picture(style);
    const struct selector by = {.kind = SELECTOR_PICTURE};
    struct weights weights = {.option = "--mask", .n = 1, .item = &(struct weight){.by = &by, .from = &in_mask.base}};
    struct request request = request_default();
    struct map page = {0};
    struct picture_task task = {.request = &request, .rows = &in_style.base, .page = &page};
    struct picture picture = {0};
    struct result result = {0}, style_result = {0};
    struct statistics target = {0};
    const struct given from = {.target = &target, .target_name = "the style"};
    bool ok = picture_begin(&picture, &task, why) && picture_measure(&picture, &style_result, why) &&
              result_merge(&style_result, &target, why);
    request.style = true;
    task.rows = &in.base;
    task.mask = &weights;
    task.format = &(struct output_format){0};
    ok = ok && picture_begin(&picture, &task, why) && picture_measure(&picture, &result, why) &&
         picture_map(&picture, &from, &(struct picture_sink){begin, write_rows}, &result, why);
    picture_free(&picture);
    result_free(&result);
    result_free(&style_result);
    statistics_free(&target);
    map_free(&page);
    return ok;
}

/* The mean and the deviation of v, each sample weighed. */
static void measure_plainly(const float *v, const float *weight, double *mean, double *std)
{
    double sum = 0, squares = 0, all = 0;
    for (size_t i = 0; i < N; i++) {
        all += (double)weight[i];
        sum += (double)weight[i] * (double)v[i];
    }
    *mean = sum / all;
    for (size_t i = 0; i < N; i++)
        squares += (double)weight[i] * pow((double)v[i] - *mean, 2);
    *std = sqrt(squares / all);
}

int main(void)
{
    struct why why = {0};
    double mean, std, style_mean, style_std;
    for (size_t i = 0; i < N; i++) {
        x[i] = (float)(i % 101) / 200;
        mask[i] = (float)(i % 7) / 6;
        style[i] = (float)(i % 53) / 53;
        everywhere[i] = 1;
    }
    if (!normalize(&why) || end != y + N)
        return printf("engine_alone: %td samples of %d: %s\n", end - y, N, why.text), EXIT_FAILURE;
    measure_plainly(x, mask, &mean, &std);
    measure_plainly(style, everywhere, &style_mean, &style_std);
    for (size_t i = 0; i < N; i++) {
        double want = ((double)x[i] - mean) / std * style_std + style_mean;
        if (!(fabs((double)y[i] - want) < 1e-6))
            return printf("engine_alone: sample %zu is %g, not %g\n", i, (double)y[i], want), EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
