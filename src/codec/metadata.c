/* Blocks of metadata on their way from a reader to a writer. */
#include "codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool metadata_add(struct metadata *m, enum meta_kind kind, uint32_t tag, unsigned type, const void *data, size_t size)
{
    if (size > METADATA_BYTES_MAX - m->bytes)
        return false;
    struct meta *item = realloc(m->item, (m->n + 1) * sizeof *item);
    if (!item)
        return false;
    m->item = item;
    unsigned char *copy = malloc(size ? size : 1);
    if (!copy)
        return false;
    if (size > 0)
        memcpy(copy, data, size);
    m->item[m->n++] = (struct meta){.kind = kind, .tag = tag, .type = type, .data = copy, .size = size};
    m->bytes += size;
    return true;
}

const struct meta *metadata_find(const struct metadata *m, enum meta_kind kind)
{
    for (size_t i = 0; m && i < m->n; i++)
        if (m->item[i].kind == kind)
            return &m->item[i];
    return NULL;
}

void metadata_clear(struct metadata *m)
{
    for (size_t i = 0; i < m->n; i++)
        free(m->item[i].data);
    free(m->item);
    *m = (struct metadata){.format = m->format};
}

void metadata_tell_dropped(const struct write_options *options, const char *what)
{
    if (options->dropped)
        options->dropped(options->dropped_to, what);
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
