/* Every codec that is compiled in: round trips, bands, rewinding, and the table. */
#include "codec/codec.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- round trips ------------------------------------------------------------------------------------------------ */

/* A format may give grey back as RGB. */
static void require_kept(const struct codec *codec, const struct image *was, const struct image *is)
{
    char what[64];
    snprintf(what, sizeof what, "%s, %u channels", codec->name, was->info.channels);
    REQUIRE(was->info.channels <= is->info.channels, "%s: channels lost", what);
    if (was->info.sample == SAMPLE_F32 || codec->tensor)
        require_same_image(is, was, what);
    else
        require_alike(is, was, codec->lossy ? 4 : 0, what);
}

static void check_round_trip(const struct codec *codec, const struct kind *kind)
{
    const size_t size[][2] = {{1, 1}, {1, 7}, {7, 1}, {33, 17}};
    for (size_t s = 0; s < 4; s++) {
        struct image p = make_image(codec, kind, size[s][0], size[s][1], codec->lossy);
        struct memory_sink m = must_encode(codec, &p, 0, codec->seeks);
        REQUIRE(codec_sniff(m.bytes, m.size < 16 ? m.size : 16) == codec, "%s does not know its own", codec->name);
        struct image back = must_decode(codec->name, m.bytes, m.size, 0);
        require_kept(codec, &p, &back);
        REQUIRE(back.info.depth == p.info.depth, "%s: depth %u", codec->name, back.info.depth);
        free(p.samples);
        free(back.samples);
        free(m.bytes);
    }
}

START_TEST(what_is_written_is_read)
{
    each_kind(check_round_trip);
}
END_TEST

/* What a format is used for must be taken, lest the tests that ask `takes` pass by testing nothing. */
START_TEST(common_pictures_are_taken)
{
    for (size_t i = 0; codecs[i]; i++) {
        if (!codecs[i]->create)
            continue;
        if (!codec_holds(codecs[i], SAMPLE_U8)) {
            ck_assert(takes(codecs[i], &(struct kind){1, SAMPLE_F32}) && takes(codecs[i], &(struct kind){3, SAMPLE_F32}));
            continue;
        }
        ck_assert_msg(takes(codecs[i], &(struct kind){1, SAMPLE_U8}), "%s: grey", codecs[i]->name);
        ck_assert_msg(takes(codecs[i], &(struct kind){3, SAMPLE_U8}), "%s: RGB", codecs[i]->name);
        if (codecs[i]->tensor)
            for (size_t k = 0; k < PICTURE_KINDS; k++)
                ck_assert_msg(takes(codecs[i], &picture_kinds[k]), "%s: kind %zu", codecs[i]->name, k);
        if (strncmp(codecs[i]->library(), "libpng", 6) == 0)
            for (size_t k = 0; k < PICTURE_KINDS; k++)
                ck_assert_msg(takes(codecs[i], &picture_kinds[k]) == codec_holds(codecs[i], picture_kinds[k].sample), "%zu",
                              k);
    }
}
END_TEST

START_TEST(what_cannot_be_held_is_refused)
{
    const struct kind odd[] = {{5, SAMPLE_U8}, {7, SAMPLE_U8}, {6, SAMPLE_U16}};
    for (size_t i = 0; codecs[i]; i++)
        for (size_t k = 0; codecs[i]->create && k < 3; k++)
            ck_assert_msg(takes(codecs[i], &odd[k]) == codecs[i]->any_channels, "%s, %u channels", codecs[i]->name,
                          odd[k].channels);
    for (size_t i = 0; codecs[i]; i++)
        if (codecs[i]->create && codecs[i]->lossy) {
            ck_assert(!takes(codecs[i], &(struct kind){4, SAMPLE_U8}));
            ck_assert(!takes(codecs[i], &(struct kind){3, SAMPLE_U16}));
        }
}
END_TEST

