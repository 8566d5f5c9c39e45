/* Every codec that is compiled in: round trips, bands, rewinding, and what is broken, cut short or full. */
#include "codec.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static const struct write_options best = {.quality = 100, .compression = -1};
static const uint64_t plenty = 1 << 22;

/* An 8 x 8 grey PNG, interlaced; the sample at (x, y) is 8 y + x. */
static const unsigned char interlaced[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00,
    0x00, 0x08, 0x00, 0x00, 0x00, 0x08, 0x08, 0x00, 0x00, 0x00, 0x01, 0x96, 0x63, 0xd1, 0xc1, 0x00, 0x00, 0x00,
    0x56, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x05, 0xc1, 0x87, 0x02, 0x42, 0x00, 0x00, 0x05, 0xc0, 0x67, 0xcf,
    0x64, 0x85, 0xec, 0xec, 0x96, 0x55, 0x29, 0x32, 0xfe, 0xff, 0xaf, 0xdc, 0x01, 0xa0, 0x11, 0x67, 0x20, 0x59,
    0x24, 0x05, 0x54, 0xdd, 0xb4, 0xd0, 0xf6, 0xef, 0x01, 0x04, 0xc5, 0x70, 0xd0, 0x8c, 0x93, 0x8d, 0x4b, 0x9a,
    0x97, 0xe8, 0x5e, 0x9f, 0x2f, 0x78, 0x41, 0x94, 0xe4, 0x83, 0x72, 0x84, 0x73, 0x76, 0x3d, 0x3f, 0x08, 0x23,
    0x54, 0xd7, 0xdb, 0xfd, 0xf1, 0xac, 0x1b, 0xfc, 0xc6, 0xe9, 0x3f, 0x2f, 0xeb, 0xb6, 0x03, 0xee, 0x63, 0x07,
    0xe1, 0x24, 0x5f, 0x6e, 0x8f, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};

/* ---- making pictures -------------------------------------------------------------------------------------------- */

static bool is_lossy(const struct codec *codec)
{
    return strcmp(codec->name, "jpeg") == 0;
}

static const struct codec *codec_named(const char *name)
{
    for (size_t i = 0; codecs[i]; i++)
        if (strcmp(codecs[i]->name, name) == 0)
            return codecs[i];
    return NULL;
}

