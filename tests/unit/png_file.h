/* PNG files put together by hand, chunk by chunk. */
#ifndef PNG_FILE_H
#define PNG_FILE_H

#include "support.h"

#include <stdlib.h>
#include <string.h>

/* All 0 is empty. Its bytes are freed by free(). */
struct png_file {
    unsigned char *bytes;
    size_t size, room;
};

static inline void png_put(struct png_file *f, const void *data, size_t n)
{
    if (f->size + n > f->room) {
        f->room = 2 * (f->size + n);
        f->bytes = realloc(f->bytes, f->room);
        REQUIRE(f->bytes, "out of memory");
    }
    if (n > 0)
        memcpy(f->bytes + f->size, data, n);
    f->size += n;
}

static inline void png_put32(struct png_file *f, uint32_t value)
{
    const unsigned char b[4] = {(unsigned char)(value >> 24), (unsigned char)(value >> 16), (unsigned char)(value >> 8),
                                (unsigned char)value};
    png_put(f, b, 4);
}

/* The polynomial of PNG specification, annex D, bit by bit. */
static inline uint32_t png_crc(const unsigned char *data, size_t n)
{
    uint32_t crc = 0xffffffff;
    for (size_t i = 0; i < 8 * n; i++) {
        uint32_t bit = (crc ^ (uint32_t)data[i / 8] >> (i % 8)) & 1;
        crc = crc >> 1 ^ (bit ? 0xedb88320 : 0);
    }
    return ~crc;
}

/* `wrong` is what the checksum differs by. */
static inline void png_chunk(struct png_file *f, const char *name, const void *data, size_t n, uint32_t wrong)
{
    png_put32(f, (uint32_t)n);
    size_t start = f->size;
    png_put(f, name, 4);
    png_put(f, data, n);
    png_put32(f, png_crc(f->bytes + start, f->size - start) ^ wrong);
}

#endif
