/* TIFF as it is written: layouts, JPEG inside, pages, metadata. */
#include "base/bytes.h"
#include "tiff_file.h"

#include <stdlib.h>
#include <string.h>

/* ---- layouts that are written -------------------------------------------------------------------------------------- */

static struct image picture_of(size_t width, size_t height, unsigned channels, enum sample sample, struct file_layout l)
{
    const struct kind kind = {channels, sample};
    struct image p = make_image(tiff, &kind, width, height, l.compression == JPEG);
    l.channels = channels;
    p.info.layout = l;
    return p;
}

static void check_layout(const struct image *p, size_t bands)
{
    struct memory_sink m = must_encode(tiff, p, bands, true);
    struct image back = must_decode("tiff", m.bytes, m.size, bands);
    const struct file_layout *was = &p->info.layout, *is = &back.info.layout;
    REQUIRE(is->compression == was->compression && is->tile_width == was->tile_width && is->big == was->big,
            "compression %u, not %u", is->compression, was->compression);
    REQUIRE(is->tile_width || was->strip_height >= p->info.height || is->strip_height == was->strip_height,
            "strips of %u rows, not %u", is->strip_height, was->strip_height);
    REQUIRE(back.info.planar == (was->planar && p->info.channels > 1) && back.info.alpha == p->info.alpha, "planes, alpha");
    for (size_t i = 0, n = p->info.width * p->info.height, size = sample_size(p->info.sample); i < n; i++)
        for (unsigned c = 0; c < p->info.channels; c++) {
            const unsigned char *got = back.samples + size * (back.info.planar ? c * n + i : i * p->info.channels + c);
            REQUIRE(memcmp(got, p->samples + size * (i * p->info.channels + c), size) == 0,
                    "%zu x %zu x %u, compression %u: pixel %zu", p->info.width, p->info.height, p->info.channels,
                    was->compression, i);
        }
    free(back.samples);
    free(m.bytes);
}

START_TEST(layouts_are_kept)
{
    const size_t size[][2] = {{1, 1}, {1, 7}, {7, 1}, {33, 17}, {300, 200}};
    const unsigned compressions[] = {NONE, LZW, DEFLATE, PACKBITS}, channels[] = {1, 2, 3, 4, 5, 7};
    const enum sample samples[] = {SAMPLE_U8, SAMPLE_U16, SAMPLE_F32};
    for (unsigned i = 0; i < 5 * 3 * 6 * 4; i++) {
        struct file_layout l = {.compression = compressions[i % 4],
                                .predictor = i % 3,
                                .strip_height = 1 + i % 11,
                                .planar = i / 4 % 2,
                                .big = i / 3 % 2};
        if (_i == 1)
            l.tile_width = 16u << i % 3, l.tile_height = 48;
        struct image p = picture_of(size[i / 72][0], size[i / 72][1], channels[i / 4 % 6], samples[i / 24 % 3], l);
        check_layout(&p, i % 5);
        free(p.samples);
    }
}
END_TEST

/* A tile is held in memory, however small its picture is. */
START_TEST(only_small_tiles_are_kept)
{
    const struct {
        uint32_t width, height;
        unsigned channels;
        bool kept;
    } tile[] = {{2048, 2048, 4, true}, {2048, 2064, 4, false}, {16384, 16384, 1, false}, {16384, 256, 1, true},
                {16400, 16, 1, false}, {24, 16, 1, false},     {0, 16, 1, false}};
    for (size_t i = 0; i < sizeof tile / sizeof *tile; i++) {
        struct file_layout l = {.compression = PACKBITS, .tile_width = tile[i].width, .tile_height = tile[i].height};
        struct image p = picture_of(9, 5, tile[i].channels, SAMPLE_F32, l);
        struct memory_sink m = must_encode(tiff, &p, 0, true);
        struct image back = must_decode("tiff", m.bytes, m.size, 0);
        ck_assert_uint_eq(back.info.layout.tile_width, tile[i].kept ? tile[i].width : 0);
        require_alike(&back, &p, 0, "a TIFF");
        free(back.samples);
        free(m.bytes);
        free(p.samples);
    }
}
END_TEST

START_TEST(jpeg_stays_jpeg)
{
    for (unsigned channels = 1; channels <= 3; channels += 2) {
        struct file_layout l = {.compression = JPEG, .tile_width = _i ? 32 : 0, .tile_height = 32, .strip_height = 8};
        struct image p = picture_of(70, 50, channels, SAMPLE_U8, l);
        struct memory_sink m = must_encode(tiff, &p, 3, true);
        struct image back = must_decode("tiff", m.bytes, m.size, 5);
        ck_assert_uint_eq(back.info.layout.compression, JPEG);
        require_alike(&back, &p, 4, "JPEG in TIFF");
        free(back.samples);
        free(m.bytes);
        free(p.samples);
    }
}
END_TEST

