/* NPY files: headers that NumPy and others write and those that are refused, byte orders, samples of [N,C,H,W]. */
#include "codec/codec.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct codec codec_npy;

static const struct limits few = {.max_pixels = 1}; /* pixels: NPY does not count them */

/* ---- files ------------------------------------------------------------------------------------------------------ */

/* A file of the version with the header text as it is, `data` behind it. Its bytes are exactly as many, for the sanitizer.
 */
static struct memory_source make_file(int version, const char *text, size_t text_bytes, const void *data, size_t data_bytes)
{
    size_t start = version == 1 ? 10 : 12, size = start + text_bytes + data_bytes;
    unsigned char *bytes = must_alloc(size);
    memcpy(bytes, "\x93NUMPY", 6);
    bytes[6] = (unsigned char)version;
    bytes[7] = 0;
    for (size_t i = 8; i < start; i++)
        bytes[i] = (unsigned char)(text_bytes >> 8 * (i - 8));
    memcpy(bytes + start, text, text_bytes);
    if (data_bytes > 0)
        memcpy(bytes + start + text_bytes, data, data_bytes);
    return memory_source(bytes, size);
}

static void free_file(struct memory_source *m)
{
    free((unsigned char *)m->bytes);
}

/* Reads every picture of the file, one behind the other into `to` (room bytes); false with the reason. */
static bool read_all(struct memory_source *m, unsigned char *to, size_t room, struct picture_info *info, struct why *why)
{
    void *reader = codec_npy.open(&m->source, &few, why);
    enum selected selected = reader ? SELECT_OK : SELECT_ERROR;
    for (size_t i = 0; selected == SELECT_OK && (selected = codec_npy.select(reader, i, info, why)) == SELECT_OK; i++) {
        size_t bytes = image_bytes(info);
        struct rows rows = rows_planar(to, info->sample, info->channels, info->width, info->height);
        REQUIRE(bytes <= room, "%zu x %zu x %u do not fit", info->width, info->height, info->channels);
        selected = codec_npy.read(reader, &rows, why) ? SELECT_OK : SELECT_ERROR;
        to += bytes;
        room -= bytes;
    }
    if (reader)
        codec_npy.close(reader);
    REQUIRE((selected == SELECT_END) == (why->text[0] == '\0'), "'%s'", why->text);
    return selected == SELECT_END;
}

/* ---- headers ---------------------------------------------------------------------------------------------------- */

#define SHAPE "'shape': (2, 3), }"

/* Each of an array of 2 x 3 bytes. */
static const char *const fine[] = {
    "{'descr': '|u1', 'fortran_order': False, " SHAPE "          \n",
    "{'descr': '<u1', 'fortran_order': False, " SHAPE "\n",
    "{'descr': '>u1', 'fortran_order': False, " SHAPE,
    "{'descr': '=u1', 'fortran_order': False, " SHAPE,
    "{'shape': (2, 3), 'fortran_order': False, 'descr': '|u1'}",
    "{'fortran_order': False, 'shape': (2, 3), 'descr': '|u1', }",
    "{'descr':'|u1','fortran_order':False,'shape':(2,3)}",
    "{'descr' : '|u1' , 'fortran_order' : False , 'shape' : ( 2 , 3 , ) , }",
    "{'descr':\n'|u1',\n'fortran_order':\nFalse,\n'shape':\n(2,\n3),\n}\n",
    "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2, 3), }\n",
    "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 2, 3), }\n",
    "{'descr': '|u1', 'fortran_order': False, 'shape': (0002, 03), }\n",
};

START_TEST(headers_of_all_manners_are_read)
{
    const unsigned char data[] = {1, 2, 3, 4, 5, 6};
    for (int version = 1; version <= 3; version++)
        for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
            struct memory_source m = make_file(version, fine[i], strlen(fine[i]), data, sizeof data);
            struct picture_info info;
            struct why why = {""};
            unsigned char got[6];
            REQUIRE(codec_sniff(m.bytes, 16) == &codec_npy, "not known: %s", fine[i]);
            REQUIRE(read_all(&m, got, sizeof got, &info, &why), "%s: %s", fine[i], why.text);
            REQUIRE(info.width == 3 && info.height == 2 && info.channels == 1, "%s", fine[i]);
            REQUIRE(info.sample == SAMPLE_U8 && info.unit == 1 && info.alpha == ALPHA_NONE && info.planar, "%s", fine[i]);
            REQUIRE(memcmp(got, data, sizeof got) == 0, "%s: the samples differ", fine[i]);
            free_file(&m);
        }
}
END_TEST

