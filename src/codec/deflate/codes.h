/* The Huffman codes that a deflate stream may use. */
#ifndef CODEC_DEFLATE_CODES_H
#define CODEC_DEFLATE_CODES_H

#include <stdbool.h>
#include <stdint.h>

/* Bits in the order in which they are read: `held` of them from the lowest of `hold` on, then bytes. Zeros follow. */
struct bits {
    uint64_t hold;
    unsigned held;
    const unsigned char *at, *end;
};

/* The next n bits, 16 at most. */
unsigned bits_take(struct bits *b, unsigned n);

/*
 * Whether zlib takes the codes of a block of type 2, whose header goes on at b. ISA-L takes more: codes in which some bits
 * stand for nothing. What both refuse may pass here.
 */
bool codes_are_complete(struct bits *b);

#endif
