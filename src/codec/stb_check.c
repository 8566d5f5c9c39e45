/* What stb_image leaves unchecked. Sections of the PNG specification and of ITU-T T.81 are named where they matter. */
#include "stb_check.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static unsigned le16(const unsigned char *p)
{
    return p[0] | (unsigned)p[1] << 8;
}

static uint32_t le32(const unsigned char *p)
{
    return le16(p) | (uint32_t)le16(p + 2) << 16;
}

static void put32(unsigned char *p, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        p[i] = (unsigned char)(value >> 8 * i);
}

/* The sizes of 8- and 16-bit pictures, with all else of info set. */
static bool picture_fits(const struct limits *limits, struct picture_info *info, struct why *why)
{
    if (!limits_check(limits, info->width, info->height, why))
        return false;
    info->held = (uint64_t)info->width * info->height * info->channels * sample_size(info->sample);
    if (info->held > STB_MAX_BYTES)
        return why_set(why, "%zu x %zu pixels are too many for stb_image", info->width, info->height);
    return true;
}

/* ---- a source as a stream ---------------------------------------------------------------------------------------- */

void stb_feed_start(struct stb_feed *feed, struct source *source, const void *head, size_t size, uint64_t offset)
{
    feed->source = source;
    feed->offset = offset;
    feed->ended = false;
    feed->at = 0;
    feed->size = size;
    if (size > 0)
        memcpy(feed->buffer, head, size);
}

static bool feed_fill(struct stb_feed *feed)
{
    feed->at = 0;
    feed->size = feed->source->read_at(feed->source, feed->buffer, sizeof feed->buffer, feed->offset);
    feed->offset += feed->size;
    return feed->size > 0;
}

size_t stb_feed_read(struct stb_feed *feed, void *to, size_t n)
{
    size_t done = 0;

    while (done < n && (feed->at < feed->size || feed_fill(feed))) {
        size_t step = feed->size - feed->at < n - done ? feed->size - feed->at : n - done;
        if (to)
            memcpy((unsigned char *)to + done, feed->buffer + feed->at, step);
        feed->at += step;
        done += step;
    }
    feed->ended |= done == 0 && n > 0;
    return done;
}

bool stb_feed_cut(const struct stb_feed *feed, struct why *why)
{
    return why_set(why, "%s", feed->source->why.text[0] ? feed->source->why.text : "truncated");
}

/* ---- BMP --------------------------------------------------------------------------------------------------------- */

struct dib {
    unsigned char bytes[14 + 124];
    uint32_t size, compression, used;
    int64_t width, height;
    unsigned planes, bits;
    uint32_t mask[4];
    unsigned char most[4];
    uint64_t end; /* of what comes before the palette */
};

static void dib_parse(struct dib *dib)
{
    const unsigned char *p = dib->bytes + 14;

    if (dib->size == 12) {
        dib->width = le16(p + 4);
        dib->height = le16(p + 6);
        dib->planes = le16(p + 8);
        dib->bits = le16(p + 10);
        return;
    }
    dib->width = (int32_t)le32(p + 4);
    dib->height = (int32_t)le32(p + 8);
    dib->planes = le16(p + 12);
    dib->bits = le16(p + 14);
    dib->compression = le32(p + 16);
    dib->used = le32(p + 32);
}

static bool dib_supported(const struct dib *dib, struct why *why)
{
    static const char *const names[] = {"", "RLE8", "RLE4", "", "JPEG", "PNG", "alpha bit field"};
    const char *name = dib->compression < sizeof names / sizeof *names ? names[dib->compression] : "this";
    bool deep = dib->bits == 16 || dib->bits == 32;

    if (dib->width <= 0 || dib->height == 0 || dib->height == INT32_MIN)
        return why_set(why, "%lld x %lld pixels: not a valid BMP size", (long long)dib->width, (long long)dib->height);
    if (dib->planes != 1)
        return why_set(why, "a BMP of %u planes is not valid", dib->planes);
    if (name[0])
        return why_set(why, "%s compression of BMP is not supported", name);
    if (dib->bits != 1 && dib->bits != 4 && dib->bits != 8 && dib->bits != 24 && !deep)
        return why_set(why, "a BMP of %u bits a pixel is not supported", dib->bits);
    if (deep ? dib->size == 12 : dib->compression == 3)
        return why_set(why, "a BMP header of %lu bytes does not go with %u bits a pixel%s", (unsigned long)dib->size,
                       dib->bits, dib->compression == 3 ? " and bit fields" : "");
    return true;
}

