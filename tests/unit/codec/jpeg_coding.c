/* JPEG to JPEG: the tables and the sampling of the input, as they stand in the bytes of the file. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void note_quality(void *to, int quality)
{
    *(int *)to = quality;
}

/* Of what was no JPEG, and in a build that cannot keep one's. */
START_TEST(a_default_is_told)
{
    static const struct kind colour = {3, SAMPLE_U8};
    const struct codec *jpeg = codec_named("jpeg");
    for (int quality = -1; quality < 100; quality++) {
        int told = 0;
        struct why why = {""};
        struct memory_sink m = memory_sink(false);
        struct image p = make_image(jpeg, &colour, 8, 8, true);
        struct rows rows = image_rows(&p, 0, 8);
        struct write_options options = {
            .quality = quality, .compression = -1, .listener = {.context = &told, .chose = note_quality}};
        void *writer = jpeg->create(&m.sink, &options, &why);
        ck_assert(writer && jpeg->begin(writer, &p.info, &why) && jpeg->write(writer, &rows, &why));
        ck_assert_msg(jpeg->finish(writer, &why), "%s", why.text);
        REQUIRE(told == (quality > 0 ? 0 : QUALITY_DEFAULT), "--quality %d: told of %d", quality, told);
        free(p.samples);
        free(m.bytes);
    }
}
END_TEST

#ifdef HAVE_JPEG

#include <jpeglib.h>

enum { WIDTH = 45, HEIGHT = 37 };

/* ---- files -------------------------------------------------------------------------------------------------------- */

struct made {
    J_COLOR_SPACE space; /* of the file */
    int quality, h[3], v[3];
    bool progressive, baseline; /* baseline: tables of 8 bits */
    bool apart;                 /* each component in a scan of its own */
};

struct file {
    unsigned char *bytes;
    unsigned long size;
};

static void start(struct jpeg_compress_struct *c, const struct made *made)
{
    static const jpeg_scan_info apart[] = {{1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}};
    c->image_width = WIDTH;
    c->image_height = HEIGHT;
    c->input_components = made->space == JCS_GRAYSCALE ? 1 : 3;
    c->in_color_space = made->space == JCS_GRAYSCALE ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(c);
    jpeg_set_colorspace(c, made->space);
    jpeg_set_quality(c, made->quality, made->baseline);
    for (int i = 0; i < c->num_components; i++) {
        c->comp_info[i].h_samp_factor = made->h[i];
        c->comp_info[i].v_samp_factor = made->v[i];
    }
    if (made->progressive)
        jpeg_simple_progression(c);
    if (made->apart) {
        c->scan_info = apart;
        c->num_scans = 3;
    }
    jpeg_start_compress(c, TRUE);
}