/* Deflate: Adler-32 is the end of the only strip, which the directory follows. */
START_TEST(a_wrong_checksum_is_noticed)
{
    struct image p = picture_of(16, 16, 1, SAMPLE_U8, (struct file_layout){.compression = DEFLATE}), back;
    struct memory_sink m = must_encode(tiff, &p, 0, true);
    struct why why = {""};
    uint32_t directory;
    memcpy(&directory, m.bytes + 4, 4);
    m.bytes[directory - 2] ^= 1;
    ck_assert(!image_from(m.bytes, m.size, &back, &why));
    ck_assert_msg(strstr(why.text, "deflate") != NULL, "%s", why.text);
    free(m.bytes);
    free(p.samples);
}
END_TEST

/* ---- copies -------------------------------------------------------------------------------------------------------- */

static void note(void *to, const char *what)
{
    strncat(to, what, 99);
}

/* Reads the file's only page and writes it again; what was dropped is added to the text. */
static struct memory_sink copy_file(const struct file *f, char dropped[400])
{
    struct memory_source s = memory_source(f->bytes, f->size);
    struct memory_sink m = memory_sink(true);
    struct image p;
    struct why why = {""};
    struct write_options options = {.quality = -1, .compression = -1, .listener = {.context = dropped, .dropped = note}};
    void *reader = open_page(&s, 0, &p.info), *writer = tiff->create(&m.sink, &options, &why);
    ck_assert(writer && image_read(tiff, reader, 0, &p, &why));
    struct rows rows = image_rows(&p, 0, p.info.height);
    ck_assert_msg(tiff->begin(writer, &p.info, &why) && tiff->write(writer, &rows, &why) && tiff->finish(writer, &why),
                  "%s", why.text);
    tiff->close(reader);
    free(p.samples);
    return m;
}

/* ---- alpha that is not the last channel --------------------------------------------------------------------------- */

enum { ALPHA_WIDTH = 3, ALPHA_CHANNELS = 6, ALPHA_BYTES = ALPHA_WIDTH * 2 * ALPHA_CHANNELS * 4 };

/* Three colours, data, alpha, data: another alpha, in `extra`, is data too. */
static struct file alpha_file(bool planar, uint32_t size, uint32_t extra, const unsigned char *samples)
{
    struct file f = make_file(!machine_is_little(), ALPHA_WIDTH, 2, ALPHA_CHANNELS, 8 * size);
    struct tag *extras = set(&f, 338, SHORT, 0);
    extras->n = 3;
    extras->value[1] = 1 + extra % 2;
    extras->value[2] = extra;
    set(&f, 284, SHORT, planar ? 2 : 1);
    set(&f, 278, LONG, 2);
    complete(&f, samples, planar ? 0 : ALPHA_BYTES / 4 * size);
    if (!planar)
        return f;
    struct tag *at = set(&f, 273, LONG, 1000), *count = set(&f, 279, LONG, ALPHA_WIDTH * 2 * size);
    at->n = count->n = ALPHA_CHANNELS;
    for (uint32_t c = 1; c < ALPHA_CHANNELS; c++) {
        count->value[c] = count->value[0];
        at->value[c] = at->value[c - 1] + count->value[0];
    }
    put_directory(&f, 8, f.tags, f.n);
    memcpy(f.bytes + 1000, samples, ALPHA_BYTES / 4 * size);
    f.size = 1000 + ALPHA_BYTES / 4 * size;
    return f;
}

static bool has_bytes(const struct memory_sink *m, const unsigned char *bytes, size_t n)
{
    for (size_t i = 0; i + n <= m->size; i++)
        if (memcmp(m->bytes + i, bytes, n) == 0)
            return true;
    return false;
}

static void require_stored_order(const struct file *f, const unsigned char *samples, size_t n)
{
    const struct limits as_data = {.max_pixels = MAX_PIXELS, .alpha_as_data = true};
    struct memory_source s = memory_source(f->bytes, f->size);
    struct why why = {""};
    struct image p;
    void *reader = tiff->open(&s.source, &as_data, &why);
    ck_assert(reader && tiff->select(reader, 0, &p.info, &why) == SELECT_OK && image_read(tiff, reader, 0, &p, &why));
    ck_assert(p.info.layout.alpha_at == 0 && memcmp(p.samples, samples, n) == 0);
    free(p.samples);
    tiff->close(reader);
}

