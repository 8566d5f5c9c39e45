/* WebP: files of other programs, lossless and lossy, the chunks of metadata, and what is refused. Nothing if it is not in.
 */
#include "codec/codec.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TAG(text) ((uint32_t)text[0] << 24 | (uint32_t)text[1] << 16 | (uint32_t)text[2] << 8 | (uint32_t)text[3])

static const struct limits limits = {.max_pixels = MAX_PIXELS};

/* ---- files that Pillow wrote, and what it reads of them ------------------------------------------------------------ */

/* 5 x 4, lossy. */
static const unsigned char lossy[74] = {
    0x52, 0x49, 0x46, 0x46, 0x42, 0x00, 0x00, 0x00, 0x57, 0x45, 0x42, 0x50, 0x56, 0x50, 0x38, 0x20, 0x36, 0x00, 0x00,
    0x00, 0xd0, 0x01, 0x00, 0x9d, 0x01, 0x2a, 0x05, 0x00, 0x04, 0x00, 0x02, 0x80, 0x42, 0x25, 0x98, 0x02, 0x74, 0x01,
    0x0e, 0xfe, 0x03, 0xc8, 0x00, 0x00, 0xfb, 0xff, 0x2d, 0x09, 0xd2, 0x55, 0xf6, 0x34, 0xed, 0xd4, 0xcc, 0x3c, 0x05,
    0x77, 0x67, 0x99, 0xfc, 0x5b, 0x6d, 0x71, 0xe6, 0x5a, 0xef, 0x0a, 0xe5, 0xc9, 0x73, 0x96, 0x00, 0x00};
static const unsigned char lossy_samples[60] = {66, 183, 80,  82, 187, 88,  111, 190, 100, 135, 192, 109, 155, 192, 116,
                                                60, 156, 82,  76, 160, 91,  106, 164, 103, 129, 165, 112, 151, 167, 121,
                                                57, 114, 102, 75, 117, 110, 104, 122, 122, 126, 123, 131, 148, 125, 140,
                                                52, 88,  105, 68, 92,  114, 99,  96,  126, 121, 97,  135, 143, 99,  144};

/* 3 x 2 with alpha, lossless, with colours under alpha 0. */
static const unsigned char lossless[84] = {
    0x52, 0x49, 0x46, 0x46, 0x4c, 0x00, 0x00, 0x00, 0x57, 0x45, 0x42, 0x50, 0x56, 0x50, 0x38, 0x4c, 0x3f,
    0x00, 0x00, 0x00, 0x2f, 0x02, 0x40, 0x00, 0x10, 0x2f, 0x40, 0x20, 0x40, 0x51, 0xf8, 0x3f, 0xd6, 0x1a,
    0x05, 0x69, 0x1b, 0x30, 0xdd, 0xf1, 0x2f, 0x76, 0x06, 0xa6, 0x20, 0x6d, 0x03, 0xa6, 0x3b, 0xfe, 0xc5,
    0xce, 0xc0, 0x88, 0x04, 0x48, 0x20, 0xb9, 0xdb, 0xd7, 0x36, 0x03, 0x80, 0xdf, 0xb8, 0x6f, 0x92, 0xb5,
    0xfb, 0x56, 0x28, 0x48, 0xdb, 0x80, 0xc5, 0xdd, 0x33, 0xb4, 0x88, 0xfe, 0xc7, 0x3b, 0x01, 0x00};
static const unsigned char lossless_samples[24] = {1,   2,   3,   0,   4, 5, 6, 7, 8,   9, 10,  255,
                                                   250, 251, 252, 128, 0, 0, 0, 0, 255, 0, 255, 1};

START_TEST(files_of_others_are_read)
{
    struct image p = must_decode("lossy", lossy, sizeof lossy, 3);
    ck_assert(p.info.width == 5 && p.info.height == 4 && p.info.channels == 3 && p.info.alpha == ALPHA_NONE);
    ck_assert(!p.info.lossless && p.info.replays && p.info.held == 60 + sizeof lossy);
    ck_assert(memcmp(p.samples, lossy_samples, sizeof lossy_samples) == 0);
    free(p.samples);
    p = must_decode("lossless", lossless, sizeof lossless, 1);
    ck_assert(p.info.width == 3 && p.info.height == 2 && p.info.channels == 4 && p.info.alpha == ALPHA_STRAIGHT);
    ck_assert(p.info.lossless && p.info.replays && p.info.held == 24 + sizeof lossless + 4 * 6);
    ck_assert(memcmp(p.samples, lossless_samples, sizeof lossless_samples) == 0);
    free(p.samples);
}
END_TEST

