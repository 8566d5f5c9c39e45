/* What NPY writes: the headers of NumPy, and stacks, whose floats have one type. */
#include "base/bytes.h"
#include "codec/codec.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

extern const struct codec codec_npy;

static struct picture_info describe(unsigned dimensions, unsigned channels, size_t height, size_t width, enum sample sample)
{
    return (struct picture_info){.width = width,
                                 .height = height,
                                 .channels = channels,
                                 .sample = sample,
                                 .unit = 1,
                                 .planar = true,
                                 .dimensions = dimensions};
}

static struct picture_info last(unsigned dimensions, unsigned channels, size_t height, size_t width)
{
    struct picture_info info = describe(dimensions, channels, height, width, SAMPLE_F32);
    info.planar = false;
    info.channels_last = true;
    return info;
}

/* Writes n pictures of zeros. */
static struct memory_sink write_zeros(const struct picture_info *info, size_t n)
{
    struct memory_sink m = memory_sink(true);
    struct why why = {""};
    unsigned char *zeros = must_alloc(image_bytes(info));
    struct rows rows = rows_tight(info->planar, zeros, info->sample, info->channels, info->width, info->height);
    memset(zeros, 0, image_bytes(info));
    void *writer = codec_npy.create(&m.sink, &best_quality, &why);
    for (size_t i = 0; i < n; i++)
        REQUIRE(codec_npy.begin(writer, info, &why) && codec_npy.write(writer, &rows, &why), "%s", why.text);
    REQUIRE(codec_npy.finish(writer, &why) && !m.misused && m.written == m.size, "%s", why.text);
    free(zeros);
    return m;
}

/* Byte for byte what numpy.save writes: version 1.0, 118 bytes of header, of which the last is a line feed. */
START_TEST(headers_are_those_of_numpy)
{
    const struct {
        struct picture_info info;
        size_t n, bytes;
        const char *text;
    } cases[] = {
        {describe(2, 1, 5, 7, SAMPLE_F32), 1, 140, "{'descr': '<f4', 'fortran_order': False, 'shape': (5, 7), }"},
        {describe(3, 1, 5, 7, SAMPLE_F64), 1, 280, "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 5, 7), }"},
        {describe(3, 3, 2, 1, SAMPLE_F16), 1, 12, "{'descr': '<f2', 'fortran_order': False, 'shape': (3, 2, 1), }"},
        {describe(4, 3, 2, 1, SAMPLE_U8), 1, 6, "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 3, 2, 1), }"},
        {describe(3, 3, 2, 1, SAMPLE_U16), 4, 48, "{'descr': '<u2', 'fortran_order': False, 'shape': (4, 3, 2, 1), }"},
        {last(3, 3, 2, 5), 1, 120, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 5, 3), }"},
        {last(3, 3, 2, 5), 2, 240, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2, 5, 3), }"},
        {last(4, 3, 2, 5), 1, 120, "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 5, 3), }"},
        {last(2, 1, 2, 5), 1, 40, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 5), }"},
        {describe(2, 1, 2, 9, SAMPLE_F32), 2, 144, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1, 2, 9), }"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct memory_sink m = write_zeros(&cases[i].info, cases[i].n);
        size_t n = strlen(cases[i].text);
        ck_assert_uint_eq(m.size, 128 + cases[i].bytes);
        ck_assert(memcmp(m.bytes, "\x93NUMPY\x01\x00\x76\x00", 10) == 0);
        ck_assert_msg(memcmp(m.bytes + 10, cases[i].text, n) == 0, "%.118s", (const char *)m.bytes + 10);
        for (size_t k = 10 + n; k < 127; k++)
            REQUIRE(m.bytes[k] == ' ', "byte %zu is %d", k, m.bytes[k]);
        ck_assert_int_eq(m.bytes[127], '\n');
        free(m.bytes);
    }
}
END_TEST

START_TEST(pictures_of_other_shapes_are_not_stacked)
{
    const struct picture_info one = describe(3, 3, 5, 7, SAMPLE_F32);
    const struct picture_info others[] = {describe(3, 1, 5, 7, SAMPLE_F32), describe(3, 3, 7, 5, SAMPLE_F32),
                                          describe(3, 3, 5, 8, SAMPLE_F32), describe(3, 3, 4, 7, SAMPLE_F32),
                                          describe(3, 3, 5, 7, SAMPLE_U8)};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct memory_sink m = memory_sink(true);
        struct why why = {""};
        void *writer = codec_npy.create(&m.sink, &best_quality, &why);
        ck_assert(codec_npy.begin(writer, &one, &why) && codec_npy.begin(writer, &one, &why));
        ck_assert(!codec_npy.begin(writer, &others[i], &why));
        ck_assert_msg(strstr(why.text, "[3,5,7]") != NULL, "%s", why.text);
        codec_npy.abandon(writer);
        free(m.bytes);
    }
}
END_TEST

/* Floats of another type than the first picture's, or than that it leads to, are rounded to it. */
START_TEST(floats_of_a_stack_have_one_type)
{
    static const enum sample floats[] = {SAMPLE_F16, SAMPLE_F32, SAMPLE_F64};
    enum { PIXELS = 9000 }; /* more than are converted at once */
    for (int first = 0; first < 3; first++)
        for (int second = 0; second < 3; second++)
            for (int led = 0; led < 2; led++) {
                struct memory_sink m = memory_sink(true);
                struct why why = {""};
                struct picture_info info = describe(3, 1, 1, PIXELS, floats[first]);
                enum sample to = led ? floats[second] : floats[first];
                double *values = must_alloc(PIXELS * sizeof *values);
                unsigned char *samples = must_alloc(PIXELS * sizeof *values);
                struct random r = {90};
                void *writer = codec_npy.create(&m.sink, &best_quality, &why);
                info.stack_type = led ? floats[second] : SAMPLE_NONE;
                for (size_t n = 0; n < 2; n++) {
                    for (size_t i = 0; i < PIXELS; i++)
                        values[i] = random_normal(&r);
                    info.sample = floats[n == 0 ? first : second];
                    samples_put(values, PIXELS, info.sample, samples);
                    struct rows rows = rows_planar(samples, info.sample, 1, PIXELS, 1);
                    REQUIRE(codec_npy.begin(writer, &info, &why) && codec_npy.write(writer, &rows, &why), "%s", why.text);
                    for (size_t i = 0; i < PIXELS; i++) {
                        double sample = sample_value(samples + i * sample_size(info.sample), info.sample);
                        double got = sample_value(m.bytes + 128 + (n * PIXELS + i) * sample_size(to), to);
                        REQUIRE(machine_is_little() ? got == sample_nearest(sample, to) : true, "%g, not %g", got, sample);
                    }
                }
                REQUIRE(codec_npy.finish(writer, &why) && m.size == 128 + 2 * PIXELS * sample_size(to), "%s", why.text);
                free(values);
                free(samples);
                free(m.bytes);
            }
}
END_TEST

SUITE(npy_write)
{
    TCase *npy = tcase_create("npy");

    tcase_add_test(npy, headers_are_those_of_numpy);
    tcase_add_test(npy, pictures_of_other_shapes_are_not_stacked);
    tcase_add_test(npy, floats_of_a_stack_have_one_type);
    suite_add_tcase(suite, npy);
}
