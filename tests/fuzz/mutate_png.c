/*
 * The mutator of targets that read PNG: libFuzzer's own, then every checksum of a chunk is mended, for a reader that
 * checks them sees nothing else otherwise. Now and then the image data is inflated, changed and deflated again.
 */
#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t room);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t room, unsigned seed);

enum { SIGNATURE = 8, AROUND = 12, INFLATED_MAX = 1 << 16 };

/* The bytes of the chunk at `at` with its length, name and checksum; 0 if it is cut off. */
static size_t chunk_bytes(const uint8_t *bytes, size_t size, size_t at)
{
    if (at > size || size - at < AROUND)
        return 0;
    uint32_t n = get_be32(bytes + at);
    return n <= size - at - AROUND ? n + AROUND : 0;
}

static void mend(uint8_t *bytes, size_t size)
{
    size_t n;
    for (size_t at = SIGNATURE; (n = chunk_bytes(bytes, size, at)) > 0; at += n)
        put_bytes(bytes + at + n - 4, 4, false, crc32(0, bytes + at + 4, (uInt)n - 8));
}

/* The first chunk of image data, or `size`. */
static size_t find_data(const uint8_t *bytes, size_t size)
{
    size_t n;
    for (size_t at = SIGNATURE; (n = chunk_bytes(bytes, size, at)) > 0; at += n)
        if (memcmp(bytes + at + 4, "IDAT", 4) == 0)
            return at;
    return size;
}

/* Deflates the n bytes into the place of the chunk at `at`. Returns the new size: the old one if there is no room. */
static size_t replace_data(uint8_t *bytes, size_t size, size_t room, size_t at, const uint8_t *rows, size_t n)
{
    uLongf packed = compressBound(n);
    uint8_t *data = malloc(packed);
    size_t old = chunk_bytes(bytes, size, at);
    if (data && compress2(data, &packed, rows, n, 1) == Z_OK && packed + AROUND <= room - (size - old)) {
        memmove(bytes + at + packed + AROUND, bytes + at + old, size - at - old);
        put_bytes(bytes + at, 4, false, packed);
        memcpy(bytes + at + 8, data, packed);
        size = size - old + packed + AROUND;
    }
    free(data);
    return size;
}

/* Mutates the image data itself: filters, and what they yield. */
static size_t mutate_rows(uint8_t *bytes, size_t size, size_t room)
{
    static uint8_t rows[INFLATED_MAX];
    uLongf n = sizeof rows;
    size_t at = find_data(bytes, size);
    if (at == size || uncompress(rows, &n, bytes + at + 8, get_be32(bytes + at)) != Z_OK || n == 0)
        return size;
    return replace_data(bytes, size, room, at, rows, LLVMFuzzerMutate(rows, n, sizeof rows));
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t room, unsigned seed)
{
    size_t data = seed % 4 == 0 ? mutate_rows(bytes, size, room) : 0;
    size = data > 0 && data != size ? data : LLVMFuzzerMutate(bytes, size, room);
    if (seed % 16 != 1) /* wrong checksums have their turn */
        mend(bytes, size);
    return size;
}
