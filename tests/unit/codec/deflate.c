/*
 * IDAT by ISA-L: zlib inflates it to the rows filtered with Sub, and a crew of any number of threads gives the same chunks
 * as none.
 */
#include "base/bytes.h"
#include "cli/run/crew.h"
#include "codec/deflate.h"
#include "support.h"
#include "threads.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

enum { BLOCK = 1 << 20, CHUNK = 1 << 16 };

static const struct size {
    unsigned width, height, channels;
    enum sample sample;
} sizes[] = {
    {1, 1, 1, SAMPLE_U8},       {7, 5, 4, SAMPLE_U16},     {400, 300, 3, SAMPLE_U8},  {1181, 887, 3, SAMPLE_U8},
    {997, 1201, 4, SAMPLE_U16}, {3, 800001, 1, SAMPLE_U8}, {700001, 4, 1, SAMPLE_U8}, {90001, 23, 3, SAMPLE_U16},
};
enum { SIZES = sizeof sizes / sizeof *sizes };

/* ---- a picture ----------------------------------------------------------------------------------------------------- */

static size_t pixel_bytes(const struct size *size)
{
    return size->channels * (size->sample == SAMPLE_U16 ? 2u : 1u);
}

static size_t row_bytes(const struct size *size)
{
    return size->width * pixel_bytes(size);
}

/* Noise on ramps, with flat parts, so that blocks are stored, of codes, and of matches. */
static unsigned char *make_rows(const struct size *size)
{
    size_t n = row_bytes(size) * size->height;
    unsigned char *rows = must_alloc(n);
    struct random r = {n};
    for (size_t i = 0; i < n; i++) {
        size_t kind = i >> 17 & 3;
        rows[i] = (unsigned char)(kind == 0 ? random_bits(&r) : kind == 1 ? i / 64 : (i / 16 + random_below(&r, 5)));
    }
    return rows;
}

/* ---- what comes of it ---------------------------------------------------------------------------------------------- */

struct got {
    unsigned char *bytes;
    size_t n, room, chunks, most, fails_at;
    size_t odd;       /* bytes of the first chunk that is not full */
    uint64_t lengths; /* of the chunks, as one number */
    jmp_buf failed;
};

static void put(void *to, const unsigned char *bytes, size_t n)
{
    struct got *g = to;
    if (++g->chunks == g->fails_at)
        longjmp(g->failed, 1);
    REQUIRE(n > 0 && n <= g->room - g->n, "%zu bytes in %zu of %zu", n, g->n, g->room);
    memcpy(g->bytes + g->n, bytes, n);
    g->n += n;
    g->most = n > g->most ? n : g->most;
    g->odd = g->odd == 0 && n < CHUNK ? n : g->odd;
    g->lengths = g->lengths * 1000003 + n;
}

static struct deflate *begin(const struct size *size, bool fastest, struct crew *crew, struct got *g)
{
    const struct picture_info info = {
        .width = size->width, .height = size->height, .channels = size->channels, .sample = size->sample};
    size_t n = (row_bytes(size) + 1) * size->height;
    *g = (struct got){.room = 2 * n + CHUNK};
    g->bytes = must_alloc(g->room);
    struct deflate *d = deflate_new(&info, fastest, crew, put, g);
    ck_assert_ptr_nonnull(d);
    return d;
}

static void deflate_all(const struct size *size, const unsigned char *rows, bool fastest, struct crew *crew, struct got *g)
{
    struct deflate *d = begin(size, fastest, crew, g);
    for (size_t y = 0; y < size->height; y++)
        REQUIRE(deflate_row(d, rows + y * row_bytes(size)), "row %zu", y);
    deflate_free(d);
}

/* The filter undone byte by byte, and 16 bits from big endian. */
static void check_rows(const struct size *size, const unsigned char *rows, const struct got *g)
{
    size_t bytes = row_bytes(size), pixel = pixel_bytes(size), swap = size->sample == SAMPLE_U16 && machine_is_little();
    unsigned long n = (unsigned long)((bytes + 1) * size->height);
    unsigned char *filtered = must_alloc(n);
    ck_assert_int_eq(uncompress(filtered, &n, g->bytes, (unsigned long)g->n), Z_OK);
    ck_assert_uint_eq(n, (bytes + 1) * size->height);
    for (size_t y = 0; y < size->height; y++) {
        unsigned char *row = filtered + y * (bytes + 1);
        REQUIRE(*row++ == 1, "row %zu has the filter %u", y, row[-1]);
        for (size_t i = pixel; i < bytes; i++)
            row[i] = (unsigned char)(row[i] + row[i - pixel]);
        for (size_t i = 0; i < bytes; i++)
            REQUIRE(row[i ^ swap] == rows[y * bytes + i], "row %zu, byte %zu", y, i);
    }
    free(filtered);
}

