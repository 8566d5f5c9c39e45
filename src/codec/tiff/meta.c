/* Metadata: which tags are carried, and what of them other formats understand. */
#include "base/bytes.h"
#include "codec/exif.h"
#include "codec/tiff/internal.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ICC = 34675, XMP = 700, INTEROPERABILITY = 40965, GDAL_NODATA = 42113 };

/* ---- which tags --------------------------------------------------------------------------------------------------- */

/*
 * Tags that say how the samples are stored, which the writer says anew, or what their values are, which no longer holds.
 * All others are carried, known or not.
 */
static bool is_carried(uint32_t tag)
{
    static const uint16_t own[] = {
        256, 257, 258, 259, 262, 263, 264, 265,      /* size, bits, compression, interpretation, dithering */
        266, 273, 277, 278, 279, 280, 281, 284,      /* fill order, strips, range of values, planes */
        288, 289, 290, 291, 292, 293, 301,           /* free bytes, response of grey, options of fax, transfer function */
        317, 320, 322, 323, 324, 325, 326, 327, 328, /* predictor, palette, tiles, bad lines of fax */
        332, 333, 334, 336, 337,                     /* inks */
        338, 339, 340, 341, 342, 347,                /* extra samples, format, ranges, tables of JPEG */
        512, 513, 514, 515, 517, 518, 519, 520, 521, /* old-style JPEG */
        529, 530, 531, 532                           /* YCbCr */
    };
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (tag == own[i])
            return false;
    return tag != ((uint32_t)TIFF_EXIF << 16 | INTEROPERABILITY);
}

/* What the first directory of an EXIF block has: EXIF 2.32, table 4, and what cameras and Windows add to it. */
static bool is_of_exif(uint32_t tag)
{
    static const uint16_t tags[] = {270, 271, 272,   274,   282,   283,   296,   305,  306,
                                    315, 316, 33432, 40091, 40092, 40093, 40094, 40095};
    if (tag > 0xffff)
        return true;
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
        if (tag == tags[i])
            return true;
    return false;
}

static struct meta *find_tag(const struct metadata *m, uint32_t tag)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->item[i].kind == META_NATIVE && m->item[i].tag == tag && m->item[i].size > 0)
            return &m->item[i];
    return NULL;
}

bool tiff_meta_number(const struct metadata *m, uint32_t tag, uint32_t *value)
{
    const struct meta *item = find_tag(m, tag);
    uint16_t n16;
    if (item && item->type == TIFF_LONG && item->size >= sizeof *value) {
        memcpy(value, item->data, sizeof *value);
        return true;
    }
    if (!item || item->type != TIFF_SHORT || item->size < sizeof n16)
        return false;
    memcpy(&n16, item->data, sizeof n16);
    *value = n16;
    return true;
}

/* A number alone, as text. */
static bool read_nodata(const struct meta *item, double *value)
{
    char text[64], *end;
    if (!item || item->type != TIFF_ASCII || item->size >= sizeof text)
        return false;
    memcpy(text, item->data, item->size);
    text[item->size] = '\0';
    *value = strtod(text, &end);
    return end > text && end[strspn(end, " ")] == '\0';
}

void tiff_meta_nodata(const struct metadata *m, struct picture_info *info)
{
    double value;
    enum sample sample = info->sample;
    if (!read_nodata(find_tag(m, GDAL_NODATA), &value))
        return;
    double nearest = sample_nearest(value, sample), most = sample == SAMPLE_F32 ? (double)FLT_MAX : 65504;
    if (isinf(nearest) && isfinite(value)) /* the digits of the largest number are often cut off */
        nearest = copysign(most, value);
    bool held =
        sample_is_float(sample) || (nearest == value && value >= sample_least(sample) && value <= sample_unit(sample));
    info->has_nodata = held;
    info->nodata = held ? nearest : 0;
}

/* ---- reading: the common forms ------------------------------------------------------------------------------------ */

/* 0 if there is none. */
static double rational(const struct metadata *m, uint32_t tag)
{
    const struct meta *item = find_tag(m, tag);
    uint32_t n[2];
    if (!item || item->type != TIFF_RATIONAL || item->size < sizeof n)
        return 0;
    memcpy(n, item->data, sizeof n);
    return n[1] ? (double)n[0] / n[1] : 0;
}

