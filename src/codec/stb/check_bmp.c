/* What stb_image leaves unchecked in BMP files. */
#include "base/bytes.h"
#include "codec/stb/check.h"

#include <stdlib.h>
#include <string.h>

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
        dib->width = get_le16(p + 4);
        dib->height = get_le16(p + 6);
        dib->planes = get_le16(p + 8);
        dib->bits = get_le16(p + 10);
        return;
    }
    dib->width = (int32_t)get_le32(p + 4);
    dib->height = (int32_t)get_le32(p + 8);
    dib->planes = get_le16(p + 12);
    dib->bits = get_le16(p + 14);
    dib->compression = get_le32(p + 16);
    dib->used = get_le32(p + 32);
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
            dib->mask[i] = i == 3 && dib->size < 56 ? 0 : get_le32(dib->bytes + 14 + 40 + 4 * i);
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

/* Writes any header as a V4 header, the one that stb_image reads right. */
static void bmp_head(struct stb_bmp *bmp, const struct dib *dib)
{
    unsigned char *p = bmp->head;

    bmp->head_size = dib->bits <= 8 ? STB_BMP_HEAD : 14 + 108;
    memcpy(p, "BM", 2);
    put_le32(p + 10, (uint32_t)bmp->head_size);
    put_le32(p + 14, 108);
    put_le32(p + 18, (uint32_t)dib->width);
    put_le32(p + 22, (uint32_t)dib->height);
    p[26] = 1;
    p[28] = (unsigned char)dib->bits;
    p[30] = dib->bits == 16 || dib->bits == 32 ? 3 : 0;
    for (int i = 0; i < 4; i++)
        put_le32(p + 54 + 4 * i, dib->mask[i]);
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
    return stb_info_complete(&bmp->info, limits, why);
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
    dib.size = get_le32(dib.bytes + 14);
    if (dib.size != 12 && dib.size != 40 && dib.size != 52 && dib.size != 56 && dib.size != 108 && dib.size != 124)
        return why_set(why, "a BMP header of %lu bytes is not supported", (unsigned long)dib.size);
    if (!source_get(source, dib.bytes + 18, dib.size - 4, 18, why))
        return false;
    dib_parse(&dib);
    dib.end = 14 + dib.size;
    if (!dib_supported(&dib, why) || ((dib.bits == 16 || dib.bits == 32) && !dib_masks(&dib, source, why)) ||
        !bmp_info(bmp, &dib, limits, why))
        return false;
    bmp->pixels = get_le32(dib.bytes + 10);
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
