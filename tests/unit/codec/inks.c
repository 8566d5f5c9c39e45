/* Pictures of inks in JPEG and TIFF. Nothing of a format that is not in. */
#include "inks.h"
#include "support.h"
#include "tiff_file.h"

#include <stdio.h>

#ifdef HAVE_JPEG
#include <jpeglib.h>
#endif

/* ---- JPEG --------------------------------------------------------------------------------------------------------- */

#ifdef HAVE_JPEG

enum { PATCH = 32 };

struct jpeg_kind {
    bool ycck, adobe, profile, progressive;
};

/* A patch for each corner, side by side. */
static unsigned char *write_jpeg(const struct jpeg_kind *kind, const unsigned char *profile, unsigned long *size)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr errors;
    unsigned char *bytes = NULL, row[CORNERS * PATCH * 4];
    JSAMPROW rows[] = {row};
    for (unsigned i = 0; i < sizeof row; i++)
        row[i] = has_ink(i / 4 / PATCH, i % 4) != kind->adobe ? 255 : 0;
    c.err = jpeg_std_error(&errors);
    jpeg_create_compress(&c);
    jpeg_mem_dest(&c, &bytes, size);
    c.image_width = CORNERS * PATCH;
    c.image_height = PATCH;
    c.input_components = 4;
    c.in_color_space = JCS_CMYK;
    jpeg_set_defaults(&c);
    jpeg_set_colorspace(&c, kind->ycck ? JCS_YCCK : JCS_CMYK);
    jpeg_set_quality(&c, 100, TRUE);
    c.write_Adobe_marker = kind->adobe;
    if (kind->progressive)
        jpeg_simple_progression(&c);
    jpeg_start_compress(&c, TRUE);
    if (kind->profile)
        jpeg_write_icc_profile(&c, profile, PROFILE_BYTES);
    for (unsigned y = 0; y < PATCH; y++)
        jpeg_write_scanlines(&c, rows, 1);
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
    return bytes;
}

static void check_patches(const struct image *p, unsigned (*want)(unsigned, unsigned))
{
    for (unsigned y = 0; y < PATCH; y++)
        for (unsigned i = 0; i < CORNERS; i++)
            for (unsigned c = 0; c < 3; c++)
                REQUIRE_CLOSE(p->samples[(y * CORNERS * PATCH + i * PATCH + PATCH / 2) * 3 + c], want(i, c), 4);
}

/* Read twice, as the tool does. */
static void check_jpeg(const struct jpeg_kind *kind, const unsigned char *profile)
{
    static const struct limits limits = {.max_pixels = MAX_PIXELS};
    unsigned long size = 0;
    unsigned char *bytes = write_jpeg(kind, profile, &size);
    struct memory_source s = memory_source(bytes, size);
    struct why why = {""};
    const struct codec *codec = codec_named("jpeg");
    void *reader = codec->open(&s.source, &limits, &why);
    unsigned (*want)(unsigned, unsigned) = corner_formula;
#ifdef HAVE_LCMS2
    want = kind->profile ? corner_colour : want;
#endif
    for (unsigned turn = 0; turn < 2; turn++) {
        struct image p = {.samples = NULL};
        ck_assert_msg(codec->select(reader, 0, &p.info, &why) == SELECT_OK, "%s", why.text);
        ck_assert(p.info.channels == 3 && p.info.converted && !metadata_find(p.info.metadata, META_ICC));
        ck_assert_msg(image_read(codec, reader, 5 * turn, &p, &why), "%s", why.text);
        check_patches(&p, want);
        require_said(p.info.metadata, want == corner_formula ? NOTE_WARNING : NOTE_VERBOSE, "CMYK");
        ck_assert_uint_eq(p.info.metadata->notes.n, kind->adobe ? 1 : 2);
        if (!kind->adobe)
            require_said(p.info.metadata, NOTE_WARNING, "without an Adobe marker");
        free(p.samples);
    }
    codec->close(reader);
    free(bytes);
}

START_TEST(jpegs_of_inks)
{
    unsigned char profile[PROFILE_BYTES];
    make_profile(profile);
    for (unsigned i = 0; i < 16; i++) {
        const struct jpeg_kind kind = {i & 1, i & 2, i & 4, i & 8};
        if (kind.adobe || !kind.ycck) /* only the marker tells that it is YCCK */
            check_jpeg(&kind, profile);
    }
}
END_TEST

#endif

/* ---- TIFF --------------------------------------------------------------------------------------------------------- */

/* A row of all corners, contiguous or in planes, with `extra` channels of 7 behind the inks. */
static struct file make_inks(bool big_endian, uint32_t bits, bool planar, unsigned extra, const unsigned char *profile)
{
    unsigned channels = 4 + extra, plane = CORNERS * bits / 8;
    struct file f = make_file(big_endian, CORNERS, 1, channels, bits);
    unsigned char samples[CORNERS * 6 * 2];
    set(&f, 262, SHORT, 5);
    if (extra > 0)
        set_all(&f, 338, SHORT, extra, 2);
    if (planar) {
        set(&f, 284, SHORT, 2);
        set_all(&f, 279, LONG, channels, plane);
        set_all(&f, 273, LONG, channels, 0);
    }
    if (profile) {
        struct tag *icc = set(&f, 34675, UNDEFINED, 0);
        icc->n = PROFILE_BYTES;
        for (unsigned i = 0; i < PROFILE_BYTES; i++)
            icc->value[i] = profile[i];
    }
    for (unsigned i = 0; i < CORNERS; i++)
        for (unsigned c = 0; c < channels; c++)
            memset(samples + (planar ? c * CORNERS + i : i * channels + c) * (bits / 8),
                   c > 3           ? 7
                   : has_ink(i, c) ? 255
                                   : 0,
                   bits / 8);
    complete(&f, samples, CORNERS * channels * bits / 8);
    if (planar) {
        struct tag *at = set(&f, 273, LONG, f.tags[0].value[0]);
        at->n = channels;
        for (unsigned c = 0; c < channels; c++)
            at->value[c] = (uint32_t)f.size - (channels - c) * plane;
        put_directory(&f, 8, f.tags, f.n);
    }
    return f;
}