static void read_resolution(struct metadata *m)
{
    uint32_t unit = RESUNIT_INCH;
    tiff_meta_number(m, TIFFTAG_RESOLUTIONUNIT, &unit);
    m->x_resolution = rational(m, TIFFTAG_XRESOLUTION);
    m->y_resolution = rational(m, TIFFTAG_YRESOLUTION);
    m->resolution_unit = unit == RESUNIT_INCH         ? RESOLUTION_INCH
                         : unit == RESUNIT_CENTIMETER ? RESOLUTION_CENTIMETRE
                                                      : RESOLUTION_ASPECT;
}

static void share(struct metadata *m, enum meta_kind kind, uint32_t tag)
{
    const struct meta *item = find_tag(m, tag);
    if (item)
        metadata_add(m, kind, tag, item->type, item->data, item->size);
}

/* The tags that EXIF has as a block of their own. */
static void share_exif(struct metadata *m)
{
    unsigned char head[8];
    struct metadata part = {.format = m->format};
    struct tiff_bytes b = {.base = 0};
    for (size_t i = 0; i < m->n; i++) {
        const struct meta *item = &m->item[i];
        if (item->kind == META_NATIVE && item->size > 0 && is_of_exif(item->tag))
            metadata_add(&part, META_NATIVE, item->tag, item->type, item->data, item->size);
    }
    if (part.n > 0) {
        memcpy(head, machine_is_little() ? "II*\0" : "MM\0*", 4);
        tiff_bytes_put(&b, head, sizeof head);
        uint64_t at = tiff_ifd_put(&b, &part, NULL, 0);
        if (!b.failed) {
            put_bytes(b.data + 4, 4, machine_is_little(), at);
            metadata_add(m, META_EXIF, 0, 0, b.data, b.size);
        }
    }
    m->lacks |= part.lacks || b.failed;
    free(b.data);
    metadata_clear(&part);
}

void tiff_meta_read(struct source *source, uint64_t at, struct metadata *m)
{
    struct tiff_ifds file;
    struct why why = {""};
    if (!tiff_ifds_open(&file, source, &why))
        return;
    tiff_ifd_read(&file, at, 0, is_carried, m);
    for (size_t i = 0; i < m->n; i++)
        m->item[i].profile = m->item[i].mirrored = m->item[i].kind == META_NATIVE && m->item[i].tag == ICC;
    read_resolution(m);
    share(m, META_ICC, ICC);
    share(m, META_XMP, XMP);
    share_exif(m);
}

/* ---- writing: any format's as tags -------------------------------------------------------------------------------- */

struct bytes_source {
    struct source base; /* first, so that a pointer to it is one to the whole */
    const unsigned char *data;
    size_t size;
};

static size_t read_bytes(struct source *source, void *to, size_t n, uint64_t offset)
{
    struct bytes_source *s = (struct bytes_source *)source;
    if (offset >= s->size)
        return 0;
    if (n > s->size - (size_t)offset)
        n = s->size - (size_t)offset;
    memcpy(to, s->data + offset, n);
    return n;
}

/* TIFF has no use for two that say how a JPEG file codes its components. */
static bool is_carried_from_exif(uint32_t tag)
{
    return is_carried(tag) && tag != ((uint32_t)TIFF_EXIF << 16 | 0x9101) && tag != ((uint32_t)TIFF_EXIF << 16 | 0x9102) &&
           (is_of_exif(tag) || tag == TIFF_EXIF || tag == TIFF_GPS);
}

static bool import_exif(struct metadata *tags, const struct meta *block)
{
    struct bytes_source s = {.base.read_at = read_bytes, .data = block->data, .size = block->size};
    struct tiff_ifds file;
    struct why why = {""};
    return tiff_ifds_open(&file, &s.base, &why) && tiff_ifd_read(&file, file.first, 0, is_carried_from_exif, tags);
}

static void import_resolution(struct metadata *tags, const struct metadata *from)
{
    const double value[] = {from->x_resolution, from->y_resolution};
    uint16_t unit = from->resolution_unit == RESOLUTION_INCH         ? RESUNIT_INCH
                    : from->resolution_unit == RESOLUTION_CENTIMETRE ? RESUNIT_CENTIMETER
                                                                     : RESUNIT_NONE;
    if (find_tag(tags, TIFFTAG_XRESOLUTION) || !(value[0] > 0 && value[1] > 0 && value[0] < 4e6 && value[1] < 4e6))
        return;
    for (uint32_t i = 0; i < 2; i++) {
        const uint32_t n[2] = {(uint32_t)(value[i] * 1000 + 0.5), 1000};
        metadata_add(tags, META_NATIVE, TIFFTAG_XRESOLUTION + i, TIFF_RATIONAL, n, sizeof n);
    }
    if (!find_tag(tags, TIFFTAG_RESOLUTIONUNIT))
        metadata_add(tags, META_NATIVE, TIFFTAG_RESOLUTIONUNIT, TIFF_SHORT, &unit, sizeof unit);
}

