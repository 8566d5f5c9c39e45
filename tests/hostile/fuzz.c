/*
 * For libFuzzer: any bytes as a file, whose pictures go through the engine. Whatever they are, nothing is read or written
 * outside of its memory, and rows that are kept for the second pass give the same output as rows that are read again.
 */
#include "codec/pictures.h"
#include "engine/picture.h"

#include <stdlib.h>
#include <string.h>

enum { PICTURES_MAX = 4, PIXELS_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

struct memory_source {
    struct source base;
    const unsigned char *bytes;
    size_t size;
};

static size_t read_at(struct source *source, void *to, size_t n, uint64_t offset)
{
    const struct memory_source *m = (const struct memory_source *)source;
    size_t left = offset < m->size ? m->size - (size_t)offset : 0;
    n = n < left ? n : left;
    if (n > 0)
        memcpy(to, m->bytes + offset, n);
    return n;
}

/* FNV-1a over the samples that the output gets. */
struct hash {
    struct picture_sink base;
    uint64_t value;
};

static bool begin(struct picture_sink *sink, const struct picture_info *info, struct why *why)
{
    (void)sink, (void)info, (void)why;
    return true;
}

static bool write_rows(struct picture_sink *sink, const struct rows *rows, struct why *why)
{
    struct hash *hash = (struct hash *)sink;
    (void)why;
    for (unsigned c = 0; c < rows->channels; c++)
        for (size_t y = 0; y < rows->height; y++)
            for (size_t x = 0; x < rows->width; x++) {
                const unsigned char *sample =
                    rows->data + (ptrdiff_t)c * rows->dc + (ptrdiff_t)y * rows->dy + (ptrdiff_t)x * rows->dx;
                for (size_t i = 0; i < sample_size(rows->sample); i++)
                    hash->value = (hash->value ^ sample[i]) * 0x100000001b3;
            }
    return true;
}

/* The selected picture by the customary request. */
static bool map_picture(struct picture *picture, struct picture_rows *rows, struct hash *hash, struct map *page)
{
    static const struct output_format any = {0};
    const struct request request = request_default();
    const struct picture_task task = {.request = &request, .format = &any, .rows = rows, .page = page};
    const struct given none = {0};
    struct result result = {0};
    struct why why = {0};
    bool ok = picture_begin(picture, &task, &why);
    if (ok && picture_is_side_page(picture))
        ok = picture_map_side(picture, &hash->base, &result, &why);
    else
        ok = ok && picture_measure(picture, &result, &why) && picture_map(picture, &none, &hash->base, &result, &why);
    result_free(&result);
    return ok;
}

/* The hash of the outputs of all pictures. False if one cannot be read, or not within the memory. */
static bool map_file(const unsigned char *bytes, size_t size, uint64_t memory, uint64_t *outputs)
{
    struct memory_source source = {{.read_at = read_at}, bytes, size};
    const struct reading how = {.memory = memory, .max_pixels = PIXELS_MAX, .auto_orient = size % 2 == 0};
    struct picture_buffers buffers = {0};
    struct pictures pictures;
    struct picture picture = {0};
    struct map page = {0};
    struct hash hash = {{begin, write_rows}, 0xcbf29ce484222325};
    struct why why = {0};
    enum selected selected = SELECT_OK;
    bool ok = pictures_open(&pictures, &source.base, &how, &buffers, &why);
    for (size_t i = 0; ok && selected == SELECT_OK && i < PICTURES_MAX; i++) {
        selected = pictures_select(&pictures, i, true, &why);
        ok = selected != SELECT_ERROR && (selected == SELECT_END || map_picture(&picture, &pictures.rows, &hash, &page));
    }
    pictures_close(&pictures);
    picture_buffers_free(&buffers);
    picture_free(&picture);
    map_free(&page);
    *outputs = hash.value;
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    uint64_t kept, again;
    if (map_file(bytes, size, 64 << 20, &kept) && map_file(bytes, size, 1 << 16, &again) && kept != again)
        abort();
    return 0;
}
