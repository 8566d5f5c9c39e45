/* Metadata of JPEG: the application markers and comments, byte for byte, and what other formats can hold of them. */
#include "base/bytes.h"
#include "codec/exif.h"
#include "codec/jpeg/internal.h"

#include <stdlib.h>
#include <string.h>

#include <jerror.h>

enum { MARKER_BYTES_MAX = 65533, MARKERS_MAX = 4096, HEAD_MAX = 16 };

/* Each part of a profile begins with icc_head, the number of the part from 1 on, and the number of parts. */
enum { ICC_HEAD = 14 };

static const char exif_head[] = "Exif\0";
static const char xmp_head[] = "http://ns.adobe.com/xap/1.0/";
static const char icc_head[] = "ICC_PROFILE";

static bool starts(const unsigned char *data, size_t n, const void *head, size_t head_bytes)
{
    return n >= head_bytes && memcmp(data, head, head_bytes) == 0;
}

static bool is_profile(const struct meta *item)
{
    return item->tag == JPEG_APP0 + 2 && item->size >= ICC_HEAD &&
           starts(item->data, item->size, icc_head, sizeof icc_head);
}

/* ---- reading ------------------------------------------------------------------------------------------------------ */

static void read_bytes(struct jpeg_decompress_struct *d, unsigned char *to, size_t n)
{
    while (n > 0) {
        if (d->src->bytes_in_buffer == 0)
            d->src->fill_input_buffer(d);
        size_t part = d->src->bytes_in_buffer < n ? d->src->bytes_in_buffer : n;
        memcpy(to, d->src->next_input_byte, part);
        d->src->next_input_byte += part;
        d->src->bytes_in_buffer -= part;
        to += part;
        n -= part;
    }
}

/* Sets what libjpeg's own processor of the marker would set. */
static void examine(struct jpeg_decompress_struct *d, const unsigned char *head, size_t n)
{
    if (d->unread_marker == JPEG_APP0 && n >= 14 && starts(head, n, "JFIF", 5)) {
        d->saw_JFIF_marker = TRUE;
        d->JFIF_major_version = head[5];
        d->JFIF_minor_version = head[6];
        d->density_unit = head[7];
        d->X_density = get_be16(head + 8);
        d->Y_density = get_be16(head + 10);
    } else if (d->unread_marker == JPEG_APP0 + 14 && n >= 12 && starts(head, n, "Adobe", 5)) {
        d->saw_Adobe_marker = TRUE;
        d->Adobe_transform = head[11];
    }
}

/* Not what the encoder writes itself (JFIF, Adobe), nor an index of pictures that are not written (MPF). */
static bool is_carried(int marker, const unsigned char *head, size_t n)
{
    if (marker == JPEG_APP0)
        return !starts(head, n, "JFIF", 5) && !starts(head, n, "JFXX", 5);
    if (marker == JPEG_APP0 + 2)
        return !starts(head, n, "MPF", 4);
    return marker != JPEG_APP0 + 14 || !starts(head, n, "Adobe", 5);
}

/* Memory for a block of n bytes; NULL if the metadata would grow too large. */
static unsigned char *make_room(struct jpegc_guard *g, enum meta_kind kind, int tag, size_t n)
{
    struct metadata *m = g->metadata;
    if (m->n >= MARKERS_MAX || n > METADATA_BYTES_MAX - m->bytes) {
        metadata_note(m, NOTE_VERBOSE, "more than %d blocks or %zu MiB of metadata: the rest is left out", MARKERS_MAX,
                      METADATA_BYTES_MAX >> 20);
        return NULL;
    }
    unsigned char *data = metadata_new(m, kind, (uint32_t)tag, 0, n);
    if (!data)
        jpegc_fail(g, "out of memory");
    return data;
}

/* Adds the common form of the marker. False if it has none. */
static bool share(struct jpegc_guard *g, int marker, const unsigned char *data, size_t n)
{
    bool exif = starts(data, n, exif_head, sizeof exif_head), xmp = starts(data, n, xmp_head, sizeof xmp_head);
    size_t head = exif ? sizeof exif_head : sizeof xmp_head;
    if (marker != JPEG_APP0 + 1 || !(exif || xmp))
        return false;
    unsigned char *to = make_room(g, exif ? META_EXIF : META_XMP, 0, n - head);
    if (to)
        memcpy(to, data + head, n - head);
    return to;
}