static const struct {
    const char *text, *reason;
} refused[] = {
    {"{'descr': '<f4', 'fortran_order': True, " SHAPE, "Fortran order"},
    {"{'descr': '<f4', 'fortran_order': Maybe, " SHAPE, "malformed"},
    {"{'descr': '<f4', 'fortran_order' False, " SHAPE, "malformed"},
    {"{'descr': '<f4', " SHAPE, "malformed"},
    {"  \n", "malformed"},
    {"{}", "malformed"},
    {"{'fortran_order': False, " SHAPE, "one number type"},
    {"{'descr': [('a', '<f4'), ('b', '<u1')], 'fortran_order': False, " SHAPE, "one number type"},
    {"{'descr': 'f4', 'fortran_order': False, " SHAPE, "one number type"},
    {"{'descr': '<i3', 'fortran_order': False, " SHAPE, "<i3"},
    {"{'descr': '<M8', 'fortran_order': False, " SHAPE, "<M8"},
    {"{'descr': '<c8', 'fortran_order': False, " SHAPE, "<c8"},
    {"{'descr': '<f16', 'fortran_order': False, " SHAPE, "<f16"},
    {"{'descr': '<f', 'fortran_order': False, " SHAPE, "expected bool, an integer, float16, float32 or float64"},
    {"{'descr': '|O', 'fortran_order': False, " SHAPE, "|O"},
    {"{'fortran_order': False, 'descr': '", "NPY"},
    {"{'fortran_order': False, 'descr': '<", "NPY"},
    {"{'fortran_order': False, 'descr': '<f4", "NPY"},
    {"{'descr': '<f4', 'fortran_order': False, }", "without a shape"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': 5, }", "without a shape"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (), }", "0 dimensions"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (5,), }", "1 dimension,"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 4, 5, 6), }", "more than 4 dimensions"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (0, 3), }", "dimension 0"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2, 0), }", "dimension 0"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, -3), }", "malformed shape"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3.5), }", "malformed shape"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3", "malformed shape"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (2, x), }", "malformed shape"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 18446744073709551615), }", "address space"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 18446744073709551617), }", "address space"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", "address space"},
    {"{'descr': '|u1', 'fortran_order': False, 'shape': (65536, 65536, 65536, 65536), }", "address space"},
    {"{'descr': '|u1', 'fortran_order': False, 'shape': (4294967296, 1, 1), }", "channels"},
};

static void require_reason(struct memory_source *m, const char *text, const char *reason)
{
    struct why why = {""};
    void *reader = codec_npy.open(&m->source, &few, &why);
    REQUIRE(!reader, "taken: %s", text);
    REQUIRE(strstr(why.text, reason), "%s: '%s' without '%s'", text, why.text, reason);
}

START_TEST(other_arrays_are_refused_by_name)
{
    for (int version = 1; version <= 3; version++)
        for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
            struct memory_source m = make_file(version, refused[i].text, strlen(refused[i].text), NULL, 0);
            require_reason(&m, refused[i].text, refused[i].reason);
            free_file(&m);
        }
    for (int version = 0; version < 256; version += version == 0 ? 4 : 63) {
        struct memory_source m = make_file(version, fine[0], strlen(fine[0]), "123456", 6);
        require_reason(&m, "version", "expected 1 to 3");
        free_file(&m);
    }
}
END_TEST