/*
 * The masks of a pixel of 16 or 32 bits. Without bit fields the top byte of 32 bits means nothing, even where it looks like
 * alpha: stb_image would guess, so it is always told masks.
 */
static bool dib_masks(struct dib *dib, struct source *source, struct why *why)
{
    static const uint32_t usual[2][4] = {{0x7c00, 0x03e0, 0x001f, 0}, {0xff0000, 0xff00, 0xff, 0}};
    uint32_t all = dib->bits == 16 ? 0xffff : 0xffffffff, seen = 0;

    memcpy(dib->mask, usual[dib->bits == 32], sizeof dib->mask);
    if (dib->compression == 3) {
        if (dib->size == 40) {
            if (!source_get(source, dib->bytes + dib->end, 12, dib->end, why))
                return false;
            dib->end += 12;
        }
        for (int i = 0; i < 4; i++)
            dib->mask[i] = i == 3 && dib->size < 56 ? 0 : le32(dib->bytes + 14 + 40 + 4 * i);
    }
    for (int i = 0; i < 4; i++) {
        uint32_t mask = dib->mask[i], low = mask & -mask;
        if (mask == 0 ? i < 3 : (mask & ~all) || (mask & seen) || (mask & (mask + low)))
            return why_set(why, "bad bit fields");
        if (mask != 0 && mask / low > 0xff)
            return why_set(why, "more than 8 bits a sample in a BMP are not supported");
        dib->most[i] = mask ? (unsigned char)(mask / low) : 0;
        seen |= mask;
    }
    return true;
}

/* The palette in 4-byte entries at `to`; the rest of the 256 stays black. */
static bool dib_palette(struct stb_bmp *bmp, const struct dib *dib, unsigned char *to, struct source *source,
                        struct why *why)
{
    size_t entry = dib->size == 12 ? 3 : 4, most = (size_t)1 << dib->bits;
    uint64_t room = (bmp->pixels - dib->end) / entry, count = dib->used;
    unsigned char table[4 * 256];

    if (count == 0)
        count = room < most ? room : most;
    if (count == 0 || count > room)
        return why_set(why, "bad palette size");
    bmp->colours = (unsigned)(count < most ? count : most);
    if (!source_get(source, table, bmp->colours * entry, dib->end, why))
        return false;
    for (size_t i = 0; i < bmp->colours; i++)
        memcpy(to + 4 * i, table + entry * i, 3);
    return true;
}

/* All a header can say, as a V4 header, of which stb_image reads every field right. */
static void bmp_head(struct stb_bmp *bmp, const struct dib *dib)
{
    unsigned char *p = bmp->head;

    bmp->head_size = dib->bits <= 8 ? STB_BMP_HEAD : 14 + 108;
    memcpy(p, "BM", 2);
    put32(p + 10, (uint32_t)bmp->head_size);
    put32(p + 14, 108);
    put32(p + 18, (uint32_t)dib->width);
    put32(p + 22, (uint32_t)dib->height);
    p[26] = 1;
    p[28] = (unsigned char)dib->bits;
    p[30] = dib->bits == 16 || dib->bits == 32 ? 3 : 0;
    for (int i = 0; i < 4; i++)
        put32(p + 54 + 4 * i, dib->mask[i]);
}

static bool bmp_info(struct stb_bmp *bmp, const struct dib *dib, const struct limits *limits, struct why *why)
{
    bool alpha = dib->mask[3] != 0;

    bmp->info = (struct picture_info){.width = (size_t)dib->width,
                                      .height = (size_t)(dib->height < 0 ? -dib->height : dib->height),
                                      .channels = alpha ? 4 : 3,
                                      .sample = SAMPLE_U8,
                                      .alpha = alpha ? ALPHA_STRAIGHT : ALPHA_NONE,
                                      .depth = dib->bits <= 8    ? dib->bits
                                               : dib->bits == 16 ? 5
                                                                 : 8};
    bmp->bits = dib->bits;
    memcpy(bmp->most, dib->most, sizeof bmp->most);
    bmp->stride = (bmp->info.width * dib->bits + 31) / 32 * 4;
    return picture_fits(limits, &bmp->info, why);
}

