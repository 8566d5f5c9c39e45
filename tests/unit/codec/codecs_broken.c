/* Every codec that is compiled in, with what is broken, cut short, too large or full. */
#include "codec/codec.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* ---- broken input ----------------------------------------------------------------------------------------------- */

static void require_refused(const char *name, const unsigned char *bytes, size_t size)
{
    struct image p;
    struct why why = {""};
    if (image_from(bytes, size, &p, &why))
        ck_abort_msg("%s: the first %zu bytes are taken for a picture", name, size);
    REQUIRE(why.text[0] != '\0', "%s: the first %zu bytes are refused without a word", name, size);
}

/* Rows of 4 n bytes: a BMP ends in no padding, which could be missed without harm. */
static void check_prefixes(const struct codec *codec, const unsigned char *bytes, size_t size)
{
    for (size_t part = 0; part < size; part++)
        require_refused(codec->name, bytes, part);
}

START_TEST(every_prefix_is_refused)
{
    each_sample_file(8, 5, check_prefixes);
}
END_TEST

/* The last bytes of many files, for a decoder may happen to read ahead. */
static void check_ends(const struct codec *codec, const struct kind *kind)
{
    for (size_t width = 4; width <= 64; width += 4) {
        struct memory_sink m = sample_file(codec, kind, width, 1 + width / 3);
        for (size_t cut = 1; cut <= 3; cut++)
            require_refused(codec->name, m.bytes, m.size - cut);
        free(m.bytes);
    }
}

START_TEST(every_end_is_needed)
{
    each_kind(check_ends);
}
END_TEST

/* A reader that failed gives no picture later. */
static void check_stays_refused(const struct codec *codec, const unsigned char *bytes, size_t size)
{
    const struct limits limits = {.max_pixels = MAX_PIXELS};
    for (size_t cut = 1; cut < size; cut += 1 + size / 40) {
        struct memory_source m = memory_source(bytes, size - cut);
        struct why why = {""};
        void *reader = codec->open(&m.source, &limits, &why);
        for (int round = 0; reader && round < 3; round++) {
            struct image p;
            why.text[0] = '\0';
            if (codec->select(reader, 0, &p.info, &why) == SELECT_OK && image_read(codec, reader, 2, &p, &why))
                ck_abort_msg("%s, %zu bytes short: taken in round %d", codec->name, cut, round);
        }
        if (reader)
            codec->close(reader);
    }
}

START_TEST(what_failed_keeps_failing)
{
    each_sample_file(8, 5, check_stays_refused);
}
END_TEST

/* An error of the source is not "truncated", and its text arrives. */
static void check_broken_source(const struct codec *codec, const struct kind *kind)
{
    struct memory_sink m = sample_file(codec, kind, 40, 30);
    for (size_t at = 0; at < m.size; at += 1 + m.size / 50) {
        struct memory_source s = memory_source(m.bytes, m.size);
        struct image p;
        struct why why = {""};
        s.broken = at;
        if (image_decode(&s.source, MAX_PIXELS, 1, &p, &why))
            ck_abort_msg("%s: broken at %zu, but taken", codec->name, at);
        REQUIRE(strstr(why.text, "broken on purpose"), "%s, broken at %zu of %zu: '%s'", codec->name, at, m.size, why.text);
    }
    free(m.bytes);
}

START_TEST(errors_of_the_source_arrive)
{
    each_kind(check_broken_source);
}
END_TEST

/* Any change of one byte gives an error or, each time, the same picture. */
static void check_one_byte_wrong(const struct codec *codec, const unsigned char *bytes, size_t size)
{
    unsigned char *copy = must_alloc(size);
    for (size_t i = 0; i < size; i++) {
        const unsigned char value[] = {0, 0xff, (unsigned char)~bytes[i], bytes[i] ^ 1};
        for (size_t v = 0; v < 4; v++) {
            struct image a, b;
            struct why why = {""}, again = {""};
            memcpy(copy, bytes, size);
            copy[i] = value[v];
            bool ok = image_from(copy, size, &a, &why);
            REQUIRE(ok == image_from(copy, size, &b, &again), "%s: byte %zu = %d: refused only once", codec->name, i,
                    value[v]);
            REQUIRE(strcmp(why.text, again.text) == 0 && ok == (why.text[0] == '\0'), "'%s', '%s'", why.text, again.text);
            if (!ok)
                continue;
            require_same_image(&a, &b, "read twice");
            free(a.samples);
            free(b.samples);
        }
    }
    free(copy);
}