/* In memory it is the last channel, in a TIFF output where it was. */
START_TEST(alpha_keeps_its_place)
{
    static const unsigned order[ALPHA_CHANNELS] = {0, 1, 2, 3, 5, 4};
    const bool planar = _i % 2;
    const uint32_t size = 1u << _i / 2 % 3, extra = (uint32_t)_i / 6;
    unsigned char samples[ALPHA_BYTES];
    char dropped[400] = "";
    struct random r = {(uint64_t)_i};
    for (size_t i = 0; i < sizeof samples; i++)
        samples[i] = (unsigned char)random_bits(&r);
    struct file f = alpha_file(planar, size, extra, samples);
    struct image p = must_decode("alpha within", f.bytes, f.size, 1);
    ck_assert(p.info.alpha == (extra % 2 ? ALPHA_STRAIGHT : ALPHA_PREMULTIPLIED) && p.info.layout.alpha_at == 4);
    for (size_t i = 0; i < ALPHA_WIDTH * 2; i++)
        for (size_t c = 0; c < ALPHA_CHANNELS; c++) {
            size_t pixels = ALPHA_WIDTH * 2, from = planar ? order[c] * pixels + i : i * ALPHA_CHANNELS + order[c];
            size_t to = planar ? c * pixels + i : i * ALPHA_CHANNELS + c;
            REQUIRE(memcmp(p.samples + to * size, samples + from * size, size) == 0, "pixel %zu, channel %zu", i, c);
        }
    require_stored_order(&f, samples, ALPHA_BYTES / 4 * size);
    struct memory_sink m = copy_file(&f, dropped);
    struct image back = must_decode("written again", m.bytes, m.size, 0);
    ck_assert(has_bytes(&m, samples, ALPHA_BYTES / 4 * size));
    ck_assert(back.info.layout.alpha_at == 4 && back.info.alpha == p.info.alpha);
    free(back.samples);
    free(m.bytes);
    free(p.samples);
}
END_TEST

/* ---- pages -------------------------------------------------------------------------------------------------------- */

enum { PAGES = 4 };

static void make_pages(struct image pages[PAGES])
{
    const unsigned channels[PAGES] = {3, 1, 4, 2};
    const enum sample sample[PAGES] = {SAMPLE_U8, SAMPLE_F32, SAMPLE_U16, SAMPLE_U8};
    for (size_t i = 0; i < PAGES; i++)
        pages[i] = picture_of(20 + i, 10 + 3 * i, channels[i], sample[i], (struct file_layout){.compression = LZW});
}

static struct memory_sink write_pages(const struct image pages[PAGES], bool big)
{
    struct memory_sink m = memory_sink(true);
    struct why why = {""};
    void *writer = tiff->create(&m.sink, &best_quality, &why);
    for (size_t i = 0; i < PAGES; i++) {
        struct picture_info info = pages[i].info;
        struct rows rows = image_rows(&pages[i], 0, info.height);
        info.layout.big = big;
        REQUIRE(tiff->begin(writer, &info, &why) && tiff->write(writer, &rows, &why), "page %zu: %s", i, why.text);
    }
    REQUIRE(tiff->finish(writer, &why) && m.written >= m.size, "%s", why.text);
    return m;
}

START_TEST(every_page_is_a_picture)
{
    const size_t order[] = {0, 1, 2, 3, 3, 0, 2, 1, 4, 1, 9, 3};
    const struct limits limits = {.max_pixels = MAX_PIXELS};
    struct image pages[PAGES];
    struct why why = {""};
    make_pages(pages);
    struct memory_sink m = write_pages(pages, _i);
    struct memory_source s = memory_source(m.bytes, m.size);
    void *reader = tiff->open(&s.source, &limits, &why);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        struct image p;
        enum selected selected = tiff->select(reader, order[i], &p.info, &why);
        REQUIRE(selected == (order[i] < PAGES ? SELECT_OK : SELECT_END), "page %zu: %s", order[i], why.text);
        if (selected == SELECT_END)
            continue;
        ck_assert_msg(image_read(tiff, reader, i % 3, &p, &why), "%s", why.text);
        require_same_image(&p, &pages[order[i]], "page");
        free(p.samples);
    }
    tiff->close(reader);
    free(m.bytes);
    for (size_t i = 0; i < PAGES; i++)
        free(pages[i].samples);
}
END_TEST

