/* What stb_image leaves unchecked in PNG files. Sections are those of the PNG specification. */
#include "base/bytes.h"
#include "codec/exif.h"
#include "codec/stb/check.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

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
    chunk->size = get_be32(head);
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
    chunk->crc = get_be32(crc);
    *offset = chunk->data + chunk->size + 4;
    return true;
}

/* table[i] = the CRC-32 (polynomial 0xedb88320, lowest bit first) of the four bits i: PNG specification, annex D. */
uint32_t stb_crc_add(uint32_t crc, const void *data, size_t n)
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
    uint32_t crc = ~stb_crc_add(stb_crc_add(0xffffffff, chunk->name, 4), to, chunk->size);
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
    png->info.width = get_be32(ihdr);
    png->info.height = get_be32(ihdr + 4);
    png->info.depth = depth;
    png->info.sample = depth == 16 ? SAMPLE_U16 : SAMPLE_U8;
    png->info.channels = type == 3 ? 3 : channels[type];
    if (!stb_info_complete(&png->info, limits, why))
        return false;
    png->raw = raw_size(png->info.width, png->info.height, depth * channels[type], ihdr[12]);
    return true;
}

static bool png_palette(struct source *source, struct stb_png *png, const struct chunk *chunk, struct why *why)
{
    unsigned char unused[3 * 256];

    if (chunk->size == 0 || chunk->size % 3 || chunk->size > sizeof png->palette)
        return why_set(why, "bad palette size");
    size_t most = (size_t)1 << png->ihdr[8], colours = chunk->size / 3;
    png->colours = colours < most ? colours : most;
    /* For true colour it is a suggestion of how to quantize. */
    return chunk_critical(source, chunk, png->ihdr[9] == 3 ? png->palette : unused, why);
}

/* Beside an alpha channel the chunk says nothing. */
static bool png_transparency(struct source *source, struct stb_png *png, const struct chunk *chunk, struct why *why)
{
    unsigned type = png->ihdr[9];
    size_t size = type == 3 ? png->colours : type == 0 ? 2 : 6;

    if (type == 4 || type == 6)
        return true;
    if (chunk->size == 0 || chunk->size > size || (type != 3 && chunk->size < size))
        return why_set(why, "bad length of chunk tRNS");
    if (!chunk_critical(source, chunk, png->trns, why))
        return false;
    png->trns_size = chunk->size;
    /* Only the sample's own bits count (section 11.3.2.1). */
    for (size_t i = 0; type != 3 && png->ihdr[8] < 16 && i < size; i += 2) {
        png->trns[i] = 0;
        png->trns[i + 1] &= (unsigned char)((1u << png->ihdr[8]) - 1);
    }
    return true;
}

/* The orientation of EXIF, unless the chunk is broken; 0 = none. */
static unsigned png_orientation(struct source *source, const struct chunk *chunk)
{
    struct why why = {""};
    unsigned orientation = 0;
    unsigned char *body = chunk->size <= 1 << 16 ? malloc(chunk->size + 1) : NULL;
    if (body && chunk_body(source, chunk, body, &why) == BODY_OK)
        orientation = exif_orientation(body, chunk->size);
    free(body);
    return orientation;
}

static bool png_animated(struct source *source, const struct chunk *chunk, struct why *why)
{
    unsigned char body[8];
    return chunk->size == sizeof body && chunk_body(source, chunk, body, why) == BODY_OK;
}

/* The signature and the header, which end at offset. */
static bool png_start(struct source *source, const struct limits *limits, struct stb_png *png, uint64_t *offset,
                      struct why *why)
{
    unsigned char sign[8];
    struct chunk chunk;

    *offset = sizeof sign;
    if (!source_get(source, sign, sizeof sign, 0, why))
        return false;
    if (memcmp(sign, "\x89PNG\r\n\x1a\n", sizeof sign) != 0)
        return why_set(why, "not a PNG file");
    if (!chunk_next(source, offset, &chunk, why))
        return false;
    if (!is(&chunk, "IHDR") || chunk.size != sizeof png->ihdr)
        return why_set(why, "the PNG does not begin with its header (IHDR)");
    return chunk_critical(source, &chunk, png->ihdr, why) && png_header(png, limits, why);
}

bool stb_check_png(struct source *source, const struct limits *limits, struct stb_png *png, struct why *why)
{
    uint64_t offset;
    struct chunk chunk;
    bool palette = false, transparency = false;

    memset(png, 0, sizeof *png);
    if (!png_start(source, limits, png, &offset, why))
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
        if (is(&chunk, "eXIf"))
            png->info.orientation = png_orientation(source, &chunk);
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
    return stb_info_complete(&png->info, limits, why);
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
