/* PNM: files written by hand, their samples by the definition, what is refused, and what follows what. */
#include "codec/codec.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The header of a PAM file. */
#define PAM(width, height, depth, maxval, more)                                                                            \
    "P7\nWIDTH " #width "\nHEIGHT " #height "\nDEPTH " #depth "\nMAXVAL " #maxval "\n" more "ENDHDR\n"

static const struct limits no_limits = {.max_pixels = 1}; /* the files hold their samples: it is waived */

static void *must_open(const struct codec *codec, struct memory_source *m)
{
    struct why why = {""};
    void *reader = codec->open(&m->source, &no_limits, &why);
    REQUIRE(reader, "%s", why.text);
    return reader;
}

/* ---- samples ------------------------------------------------------------------------------------------------------ */

static const struct {
    const unsigned char *bytes;
    size_t size;
    unsigned spare; /* bytes at the end that nothing misses */
    size_t width, height;
    unsigned channels, depth;
    enum sample sample;
    unsigned value[12];
} files[] = {
    {BYTES("P1\n# a comment\n3 2\n1 0 1\n0 1 0\n"), 1, 3, 2, 1, 1, SAMPLE_U8, {0, 255, 0, 255, 0, 255}},
    {BYTES("P1 3 2 101#beside\n0\t1\r0"), 0, 3, 2, 1, 1, SAMPLE_U8, {0, 255, 0, 255, 0, 255}},
    {BYTES("P2#c\n2#c\n \t2\r\n255#c\n0 1\n254 255#\n"), 0, 2, 2, 1, 8, SAMPLE_U8, {0, 1, 254, 255}},
    {BYTES("P2 4 1 15\n0 1 7 15\n"), 0, 4, 1, 1, 4, SAMPLE_U8, {0, 17, 119, 255}},
    {BYTES("P2 3 1 2 0 1 2 "), 0, 3, 1, 1, 2, SAMPLE_U8, {0, 128, 255}},
    {BYTES("P2 4 1 256\n0 1 128 256\n"), 0, 4, 1, 1, 9, SAMPLE_U16, {0, 256, 32768, 65535}},
    {BYTES("P2 4 1 65534\n0 1 32767 65534\n"), 0, 4, 1, 1, 16, SAMPLE_U16, {0, 1, 32768, 65535}},
    {BYTES("P3 1 2 255 1 2 3 0004 5 6\n"), 0, 1, 2, 3, 8, SAMPLE_U8, {1, 2, 3, 4, 5, 6}},
    {BYTES("P4 10 2\n\xaa\xbf\x00\x40"), 0, 10, 2, 1, 1, SAMPLE_U8, {0, 255, 0, 255, 0, 255, 0, 255, 0, 255, 255, 255}},
    {BYTES("P5\n3 1\n255\n\n#\0"), 0, 3, 1, 1, 8, SAMPLE_U8, {'\n', '#', 0}},
    {BYTES("P5 3 1 255#to the end of the line\n#ab"), 0, 3, 1, 1, 8, SAMPLE_U8, {'#', 'a', 'b'}},
    {BYTES("P5 4 1 1\n\0\1\1\0"), 0, 4, 1, 1, 1, SAMPLE_U8, {0, 255, 255, 0}},
    {BYTES("P5 3 1 1000\n\0\0\1\xf4\3\xe8"), 0, 3, 1, 1, 10, SAMPLE_U16, {0, 32768, 65535}},
    {BYTES("P6\n1 1\n65535\n\0\1\2\3\xff\xfe"), 0, 1, 1, 3, 16, SAMPLE_U16, {1, 515, 65534}},
    {BYTES(PAM(1, 1, 4, 255, "TUPLTYPE RGB_ALPHA\n") "1234"), 0, 1, 1, 4, 8, SAMPLE_U8, {'1', '2', '3', '4'}},
    {BYTES("P7\n#\n\nMAXVAL  1\r\nDEPTH 2\nHEIGHT 1\n WIDTH\t1\nENDHDR\n\0\1"), 0, 1, 1, 2, 1, SAMPLE_U8, {0, 255}},
    {BYTES(PAM(2, 1, 1, 1, "TUPLTYPE BLACKANDWHITE\n") "\0\1"), 0, 2, 1, 1, 1, SAMPLE_U8, {0, 255}},
    {BYTES(PAM(1, 1, 3, 15, "TUPLTYPE HSV\nTUPLTYPE and more\n") "\0\1\x0f"), 0, 1, 1, 3, 4, SAMPLE_U8, {0, 17, 255}},
};

