/* Pictures turned upright, pictures that go with those of another source, and what is told of pictures. */
#include "pictures.h"
#include "tiff_file.h"

/* ---- upright -------------------------------------------------------------------------------------------------------- */

/* The upright pixel (x, y) among the stored ones, by the definition of EXIF: where row 0 and column 0 belong. */
static size_t stored_at(unsigned orientation, size_t width, size_t height, size_t x, size_t y)
{
    bool on_side = orientation > 4;
    size_t column = on_side ? y : x, row = on_side ? x : y;
    switch (orientation) {
    case 2: /* top, right */
    case 8: /* left, bottom */
        return row * width + width - 1 - column;
    case 3: /* bottom, right */
    case 7: /* right, bottom */
        return (height - 1 - row) * width + width - 1 - column;
    case 4: /* bottom, left */
    case 6: /* right, top */
        return (height - 1 - row) * width + column;
    default: /* 1: top, left; 5: left, top */
        return row * width + column;
    }
}

enum { STORED_WIDTH = 37, STORED_HEIGHT = 23 };

static struct file make_turned(unsigned orientation, unsigned channels, unsigned char *samples)
{
    struct random r = {orientation};
    size_t n = (size_t)STORED_WIDTH * STORED_HEIGHT * channels;
    struct file f = make_file(false, STORED_WIDTH, STORED_HEIGHT, channels, 8);
    for (size_t i = 0; i < n; i++)
        samples[i] = (unsigned char)random_bits(&r);
    set(&f, 274, SHORT, orientation);
    complete(&f, samples, n);
    return f;
}

static void require_upright(const struct image *got, unsigned orientation, unsigned channels, const unsigned char *samples)
{
    size_t width = orientation > 4 ? STORED_HEIGHT : STORED_WIDTH, height = orientation > 4 ? STORED_WIDTH : STORED_HEIGHT;
    ck_assert_uint_eq(got->info.width, width);
    ck_assert_uint_eq(got->info.height, height);
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++)
            REQUIRE(memcmp(got->samples + (y * width + x) * channels,
                           samples + stored_at(orientation, STORED_WIDTH, STORED_HEIGHT, x, y) * channels, channels) == 0,
                    "orientation %u, %u channels: (%zu, %zu)", orientation, channels, x, y);
}

START_TEST(pictures_are_turned_upright)
{
    unsigned orientation = (unsigned)_i, channels = 1;
    struct picture_buffers buffers = {0};
    for (; channels <= 3; channels += 2) {
        unsigned char samples[STORED_WIDTH * STORED_HEIGHT * 3];
        struct file f = make_turned(orientation, channels, samples);
        struct watched w = watch(f.bytes, f.size);
        struct reading how = roomy;
        struct pictures p;
        how.auto_orient = true;
        must_open(&p, &w, &how, &buffers);
        must_select(&p, 0, true);
        ck_assert_uint_eq(pictures_orientation(&p), orientation);
        for (int pass = 0; pass < 2; pass++) {
            struct image got = must_read(&p.rows);
            require_upright(&got, orientation, channels, samples);
            free(got.samples);
            must_rewind(&p.rows);
        }
        pictures_close(&p);
    }
    picture_buffers_free(&buffers);
}
END_TEST

/* All rows as stored are held; without auto_orient they come as they are. */
START_TEST(turning_is_asked_for_and_counts)
{
    unsigned char samples[STORED_WIDTH * STORED_HEIGHT];
    struct file f = make_turned(6, 1, samples);
    struct watched w = watch(f.bytes, f.size);
    struct picture_buffers buffers = {0};
    struct reading how = roomy;
    struct pictures p;
    must_open(&p, &w, &how, &buffers);
    must_select(&p, 0, true);
    uint64_t held = p.rows.info.held + sizeof samples;
    struct image got = must_read(&p.rows);
    ck_assert_mem_eq(got.samples, samples, sizeof samples);
    free(got.samples);
    pictures_close(&p);

    how.auto_orient = true;
    how.memory = held;
    must_open(&p, &w, &how, &buffers);
    must_select(&p, 0, true);
    pictures_close(&p);
    picture_buffers_free(&buffers);
    how.memory = held - 1;
    require_no_pictures(&w, &how, 0, "turning it upright takes");
}
END_TEST

/* ---- beside --------------------------------------------------------------------------------------------------------- */

/* Two sources of PNM, the one beside the other. */
struct pair {
    struct opened leader, beside;
};

static void open_pair(struct pair *pair, const char *leader, const char *beside)
{
    must_open_bytes(&pair->leader, leader, strlen(leader));
    must_open_bytes(&pair->beside, beside, strlen(beside));
}

static void close_pair(struct pair *pair)
{
    close_opened(&pair->leader);
    close_opened(&pair->beside);
}

