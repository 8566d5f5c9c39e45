/*
 * WebP through libwebp: lossy and lossless, 8 bit, RGB with or without straight alpha; the format has no grey. libwebp
 * takes a file whole. The chunks of metadata are read and written here: a file is a list of them.
 */
#include "codec/webp/internal.h"

#include <webp/decode.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A small file could ask for millions of them. */
enum { CHUNKS_MAX = 4096 };

struct reader {
    struct source *source;
    struct limits limits;
    struct picture_info picture;
    struct metadata metadata;
    size_t file_bytes;
    bool scanned, image, alpha; /* an image, alpha was seen among the chunks */
    unsigned char *pixels;      /* the decoded rows, from the first read on */
    size_t row;
};

struct chunk {
    uint32_t tag, size;
    uint64_t data; /* its offset */
};

/* ---- reading: the chunks ------------------------------------------------------------------------------------------ */

static bool webp_sniff(const unsigned char *head, size_t n)
{
    return n >= WEBP_RIFF && memcmp(head, "RIFF", 4) == 0 && memcmp(head + 8, "WEBP", 4) == 0;
}

/* The file must be as long as it says: then nothing is allocated for what is not there. */
static bool read_riff(struct reader *r, struct why *why)
{
    unsigned char head[WEBP_RIFF], last;
    if (!source_get(r->source, head, sizeof head, 0, why))
        return false;
    r->file_bytes = (size_t)WEBP_CHUNK + get_le32(head + 4);
    if (!webp_sniff(head, sizeof head) || r->file_bytes < WEBP_RIFF + WEBP_CHUNK)
        return why_set(why, "corrupt WebP header");
    return source_get(r->source, &last, 1, r->file_bytes - 1, why);
}

/* Some writers begin EXIF as JPEG does. */
static void note_exif(struct metadata *m, const unsigned char *data, size_t n)
{
    size_t prefix = n >= 6 && memcmp(data, "Exif\0", 6) == 0 ? 6 : 0;
    metadata_add(m, META_EXIF, 0, 0, data + prefix, n - prefix);
}

static bool note_metadata(struct reader *r, const struct chunk *c, struct why *why)
{
    struct metadata *m = &r->metadata;
    if (c->size > METADATA_BYTES_MAX)
        return true;
    unsigned char *data = malloc(c->size + 1);
    if (!data)
        return why_memory(why);
    bool ok = source_get(r->source, data, c->size, c->data, why);
    if (ok && metadata_add(m, META_NATIVE, c->tag, 0, data, c->size)) {
        m->item[m->n - 1].profile = c->tag == WEBP_TAG('I', 'C', 'C', 'P');
        if (c->tag == WEBP_TAG('I', 'C', 'C', 'P'))
            metadata_add(m, META_ICC, 0, 0, data, c->size);
        else if (c->tag == WEBP_TAG('E', 'X', 'I', 'F'))
            note_exif(m, data, c->size);
        else if (c->tag == WEBP_TAG('X', 'M', 'P', ' '))
            metadata_add(m, META_XMP, 0, 0, data, c->size);
    }
    free(data);
    return ok;
}

static size_t row_bytes(const struct picture_info *info)
{
    return info->width * info->channels;
}

/* What libwebp holds beside file and rows: lossless pixels of 4 bytes, or planes of alpha. */
static uint64_t working_bytes(const struct picture_info *info)
{
    uint64_t pixels = (uint64_t)info->width * info->height;
    return info->lossless ? 4 * pixels : info->channels == 4 ? 2 * pixels : 0;
}

/* The header of the picture proper. libwebp takes the chunk as a file of its own, which cannot tell of alpha beside it. */
static bool describe(struct reader *r, const struct chunk *c, struct why *why)
{
    unsigned char head[32];
    size_t n = c->size < sizeof head - WEBP_CHUNK ? c->size + WEBP_CHUNK : sizeof head;
    WebPBitstreamFeatures f;
    if (r->image)
        return why_set(why, "WebP of more than one picture is not supported");
    if (!source_get(r->source, head, n, c->data - WEBP_CHUNK, why))
        return false;
    if (WebPGetFeatures(head, n, &f) != VP8_STATUS_OK)
        return why_set(why, "corrupt WebP header");
    bool lossless = c->tag == WEBP_TAG('V', 'P', '8', 'L'), alpha = lossless ? f.has_alpha : r->alpha;
    r->image = true;
    r->picture = (struct picture_info){.width = (size_t)f.width,
                                       .height = (size_t)f.height,
                                       .channels = alpha ? 4 : 3,
                                       .sample = SAMPLE_U8,
                                       .unit = sample_unit(SAMPLE_U8),
                                       .alpha = alpha ? ALPHA_STRAIGHT : ALPHA_NONE,
                                       .depth = 8,
                                       .replays = true,
                                       .lossless = lossless,
                                       .metadata = &r->metadata};
    r->picture.held = row_bytes(&r->picture) * r->picture.height + r->file_bytes + working_bytes(&r->picture);
    return limits_check(&r->limits, r->picture.width, r->picture.height, why);
}

