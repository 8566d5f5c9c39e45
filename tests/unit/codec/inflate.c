/* Inflating by ISA-L: what zlib deflates, in all ways that it has, and the same with bits changed. */
#include "zlib_streams.h"

#include <isa-l/igzip_lib.h>

enum { MOST = 1 << 18 };

/* ---- what zlib deflates -------------------------------------------------------------------------------------------- */

/* Noise, few values, runs, or repetitions of what is up to 2^15 bytes back. */
static void make_data(struct random *r, unsigned char *data, size_t n)
{
    for (size_t at = 0; at < n;) {
        size_t run = 1 + random_below(r, 1 + random_below(r, 20000)), kind = random_below(r, 4);
        size_t back = 1 + random_below(r, at < 1 << 15 ? at + 1 : 1 << 15);
        unsigned char value = (unsigned char)random_bits(r);
        for (; run > 0 && at < n; run--, at++)
            data[at] = kind == 0   ? (unsigned char)random_bits(r)
                       : kind == 1 ? (unsigned char)(value + random_below(r, 8))
                       : kind == 2 ? value
                       : at < back ? 0
                                   : data[at - back];
    }
}

struct ways {
    int level, window, memory, strategy;
    bool flushed;
};

/* z[0..result) <- a stream, raw if the window is negative, which is flushed and changes its level in the middle. */
static size_t deflated(struct random *r, const struct ways *w, unsigned char *data, size_t n, unsigned char *to,
                       size_t room)
{
    z_stream z = {.next_in = data, .next_out = to, .avail_out = (unsigned)room};
    REQUIRE(deflateInit2(&z, w->level, Z_DEFLATED, w->window, w->memory, w->strategy) == Z_OK, "out of memory");
    while (w->flushed && z.total_in < n) {
        size_t left = n - z.total_in;
        z.avail_in = (unsigned)(1 + random_below(r, left));
        REQUIRE(deflate(&z, (int)random_below(r, Z_BLOCK + 1) % Z_FINISH) != Z_STREAM_ERROR, "zlib does not flush");
        z.avail_in = (unsigned)(n - z.total_in);
        REQUIRE(deflateParams(&z, (int)random_below(r, 10), w->strategy) == Z_OK, "zlib keeps its level");
    }
    z.avail_in = (unsigned)(n - z.total_in);
    REQUIRE(deflate(&z, Z_FINISH) == Z_STREAM_END, "no room");
    deflateEnd(&z);
    return room - z.avail_out;
}

START_TEST(what_zlib_deflates_is_inflated)
{
    static const size_t limits[] = {10, 400, 5000, 70000, MOST};
    struct random r = {1};
    unsigned char *data = must_alloc(MOST), *z = must_alloc(4 * MOST);
    for (int i = 0; i < 400; i++) {
        size_t n = random_below(&r, limits[i % 5]);
        struct ways w = {.level = (int)random_below(&r, 10),
                         .window = 9 + (int)random_below(&r, 7),
                         .memory = 1 + (int)random_below(&r, 9),
                         .strategy = (int)random_below(&r, 5),
                         .flushed = i % 3 == 0};
        if (i % 2)
            w.window = 15;
        make_data(&r, data, n);
        size_t size = deflated(&r, &w, data, n, z, 4 * MOST);
        bool small = w.window < 15 && n > (size_t)1 << w.window;
        ck_assert(same_verdict("a sound stream", z, size, n, small));
        REQUIRE(!small || !ours_inflates(z, size, size, n, data, n), "a window of 2^%d passes for %zu bytes", w.window, n);
        ck_assert(!same_verdict("a stream that goes on", z, size, n - (n > 0), false) || n == 0);
        z[size] = 0;
        ck_assert(!same_verdict("with a byte behind", z, size + 1, n, false));
    }
    free(data);
    free(z);
}
END_TEST