/* The kinds of picture that codecs are offered. */
struct kind {
    unsigned channels;
    enum sample sample;
};
static const struct kind kinds[] = {
    {1, SAMPLE_U8},  {2, SAMPLE_U8},  {3, SAMPLE_U8},  {4, SAMPLE_U8},  {1, SAMPLE_U16}, {2, SAMPLE_U16},
    {3, SAMPLE_U16}, {4, SAMPLE_U16}, {1, SAMPLE_F32}, {2, SAMPLE_F32}, {3, SAMPLE_F32}, {4, SAMPLE_F32},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static struct picture_info describe(const struct kind *kind, size_t width, size_t height)
{
    return (struct picture_info){.width = width,
                                 .height = height,
                                 .channels = kind->channels,
                                 .sample = kind->sample,
                                 .alpha = kind->channels % 2 ? ALPHA_NONE : ALPHA_STRAIGHT,
                                 .depth = (unsigned)(8 * sample_size(kind->sample)),
                                 .chroma_h = 1,
                                 .chroma_v = 1};
}

/* Noise, or where noise would not survive a slope; no finite picture has the bytes of another seed. */
static struct picture make_picture(const struct kind *kind, size_t width, size_t height, bool smooth)
{
    struct picture p = {.info = describe(kind, width, height)};
    struct random r = {width * 1000 + height};
    size_t row = width * kind->channels * sample_size(kind->sample), bytes = picture_bytes(&p.info);
    p.samples = must_alloc(bytes);
    for (size_t i = 0; i < bytes; i++) {
        size_t x = i % row / kind->channels, y = i / row, c = i % kind->channels;
        p.samples[i] = smooth ? (unsigned char)(20 + 2 * x + 3 * y + 30 * c) : (unsigned char)random_bits(&r);
    }
    if (kind->sample == SAMPLE_F32)
        random_floats(&r, 0, 1, (float *)(void *)p.samples, bytes / sizeof(float));
    return p;
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

/* Whether the codec takes pictures of the kind; if not it must say why. */
static bool takes(const struct codec *codec, const struct kind *kind)
{
    struct memory_sink m = memory_sink(true);
    struct why why = {""};
    struct picture_info info = describe(kind, 5, 4);
    void *writer = codec->create(&m.sink, &best, &why);
    REQUIRE(writer, "%s: %s", codec->name, why.text);
    bool taken = codec->begin(writer, &info, &why);
    REQUIRE(taken == (why.text[0] == '\0'), "%s: taken %d, but says '%s'", codec->name, taken, why.text);
    codec->abandon(writer);
    free(m.bytes);
    return taken;
}

static bool encode(const struct codec *codec, const struct picture *p, size_t bands, struct memory_sink *m, struct why *why)
{
    void *writer = codec->create(&m->sink, &best, why);
    if (!writer)
        return false;
    bool ok = codec->begin(writer, &p->info, why);
    for (size_t y = 0, band = 0, height; ok && y < p->info.height; y += height, band++) {
        height = bands ? 1 + band % bands : p->info.height;
        height = height < p->info.height - y ? height : p->info.height - y;
        struct rows rows = picture_rows(p, y, height);
        ok = codec->write(writer, &rows, why);
    }
    if (ok)
        return codec->finish(writer, why);
    codec->abandon(writer);
    return false;
}

static struct memory_sink must_encode(const struct codec *codec, const struct picture *p, size_t bands, bool seekable)
{
    struct memory_sink m = memory_sink(seekable);
    struct why why = {""};
    REQUIRE(encode(codec, p, bands, &m, &why), "%s, %u channels: %s", codec->name, p->info.channels, why.text);
    REQUIRE(!m.misused && m.size > 0 && why.text[0] == '\0', "%s: sink misused", codec->name);
    return m;
}

/* A file of the codec's, made of a picture of width x height; noise unless the codec is lossy. */
static struct memory_sink sample_file(const struct codec *codec, const struct kind *kind, size_t width, size_t height)
{
    struct picture p = make_picture(kind, width, height, is_lossy(codec));
    struct memory_sink m = must_encode(codec, &p, 0, true);
    free(p.samples);
    return m;
}

/* Runs check for every codec that writes, and every kind of picture it takes. */
static void each_kind(void (*check)(const struct codec *, const struct kind *))
{
    for (size_t i = 0; codecs[i]; i++)
        for (size_t k = 0; codecs[i]->create && k < KINDS; k++)
            if (takes(codecs[i], &kinds[k]))
                check(codecs[i], &kinds[k]);
}

/* ---- comparing -------------------------------------------------------------------------------------------------- */

/* A format may give grey back as RGB; seen as RGBA the pictures are the same, or differ by `tolerance` at most. */
static void require_alike(const struct codec *codec, const struct picture *a, const struct picture *b, int tolerance)
{
    REQUIRE(a->info.width == b->info.width && a->info.height == b->info.height, "%s: size", codec->name);
    REQUIRE(a->info.sample == b->info.sample, "%s: sample type", codec->name);
    REQUIRE(a->info.channels <= b->info.channels, "%s: channels lost", codec->name);
    if (a->info.sample == SAMPLE_F32) {
        REQUIRE(memcmp(a->samples, b->samples, picture_bytes(&a->info)) == 0, "%s: floats differ", codec->name);
        return;
    }
    for (size_t i = 0; i < a->info.width * a->info.height; i++)
        for (unsigned c = 0; c < 4; c++) {
            int was = (int)picture_rgba(a, i, c), is = (int)picture_rgba(b, i, c);
            REQUIRE(abs(was - is) <= tolerance, "%s, %u channels, %zu x %zu: pixel %zu channel %u is %d, not %d",
                    codec->name, a->info.channels, a->info.width, a->info.height, i, c, is, was);
        }
}

static void require_same(const struct picture *a, const struct picture *b, const char *what)
{
    REQUIRE(a->info.width == b->info.width && a->info.height == b->info.height && a->info.channels == b->info.channels &&
                a->info.sample == b->info.sample,
            "%s: the headers differ", what);
    REQUIRE(memcmp(a->samples, b->samples, picture_bytes(&a->info)) == 0, "%s: the samples differ", what);
}

static struct picture must_decode(const unsigned char *bytes, size_t size, size_t bands)
{
    struct memory_source m = memory_source(bytes, size);
    struct picture p;
    struct why why = {""};
    REQUIRE(picture_decode(&m.source, plenty, bands, &p, &why), "refused: %s", why.text);
    REQUIRE(why.text[0] == '\0', "read, but says '%s'", why.text);
    return p;
}

/* ---- round trips ------------------------------------------------------------------------------------------------ */

static void check_round_trip(const struct codec *codec, const struct kind *kind)
{
    const size_t size[][2] = {{1, 1}, {1, 7}, {7, 1}, {33, 17}};
    for (size_t s = 0; s < 4; s++) {
        struct picture p = make_picture(kind, size[s][0], size[s][1], is_lossy(codec));
        struct memory_sink m = must_encode(codec, &p, 0, false);
        REQUIRE(codec_sniff(m.bytes, m.size < 16 ? m.size : 16) == codec, "%s does not know its own", codec->name);
        struct picture back = must_decode(m.bytes, m.size, 0);
        require_alike(codec, &p, &back, is_lossy(codec) ? 4 : 0);
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
        ck_assert_msg(takes(codecs[i], &(struct kind){1, SAMPLE_U8}), "%s: grey", codecs[i]->name);
        ck_assert_msg(takes(codecs[i], &(struct kind){3, SAMPLE_U8}), "%s: RGB", codecs[i]->name);
        if (strncmp(codecs[i]->library(), "libpng", 6) == 0)
            for (size_t k = 0; k < KINDS; k++)
                ck_assert_msg(takes(codecs[i], &kinds[k]) == (kinds[k].sample != SAMPLE_F32), "%zu", k);
    }
}
END_TEST

START_TEST(what_cannot_be_held_is_refused)
{
    const struct kind odd[] = {{5, SAMPLE_U8}, {7, SAMPLE_U8}, {6, SAMPLE_U16}};
    for (size_t i = 0; codecs[i]; i++)
        for (size_t k = 0; codecs[i]->create && k < 3; k++)
            ck_assert_msg(!takes(codecs[i], &odd[k]), "%s took %u channels", codecs[i]->name, odd[k].channels);
    for (size_t i = 0; codecs[i]; i++)
        if (codecs[i]->create && is_lossy(codecs[i])) {
            ck_assert(!takes(codecs[i], &(struct kind){4, SAMPLE_U8}));
            ck_assert(!takes(codecs[i], &(struct kind){3, SAMPLE_U16}));
        }
}
END_TEST

static void check_bands(const struct codec *codec, const struct kind *kind)
{
    struct picture p = make_picture(kind, 33, 17, is_lossy(codec));
    struct memory_sink whole = must_encode(codec, &p, 0, true);
    struct picture want = must_decode(whole.bytes, whole.size, 0);
    const size_t bands[] = {1, 2, 5, 16};
    for (size_t i = 0; i < 4; i++) {
        struct memory_sink m = must_encode(codec, &p, bands[i], true);
        REQUIRE(m.size == whole.size && memcmp(m.bytes, whole.bytes, m.size) == 0, "%s: written in bands", codec->name);
        struct picture back = must_decode(m.bytes, m.size, bands[i]);
        require_same(&want, &back, "read in bands");
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

static void require_select(const struct codec *codec, void *reader, struct picture *p)
{
    struct why why = {""};
    REQUIRE(codec->select(reader, 0, &p->info, &why) == SELECT_OK, "%s: %s", codec->name, why.text);
}

static void require_rewinds(const struct codec *codec, const unsigned char *bytes, size_t size)
{
    struct memory_source m = memory_source(bytes, size);
    const struct limits limits = {plenty};
    struct picture want = must_decode(bytes, size, 0), p = {.samples = NULL};
    struct why why = {""};
    void *reader = codec->open(&m.source, &limits, &why);
    REQUIRE(reader, "%s: %s", codec->name, why.text);
    for (size_t round = 0; round < 4; round++) {
        require_select(codec, reader, &p);
        REQUIRE(picture_read(codec, reader, round, &p, &why), "%s: %s", codec->name, why.text);
        require_same(&want, &p, "read again");
        if (round == 1) { /* once more, from the middle */
            require_select(codec, reader, &p);
            struct rows part = picture_rows(&p, 0, (p.info.height + 1) / 2);
            REQUIRE(codec->read(reader, &part, &why), "%s: %s", codec->name, why.text);
        }
        if (!codec->many && round == 2)
            REQUIRE(codec->select(reader, 1, &p.info, &why) == SELECT_END, "%s: a second picture", codec->name);
        free(p.samples);
    }
    codec->close(reader);
    free(want.samples);
}

static void check_rewind(const struct codec *codec, const struct kind *kind)
{
    struct memory_sink m = sample_file(codec, kind, 33, 17);
    require_rewinds(codec, m.bytes, m.size);
    free(m.bytes);
}

START_TEST(selecting_again_rewinds)
{
    each_kind(check_rewind);
    if (codec_named("png"))
        require_rewinds(codec_named("png"), interlaced, sizeof interlaced);
}
END_TEST

START_TEST(interlaced_png_is_read)
{
    if (!codec_named("png"))
        return;
    struct picture p = must_decode(interlaced, sizeof interlaced, 3);
    ck_assert(p.info.width == 8 && p.info.height == 8 && p.info.channels == 1 && p.info.sample == SAMPLE_U8);
    for (size_t i = 0; i < 64; i++)
        REQUIRE(p.samples[i] == i, "sample %zu is %d", i, p.samples[i]);
    free(p.samples);
}
END_TEST

/* Readers and writers that are left half way; the sanitizer or valgrind sees what they lose. */
static void check_left_half_way(const struct codec *codec, const struct kind *kind)
{
    struct picture p = make_picture(kind, 33, 17, true), q = {.samples = NULL};
    struct memory_sink m = must_encode(codec, &p, 0, true), other = memory_sink(true);
    struct memory_source s = memory_source(m.bytes, m.size);
    const struct limits limits = {plenty};
    struct why why = {""};
    struct rows part = picture_rows(&p, 0, 3);

    codec->close(codec->open(&s.source, &limits, &why));
    void *reader = codec->open(&s.source, &limits, &why);
    require_select(codec, reader, &q);
    codec->close(reader);
    reader = codec->open(&s.source, &limits, &why);
    require_select(codec, reader, &q);
    q.samples = must_alloc(picture_bytes(&q.info));
    struct rows some = picture_rows(&q, 0, 3);
    REQUIRE(codec->read(reader, &some, &why), "%s: %s", codec->name, why.text);
    codec->close(reader);

    codec->abandon(codec->create(&other.sink, &best, &why));
    void *writer = codec->create(&other.sink, &best, &why);
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

/* ---- broken input ----------------------------------------------------------------------------------------------- */

static void require_refused(const char *name, const unsigned char *bytes, size_t size)
{
    struct picture p;
    struct why why = {""};
    if (picture_from(bytes, size, &p, &why))
        ck_abort_msg("%s: the first %zu bytes are taken for a picture", name, size);
    REQUIRE(why.text[0] != '\0', "%s: the first %zu bytes are refused without a word", name, size);
}

/* Rows of 4 n bytes: a BMP ends in no padding, which could be missed without harm. */
static void check_prefixes(const struct codec *codec, const struct kind *kind)
{
    struct memory_sink m = sample_file(codec, kind, 8, 5);
    for (size_t size = 0; size < m.size; size++)
        require_refused(codec->name, m.bytes, size);
    free(m.bytes);
}

START_TEST(every_prefix_is_refused)
{
    each_kind(check_prefixes);
    for (size_t size = 0; codec_named("png") && size < sizeof interlaced; size++)
        require_refused("interlaced png", interlaced, size);
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
static void require_stays_refused(const struct codec *codec, const unsigned char *bytes, size_t size)
{
    const struct limits limits = {plenty};
    for (size_t cut = 1; cut < size; cut += 1 + size / 40) {
        struct memory_source m = memory_source(bytes, size - cut);
        struct why why = {""};
        void *reader = codec->open(&m.source, &limits, &why);
        for (int round = 0; reader && round < 3; round++) {
            struct picture p;
            why.text[0] = '\0';
            if (codec->select(reader, 0, &p.info, &why) == SELECT_OK && picture_read(codec, reader, 2, &p, &why))
                ck_abort_msg("%s, %zu bytes short: taken in round %d", codec->name, cut, round);
        }
        if (reader)
            codec->close(reader);
    }
}

static void check_stays_refused(const struct codec *codec, const struct kind *kind)
{
    struct memory_sink m = sample_file(codec, kind, 8, 5);
    require_stays_refused(codec, m.bytes, m.size);
    free(m.bytes);
}

START_TEST(what_failed_keeps_failing)
{
    each_kind(check_stays_refused);
    if (codec_named("png"))
        require_stays_refused(codec_named("png"), interlaced, sizeof interlaced);
}
END_TEST

/* An error of the source is not "truncated", and its text arrives. */
static void check_broken_source(const struct codec *codec, const struct kind *kind)
{
    struct memory_sink m = sample_file(codec, kind, 40, 30);
    for (size_t at = 0; at < m.size; at += 1 + m.size / 50) {
        struct memory_source s = memory_source(m.bytes, m.size);
        struct picture p;
        struct why why = {""};
        s.broken = at;
        if (picture_decode(&s.source, plenty, 1, &p, &why))
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
static void require_steady(const unsigned char *bytes, size_t size)
{
    unsigned char *copy = must_alloc(size);
    for (size_t i = 0; i < size; i++) {
        const unsigned char value[] = {0, 0xff, (unsigned char)~bytes[i], bytes[i] ^ 1};
        for (size_t v = 0; v < 4; v++) {
            struct picture a, b;
            struct why why = {""}, again = {""};
            memcpy(copy, bytes, size);
            copy[i] = value[v];
            bool ok = picture_from(copy, size, &a, &why);
            REQUIRE(ok == picture_from(copy, size, &b, &again), "byte %zu = %d: refused only once", i, value[v]);
            REQUIRE(strcmp(why.text, again.text) == 0 && ok == (why.text[0] == '\0'), "'%s', '%s'", why.text, again.text);
            if (!ok)
                continue;
            require_same(&a, &b, "read twice");
            free(a.samples);
            free(b.samples);
        }
    }
    free(copy);
}

static void check_one_byte_wrong(const struct codec *codec, const struct kind *kind)
{
    struct memory_sink m = sample_file(codec, kind, 8, 5);
    require_steady(m.bytes, m.size);
    free(m.bytes);
}

START_TEST(one_wrong_byte_is_survived)
{
    each_kind(check_one_byte_wrong);
    require_steady(interlaced, sizeof interlaced);
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
    struct picture p;
    struct why why = {""};
    REQUIRE(picture_decode(&s.source, 33 * 17, 0, &p, &why), "%s: %s", codec->name, why.text);
    free(p.samples);

    const struct limits less = {33 * 17 - 1};
    void *reader = codec->open(&s.source, &less, &why);
    REQUIRE(!reader || codec->select(reader, 0, &p.info, &why) == SELECT_ERROR, "%s: over the limit", codec->name);
    REQUIRE(strstr(why.text, "--max-pixels") && strstr(why.text, "33 x 17"), "%s: '%s'", codec->name, why.text);
    if (reader)
        codec->close(reader);
    free(m.bytes);
}

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
    const struct rlimit limit = {bytes, bytes};
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
#endif
    (void)bytes;
}

START_TEST(huge_headers_are_refused_before_allocating)
{
    struct why why = {""};
    struct picture p;
    if (!codec_sniff(huge[_i].bytes, 16))
        return;
    limit_memory((rlim_t)512 << 20);
    ck_assert(!picture_from(huge[_i].bytes, huge[_i].size, &p, &why));
    ck_assert_msg(strstr(why.text, "--max-pixels") != NULL, "%s: '%s'", huge[_i].name, why.text);
}
END_TEST

static bool within(uint64_t max, uint64_t width, uint64_t height)
{
    const struct limits limits = {max};
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
    struct picture p = make_picture(kind, 200, 150, false);
    struct memory_sink whole = must_encode(codec, &p, 7, true);
    const size_t room[] = {
        0, 1, 7, 8, 20, 60, whole.size / 4, whole.size / 2, whole.size - 12, whole.size - 2, whole.size - 1};
    for (size_t i = 0; i < sizeof room / sizeof *room; i++)
        for (int seekable = 0; seekable < 2; seekable++) {
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

Suite *codecs_suite(void)
{
    Suite *suite = suite_create("codecs");
    TCase *pictures = tcase_create("pictures"), *broken = tcase_create("broken"), *table = tcase_create("table");

    tcase_add_test(pictures, what_is_written_is_read);
    tcase_add_test(pictures, common_pictures_are_taken);
    tcase_add_test(pictures, what_cannot_be_held_is_refused);
    tcase_add_test(pictures, bands_make_no_difference);
    tcase_add_test(pictures, selecting_again_rewinds);
    tcase_add_test(pictures, interlaced_png_is_read);
    tcase_add_test(pictures, half_done_work_can_be_left);
    tcase_add_test(broken, every_prefix_is_refused);
    tcase_add_test(broken, every_end_is_needed);
    tcase_add_test(broken, what_failed_keeps_failing);
    tcase_add_test(broken, errors_of_the_source_arrive);
    tcase_add_test(broken, one_wrong_byte_is_survived);
    tcase_add_test(broken, no_codec_takes_what_is_no_picture);
    tcase_add_test(broken, pictures_over_the_limit_are_refused);
    tcase_add_test(broken, limits_hold_at_their_edges);
    tcase_add_loop_test(broken, huge_headers_are_refused_before_allocating, 0, sizeof huge / sizeof *huge);
    tcase_add_test(broken, a_full_sink_is_reported);
    tcase_add_test(table, the_table_is_well_formed);
    tcase_add_test(table, extensions_find_their_codec);
    tcase_add_test(table, the_first_reason_stays);
    tcase_add_test(table, sources_give_all_or_an_error);
    tcase_set_timeout(broken, 60);
    suite_add_tcase(suite, pictures);
    suite_add_tcase(suite, broken);
    suite_add_tcase(suite, table);
    return suite;
}
