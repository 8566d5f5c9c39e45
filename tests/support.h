/*
 * What the tests share: closeness, random numbers, files, and sources and sinks in memory.
 */
#ifndef SUPPORT_H
#define SUPPORT_H

#include "codec.h"

#include <check.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>

/*
 * In loops these stand for ck_assert, which reports to Check's parent process each time it passes. NaN is close to nothing.
 */
#define REQUIRE(condition, ...)                                                                                            \
    do {                                                                                                                   \
        if (!(condition))                                                                                                  \
            ck_abort_msg(__VA_ARGS__);                                                                                     \
    } while (0)

#define REQUIRE_CLOSE(got, want, tolerance)                                                                                \
    do {                                                                                                                   \
        long double got_ = (got), want_ = (want), tolerance_ = (tolerance);                                                \
        if (!(fabsl(got_ - want_) <= tolerance_))                                                                          \
            ck_abort_msg("%s is %.17Lg, not %.17Lg (tolerance %.3Lg)", #got, got_, want_, tolerance_);                     \
    } while (0)

/* REQUIRE_CLOSE with the tolerance in parts of the wanted value. */
#define REQUIRE_NEAR(got, want, relative) REQUIRE_CLOSE(got, want, fabsl((long double)(want)) * (relative))

/* Allocates or aborts the test; freed by free(). */
void *must_alloc(size_t n);

/* ---- random numbers: the same in each run (splitmix64) ----------------------------------------------------------- */

struct random {
    uint64_t state;
};

uint64_t random_bits(struct random *r);
double random_unit(struct random *r);                /* [0, 1) */
size_t random_below(struct random *r, size_t limit); /* 0..limit - 1 */
double random_normal(struct random *r);              /* mean 0, deviation 1: a sum of 12 uniform numbers */

/* x[0..n) <- normal numbers */
void random_floats(struct random *r, double mean, double deviation, float *x, size_t n);

/* ---- files and memory -------------------------------------------------------------------------------------------- */

/* The whole file, freed by free(), or NULL. Never NULL for an empty file. */
unsigned char *load_file(const char *path, size_t *size);

/* Reads bytes[0..size); reads that touch offset `broken` or anything behind fail with the text "broken on purpose". */
struct memory_source {
    struct source source; /* first, so that a pointer to it is one to the whole */
    const unsigned char *bytes;
    size_t size;
    uint64_t broken;
};

/* A source that is not broken. */
struct memory_source memory_source(const unsigned char *bytes, size_t size);

/*
 * Grows as needed. Refuses what would make it longer than `room`, with the text "full on purpose". A gap, and going back
 * in a sink that is not seekable, is kept in `misused`.
 */
struct memory_sink {
    struct sink sink;
    unsigned char *bytes;
    size_t size, capacity, room;
    bool misused;
};

/* An empty sink with room for all; its bytes are freed by free(). */
struct memory_sink memory_sink(bool seekable);

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

/* A whole picture in memory; its rows are interleaved. */
struct picture {
    struct picture_info info;
    unsigned char *samples; /* freed by free() */
};

size_t picture_bytes(const struct picture_info *info);

/* The rows from y on. */
struct rows picture_rows(const struct picture *p, size_t y, size_t height);

/* Sample c of pixel i, the picture being seen as RGBA: grey is repeated, alpha that is not there is full. 8 or 16 bits. */
unsigned picture_rgba(const struct picture *p, size_t i, unsigned c);

/*
 * Reads the reader's selected picture whole, in one band (bands 0), or in bands of 1, 2, .. `bands` rows, 1, 2, .. and so
 * on. out->info says what was selected.
 */
bool picture_read(const struct codec *codec, void *reader, size_t bands, struct picture *out, struct why *why);

/* The first picture of a file: sniff, open, select, read, close. On failure there is nothing to free. */
bool picture_decode(struct source *source, uint64_t max_pixels, size_t bands, struct picture *out, struct why *why);

/* picture_decode of bytes in memory, up to 2^22 pixels. */
bool picture_from(const unsigned char *bytes, size_t size, struct picture *out, struct why *why);

/* ---- the suites, each in its test_*.c ---------------------------------------------------------------------------- */

Suite *moments_suite(void);
Suite *affine_suite(void);
Suite *norm_suite(void);
Suite *rows_suite(void);
Suite *codecs_suite(void);

#endif