/* libjpeg's own way to keep a marker walks over all markers before it: a file of many small ones would take minutes. */
static boolean on_marker(j_decompress_ptr d)
{
    struct jpegc_guard *g = (struct jpegc_guard *)d->err;
    struct metadata *m = g->metadata;
    int marker = d->unread_marker;
    unsigned char head[HEAD_MAX], *data = NULL;
    read_bytes(d, head, 2);
    size_t length = get_be16(head), n = length - 2, start = n < HEAD_MAX ? n : HEAD_MAX, native = m->n;
    if (length < 2)
        ERREXIT(d, JERR_BAD_LENGTH);
    read_bytes(d, head, start);
    examine(d, head, start);
    if (is_carried(marker, head, start))
        data = make_room(g, META_NATIVE, marker, n);
    if (data) {
        memcpy(data, head, start);
        read_bytes(d, data + start, n - start);
        bool shared = share(g, marker, data, n);
        m->item[native].profile = is_profile(&m->item[native]);
        m->item[native].mirrored = shared || m->item[native].profile;
    } else
        d->src->skip_input_data(d, (long)(n - start));
    d->unread_marker = 0;
    return TRUE;
}

void jpegc_marker_listen(struct jpeg_decompress_struct *d)
{
    jpeg_set_marker_processor(d, JPEG_COM, on_marker);
    for (int i = 0; i < 16; i++)
        jpeg_set_marker_processor(d, JPEG_APP0 + i, on_marker);
}

/* Markers between scans are not kept. */
static void stop_listening(struct jpeg_decompress_struct *d)
{
    jpeg_save_markers(d, JPEG_COM, 0);
    for (int i = 0; i < 16; i++)
        jpeg_save_markers(d, JPEG_APP0 + i, 0);
}

/* The parts by their numbers; returns how many of them make a profile, 0 if there is none or it is broken. */
static unsigned find_parts(struct metadata *m, struct meta part[256])
{
    unsigned n = 0, found = 0;
    bool whole = true;
    size_t size = 0;
    for (size_t i = 0; i < m->n; i++) {
        const struct meta *item = &m->item[i];
        if (!item->profile)
            continue;
        unsigned at = item->data[ICC_HEAD - 2], of = item->data[ICC_HEAD - 1];
        n = found++ ? n : of;
        whole = whole && of == n && at > 0 && at <= n && !part[at].data;
        part[at] = *item;
        size += item->size - ICC_HEAD;
    }
    whole = whole && found == n && size > 0;
    if (found > 0 && !whole)
        metadata_note(m, NOTE_VERBOSE, "its ICC profile is broken: it is left out");
    return whole ? n : 0;
}

static void note_profile(struct jpegc_guard *g)
{
    struct meta part[256] = {{.data = NULL}};
    unsigned n = find_parts(g->metadata, part);
    size_t size = 0, at = 0;
    for (unsigned i = 1; i <= n; i++)
        size += part[i].size - ICC_HEAD;
    unsigned char *data = n > 0 ? make_room(g, META_ICC, 0, size) : NULL;
    for (unsigned i = 1; data && i <= n; at += part[i++].size - ICC_HEAD)
        memcpy(data + at, part[i].data + ICC_HEAD, part[i].size - ICC_HEAD);
}

void jpegc_marker_note(struct jpeg_decompress_struct *d)
{
    struct jpegc_guard *g = (struct jpegc_guard *)d->err;
    struct metadata *m = g->metadata;
    stop_listening(d);
    note_profile(g);
    m->tells_rest = true;
    m->jfif = d->saw_JFIF_marker;
    if (d->saw_JFIF_marker) {
        m->x_resolution = d->X_density;
        m->y_resolution = d->Y_density;
        m->resolution_unit = d->density_unit == 1   ? RESOLUTION_INCH
                             : d->density_unit == 2 ? RESOLUTION_CENTIMETRE
                                                    : RESOLUTION_ASPECT;
    }
}

