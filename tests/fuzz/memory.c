#include "memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void must(bool holds, const char *text)
{
    if (holds)
        return;
    fprintf(stderr, "must hold: %s\n", text);
    abort();
}

void must_say(const struct why *why)
{
    must(why->text[0], "a failure says why");
}

static size_t read_at(struct source *source, void *to, size_t n, uint64_t offset)
{
    const struct memory_source *m = (const struct memory_source *)source;
    size_t left = offset < m->size ? m->size - (size_t)offset : 0;
    n = n < left ? n : left;
    if (n > 0)
        memcpy(to, m->bytes + offset, n);
    return n;
}

struct memory_source memory_source(const unsigned char *bytes, size_t size)
{
    return (struct memory_source){{.read_at = read_at}, bytes, size};
}

/* The disk: more than an output of PIXELS_MAX with its metadata needs. */
#define FILE_BYTES_MAX ((size_t)256 << 20)

static bool write_at(struct sink *sink, const void *from, size_t n, uint64_t offset)
{
    struct memory_sink *m = (struct memory_sink *)sink;
    must(offset == m->size || sink->seekable, "a sink that cannot seek is written in order");
    if (offset > FILE_BYTES_MAX || n > FILE_BYTES_MAX - offset)
        return why_set(&sink->why, "no space left");
    size_t end = (size_t)offset + n;
    if (end > m->room) {
        m->room = 2 * end + 4096;
        m->bytes = realloc(m->bytes, m->room);
        must(m->bytes != NULL, "there is memory");
    }
    if (offset > m->size) /* a gap: filled later, or it shows */
        memset(m->bytes + m->size, 0xee, (size_t)offset - m->size);
    if (n > 0)
        memcpy(m->bytes + offset, from, n);
    m->size = end > m->size ? end : m->size;
    return true;
}

struct memory_sink memory_sink(bool seekable)
{
    return (struct memory_sink){.base = {.write_at = write_at, .seekable = seekable}};
}

/* ---- images -------------------------------------------------------------------------------------------------------- */

size_t image_bytes(const struct picture_info *info)
{
    return info->width * info->height * info->channels * sample_size(info->sample);
}

struct image image_new(const struct picture_info *info, int filling)
{
    struct image image = {.info = *info, .samples = malloc(image_bytes(info))};
    must(image.samples != NULL, "there is memory");
    memset(image.samples, filling, image_bytes(info));
    image.info.metadata = NULL;
    return image;
}

struct rows image_rows(const struct image *image, size_t y, size_t height)
{
    const struct picture_info *i = &image->info;
    struct rows all = rows_tight(i->planar, image->samples, i->sample, i->channels, i->width, i->height);
    return rows_part(&all, y, height);
}

void image_append(struct image *image, const struct rows *rows)
{
    const struct picture_info *i = &image->info;
    must(rows->width == i->width && rows->channels == i->channels && rows->sample == i->sample &&
             rows->height <= i->height - image->height,
         "rows are as the picture says");
    const struct rows to = image_rows(image, image->height, rows->height);
    const struct block all = {.height = rows->height, .width = rows->width};
    for (unsigned c = 0; c < rows->channels; c++)
        rows_copy(rows, c, &all, &to, c);
    image->height += rows->height;
}

void image_free(struct image *image)
{
    free(image->samples);
    *image = (struct image){0};
}
