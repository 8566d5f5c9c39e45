#include "codec/metadata.h"

#include "codec/codec.h"
#include "codec/exif.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

unsigned char *metadata_new(struct metadata *m, enum meta_kind kind, uint32_t tag, unsigned type, size_t size)
{
    if (size > METADATA_BYTES_MAX - m->bytes)
        return NULL;
    struct meta *item = realloc(m->item, (m->n + 1) * sizeof *item);
    m->item = item ? item : m->item;
    unsigned char *data = item ? malloc(size ? size : 1) : NULL;
    if (!data) {
        m->lacks = true;
        return NULL;
    }
    m->item[m->n++] = (struct meta){.kind = kind, .tag = tag, .type = type, .data = data, .size = size};
    m->bytes += size;
    return data;
}

bool metadata_add(struct metadata *m, enum meta_kind kind, uint32_t tag, unsigned type, const void *data, size_t size)
{
    unsigned char *copy = metadata_new(m, kind, tag, type, size);
    if (copy && size > 0)
        memcpy(copy, data, size);
    return copy;
}

const struct meta *metadata_find(const struct metadata *m, enum meta_kind kind)
{
    for (size_t i = 0; m && i < m->n; i++)
        if (m->item[i].kind == kind)
            return &m->item[i];
    return NULL;
}

void metadata_remove(struct metadata *m, enum meta_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++)
        if (m->item[i].kind != kind) {
            m->item[n++] = m->item[i];
        } else {
            m->bytes -= m->item[i].size;
            free(m->item[i].data);
        }
    m->n = n;
}

void metadata_note(struct metadata *m, enum note_level level, const char *format, ...)
{
    char text[READER_NOTE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    notes_add_once(&m->notes, READER_NOTES_MAX, level, text);
    m->lacks |= m->notes.lacks;
}

unsigned metadata_orientation(const struct metadata *m)
{
    const struct meta *exif = metadata_find(m, META_EXIF);
    return exif ? exif_orientation(exif->data, exif->size) : 0;
}

void metadata_clear(struct metadata *m)
{
    for (size_t i = 0; i < m->n; i++)
        free(m->item[i].data);
    free(m->item);
    notes_free(&m->notes);
    *m = (struct metadata){.format = m->format};
}

/* ---- writing ------------------------------------------------------------------------------------------------------ */

bool metadata_is_of(const struct metadata *m, const char *format)
{
    return m && m->format && strcmp(m->format, format) == 0;
}

struct metadata_walk metadata_walk(const struct picture_info *info, const char *format, const struct write_options *options)
{
    return (struct metadata_walk){.metadata = info->metadata,
                                  .options = options,
                                  .native = metadata_is_of(info->metadata, format),
                                  .other_colours = info->changes.colours};
}

/* The colour space of a profile is at byte 16. */
static bool is_of_rgb(const struct meta *profile)
{
    return profile->size >= 20 && memcmp(profile->data + 16, "RGB ", 4) == 0;
}

static bool takes_profile(struct metadata_walk *walk, const struct meta *item)
{
    if (item->profile && item->mirrored && !metadata_find(walk->metadata, META_ICC))
        return false;
    if (!walk->other_colours && (walk->native || !walk->rgb || is_of_rgb(item)))
        return true;
    if (walk->options && !walk->told)
        metadata_tell_dropped(walk->options, "the ICC profile, which is for other channels");
    walk->told = true;
    return false;
}

static bool takes(struct metadata_walk *walk, const struct meta *item)
{
    bool native = item->kind == META_NATIVE;
    if (native != walk->native || (!native && item != metadata_find(walk->metadata, item->kind)))
        return false;
    return !(item->kind == META_ICC || item->profile) || takes_profile(walk, item);
}

const struct meta *metadata_next(struct metadata_walk *walk)
{
    const struct metadata *m = walk->metadata;
    while (m && walk->next < m->n) {
        const struct meta *item = &m->item[walk->next++];
        if (takes(walk, item))
            return item;
    }
    return NULL;
}

double picture_resolution(const struct picture_info *info, unsigned axis)
{
    const struct metadata *m = info->metadata;
    return (axis == 0) != (info->changes.turned > 4) ? m->x_resolution : m->y_resolution;
}

void metadata_tell_dropped(const struct write_options *options, const char *what)
{
    const struct write_listener *listener = &options->listener;
    if (listener->dropped)
        listener->dropped(listener->context, what);
}

void metadata_tell_rest(const struct metadata *m, const struct write_options *options)
{
    char what[64];
    for (size_t i = 0; m && m->tells_rest && i < m->n; i++)
        if (m->item[i].kind == META_NATIVE && !m->item[i].mirrored) {
            snprintf(what, sizeof what, "other metadata of %s", m->format);
            metadata_tell_dropped(options, what);
            return;
        }
}

void metadata_tell_lost(const struct picture_info *info, const char *format, const struct write_options *options)
{
    struct metadata_walk walk = metadata_walk(info, format, options);
    while (metadata_next(&walk))
        continue;
    if (!walk.native)
        metadata_tell_rest(info->metadata, options);
}

void metadata_drop(const struct metadata *m, const struct write_options *options)
{
    static const char *const what[] = {
        [META_ICC] = "the ICC profile", [META_EXIF] = "the EXIF data", [META_XMP] = "the XMP packet"};
    for (enum meta_kind kind = META_ICC; kind <= META_XMP; kind++)
        if (metadata_find(m, kind))
            metadata_tell_dropped(options, what[kind]);
    if (m && m->x_resolution > 0)
        metadata_tell_dropped(options, "the resolution");
    metadata_tell_rest(m, options);
}
