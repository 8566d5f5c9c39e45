/* EXIF blocks: what they say of the rows, and what is changed in them; broken ones are left alone. */
#include "codec/exif.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

enum { SHORT = 3, LONG = 4, RATIONAL = 5, BLOCK_MAX = 256 };

/* ---- blocks ------------------------------------------------------------------------------------------------------- */

struct bytes {
    unsigned char data[BLOCK_MAX];
    size_t n;
    bool little;
};

static void put(struct bytes *b, unsigned bytes, uint32_t value)
{
    for (unsigned i = 0; i < bytes; i++)
        b->data[b->n++] = (unsigned char)(value >> 8 * (b->little ? i : bytes - 1 - i));
}

static void put_entry(struct bytes *b, unsigned tag, unsigned type, uint32_t value)
{
    put(b, 2, tag);
    put(b, 2, type);
    put(b, 4, 1);
    put(b, type == SHORT ? 2 : 4, value);
    put(b, type == SHORT ? 2 : 0, 0);
}

enum { FIRST = 8, FIRST_N = 4, LINK = FIRST + 2 + 12 * FIRST_N, EXIF = LINK + 4, EXIF_END = EXIF + 2 + 24 + 4 };

/* Orientation, the two resolutions, EXIF with the size in pixels; then an IFD1 of no entry. */
static struct bytes make_block(bool little, unsigned type, uint32_t orientation)
{
    struct bytes b = {.little = little};
    memcpy(b.data, little ? "II*\0" : "MM\0*", 4);
    b.n = 4;
    put(&b, 4, FIRST);
    put(&b, 2, FIRST_N);
    put_entry(&b, 0x112, type, orientation);
    put_entry(&b, 0x11a, RATIONAL, 100);
    put_entry(&b, 0x11b, RATIONAL, 108);
    put_entry(&b, 0x8769, LONG, EXIF);
    put(&b, 4, EXIF_END);
    put(&b, 2, 2);
    put_entry(&b, 0xa002, SHORT, 640);
    put_entry(&b, 0xa003, LONG, 480);
    put(&b, 4, 0);
    put(&b, 2, 0);
    put(&b, 4, 0);
    return b;
}

/* The same bytes but for n at `at`, which are to be `want`. */
static void require_only(const struct bytes *got, struct bytes *before, size_t at, const void *want, size_t n)
{
    memcpy(before->data + at, want, n);
    ck_assert_mem_eq(got->data, before->data, BLOCK_MAX);
}

START_TEST(orientations_are_read)
{
    for (unsigned type = SHORT; type <= LONG; type++)
        for (uint32_t value = 0; value < 12; value++) {
            struct bytes b = make_block(_i, type, value);
            unsigned want = value >= 1 && value <= 8 ? value : 1, got = exif_orientation(b.data, b.n);
            REQUIRE(got == want, "%u of type %u read as %u", value, type, got);
        }
    struct bytes b = make_block(_i, RATIONAL, 6);
    ck_assert_uint_eq(exif_orientation(b.data, b.n), 1);
    ck_assert_uint_eq(exif_orientation(b.data, 0), 1);
}
END_TEST

START_TEST(a_thumbnail_is_dropped)
{
    const struct picture_changes other = {.samples = true}, same = {.turned = 1};
    struct bytes before = make_block(_i, SHORT, 6), b = before;
    ck_assert(exif_is_edited(&other) && !exif_is_edited(&same));
    exif_edit(b.data, b.n, &same);
    require_only(&b, &before, 0, b.data, 0);
    exif_edit(b.data, b.n, &other);
    require_only(&b, &before, LINK, "\0\0\0\0", 4);
}
END_TEST

/* A half turn resets the tag alone, a quarter turn swaps the axes too. */
START_TEST(a_turned_picture_is_upright)
{
    for (unsigned turned = 2; turned <= 8; turned++) {
        const struct picture_changes info = {.turned = turned};
        struct bytes b = make_block(_i, SHORT, turned), want = make_block(_i, SHORT, 1);
        exif_edit(b.data, b.n, &info);
        ck_assert_uint_eq(exif_orientation(b.data, b.n), 1);
        if (turned > 4) { /* value with type and count */
            memcpy(want.data + FIRST + 2 + 12 + 2, make_block(_i, SHORT, 1).data + FIRST + 2 + 24 + 2, 10);
            memcpy(want.data + FIRST + 2 + 24 + 2, make_block(_i, SHORT, 1).data + FIRST + 2 + 12 + 2, 10);
            memcpy(want.data + EXIF + 2 + 2, make_block(_i, SHORT, 1).data + EXIF + 2 + 12 + 2, 10);
            memcpy(want.data + EXIF + 2 + 12 + 2, make_block(_i, SHORT, 1).data + EXIF + 2 + 2, 10);
        }
        ck_assert_mem_eq(b.data, want.data, BLOCK_MAX);
    }
}
END_TEST

