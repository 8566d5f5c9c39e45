/* zlib streams through inflate.h and through zlib, which must judge alike. */
#ifndef ZLIB_STREAMS_H
#define ZLIB_STREAMS_H

#include "codec/inflate.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct given {
    const unsigned char *bytes;
    size_t left, most; /* bytes of a piece: 1 to `most` */
    struct random random;
    unsigned char *piece;
    bool ended;
};

/* A piece is in memory of its own, which is gone with the next one. Nothing may be asked for behind the end. */
static inline size_t give(void *from, const unsigned char **bytes)
{
    struct given *g = from;
    size_t n = 1 + random_below(&g->random, g->most);
    n = n < g->left ? n : g->left;
    free(g->piece);
    g->piece = must_alloc(n + 1);
    memcpy(g->piece, g->bytes, n);
    g->bytes += n;
    g->left -= n;
    REQUIRE(!g->ended, "the stream has ended");
    g->ended = n == 0;
    *bytes = g->piece;
    return n;
}

/* out[0..size) <- what the stream inflates to, 1 to `step` bytes at a time. */
static inline bool ours_inflates(const unsigned char *bytes, size_t n, size_t most, size_t step, unsigned char *out,
                                 size_t size)
{
    struct given g = {.bytes = bytes, .left = n, .most = most, .random = {n + size}};
    struct inflate *s = inflate_new(size, give, &g);
    REQUIRE(s, "out of memory");
    bool good = true;
    for (size_t at = 0, room; at < size && good; at += room) {
        room = 1 + random_below(&g.random, step);
        room = room < size - at ? room : size - at;
        good = inflate_get(s, out + at, room);
    }
    good = good && inflate_end(s);
    inflate_free(s);
    free(g.piece);
    return good;
}

/* Whether the stream has its end and just these bytes. */
static inline bool zlib_inflates(const unsigned char *bytes, size_t n, unsigned char *out, size_t size)
{
    unsigned char none;
    z_stream z = {.next_in = (unsigned char *)(uintptr_t)bytes,
                  .avail_in = (unsigned)n,
                  .next_out = size ? out : &none,
                  .avail_out = (unsigned)size};
    REQUIRE(inflateInit(&z) == Z_OK, "out of memory");
    bool good = inflate(&z, Z_FINISH) == Z_STREAM_END && z.avail_in == 0 && z.avail_out == 0;
    inflateEnd(&z);
    return good;
}

/*
 * Requires the verdict of zlib, and its bytes, from pieces of all sizes, which is returned. `strict`: ours may refuse more.
 */
static inline bool same_verdict(const char *name, const unsigned char *bytes, size_t n, size_t size, bool strict)
{
    static const struct {
        size_t most, step;
    } ways[] = {{1 << 20, 1 << 20}, {1, 1 << 15}, {1 << 15, 3000}, {7, 1}, {4000, 100000}};
    unsigned char *want = must_alloc(size + 1), *got = must_alloc(size + 1);
    bool good = zlib_inflates(bytes, n, want, size);
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        if ((size > 1 << 14 && ways[i].step == 1) || (n > 1 << 12 && ways[i].most == 1))
            continue; /* slow */
        bool ours = ours_inflates(bytes, n, ways[i].most, ways[i].step, got, size);
        REQUIRE(ours ? good : strict || !good, "%s, %zu bytes to %zu, way %zu: zlib says %d", name, n, size, i, good);
        REQUIRE(!ours || memcmp(want, got, size) == 0, "%s, %zu bytes to %zu, way %zu: other bytes", name, n, size, i);
    }
    free(want);
    free(got);
    return good;
}

/* A zlib stream of a raw one that inflates to out[0..size); freed by free(). */
static inline unsigned char *wrapped(const unsigned char *raw, size_t n, const unsigned char *out, size_t size)
{
    unsigned char *z = must_alloc(n + 6);
    unsigned long adler = adler32(1, out, (unsigned)size);
    memcpy(z, "\x78\x01", 2);
    memcpy(z + 2, raw, n);
    for (int i = 0; i < 4; i++)
        z[n + 2 + (size_t)i] = (unsigned char)(adler >> (24 - 8 * i));
    return z;
}

#endif
