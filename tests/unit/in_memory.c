#include "in_memory.h"

#include <stdlib.h>
#include <string.h>

/* ---- the engine ---------------------------------------------------------------------------------------------------- */

struct image_sink {
    struct picture_sink base;
    struct made *made;
    size_t y;
};

static bool begin_image(struct picture_sink *sink, const struct picture_info *info, struct why *why)
{
    struct image_sink *to = (struct image_sink *)sink;
    (void)why;
    to->made->began++;
    to->made->out = (struct image){.info = *info, .samples = must_alloc(image_bytes(info))};
    return true;
}

static bool write_image(struct picture_sink *sink, const struct rows *rows, struct why *why)
{
    struct image_sink *to = (struct image_sink *)sink;
    struct rows out = image_rows(&to->made->out, to->y, rows->height);
    const struct block all = {0, 0, rows->height, rows->width};
    (void)why;
    ck_assert(rows->sample == out.sample && rows->channels == out.channels && rows->width == out.width);
    for (unsigned c = 0; c < rows->channels; c++)
        rows_copy(rows, c, &all, &out, c);
    to->y += rows->height;
    return true;
}

static void open_image(const struct image *image, size_t bands, struct memory_picture *picture)
{
    struct rows rows = image_rows(image, 0, image->info.height);
    memory_picture_open(picture, &image->info, &rows);
    size_t band = bands ? bands * instnorm_block_rows(image->info.width) : image->info.height;
    picture->base.band = band < image->info.height ? band : image->info.height;
}

/* An option's selectors with their pictures. */
struct opened {
    struct weights weights;
    struct weight item[MASKS];
    struct memory_picture picture[MASKS];
};

static void open_weights(const char *option, const struct selectors *selectors, const struct image *const mask[],
                         size_t bands, struct opened *to)
{
    size_t pictures = 0;
    *to = (struct opened){.weights = {.option = option, .item = to->item}};
    for (size_t i = 0; i < selectors->n; i++) {
        struct weight *item = &to->item[to->weights.n];
        const struct selector *by = &selectors->item[i];
        if (by->kind == SELECTOR_ALL)
            continue;
        *item = (struct weight){.by = by, .name = by->text};
        if (by->kind == SELECTOR_PICTURE) {
            open_image(mask[pictures], bands, &to->picture[pictures]);
            item->from = &to->picture[pictures++].base;
        }
        to->weights.n++;
    }
}

struct made engine_make(const struct asked *asked)
{
    struct made made = {.ok = false};
    struct image_sink sink = {.base = {begin_image, write_image}, .made = &made};
    struct memory_picture in, fit;
    struct opened mask, apply_mask;
    struct picture picture = {0};
    struct map page = {0};
    open_image(asked->in, asked->bands, &in);
    if (asked->fit)
        open_image(asked->fit, asked->bands, &fit);
    open_weights("--mask", &asked->request.mask, asked->mask, asked->bands, &mask);
    open_weights("--apply-mask", &asked->request.apply_mask, asked->apply_mask, asked->bands, &apply_mask);
    const struct picture_task task = {.request = &asked->request,
                                      .format = asked->only_measure ? NULL : &asked->format,
                                      .rows = &in.base,
                                      .fit = asked->fit ? &fit.base : NULL,
                                      .mask = &mask.weights,
                                      .apply_mask = &apply_mask.weights,
                                      .look = asked->look,
                                      .views = true,
                                      .views_from = asked->views_from,
                                      .page = &page};
    made.ok = picture_begin(&picture, &task, &made.why) && picture_measure(&picture, &made.result, &made.why) &&
              (asked->only_measure || picture_map(&picture, &asked->from, &sink.base, &made.result, &made.why));
    ck_assert(!made.ok || asked->only_measure || sink.y == asked->in->info.height);
    picture_free(&picture);
    map_free(&page);
    return made;
}

void made_free(struct made *made)
{
    free(made->out.samples);
    result_free(&made->result);
}

void require_note(const struct made *made, const char *text)
{
    bool found = false;
    for (size_t i = 0; i < made->result.notes.n; i++)
        found |= strstr(made->result.notes.item[i].text, text) != NULL;
    ck_assert_msg(found, "no note of '%s'", text);
}

void require_no_output(const struct asked *asked, const char *text)
{
    struct made made = engine_make(asked);
    ck_assert_msg(!made.ok && strstr(made.why.text, text) != NULL, "'%s', not '%s'", made.why.text, text);
    ck_assert_uint_eq(made.began, 0);
    made_free(&made);
}

/* ---- images -------------------------------------------------------------------------------------------------------- */

double image_sample(const struct image *image, size_t i, unsigned c)
{
    struct rows all = image_rows(image, 0, image->info.height);
    const unsigned char *at =
        all.data + (ptrdiff_t)c * all.dc + (ptrdiff_t)(i / all.width) * all.dy + (ptrdiff_t)(i % all.width) * all.dx;
    return sample_value(at, all.sample);
}

void image_set(struct image *image, size_t i, unsigned c, double value)
{
    struct rows all = image_rows(image, 0, image->info.height);
    unsigned char *at =
        all.data + (ptrdiff_t)c * all.dc + (ptrdiff_t)(i / all.width) * all.dy + (ptrdiff_t)(i % all.width) * all.dx;
    samples_put(&value, 1, all.sample, at);
}

static double noise(struct random *r, unsigned c, bool alpha)
{
    double v = alpha ? 1.6 * random_unit(r) - 0.3 : 0.3 + 0.1 * c + 0.15 * random_normal(r);
    return v < 0 ? 0 : v > 1 ? 1 : v;
}

struct image make_noise(const struct recipe *recipe)
{
    struct random r = {recipe->seed};
    double unit = sample_unit(recipe->sample);
    bool below_0 = sample_least(recipe->sample) < 0;
    struct image image = {.info = {.width = recipe->width,
                                   .height = recipe->height,
                                   .channels = recipe->channels,
                                   .sample = recipe->sample,
                                   .unit = recipe->tensor ? 1 : unit,
                                   .alpha = recipe->alpha,
                                   .planar = recipe->planar,
                                   .dimensions = recipe->tensor ? 3 : 0,
                                   .depth = 8 * (unsigned)sample_size(recipe->sample)}};
    unsigned colours = picture_colours(&image.info);
    image.samples = must_alloc(image_bytes(&image.info));
    for (size_t i = 0; i < recipe->width * recipe->height; i++) {
        double alpha = colours < recipe->channels ? noise(&r, 0, true) : 1;
        double stored = sample_nearest(alpha * unit, recipe->sample) / unit;
        for (unsigned c = 0; c < colours; c++) {
            double v = noise(&r, c, false);
            v = below_0 ? 2 * v - 1 : v;
            v *= (recipe->alpha == ALPHA_PREMULTIPLIED ? stored : 1) * unit;
            image_set(&image, i, c, sample_nearest(v, recipe->sample));
        }
        if (colours < recipe->channels)
            image_set(&image, i, colours, sample_nearest(stored * unit, recipe->sample));
    }
    return image;
}
