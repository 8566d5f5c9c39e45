/* Numbers as bytes: at any address, in either byte order. "Little" is the order with the low byte first. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Four characters as one number, as get_be32 reads them: the name of a chunk. */
#define FOUR_CHARACTERS(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

/* Whether this machine is little-endian. */
static inline bool machine_is_little(void)
{
    const uint16_t one = 1;
    unsigned char first;
    memcpy(&first, &one, 1);
    return first == 1;
}

/* The unsigned number of 1 to 8 bytes. */
static inline uint64_t get_bytes(const unsigned char *from, size_t bytes, bool little)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++)
        value |= (uint64_t)from[i] << 8 * (little ? i : bytes - 1 - i);
    return value;
}

/* to[bytes] <- the low bytes of the value. */
static inline void put_bytes(unsigned char *to, size_t bytes, bool little, uint64_t value)
{
    for (size_t i = 0; i < bytes; i++)
        to[i] = (unsigned char)(value >> 8 * (little ? i : bytes - 1 - i));
}

static inline uint16_t get_le16(const unsigned char *from)
{
    return (uint16_t)get_bytes(from, 2, true);
}

static inline uint16_t get_be16(const unsigned char *from)
{
    return (uint16_t)get_bytes(from, 2, false);
}

static inline uint32_t get_le32(const unsigned char *from)
{
    return (uint32_t)get_bytes(from, 4, true);
}

static inline uint32_t get_be32(const unsigned char *from)
{
    return (uint32_t)get_bytes(from, 4, false);
}

static inline void put_le16(unsigned char *to, uint16_t value)
{
    put_bytes(to, 2, true, value);
}

static inline void put_be16(unsigned char *to, uint16_t value)
{
    put_bytes(to, 2, false, value);
}

static inline void put_le32(unsigned char *to, uint32_t value)
{
    put_bytes(to, 4, true, value);
}

static inline void put_be32(unsigned char *to, uint32_t value)
{
    put_bytes(to, 4, false, value);
}

/* Reverses the bytes of each of n numbers of `size` bytes: 1, 2, 4 or 8. */
void swap_bytes(void *numbers, size_t n, size_t size);

#endif