static void require_prefixes_refused(const unsigned char *bytes, size_t size)
{
    for (size_t n = 0; n < size; n++) {
        struct image p;
        struct why why = {""};
        REQUIRE(!image_from(bytes, n, &p, &why), "%zu of %zu bytes are taken", n, size);
        REQUIRE(n < 12 || strcmp(why.text, "truncated") == 0, "%zu bytes: '%s'", n, why.text);
    }
}

START_TEST(prefixes_are_refused)
{
    require_prefixes_refused(lossy, sizeof lossy);
    require_prefixes_refused(lossless, sizeof lossless);
}
END_TEST

/* ---- files made of chunks ----------------------------------------------------------------------------------------- */

struct chunk {
    char name[5];
    const void *data;
    uint32_t size;
};

static void set_le32(unsigned char *to, size_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (unsigned char)(value >> 8 * i);
}

/* RIFF of the chunks; those without data are the one of `lossless`. Freed by free(). */
static unsigned char *make_file(const struct chunk *chunk, size_t n, size_t *size)
{
    unsigned char *file = must_alloc(1 << 17);
    memcpy(file, "RIFF....WEBP", 12);
    *size = 12;
    for (size_t i = 0; i < n; i++) {
        const void *data = chunk[i].data ? chunk[i].data : lossless + 20;
        uint32_t bytes = chunk[i].data ? chunk[i].size : sizeof lossless - 20 - 1;
        memcpy(file + *size, chunk[i].name, 4);
        set_le32(file + *size + 4, bytes);
        memcpy(file + *size + 8, data, bytes);
        file[*size + 8 + bytes] = 0;
        *size += 8 + bytes + bytes % 2;
    }
    set_le32(file + 4, *size - 8);
    return file;
}

static void require_item(const struct metadata *m, enum meta_kind kind, const char *tag, const char *data)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->item[i].kind == kind && m->item[i].tag == (tag ? TAG(tag) : 0) && m->item[i].size == strlen(data) &&
            memcmp(m->item[i].data, data, strlen(data)) == 0)
            return;
    ck_abort_msg("kind %d of %s: '%s' is missing", (int)kind, tag ? tag : "any format", data);
}

#define VP8X(flags)                                                                                                        \
    {                                                                                                                      \
        "VP8X", flags "\0\0\0\2\0\0\1\0\0", 10                                                                             \
    }
#define PROFILE "0123456789abcdefRGB XYZ"

static const struct chunk all_kinds[] = {
    VP8X("\x3c"),        {"ICCP", PROFILE, 23}, {"VP8L", NULL, 0}, {"EXIF", "Exif\0\0II*", 9},
    {"XMP ", "<x/>", 4}, {"any1", "1", 1},      {"any1", "22", 2}};
enum { ALL_KINDS = sizeof all_kinds / sizeof *all_kinds };

static void require_all_kinds(const struct metadata *m)
{
    REQUIRE(strcmp(m->format, "webp") == 0 && m->n == 8, "%zu items of %s", m->n, m->format);
    require_item(m, META_NATIVE, "ICCP", PROFILE);
    require_item(m, META_ICC, NULL, PROFILE);
    require_item(m, META_EXIF, NULL, "II*");
    require_item(m, META_NATIVE, "XMP ", "<x/>");
    require_item(m, META_XMP, NULL, "<x/>");
    require_item(m, META_NATIVE, "any1", "1");
    require_item(m, META_NATIVE, "any1", "22");
}

/* What is opened stays open: the metadata is the reader's. */
static void *open_file(const struct codec *codec, struct memory_source *m, struct image *p)
{
    struct why why = {""};
    void *reader = codec->open(&m->source, &limits, &why);
    REQUIRE(reader && codec->select(reader, 0, &p->info, &why) == SELECT_OK && image_read(codec, reader, 2, p, &why), "%s",
            why.text);
    return reader;
}