static bool note_chunk(struct reader *r, const struct chunk *c, struct why *why)
{
    unsigned char flags = 0;
    switch (c->tag) {
    case WEBP_TAG('V', 'P', '8', 'X'):
        if (!source_get(r->source, &flags, 1, c->data, why))
            return false;
        r->alpha = r->alpha || (flags & WEBP_ALPHA);
        return !(flags & WEBP_ANIMATION) || why_set(why, "animated WebP is not supported");
    case WEBP_TAG('A', 'N', 'I', 'M'):
    case WEBP_TAG('A', 'N', 'M', 'F'):
        return why_set(why, "animated WebP is not supported");
    case WEBP_TAG('A', 'L', 'P', 'H'):
        r->alpha = true;
        return true;
    case WEBP_TAG('V', 'P', '8', ' '):
    case WEBP_TAG('V', 'P', '8', 'L'):
        return describe(r, c, why);
    default:
        return note_metadata(r, c, why);
    }
}

static bool scan(struct reader *r, struct why *why)
{
    unsigned char head[WEBP_CHUNK];
    uint64_t at = WEBP_RIFF;
    if (!read_riff(r, why))
        return false;
    for (unsigned n = 0; r->file_bytes - at >= WEBP_CHUNK; n++) {
        if (!source_get(r->source, head, sizeof head, at, why))
            return false;
        struct chunk c = {get_be32(head), get_le32(head + 4), at + WEBP_CHUNK};
        if (c.size > r->file_bytes - c.data)
            return why_set(why, "truncated");
        if (n == CHUNKS_MAX)
            return why_set(why, "WebP of more than %d chunks", CHUNKS_MAX);
        if (!note_chunk(r, &c, why))
            return false;
        at = c.data + c.size + (c.size & 1);
        if (at > r->file_bytes)
            break;
    }
    return r->image || why_set(why, "WebP without a picture");
}

/* ---- reading: the samples ----------------------------------------------------------------------------------------- */

static void *webp_open(struct source *source, const struct limits *limits, struct why *why)
{
    struct reader *r = codec_new(sizeof *r, why);
    if (!r)
        return NULL;
    r->source = source;
    r->limits = *limits;
    r->metadata.format = codec_webp.name;
    return r;
}

static void webp_close(void *reader)
{
    struct reader *r = reader;
    metadata_clear(&r->metadata);
    free(r->pixels);
    free(r);
}

static enum selected webp_select(void *reader, size_t picture, struct picture_info *info, struct why *why)
{
    struct reader *r = reader;
    if (picture > 0)
        return SELECT_END;
    if (!r->scanned) {
        metadata_clear(&r->metadata);
        r->image = r->alpha = false;
        r->scanned = scan(r, why);
    }
    r->row = 0;
    r->picture.orientation = metadata_orientation(&r->metadata);
    *info = r->picture;
    return r->scanned ? SELECT_OK : SELECT_ERROR;
}

static bool decode_failed(VP8StatusCode status, struct why *why)
{
    if (status == VP8_STATUS_OUT_OF_MEMORY)
        return why_memory(why);
    bool ended = status == VP8_STATUS_NOT_ENOUGH_DATA || status == VP8_STATUS_SUSPENDED;
    return why_set(why, ended ? "truncated" : "corrupt WebP data");
}

static bool decode(const struct reader *r, const unsigned char *file, unsigned char *pixels, struct why *why)
{
    size_t stride = row_bytes(&r->picture);
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config))
        return why_set(why, "libwebp is of another version than its header");
    config.output.colorspace = r->picture.channels == 4 ? MODE_RGBA : MODE_RGB;
    config.output.is_external_memory = 1;
    config.output.u.RGBA = (WebPRGBABuffer){pixels, (int)stride, stride * r->picture.height};
    VP8StatusCode status = WebPDecode(file, r->file_bytes, &config);
    return status == VP8_STATUS_OK || decode_failed(status, why);
}

static bool load(struct reader *r, struct why *why)
{
    unsigned char *file = malloc(r->file_bytes), *pixels = malloc(row_bytes(&r->picture) * r->picture.height);
    bool ok = file && pixels ? source_get(r->source, file, r->file_bytes, 0, why) && decode(r, file, pixels, why)
                             : why_memory(why);
    free(file);
    if (ok)
        r->pixels = pixels;
    else
        free(pixels);
    return ok;
}

static bool webp_read(void *reader, const struct rows *rows, struct why *why)
{
    struct reader *r = reader;
    size_t bytes = row_bytes(&r->picture);
    if (!r->pixels && !load(r, why))
        return false;
    memcpy(rows->data, r->pixels + r->row * bytes, rows->height * bytes);
    r->row += rows->height;
    return true;
}

static const char *webp_library(void)
{
    static char text[32];
    int version = WebPGetDecoderVersion();
    if (!text[0])
        snprintf(text, sizeof text, "libwebp %d.%d.%d", version >> 16 & 255, version >> 8 & 255, version & 255);
    return text;
}

const struct codec codec_webp = {
    .name = "webp",
    .extensions = " webp ",
    .samples = SAMPLES_8,
    .orients = true,
    .keeps = 64,
    .sniff = webp_sniff,
    .open = webp_open,
    .select = webp_select,
    .read = webp_read,
    .close = webp_close,
    .create = webp_write_create,
    .begin = webp_write_begin,
    .write = webp_write_rows,
    .finish = webp_write_finish,
    .abandon = webp_write_abandon,
    .library = webp_library,
};
