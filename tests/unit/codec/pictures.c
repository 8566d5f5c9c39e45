/* Pictures of a source, whatever its codec: the same rows kept, replayed and rewound; budgets, limits, broken sources. */
#include "pictures.h"

#include <stdio.h>
#include <string.h>

/* P5 of width x height random samples, freed by free(). */
static unsigned char *make_grey(size_t width, size_t height, size_t *size)
{
    char head[40];
    size_t n = (size_t)snprintf(head, sizeof head, "P5 %zu %zu 255\n", width, height);
    struct random r = {width * height};
    unsigned char *bytes = must_alloc(n + width * height);
    memcpy(bytes, head, n);
    for (size_t i = 0; i < width * height; i++)
        bytes[n + i] = (unsigned char)random_bits(&r);
    *size = n + width * height;
    return bytes;
}

/* ---- twice ---------------------------------------------------------------------------------------------------------- */

/* Within a budget that keeps the rows, and one that is as small as the codec allows. */
static void check_twice(const struct codec *codec, const struct kind *kind)
{
    struct memory_sink m = sample_file(codec, kind, 700, 90);
    struct image want = must_decode(codec->name, m.bytes, m.size, 0);
    struct picture_buffers buffers = {0};
    for (int tight = 0; tight < 2; tight++) {
        struct watched w = watch(m.bytes, m.size);
        struct reading how = roomy;
        struct pictures p;
        how.memory = tight ? want.info.held : roomy.memory;
        must_open(&p, &w, &how, &buffers);
        must_select(&p, 0, true);
        for (int pass = 0; pass < 2; pass++) {
            struct image got = must_read(&p.rows);
            require_same_image(&got, &want, codec->name);
            free(got.samples);
            must_rewind(&p.rows);
        }
        pictures_close(&p);
    }
    picture_buffers_free(&buffers);
    free(want.samples);
    free(m.bytes);
}

START_TEST(the_second_pass_has_the_same_rows)
{
    each_kind(check_twice);
}
END_TEST

/* Rows are kept to the last byte of the budget; what is kept is not read again, and what is not is. */
START_TEST(rows_are_kept_while_they_fit)
{
    size_t size;
    unsigned char *bytes = make_grey(1000, 300, &size);
    for (int lacks = 0; lacks < 2; lacks++) {
        struct watched w = watch(bytes, size);
        struct picture_buffers buffers = {0};
        struct reading how = roomy;
        struct pictures p;
        how.memory = 1000 * 300 - (unsigned)lacks;
        must_open(&p, &w, &how, &buffers);
        must_select(&p, 0, true);
        ck_assert_uint_eq(p.rows.info.held, 0);
        ck_assert_uint_eq(p.rows.band, 132);
        struct image first = must_read(&p.rows);
        unsigned reads = w.reads;
        must_rewind(&p.rows);
        struct image second = must_read(&p.rows);
        require_same_image(&second, &first, "the second pass");
        ck_assert_mem_eq(first.samples, bytes + size - 300000, 300000);
        ck_assert(lacks ? w.reads > reads : w.reads == reads);
        pictures_close(&p);
        picture_buffers_free(&buffers);
        free(first.samples);
        free(second.samples);
    }
    free(bytes);
}
END_TEST

/* A picture that is looked into is read from its top again, whether its rows are kept or not. */
START_TEST(a_picture_can_be_rewound_before_its_end)
{
    size_t size;
    unsigned char *bytes = make_grey(1000, 300, &size);
    for (int twice = 0; twice < 2; twice++) {
        struct opened o;
        struct picture_rows *rows = &o.pictures.rows;
        struct why why = {""};
        struct rows band;
        must_open_bytes(&o, bytes, size);
        must_select(&o.pictures, 0, twice);
        ck_assert(rows->read(rows, &band, &why));
        for (int pass = 0; pass < 2; pass++) {
            must_rewind(rows);
            struct image got = must_read(rows);
            ck_assert_mem_eq(got.samples, bytes + size - 300000, 300000);
            free(got.samples);
        }
        close_opened(&o);
    }
    free(bytes);
}
END_TEST

START_TEST(a_picture_that_is_read_once_is_not_kept)
{
    size_t size;
    unsigned char *bytes = make_grey(1000, 300, &size);
    struct opened o;
    must_open_bytes(&o, bytes, size);
    must_select(&o.pictures, 0, false);
    struct image got = must_read(&o.pictures.rows);
    ck_assert_mem_eq(got.samples, bytes + size - 300000, 300000);
    ck_assert_uint_eq(o.buffers.kept.size, 0);
    ck_assert_uint_eq(o.buffers.band.size, 1 + 132 * 1000);
    close_opened(&o);
    free(got.samples);
    free(bytes);
}
END_TEST

