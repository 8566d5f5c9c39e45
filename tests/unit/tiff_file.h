/* TIFF files made by hand, in both byte orders: the directory first, then its values, then the samples. */
#ifndef TIFF_FILE_H
#define TIFF_FILE_H

#include "codec/codec.h"
#include "support.h"

#include <string.h>

enum { BYTE = 1, ASCII = 2, SHORT = 3, LONG = 4, RATIONAL = 5, UNDEFINED = 7 };
enum { NONE = 1, LZW = 5, JPEG = 7, DEFLATE = 8, PACKBITS = 32773 };
enum { TAGS_MAX = 24, VALUES_MAX = 320 };

static const struct codec *tiff;

static inline void find_codec(void)
{
    tiff = codec_named("tiff");
}

struct tag {
    uint16_t tag, type;
    uint32_t n, value[VALUES_MAX];
};

struct file {
    bool big_endian;
    unsigned char bytes[8192];
    size_t size;
    struct tag tags[TAGS_MAX];
    size_t n;
};

static inline void put(struct file *f, size_t at, uint32_t value, size_t size)
{
    for (size_t i = 0; i < size; i++)
        f->bytes[at + i] = (unsigned char)(value >> 8 * (f->big_endian ? size - 1 - i : i));
}

static inline struct tag *set(struct file *f, uint16_t tag, uint16_t type, uint32_t value)
{
    size_t i = 0;
    while (i < f->n && f->tags[i].tag < tag)
        i++;
    if (i == f->n || f->tags[i].tag != tag) {
        memmove(&f->tags[i + 1], &f->tags[i], (f->n++ - i) * sizeof *f->tags);
        f->tags[i] = (struct tag){.tag = tag};
    }
    f->tags[i].type = type;
    f->tags[i].n = 1;
    f->tags[i].value[0] = value;
    return &f->tags[i];
}

static inline void set_all(struct file *f, uint16_t tag, uint16_t type, uint32_t n, uint32_t value)
{
    struct tag *t = set(f, tag, type, value);
    t->n = n;
    for (uint32_t i = 1; i < n; i++)
        t->value[i] = value;
}

/* One uncompressed strip of width x height pixels. */
static inline struct file make_file(bool big_endian, uint32_t width, uint32_t height, uint32_t channels, uint32_t bits)
{
    struct file f = {.big_endian = big_endian};
    set(&f, 256, LONG, width);
    set(&f, 257, LONG, height);
    set_all(&f, 258, SHORT, channels, bits);
    set(&f, 259, SHORT, NONE);
    set(&f, 262, SHORT, channels >= 3 ? 2 : 1);
    set(&f, 273, LONG, 0);
    set(&f, 277, SHORT, channels);
    set(&f, 278, LONG, height);
    set(&f, 279, LONG, (width * channels * bits + 7) / 8 * height);
    if (bits == 32)
        set_all(&f, 339, SHORT, channels, 3);
    return f;
}

static inline size_t width_of(unsigned type)
{
    return type == SHORT ? 2 : type == LONG ? 4 : type == RATIONAL ? 8 : 1;
}

static inline void put_values(struct file *f, const struct tag *t, size_t at)
{
    size_t each = t->type == RATIONAL ? 4 : width_of(t->type), n = t->type == RATIONAL ? 2 * t->n : t->n;
    for (size_t i = 0; i < n; i++)
        put(f, at + i * each, t->value[i], each);
}

/* Writes the directory at `at`, behind it what has no room in it; returns where that ends. */
static inline size_t put_directory(struct file *f, size_t at, const struct tag *tags, size_t n)
{
    size_t end = at + 2 + 12 * n + 4;
    put(f, at, (uint32_t)n, 2);
    for (size_t i = 0; i < n; i++) {
        size_t entry = at + 2 + 12 * i, bytes = width_of(tags[i].type) * tags[i].n;
        put(f, entry, tags[i].tag, 2);
        put(f, entry + 2, tags[i].type, 2);
        put(f, entry + 4, tags[i].n, 4);
        put_values(f, &tags[i], bytes > 4 ? end : entry + 8);
        if (bytes > 4)
            put(f, entry + 8, (uint32_t)end, 4);
        end += bytes > 4 ? bytes + bytes % 2 : 0;
    }
    return end;
}

static inline void complete(struct file *f, const void *samples, size_t n)
{
    memcpy(f->bytes, f->big_endian ? "MM" : "II", 2);
    put(f, 2, 42, 2);
    put(f, 4, 8, 4);
    f->size = put_directory(f, 8, f->tags, f->n);
    if (set(f, 273, LONG, 0)->value[0] == 0)
        set(f, 273, LONG, (uint32_t)f->size);
    put_directory(f, 8, f->tags, f->n);
    memcpy(f->bytes + f->size, samples, n);
    f->size += n;
}

/* A reader of the file with a page selected. */
static inline void *open_page(struct memory_source *s, size_t page, struct picture_info *info)
{
    static const struct limits limits = {.max_pixels = MAX_PIXELS};
    struct why why = {""};
    void *reader = tiff->open(&s->source, &limits, &why);
    REQUIRE(reader && tiff->select(reader, page, info, &why) == SELECT_OK, "page %zu: %s", page, why.text);
    return reader;
}

#endif