static unsigned sample_at(const struct image *p, size_t i)
{
    uint16_t wide;
    if (p->info.sample == SAMPLE_U8)
        return p->samples[i];
    memcpy(&wide, p->samples + 2 * i, sizeof wide);
    return wide;
}

START_TEST(samples_are_as_defined)
{
    struct image p = must_decode("pnm", files[_i].bytes, files[_i].size, 0);
    ck_assert_uint_eq(p.info.width, files[_i].width);
    ck_assert_uint_eq(p.info.height, files[_i].height);
    ck_assert_uint_eq(p.info.channels, files[_i].channels);
    ck_assert_uint_eq(p.info.depth, files[_i].depth);
    ck_assert(p.info.sample == files[_i].sample && p.info.unit == (p.info.sample == SAMPLE_U8 ? 255 : 65535));
    ck_assert(p.info.alpha == (p.info.channels % 2 ? ALPHA_NONE : ALPHA_STRAIGHT) && p.info.held == 0);
    size_t n = p.info.width * p.info.height * p.info.channels;
    for (size_t i = 0; i < n && i < 12; i++)
        ck_assert_uint_eq(sample_at(&p, i), files[_i].value[i]);
    free(p.samples);
}
END_TEST

START_TEST(prefixes_are_refused)
{
    for (size_t n = 0; n < files[_i].size - files[_i].spare; n++) {
        struct image p;
        struct why why = {""};
        REQUIRE(!image_from(files[_i].bytes, n, &p, &why), "%zu of %zu bytes are taken", n, files[_i].size);
        REQUIRE(n < 3 || strcmp(why.text, "truncated") == 0, "%zu bytes: '%s'", n, why.text);
    }
}
END_TEST

/* Every maxval, against the real quotient. */
START_TEST(scaling_rounds_to_nearest)
{
    for (unsigned maxval = 1; maxval < 65536; maxval += 1 + maxval / 7) {
        const unsigned v[] = {0, 1, maxval / 3, maxval / 2, maxval - 1, maxval};
        const double full = maxval > 255 ? 65535 : 255;
        char text[128];
        int n = snprintf(text, sizeof text, "P2 6 1 %u %u %u %u %u %u %u\n", maxval, v[0], v[1], v[2], v[3], v[4], v[5]);
        struct image p = must_decode("pgm", (const unsigned char *)text, (size_t)n, 0);
        for (size_t i = 0; i < 6; i++)
            REQUIRE_CLOSE(sample_at(&p, i), v[i] * full / maxval, 0.5);
        free(p.samples);
    }
}
END_TEST

/* ---- what is refused ---------------------------------------------------------------------------------------------- */