START_TEST(zlib_gives_the_rows_back)
{
    const struct size *size = &sizes[_i / 2];
    unsigned char *rows = make_rows(size);
    struct got g;
    deflate_all(size, rows, _i % 2, NULL, &g);
    check_rows(size, rows, &g);
    ck_assert_uint_le(g.most, CHUNK + 4);
    free(g.bytes);
    free(rows);
}
END_TEST

/*
 * Blocks whose ends are at all places beside the ends of chunks, where ISA-L keeps some bytes to itself. A row is a block
 * here, of noise in 7 bits: a byte more gives about as much more.
 */
START_TEST(blocks_end_beside_chunks)
{
    enum { BESIDE = 20, LONG = 11 * CHUNK, MOST = LONG + 2 * CHUNK, TRIES = 80 };
    struct size size = {LONG, 3, 1, SAMPLE_U8};
    unsigned char *rows = must_alloc(3 * MOST);
    unsigned before = 0, behind = 0;
    struct random r = {1};
    struct got g;
    for (size_t y = 0, i = 0; y < 3; y++) /* summed up, for the filter takes the differences */
        for (unsigned char x = 0; i < (y + 1) * MOST; i++)
            rows[i] = x = (unsigned char)(x + (random_bits(&r) & 127));
    deflate_all(&size, rows, _i, NULL, &g);
    free(g.bytes);
    size.width = (unsigned)(LONG + (CHUNK - g.odd) * 3 * LONG / g.n - TRIES / 2);
    for (size_t k = 0; k < TRIES; k++, size.width++) {
        deflate_all(&size, rows, _i, NULL, &g);
        check_rows(&size, rows, &g);
        before += g.odd >= CHUNK - BESIDE;
        behind += g.odd <= BESIDE;
        free(g.bytes);
    }
    REQUIRE(before >= BESIDE / 2 && behind >= BESIDE / 2, "%u and %u", before,
            behind); /* an empty block may come between */
    free(rows);
}
END_TEST

/* ---- a crew -------------------------------------------------------------------------------------------------------- */

START_TEST(a_crew_changes_no_byte)
{
    static const unsigned threads[] = {1, 2, 3, CREW_MOST};
    struct crew *crew = crew_start(threads[_i], enter);
    ck_assert(crew && crew->n == threads[_i]);
    for (size_t k = 0; k < 2 * SIZES; k++) {
        const struct size *size = &sizes[k / 2];
        unsigned char *rows = make_rows(size);
        struct got alone, crewed;
        deflate_all(size, rows, k % 2, NULL, &alone);
        deflate_all(size, rows, k % 2, crew, &crewed);
        REQUIRE(alone.n == crewed.n && memcmp(alone.bytes, crewed.bytes, alone.n) == 0, "size %zu", k / 2);
        REQUIRE(alone.chunks == crewed.chunks && alone.lengths == crewed.lengths, "the chunks of size %zu", k / 2);
        free(alone.bytes);
        free(crewed.bytes);
        free(rows);
    }
}
END_TEST

/* The file takes no more, or the picture ends in an error: what the crew has is waited for, and it goes on after that. */
START_TEST(ends_that_come_early)
{
    const struct size *size = &sizes[4];
    struct crew *crew = crew_start(3, enter);
    unsigned char *rows = make_rows(size);
    ck_assert_ptr_nonnull(crew);
    for (volatile size_t n = 0; n < 12; n++) {
        struct got g;
        struct deflate *d = begin(size, false, crew, &g);
        g.fails_at = n + 1;
        volatile size_t y = 0;
        if (setjmp(g.failed) == 0)
            for (; y < 100 * (n + 1); y++)
                ck_assert(deflate_row(d, rows + y * row_bytes(size)));
        deflate_free(d);
        free(g.bytes);
    }
    struct got g;
    deflate_all(size, rows, false, crew, &g);
    check_rows(size, rows, &g);
    free(g.bytes);
    free(rows);
}
END_TEST

SUITE(deflate)
{
    TCase *tcase = tcase_create("deflate");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, zlib_gives_the_rows_back, 0, 2 * SIZES);
    tcase_add_loop_test(tcase, blocks_end_beside_chunks, 0, 2);
    tcase_add_loop_test(tcase, a_crew_changes_no_byte, 0, 4);
    tcase_add_test(tcase, ends_that_come_early);
    suite_add_tcase(suite, tcase);
}
