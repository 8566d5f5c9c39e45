/* Inflating by ISA-L, which takes half of zlib's time. */
#include "codec/inflate.h"
#include "codec/deflate/codes.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

#include <stdlib.h>
#include <string.h>

const bool inflate_is_there = true;

/*
 * What ISA-L keeps of the output to refer to, and what is seen of a block as it begins. Its codes take 290 bytes at most,
 * but of a last block ISA-L wants to see 4 KiB, or makes smaller tables, which are slower.
 */
enum { WINDOW = ISAL_DEF_HIST_SIZE, EDGE = 5 << 10 };

/*
 * ISA-L takes codes that zlib refuses. So it gets one block after another, each as if it were the last one, and stops where
 * the next one begins, whose codes are looked at first. What is around the blocks is read here.
 */
struct inflate {
    struct inflate_state state; /* at ISAL_BLOCK_FINISH before the first block and behind each */
    uint64_t size;
    inflate_more *more;
    void *from;
    const unsigned char *piece; /* what of the input ISA-L was not given yet */
    size_t left;
    bool begun, ended;        /* the stream; the input */
    bool last;                /* block */
    uint32_t adler;           /* of the output */
    unsigned char edge[EDGE]; /* input where a piece ends and the next one begins */
};

struct inflate *inflate_new(uint64_t size, inflate_more *more, void *from)
{
    struct inflate *s = malloc(sizeof *s);
    if (!s)
        return NULL;
    isal_inflate_init(&s->state);
    s->state.block_state = ISAL_BLOCK_FINISH;
    s->size = size;
    s->more = more;
    s->from = from;
    s->left = 0;
    s->begun = s->ended = s->last = false;
    s->adler = 1;
    return s;
}

void inflate_free(struct inflate *s)
{
    free(s);
}

/* ---- input --------------------------------------------------------------------------------------------------------- */

/* Whether there is a piece, maybe the next one. */
static bool next_piece(struct inflate *s)
{
    if (s->left == 0 && !s->ended) {
        s->left = s->more(s->from, &s->piece);
        s->ended = s->left == 0 || s->left > UINT32_MAX;
    }
    return !s->ended;
}

/* Once ISA-L has taken what it had. */
static bool refill(struct inflate *s)
{
    if (s->state.avail_in > 0 || !next_piece(s))
        return false;
    s->state.next_in = (uint8_t *)(uintptr_t)s->piece;
    s->state.avail_in = (uint32_t)s->left;
    s->left = 0;
    return true;
}

/* ISA-L has EDGE bytes, or all that there are. */
static void look_ahead(struct inflate *s)
{
    struct inflate_state *state = &s->state;
    if (state->avail_in >= EDGE)
        return;
    if (state->avail_in > 0)
        memmove(s->edge, state->next_in, state->avail_in);
    state->next_in = s->edge;
    while (state->avail_in < EDGE && next_piece(s)) {
        size_t room = EDGE - state->avail_in, n = s->left < room ? s->left : room;
        memcpy(s->edge + state->avail_in, s->piece, n);
        s->piece += n;
        s->left -= n;
        state->avail_in += (uint32_t)n;
    }
}

/* From where ISA-L goes on; it may have taken up to 64 bits more than it has used. */
static struct bits bits_ahead(const struct inflate_state *state)
{
    unsigned held = (unsigned)state->read_in_length;
    uint64_t hold = held < 64 ? state->read_in & ((UINT64_C(1) << held) - 1) : state->read_in;
    return (struct bits){hold, held, state->next_in, state->next_in + state->avail_in};
}

/* ---- blocks -------------------------------------------------------------------------------------------------------- */

/*
 * The first byte tells how far back the stream may refer: 2^8 to 2^15 bytes. ISA-L allows the most always, and so a stream
 * is refused that could go too far.
 */
static bool window_suffices(const struct inflate *s, unsigned char first)
{
    unsigned bits = 8 + (first >> 4);
    return bits == 15 || (bits < 15 && s->size <= UINT64_C(1) << bits);
}

