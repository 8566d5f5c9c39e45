/* Pictures read through codec/pictures from a source that counts, and that may say that it was changed. */
#ifndef PICTURES_H
#define PICTURES_H

#include "codec/pictures.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

/* A source that counts, and may say that it was changed. */
struct watched {
    struct memory_source memory;
    size_t (*read_at)(struct source *source, void *to, size_t n, uint64_t offset);
    unsigned reads, checks;
    bool changed;
};

static inline size_t read_watched(struct source *source, void *to, size_t n, uint64_t offset)
{
    struct watched *w = (struct watched *)source;
    w->reads++;
    return w->read_at(source, to, n, offset);
}

static inline bool is_unchanged(struct source *source, struct why *why)
{
    struct watched *w = (struct watched *)source;
    w->checks++;
    return !w->changed || why_set(why, "changed on purpose");
}

static inline struct watched watch(const void *bytes, size_t size)
{
    struct watched w = {.memory = memory_source(bytes, size)};
    w.read_at = w.memory.source.read_at;
    w.memory.source.read_at = read_watched;
    w.memory.source.unchanged = is_unchanged;
    return w;
}

static const struct reading roomy = {.memory = 1 << 30, .max_pixels = MAX_PIXELS};

/* Reads the selected picture by its bands; false, with `why`, as they are. */
static inline bool read_all(struct picture_rows *from, struct image *to, struct why *why)
{
    *to = (struct image){from->info, must_alloc(image_bytes(&from->info))};
    for (size_t y = 0; y < from->info.height;) {
        struct rows band, place;
        if (!from->read(from, &band, why)) {
            free(to->samples);
            return false;
        }
        size_t left = from->info.height - y;
        ck_assert_uint_eq(band.height, left < from->band ? left : from->band);
        place = image_rows(to, y, band.height);
        struct block all = {0, 0, band.height, band.width};
        for (unsigned c = 0; c < from->info.channels; c++)
            rows_copy(&band, c, &all, &place, c);
        y += band.height;
    }
    return true;
}

static inline struct image must_read(struct picture_rows *from)
{
    struct image p;
    struct why why = {""};
    REQUIRE(read_all(from, &p, &why), "%s", why.text);
    return p;
}

static inline void must_rewind(struct picture_rows *from)
{
    struct why why = {""};
    REQUIRE(from->rewind(from, &why), "%s", why.text);
}

static inline void must_open(struct pictures *p, struct watched *w, const struct reading *how,
                             struct picture_buffers *buffers)
{
    struct why why = {""};
    REQUIRE(pictures_open(p, &w->memory.source, how, buffers, &why), "%s", why.text);
}

/* A source in memory that was opened. */
struct opened {
    struct watched source;
    struct picture_buffers buffers;
    struct pictures pictures;
};

static inline void must_open_bytes(struct opened *to, const void *bytes, size_t size)
{
    *to = (struct opened){.source = watch(bytes, size)};
    must_open(&to->pictures, &to->source, &roomy, &to->buffers);
}

static inline void close_opened(struct opened *opened)
{
    pictures_close(&opened->pictures);
    picture_buffers_free(&opened->buffers);
}

static inline void must_select(struct pictures *p, size_t index, bool twice)
{
    struct why why = {""};
    REQUIRE(pictures_select(p, index, twice, &why) == SELECT_OK, "%s", why.text);
}

/* The first picture is refused with these words, where the budget is lowered by `less`. */
static inline void require_no_pictures(struct watched *w, const struct reading *how, uint64_t less, const char *says)
{
    struct picture_buffers buffers = {0};
    struct pictures p;
    struct why why = {""};
    bool ok = pictures_open(&p, &w->memory.source, how, &buffers, &why);
    p.budget -= less;
    ok = ok && pictures_select(&p, 0, true, &why) == SELECT_OK;
    REQUIRE(!ok && strstr(why.text, says), "'%s', expected '%s'", why.text, says);
    pictures_close(&p);
    picture_buffers_free(&buffers);
}

#endif