/* ---- writing ------------------------------------------------------------------------------------------------------ */

void jpegc_marker_prepare(struct jpeg_compress_struct *c, const struct picture_info *info)
{
    const struct metadata *m = info->metadata;
    double x = picture_resolution(info, 0) + 0.5, y = picture_resolution(info, 1) + 0.5;
    if (metadata_is_of(m, codec_jpeg.name))
        c->write_JFIF_header = m->jfif;
    if (!(x >= 1 && y >= 1 && x < 65536 && y < 65536))
        return;
    c->X_density = (UINT16)x;
    c->Y_density = (UINT16)y;
    c->density_unit = m->resolution_unit == RESOLUTION_INCH ? 1 : m->resolution_unit == RESOLUTION_CENTIMETRE ? 2 : 0;
}

/* The bytes of an item as they are true of the output. A copy is freed by libjpeg. */
static const unsigned char *edited(struct jpeg_compress_struct *c, const struct meta *item, const struct picture_info *info)
{
    bool native = item->kind == META_NATIVE, app1 = native && item->tag == JPEG_APP0 + 1;
    bool exif = item->kind == META_EXIF || (app1 && starts(item->data, item->size, exif_head, sizeof exif_head));
    bool xmp = item->kind == META_XMP || (app1 && starts(item->data, item->size, xmp_head, sizeof xmp_head));
    if (!(exif || xmp) || !exif_is_edited(&info->changes))
        return item->data;
    size_t head = !native ? 0 : exif ? sizeof exif_head : sizeof xmp_head;
    unsigned char *copy = c->mem->alloc_large((j_common_ptr)c, JPOOL_IMAGE, item->size + 1);
    memcpy(copy, item->data, item->size);
    (exif ? exif_edit : xmp_edit)(copy + head, item->size - head, &info->changes);
    return copy;
}

/* Writes a head and the block as one APP1. What is too long for one marker is dropped. */
static void write_app1(struct jpeg_compress_struct *c, const void *head, size_t head_bytes, const struct meta *item,
                       const struct picture_info *info, const char *what, const struct write_options *options)
{
    const unsigned char *data = edited(c, item, info);
    if (item->size > MARKER_BYTES_MAX - head_bytes) {
        metadata_tell_dropped(options, what);
        return;
    }
    jpeg_write_m_header(c, JPEG_APP0 + 1, (unsigned)(head_bytes + item->size));
    for (size_t i = 0; i < head_bytes; i++)
        jpeg_write_m_byte(c, ((const unsigned char *)head)[i]);
    for (size_t i = 0; i < item->size; i++)
        jpeg_write_m_byte(c, data[i]);
}

static void write_common(struct jpeg_compress_struct *c, const struct meta *item, const struct picture_info *info,
                         const struct write_options *options)
{
    if (item->kind == META_EXIF)
        write_app1(c, exif_head, sizeof exif_head, item, info, "the EXIF block, which is too long for JPEG", options);
    else if (item->kind == META_XMP)
        write_app1(c, xmp_head, sizeof xmp_head, item, info, "the XMP packet, which is too long for JPEG", options);
    else if (item->kind == META_ICC && item->size > 0)
        jpeg_write_icc_profile(c, item->data, (unsigned)item->size);
}

struct metadata_walk jpegc_marker_write(struct jpeg_compress_struct *c, const struct picture_info *info,
                                        const struct write_options *options)
{
    struct metadata_walk walk = metadata_walk(info, codec_jpeg.name, NULL);
    metadata_tell_lost(info, codec_jpeg.name, options);
    for (const struct meta *item; (item = metadata_next(&walk));)
        if (walk.native)
            jpeg_write_marker(c, (int)item->tag, edited(c, item, info), (unsigned)item->size);
        else
            write_common(c, item, info, options);
    return walk;
}

void jpegc_marker_late(struct metadata_walk walk, const struct write_options *options)
{
    for (const struct meta *item; (item = metadata_next(&walk));)
        if (item->kind == META_EXIF)
            metadata_tell_dropped(options, "the EXIF data, which came after the picture");
        else if (item->kind == META_XMP)
            metadata_tell_dropped(options, "the XMP packet, which came after the picture");
}
