/* Inflating by ISA-L, which takes half of zlib's time. */
#include "codec/inflate.h"

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

#include <stdlib.h>

const bool inflate_is_there = true;

struct inflate {
    struct inflate_state state;
    uint64_t size;
    inflate_more *more;
    void *from;
    bool begun;
};

struct inflate *inflate_new(uint64_t size, inflate_more *more, void *from)
{
    struct inflate *s = malloc(sizeof *s);
    if (!s)
        return NULL;
    isal_inflate_init(&s->state);
    s->state.crc_flag = ISAL_ZLIB;
    s->size = size;
    s->more = more;
    s->from = from;
    s->begun = false;
    return s;
}

void inflate_free(struct inflate *s)
{
    free(s);
}

/*
 * The first byte tells how far back the stream may refer: 2^8 to 2^15 bytes. ISA-L allows the most always, and so a stream
 * is refused that could go too far.
 */
static bool window_suffices(const struct inflate *s, unsigned char first)
{
    unsigned bits = 8 + (first >> 4);
    return bits == 15 || (bits < 15 && s->size <= UINT64_C(1) << bits);
}

static bool refill(struct inflate *s)
{
    const unsigned char *bytes;
    size_t n = s->more(s->from, &bytes);
    if (n == 0 || n > UINT32_MAX || (!s->begun && !window_suffices(s, bytes[0])))
        return false;
    s->begun = true;
    s->state.next_in = (uint8_t *)(uintptr_t)bytes;
    s->state.avail_in = (uint32_t)n;
    return true;
}

/* Inflates until the output is full or the stream ends. ISA-L may have more of the output than it was given room for. */
static bool run(struct inflate *s)
{
    struct inflate_state *state = &s->state;
    for (;;) {
        if (isal_inflate(state) != ISAL_DECOMP_OK)
            return false;
        if (state->avail_out == 0 || state->block_state == ISAL_BLOCK_FINISH)
            return true;
        if (state->avail_in == 0 && !refill(s))
            return false;
    }
}

bool inflate_get(struct inflate *s, unsigned char *to, size_t n)
{
    if (n > UINT32_MAX)
        return false;
    s->state.next_out = to;
    s->state.avail_out = (uint32_t)n;
    return run(s) && s->state.avail_out == 0;
}

/* ISA-L may hold whole bytes of what follows. */
bool inflate_end(struct inflate *s)
{
    const unsigned char *bytes;
    unsigned char beyond;
    s->state.next_out = &beyond;
    s->state.avail_out = 1;
    return run(s) && s->state.avail_out == 1 && s->state.avail_in == 0 && s->state.read_in_length < 8 &&
           s->more(s->from, &bytes) == 0;
}

uint32_t inflate_crc(uint32_t crc, const unsigned char *bytes, size_t n)
{
    return crc32_gzip_refl(crc, bytes, n);
}
