/* TIFF as it is read: files made by hand in both byte orders, what is refused, roles of pages. */
#include "tiff_file.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static void require_samples(const struct file *f, const void *want, size_t n, const char *what)
{
    struct image p = must_decode(what, f->bytes, f->size, 1);
    REQUIRE(image_bytes(&p.info) == n && memcmp(p.samples, want, n) == 0, "%s, %s: samples", what,
            f->big_endian ? "MM" : "II");
    free(p.samples);
}

START_TEST(both_byte_orders_are_read)
{
    for (int big = 0; big < 2; big++)
        for (uint32_t channels = 1; channels <= 5; channels += 2)
            for (size_t size = 1; size <= 4; size *= 2) {
                struct random r = {channels * 10 + size};
                unsigned char native[7 * 5 * 5 * 4], stored[sizeof native];
                size_t n = 7 * 5 * channels * size;
                const uint16_t one = 1;
                bool swap = (memcmp(&one, "\1", 1) == 0) == big;
                for (size_t i = 0; i < n; i++) {
                    native[i] = (unsigned char)random_bits(&r);
                    stored[swap ? i / size * size + size - 1 - i % size : i] = native[i];
                }
                struct file f = make_file(big, 7, 5, channels, (uint32_t)(8 * size));
                if (channels == 5)
                    set_all(&f, 338, SHORT, 2, 0);
                complete(&f, stored, n);
                require_samples(&f, native, n, "plain");
            }
}
END_TEST

START_TEST(few_bits_and_palettes_become_eight_bits)
{
    const unsigned char one[] = {0xa5, 0x80, 0x5a, 0x00}, four[] = {0x01, 0x9f};
    const unsigned char bits[] = {255, 0, 255, 0, 0, 255, 0, 255, 255, 0, 255, 0, 255, 255, 0, 255, 0, 0};
    const unsigned char grey[] = {0, 17, 153, 255}, white[] = {255, 238, 102, 0}, inverted[] = {254, 96};
    const unsigned char colours[] = {0, 16, 32, 1, 17, 33, 9, 25, 41, 15, 31, 47};
    for (int big = 0; big < 2; big++) {
        struct file f = make_file(big, 9, 2, 1, 1);
        complete(&f, one, 4);
        require_samples(&f, bits, sizeof bits, "1 bit");
        f = make_file(big, 4, 1, 1, 4);
        complete(&f, four, 2);
        require_samples(&f, grey, 4, "4 bits");
        set(&f, 262, SHORT, 0);
        complete(&f, four, 2);
        require_samples(&f, white, 4, "4 bits, MinIsWhite");
        set(&f, 262, SHORT, 3);
        struct tag *map = set(&f, 320, SHORT, 0);
        map->n = 48;
        for (uint32_t i = 0; i < 48; i++)
            map->value[i] = i << 8;
        complete(&f, four, 2);
        require_samples(&f, colours, 12, "palette");
        f = make_file(big, 2, 1, 1, 8);
        set(&f, 262, SHORT, 0);
        complete(&f, (const unsigned char[]){1, 159}, 2);
        require_samples(&f, inverted, 2, "8 bits, MinIsWhite");
    }
}
END_TEST