static const struct refusal refused[] = {
    {BYTES("P8 1 1 255 1"), "unknown format"},
    {BYTES("P51 1 255 1"), "unknown format"},
    {BYTES("P5 0 1 255 1"), "0 x 1 pixels"},
    {BYTES("P5 1 0 255 1"), "1 x 0 pixels"},
    {BYTES("P5 -1 1 255 1"), "expected a width"},
    {BYTES("P5 1 +1 255 1"), "expected a height"},
    {BYTES("P5 1.0 1 255 1"), "a blank after a number"},
    {BYTES("P5 1 1 255x1"), "a blank after a number"},
    {BYTES("P5 1 1 0 1"), "maxval 0"},
    {BYTES("P5 1 1 65536 11"), "a maxval above 65535"},
    {BYTES("P5 4294967296 1 255 1"), "a width above"},
    {BYTES("P5 99999999999999999999999999 1 255 1"), "a width above"},
    {BYTES("P5 4294967295 4294967295 255 1"), "address space"},
    {BYTES("P5 4294967295 1000 255 1"), "truncated"},
    {BYTES("P2 4294967295 1000 255 1"), "truncated"},
    {BYTES("P4 4294967295 1000 1"), "truncated"},
    {BYTES("P5 2 1 15 \x0f\x10"), "a sample above 15"},
    {BYTES("P6 1 1 300 \1\0\1\0\1\x2d"), "a sample above 300"},
    {BYTES("P2 2 1 15 15 16 "), "a sample above 15"},
    {BYTES("P2 2 1 15 15 99999999999999999999 "), "a sample above 15"},
    {BYTES("P2 2 1 255 1 -1 "), "expected a sample"},
    {BYTES("P1 2 1 1 2 "), "expected 0 or 1"},
    {BYTES("P7 WIDTH 1\nENDHDR\n1"), "the end of the line"},
    {BYTES("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nENDHDR\n1"), "without"},
    {BYTES(PAM(1, 1, 5, 255, "") "12345"), "depth 5"},
    {BYTES(PAM(1, 1, 4, 255, "TUPLTYPE CMYK\n") "1234"), "CMYK"},
    {BYTES(PAM(1, 1, 2, 255, "TUPLTYPE RGB\n") "12"), "does not fit"},
    {BYTES("P7\nWIDTH 1\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\nENDHDR\n1"), "twice"},
    {BYTES("P7\nWIDTH 1 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\nENDHDR\n1"), "above 0"},
    {BYTES("P7\nWIDTH\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\nENDHDR\n1"), "above 0"},
    {BYTES(PAM(0, 1, 1, 255, "") "1"), "above 0"},
    {BYTES(PAM(4294967296, 1, 1, 255, "") "1"), "above 0"},
    {BYTES(PAM(1, 1, 1, 65536, "") "12"), "maxval 65536"},
    {BYTES("P7\nWIDE 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\nENDHDR\n1"), "unknown line"},
};

START_TEST(what_is_malformed_is_refused)
{
    require_refusal(&refused[_i]);
}
END_TEST

START_TEST(a_long_line_is_refused_and_a_long_comment_passed)
{
    enum { LONG = 1 << 20 };
    struct image p;
    struct why why = {""};
    unsigned char *text = must_alloc(LONG + 100);
    memset(text, 'x', LONG + 100);
    memcpy(text, "P7\n", 3);
    ck_assert(!image_from(text, LONG, &p, &why));
    ck_assert_msg(strstr(why.text, "line of more than") != NULL, "%s", why.text);

    memcpy(text, "P5\n#", 4);
    memcpy(text + LONG, "\n1 1 255\n*", 10);
    p = must_decode("comment", text, LONG + 10, 0);
    ck_assert(p.info.width == 1 && p.samples[0] == '*');
    free(p.samples);
    memcpy(text, "P7\n#", 4);
    memcpy(text + LONG, "\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 255\nENDHDR\n*", 46);
    p = must_decode("comment", text, LONG + 46, 0);
    ck_assert(p.info.width == 1 && p.samples[0] == '*');
    free(p.samples);
    free(text);
}
END_TEST

/* ---- several pictures --------------------------------------------------------------------------------------------- */

static const unsigned char frames[] = "P5 2 1 255\nab"
                                      "P1 2 1 1 0 \n\n"
                                      "P6 1 1 255\ncde \r\n"
                                      "P2 2 1 255 102 103\n"
                                      "P5 2 1 255\nhi\n";
static const unsigned char first_samples[] = {'a', 0, 'c', 102, 'h'};

static void require_frame(const struct codec *codec, void *reader, size_t i, bool whole)
{
    struct image p;
    struct why why = {""};
    enum selected selected = codec->select(reader, i, &p.info, &why);
    REQUIRE(selected == (i < 5 ? SELECT_OK : SELECT_END), "picture %zu: %d, '%s'", i, (int)selected, why.text);
    if (selected != SELECT_OK || !whole)
        return;
    REQUIRE(image_read(codec, reader, 0, &p, &why), "picture %zu: %s", i, why.text);
    REQUIRE(p.samples[0] == first_samples[i], "picture %zu begins with %d", i, p.samples[0]);
    free(p.samples);
}