static void check_tiff(const struct file *f, unsigned bits, unsigned extra, unsigned (*want)(unsigned, unsigned))
{
    struct memory_source s = memory_source(f->bytes, f->size);
    struct image p = {.samples = NULL};
    struct why why = {""};
    void *reader = open_page(&s, 0, &p.info);
    ck_assert(p.info.channels == 3 + extra && p.info.converted && p.info.layout.primaries == 3);
    ck_assert(p.info.alpha == (extra ? ALPHA_STRAIGHT : ALPHA_NONE) && !metadata_find(p.info.metadata, META_ICC));
    ck_assert_msg(image_read(tiff, reader, 0, &p, &why), "%s", why.text);
    struct rows rows = image_rows(&p, 0, 1);
    for (unsigned i = 0; i < CORNERS; i++)
        for (unsigned c = 0; c < p.info.channels; c++) {
            const unsigned char *at = rows.data + (ptrdiff_t)c * rows.dc + (ptrdiff_t)i * rows.dx;
            uint16_t wide = 0;
            memcpy(&wide, at, bits / 8);
            REQUIRE_CLOSE(bits == 16 ? wide / 257.0 : *at, c > 2 ? 7 : want(i, c), want == corner_formula || c > 2 ? 0 : 1);
        }
    require_said(p.info.metadata, want == corner_formula ? NOTE_WARNING : NOTE_VERBOSE, "CMYK");
    tiff->close(reader);
    free(p.samples);
}

START_TEST(tiffs_of_inks)
{
    unsigned char profile[PROFILE_BYTES];
    make_profile(profile);
    for (unsigned i = 0; i < 32; i++) {
        bool used = false;
        unsigned bits = i & 1 ? 16 : 8, extra = i >> 3 & 1;
        struct file f = make_inks(i & 2, bits, i & 4, extra, i & 16 ? profile : NULL);
#ifdef HAVE_LCMS2
        used = i & 16;
#endif
        check_tiff(&f, bits, extra, used ? corner_colour : corner_formula);
    }
}
END_TEST

/* What is written has three colours and no profile of inks. */
START_TEST(tiff_without_the_profile)
{
    unsigned char profile[PROFILE_BYTES];
    make_profile(profile);
    struct file f = make_inks(false, 8, _i, 0, profile);
    struct memory_source s = memory_source(f.bytes, f.size);
    struct memory_sink m = memory_sink(true);
    struct image p;
    struct why why = {""};
    void *reader = open_page(&s, 0, &p.info), *writer = tiff->create(&m.sink, &best_quality, &why);
    ck_assert(writer && image_read(tiff, reader, 0, &p, &why));
    struct rows rows = image_rows(&p, 0, 1);
    ck_assert(tiff->begin(writer, &p.info, &why) && tiff->write(writer, &rows, &why) && tiff->finish(writer, &why));
    tiff->close(reader);
    struct memory_source written = memory_source(m.bytes, m.size);
    struct picture_info info;
    reader = open_page(&written, 0, &info);
    ck_assert(info.channels == 3 && !info.converted && !metadata_find(info.metadata, META_ICC));
    tiff->close(reader);
    free(p.samples);
    free(m.bytes);
}
END_TEST

START_TEST(other_tiffs_of_inks_are_refused)
{
    static const struct {
        uint16_t tag, type;
        uint32_t n, value;
        const char *says;
    } odd[] = {{332, SHORT, 1, 2, "inks other than CMYK"},
               {338, SHORT, 1, 1, "premultiplied alpha"},
               {277, SHORT, 1, 3, "expected at least"},
               {339, SHORT, 5, 3, "expected"}};
    struct file f = make_file(false, 2, 1, 5, 8);
    const struct limits limits = {.max_pixels = MAX_PIXELS};
    struct picture_info info;
    struct why why = {""};
    set(&f, 262, SHORT, 5);
    set(&f, 338, SHORT, 2);
    set_all(&f, odd[_i].tag, odd[_i].type, odd[_i].n, odd[_i].value);
    complete(&f, "0123456789", 10);
    struct memory_source s = memory_source(f.bytes, f.size);
    void *reader = tiff->open(&s.source, &limits, &why);
    ck_assert(!reader || tiff->select(reader, 0, &info, &why) == SELECT_ERROR);
    ck_assert_msg(strstr(why.text, odd[_i].says) != NULL, "'%s', not '%s'", why.text, odd[_i].says);
    if (reader)
        tiff->close(reader);
}
END_TEST

SUITE(inks)
{
    TCase *jpegs = tcase_create("jpeg"), *tiffs = tcase_create("tiff");
    tcase_add_checked_fixture(tiffs, find_codec, NULL);
    suite_add_tcase(suite, jpegs);
    suite_add_tcase(suite, tiffs);
#ifdef HAVE_JPEG
    tcase_add_test(jpegs, jpegs_of_inks);
#endif
    if (!codec_named("tiff"))
        return;
    tcase_add_test(tiffs, tiffs_of_inks);
    tcase_add_loop_test(tiffs, tiff_without_the_profile, 0, 2);
    tcase_add_loop_test(tiffs, other_tiffs_of_inks_are_refused, 0, 4);
}
