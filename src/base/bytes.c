#include "base/bytes.h"

/* memcpy, for the numbers may be at any address: compilers make vectors of it. */
#define SWAP(NAME, TYPE, REVERSE)                                                                                          \
    static void NAME(unsigned char *at, size_t n)                                                                          \
    {                                                                                                                      \
        for (size_t i = 0; i < n; i++) {                                                                                   \
            TYPE value;                                                                                                    \
            memcpy(&value, at + i * sizeof value, sizeof value);                                                           \
            value = REVERSE(value);                                                                                        \
            memcpy(at + i * sizeof value, &value, sizeof value);                                                           \
        }                                                                                                                  \
    }

SWAP(swap16, uint16_t, __builtin_bswap16)
SWAP(swap32, uint32_t, __builtin_bswap32)
SWAP(swap64, uint64_t, __builtin_bswap64)

void swap_bytes(void *numbers, size_t n, size_t size)
{
    if (size == 2)
        swap16(numbers, n);
    else if (size == 4)
        swap32(numbers, n);
    else if (size == 8)
        swap64(numbers, n);
}