/* ---- metadata ----------------------------------------------------------------------------------------------------- */

static struct file described_file(bool big_endian)
{
    struct file f = make_file(big_endian, 2, 1, 1, 8);
    set(&f, 274, SHORT, 6);
    struct tag *make = set(&f, 271, ASCII, 'M');
    make->n = 7;
    memcpy(make->value, (const uint32_t[]){'M', 'a', 'k', 'e', 'r', '!', 0}, 7 * sizeof(uint32_t));
    struct tag *x = set(&f, 282, RATIONAL, 3000000);
    x->value[1] = 10000;
    struct tag *y = set(&f, 283, RATIONAL, 150);
    y->value[1] = 1;
    set(&f, 296, SHORT, 3);
    set_all(&f, 34675, UNDEFINED, 9, 77);
    set_all(&f, 50000, SHORT, 5, 0x1234);
    set(&f, 330, LONG, 8);
    complete(&f, "ab", 2);
    return f;
}

static const struct meta *native(const struct metadata *m, uint32_t tag)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->item[i].kind == META_NATIVE && m->item[i].tag == tag)
            return &m->item[i];
    return NULL;
}

START_TEST(tags_are_carried)
{
    const uint16_t own[5] = {0x1234, 0x1234, 0x1234, 0x1234, 0x1234}, turned = 6;
    struct file f = described_file(_i);
    char dropped[400] = "";
    struct memory_sink m = copy_file(&f, dropped);
    struct memory_source s = memory_source(m.bytes, m.size);
    struct picture_info info;
    void *reader = open_page(&s, 0, &info);
    const struct metadata *got = info.metadata;
    const struct meta *maker = native(got, 271), *private = native(got, 50000), *orientation = native(got, 274);
    ck_assert_str_eq(dropped, "the pictures in SubIFDs");
    ck_assert(maker && maker->size == 7 && strcmp((const char *)maker->data, "Maker!") == 0);
    ck_assert(private && private->size == sizeof own && memcmp(private->data, own, sizeof own) == 0);
    ck_assert(orientation && memcmp(orientation->data, &turned, sizeof turned) == 0);
    ck_assert(metadata_find(got, META_ICC) && metadata_find(got, META_ICC)->size == 9);
    ck_assert(metadata_find(got, META_EXIF) != NULL && native(got, 330) == NULL);
    ck_assert(got->x_resolution == 300 && got->y_resolution == 150 && got->resolution_unit == RESOLUTION_CENTIMETRE);
    tiff->close(reader);
    free(m.bytes);
}
END_TEST

/* As a JPEG has it: the orientation in an EXIF block. */
START_TEST(exif_blocks_become_tags)
{
    struct file f = described_file(_i);
    struct metadata other = {.format = "jpeg"};
    const struct kind grey = {1, SAMPLE_U8};
    struct image p = make_image(tiff, &grey, 3, 2, false);
    struct picture_info info;
    metadata_add(&other, META_EXIF, 0, 0, f.bytes, f.size);
    p.info.metadata = &other;
    struct memory_sink m = must_encode(tiff, &p, 0, true);
    struct memory_source s = memory_source(m.bytes, m.size);
    void *reader = open_page(&s, 0, &info);
    ck_assert(native(info.metadata, 274) && native(info.metadata, 271) && !native(info.metadata, 50000));
    ck_assert(info.metadata->x_resolution == 300 && info.width == 3);
    tiff->close(reader);
    metadata_clear(&other);
    free(m.bytes);
    free(p.samples);
}
END_TEST

SUITE(tiff_write)
{
    TCase *cases = tcase_create("tiff_write");

    suite_add_tcase(suite, cases);
    tcase_add_unchecked_fixture(cases, find_codec, NULL);
    if (!codec_named("tiff"))
        return;
    tcase_add_loop_test(cases, layouts_are_kept, 0, 2);
    tcase_add_test(cases, only_small_tiles_are_kept);
    tcase_add_loop_test(cases, jpeg_stays_jpeg, 0, 2);
    tcase_add_test(cases, a_wrong_checksum_is_noticed);
    tcase_add_loop_test(cases, alpha_keeps_its_place, 0, 2 * 3 * 3);
    tcase_add_loop_test(cases, every_page_is_a_picture, 0, 2);
    tcase_add_loop_test(cases, tags_are_carried, 0, 2);
    tcase_add_loop_test(cases, exif_blocks_become_tags, 0, 2);
}
