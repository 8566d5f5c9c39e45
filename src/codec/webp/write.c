/*
 * Writing WebP. Lossless are: what was read from lossless WebP, unless --quality says otherwise; --compression without
 * --quality; and quality 100. All else is lossy.
 *
 * Grey is written as RGB of three equal channels, and read back as RGB. An alpha that is opaque everywhere is not stored.
 */
#include "codec/exif.h"
#include "codec/webp/internal.h"

#include <webp/encode.h>

#include <stdlib.h>
#include <string.h>

enum { DEFAULT_LEVEL = 6 }; /* of lossless: cwebp's */

struct writer {
    struct sink *sink;
    struct write_options options;
    struct picture_info picture;
    uint64_t offset;
    struct why *why; /* of the encoding under way */
    WebPConfig config;
    WebPPicture pixels;      /* the whole picture */
    WebPMemoryWriter memory; /* the encoded picture, where chunks of metadata go around it */
    size_t row;
};

/* ---- samples ------------------------------------------------------------------------------------------------------ */

static void webp_free(struct writer *w)
{
    WebPPictureFree(&w->pixels);
    WebPMemoryWriterClear(&w->memory);
    free(w);
}

void *webp_write_create(struct sink *sink, const struct write_options *options, struct why *why)
{
    struct writer *w = codec_new(sizeof *w, why);
    if (!w)
        return NULL;
    w->sink = sink;
    w->options = *options;
    WebPMemoryWriterInit(&w->memory);
    if (WebPPictureInit(&w->pixels) && WebPConfigInit(&w->config))
        return w;
    free(w);
    why_set(why, "libwebp is of another version than its header");
    return NULL;
}

void webp_write_abandon(void *writer)
{
    webp_free(writer);
}

static bool is_lossless(const struct writer *w)
{
    if (w->options.quality > 0)
        return w->options.quality == 100;
    return w->options.compression >= 0 || w->picture.lossless;
}

/* Lossless keeps the colours under alpha 0 too. */
static void configure(struct writer *w)
{
    int level = w->options.compression;
    if (is_lossless(w)) {
        WebPConfigLosslessPreset(&w->config, level < 0 ? DEFAULT_LEVEL : level);
        w->config.exact = 1;
        return;
    }
    w->config.quality = (float)write_quality(&w->options);
    if (level >= 0)
        w->config.method = level * 2 / 3; /* 0..6 */
}

bool webp_write_begin(void *writer, const struct picture_info *info, struct why *why)
{
    struct writer *w = writer;
    unsigned colours = picture_colours(info);
    if (info->sample != SAMPLE_U8)
        return codec_refuse_sample(why, "WebP holds 8 bits a sample", "8", info->sample);
    if ((colours != 1 && colours != 3) || info->alpha == ALPHA_PREMULTIPLIED)
        return why_set(why, "WebP holds RGB with straight alpha, not these %u channels", info->channels);
    if (info->width > WEBP_MAX_DIMENSION || info->height > WEBP_MAX_DIMENSION)
        return why_set(why, "WebP holds at most %d pixels along an axis: write PNG instead", WEBP_MAX_DIMENSION);
    w->picture = *info;
    configure(w);
    w->pixels.use_argb = 1;
    w->pixels.width = (int)info->width;
    w->pixels.height = (int)info->height;
    return WebPPictureAlloc(&w->pixels) || why_memory(why);
}

/* row[width] of ARGB <- interleaved samples */
static void pack_row(const struct picture_info *info, const unsigned char *sample, uint32_t *row)
{
    unsigned channels = info->channels, g = picture_colours(info) == 3, b = 2 * g;
    bool alpha = info->alpha != ALPHA_NONE;
    for (size_t x = 0; x < info->width; x++, sample += channels)
        row[x] = (alpha ? (uint32_t)sample[channels - 1] << 24 : 0xff000000u) | (uint32_t)sample[0] << 16 |
                 (uint32_t)sample[g] << 8 | sample[b];
}

bool webp_write_rows(void *writer, const struct rows *rows, struct why *why)
{
    struct writer *w = writer;
    (void)why;
    for (size_t y = 0; y < rows->height; y++, w->row++)
        pack_row(&w->picture, rows->data + (ptrdiff_t)y * rows->dy,
                 w->pixels.argb + w->row * (size_t)w->pixels.argb_stride);
    return true;
}

/* ---- bytes -------------------------------------------------------------------------------------------------------- */

static bool put(struct writer *w, const void *from, size_t n, struct why *why)
{
    if (!w->sink->write_at(w->sink, from, n, w->offset))
        return why_set(why, "%s", w->sink->why.text);
    w->offset += n;
    return true;
}

static int on_write(const uint8_t *from, size_t n, const WebPPicture *pixels)
{
    struct writer *w = pixels->custom_ptr;
    return put(w, from, n, w->why);
}

static bool put_chunk(struct writer *w, uint32_t tag, const void *data, size_t n, struct why *why)
{
    unsigned char head[WEBP_CHUNK];
    put_be32(head, tag);
    put_le32(head + 4, (uint32_t)n);
    return put(w, head, sizeof head, why) && put(w, data, n, why) && (n % 2 == 0 || put(w, "", 1, why));
}

/* ---- metadata ----------------------------------------------------------------------------------------------------- */

/* The name of the chunk that a block becomes. */
static uint32_t tag_of(const struct meta *item)
{
    return item->kind == META_NATIVE ? item->tag
           : item->kind == META_ICC  ? WEBP_TAG('I', 'C', 'C', 'P')
           : item->kind == META_EXIF ? WEBP_TAG('E', 'X', 'I', 'F')
                                     : WEBP_TAG('X', 'M', 'P', ' ');
}