/* Names what has no bytes: it could not be read, or points into the file that it was in. */
static void name_dropped(const struct metadata *tags, const struct write_options *options)
{
    for (size_t i = 0; i < tags->n; i++) {
        char text[40];
        uint32_t tag = tags->item[i].tag;
        if (tags->item[i].kind != META_NATIVE || tags->item[i].size > 0)
            continue;
        snprintf(text, sizeof text, "tag %u of %s", tag & 0xffff, tag >> 16 ? "the EXIF block" : "the TIFF file");
        metadata_tell_dropped(options, tag == TIFFTAG_SUBIFD ? "the pictures in SubIFDs"
                                       : tag == TIFF_EXIF    ? "the EXIF block"
                                       : tag == TIFF_GPS     ? "the GPS block"
                                                             : text);
    }
}

static bool import_native(struct metadata *tags, struct metadata_walk *walk)
{
    for (const struct meta *item; (item = metadata_next(walk));)
        if (!metadata_add(tags, META_NATIVE, item->tag, item->type, item->data, item->size))
            return false;
    return true;
}

static bool import_common(struct metadata *tags, struct metadata_walk *walk)
{
    const struct meta *icc = NULL, *xmp = NULL, *exif = NULL;
    for (const struct meta *item; (item = metadata_next(walk));)
        *(item->kind == META_ICC ? &icc : item->kind == META_XMP ? &xmp : &exif) = item;
    if (exif && !import_exif(tags, exif))
        metadata_tell_dropped(walk->options, "the EXIF block");
    import_resolution(tags, walk->metadata);
    return (!icc || metadata_add(tags, META_NATIVE, ICC, TIFF_UNDEFINED, icc->data, icc->size)) &&
           (!xmp || metadata_add(tags, META_NATIVE, XMP, TIFF_BYTE, xmp->data, xmp->size));
}

static void swap(const struct metadata *tags, uint32_t upper, uint32_t tag, uint32_t other)
{
    struct meta *x = find_tag(tags, upper << 16 | tag), *y = find_tag(tags, upper << 16 | other), kept;
    if (!x || !y)
        return;
    kept = *x;
    *x = *y;
    *y = kept;
    y->tag = x->tag;
    x->tag = kept.tag;
}

/* The tags of a picture that was turned; as exif_edit. */
static void set_upright(const struct metadata *tags, const struct picture_info *info)
{
    const struct meta *orientation = find_tag(tags, TIFFTAG_ORIENTATION), *xmp = find_tag(tags, XMP);
    uint32_t n32 = 1;
    uint16_t n16 = 1;
    if (orientation && orientation->type == TIFF_SHORT)
        memcpy(orientation->data, &n16, sizeof n16);
    else if (orientation && orientation->type == TIFF_LONG)
        memcpy(orientation->data, &n32, sizeof n32);
    if (xmp)
        xmp_edit(xmp->data, xmp->size, &info->changes);
    if (info->changes.turned <= 4)
        return;
    swap(tags, 0, TIFFTAG_XRESOLUTION, TIFFTAG_YRESOLUTION);
    swap(tags, TIFF_EXIF, 0xa002, 0xa003); /* PixelXDimension, PixelYDimension */
    swap(tags, TIFF_EXIF, 0xa20e, 0xa20f); /* FocalPlaneXResolution, FocalPlaneYResolution */
}

bool tiff_meta_import(struct metadata *tags, const struct picture_info *info, const struct write_options *options)
{
    struct metadata_walk walk = metadata_walk(info, codec_tiff.name, options);
    tags->format = codec_tiff.name;
    if (!info->metadata)
        return true;
    if (!(walk.native ? import_native : import_common)(tags, &walk))
        return false;
    if (info->changes.turned > 1)
        set_upright(tags, info);
    name_dropped(tags, options);
    return !tags->lacks;
}