/* The two bytes of zlib before the blocks (RFC 1950, 2.2): deflate, and no dictionary. */
static bool begin(struct inflate *s)
{
    look_ahead(s);
    if (s->state.avail_in < 2)
        return false;
    unsigned char first = s->state.next_in[0], second = s->state.next_in[1];
    s->state.next_in += 2;
    s->state.avail_in -= 2;
    s->begun = true;
    return (first & 15) == 8 && window_suffices(s, first) && (first << 8 | second) % 31 == 0 && !(second & 0x20);
}

/*
 * Behind a block all of the output was handed out, and tmp_out_buffer ends with the last of it. In the middle of a stream
 * ISA-L keeps no more than WINDOW bytes there, and relies on that.
 */
static void keep_window(struct inflate_state *state)
{
    int32_t surplus = state->tmp_out_valid - WINDOW;
    if (surplus > 0) {
        memmove(state->tmp_out_buffer, state->tmp_out_buffer + surplus, WINDOW);
        state->tmp_out_valid = state->tmp_out_processed = WINDOW;
    }
}

/* A block begins with a bit that is set in the last one, and two bits of its type. */
static bool begin_block(struct inflate *s)
{
    struct inflate_state *state = &s->state;
    look_ahead(s);
    if (state->read_in_length == 0 && state->avail_in > 0) {
        state->read_in = *state->next_in++;
        state->read_in_length = 8;
        state->avail_in--;
    }
    struct bits bits = bits_ahead(state);
    s->last = bits_take(&bits, 1);
    if (state->read_in_length == 0 || (bits_take(&bits, 2) == 2 && !codes_are_complete(&bits)))
        return false;
    state->read_in |= 1;
    keep_window(state);
    state->block_state = ISAL_BLOCK_NEW_HDR;
    return true;
}

/*
 * to[0..*got) <- what follows: n bytes, or as many as there are before the end. More than WINDOW bytes at once ISA-L would
 * not put through tmp_out_buffer, which may have bytes that there was no room for.
 */
static bool run(struct inflate *s, unsigned char *to, size_t n, size_t *got)
{
    struct inflate_state *state = &s->state;
    if (!s->begun && !begin(s))
        return false;
    for (*got = 0; *got < n;) {
        bool between = state->block_state == ISAL_BLOCK_FINISH;
        if (between && s->last)
            break;
        if (between && !begin_block(s))
            return false;
        size_t room = n - *got < WINDOW ? n - *got : WINDOW;
        state->next_out = to + *got;
        state->avail_out = (uint32_t)room;
        if (isal_inflate(state) != ISAL_DECOMP_OK)
            return false;
        size_t made = room - state->avail_out;
        s->adler = isal_adler32(s->adler, to + *got, made);
        *got += made;
        if (state->avail_out > 0 && state->block_state != ISAL_BLOCK_FINISH && !refill(s))
            return false;
    }
    return true;
}

bool inflate_get(struct inflate *s, unsigned char *to, size_t n)
{
    size_t got;
    return run(s, to, n, &got) && got == n;
}

/* The checksum begins with the next whole byte. ISA-L may hold bytes of it, and of what follows. */
bool inflate_end(struct inflate *s)
{
    unsigned char beyond;
    size_t got;
    if (!run(s, &beyond, 1, &got) || got > 0)
        return false;
    look_ahead(s);
    struct bits bits = bits_ahead(&s->state);
    size_t bytes = bits.held / 8 + s->state.avail_in;
    uint32_t adler = 0;
    bits_take(&bits, bits.held % 8);
    for (int i = 0; i < 4; i++)
        adler = adler << 8 | bits_take(&bits, 8);
    return bytes == 4 && adler == s->adler;
}

uint32_t inflate_crc(uint32_t crc, const unsigned char *bytes, size_t n)
{
    return crc32_gzip_refl(crc, bytes, n);
}