static unsigned flag_of(uint32_t tag)
{
    return tag == WEBP_TAG('I', 'C', 'C', 'P')   ? WEBP_ICC
           : tag == WEBP_TAG('E', 'X', 'I', 'F') ? WEBP_EXIF
           : tag == WEBP_TAG('X', 'M', 'P', ' ') ? WEBP_XMP
                                                 : 0;
}

/* The blocks that become chunks; those with a flag become one only once. */
struct items {
    struct metadata_walk walk;
    unsigned flags; /* of those that were there */
};

static struct items items_of(const struct writer *w, const struct write_options *options)
{
    struct items items = {.walk = metadata_walk(&w->picture, codec_webp.name, options)};
    items.walk.rgb = true;
    return items;
}

static const struct meta *next_item(struct items *items)
{
    const struct meta *item;
    while ((item = metadata_next(&items->walk))) {
        unsigned flag = flag_of(tag_of(item));
        if (flag & items->flags)
            continue;
        items->flags |= flag;
        return item;
    }
    return NULL;
}

/* An item as it is true of the output. Some writers begin EXIF as JPEG does. */
static bool put_item(struct writer *w, const struct meta *item, struct why *why)
{
    uint32_t tag = tag_of(item);
    bool exif = flag_of(tag) == WEBP_EXIF, xmp = flag_of(tag) == WEBP_XMP;
    size_t head = exif && item->size >= 6 && memcmp(item->data, "Exif\0", 6) == 0 ? 6 : 0;
    unsigned char *copy = exif || xmp ? malloc(item->size + 1) : NULL;
    if (!exif && !xmp)
        return put_chunk(w, tag, item->data, item->size, why);
    if (!copy)
        return why_memory(why);
    memcpy(copy, item->data, item->size);
    (exif ? exif_edit : xmp_edit)(copy + head, item->size - head, &w->picture.changes);
    bool ok = put_chunk(w, tag, copy, item->size, why);
    free(copy);
    return ok;
}

static bool put_items(struct writer *w, bool profile, struct why *why)
{
    struct items items = items_of(w, NULL);
    for (const struct meta *item; (item = next_item(&items));) {
        if ((flag_of(tag_of(item)) == WEBP_ICC) == profile && !put_item(w, item, why))
            return false;
    }
    return true;
}

/* A JFIF header says the resolution beside EXIF, and may say something else. */
static void tell_dropped(const struct writer *w)
{
    const struct metadata *m = w->picture.metadata;
    if (m && m->x_resolution > 0 && (m->jfif || !metadata_find(m, META_EXIF)))
        metadata_tell_dropped(&w->options, "the resolution");
    if (!metadata_is_of(m, codec_webp.name))
        metadata_tell_rest(m, &w->options);
}

/* ---- the file ----------------------------------------------------------------------------------------------------- */

static bool encode(struct writer *w, bool direct, struct why *why)
{
    w->why = why;
    w->pixels.writer = direct ? on_write : WebPMemoryWrite;
    w->pixels.custom_ptr = direct ? (void *)w : (void *)&w->memory;
    if (WebPEncode(&w->config, &w->pixels))
        return true;
    WebPEncodingError code = w->pixels.error_code;
    if (code == VP8_ENC_ERROR_OUT_OF_MEMORY || code == VP8_ENC_ERROR_BITSTREAM_OUT_OF_MEMORY)
        return why_memory(why);
    if (code == VP8_ENC_ERROR_PARTITION0_OVERFLOW || code == VP8_ENC_ERROR_PARTITION_OVERFLOW)
        return why_set(why, "more detail than lossy WebP holds: add --quality 100 for lossless, or lower --quality");
    return why_set(why, "libwebp cannot write it: error %d", (int)code);
}

/* RIFF, VP8X, profile, the chunks of the picture as they were encoded, the others. */
static bool put_file(struct writer *w, unsigned flags, uint64_t item_bytes, struct why *why)
{
    unsigned char riff[WEBP_RIFF] = "RIFF....WEBP", extended[WEBP_VP8X] = {0};
    const unsigned char *picture = w->memory.mem + WEBP_RIFF, *end = w->memory.mem + w->memory.size;
    if (memcmp(picture, "VP8X", 4) == 0) {
        flags |= WEBP_ALPHA;
        picture += WEBP_CHUNK + WEBP_VP8X;
    } else if (memcmp(picture, "VP8L", 4) == 0 && picture[WEBP_CHUNK + 4] & 0x10) {
        flags |= WEBP_ALPHA;
    }
    uint64_t bytes = WEBP_RIFF - 8 + WEBP_CHUNK + WEBP_VP8X + (uint64_t)(end - picture) + item_bytes;
    if (bytes > UINT32_MAX - 8)
        return why_set(why, "WebP holds at most 4 GiB");
    put_le32(riff + 4, (uint32_t)bytes);
    extended[0] = (unsigned char)flags;
    put_bytes(extended + 4, 3, true, w->picture.width - 1);
    put_bytes(extended + 7, 3, true, w->picture.height - 1);
    return put(w, riff, sizeof riff, why) && put_chunk(w, WEBP_TAG('V', 'P', '8', 'X'), extended, sizeof extended, why) &&
           put_items(w, true, why) && put(w, picture, (size_t)(end - picture), why) && put_items(w, false, why);
}

bool webp_write_finish(void *writer, struct why *why)
{
    struct writer *w = writer;
    uint64_t bytes = 0;
    struct items items = items_of(w, &w->options);
    for (const struct meta *item; (item = next_item(&items));)
        bytes += WEBP_CHUNK + (uint64_t)item->size + item->size % 2;
    tell_dropped(w);
    bool ok = encode(w, bytes == 0, why) && (bytes == 0 || put_file(w, items.flags, bytes, why));
    webp_free(w);
    return ok;
}