/* 9 to 15 bits are packed alike in both byte orders, the upper bits first; each row begins with a byte of its own. */
START_TEST(packed_bits_become_sixteen)
{
    enum { WIDTH = 7, HEIGHT = 3, CHANNELS = 3, N = WIDTH * HEIGHT * CHANNELS };
    const uint32_t bits = 9 + (uint32_t)_i / 8;
    const bool big = _i & 1, planar = _i & 2, reversed = _i & 4;
    struct random r = {(uint64_t)_i};
    uint16_t want[N];
    unsigned char stored[2 * N] = {0};
    size_t n = 0, line = planar ? WIDTH : WIDTH * CHANNELS, bytes = (line * bits + 7) / 8;
    for (size_t y = 0; y < N / line; y++, n += bytes)
        for (size_t i = 0; i < line; i++) {
            want[y * line + i] = (uint16_t)random_below(&r, (size_t)1 << bits);
            for (uint32_t b = 0; b < bits; b++) {
                size_t at = i * bits + b, place = reversed ? at % 8 : 7 - at % 8;
                unsigned bit = want[y * line + i] >> (bits - 1 - b) & 1u;
                stored[n + at / 8] = (unsigned char)(stored[n + at / 8] | bit << place);
            }
        }
    struct file f = make_file(big, WIDTH, HEIGHT, CHANNELS, bits);
    set(&f, 266, SHORT, reversed ? 2 : 1);
    set(&f, 284, SHORT, planar ? 2 : 1);
    set(&f, 279, LONG, (uint32_t)n);
    complete(&f, stored, n);
    if (planar) {
        struct tag *at = set(&f, 273, LONG, 1000), *count = set(&f, 279, LONG, (uint32_t)n / CHANNELS);
        at->n = count->n = CHANNELS;
        for (uint32_t c = 1; c < CHANNELS; c++) {
            count->value[c] = count->value[0];
            at->value[c] = at->value[c - 1] + count->value[0];
        }
        put_directory(&f, 8, f.tags, f.n);
        memcpy(f.bytes + 1000, stored, n);
        f.size = 1000 + n;
    }
    struct image p = must_decode("packed bits", f.bytes, f.size, 2);
    ck_assert(p.info.sample == SAMPLE_U16 && p.info.depth == bits && p.info.planar == planar);
    ck_assert(p.info.unit == (double)((1u << bits) - 1));
    ck_assert_msg(memcmp(p.samples, want, sizeof want) == 0, "%u bits: samples", bits);
    free(p.samples);
}
END_TEST

static void put_bits(unsigned char *to, const char *bits, bool reversed)
{
    size_t n = 0;
    for (; *bits; bits++)
        if (*bits != ' ') {
            if (*bits == '1')
                to[n / 8] = (unsigned char)(to[n / 8] | 1u << (reversed ? n % 8 : 7 - n % 8));
            n++;
        }
}

/* A white row, a half white one and a black one, by the tables of ITU-T T.4 and T.6. */
START_TEST(fax_is_read)
{
    static const struct {
        uint32_t compression;
        const char *bits;
    } coded[] = {{2, "10011 000  1011 011 0  00110101 000101"},
                 {3, "000000000001 10011  000000000001 1011 011  000000000001 00110101 000101"},
                 {4, "1  001 1011 011  001 00110101 000101  000000000001 000000000001"}};
    const bool reversed = _i & 1, white = _i & 2;
    unsigned char data[16] = {0}, want[24];
    for (size_t i = 0; i < sizeof want; i++)
        want[i] = (i / 8 == 0 || (i / 8 == 1 && i % 8 < 4)) == white ? 255 : 0;
    put_bits(data, coded[_i / 4].bits, reversed);
    for (int big = 0; big < 2; big++) {
        struct file f = make_file(big, 8, 3, 1, 1);
        set(&f, 259, SHORT, coded[_i / 4].compression);
        set(&f, 262, SHORT, white ? 0 : 1);
        set(&f, 266, SHORT, reversed ? 2 : 1);
        set(&f, 279, LONG, sizeof data);
        complete(&f, data, sizeof data);
        require_samples(&f, want, sizeof want, "fax");
    }
}
END_TEST

START_TEST(extra_samples_tell_alpha)
{
    const enum alpha want[] = {ALPHA_NONE, ALPHA_PREMULTIPLIED, ALPHA_STRAIGHT};
    const unsigned char samples[8] = {0};
    for (uint32_t extra = 0; extra < 3; extra++)
        for (uint32_t channels = 2; channels <= 4; channels += 2) {
            struct file f = make_file(false, 2, 1, channels, 8);
            set(&f, 338, SHORT, extra);
            complete(&f, samples, 2 * channels);
            struct image p = must_decode("alpha", f.bytes, f.size, 0);
            ck_assert(p.info.alpha == want[extra] && p.info.channels == channels);
            free(p.samples);
        }
}
END_TEST

/* ---- what is refused ---------------------------------------------------------------------------------------------- */