static void check_bands(const struct codec *codec, const struct kind *kind)
{
    struct image p = make_image(codec, kind, 33, 17, codec->lossy);
    struct memory_sink whole = must_encode(codec, &p, 0, true);
    struct image want = must_decode(codec->name, whole.bytes, whole.size, 0);
    const size_t bands[] = {1, 2, 5, 16};
    for (size_t i = 0; i < 4; i++) {
        struct memory_sink m = must_encode(codec, &p, bands[i], true);
        REQUIRE(m.size == whole.size && memcmp(m.bytes, whole.bytes, m.size) == 0, "%s: written in bands", codec->name);
        struct image back = must_decode(codec->name, m.bytes, m.size, bands[i]);
        require_same_image(&back, &want, "read in bands");
        free(back.samples);
        free(m.bytes);
    }
    free(p.samples);
    free(want.samples);
    free(whole.bytes);
}

START_TEST(bands_make_no_difference)
{
    each_kind(check_bands);
}
END_TEST

/* ---- rewinding -------------------------------------------------------------------------------------------------- */

static void require_select(const struct codec *codec, void *reader, struct image *p)
{
    struct why why = {""};
    REQUIRE(codec->select(reader, 0, &p->info, &why) == SELECT_OK, "%s: %s", codec->name, why.text);
}

static void check_rewind(const struct codec *codec, const unsigned char *bytes, size_t size)
{
    struct memory_source m = memory_source(bytes, size);
    const struct limits limits = {.max_pixels = MAX_PIXELS};
    struct image want = must_decode(codec->name, bytes, size, 0), p = {.samples = NULL};
    struct why why = {""};
    void *reader = codec->open(&m.source, &limits, &why);
    REQUIRE(reader, "%s: %s", codec->name, why.text);
    for (size_t round = 0; round < 4; round++) {
        require_select(codec, reader, &p);
        REQUIRE(image_read(codec, reader, round, &p, &why), "%s: %s", codec->name, why.text);
        require_same_image(&p, &want, "read again");
        if (round == 1) { /* once more, from the middle */
            require_select(codec, reader, &p);
            struct rows part = image_rows(&p, 0, (p.info.height + 1) / 2);
            REQUIRE(codec->read(reader, &part, &why), "%s: %s", codec->name, why.text);
        }
        if (!codec->many && round == 2)
            REQUIRE(codec->select(reader, 1, &p.info, &why) == SELECT_END, "%s: a second picture", codec->name);
        free(p.samples);
    }
    codec->close(reader);
    free(want.samples);
}

START_TEST(selecting_again_rewinds)
{
    each_sample_file(33, 17, check_rewind);
}
END_TEST

START_TEST(interlaced_png_is_read)
{
    if (!codec_named("png"))
        return;
    struct image p = must_decode("interlaced", interlaced, INTERLACED, 3);
    ck_assert(p.info.width == 8 && p.info.height == 8 && p.info.channels == 1 && p.info.sample == SAMPLE_U8);
    for (size_t i = 0; i < 64; i++)
        REQUIRE(p.samples[i] == i, "sample %zu is %d", i, p.samples[i]);
    free(p.samples);
}
END_TEST

/* Readers and writers that are left half way; the sanitizer or valgrind sees what they lose. */
static void check_left_half_way(const struct codec *codec, const struct kind *kind)
{
    struct image p = make_image(codec, kind, 33, 17, true), q = {.samples = NULL};
    struct memory_sink m = must_encode(codec, &p, 0, true), other = memory_sink(true);
    struct memory_source s = memory_source(m.bytes, m.size);
    const struct limits limits = {.max_pixels = MAX_PIXELS};
    struct why why = {""};
    struct rows part = image_rows(&p, 0, 3);

    codec->close(codec->open(&s.source, &limits, &why));
    void *reader = codec->open(&s.source, &limits, &why);
    require_select(codec, reader, &q);
    codec->close(reader);
    reader = codec->open(&s.source, &limits, &why);
    require_select(codec, reader, &q);
    q.samples = must_alloc(image_bytes(&q.info));
    struct rows some = image_rows(&q, 0, 3);
    REQUIRE(codec->read(reader, &some, &why), "%s: %s", codec->name, why.text);
    codec->close(reader);

    codec->abandon(codec->create(&other.sink, &best_quality, &why));
    void *writer = codec->create(&other.sink, &best_quality, &why);
    REQUIRE(codec->begin(writer, &p.info, &why) && codec->write(writer, &part, &why), "%s: %s", codec->name, why.text);
    codec->abandon(writer);
    free(p.samples);
    free(q.samples);
    free(m.bytes);
    free(other.bytes);
}