bool stb_check_bmp(struct source *source, const struct limits *limits, struct stb_bmp *bmp, struct why *why)
{
    struct dib dib = {0};
    unsigned char last;

    memset(bmp, 0, sizeof *bmp);
    if (!source_get(source, dib.bytes, 18, 0, why))
        return false;
    if (memcmp(dib.bytes, "BM", 2) != 0)
        return why_set(why, "not a BMP file");
    dib.size = le32(dib.bytes + 14);
    if (dib.size != 12 && dib.size != 40 && dib.size != 52 && dib.size != 56 && dib.size != 108 && dib.size != 124)
        return why_set(why, "a BMP header of %lu bytes is not supported", (unsigned long)dib.size);
    if (!source_get(source, dib.bytes + 18, dib.size - 4, 18, why))
        return false;
    dib_parse(&dib);
    dib.end = 14 + dib.size;
    if (!dib_supported(&dib, why) || ((dib.bits == 16 || dib.bits == 32) && !dib_masks(&dib, source, why)) ||
        !bmp_info(bmp, &dib, limits, why))
        return false;
    bmp->pixels = le32(dib.bytes + 10);
    if (bmp->pixels < dib.end)
        return why_set(why, "pixels begin within the header");
    if (dib.bits <= 8 && !dib_palette(bmp, &dib, bmp->head + 14 + 108, source, why))
        return false;
    bmp_head(bmp, &dib);
    return source_get(source, &last, 1, bmp->pixels + (uint64_t)bmp->stride * bmp->info.height - 1, why);
}

static unsigned row_highest(const unsigned char *row, size_t width, unsigned bits)
{
    unsigned highest = 0, mask = (1u << bits) - 1;

    for (size_t x = 0; x < width; x++) {
        unsigned shift = 8 - bits - (unsigned)(x * bits % 8), index = (row[x * bits / 8] >> shift) & mask;
        if (index > highest)
            highest = index;
    }
    return highest;
}

bool stb_check_bmp_indices(struct source *source, const struct stb_bmp *bmp, struct why *why)
{
    if (bmp->bits > 8 || bmp->colours == 1u << bmp->bits)
        return true;
    unsigned char *row = malloc(bmp->stride);
    if (!row)
        return why_memory(why);
    bool ok = true;
    for (size_t y = 0; ok && y < bmp->info.height; y++) {
        ok = source_get(source, row, bmp->stride, bmp->pixels + (uint64_t)y * bmp->stride, why);
        if (ok && row_highest(row, bmp->info.width, bmp->bits) >= bmp->colours)
            ok = why_set(why, "palette index out of range");
    }
    free(row);
    return ok;
}

#ifdef STB_ALL

/* ---- PNG --------------------------------------------------------------------------------------------------------- */

static uint32_t be32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

struct chunk {
    uint64_t data; /* offset */
    size_t size;
    char name[5];
    uint32_t crc;
};

static bool is(const struct chunk *chunk, const char *name)
{
    return strcmp(chunk->name, name) == 0;
}

/* The chunk at offset, which is then moved behind it. All of the chunk is there. */
static bool chunk_next(struct source *source, uint64_t *offset, struct chunk *chunk, struct why *why)
{
    unsigned char head[8], crc[4];

    if (!source_get(source, head, 8, *offset, why))
        return false;
    chunk->size = be32(head);
    chunk->data = *offset + 8;
    memcpy(chunk->name, head + 4, 4);
    chunk->name[4] = '\0';
    for (int i = 0; i < 4; i++)
        if (!((head[4 + i] | 32) >= 'a' && (head[4 + i] | 32) <= 'z'))
            return why_set(why, "bad chunk name");
    if (chunk->size > INT32_MAX)
        return why_set(why, "bad length of chunk %s", chunk->name);
    if (!source_get(source, crc, 4, chunk->data + chunk->size, why))
        return false;
    chunk->crc = be32(crc);
    *offset = chunk->data + chunk->size + 4;
    return true;
}