/* Arrays of at least 16 rows and columns whose last dimension is 3 or 4 are pictures as [H,W,C], most likely. */
START_TEST(colours_last_are_warned_of)
{
    static const struct {
        const char *shape;
        bool warned;
    } shapes[] = {{"(16, 16, 3)", true},  {"(16, 17, 4)", true},  {"(16, 16, 5)", false},
                  {"(15, 16, 3)", false}, {"(16, 15, 3)", false}, {"(3, 16, 16)", false}};
    static const unsigned char zeros[16 * 17 * 5];
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        char text[128];
        struct picture_info info;
        struct why why = {""};
        snprintf(text, sizeof text, "{'descr': '|u1', 'fortran_order': False, 'shape': %s, }", shapes[i].shape);
        struct memory_source m = make_file(1, text, strlen(text), zeros, sizeof zeros);
        void *reader = codec_npy.open(&m.source, &few, &why);
        ck_assert_msg(reader && codec_npy.select(reader, 0, &info, &why) == SELECT_OK, "%s: %s", shapes[i].shape, why.text);
        const struct notes *notes = &info.metadata->notes;
        REQUIRE(notes->n == shapes[i].warned, "%s: %zu notes", shapes[i].shape, notes->n);
        REQUIRE(notes->n == 0 || (notes->item[0].level == NOTE_WARNING && strstr(notes->item[0].text, "add --layout hwc")),
                "%s: '%s'", shapes[i].shape, notes->item[0].text);
        codec_npy.close(reader);
        free_file(&m);
    }
}
END_TEST

/* A dictionary that ends too early, in a file that does not. */
START_TEST(cut_dictionaries_are_refused)
{
    const char whole[] = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3)";
    for (size_t n = 0; n < sizeof whole - 1; n++) {
        struct memory_source m = make_file(2, whole, n, NULL, 0);
        require_reason(&m, "cut", "NPY");
        free_file(&m);
    }
}
END_TEST

START_TEST(long_headers_have_a_limit)
{
    char *text = must_alloc(65537);
    unsigned char got[6];
    for (size_t n = 65535; n <= 65537; n++) {
        memset(text, ' ', n);
        memcpy(text, fine[0], strlen(fine[0]) - 1);
        struct memory_source m = make_file(n == 65535 ? 1 : 3, text, n, "123456", 6);
        struct picture_info info;
        struct why why = {""};
        if (n <= 65536)
            REQUIRE(read_all(&m, got, sizeof got, &info, &why) && memcmp(got, "123456", 6) == 0, "%zu: %s", n, why.text);
        else
            require_reason(&m, "too long", "header of 65537 bytes");
        free_file(&m);
    }
    free(text);
}
END_TEST

START_TEST(every_prefix_of_each_type_is_refused)
{
    static const char *const type[] = {"|u1", ">u2", "<f2", ">f4", "<f8"};
    const size_t size[] = {1, 2, 2, 4, 8};
    unsigned char data[24 * 8] = {0}, got[24 * 8];
    for (size_t t = 0; t < 5; t++)
        for (int version = 1; version <= 3; version++) {
            char text[128];
            snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': (2, 3, 2, 2), }\n", type[t]);
            struct memory_source m = make_file(version, text, strlen(text), data, 24 * size[t]);
            struct picture_info info;
            struct why why = {""};
            REQUIRE(read_all(&m, got, sizeof got, &info, &why), "%s: %s", text, why.text);
            for (size_t n = m.size; n-- > 0;) {
                struct memory_source part = memory_source(m.bytes, n);
                why.text[0] = '\0';
                REQUIRE(!read_all(&part, got, sizeof got, &info, &why), "%s: the first %zu bytes are taken", text, n);
                REQUIRE(strcmp(why.text, "truncated") == 0, "%s, %zu bytes: '%s'", text, n, why.text);
            }
            free_file(&m);
        }
}
END_TEST

/* Of arrays the file itself is the limit, whatever the header says: no memory is asked for before the samples are there. */
START_TEST(huge_headers_need_a_huge_file)
{
    static const char *const shape[] = {"(1000000, 1000000)", "(4294967295, 1, 1)", "(1, 16777216, 1, 65536)",
                                        "(1000000000000, 1, 1, 1)", "(1, 1, 2)"};
    for (size_t i = 0; i < sizeof shape / sizeof *shape; i++) {
        char text[128];
        snprintf(text, sizeof text, "{'descr': '|u1', 'fortran_order': False, 'shape': %s, }\n", shape[i]);
        struct memory_source m = make_file(1, text, strlen(text), "1", 1);
        require_reason(&m, text, "truncated");
        free_file(&m);
    }
}
END_TEST