START_TEST(what_is_around_the_blocks_is_judged)
{
    struct random r = {2};
    unsigned char data[700], z[1000], other[1000];
    struct ways w = {.level = 6, .window = 15, .memory = 8};
    make_data(&r, data, sizeof data);
    size_t n = deflated(&r, &w, data, sizeof data, z, sizeof z);
    for (size_t i = 0; i < n; i++)
        ck_assert(!same_verdict("a stream cut off", z, i, sizeof data, false));
    for (unsigned head = 0; head < 1 << 16; head++) {
        memcpy(other, z, n);
        other[0] = (unsigned char)(head >> 8);
        other[1] = (unsigned char)head;
        bool wide = head >> 12 >= 2, want = zlib_inflates(other, n, data, sizeof data); /* 2^10 bytes, for 700 */
        REQUIRE(ours_inflates(other, n, n, sizeof data, data, sizeof data) == (want && wide), "%04x: zlib says %d", head,
                want);
    }
    for (size_t bit = 8 * (n - 4); bit < 8 * n; bit++) {
        memcpy(other, z, n);
        other[bit / 8] ^= (unsigned char)(1 << bit % 8);
        ck_assert(!same_verdict("another checksum", other, n, sizeof data, false));
    }
}
END_TEST

/* ---- bits changed -------------------------------------------------------------------------------------------------- */

/* How a raw stream is inflated by a library: to which bytes, and how many of the stream. */
struct outcome {
    bool good;
    size_t taken, size;
    unsigned char out[1 << 15];
};

static void by_zlib(unsigned char *raw, size_t n, struct outcome *o)
{
    z_stream z = {.next_in = raw, .avail_in = (unsigned)n, .next_out = o->out, .avail_out = sizeof o->out};
    REQUIRE(inflateInit2(&z, -15) == Z_OK, "out of memory");
    o->good = inflate(&z, Z_FINISH) == Z_STREAM_END;
    o->taken = z.total_in;
    o->size = z.total_out;
    inflateEnd(&z);
}

static void by_isal(unsigned char *raw, size_t n, struct outcome *o)
{
    static struct inflate_state state;
    isal_inflate_init(&state);
    state.next_in = raw;
    state.avail_in = (uint32_t)n;
    state.next_out = o->out;
    state.avail_out = sizeof o->out;
    o->good = isal_inflate_stateless(&state) == ISAL_DECOMP_OK;
    o->taken = n - state.avail_in;
    o->size = state.total_out;
}

/*
 * Most changes make another checksum, which both see. So what either library inflates the changed blocks to gets its own
 * checksum.
 */
START_TEST(changed_bits_are_judged_alike)
{
    static struct outcome o;
    struct random r = {3};
    unsigned char data[800], raw[2000];
    size_t good = 0, refused = 0;
    for (int i = 0; i < 60000; i++) {
        struct ways w = {(int)random_below(&r, 10), -15, 1 + (int)random_below(&r, 9), (int)random_below(&r, 5),
                         i % 4 == 0};
        size_t n = random_below(&r, sizeof data);
        make_data(&r, data, n);
        size_t size = deflated(&r, &w, data, n, raw, sizeof raw), near = random_below(&r, 2) ? 8 * size : 200;
        for (size_t flips = 1 + random_below(&r, 3); flips > 0; flips--) {
            size_t bit = random_below(&r, near < 8 * size ? near : 8 * size);
            raw[bit / 8] ^= (unsigned char)(1 << bit % 8);
        }
        for (int library = 0; library < 2; library++) {
            (library ? by_isal : by_zlib)(raw, size, &o);
            if (!o.good)
                continue;
            unsigned char *z = wrapped(raw, o.taken, o.out, o.size);
            bool verdict = same_verdict(library ? "by ISA-L" : "by zlib", z, o.taken + 6, o.size, false);
            good += verdict;
            refused += !verdict;
            free(z);
        }
    }
    ck_assert_msg(good > 10000, "%zu pass, %zu are refused", good, refused);
}
END_TEST

SUITE(inflate)
{
    TCase *streams = tcase_create("streams");
    tcase_add_test(streams, what_zlib_deflates_is_inflated);
    tcase_add_test(streams, what_is_around_the_blocks_is_judged);
    tcase_add_test(streams, changed_bits_are_judged_alike);
    suite_add_tcase(suite, streams);
}
