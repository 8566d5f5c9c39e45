/* The code lengths of a block (RFC 1951, 3.2.7), read to see whether they make complete codes. */
#include "codec/deflate/codes.h"

/* Lengths are themselves coded: by 19 symbols, whose codes have 7 bits at most. */
enum { SYMBOLS = 19, LENGTH_BITS = 7, CODE_BITS = 15, REPEAT = 16 };

static void fill(struct bits *b)
{
    for (; b->held < 16; b->held += 8)
        if (b->at < b->end)
            b->hold |= (uint64_t)*b->at++ << b->held;
}

unsigned bits_take(struct bits *b, unsigned n)
{
    fill(b);
    unsigned bits = (unsigned)(b->hold & ((1u << n) - 1));
    b->hold >>= n;
    b->held -= n;
    return bits;
}

/* Which symbol the next bits are, and how many of them. */
struct entry {
    uint8_t symbol, bits;
};

/* The code that follows the code c of n bits, whose first bit is the lowest one. */
static unsigned next_code(unsigned c, unsigned n)
{
    unsigned bit = 1u << n >> 1;
    for (; c & bit; bit >>= 1)
        c ^= bit;
    return c | bit;
}

/* The code of lengths, by the next LENGTH_BITS bits. False: it is not complete. */
static bool read_table(struct bits *b, unsigned symbols, struct entry table[1 << LENGTH_BITS])
{
    static const uint8_t order[SYMBOLS] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    unsigned bits[SYMBOLS] = {0}, used = 0, code = 0;
    for (unsigned i = 0; i < symbols; i++) {
        unsigned n = bits[order[i]] = bits_take(b, 3);
        used += n ? 1u << (LENGTH_BITS - n) : 0;
    }
    if (used != 1 << LENGTH_BITS)
        return false;
    for (unsigned n = 1; n <= LENGTH_BITS; n++)
        for (uint8_t s = 0; s < SYMBOLS; s++)
            if (bits[s] == n) {
                for (unsigned at = code; at < 1 << LENGTH_BITS; at += 1u << n)
                    table[at] = (struct entry){s, (uint8_t)n};
                code = next_code(code, n);
            }
    return true;
}

/* What the codes of a set take of all that there are, in parts of 2^15; how many codes it has. */
struct set {
    unsigned used, codes;
};

/* A set may have one code alone, of one bit. */
static bool is_complete(const struct set *s)
{
    return s->used == 1 << CODE_BITS || (s->codes == 1 && s->used == 1 << (CODE_BITS - 1));
}

bool codes_are_complete(struct bits *b)
{
    /* The symbols of lengths, and those that repeat the last one or zero: `base` times and what `extra` bits say. */
    static const uint8_t base[SYMBOLS] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 3, 11};
    static const uint8_t extra[SYMBOLS] = {[16] = 2, 3, 7};
    struct entry table[1 << LENGTH_BITS];
    struct set sets[2] = {0};
    unsigned literals = bits_take(b, 5) + 257, all = literals + bits_take(b, 5) + 1, length = 0;
    if (!read_table(b, bits_take(b, 4) + 4, table))
        return false;
    for (unsigned i = 0; i < all;) {
        fill(b);
        struct entry e = table[b->hold & ((1 << LENGTH_BITS) - 1)];
        bits_take(b, e.bits);
        unsigned end = i + base[e.symbol] + bits_take(b, extra[e.symbol]);
        if (e.symbol != REPEAT)
            length = e.symbol < REPEAT ? e.symbol : 0;
        for (; length > 0 && i < end; i++) {
            struct set *s = &sets[i >= literals];
            s->codes++;
            s->used += 1u << (CODE_BITS - length);
        }
        i = end;
    }
    return is_complete(&sets[0]) && (is_complete(&sets[1]) || sets[1].codes == 0);
}