START_TEST(pictures_follow_one_another)
{
    const struct codec *codec = codec_named("pnm");
    const size_t order[] = {0, 1, 2, 3, 4, 5, 5, 0, 0, 4, 4, 3, 1, 6, 2, 3, 3, 0, 3, 5};
    struct memory_source m = memory_source(frames, sizeof frames - 1);
    for (int whole = 0; whole < 3; whole++) {
        void *reader = must_open(codec, &m);
        for (size_t i = 0; i < sizeof order / sizeof *order; i++)
            require_frame(codec, reader, order[i], whole == 1 || (whole == 2 && i % 2));
        codec->close(reader);
    }
}
END_TEST

START_TEST(what_follows_must_be_a_picture)
{
    const char *ends[] = {"x", " x", "\0", "P", "P5", "P5 ", "P9 1 1", "P5 1 1 255\n", "Pf\n1 1\n1\n1234"};
    const char *begins[] = {"P5 1 1 255\na", "P2 1 1 255\n1 ", "P1 1 1\n1"};
    const struct codec *codec = codec_named("pnm");
    for (size_t b = 0; b < 3; b++)
        for (size_t e = 0; e < sizeof ends / sizeof *ends; e++) {
            unsigned char text[64];
            size_t n = strlen(begins[b]), more = ends[e][0] ? strlen(ends[e]) : 1;
            memcpy(text, begins[b], n);
            memcpy(text + n, ends[e], more);
            struct memory_source m = memory_source(text, n + more);
            struct picture_info info;
            struct why why = {""};
            void *reader = must_open(codec, &m);
            REQUIRE(codec->select(reader, 0, &info, &why) == SELECT_OK, "'%s': %s", text, why.text);
            for (int round = 0; round < 2; round++)
                REQUIRE(codec->select(reader, 1, &info, &why) == SELECT_ERROR && why.text[0], "%zu, %zu", b, e);
            codec->close(reader);
        }
}
END_TEST

START_TEST(an_error_of_the_source_is_no_end)
{
    const struct codec *codec = codec_named("pnm");
    struct memory_source m = memory_source(frames, sizeof frames - 1);
    struct picture_info info;
    struct why why = {""};
    m.broken = 13;
    void *reader = must_open(codec, &m);
    enum selected selected = codec->select(reader, 0, &info, &why);
    if (selected == SELECT_OK)
        selected = codec->select(reader, 1, &info, &why);
    ck_assert(selected == SELECT_ERROR);
    ck_assert_str_eq(why.text, "broken on purpose");
    codec->close(reader);
}
END_TEST

/* ---- long rows ---------------------------------------------------------------------------------------------------- */

START_TEST(rows_longer_than_the_buffer)
{
    enum { WIDTH = 600001, ROW = (WIDTH + 7) / 8 };
    unsigned char *text = must_alloc(16 + 2 * ROW);
    size_t n = (size_t)snprintf((char *)text, 16, "P4 %d 2\n", WIDTH);
    struct random r = {4};
    for (size_t i = 0; i < 2 * ROW; i++)
        text[n + i] = (unsigned char)random_bits(&r);
    struct image p = must_decode("pbm", text, n + 2 * ROW, 1);
    for (size_t y = 0; y < 2; y++)
        for (size_t x = 0; x < WIDTH; x++) {
            unsigned bit = text[n + y * ROW + x / 8] >> (7 - x % 8) & 1;
            REQUIRE(p.samples[y * WIDTH + x] == (bit ? 0 : 255), "row %zu, column %zu", y, x);
        }
    free(p.samples);
    free(text);

    const struct codec *codec = codec_named("pnm");
    p = make_image(codec, &(struct kind){3, SAMPLE_U16}, 40000, 3, false);
    struct memory_sink m = must_encode(codec, &p, 2, false);
    struct image back = must_decode("ppm", m.bytes, m.size, 2);
    require_same_image(&back, &p, "16 bit");
    free(p.samples);
    free(back.samples);
    free(m.bytes);
}
END_TEST

/* ---- writing ------------------------------------------------------------------------------------------------------ */

static void count_dropped(void *to, const char *what)
{
    strcat(strcat(to, what), ", ");
}