/* ---- samples ---------------------------------------------------------------------------------------------------- */

/* The same numbers in both byte orders, and what they are in memory. */
static const struct {
    const char *type;
    size_t size;
    unsigned char little[2][8];
    enum sample sample;
    double value[2];
} numbers[] = {
    {"u1", 1, {{7}, {250}}, SAMPLE_U8, {7, 250}},
    {"u2", 2, {{0x34, 0x12}, {0xff, 0x00}}, SAMPLE_U16, {0x1234, 255}},
    {"f2", 2, {{0x00, 0x3e}, {0x01, 0x80}}, SAMPLE_F16, {1.5, -0x1p-24}},
    {"f4", 4, {{0xdb, 0x0f, 0x49, 0x40}, {0, 0, 0x80, 0xc7}}, SAMPLE_F32, {0x1.921fb6p1, -65536}},
    {"f8", 8, {{0, 0, 0, 0, 0, 0, 0xf0, 0x3f}, {0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0xbf}}, SAMPLE_F64, {1, -0.1}},
    {"b1", 1, {{1}, {2}}, SAMPLE_BOOL, {1, 1}},
    {"i1", 1, {{7}, {250}}, SAMPLE_I8, {7, -6}},
    {"i2", 2, {{0x34, 0x12}, {0xfe, 0xff}}, SAMPLE_I16, {0x1234, -2}},
    {"i4", 4, {{0x78, 0x56, 0x34, 0x12}, {0xfe, 0xff, 0xff, 0xff}}, SAMPLE_I32, {0x12345678, -2}},
    {"u4", 4, {{0x78, 0x56, 0x34, 0x12}, {0xfe, 0xff, 0xff, 0xff}}, SAMPLE_U32, {0x12345678, 4294967294.}},
    {"i8",
     8,
     {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f}, {1, 0, 0, 0, 0, 0, 0xe0, 0xff}},
     SAMPLE_F64,
     {0x1p53 - 1, 1 - 0x1p53}},
    {"u8", 8, {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f}, {1}}, SAMPLE_F64, {0x1p53 - 1, 1}},
};

START_TEST(both_byte_orders_are_read)
{
    for (size_t t = 0; t < sizeof numbers / sizeof *numbers; t++)
        for (int big = 0; big < 2; big++) {
            size_t size = numbers[t].size;
            unsigned char data[16], got[16];
            char text[128];
            for (size_t i = 0; i < 2 * size; i++)
                data[i] = numbers[t].little[i / size][big ? size - 1 - i % size : i % size];
            snprintf(text, sizeof text, "{'descr': '%c%s', 'fortran_order': False, 'shape': (2, 1), }", big ? '>' : '<',
                     numbers[t].type);
            struct memory_source m = make_file(1, text, strlen(text), data, 2 * size);
            struct picture_info info;
            struct why why = {""};
            REQUIRE(read_all(&m, got, sizeof got, &info, &why), "%s: %s", text, why.text);
            REQUIRE(info.sample == numbers[t].sample && info.depth == 8 * size, "%s", text);
            for (size_t i = 0; i < 2; i++) {
                double is = sample_value(got + i * sample_size(info.sample), info.sample);
                REQUIRE(is == numbers[t].value[i], "%s: %.17g", text, is);
            }
            free_file(&m);
        }
}
END_TEST

