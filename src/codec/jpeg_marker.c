/* Metadata of JPEG: the application markers and comments, byte for byte, and what other formats can hold of them. */
#include "jpeg_codec.h"

#include <stdlib.h>
#include <string.h>

enum { MARKER_BYTES_MAX = 65533 };

static const char exif_head[] = "Exif\0";
static const char xmp_head[] = "http://ns.adobe.com/xap/1.0/";
static const char icc_head[] = "ICC_PROFILE";

void jpegc_marker_listen(struct jpeg_decompress_struct *d)
{
    jpeg_save_markers(d, JPEG_COM, 0xffff);
    for (int i = 0; i < 16; i++)
        jpeg_save_markers(d, JPEG_APP0 + i, 0xffff);
}

static bool starts(const unsigned char *data, size_t n, const void *head, size_t head_bytes)
{
    return n >= head_bytes && memcmp(data, head, head_bytes) == 0;
}

/* What the encoder writes itself (JFIF, Adobe), and an index of pictures that will not be there (MPF). */
static bool is_carried(const jpeg_saved_marker_ptr marker)
{
    const unsigned char *data = marker->data;
    size_t n = marker->data_length;
    if (marker->marker == JPEG_APP0)
        return !starts(data, n, "JFIF", 5) && !starts(data, n, "JFXX", 5);
    if (marker->marker == JPEG_APP0 + 2)
        return !starts(data, n, "MPF", 4);
    return marker->marker != JPEG_APP0 + 14 || !starts(data, n, "Adobe", 5);
}

static bool is_profile(const struct meta *item)
{
    return item->kind == META_ICC ||
           (item->tag == JPEG_APP0 + 2 && starts(item->data, item->size, icc_head, sizeof icc_head));
}

static void note_common(struct metadata *m, const jpeg_saved_marker_ptr marker)
{
    const unsigned char *data = marker->data;
    size_t n = marker->data_length;
    if (marker->marker != JPEG_APP0 + 1)
        return;
    if (starts(data, n, exif_head, sizeof exif_head))
        metadata_add(m, META_EXIF, 0, 0, data + sizeof exif_head, n - sizeof exif_head);
    else if (starts(data, n, xmp_head, sizeof xmp_head))
        metadata_add(m, META_XMP, 0, 0, data + sizeof xmp_head, n - sizeof xmp_head);
}

void jpegc_marker_note(struct jpeg_decompress_struct *d, struct metadata *m)
{
    JOCTET *profile;
    unsigned size;

    for (jpeg_saved_marker_ptr marker = d->marker_list; marker; marker = marker->next) {
        size_t native = m->n;
        if (!is_carried(marker) || !metadata_add(m, META_NATIVE, marker->marker, 0, marker->data, marker->data_length))
            continue;
        note_common(m, marker);
        m->item[native].mirrored = m->n > native + 1 || is_profile(&m->item[native]);
    }
    m->tells_rest = true;
    if (jpeg_read_icc_profile(d, &profile, &size)) {
        metadata_add(m, META_ICC, 0, 0, profile, size);
        free(profile);
    }
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

void jpegc_marker_prepare(struct jpeg_compress_struct *c, const struct metadata *m)
{
    double x = m->x_resolution + 0.5, y = m->y_resolution + 0.5;
    if (m->format == codec_jpeg.name)
        c->write_JFIF_header = m->jfif;
    if (!(x >= 1 && y >= 1 && x < 65536 && y < 65536))
        return;
    c->X_density = (UINT16)x;
    c->Y_density = (UINT16)y;
    c->density_unit = m->resolution_unit == RESOLUTION_INCH ? 1 : m->resolution_unit == RESOLUTION_CENTIMETRE ? 2 : 0;
}

/* An APP1 with a head of its own, if it fits one marker. */
static void write_app1(struct jpeg_compress_struct *c, const void *head, size_t head_bytes, const struct meta *item,
                       const char *what, const struct write_options *options)
{
    if (item->size > MARKER_BYTES_MAX - head_bytes) {
        metadata_tell_dropped(options, what);
        return;
    }
    jpeg_write_m_header(c, JPEG_APP0 + 1, (unsigned)(head_bytes + item->size));
    for (size_t i = 0; i < head_bytes; i++)
        jpeg_write_m_byte(c, ((const unsigned char *)head)[i]);
    for (size_t i = 0; i < item->size; i++)
        jpeg_write_m_byte(c, item->data[i]);
}

static void write_common(struct jpeg_compress_struct *c, const struct meta *item, bool other_colours,
                         const struct write_options *options)
{
    if (item->kind == META_EXIF)
        write_app1(c, exif_head, sizeof exif_head, item, "the EXIF block, which is too long for JPEG", options);
    else if (item->kind == META_XMP)
        write_app1(c, xmp_head, sizeof xmp_head, item, "the XMP packet, which is too long for JPEG", options);
    else if (item->kind == META_ICC && !other_colours && item->size > 0)
        jpeg_write_icc_profile(c, item->data, (unsigned)item->size);
}

void jpegc_marker_write(struct jpeg_compress_struct *c, const struct picture_info *info,
                        const struct write_options *options)
{
    const struct metadata *m = info->metadata;
    bool native = m->format == codec_jpeg.name;

    if (info->other_colours && metadata_find(m, META_ICC))
        metadata_tell_dropped(options, "the ICC profile, which is for other channels");
    if (!native)
        metadata_tell_rest(m, options);
    for (size_t i = 0; i < m->n; i++) {
        const struct meta *item = &m->item[i];
        if (!native)
            write_common(c, item, info->other_colours, options);
        else if (item->kind == META_NATIVE && !(info->other_colours && is_profile(item)))
            jpeg_write_marker(c, (int)item->tag, item->data, (unsigned)item->size);
    }
}

void jpegc_marker_late(const struct metadata *m, size_t from, const struct write_options *options)
{
    for (size_t i = from; i < m->n; i++)
        if (m->item[i].kind == META_EXIF)
            metadata_tell_dropped(options, "the EXIF data, which came behind the picture");
        else if (m->item[i].kind == META_XMP)
            metadata_tell_dropped(options, "the XMP packet, which came behind the picture");
}
