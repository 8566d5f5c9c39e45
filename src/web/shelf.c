#include "web/shelf.h"

#include "base/text.h"
#include "codec/pictures.h"

#include <stdlib.h>
#include <string.h>

/* Of the 4 GiB that a module of 32 bits can have. */
static const uint64_t memory = (uint64_t)2 << 30;

void held_free(struct held *held)
{
    free(held->rows.data);
    *held = (struct held){0};
}

bool held_reserve(struct held *held, const struct picture_info *info, struct why *why)
{
    uint64_t size = (uint64_t)info->width * info->height * info->channels * sample_size(info->sample);
    held_free(held);
    unsigned char *data = size < memory ? malloc((size_t)size) : NULL;
    if (!data)
        return why_memory(why);
    held->info = *info;
    held->info.metadata = NULL; /* of a reader that is closed */
    held->rows = rows_tight(info->planar, data, info->sample, info->channels, info->width, info->height);
    return true;
}

/* ---- files --------------------------------------------------------------------------------------------------------- */

struct file {
    struct source base;
    const unsigned char *data;
    size_t size;
};

static size_t read_at(struct source *source, void *to, size_t n, uint64_t offset)
{
    const struct file *file = (const struct file *)source;
    if (offset >= file->size)
        return 0;
    size_t left = file->size - (size_t)offset, take = left < n ? left : n;
    memcpy(to, file->data + offset, take);
    return take;
}

static void put_band(const struct rows *band, struct rows *part)
{
    const struct block all = {0, 0, band->height, band->width};
    for (unsigned c = 0; c < band->channels; c++)
        rows_copy(band, c, &all, part, c);
}

static bool read_rows(struct held *held, struct picture_rows *from, struct why *why)
{
    for (size_t y = 0; y < held->info.height; y += from->band) {
        struct rows band;
        if (!from->read(from, &band, why))
            return false;
        struct rows part = rows_part(&held->rows, y, band.height);
        put_band(&band, &part);
    }
    return true;
}

static bool read_first(struct held *held, struct pictures *pictures, struct why *why)
{
    struct why ignored = {0};
    enum selected selected = pictures_select(pictures, 0, false, why);
    if (selected != SELECT_OK)
        return selected == SELECT_END && why_set(why, "no picture in it");
    if (!held_reserve(held, &pictures->rows.info, why) || !read_rows(held, &pictures->rows, why))
        return false;
    text_append(held->format, sizeof held->format, "%s", pictures->codec->name);
    held->several = pictures_select(pictures, 1, false, &ignored) == SELECT_OK;
    return true;
}

bool held_read(struct held *held, const unsigned char *data, size_t size, struct why *why)
{
    const struct reading how = {.memory = memory, .max_pixels = (uint64_t)1 << 28, .auto_orient = true};
    struct file file = {.base = {.read_at = read_at}, .data = data, .size = size};
    struct picture_buffers buffers = {0};
    struct pictures pictures;
    held_free(held);
    bool ok = pictures_open(&pictures, &file.base, &how, &buffers, why) && read_first(held, &pictures, why);
    pictures_close(&pictures);
    picture_buffers_free(&buffers);
    if (!ok)
        held_free(held);
    return ok;
}

/* ---- pixels -------------------------------------------------------------------------------------------------------- */

static bool is_opaque(const unsigned char *rgba, size_t pixels)
{
    for (size_t i = 0; i < pixels; i++)
        if (rgba[4 * i + 3] != 255)
            return false;
    return true;
}

bool held_take(struct held *held, const unsigned char *rgba, size_t width, size_t height, struct why *why)
{
    bool opaque = is_opaque(rgba, width * height);
    const struct picture_info info = {.width = width,
                                      .height = height,
                                      .channels = opaque ? 3 : 4,
                                      .sample = SAMPLE_U8,
                                      .unit = 255,
                                      .alpha = opaque ? ALPHA_NONE : ALPHA_STRAIGHT,
                                      .depth = 8};
    if (!held_reserve(held, &info, why))
        return false;
    for (size_t i = 0; i < width * height; i++)
        memcpy(held->rows.data + i * info.channels, rgba + 4 * i, info.channels);
    return true;
}
