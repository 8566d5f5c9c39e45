/*
 * Selectors and a mask beside a picture. A byte that chooses, lines with a selector each, an empty line, and the file of
 * the mask. The picture has the size of the mask. Where one mask alone says what to change, its black pixels stay.
 */
#include "memory.h"
#include "reader.h"

#include "cli/args/parse.h"
#include "engine/picture.h"

#include <stdlib.h>
#include <string.h>

enum { SELECTORS_MAX = 4, BOTH = 1 };

struct masks {
    char *text;
    struct selectors selectors;
    struct weight item[SELECTORS_MAX];
    struct weights weights;
};

/* The length of the lines; `size` if there is no empty one. */
static size_t length_of_lines(const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i + 1 < size; i++)
        if (bytes[i] == '\n' && bytes[i + 1] == '\n')
            return i;
    return size;
}

/* The selectors, those that name a picture with the one from `from`. False if a line is none. */
static bool open_masks(struct masks *m, const uint8_t *lines, size_t n, struct picture_rows *from, bool *is_one)
{
    struct why why = {0};
    bool ok = true;
    size_t pictures = 0;
    *m = (struct masks){.text = strndup((const char *)lines, n)};
    for (char *rest = m->text, *line; ok && (line = strsep(&rest, "\n")) != NULL;)
        ok = m->selectors.n < SELECTORS_MAX && value_selector(line, &m->selectors, &why);
    m->weights = (struct weights){.option = "--mask", .item = m->item};
    for (size_t i = 0; ok && i < m->selectors.n; i++) {
        const struct selector *by = &m->selectors.item[i];
        bool picture = by->kind == SELECTOR_PICTURE;
        pictures += picture;
        if (by->kind != SELECTOR_ALL && by->kind != SELECTOR_SAME)
            m->item[m->weights.n++] = (struct weight){.by = by, .name = by->text, .from = picture ? from : NULL};
    }
    *is_one = pictures == 1 && m->weights.n == 1;
    return ok && pictures <= 1; /* one reader serves one */
}

static void close_masks(struct masks *m)
{
    free(m->selectors.item);
    free(m->text);
}

/* Noise that is the same each time. */
static struct image make_picture(size_t width, size_t height, unsigned channels)
{
    const struct picture_info info = {.width = width,
                                      .height = height,
                                      .channels = channels,
                                      .sample = SAMPLE_U8,
                                      .unit = 255,
                                      .alpha = channels % 2 ? ALPHA_NONE : ALPHA_STRAIGHT,
                                      .depth = 8};
    struct image image = image_new(&info, 0);
    uint32_t state = 1;
    for (size_t i = 0; i < image_bytes(&info); i++) {
        state = state * 1664525 + 1013904223;
        image.samples[i] = (unsigned char)(state >> 24);
    }
    return image;
}

struct taken {
    struct picture_sink base;
    struct image image;
};

static bool begin(struct picture_sink *sink, const struct picture_info *info, struct why *why)
{
    (void)why;
    ((struct taken *)sink)->image = image_new(info, 0);
    return true;
}

static bool write_rows(struct picture_sink *sink, const struct rows *rows, struct why *why)
{
    (void)why;
    image_append(&((struct taken *)sink)->image, rows);
    return true;
}

/* Pixels that the mask leaves black are those of the picture. */
static void check_kept(const struct image *in, const struct image *out, struct pictures *mask)
{
    struct why why = {0};
    struct rows band;
    size_t n = in->info.channels;
    bool ok = mask->rows.rewind(&mask->rows, &why);
    for (size_t y = 0; ok && y < in->info.height; y += band.height) {
        ok = mask->rows.read(&mask->rows, &band, &why);
        for (size_t i = 0; ok && i < band.height * band.width; i++)
            if (band.data[i] == 0)
                must(memcmp(in->samples + n * (y * band.width + i), out->samples + n * (y * band.width + i), n) == 0,
                     "where the mask is black the picture stays");
    }
    must(ok, "a mask is read again");
}

static void run(struct pictures *mask, unsigned choice, const uint8_t *lines, size_t n)
{
    struct why why = {0};
    bool is_one;
    const struct picture_info *info = &mask->rows.info;
    struct image in = make_picture(info->width, info->height, 1 + choice / 2 % 4);
    const struct rows all = image_rows(&in, 0, info->height);
    struct memory_picture rows;
    struct masks masks;
    struct taken out = {.base = {begin, write_rows}};
    struct picture picture = {0};
    struct result result = {0};
    struct map page = {0};
    const struct given none = {0};
    struct request request = request_default();
    const struct instnorm_space *space = instnorm_space_at(choice / 8 % 8);
    request.space = space ? space : request.space;
    memory_picture_open(&rows, &in.info, &all);
    rows.base.band = mask->rows.band;
    bool opened = open_masks(&masks, lines, n, &mask->rows, &is_one), both = choice & BOTH && !is_one;
    request.mask = both ? masks.selectors : request.mask;
    request.apply_mask = masks.selectors;
    const struct output_format format = {0};
    const struct picture_task task = {.request = &request,
                                      .format = &format,
                                      .rows = &rows.base,
                                      .mask = both ? &masks.weights : NULL,
                                      .apply_mask = &masks.weights,
                                      .page = &page};
    if (opened && picture_begin(&picture, &task, &why) && picture_measure(&picture, &result, &why) &&
        picture_map(&picture, &none, &out.base, &result, &why)) {
        must(out.image.height == info->height, "a picture is written whole");
        if (is_one && info->channels == 1 && info->sample == SAMPLE_U8)
            check_kept(&in, &out.image, mask);
    } else if (opened) {
        must_say(&why);
    }
    close_masks(&masks);
    image_free(&in);
    image_free(&out.image);
    picture_free(&picture);
    result_free(&result);
    map_free(&page);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    size_t n = size > 0 ? length_of_lines(bytes + 1, size - 1) : 0;
    if (size < n + 3)
        return 0;
    struct memory_source source = memory_source(bytes + n + 3, size - n - 3);
    const struct reading how = {.memory = BUDGET, .max_pixels = PIXELS_MAX / 4};
    struct picture_buffers buffers = {0};
    struct pictures mask;
    struct why why = {0};
    if (pictures_open(&mask, &source.base, &how, &buffers, &why) && pictures_select(&mask, 0, true, &why) == SELECT_OK)
        run(&mask, bytes[0], bytes + 1, n);
    pictures_close(&mask);
    picture_buffers_free(&buffers);
    return 0;
}