START_TEST(what_is_written_is_as_defined)
{
    static const struct {
        struct kind kind;
        const unsigned char *bytes;
        size_t size;
    } want[] = {
        {{1, SAMPLE_U8}, BYTES("P5\n1 2\n255\n\1\2")},
        {{3, SAMPLE_U8}, BYTES("P6\n1 2\n255\n\1\2\3\4\5\6")},
        {{2, SAMPLE_U8}, BYTES(PAM(1, 2, 2, 255, "TUPLTYPE GRAYSCALE_ALPHA\n") "\1\2\3\4")},
        {{4, SAMPLE_U16},
         BYTES("P7\nWIDTH 1\nHEIGHT 2\nDEPTH 4\nMAXVAL 65535\nTUPLTYPE RGB_ALPHA\nENDHDR\n"
               "\1\1\1\2\1\3\1\4\1\5\1\6\1\7\1\x08")},
        {{1, SAMPLE_U16}, BYTES("P5\n1 2\n65535\n\1\1\1\2")},
    };
    const struct codec *codec = codec_named("pnm");
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        struct image p = make_image(codec, &want[i].kind, 1, 2, false);
        for (size_t k = 0; k < 2 * p.info.channels; k++) {
            uint16_t wide = (uint16_t)(257 + k);
            if (p.info.sample == SAMPLE_U16)
                memcpy(p.samples + 2 * k, &wide, 2);
            else
                p.samples[k] = (unsigned char)wide;
        }
        struct memory_sink m = must_encode(codec, &p, 1, false);
        REQUIRE(m.size == want[i].size && memcmp(m.bytes, want[i].bytes, m.size) == 0, "kind %zu", i);
        free(p.samples);
        free(m.bytes);
    }
}
END_TEST

START_TEST(several_pictures_are_written)
{
    const struct codec *codec = codec_named("pnm");
    char said[200] = "";
    const struct write_options options = {-1, -1, {said, count_dropped, NULL}, NULL, NULL};
    struct metadata meta = {.format = "png", .x_resolution = 3};
    struct memory_sink m = memory_sink(false);
    struct why why = {""};
    ck_assert(metadata_add(&meta, META_ICC, 0, 0, "profile", 7) && metadata_add(&meta, META_NATIVE, 1, 0, "x", 1));
    void *writer = codec->create(&m.sink, &options, &why);
    struct image p[3];
    for (size_t i = 0; i < 3; i++) {
        p[i] = make_image(codec, &(struct kind){(unsigned)i + 1, SAMPLE_U8}, 5 + i, 4, false);
        p[i].info.metadata = i == 1 ? &meta : NULL;
        struct rows rows = image_rows(&p[i], 0, 4);
        ck_assert(codec->begin(writer, &p[i].info, &why) && codec->write(writer, &rows, &why));
    }
    ck_assert(codec->finish(writer, &why) && !m.misused);
    ck_assert_str_eq(said, "the ICC profile, the resolution, ");

    struct memory_source s = memory_source(m.bytes, m.size);
    void *reader = must_open(codec, &s);
    for (size_t i = 0; i < 3; i++) {
        struct image back;
        ck_assert(codec->select(reader, i, &back.info, &why) == SELECT_OK && image_read(codec, reader, 0, &back, &why));
        require_same_image(&back, &p[i], "one of three");
        free(back.samples);
        free(p[i].samples);
    }
    struct picture_info info;
    ck_assert(codec->select(reader, 3, &info, &why) == SELECT_END);
    codec->close(reader);
    metadata_clear(&meta);
    free(m.bytes);
}
END_TEST

SUITE(pnm)
{
    TCase *pnm = tcase_create("pnm");
    ADD_EACH(pnm, samples_are_as_defined, files);
    ADD_EACH(pnm, prefixes_are_refused, files);
    tcase_add_test(pnm, scaling_rounds_to_nearest);
    ADD_EACH(pnm, what_is_malformed_is_refused, refused);
    tcase_add_test(pnm, a_long_line_is_refused_and_a_long_comment_passed);
    tcase_add_test(pnm, pictures_follow_one_another);
    tcase_add_test(pnm, what_follows_must_be_a_picture);
    tcase_add_test(pnm, an_error_of_the_source_is_no_end);
    tcase_add_test(pnm, rows_longer_than_the_buffer);
    tcase_add_test(pnm, what_is_written_is_as_defined);
    tcase_add_test(pnm, several_pictures_are_written);
    suite_add_tcase(suite, pnm);
}