START_TEST(chunks_come_through)
{
    const struct codec *codec = codec_named("webp");
    size_t size;
    unsigned char *file = make_file(all_kinds, ALL_KINDS, &size);
    struct memory_source in = memory_source(file, size), again;
    struct image p, q;
    void *reader = open_file(codec, &in, &p), *second;
    require_all_kinds(p.info.metadata);
    struct memory_sink out = must_encode(codec, &p, 0, false);
    again = memory_source(out.bytes, out.size);
    second = open_file(codec, &again, &q);
    require_all_kinds(q.info.metadata);
    require_same_image(&q, &p, "between the chunks");
    const unsigned char *head = out.bytes;
    ck_assert(memcmp(head + 12, "VP8X\x0a\0\0\0\x3c\0\0\0\2\0\0\1\0\0ICCP", 22) == 0 && out.size % 2 == 0);
    require_prefixes_refused(out.bytes, out.size);
    codec->close(reader);
    codec->close(second);
    free(p.samples);
    free(q.samples);
    free(file);
    free(out.bytes);
}
END_TEST

static void note_dropped(void *to, const char *what)
{
    strcat(strcat(to, what), ", ");
}

/* The chunks of what is written with the metadata of another format, as "VP8X ICCP VP8L "; in `said` what was dropped. */
static void write_with(const struct metadata *m, bool other_colours, char said[200], char chunks[200])
{
    const struct codec *codec = codec_named("webp");
    const struct write_options options = {-1, 0, {said, note_dropped, NULL}, NULL, NULL};
    struct image p = make_image(codec, &(struct kind){3, SAMPLE_U8}, 4, 3, false);
    struct memory_sink out = memory_sink(false);
    struct why why = {""};
    struct rows rows = image_rows(&p, 0, 3);
    p.info.metadata = m;
    p.info.changes.colours = other_colours;
    said[0] = chunks[0] = '\0';
    void *writer = codec->create(&out.sink, &options, &why);
    ck_assert(codec->begin(writer, &p.info, &why) && codec->write(writer, &rows, &why) && codec->finish(writer, &why));
    for (size_t at = 12; at < out.size; at += 8 + (out.bytes[at + 4] + 1u) / 2 * 2)
        strcat(strncat(chunks, (const char *)out.bytes + at, 4), " ");
    free(p.samples);
    free(out.bytes);
}

START_TEST(metadata_of_other_formats)
{
    struct metadata m = {.format = "png", .x_resolution = 72, .y_resolution = 72};
    char said[200], chunks[200];
    write_with(NULL, false, said, chunks);
    ck_assert_msg(strcmp(chunks, "VP8L ") == 0 && said[0] == '\0', "%s: %s", chunks, said);
    write_with(&m, false, said, chunks);
    ck_assert_msg(strcmp(chunks, "VP8L ") == 0 && strcmp(said, "the resolution, ") == 0, "%s: %s", chunks, said);
    ck_assert(metadata_add(&m, META_NATIVE, TAG("eXIf"), 0, "MM", 2) && metadata_add(&m, META_EXIF, 0, 0, "MM", 2));
    ck_assert(metadata_add(&m, META_EXIF, 0, 0, "II", 2) && metadata_add(&m, META_XMP, 0, 0, "<x/>", 4));
    write_with(&m, true, said, chunks);
    ck_assert_msg(strcmp(chunks, "VP8X VP8L EXIF XMP  ") == 0 && said[0] == '\0', "%s: %s", chunks, said);
    ck_assert(metadata_add(&m, META_ICC, 0, 0, PROFILE, 23));
    write_with(&m, false, said, chunks);
    ck_assert_msg(strcmp(chunks, "VP8X ICCP VP8L EXIF XMP  ") == 0 && said[0] == '\0', "%s: %s", chunks, said);
    write_with(&m, true, said, chunks);
    ck_assert_msg(strcmp(chunks, "VP8X VP8L EXIF XMP  ") == 0 && strstr(said, "the ICC profile"), "%s: %s", chunks, said);
    metadata_clear(&m);
    ck_assert(metadata_add(&m, META_ICC, 0, 0, "0123456789abcdefGRAYXYZ", 23));
    write_with(&m, false, said, chunks);
    ck_assert_msg(strcmp(chunks, "VP8L ") == 0 && strstr(said, "the ICC profile"), "%s: %s", chunks, said);
    metadata_clear(&m);
}
END_TEST

/* ---- lossless or lossy -------------------------------------------------------------------------------------------- */