START_TEST(half_done_work_can_be_left)
{
    each_kind(check_left_half_way);
}
END_TEST

/* ---- the table, and what all share ------------------------------------------------------------------------------ */

START_TEST(the_table_is_well_formed)
{
    ck_assert_msg(codecs[0] != NULL, "no codec is compiled in");
    for (size_t i = 0; codecs[i]; i++) {
        const struct codec *c = codecs[i];
        size_t n = strlen(c->extensions);
        ck_assert(c->name && c->sniff && c->open && c->select && c->read && c->close && c->library);
        ck_assert_msg(!c->create == !c->begin && !c->create == !c->write && !c->create == !c->finish &&
                          !c->create == !c->abandon,
                      "%s writes only in part", c->name);
        ck_assert_msg(n > 2 && c->extensions[0] == ' ' && c->extensions[n - 1] == ' ', "'%s'", c->extensions);
        ck_assert_msg(strstr(c->extensions, c->name), "%s is no extension of its own", c->name);
        ck_assert(c->library()[0] != '\0' && strcmp(c->library(), c->library()) == 0);
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(c->name, codecs[k]->name);
    }
}
END_TEST

START_TEST(extensions_find_their_codec)
{
    for (size_t i = 0; codecs[i]; i++) {
        char word[64], *save;
        snprintf(word, sizeof word, "%s", codecs[i]->extensions);
        for (char *e = strtok_r(word, " ", &save); codecs[i]->create && e; e = strtok_r(NULL, " ", &save)) {
            ck_assert_ptr_eq(codec_for_extension(e), codecs[i]);
            e[0] = (char)(e[0] - 'a' + 'A');
            ck_assert_ptr_eq(codec_for_extension(e), codecs[i]);
        }
    }
    const char *none[] = {"", " ", "p", "ng", "png jpg", "jpg ", " jpg", "xyz", "an-extension-that-is-far-too-long"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        ck_assert_msg(!codec_for_extension(none[i]), "'%s' is an extension", none[i]);
}
END_TEST

START_TEST(the_first_reason_stays)
{
    struct why why = {""};
    ck_assert(!why_set(&why, "%s %d", "reason", 1));
    ck_assert(!why_set(&why, "another"));
    ck_assert(!why_memory(&why));
    ck_assert_str_eq(why.text, "reason 1");

    char text[1000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct why long_one = {""}, memory = {""};
    ck_assert(!why_set(&long_one, "%s", text));
    ck_assert_uint_eq(strlen(long_one.text), sizeof long_one.text - 1);
    ck_assert(!why_memory(&memory));
    ck_assert_str_eq(memory.text, "out of memory");
}
END_TEST

START_TEST(sources_give_all_or_an_error)
{
    const unsigned char bytes[] = "0123456789";
    struct memory_source m = memory_source(bytes, 10);
    struct why why = {""};
    char got[4] = "";
    ck_assert(source_get(&m.source, got, 3, 7, &why) && memcmp(got, "789", 3) == 0);
    ck_assert(!source_get(&m.source, got, 4, 7, &why));
    ck_assert_str_eq(why.text, "truncated");
    m.broken = 5;
    why.text[0] = '\0';
    ck_assert(source_get(&m.source, got, 3, 2, &why));
    ck_assert(!source_get(&m.source, got, 3, 3, &why));
    ck_assert_str_eq(why.text, "broken on purpose");
}
END_TEST

SUITE(codecs)
{
    TCase *pictures = tcase_create("pictures"), *table = tcase_create("table");

    tcase_add_test(pictures, what_is_written_is_read);
    tcase_add_test(pictures, common_pictures_are_taken);
    tcase_add_test(pictures, what_cannot_be_held_is_refused);
    tcase_add_test(pictures, bands_make_no_difference);
    tcase_add_test(pictures, selecting_again_rewinds);
    tcase_add_test(pictures, interlaced_png_is_read);
    tcase_add_test(pictures, half_done_work_can_be_left);
    tcase_add_test(table, the_table_is_well_formed);
    tcase_add_test(table, extensions_find_their_codec);
    tcase_add_test(table, the_first_reason_stays);
    tcase_add_test(table, sources_give_all_or_an_error);
    suite_add_tcase(suite, pictures);
    suite_add_tcase(suite, table);
}