/* The first sample of what goes with that picture of the leader; 0, with `why`, if nothing does. */
static unsigned beside(struct pair *pair, size_t index, struct why *why)
{
    struct pictures *leader = &pair->leader.pictures, *beside = &pair->beside.pictures;
    struct picture_rows *rows = &beside->rows;
    struct rows band;
    must_select(leader, index, false);
    if (!pictures_select_beside(beside, leader, why))
        return 0;
    ck_assert_uint_eq(rows->band, leader->rows.band);
    REQUIRE(rows->read(rows, &band, why), "%s", why->text);
    return band.data[0];
}

START_TEST(one_picture_goes_with_all)
{
    struct pair pair;
    struct why why = {""};
    open_pair(&pair, "P5 1 1 255\naP5 1 1 255\nb", "P5 1 1 255\nx");
    ck_assert_uint_eq(beside(&pair, 0, &why), 'x');
    ck_assert_uint_eq(beside(&pair, 1, &why), 'x');
    ck_assert(pictures_end_beside(&pair.beside.pictures, 2, &why));
    close_pair(&pair);
}
END_TEST

START_TEST(several_pictures_go_one_with_each)
{
    struct pair pair;
    struct why why = {""}, more = {""};
    open_pair(&pair, "P5 1 1 255\naP5 1 1 255\nb", "P5 1 1 255\nxP5 1 1 255\nyP5 1 1 255\nz");
    ck_assert_uint_eq(beside(&pair, 0, &why), 'x');
    ck_assert_uint_eq(beside(&pair, 1, &why), 'y');
    ck_assert(!pictures_end_beside(&pair.beside.pictures, 2, &why));
    ck_assert_str_eq(why.text, "more pictures than the input, which has 2: expected one, or one for each");
    ck_assert(pictures_end_beside(&pair.beside.pictures, 3, &more));
    close_pair(&pair);
}
END_TEST

START_TEST(fewer_pictures_are_refused)
{
    struct pair pair;
    struct why why = {""};
    open_pair(&pair, "P5 1 1 255\naP5 1 1 255\nbP5 1 1 255\nc", "P5 1 1 255\nxP5 1 1 255\ny");
    ck_assert_uint_eq(beside(&pair, 1, &why), 'y');
    ck_assert_uint_eq(beside(&pair, 2, &why), 0);
    ck_assert_str_eq(why.text, "fewer pictures than the input has: expected one, or one for each");
    close_pair(&pair);
}
END_TEST

START_TEST(another_size_is_refused)
{
    struct pair pair;
    struct why why = {""};
    open_pair(&pair, "P5 2 1 255\nab", "P5 1 2 255\nxy");
    ck_assert_uint_eq(beside(&pair, 0, &why), 0);
    ck_assert_str_eq(why.text, "1 x 2 pixels: expected 2 x 1 as the picture has");
    close_pair(&pair);
}
END_TEST

/* ---- notes ---------------------------------------------------------------------------------------------------------- */

START_TEST(notes_are_told_once)
{
    unsigned char samples[STORED_WIDTH * STORED_HEIGHT];
    struct file f = make_turned(6, 1, samples);
    struct opened o;
    struct notes told = {0};
    must_open_bytes(&o, f.bytes, f.size);
    must_select(&o.pictures, 0, false);
    struct metadata *m = (struct metadata *)o.pictures.rows.info.metadata; /* as its reader would */
    metadata_note(m, NOTE_WARNING, "one");
    pictures_tell(&o.pictures, &told);
    metadata_note(m, NOTE_VERBOSE, "two");
    pictures_tell(&o.pictures, &told);
    ck_assert_uint_eq(told.n, 2);
    ck_assert_str_eq(told.item[0].text, "one");
    ck_assert(told.item[0].level == NOTE_WARNING && told.item[1].level == NOTE_VERBOSE);
    for (int i = 0; i < 20; i++) {
        metadata_clear(m);
        metadata_note(m, NOTE_WARNING, "number %d", i);
        pictures_tell(&o.pictures, &told);
    }
    ck_assert_uint_eq(told.n, READER_NOTES_MAX);
    close_opened(&o);
    notes_free(&told);
}
END_TEST

SUITE(pictures_beside)
{
    TCase *beside_case = tcase_create("beside"), *upright = tcase_create("upright");
    tcase_add_test(beside_case, one_picture_goes_with_all);
    tcase_add_test(beside_case, several_pictures_go_one_with_each);
    tcase_add_test(beside_case, fewer_pictures_are_refused);
    tcase_add_test(beside_case, another_size_is_refused);
    suite_add_tcase(suite, beside_case);
    tcase_add_checked_fixture(upright, find_codec, NULL);
    suite_add_tcase(suite, upright);
    if (!codec_named("tiff"))
        return;
    tcase_add_loop_test(upright, pictures_are_turned_upright, 1, 9);
    tcase_add_test(upright, turning_is_asked_for_and_counts);
    tcase_add_test(upright, notes_are_told_once);
}