static struct memory_sink write_as(const struct image *p, int quality, int compression)
{
    const struct codec *codec = codec_named("webp");
    const struct write_options options = {.quality = quality, .compression = compression};
    struct memory_sink out = memory_sink(false);
    struct why why = {""};
    struct rows rows = image_rows(p, 0, p->info.height);
    void *writer = codec->create(&out.sink, &options, &why);
    REQUIRE(codec->begin(writer, &p->info, &why) && codec->write(writer, &rows, &why) && codec->finish(writer, &why),
            "quality %d, compression %d: %s", quality, compression, why.text);
    return out;
}

START_TEST(what_is_written_lossless)
{
    static const struct {
        int quality, compression;
        bool from_lossless, lossless;
    } want[] = {{-1, -1, false, false}, {-1, -1, true, true},   {-1, 0, false, true},
                {-1, 9, true, true},    {75, -1, true, false},  {99, 9, true, false},
                {1, 0, false, false},   {100, -1, false, true}, {100, 3, false, true}};
    struct image p = make_image(codec_named("webp"), &(struct kind){4, SAMPLE_U8}, 20, 10, false);
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        p.info.lossless = want[i].from_lossless;
        struct memory_sink out = write_as(&p, want[i].quality, want[i].compression);
        struct image back = must_decode("webp", out.bytes, out.size, 0);
        REQUIRE(back.info.lossless == want[i].lossless, "quality %d, compression %d", want[i].quality, want[i].compression);
        if (want[i].lossless)
            require_same_image(&back, &p, "lossless");
        for (size_t k = 3; k < 800; k += 4)
            REQUIRE(back.samples[k] == p.samples[k], "alpha %zu", k / 4);
        free(back.samples);
        free(out.bytes);
    }
    free(p.samples);
}
END_TEST

static double mean_error(const struct image *a, const struct image *b)
{
    size_t n = a->info.width * a->info.height;
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        for (unsigned c = 0; c < 3; c++)
            sum += fabs(image_rgba(a, i, c) - image_rgba(b, i, c));
    return sum / (3 * (double)n);
}

START_TEST(lossy_stays_near)
{
    struct image p = make_image(codec_named("webp"), &(struct kind){1, SAMPLE_U8}, 40, 30, true);
    size_t before = SIZE_MAX;
    for (int quality = 90; quality > 0; quality -= 30) {
        struct memory_sink out = write_as(&p, quality, -1);
        struct image back = must_decode("webp", out.bytes, out.size, 5);
        ck_assert(back.info.channels == 3 && !back.info.lossless);
        REQUIRE_CLOSE(mean_error(&back, &p), 0, 1 + (90 - quality) / 20);
        ck_assert_uint_lt(out.size, before);
        before = out.size;
        free(back.samples);
        free(out.bytes);
    }
    free(p.samples);
}
END_TEST

START_TEST(grey_comes_back_as_three_equal_channels)
{
    for (unsigned channels = 1; channels < 3; channels++) {
        struct image p = make_image(codec_named("webp"), &(struct kind){channels, SAMPLE_U8}, 17, 9, false);
        struct memory_sink out = write_as(&p, 100, 0);
        struct image back = must_decode("webp", out.bytes, out.size, 0);
        ck_assert_uint_eq(back.info.channels, channels + 2);
        require_alike(&back, &p, 0, "grey");
        free(back.samples);
        free(p.samples);
        free(out.bytes);
    }
}
END_TEST

/* ---- what is refused ---------------------------------------------------------------------------------------------- */

static void require_refused(const struct chunk *chunk, size_t n, const char *says)
{
    size_t size;
    unsigned char *file = make_file(chunk, n, &size);
    struct image p;
    struct why why = {""};
    REQUIRE(!image_from(file, size, &p, &why), "taken, but: %s", says);
    REQUIRE(strstr(why.text, says), "'%s', not '%s'", why.text, says);
    free(file);
}