/* ---- budget, limits, sources ---------------------------------------------------------------------------------------- */

START_TEST(what_is_over_the_budget_is_refused)
{
    const struct reading narrow = {.memory = 1000, .max_pixels = MAX_PIXELS};
    size_t size;
    unsigned char *bytes = make_grey(100, 20, &size);
    struct watched w = watch(bytes, size);
    w.memory.source.held = 1000;
    struct picture_buffers buffers = {0};
    struct pictures p;
    must_open(&p, &w, &narrow, &buffers);
    must_select(&p, 0, true);
    pictures_close(&p);
    picture_buffers_free(&buffers);
    w.memory.source.held = 1001;
    require_no_pictures(&w, &narrow, 0,
                        "decoding it takes 0.000955 MiB of memory, more than the budget of 0.000954 MiB: see --memory");
    w.memory.source.held = 1000;
    require_no_pictures(&w, &narrow, 1, "more than the budget of 0.000953 MiB");
    free(bytes);
}
END_TEST

/* Rows of more than 32 MiB, with those of an output, count; so does a report of very many channels. */
START_TEST(long_rows_and_many_channels_count)
{
    const unsigned wide = (8 << 20) + 1, many = 10000;
    struct reading how = {.memory = 1 << 20, .max_pixels = wide};
    char head[200];
    const char npy[] = "\x93NUMPY\1\0\x76\0{'descr': '<f4', 'fortran_order': False, 'shape': (%u, 1, 1), }";
    size_t n = 10 + 118;
    memset(head, ' ', sizeof head);
    int put = snprintf(head + 10, sizeof head - 10, npy + 10, many);
    memcpy(head, npy, 10);
    head[10 + put] = ' ';
    head[n - 1] = '\n';
    unsigned char *bytes = calloc(1, n + many * 4);
    ck_assert_ptr_nonnull(bytes);
    memcpy(bytes, head, n);
    struct watched w = watch(bytes, n + many * 4);
    struct picture_buffers buffers = {0};
    struct pictures p;
    must_open(&p, &w, &how, &buffers);
    must_select(&p, 0, false);
    pictures_close(&p);
    picture_buffers_free(&buffers);
    how.reported = true;
    require_no_pictures(&w, &how, 0, "a report of its channels takes 39.1 MiB");
    free(bytes);

    bytes = calloc(1, wide + 40);
    ck_assert_ptr_nonnull(bytes);
    size_t start = (size_t)snprintf((char *)bytes, 40, "P5 %u 1 255\n", wide);
    w = watch(bytes, wide + start);
    how.memory = wide * 5 - (32 << 20) - 1;
    require_no_pictures(&w, &how, 0, "decoding it takes");
    how.memory++;
    must_open(&p, &w, &how, &buffers);
    must_select(&p, 0, false);
    pictures_close(&p);
    picture_buffers_free(&buffers);
    free(bytes);
}
END_TEST

START_TEST(what_is_over_the_limits_is_refused)
{
    struct reading how = {.memory = 1 << 20, .max_pixels = 11};
    struct memory_sink m =
        sample_file(codec_named("bmp") ? codec_named("bmp") : codec_named("png"), &(struct kind){3, SAMPLE_U8}, 4, 3);
    struct watched w = watch(m.bytes, m.size);
    require_no_pictures(&w, &how, 0, "--max-pixels");
    free(m.bytes);
}
END_TEST

START_TEST(what_is_no_picture_is_refused)
{
    struct watched empty = watch("", 0), gif = watch(BYTES("GIF89a\1\0\1\0\0\0\0;")), other = watch(BYTES("\1\2\3\4"));
    require_no_pictures(&empty, &roomy, 0, "empty file, expected a picture");
    require_no_pictures(&gif, &roomy, 0, "GIF");
    require_no_pictures(&other, &roomy, 0, "unknown format");
    other.memory.broken = 0;
    require_no_pictures(&other, &roomy, 0, "broken on purpose");
}
END_TEST

/* An error of the source arrives from wherever it strikes; nothing that was read before it is taken for a picture. */
static void check_broken(const struct codec *codec, const unsigned char *bytes, size_t size)
{
    for (size_t at = 0; at < size; at += 1 + size / 60) {
        struct watched w = watch(bytes, size);
        struct picture_buffers buffers = {0};
        struct pictures p;
        struct image got;
        struct why why = {""};
        w.memory.broken = at;
        bool ok = pictures_open(&p, &w.memory.source, &roomy, &buffers, &why) &&
                  pictures_select(&p, 0, true, &why) == SELECT_OK && read_all(&p.rows, &got, &why);
        REQUIRE(!ok && strstr(why.text, "broken on purpose"), "%s, broken at %zu: '%s'", codec->name, at, why.text);
        pictures_close(&p);
        picture_buffers_free(&buffers);
    }
}

