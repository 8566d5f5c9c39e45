#include "codec/exif.h"

#include "base/bytes.h"

#include <string.h>

enum { ENTRY = 12, SHORT = 3, LONG = 4 };

enum { ORIENTATION = 0x112, EXIF_IFD = 0x8769 };

struct exif {
    unsigned char *data;
    size_t size;
    bool little;
};

/* A directory within its block: entries of a tag, a type, a count, and the value or its offset. */
struct ifd {
    unsigned char *entry;
    unsigned n;
    size_t end; /* of the entries: the offset of the next directory follows */
};

static uint32_t get(const struct exif *b, const unsigned char *from, unsigned bytes)
{
    return (uint32_t)get_bytes(from, bytes, b->little);
}

static void set(const struct exif *b, unsigned char *to, unsigned bytes, uint32_t value)
{
    put_bytes(to, bytes, b->little, value);
}

/* The directory at an offset; false if it is not all there. */
static bool open_ifd(const struct exif *b, uint32_t at, struct ifd *ifd)
{
    if (at < 8 || b->size < 2 || at > b->size - 2)
        return false;
    ifd->n = get(b, b->data + at, 2);
    ifd->entry = b->data + at + 2;
    ifd->end = (size_t)at + 2 + (size_t)ENTRY * ifd->n;
    return ifd->end <= b->size;
}

static bool open_block(struct exif *b, struct ifd *first)
{
    if (b->size < 8 || (memcmp(b->data, "II*\0", 4) != 0 && memcmp(b->data, "MM\0*", 4) != 0))
        return false;
    b->little = b->data[0] == 'I';
    return open_ifd(b, get(b, b->data + 4, 4), first);
}

/* The first entry of a tag, NULL if there is none. */
static unsigned char *find(const struct exif *b, const struct ifd *ifd, unsigned tag)
{
    for (unsigned i = 0; i < ifd->n; i++)
        if (get(b, ifd->entry + i * ENTRY, 2) == tag)
            return ifd->entry + i * ENTRY;
    return NULL;
}

/* The size of an entry's value if it is one whole number, else 0. */
static unsigned number_bytes(const struct exif *b, const unsigned char *entry)
{
    unsigned type = entry && get(b, entry + 4, 4) == 1 ? get(b, entry + 2, 2) : 0;
    return type == SHORT ? 2 : type == LONG ? 4 : 0;
}

unsigned exif_orientation(const unsigned char *data, size_t n)
{
    struct exif b = {.data = (unsigned char *)(uintptr_t)data, .size = n}; /* only read */
    struct ifd first;
    const unsigned char *entry = open_block(&b, &first) ? find(&b, &first, ORIENTATION) : NULL;
    unsigned bytes = number_bytes(&b, entry);
    uint32_t value = bytes ? get(&b, entry + 8, bytes) : 1;
    return value >= 1 && value <= 8 ? value : 1;
}

/* ---- editing ------------------------------------------------------------------------------------------------------ */

/* Exchanges the values of two tags. */
static void swap(const struct exif *b, const struct ifd *ifd, unsigned tag, unsigned other)
{
    unsigned char *x = find(b, ifd, tag), *y = find(b, ifd, other), kept[ENTRY - 2];
    if (!x || !y)
        return;
    memcpy(kept, x + 2, sizeof kept);
    memcpy(x + 2, y + 2, sizeof kept);
    memcpy(y + 2, kept, sizeof kept);
}

/* Exchanges widths and heights, in pixels and as resolutions. */
static void swap_axes(const struct exif *b, const struct ifd *first)
{
    const unsigned char *pointer = find(b, first, EXIF_IFD);
    struct ifd exif;
    swap(b, first, 0x100, 0x101); /* ImageWidth, ImageLength */
    swap(b, first, 0x11a, 0x11b); /* XResolution, YResolution */
    if (number_bytes(b, pointer) != 4 || !open_ifd(b, get(b, pointer + 8, 4), &exif))
        return;
    swap(b, &exif, 0xa002, 0xa003); /* PixelXDimension, PixelYDimension */
    swap(b, &exif, 0xa20e, 0xa20f); /* FocalPlaneXResolution, FocalPlaneYResolution */
}

bool exif_is_edited(const struct picture_changes *changes)
{
    return changes->samples || changes->turned > 1;
}

void exif_edit(unsigned char *data, size_t n, const struct picture_changes *changes)
{
    struct exif b = {.data = data, .size = n};
    struct ifd first;
    if (!open_block(&b, &first))
        return;
    unsigned char *entry = find(&b, &first, ORIENTATION);
    if (changes->samples && first.end + 4 <= n)
        set(&b, data + first.end, 4, 0);
    if (changes->turned > 1 && number_bytes(&b, entry))
        set(&b, entry + 8, number_bytes(&b, entry), 1);
    if (changes->turned > 4)
        swap_axes(&b, &first);
}

void xmp_edit(unsigned char *packet, size_t n, const struct picture_changes *changes)
{
    static const char *const before[] = {"tiff:Orientation=\"", "tiff:Orientation='", "<tiff:Orientation>"};
    const unsigned char *end = packet + n;
    for (size_t i = 0; changes->turned > 1 && i < sizeof before / sizeof *before; i++) {
        size_t length = strlen(before[i]);
        for (unsigned char *at = packet; (at = memmem(at, (size_t)(end - at), before[i], length));) {
            at += length;
            if (at < end && *at >= '2' && *at <= '8')
                *at = '1';
        }
    }
}