static struct file make_file(const struct made *made)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr error;
    struct file f = {NULL, 0};
    c.err = jpeg_std_error(&error);
    error.trace_level = -1; /* large tables are meant */
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, &f.bytes, &f.size);
    start(&c, made);
    while (c.next_scanline < c.image_height) {
        unsigned char samples[3 * WIDTH], *row = samples;
        for (unsigned i = 0; i < sizeof samples; i++)
            samples[i] = (unsigned char)(40 + i + 3 * c.next_scanline);
        jpeg_write_scanlines(&c, &row, 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    return f;
}

/* ---- what a file says (ITU-T T.81, B.2) --------------------------------------------------------------------------- */

struct said {
    unsigned frame, components;
    unsigned char sampling[4], table[4];
    unsigned char precision[4];
    uint16_t quantum[4][64]; /* as in the file, zigzag */
    bool adobe_rgb;
};

static void note_tables(const unsigned char *p, const unsigned char *end, struct said *said)
{
    while (p < end) {
        unsigned t = *p & 3, wide = *p >> 4;
        said->precision[t] = (unsigned char)wide;
        p++;
        for (int i = 0; i < 64; i++, p += 1 + wide)
            said->quantum[t][i] = (uint16_t)(wide ? p[0] << 8 | p[1] : p[0]);
    }
}

/* Up to the first scan. */
static struct said read_header(const unsigned char *bytes, size_t size)
{
    struct said said = {0};
    for (size_t at = 2; at + 4 <= size && bytes[at + 1] != 0xda;) {
        const unsigned char *p = bytes + at + 4;
        unsigned marker = bytes[at + 1];
        size_t length = (size_t)bytes[at + 2] << 8 | bytes[at + 3];
        REQUIRE(bytes[at] == 0xff && at + 2 + length <= size, "no marker at %zu", at);
        if (marker == 0xdb)
            note_tables(p, bytes + at + 2 + length, &said);
        else if (marker == 0xee)
            said.adobe_rgb = memcmp(p, "Adobe", 5) == 0 && p[11] == 0;
        else if (marker >= 0xc0 && marker <= 0xc2) {
            said.frame = marker;
            said.components = p[5];
            for (unsigned i = 0; i < said.components; i++) {
                said.sampling[i] = p[6 + 3 * i + 1];
                said.table[i] = p[6 + 3 * i + 2];
            }
        }
        at += 2 + length;
    }
    return said;
}

/* ---- from one to the other ---------------------------------------------------------------------------------------- */

/* Decodes the file and encodes the samples again; *told is the quality that the writer told of. */
static struct memory_sink copy_at(const struct file *f, int quality, unsigned channels, int *told)
{
    const struct codec *jpeg = codec_named("jpeg");
    struct image p = must_decode("made", f->bytes, f->size, 0);
    struct memory_sink m = memory_sink(false);
    struct why why = {""};
    const struct write_options options = {
        .quality = quality, .compression = -1, .listener = {.context = told, .chose = note_quality}};
    *told = 0;
    p.info.metadata = NULL;
    p.info.channels = channels; /* fewer than there are: the rows begin alike */
    struct rows rows = image_rows(&p, 0, p.info.height);
    void *writer = jpeg->create(&m.sink, &options, &why);
    REQUIRE(writer && jpeg->begin(writer, &p.info, &why) && jpeg->write(writer, &rows, &why) && jpeg->finish(writer, &why),
            "%s", why.text);
    free(p.samples);
    return m;
}

static struct said copy(const struct file *f, int quality, unsigned channels, int *told)
{
    struct memory_sink m = copy_at(f, quality, channels, told);
    struct said said = read_header(m.bytes, m.size);
    free(must_decode("written", m.bytes, m.size, 0).samples);
    free(m.bytes);
    return said;
}

static const struct made made[] = {
    {JCS_GRAYSCALE, 98, {1}, {1}, .baseline = true},
    {JCS_GRAYSCALE, 35, {2}, {2}, .baseline = true},
    {JCS_YCbCr, 98, {1, 1, 1}, {1, 1, 1}, .baseline = true},
    {JCS_YCbCr, 20, {2, 1, 1}, {2, 1, 1}, .baseline = true},
    {JCS_YCbCr, 75, {2, 1, 1}, {1, 1, 1}, .baseline = true},
    {JCS_YCbCr, 75, {1, 1, 1}, {2, 1, 1}, .baseline = true},
    {JCS_YCbCr, 75, {4, 1, 1}, {1, 1, 1}, .baseline = true},
    {JCS_YCbCr, 75, {2, 1, 2}, {2, 2, 1}, .baseline = true}, /* the chroma channels differ */
    {JCS_YCbCr, 75, {1, 2, 2}, {1, 1, 1}, .baseline = true}, /* more chroma than luma */
    {JCS_YCbCr, 75, {2, 2, 2}, {1, 1, 1}, .baseline = true},
    {JCS_YCbCr, 92, {2, 1, 1}, {2, 1, 1}, .baseline = true, .progressive = true},
    {JCS_YCbCr, 2, {2, 1, 1}, {2, 1, 1}, .baseline = false}, /* tables of 16 bits */
    {JCS_RGB, 85, {1, 1, 1}, {1, 1, 1}, .baseline = true},
    {JCS_RGB, 85, {1, 2, 1}, {1, 2, 1}, .baseline = true},
};

START_TEST(tables_and_sampling_are_kept)
{
    static const int keep[] = {-1, QUALITY_KEEP};
    struct file f = make_file(&made[_i]);
    struct said want = read_header(f.bytes, f.size);
    for (int k = 0; k < 2; k++) {
        int told;
        struct said got = copy(&f, keep[k], want.components, &told);
        REQUIRE(told == 0, "%d: quality %d was chosen", _i, told);
        REQUIRE(got.components == want.components && got.adobe_rgb == (made[_i].space == JCS_RGB), "%d: components", _i);
        REQUIRE(got.frame == (want.frame == 0xc2 ? 0xc0 : want.frame), "%d: frame %x", _i, got.frame);
        REQUIRE(memcmp(got.sampling, want.sampling, 4) == 0 && memcmp(got.table, want.table, 4) == 0, "%d: sampling", _i);
        REQUIRE(memcmp(got.precision, want.precision, 4) == 0, "%d: bits of the tables", _i);
        REQUIRE(memcmp(got.quantum, want.quantum, sizeof want.quantum) == 0, "%d: tables", _i);
    }
    free(f.bytes);
}
END_TEST

/* A number has its own tables, and the sampling of the input; so has a picture of other channels, with 90. */
START_TEST(a_number_is_no_keep)
{
    struct made high = {JCS_YCbCr, 98, {2, 1, 1}, {1, 1, 1}, .baseline = true}, low = high;
    int told;
    low.quality = 75;
    struct file f = make_file(&high), other = make_file(&low);
    struct said want = read_header(other.bytes, other.size), got = copy(&f, 75, 3, &told);
    REQUIRE(told == 0, "quality %d was chosen", told);
    ck_assert_mem_eq(got.quantum, want.quantum, sizeof got.quantum);
    ck_assert_mem_eq(got.sampling, want.sampling, 4);
    struct made grey = {JCS_GRAYSCALE, 90, {1}, {1}, .baseline = true};
    free(other.bytes);
    other = make_file(&grey);
    want = read_header(other.bytes, other.size);
    got = copy(&f, QUALITY_KEEP, 1, &told);
    REQUIRE(told == QUALITY_DEFAULT, "quality %d was chosen", told);
    ck_assert_mem_eq(got.quantum, want.quantum, sizeof got.quantum);
    free(other.bytes);
    free(f.bytes);
}
END_TEST

/* Factors of 24 blocks are possible where each component has its own scan: ours has one, so they are halved. */
START_TEST(large_factors_are_reduced)
{
    struct made apart = {JCS_YCbCr, 98, {4, 2, 2}, {4, 2, 2}, .baseline = true, .apart = true};
    int told;
    struct file f = make_file(&apart);
    struct said want = read_header(f.bytes, f.size), got = copy(&f, -1, 3, &told);
    REQUIRE(told == 0 && want.sampling[0] == 0x44, "sampling %x", want.sampling[0]);
    REQUIRE(got.sampling[0] == 0x22 && got.sampling[1] == 0x11 && got.sampling[2] == 0x11, "sampling %x", got.sampling[0]);
    ck_assert_mem_eq(got.quantum[0], want.quantum[0], sizeof got.quantum[0]);
    free(f.bytes);
}
END_TEST

/* Where the 16-bit table 0 of a file begins. */
static unsigned char *find_table(const struct file *f)
{
    for (size_t i = 0; i + 134 < f->size; i++)
        if (f->bytes[i] == 0xff && f->bytes[i + 1] == 0xdb && f->bytes[i + 4] == 0x10)
            return f->bytes + i + 5;
    ck_abort_msg("no table of 16 bits");
    return NULL;
}

/* What no encoder can divide by, or libjpeg's cannot. */
START_TEST(impossible_tables_are_not_kept)
{
    static const struct {
        unsigned quantum;
        bool kept;
    } want[] = {{0, false}, {1, true}, {8191, true}, {8192, false}, {65535, false}};
    struct made wide = {JCS_YCbCr, 2, {2, 1, 1}, {2, 1, 1}, .baseline = false};
    for (size_t i = 0; i < sizeof want / sizeof *want; i++) {
        int told;
        struct file f = make_file(&wide);
        unsigned char *table = find_table(&f);
        table[2 * 17] = (unsigned char)(want[i].quantum >> 8);
        table[2 * 17 + 1] = (unsigned char)want[i].quantum;
        struct said got = copy(&f, QUALITY_KEEP, 3, &told);
        REQUIRE((told == 0) == want[i].kept, "%u: quality %d was chosen", want[i].quantum, told);
        REQUIRE((got.quantum[0][17] == want[i].quantum) == want[i].kept, "%u became %u", want[i].quantum,
                got.quantum[0][17]);
        free(f.bytes);
    }
}
END_TEST

#endif

SUITE(jpeg_coding)
{
    TCase *cases = tcase_create("jpeg_coding");

    suite_add_tcase(suite, cases);
    if (codec_named("jpeg"))
        tcase_add_test(cases, a_default_is_told);
#ifdef HAVE_JPEG
    ADD_EACH(cases, tables_and_sampling_are_kept, made);
    tcase_add_test(cases, a_number_is_no_keep);
    tcase_add_test(cases, large_factors_are_reduced);
    tcase_add_test(cases, impossible_tables_are_not_kept);
#endif
}
