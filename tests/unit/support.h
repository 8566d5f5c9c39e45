/*
 * What the tests share: closeness, random numbers, files, sources and sinks in memory, moments by definition, and pictures
 * of each kind for each codec.
 */
#ifndef SUPPORT_H
#define SUPPORT_H

#include "codec/codec.h"
#include "instnorm.h"

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

/* x[0..n) <- value */
void fill(float *x, size_t n, float value);

/* ---- sRGB: the curve of IEC 61966-2-1, odd about 0, to linear light and back ------------------------------------- */

double srgb_decoded(double v);
double srgb_encoded(double v);

/* ---- moments ----------------------------------------------------------------------------------------------------- */

struct reference {
    long double weight, mean, m2, size; /* size: the mean of |x|, which rounding errors are measured by */
    double min, max;
    uint64_t skipped;
};

/* The moments by definition, in long double. */
struct reference reference(const float *x, const float *weight, size_t n);

/* The tolerance of m2 allows for the error of the mean, whose square each sample adds. */
void require_reference(const struct instnorm_moments *m, const struct reference *r);

/* The same bits. */
void require_same_moments(const struct instnorm_moments *a, const struct instnorm_moments *b);

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
 * Grows as needed. Refuses what would make it longer than `room`, with the text "full on purpose". A gap, and going back,
 * in a sink that is not seekable is kept in `misused`; in one that is, `written` tells whether gaps were filled.
 */
struct memory_sink {
    struct sink sink;
    unsigned char *bytes;
    size_t size, capacity, room;
    size_t written; /* bytes in all writes: size or more if there is no gap */
    bool misused;
};

/* An empty sink with room for all; its bytes are freed by free(). */
struct memory_sink memory_sink(bool seekable);

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

enum { MAX_PIXELS = 1 << 22 }; /* what the tests read at most */

/* A whole picture in memory; its rows are interleaved, or planar if info says so. */
struct image {
    struct picture_info info;
    unsigned char *samples; /* freed by free() */
};

size_t image_bytes(const struct picture_info *info);

/* The rows from y on. */
struct rows image_rows(const struct image *p, size_t y, size_t height);

/* Sample c of pixel i, the picture being seen as RGBA: grey is repeated, alpha that is not there is full. 8 or 16 bits. */
double image_rgba(const struct image *p, size_t i, unsigned c);

/*
 * Reads the reader's selected picture whole, in one band (bands 0), or in bands of 1, 2, .. `bands` rows, 1, 2, .. and so
 * on. out->info says what was selected.
 */
bool image_read(const struct codec *codec, void *reader, size_t bands, struct image *out, struct why *why);

/* The first picture of a file: sniff, open, select, read, close. On failure there is nothing to free. */
bool image_decode(struct source *source, uint64_t max_pixels, size_t bands, struct image *out, struct why *why);

/* image_decode of bytes in memory, up to MAX_PIXELS. */
bool image_from(const unsigned char *bytes, size_t size, struct image *out, struct why *why);

/* image_from, in bands, of what must be a picture; `name` is for the message. */
struct image must_decode(const char *name, const unsigned char *bytes, size_t size, size_t bands);

/* What no codec takes for a picture, and what its message must say. */
struct refusal {
    const unsigned char *bytes;
    size_t size;
    const char *says;
};

/* A literal with its length: it may hold zeros. */
#define BYTES(text) (const unsigned char *)(text), sizeof(text) - 1
void require_refusal(const struct refusal *file);

/* The same header and the same bytes. */
void require_same_image(const struct image *got, const struct image *want, const char *what);

/* Seen as RGBA the pictures, of 8 or 16 bits, are the same, or differ by `tolerance` at most: a format may have no grey. */
void require_alike(const struct image *got, const struct image *want, int tolerance, const char *what);

/* ---- every codec and every kind of picture it writes -------------------------------------------------------------- */

/* The kinds of picture that codecs are offered. */
struct kind {
    unsigned channels;
    enum sample sample;
};
enum { PICTURE_KINDS = 25, INTERLACED = 143 };
extern const struct kind picture_kinds[PICTURE_KINDS];

/* An 8 x 8 grey PNG, interlaced; the sample at (x, y) is 8 y + x. */
extern const unsigned char interlaced[INTERLACED];

extern const struct write_options best_quality;

/*
 * Noise, or where noise would not survive a slope; no finite picture has the bytes of another seed. A codec of tensors gets
 * planes without alpha.
 */
struct image make_image(const struct codec *codec, const struct kind *kind, size_t width, size_t height, bool smooth);

/* Whether the codec takes pictures of the kind; if not it must say why. */
bool takes(const struct codec *codec, const struct kind *kind);

/* Writes the picture in bands as image_read reads it. The sink's bytes are there in any case. */
bool encode(const struct codec *codec, const struct image *p, size_t bands, struct memory_sink *m, struct why *why);
struct memory_sink must_encode(const struct codec *codec, const struct image *p, size_t bands, bool seekable);

/* A file of the codec's, made of a picture of width x height; noise unless the codec is lossy. */
struct memory_sink sample_file(const struct codec *codec, const struct kind *kind, size_t width, size_t height);

/* Runs check for every codec that writes, and every kind of picture it takes. */
void each_kind(void (*check)(const struct codec *, const struct kind *));

/* Runs check for a sample_file of each of these, and for the interlaced PNG. */
void each_sample_file(size_t width, size_t height, void (*check)(const struct codec *, const unsigned char *, size_t));

/* ---- suites -------------------------------------------------------------------------------------------------------- */

struct suite {
    const char *name;
    void (*fill)(Suite *);
    struct suite *next;
};

/* main.c runs it, after those that were added before. */
void add_suite(struct suite *suite);

/*
 * Whether each test has a process of its own, so that it may do what cannot be undone. With CK_FORK=no it has not, and the
 * tests that need one are left out, which is printed with this name.
 */
bool tests_have_processes(const char *left_out);

/* The test once for each element of the table, by its index _i. */
#define ADD_EACH(tcase, test, table) tcase_add_loop_test(tcase, test, 0, sizeof(table) / sizeof *(table))

/* SUITE(name) { suite_add_tcase(suite, ...); } is all that a new file needs: it adds itself before main begins. */
#define SUITE(of)                                                                                                          \
    static void of##_suite(Suite *suite);                                                                                  \
    __attribute__((constructor)) static void add_##of##_suite(void)                                                        \
    {                                                                                                                      \
        static struct suite self = {#of, of##_suite, NULL};                                                                \
        add_suite(&self);                                                                                                  \
    }                                                                                                                      \
    static void of##_suite(Suite *suite)

#endif