START_TEST(an_error_of_the_source_arrives)
{
    each_sample_file(64, 50, check_broken);
}
END_TEST

/* Behind the last row of each pass, and not before. */
START_TEST(a_source_that_changes_is_refused)
{
    size_t size;
    unsigned char *bytes = make_grey(1000, 300, &size);
    for (int change = 0; change < 2; change++) {
        struct opened o;
        struct picture_rows *rows = &o.pictures.rows;
        struct image got;
        struct why why = {""};
        struct rows band;
        must_open_bytes(&o, bytes, size);
        must_select(&o.pictures, 0, true);
        ck_assert(rows->read(rows, &band, &why) && rows->read(rows, &band, &why));
        ck_assert_uint_eq(o.source.checks, 0);
        ck_assert(rows->read(rows, &band, &why));
        ck_assert_uint_eq(o.source.checks, 1);
        must_rewind(rows);
        o.source.changed = change;
        ck_assert(read_all(rows, &got, &why) == !change);
        ck_assert_str_eq(why.text, change ? "changed on purpose" : "");
        ck_assert_uint_eq(o.source.checks, 2);
        close_opened(&o);
        if (!change)
            free(got.samples);
    }
    free(bytes);
}
END_TEST

static enum selected select_none(void *reader, size_t picture, struct picture_info *info, struct why *why)
{
    (void)reader, (void)picture, (void)info, (void)why;
    return SELECT_END;
}

START_TEST(a_picture_that_is_gone_cannot_be_rewound)
{
    size_t size;
    unsigned char *bytes = make_grey(5, 3, &size);
    struct watched w = watch(bytes, size);
    struct picture_buffers buffers = {0};
    struct pictures p;
    struct why why = {""};
    must_open(&p, &w, &roomy, &buffers);
    must_select(&p, 0, false);
    struct codec shrunk = *p.codec;
    shrunk.select = select_none;
    p.codec = &shrunk;
    ck_assert(!p.rows.rewind(&p.rows, &why));
    ck_assert_str_eq(why.text, "changed while it was read");
    pictures_close(&p);
    picture_buffers_free(&buffers);
    free(bytes);
}
END_TEST

static enum selected select_wider(void *reader, size_t picture, struct picture_info *info, struct why *why)
{
    (void)reader, (void)picture, (void)why;
    *info = (struct picture_info){.width = 4000, .height = 300, .channels = 1, .sample = SAMPLE_U8, .unit = 255};
    return SELECT_OK;
}

/* The second pass finds another header. The band has room for the rows of the first. */
START_TEST(a_picture_of_another_size_cannot_be_rewound)
{
    size_t size;
    unsigned char *bytes = make_grey(1000, 300, &size);
    struct opened o;
    struct why why = {""};
    must_open_bytes(&o, bytes, size);
    must_select(&o.pictures, 0, false);
    struct image got = must_read(&o.pictures.rows);
    struct codec grown = *o.pictures.codec;
    grown.select = select_wider;
    o.pictures.codec = &grown;
    ck_assert(!o.pictures.rows.rewind(&o.pictures.rows, &why));
    ck_assert_str_eq(why.text, "changed while it was read");
    close_opened(&o);
    free(got.samples);
    free(bytes);
}
END_TEST

SUITE(pictures)
{
    TCase *twice = tcase_create("twice"), *refused = tcase_create("refused");
    tcase_add_test(twice, the_second_pass_has_the_same_rows);
    tcase_add_test(twice, rows_are_kept_while_they_fit);
    tcase_add_test(twice, a_picture_can_be_rewound_before_its_end);
    tcase_add_test(twice, a_picture_that_is_read_once_is_not_kept);
    suite_add_tcase(suite, twice);
    tcase_add_test(refused, what_is_over_the_budget_is_refused);
    tcase_add_test(refused, long_rows_and_many_channels_count);
    tcase_add_test(refused, what_is_over_the_limits_is_refused);
    tcase_add_test(refused, what_is_no_picture_is_refused);
    tcase_add_test(refused, an_error_of_the_source_arrives);
    tcase_add_test(refused, a_source_that_changes_is_refused);
    tcase_add_test(refused, a_picture_that_is_gone_cannot_be_rewound);
    tcase_add_test(refused, a_picture_of_another_size_cannot_be_rewound);
    suite_add_tcase(suite, refused);
}