static const struct {
    uint32_t channels, bits;
    uint16_t tag, value;
    const char *says;
} refused[] = {
    {3, 8, 262, 5, "expected at least 4"},
    {3, 8, 262, 8, "L*a*b*"},
    {3, 8, 262, 6, "YCbCr"},
    {1, 8, 262, 32803, "camera raw is not supported: develop"},
    {3, 8, 262, 99, "interpretation 99"},
    {1, 24, 339, 2, "24-bit signed integers is not supported, expected 8, 16 or 32 bits"},
    {1, 64, 339, 1, "64-bit integers is not supported, expected at most 16, or 32"},
    {1, 64, 339, 2, "64-bit signed integers"},
    {1, 64, 339, 6, "complex"},
    {1, 24, 339, 1, "24-bit integers"},
    {1, 12, 317, 2, "predictor 2 of 12-bit"},
    {1, 12, 259, 7, "JPEG with 12 bits"},
    {1, 24, 339, 3, "24-bit floats is not supported, expected 16, 32 or 64 bits"},
    {1, 1, 259, 34661, "JBIG"},
    {1, 8, 259, 34712, "JPEG 2000"},
    {1, 8, 259, 6, "old-style JPEG"},
    {1, 8, 259, 12345, "12345"},
    {1, 8, 256, 0, "zero"},
    {5, 8, 50706, 1, "camera raw (DNG) is not supported: develop"},
};

START_TEST(what_is_not_supported_is_named)
{
    unsigned char samples[256] = {0};
    struct file f = make_file(_i % 2, 3, 2, refused[_i].channels, refused[_i].bits);
    struct image p;
    struct why why = {""};
    set(&f, refused[_i].tag, SHORT, refused[_i].value);
    if (refused[_i].tag == 317)
        set(&f, 259, SHORT, LZW);
    if (refused[_i].tag == 50706)
        set_all(&f, 50706, BYTE, 4, 1);
    if (refused[_i].tag == 339)
        set_all(&f, 339, SHORT, refused[_i].channels, refused[_i].value);
    complete(&f, samples, 6 * refused[_i].channels * 8);
    ck_assert(!image_from(f.bytes, f.size, &p, &why));
    ck_assert_msg(strstr(why.text, refused[_i].says) != NULL, "'%s', expected %s", why.text, refused[_i].says);
}
END_TEST

/* As a camera writes them: a small copy first, by old-style JPEG that libtiff stumbles over, and SubIFDs with the sensor.
 */
static struct file camera_file(const char *make, uint32_t subfile)
{
    struct file f = make_file(false, 4, 2, 1, 8);
    set(&f, 254, LONG, subfile);
    set(&f, 259, SHORT, 6);
    set(&f, 330, LONG, 8);
    struct tag *t = set(&f, 271, ASCII, 0);
    t->n = (uint32_t)strlen(make) + 1;
    for (uint32_t i = 0; i < t->n; i++)
        t->value[i] = (unsigned char)make[i];
    complete(&f, "01234567", 8);
    return f;
}

static const char *refusal(const struct file *f)
{
    static struct why why;
    struct image p;
    why = (struct why){""};
    ck_assert(!image_from(f->bytes, f->size, &p, &why));
    return why.text;
}