START_TEST(one_wrong_byte_is_survived)
{
    each_sample_file(8, 5, check_one_byte_wrong);
}
END_TEST

START_TEST(no_codec_takes_what_is_no_picture)
{
    struct random r = {60};
    unsigned char head[16] = {0};
    ck_assert_ptr_null(codec_sniff(head, 0));
    ck_assert_ptr_null(codec_sniff(head, 16));
    ck_assert_ptr_null(codec_sniff((const unsigned char *)"just some text  ", 16));
    for (int round = 0; round < 10000; round++) {
        for (size_t i = 0; i < 16; i++)
            head[i] = (unsigned char)random_bits(&r);
        head[0] = 'x';
        REQUIRE(!codec_sniff(head, 16), "round %d", round);
    }
}
END_TEST

/* ---- limits ----------------------------------------------------------------------------------------------------- */

static void check_limit(const struct codec *codec, const struct kind *kind)
{
    struct memory_sink m = sample_file(codec, kind, 33, 17);
    struct memory_source s = memory_source(m.bytes, m.size);
    struct image p;
    struct why why = {""};
    REQUIRE(image_decode(&s.source, 33 * 17, 0, &p, &why), "%s: %s", codec->name, why.text);
    free(p.samples);

    const struct limits less = {.max_pixels = 33 * 17 - 1};
    void *reader = codec->open(&s.source, &less, &why);
    bool taken = reader && codec->select(reader, 0, &p.info, &why) == SELECT_OK;
    REQUIRE(taken == codec->raw, "%s: taken %d over the limit", codec->name, taken);
    REQUIRE(taken || (strstr(why.text, "--max-pixels") && strstr(why.text, "33 x 17")), "%s: '%s'", codec->name, why.text);
    if (reader)
        codec->close(reader);
    free(m.bytes);
}

/* But for tensors, PNM and PFM, whose files hold the samples as they are: there the file's size is the limit. */
START_TEST(pictures_over_the_limit_are_refused)
{
    each_kind(check_limit);
}
END_TEST

/* Headers of pictures that are as large as the format allows, and the first bytes of what would follow. */
static const struct {
    const char *name;
    size_t size;
    unsigned char bytes[64];
} huge[] = {
    {"png", 43, {0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44,
                 0x52, 0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0x10, 0x06, 0x00, 0x00, 0x00, 0x44,
                 0x59, 0xd7, 0x25, 0x00, 0x00, 0x03, 0xe8, 0x49, 0x44, 0x41, 0x54, 0x78, 0x01}},
    {"interlaced png", 43, {0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44,
                            0x52, 0x7f, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0x10, 0x06, 0x00, 0x00, 0x01, 0x33,
                            0x5e, 0xe7, 0xb3, 0x00, 0x00, 0x03, 0xe8, 0x49, 0x44, 0x41, 0x54, 0x78, 0x01}},
    {"jpeg", 35, {0xff, 0xd8, 0xff, 0xc0, 0x00, 0x11, 0x08, 0xff, 0xdc, 0xff, 0xdc, 0x03,
                  0x01, 0x11, 0x00, 0x02, 0x11, 0x00, 0x03, 0x11, 0x00, 0xff, 0xda, 0x00,
                  0x0c, 0x03, 0x01, 0x00, 0x02, 0x00, 0x03, 0x00, 0x00, 0x3f, 0x00}},
    {"bmp", 54, {0x42, 0x4d, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x36, 0x00, 0x00, 0x00,
                 0x28, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xff, 0x7f, 0x01, 0x00,
                 0x18, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00}},
};

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED
#endif
#endif