START_TEST(what_is_no_single_picture_is_refused)
{
    const struct chunk animated[] = {VP8X("\2"), {"VP8L", NULL, 0}}, frames[] = {{"VP8L", NULL, 0}, {"ANMF", "", 0}},
                       two[] = {{"VP8L", NULL, 0}, {"VP8L", NULL, 0}}, none[] = {VP8X("\4"), {"XMP ", "<x/>", 4}},
                       other_size[] = {{"VP8X", "\0\0\0\0\5\0\0\5\0\0", 10}, {"VP8L", NULL, 0}},
                       corrupt[] = {{"VP8L", "\x2e\2\x40\0\x10", 5}}, tiny[] = {{"VP8L", "\x2f", 1}};
    require_refused(animated, 2, "animated WebP is not supported");
    require_refused(frames, 2, "animated WebP is not supported");
    require_refused(two, 2, "more than one picture");
    require_refused(none, 2, "without a picture");
    require_refused(other_size, 2, "corrupt WebP data");
    require_refused(corrupt, 1, "corrupt WebP header");
    require_refused(tiny, 1, "corrupt WebP header");
}
END_TEST

START_TEST(too_many_chunks_are_refused)
{
    struct chunk *many = must_alloc(5000 * sizeof *many);
    for (size_t i = 0; i < 5000; i++)
        many[i] = i ? (struct chunk){"junk", "", 0} : (struct chunk){"VP8L", NULL, 0};
    require_refused(many, 5000, "more than 4096 chunks");
    free(many);
}
END_TEST

/* Lengths of file and chunk that nothing is behind; the file's own is believed, the rest is not looked at. */
START_TEST(wrong_lengths_are_refused)
{
    const size_t at[] = {4, 16}, length[] = {0, 1, 10, 40, 65, 77, 1000, 0x7fffffff, 0xfffffff5, 0xffffffff};
    unsigned char file[200] = {0};
    for (size_t a = 0; a < 2; a++)
        for (size_t i = 0; i < sizeof length / sizeof *length; i++) {
            struct image p;
            struct why why = {""};
            memcpy(file, lossless, sizeof lossless);
            set_le32(file + at[a], length[i]);
            REQUIRE(!image_from(file, sizeof lossless, &p, &why), "length %zu at %zu", length[i], at[a]);
        }
    memcpy(file, lossless, sizeof lossless);
    struct image p = must_decode("trailing zeros", file, sizeof file, 0);
    ck_assert(memcmp(p.samples, lossless_samples, sizeof lossless_samples) == 0);
    free(p.samples);
}
END_TEST

START_TEST(what_it_cannot_hold_is_refused)
{
    const struct codec *codec = codec_named("webp");
    const struct {
        struct picture_info info;
        const char *says;
    } odd[] = {
        {{.width = 1, .height = 1, .channels = 3, .sample = SAMPLE_U16}, "add --depth 8"},
        {{.width = 1, .height = 1, .channels = 3, .sample = SAMPLE_F32}, "add --depth 8"},
        {{.width = 16384, .height = 1, .channels = 3, .sample = SAMPLE_U8}, "at most 16383"},
        {{.width = 1, .height = 16384, .channels = 3, .sample = SAMPLE_U8}, "at most 16383"},
        {{.width = 1, .height = 1, .channels = 2, .sample = SAMPLE_U8}, "2 channels"},
        {{.width = 1, .height = 1, .channels = 4, .sample = SAMPLE_U8, .alpha = ALPHA_PREMULTIPLIED}, "straight alpha"},
    };
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        struct memory_sink out = memory_sink(false);
        struct why why = {""};
        void *writer = codec->create(&out.sink, &best_quality, &why);
        ck_assert(!codec->begin(writer, &odd[i].info, &why));
        ck_assert_msg(strstr(why.text, odd[i].says) != NULL, "'%s', not '%s'", why.text, odd[i].says);
        codec->abandon(writer);
    }
}
END_TEST

SUITE(webp)
{
    TCase *webp = tcase_create("webp");
    suite_add_tcase(suite, webp);
    if (!codec_named("webp"))
        return;
    tcase_add_test(webp, files_of_others_are_read);
    tcase_add_test(webp, prefixes_are_refused);
    tcase_add_test(webp, chunks_come_through);
    tcase_add_test(webp, metadata_of_other_formats);
    tcase_add_test(webp, what_is_written_lossless);
    tcase_add_test(webp, lossy_stays_near);
    tcase_add_test(webp, grey_comes_back_as_three_equal_channels);
    tcase_add_test(webp, what_is_no_single_picture_is_refused);
    tcase_add_test(webp, too_many_chunks_are_refused);
    tcase_add_test(webp, wrong_lengths_are_refused);
    tcase_add_test(webp, what_it_cannot_hold_is_refused);
}