START_TEST(cameras_are_named_before_libtiff_is_asked)
{
    const struct {
        const char *make, *says;
    } cases[] = {{"NIKON CORPORATION", "camera raw (NEF) is not"},
                 {"SONY", "camera raw (ARW) is not"},
                 {"Phase", "camera raw is not"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct file f = camera_file(cases[i].make, 1);
        ck_assert_msg(strstr(refusal(&f), cases[i].says), "%s: %s", cases[i].make, refusal(&f));
        f = camera_file(cases[i].make, 0); /* a plain TIFF of a camera's software */
        ck_assert_msg(!strstr(refusal(&f), "camera"), "%s: %s", cases[i].make, refusal(&f));
    }
    struct file f = make_file(false, 1, 1, 1, 8);
    complete(&f, "a", 1);
    memmove(f.bytes + 16, f.bytes + 8, f.size);
    memcpy(f.bytes + 8, "CR\2\0\0\0\0\0", 8);
    put(&f, 4, 16, 4);
    f.size += 8;
    ck_assert_msg(strstr(refusal(&f), "camera raw is not"), "%s", refusal(&f));
    /* Where the first directory is elsewhere, these are samples. */
    memmove(f.bytes + 24, f.bytes + 16, f.size);
    put(&f, 4, 24, 4);
    ck_assert_msg(!strstr(refusal(&f), "camera"), "%s", refusal(&f));
}
END_TEST

START_TEST(every_prefix_is_refused)
{
    const unsigned char samples[24] = {1, 2, 3};
    struct file f = make_file(false, 4, 2, 3, 8);
    complete(&f, samples, sizeof samples);
    for (size_t n = 0; n < f.size; n++) {
        struct image p;
        struct why why = {""};
        REQUIRE(!image_from(f.bytes, n, &p, &why) && why.text[0], "%zu of %zu bytes are taken", n, f.size);
    }
}
END_TEST

/* A strip as long as the picture is no reason to hold it. */
START_TEST(strips_are_streamed)
{
    static const unsigned char samples[7200];
    for (int deflate = 0; deflate < 2; deflate++) {
        struct file f = make_file(false, deflate ? 1500 : 60, deflate ? 1500 : 40, 3, 8);
        struct picture_info info;
        set(&f, 259, SHORT, deflate ? DEFLATE : NONE);
        complete(&f, samples, sizeof samples);
        struct memory_source s = memory_source(f.bytes, f.size);
        void *reader = open_page(&s, 0, &info);
        ck_assert(info.held <= (deflate ? 1 << 17 : 0) && !info.replays);
        tiff->close(reader);
    }
}
END_TEST

/* ---- tags that are none of libtiff's business ---------------------------------------------------------------------- */

/* What cannot be read, and no sample depends on: tags without meaning, a profile, a description, orientation, SubIFDs. */
START_TEST(broken_tags_of_others_do_no_harm)
{
    const struct {
        uint32_t tag, type, count, value;
    } broken[] = {{65000, SHORT, 0, 0},          {65000, 99, 1, 0},
                  {65000, SHORT, 0x7fffffff, 8}, {65000, LONG, 1000, 0x7000},
                  {65000, ASCII, 5, 0},          {34675, UNDEFINED, 5000, 100},
                  {270, ASCII, 100, 0xfffffff0}, {34665, LONG, 1, 0x7000},
                  {700, BYTE, 0xffffffff, 8},    {274, SHORT, 1, 0},
                  {330, LONG, 3, 0x7000},        {333, ASCII, 9, 0x7000}};
    for (size_t i = 0; i < 2 * sizeof broken / sizeof *broken; i++) {
        struct file f = make_file(i % 2, 3, 1, 1, 8);
        size_t at = 0;
        set(&f, (uint16_t)broken[i / 2].tag, SHORT, 0);
        complete(&f, "abc", 3);
        while (f.tags[at].tag != broken[i / 2].tag)
            at++;
        put(&f, 8 + 2 + 12 * at + 2, broken[i / 2].type, 2);
        put(&f, 8 + 2 + 12 * at + 4, broken[i / 2].count, 4);
        put(&f, 8 + 2 + 12 * at + 8, broken[i / 2].value, 4);
        require_samples(&f, "abc", 3, "a broken tag");
    }
}
END_TEST

/* 64 pages, each with 4,000 tags that nobody knows: libtiff's own time grows with their square. */
START_TEST(many_tags_take_little_time)
{
    enum { PAGES = 64, TAGS = 4000, DIRECTORY = 2 + 12 * TAGS + 4 };
    struct file first = make_file(false, 1, 1, 1, 8);
    size_t own = first.n, size = 8 + PAGES * DIRECTORY;
    unsigned char *bytes = must_alloc(size);
    struct picture_info info;
    complete(&first, "", 0);
    memset(bytes, 0, size);
    memcpy(bytes, first.bytes, 8);
    for (size_t page = 0; page < PAGES; page++) {
        unsigned char *at = bytes + 8 + page * DIRECTORY;
        uint32_t next = page + 1 < PAGES ? (uint32_t)(8 + (page + 1) * DIRECTORY) : 0;
        memcpy(at, (const unsigned char[]){TAGS & 255, TAGS >> 8}, 2);
        memcpy(at + 2, first.bytes + 10, 12 * own);
        for (size_t i = own; i < TAGS / 2; i++)
            memcpy(at + 2 + 12 * i, (const unsigned char[]){(unsigned char)i, (unsigned char)(0xa0 + i / 256), SHORT, 0, 1},
                   5);
        for (size_t i = TAGS / 2; i < TAGS; i++) /* pointers to EXIF data, all to the first page: followed once */
            memcpy(at + 2 + 12 * i, (const unsigned char[]){0x69, 0x87, 4, 0, 1, 0, 0, 0, 8}, 9);
        for (size_t b = 0; b < 4; b++)
            at[2 + 12 * TAGS + b] = (unsigned char)(next >> 8 * b);
    }
    struct memory_source s = memory_source(bytes, size);
    clock_t start = clock();
    void *reader = open_page(&s, PAGES - 1, &info);
    REQUIRE((double)(clock() - start) / CLOCKS_PER_SEC < 2, "%.1f s", (double)(clock() - start) / CLOCKS_PER_SEC);
    ck_assert_uint_ge(info.metadata->n, TAGS - own); /* of the page and its EXIF data, */
    ck_assert_uint_lt(info.metadata->n, TAGS);       /* once */
    tiff->close(reader);
    free(bytes);
}
END_TEST

/* ---- pages ------------------------------------------------------------------------------------------------------- */

/* A directory that leads to itself. */
START_TEST(loops_end)
{
    struct file f = make_file(false, 2, 1, 1, 8);
    struct picture_info info;
    struct why why = {""};
    complete(&f, "ab", 2);
    put(&f, 8 + 2 + 12 * f.n, 8, 4);
    struct memory_source s = memory_source(f.bytes, f.size);
    void *reader = open_page(&s, 0, &info);
    size_t i = 1;
    while (i < 10 && tiff->select(reader, i, &info, &why) == SELECT_OK)
        i++;
    ck_assert_msg(i == 1 && why.text[0] != '\0', "%zu pages, '%s'", i, why.text);
    tiff->close(reader);
}
END_TEST

/* Two pages, the first plain, of which the second is a smaller one, a mask, or a slide's photograph. */
START_TEST(small_pages_have_a_role)
{
    const struct {
        uint32_t subfile, channels;
        enum page_role role;
    } cases[] = {{0, 1, PAGE_FULL}, {1, 1, PAGE_REDUCED}, {1, 3, PAGE_COPIED}, {4, 1, PAGE_COPIED}, {9, 1, PAGE_COPIED}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct file f = make_file(false, 2, 1, 1, 8), next = make_file(false, 1, 1, cases[i].channels, 8);
        struct picture_info info;
        struct why why = {""};
        complete(&f, "ab", 2);
        set(&next, 254, LONG, cases[i].subfile);
        set(&next, 273, LONG, 8);
        put(&f, 8 + 2 + 12 * f.n, 400, 4);
        memcpy(next.bytes, f.bytes, f.size);
        f.size = put_directory(&next, 400, next.tags, next.n);
        struct memory_source s = memory_source(next.bytes, f.size);
        void *reader = open_page(&s, 0, &info);
        ck_assert(info.role == PAGE_FULL);
        ck_assert_msg(tiff->select(reader, 1, &info, &why) == SELECT_OK, "%s", why.text);
        ck_assert_msg(info.role == cases[i].role, "%zu: %d", i, info.role);
        ck_assert(tiff->select(reader, 2, &info, &why) == SELECT_END);
        tiff->close(reader);
    }
}
END_TEST

SUITE(tiff)
{
    TCase *cases = tcase_create("tiff");

    suite_add_tcase(suite, cases);
    tcase_add_unchecked_fixture(cases, find_codec, NULL);
    if (!codec_named("tiff"))
        return;
    tcase_add_test(cases, both_byte_orders_are_read);
    tcase_add_test(cases, few_bits_and_palettes_become_eight_bits);
    tcase_add_loop_test(cases, packed_bits_become_sixteen, 0, 7 * 8);
    tcase_add_loop_test(cases, fax_is_read, 0, 3 * 4);
    tcase_add_test(cases, extra_samples_tell_alpha);
    ADD_EACH(cases, what_is_not_supported_is_named, refused);
    tcase_add_test(cases, cameras_are_named_before_libtiff_is_asked);
    tcase_add_test(cases, every_prefix_is_refused);
    tcase_add_test(cases, strips_are_streamed);
    tcase_add_test(cases, broken_tags_of_others_do_no_harm);
    tcase_add_test(cases, many_tags_take_little_time);
    tcase_add_test(cases, loops_end);
    tcase_add_test(cases, small_pages_have_a_role);
}