/* Samples of 3 x 2 x 4 floats, each float its own index in the array, read forward, backward, in parts and again. */
START_TEST(each_sample_of_a_batch_can_be_selected)
{
    enum { N = 5, C = 3, H = 2, W = 4, ALL = C * H * W };
    const char text[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (5, 3, 2, 4), }\n";
    const size_t order[] = {0, 1, 4, 4, 2, 0, 3};
    float data[N * ALL], got[ALL];
    for (size_t i = 0; i < N * ALL; i++)
        data[i] = (float)i;
    struct memory_source m = make_file(1, text, sizeof text - 1, data, sizeof data);
    struct picture_info info;
    struct why why = {""};
    void *reader = codec_npy.open(&m.source, &few, &why);
    ck_assert_msg(reader != NULL, "%s", why.text);
    struct rows whole = rows_planar(got, SAMPLE_F32, C, W, H), first = rows_part(&whole, 0, 1),
                rest = rows_part(&whole, 1, 1);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        ck_assert(codec_npy.select(reader, order[i], &info, &why) == SELECT_OK);
        ck_assert(info.width == W && info.height == H && info.channels == C && info.dimensions == 4);
        ck_assert(codec_npy.read(reader, &first, &why));
        if (i % 2 == 0) { /* once more, from the top */
            ck_assert(codec_npy.select(reader, order[i], &info, &why) == SELECT_OK);
            ck_assert(codec_npy.read(reader, &first, &why));
        }
        ck_assert(codec_npy.read(reader, &rest, &why));
        ck_assert(memcmp(got, data + order[i] * ALL, sizeof got) == 0);
        ck_assert(codec_npy.select(reader, N + i, &info, &why) == SELECT_END);
    }
    codec_npy.close(reader);
    free_file(&m);
}
END_TEST

/* [H,W,C] and [N,H,W,C] are rows of pixels, read in parts; the order must be that of the dimensions. */
START_TEST(channels_may_be_last)
{
    enum { N = 2, C = 3, H = 4, W = 5, ALL = C * H * W };
    static const char *const shape[] = {"(4, 5, 3)", "(2, 4, 5, 3)"};
    const enum channel_order order[] = {ORDER_HWC, ORDER_NHWC};
    unsigned char data[N * ALL], got[ALL];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)i;
    for (int k = 0; k < 2; k++) {
        char text[128];
        struct limits limits = {.channel_order = order[k]};
        struct picture_info info;
        struct why why = {""};
        snprintf(text, sizeof text, "{'descr': '|u1', 'fortran_order': False, 'shape': %s, }", shape[k]);
        struct memory_source m = make_file(1, text, strlen(text), data, sizeof data);
        void *reader = codec_npy.open(&m.source, &limits, &why);
        ck_assert_msg(reader != NULL, "%s", why.text);
        for (size_t n = 0; n <= (size_t)k; n++) {
            ck_assert(codec_npy.select(reader, n, &info, &why) == SELECT_OK && info.channels_last && !info.planar);
            ck_assert(info.width == W && info.height == H && info.channels == C && info.dimensions == 3u + (unsigned)k);
            struct rows whole = rows_interleaved(got, SAMPLE_U8, C, W, H), first = rows_part(&whole, 0, 3),
                        rest = rows_part(&whole, 3, 1);
            ck_assert(codec_npy.read(reader, &first, &why) && codec_npy.read(reader, &rest, &why));
            ck_assert(memcmp(got, data + n * ALL, ALL) == 0);
        }
        ck_assert(codec_npy.select(reader, (size_t)k + 1, &info, &why) == SELECT_END);
        codec_npy.close(reader);
        limits.channel_order = order[1 - k];
        ck_assert(!codec_npy.open(&m.source, &limits, &why));
        ck_assert_msg(strstr(why.text, k ? "for [N,H,W,C] use --layout nhwc" : "for [H,W,C] use --layout hwc"), "%s",
                      why.text);
        free_file(&m);
    }
}
END_TEST

SUITE(npy)
{
    TCase *npy = tcase_create("npy");

    tcase_add_test(npy, headers_of_all_manners_are_read);
    tcase_add_test(npy, other_arrays_are_refused_by_name);
    tcase_add_test(npy, colours_last_are_warned_of);
    tcase_add_test(npy, cut_dictionaries_are_refused);
    tcase_add_test(npy, long_headers_have_a_limit);
    tcase_add_test(npy, every_prefix_of_each_type_is_refused);
    tcase_add_test(npy, huge_headers_need_a_huge_file);
    tcase_add_test(npy, both_byte_orders_are_read);
    tcase_add_test(npy, each_sample_of_a_batch_can_be_selected);
    tcase_add_test(npy, channels_may_be_last);
    suite_add_tcase(suite, npy);
}