/* table[i] = the CRC-32 (polynomial 0xedb88320, lowest bit first) of the four bits i: PNG specification, annex D. */
static uint32_t crc_add(uint32_t crc, const void *data, size_t n)
{
    static const uint32_t table[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
                                       0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                       0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    const unsigned char *p = data;

    for (size_t i = 0; i < n; i++) {
        crc ^= p[i];
        crc = crc >> 4 ^ table[crc & 15];
        crc = crc >> 4 ^ table[crc & 15];
    }
    return crc;
}

enum body { BODY_ERROR, BODY_OK, BODY_BAD_CRC };

/* to[chunk->size] <- the content. */
static enum body chunk_body(struct source *source, const struct chunk *chunk, unsigned char *to, struct why *why)
{
    if (!source_get(source, to, chunk->size, chunk->data, why))
        return BODY_ERROR;
    uint32_t crc = ~crc_add(crc_add(0xffffffff, chunk->name, 4), to, chunk->size);
    return crc == chunk->crc ? BODY_OK : BODY_BAD_CRC;
}

static bool chunk_critical(struct source *source, const struct chunk *chunk, unsigned char *to, struct why *why)
{
    enum body body = chunk_body(source, chunk, to, why);
    return body == BODY_OK || (body == BODY_BAD_CRC && why_set(why, "bad checksum of chunk %s", chunk->name));
}

/* A chunk that is of no use to us: skipped, unless a decoder must know it. */
static bool chunk_skipped(const struct chunk *chunk, struct why *why)
{
    if (is(chunk, "IHDR") || is(chunk, "PLTE") || is(chunk, "IDAT") || is(chunk, "tRNS"))
        return why_set(why, "chunk %s out of place", chunk->name);
    if (isupper((unsigned char)chunk->name[0]))
        return why_set(why, "chunk %s is not supported", chunk->name);
    return true;
}

/* Bytes of all filtered rows; of each reduced picture of Adam7, if interlaced (section 8.2). */
static uint64_t raw_size(uint64_t width, uint64_t height, unsigned bits, bool interlaced)
{
    static const unsigned adam7[7][4] = {{0, 8, 0, 8}, {4, 8, 0, 8}, {0, 4, 4, 8}, {2, 4, 0, 4},
                                         {0, 2, 2, 4}, {1, 2, 0, 2}, {0, 1, 1, 2}};
    uint64_t sum = 0;

    if (!interlaced)
        return (1 + (width * bits + 7) / 8) * height;
    for (int i = 0; i < 7; i++) {
        const unsigned *p = adam7[i];
        uint64_t w = (width + p[1] - 1 - p[0]) / p[1], h = (height + p[3] - 1 - p[2]) / p[3];
        if (w > 0)
            sum += (1 + (w * bits + 7) / 8) * h;
    }
    return sum;
}

static bool png_header(struct stb_png *png, const struct limits *limits, struct why *why)
{
    static const unsigned char channels[7] = {1, 0, 3, 1, 2, 0, 4};
    static const uint32_t depths[7] = {0x10116, 0, 0x10100, 0x116, 0x10100, 0, 0x10100}; /* bit n: n bits */
    const unsigned char *ihdr = png->ihdr;
    unsigned depth = ihdr[8], type = ihdr[9];

    if (type > 6 || depth > 16 || !(depths[type] >> depth & 1))
        return why_set(why, "bad PNG header: colour type %u of %u bits", type, depth);
    if (ihdr[10] || ihdr[11] || ihdr[12] > 1)
        return why_set(why, "bad PNG header: unknown compression, filter or interlace method");
    png->info.width = be32(ihdr);
    png->info.height = be32(ihdr + 4);
    png->info.depth = depth;
    png->info.sample = depth == 16 ? SAMPLE_U16 : SAMPLE_U8;
    png->info.channels = type == 3 ? 3 : channels[type];
    if (!picture_fits(limits, &png->info, why))
        return false;
    png->raw = raw_size(png->info.width, png->info.height, depth * channels[type], ihdr[12]);
    return true;
}

static bool png_palette(struct source *source, struct stb_png *png, const struct chunk *chunk, struct why *why)
{
    unsigned char unused[3 * 256];

    if (chunk->size == 0 || chunk->size % 3 || chunk->size > sizeof png->palette)
        return why_set(why, "bad palette size");
    /* For true colour it is a suggestion of how to quantize. */
    return chunk_critical(source, chunk, png->ihdr[9] == 3 ? png->palette : unused, why);
}

/* Keeps transparency; a damaged chunk is as good as none. */
static bool png_transparency(struct source *source, struct stb_png *png, const struct chunk *chunk, struct why *why)
{
    unsigned type = png->ihdr[9];
    size_t size = type == 3 ? sizeof png->trns : type == 0 ? 2 : 6;

    if (type == 4 || type == 6)
        return true;
    if (type == 3 ? chunk->size > size : chunk->size != size)
        return why_set(why, "bad length of chunk tRNS");
    switch (chunk_body(source, chunk, png->trns, why)) {
    case BODY_ERROR:
        return false;
    case BODY_OK:
        png->trns_size = chunk->size;
        break;
    case BODY_BAD_CRC:
        break;
    }
    /* Only the sample's own bits count (section 11.3.2.1). */
    for (size_t i = 0; type != 3 && png->ihdr[8] < 16 && i < size; i += 2) {
        png->trns[i] = 0;
        png->trns[i + 1] &= (unsigned char)((1u << png->ihdr[8]) - 1);
    }
    return true;
}

static bool png_animated(struct source *source, const struct chunk *chunk, struct why *why)
{
    unsigned char body[8];
    return chunk->size == sizeof body && chunk_body(source, chunk, body, why) == BODY_OK;
}

bool stb_check_png(struct source *source, const struct limits *limits, struct stb_png *png, struct why *why)
{
    unsigned char sign[8];
    uint64_t offset = sizeof sign;
    struct chunk chunk;
    bool palette = false, transparency = false;

    memset(png, 0, sizeof *png);
    if (!source_get(source, sign, sizeof sign, 0, why))
        return false;
    if (memcmp(sign, "\x89PNG\r\n\x1a\n", sizeof sign) != 0)
        return why_set(why, "not a PNG file");
    if (!chunk_next(source, &offset, &chunk, why))
        return false;
    if (!is(&chunk, "IHDR") || chunk.size != sizeof png->ihdr)
        return why_set(why, "the PNG does not begin with its header (IHDR)");
    if (!chunk_critical(source, &chunk, png->ihdr, why) || !png_header(png, limits, why))
        return false;
    for (;;) {
        png->idat = offset;
        if (!chunk_next(source, &offset, &chunk, why))
            return false;
        if (is(&chunk, "IDAT"))
            break;
        if (is(&chunk, "IEND"))
            return why_set(why, "no picture data (IDAT)");
        if (is(&chunk, "acTL") && png_animated(source, &chunk, why))
            return why_set(why, "animated PNG is not supported");
        if (is(&chunk, "PLTE") && !palette && !transparency) {
            if (!png_palette(source, png, &chunk, why))
                return false;
            palette = true;
        } else if (is(&chunk, "tRNS") && !transparency && (palette || png->ihdr[9] != 3)) {
            if (!png_transparency(source, png, &chunk, why))
                return false;
            transparency = true;
        } else if (!chunk_skipped(&chunk, why))
            return false;
    }
    if (png->ihdr[9] == 3 && !palette)
        return why_set(why, "no palette (PLTE)");
    png->info.channels += png->trns_size > 0;
    png->info.alpha = png->info.channels % 2 == 0 ? ALPHA_STRAIGHT : ALPHA_NONE;
    return picture_fits(limits, &png->info, why);
}

/* The bytes in the run of IDAT chunks. Chunks behind it are checked up to IEND. */
static bool png_measure(struct source *source, const struct stb_png *png, uint64_t *size, struct why *why)
{
    uint64_t offset = png->idat;
    struct chunk chunk;
    unsigned char none;
    bool run = true;

    *size = 0;
    for (;;) {
        if (!chunk_next(source, &offset, &chunk, why))
            return false;
        run &= is(&chunk, "IDAT");
        if (run)
            *size += chunk.size;
        else if (is(&chunk, "IEND"))
            break;
        else if (!chunk_skipped(&chunk, why))
            return false;
        /* Deflate makes data hardly longer than they were. What is much longer is not a picture. */
        if (*size > 2 * png->raw + (1 << 20) || *size > INT32_MAX)
            return why_set(why, "far more compressed data than the picture needs");
    }
    return chunk.size == 0 ? chunk_critical(source, &chunk, &none, why) : why_set(why, "bad length of chunk IEND");
}

unsigned char *stb_png_idat(struct source *source, const struct stb_png *png, size_t *size, struct why *why)
{
    uint64_t total, offset = png->idat;

    if (!png_measure(source, png, &total, why))
        return NULL;
    unsigned char *data = malloc((size_t)total + 1);
    if (!data) {
        why_memory(why);
        return NULL;
    }
    for (*size = 0; *size < total;) {
        struct chunk chunk;
        /* The file may have changed since it was measured. */
        if (!chunk_next(source, &offset, &chunk, why) || chunk.size > total - *size ||
            !chunk_critical(source, &chunk, data + *size, why)) {
            why_set(why, "the file changed while it was read");
            free(data);
            return NULL;
        }
        *size += chunk.size;
    }
    return data;
}

/* ---- JPEG -------------------------------------------------------------------------------------------------------- */

/* As in libjpeg-turbo's djpeg -maxscans: a file of a few bytes for each scan takes the time of a whole decode for each. */
#define MAX_SCANS 100

struct jpeg {
    struct stb_feed *feed;
    struct picture_info *info;
    struct why *why;
    bool progressive;
    unsigned components, scans;
    unsigned char component[3][3];  /* id, sampling factors, quantization table */
    unsigned quantization, huffman; /* bit t: table t is defined; Huffman tables of AC from bit 4 on */
    unsigned decoded;               /* bit c: there was a scan of component c */
};

static bool jpeg_get(struct jpeg *jpeg, void *to, size_t n)
{
    return stb_feed_read(jpeg->feed, to, n) == n || stb_feed_cut(jpeg->feed, jpeg->why);
}

/* The next marker that is not of a restart, over entropy-coded data. */
static bool jpeg_marker(struct jpeg *jpeg, unsigned char *marker)
{
    unsigned char c = 0;

    do {
        while (c != 0xff)
            if (!jpeg_get(jpeg, &c, 1))
                return false;
        while (c == 0xff)
            if (!jpeg_get(jpeg, &c, 1))
                return false;
    } while (c == 0 || (c >= 0xd0 && c <= 0xd7));
    *marker = c;
    return true;
}

static bool jpeg_frame(struct jpeg *jpeg, unsigned marker, size_t *left, const struct limits *limits)
{
    unsigned char head[6];

    if (jpeg->components > 0)
        return why_set(jpeg->why, "more than one frame in a JPEG");
    if (marker > 0xc2)
        return why_set(jpeg->why, "%s JPEG is not supported",
                       marker < 0xc8 ? "lossless or hierarchical" : "arithmetic-coded");
    if (*left < sizeof head)
        return why_set(jpeg->why, "bad JPEG header");
    if (!jpeg_get(jpeg, head, sizeof head))
        return false;
    if (head[0] != 8)
        return why_set(jpeg->why, "%u-bit JPEG is not supported", head[0]);
    if (head[5] == 4)
        return why_set(jpeg->why, "CMYK JPEG is not supported");
    if ((head[5] != 1 && head[5] != 3) || *left != sizeof head + 3u * head[5])
        return why_set(jpeg->why, "a JPEG of %u components is not supported", head[5]);
    *left = 0;
    jpeg->progressive = marker == 0xc2;
    jpeg->components = head[5];
    if (!jpeg_get(jpeg, jpeg->component, 3 * jpeg->components))
        return false;
    *jpeg->info = (struct picture_info){.width = (size_t)head[3] << 8 | head[4],
                                        .height = (size_t)head[1] << 8 | head[2],
                                        .channels = jpeg->components,
                                        .depth = 8};
    if (jpeg->components == 3 && jpeg->component[1][1] >> 4 && jpeg->component[1][1] & 15) {
        jpeg->info->chroma_h = (jpeg->component[0][1] >> 4) / (jpeg->component[1][1] >> 4);
        jpeg->info->chroma_v = (jpeg->component[0][1] & 15) / (jpeg->component[1][1] & 15);
    }
    return picture_fits(limits, jpeg->info, jpeg->why);
}

/* stb_image copies as many codes as a table claims, into room for 256. */
static bool jpeg_huffman(struct jpeg *jpeg, size_t *left)
{
    unsigned char head[17];
    size_t codes = 0;

    while (*left > 0) {
        if (*left < sizeof head)
            return why_set(jpeg->why, "bad Huffman table");
        if (!jpeg_get(jpeg, head, sizeof head))
            return false;
        codes = 0;
        for (int i = 1; i <= 16; i++)
            codes += head[i];
        *left -= sizeof head;
        if (head[0] & 0xec || codes > 256 || codes > *left)
            return why_set(jpeg->why, "bad Huffman table");
        if (!jpeg_get(jpeg, NULL, codes))
            return false;
        *left -= codes;
        jpeg->huffman |= 1u << ((head[0] >> 4) * 4 + (head[0] & 3));
    }
    return true;
}

static bool jpeg_quantization(struct jpeg *jpeg, size_t *left)
{
    unsigned char head;

    while (*left > 0) {
        if (!jpeg_get(jpeg, &head, 1))
            return false;
        size_t size = head & 0xf0 ? 128 : 64;
        if (head & 0xec || *left < 1 + size)
            return why_set(jpeg->why, "bad quantization table");
        if (!jpeg_get(jpeg, NULL, size))
            return false;
        *left -= 1 + size;
        jpeg->quantization |= 1u << (head & 3);
    }
    return true;
}

static bool jpeg_scan_component(struct jpeg *jpeg, const unsigned char *entry, const unsigned char *spectrum)
{
    unsigned c = 0, dc = entry[1] >> 4, ac = entry[1] & 15;

    while (c < jpeg->components && jpeg->component[c][0] != entry[0])
        c++;
    if (c == jpeg->components || dc > 3 || ac > 3 || jpeg->component[c][2] > 3)
        return why_set(jpeg->why, "bad scan header");
    bool with_dc = spectrum[0] == 0 && spectrum[2] < 16, with_ac = !jpeg->progressive || spectrum[0] > 0;
    if ((with_dc && !(jpeg->huffman >> dc & 1)) || (with_ac && !(jpeg->huffman >> (4 + ac) & 1)) ||
        !(jpeg->quantization >> jpeg->component[c][2] & 1))
        return why_set(jpeg->why, "a scan without its tables");
    if (with_dc)
        jpeg->decoded |= 1u << c;
    return true;
}

static bool jpeg_scan(struct jpeg *jpeg, size_t *left)
{
    unsigned char scan[1 + 2 * 3 + 3] = {0};

    if (++jpeg->scans > MAX_SCANS)
        return why_set(jpeg->why, "too many scans in a JPEG: the limit is %u", MAX_SCANS);
    if (*left > sizeof scan || *left < 6 || jpeg->components == 0)
        return why_set(jpeg->why, "bad scan header");
    if (!jpeg_get(jpeg, scan, *left))
        return false;
    if (*left != 4 + 2u * scan[0])
        return why_set(jpeg->why, "bad scan header");
    for (unsigned i = 0; i < scan[0]; i++)
        if (!jpeg_scan_component(jpeg, scan + 1 + 2 * i, scan + *left - 3))
            return false;
    *left = 0;
    return true;
}

static bool jpeg_segment(struct jpeg *jpeg, unsigned marker, const struct limits *limits)
{
    unsigned char size[2];
    size_t left;
    bool ok = true;

    if (!jpeg_get(jpeg, size, 2))
        return false;
    left = (size_t)size[0] << 8 | size[1];
    if (left < 2)
        return why_set(jpeg->why, "bad length of a JPEG segment");
    left -= 2;
    if (marker == 0xc4)
        ok = jpeg_huffman(jpeg, &left);
    else if (marker == 0xdb)
        ok = jpeg_quantization(jpeg, &left);
    else if (marker == 0xda)
        ok = jpeg_scan(jpeg, &left);
    else if (marker == 0xcc)
        ok = why_set(jpeg->why, "arithmetic-coded JPEG is not supported");
    else if (marker >= 0xc0 && marker <= 0xcf)
        ok = jpeg_frame(jpeg, marker, &left, limits);
    return ok && jpeg_get(jpeg, NULL, left);
}

bool stb_check_jpeg(struct stb_feed *feed, const struct limits *limits, bool whole, struct picture_info *info,
                    struct why *why)
{
    struct jpeg jpeg = {.feed = feed, .info = info, .why = why};
    unsigned char sign[2], marker;

    if (!jpeg_get(&jpeg, sign, 2))
        return false;
    if (sign[0] != 0xff || sign[1] != 0xd8)
        return why_set(why, "not a JPEG file");
    while (whole || jpeg.components == 0) {
        if (!jpeg_marker(&jpeg, &marker))
            return false;
        if (marker == 0xd9)
            break;
        if (!jpeg_segment(&jpeg, marker, limits))
            return false;
    }
    if (jpeg.components == 0 || (whole && jpeg.decoded != (1u << jpeg.components) - 1))
        return why_set(why, "no picture data in the JPEG, or not all of it");
    return true;
}

#endif