START_TEST(xmp_is_upright_too)
{
    static const char text[] = "<tiff:Orientation>6</tiff:Orientation> tiff:Orientation='3' exif:Orientation=\"4\" "
                               "tiff:Orientation=\"8\" tiff:Orientation=\"9\" tiff:Orientation=\"";
    static const char want[] = "<tiff:Orientation>1</tiff:Orientation> tiff:Orientation='1' exif:Orientation=\"4\" "
                               "tiff:Orientation=\"1\" tiff:Orientation=\"9\" tiff:Orientation=\"";
    const struct picture_changes other = {.samples = true}, turned = {.turned = 6};
    size_t n = strlen(text);
    unsigned char *packet = must_alloc(n); /* exactly, so that a sanitizer sees what is behind */
    memcpy(packet, text, n);
    xmp_edit(packet, n, &other);
    ck_assert_mem_eq(packet, text, n);
    xmp_edit(packet, n, &turned);
    ck_assert_mem_eq(packet, want, n);
    xmp_edit(packet, 0, &turned);
    free(packet);
}
END_TEST

/* ---- broken blocks ------------------------------------------------------------------------------------------------ */

/* Runs on a copy of exactly n bytes, so that a sanitizer sees what is read or written behind it. */
static void edit_exactly(const unsigned char *data, size_t n)
{
    const struct picture_changes info = {.samples = true, .turned = 8};
    unsigned char *copy = must_alloc(n + !n);
    memcpy(copy, data, n);
    unsigned before = exif_orientation(copy, n);
    exif_edit(copy, n, &info);
    unsigned after = exif_orientation(copy, n);
    REQUIRE(before >= 1 && before <= 8 && (after == 1 || before == after), "orientation %u became %u", before, after);
    free(copy);
}

/* Every length, and directories at every offset and of every length. */
START_TEST(broken_blocks_are_survived)
{
    struct bytes b = make_block(_i, SHORT, 6);
    for (size_t n = 0; n <= b.n; n++)
        edit_exactly(b.data, n);
    for (uint32_t at = 0; at < BLOCK_MAX; at++) {
        struct bytes moved = make_block(_i, SHORT, 6), nested = moved;
        moved.n = 4;
        put(&moved, 4, at);
        edit_exactly(moved.data, b.n);
        nested.n = FIRST + 2 + 36 + 8;
        put(&nested, 4, at);
        edit_exactly(nested.data, b.n);
    }
    static const uint32_t far[] = {0x7fffffff, 0x80000000, 0xfffffff0, 0xfffffffe, 0xffffffff};
    for (size_t i = 0; i < sizeof far / sizeof *far; i++) {
        struct bytes moved = make_block(_i, SHORT, 6);
        moved.n = 4;
        put(&moved, 4, far[i]);
        edit_exactly(moved.data, b.n);
    }
}
END_TEST

START_TEST(noise_is_survived)
{
    struct random r = {77};
    for (unsigned i = 0; i < 20000; i++) {
        struct bytes b = make_block(i & 1, SHORT, 6);
        for (unsigned k = 1 + i % 5; k > 0; k--)
            b.data[random_bits(&r) % b.n] = (unsigned char)random_bits(&r);
        edit_exactly(b.data, 1 + random_bits(&r) % b.n);
    }
}
END_TEST

SUITE(exif)
{
    TCase *cases = tcase_create("exif");

    suite_add_tcase(suite, cases);
    tcase_add_loop_test(cases, orientations_are_read, 0, 2);
    tcase_add_loop_test(cases, a_thumbnail_is_dropped, 0, 2);
    tcase_add_loop_test(cases, a_turned_picture_is_upright, 0, 2);
    tcase_add_loop_test(cases, broken_blocks_are_survived, 0, 2);
    tcase_add_test(cases, xmp_is_upright_too);
    tcase_add_test(cases, noise_is_survived);
}
