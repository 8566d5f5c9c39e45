/* The mutator of archives: libFuzzer's own, then the checksum of every header is mended, for a reader looks at nothing else
 * otherwise. Now and then blocks change places. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t room);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t room, unsigned seed);

enum { BLOCK = 512, SUM_AT = 148, SUM_BYTES = 8, MAGIC_AT = 257 };

static void mend(uint8_t *header)
{
    char text[SUM_BYTES + 1];
    unsigned sum = 0;
    memset(header + SUM_AT, ' ', SUM_BYTES);
    for (size_t i = 0; i < BLOCK; i++)
        sum += header[i];
    snprintf(text, sizeof text, "%06o", sum);
    memcpy(header + SUM_AT, text, SUM_BYTES - 1); /* with its zero; the blank behind it stays */
}

static void mend_all(uint8_t *bytes, size_t size)
{
    for (size_t at = 0; at + BLOCK <= size; at += BLOCK)
        if (memcmp(bytes + at + MAGIC_AT, "ustar", 5) == 0)
            mend(bytes + at);
}

static void swap_blocks(uint8_t *bytes, size_t size, unsigned seed)
{
    uint8_t kept[BLOCK];
    size_t blocks = size / BLOCK, a = seed / 16 % (blocks ? blocks : 1), b = seed / 4096 % (blocks ? blocks : 1);
    if (blocks < 2)
        return;
    memcpy(kept, bytes + a * BLOCK, BLOCK);
    memmove(bytes + a * BLOCK, bytes + b * BLOCK, BLOCK);
    memcpy(bytes + b * BLOCK, kept, BLOCK);
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t room, unsigned seed)
{
    if (seed % 8 == 0)
        swap_blocks(bytes, size, seed);
    else
        size = LLVMFuzzerMutate(bytes, size, room);
    if (seed % 16 != 1) /* wrong checksums have their turn */
        mend_all(bytes, size);
    return size;
}