/* Where a sanitizer needs the address space itself, an allocation of such a size is at least too slow. */
static void limit_memory(rlim_t bytes)
{
#ifndef SANITIZED
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_AS, &limit), 0);
    limit.rlim_cur = bytes < limit.rlim_max ? bytes : limit.rlim_max;
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
#endif
    (void)bytes;
}

START_TEST(huge_headers_are_refused_before_allocating)
{
    struct why why = {""};
    struct image p;
    if (!codec_sniff(huge[_i].bytes, 16))
        return;
    limit_memory((rlim_t)512 << 20);
    ck_assert(!image_from(huge[_i].bytes, huge[_i].size, &p, &why));
    limit_memory(RLIM_INFINITY); /* others may need more */
    ck_assert_msg(strstr(why.text, "--max-pixels") != NULL, "%s: '%s'", huge[_i].name, why.text);
}
END_TEST

static bool within(uint64_t max, uint64_t width, uint64_t height)
{
    const struct limits limits = {.max_pixels = max};
    struct why why = {""};
    bool ok = limits_check(&limits, width, height, &why);
    REQUIRE(ok == (why.text[0] == '\0'), "%d: '%s'", ok, why.text);
    return ok;
}

START_TEST(limits_hold_at_their_edges)
{
    ck_assert(within(12, 3, 4) && within(12, 12, 1) && within(12, 1, 12));
    ck_assert(!within(11, 3, 4) && !within(12, 13, 1) && !within(12, 1, 13));
    ck_assert(!within(12, 0, 4) && !within(12, 4, 0) && !within(0, 1, 1));
    ck_assert(within(UINT64_MAX, CODEC_MAX_AXIS, CODEC_MAX_AXIS));
    ck_assert(!within(UINT64_MAX, CODEC_MAX_AXIS + 1, 1) && !within(UINT64_MAX, 1, CODEC_MAX_AXIS + 1));
    ck_assert(!within(1 << 28, 2, (uint64_t)1 << 63) && !within(1 << 28, UINT64_MAX, UINT64_MAX) &&
              !within(1 << 28, (uint64_t)1 << 32, (uint64_t)1 << 32));
}
END_TEST

/* ---- full output ------------------------------------------------------------------------------------------------ */

static void check_full_sink(const struct codec *codec, const struct kind *kind)
{
    struct image p = make_image(codec, kind, 200, 150, false);
    struct memory_sink whole = must_encode(codec, &p, 7, true);
    const size_t room[] = {
        0, 1, 7, 8, 20, 60, whole.size / 4, whole.size / 2, whole.size - 12, whole.size - 2, whole.size - 1};
    for (size_t i = 0; i < sizeof room / sizeof *room; i++)
        for (int seekable = codec->seeks; seekable < 2; seekable++) {
            struct memory_sink m = memory_sink(seekable);
            struct why why = {""};
            m.room = room[i];
            if (encode(codec, &p, 7, &m, &why))
                ck_abort_msg("%s: full at %zu of %zu, but written", codec->name, room[i], whole.size);
            REQUIRE(strstr(why.text, "full on purpose"), "%s, full at %zu: '%s'", codec->name, room[i], why.text);
            free(m.bytes);
        }
    free(p.samples);
    free(whole.bytes);
}

START_TEST(a_full_sink_is_reported)
{
    each_kind(check_full_sink);
}
END_TEST

SUITE(codecs_broken)
{
    TCase *broken = tcase_create("broken");

    tcase_add_test(broken, every_prefix_is_refused);
    tcase_add_test(broken, every_end_is_needed);
    tcase_add_test(broken, what_failed_keeps_failing);
    tcase_add_test(broken, errors_of_the_source_arrive);
    tcase_add_test(broken, one_wrong_byte_is_survived);
    tcase_add_test(broken, no_codec_takes_what_is_no_picture);
    tcase_add_test(broken, pictures_over_the_limit_are_refused);
    tcase_add_test(broken, limits_hold_at_their_edges);
    ADD_EACH(broken, huge_headers_are_refused_before_allocating, huge);
    tcase_add_test(broken, a_full_sink_is_reported);
    suite_add_tcase(suite, broken);
}
