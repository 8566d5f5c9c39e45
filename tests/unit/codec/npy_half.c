/* float16 and float64 in NPY files, against what IEEE 754 says: a decode by its formula, a search for the nearest number.
 */
#include "codec/codec.h"
#include "support.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct codec codec_npy;

/* ---- one row through the codec ---------------------------------------------------------------------------------- */

/* The header that stands before n samples of the type in one row. */
static size_t put_header(unsigned char *to, const char *type, size_t n)
{
    int used = snprintf((char *)to, 129, "%cNUMPY%c%c%c%c{'descr': '%s', 'fortran_order': False, 'shape': (1, %zu), }",
                        0x93, 1, 0, 118, 0, type, n);
    memset(to + used, ' ', (size_t)(128 - used));
    return 128;
}

/* out[0..n) <- what the codec reads from n stored samples of `size` bytes, in this machine's order. */
static void read_row(const char *type, const void *stored, size_t size, size_t n, float *out)
{
    unsigned char *bytes = must_alloc(256 + n * size);
    const struct limits none = {0};
    struct picture_info info;
    struct why why = {""};
    size_t start = put_header(bytes, type, n);
    memcpy(bytes + start, stored, n * size);
    struct memory_source m = memory_source(bytes, start + n * size);
    void *reader = codec_npy.open(&m.source, &none, &why);
    REQUIRE(reader && codec_npy.select(reader, 0, &info, &why) == SELECT_OK, "%s", why.text);
    struct rows rows = rows_planar(out, SAMPLE_F32, 1, n, 1);
    REQUIRE(codec_npy.read(reader, &rows, &why), "%s", why.text);
    codec_npy.close(reader);
    free(bytes);
}

/* stored[0..n) <- what the codec writes for the floats. */
static void write_row(const float *in, size_t n, enum stored type, void *stored, size_t size)
{
    struct memory_sink m = memory_sink(true);
    struct why why = {""};
    const struct picture_info info = {.width = n,
                                      .height = 1,
                                      .channels = 1,
                                      .sample = SAMPLE_F32,
                                      .unit = 1,
                                      .planar = true,
                                      .dimensions = 2,
                                      .stored = type};
    struct rows rows = rows_planar((void *)(uintptr_t)in, SAMPLE_F32, 1, n, 1);
    void *writer = codec_npy.create(&m.sink, &best_quality, &why);
    REQUIRE(codec_npy.begin(writer, &info, &why) && codec_npy.write(writer, &rows, &why), "%s", why.text);
    REQUIRE(codec_npy.finish(writer, &why) && m.size == 128 + n * size, "%s", why.text);
    memcpy(stored, m.bytes + 128, n * size);
    free(m.bytes);
}

/* ---- float16 ---------------------------------------------------------------------------------------------------- */

/* IEEE 754-2019, 3.4: (-1)^sign * 2^(exponent - 15) * 1.fraction; exponent 0 is that of 1 with 0.fraction. */
static double decode(unsigned half)
{
    int exponent = half >> 10 & 31, fraction = half & 1023, sign = half >> 15 ? -1 : 1;
    if (exponent == 31)
        return fraction ? (double)NAN : sign * (double)INFINITY;
    return sign * (exponent ? ldexp(1024 + fraction, exponent - 25) : ldexp(fraction, -24));
}

/* The number of 0..0x7c00 nearest to a magnitude, even if there are two; 2^16 stands in the place of infinity. */
static unsigned nearest(double magnitude)
{
    unsigned low = 0, high = 0x7c00;
    while (high - low > 1) {
        unsigned middle = (low + high) / 2;
        *(decode(middle) <= magnitude ? &low : &high) = middle;
    }
    double above = high == 0x7c00 ? 65536 : decode(high), down = magnitude - decode(low), up = above - magnitude;
    return down < up ? low : up < down ? high : low % 2 == 0 ? low : high;
}

static unsigned encode_half(float value)
{
    if (isnan(value))
        return 0x7e00 | (signbit(value) ? 0x8000 : 0);
    return nearest(fabs((double)value)) | (signbit(value) ? 0x8000 : 0);
}

START_TEST(every_half_is_read_exactly)
{
    uint16_t *half = must_alloc(65536 * sizeof *half), *back = must_alloc(65536 * sizeof *back);
    float *got = must_alloc(65536 * sizeof *got);
    for (unsigned i = 0; i < 65536; i++)
        half[i] = (uint16_t)i;
    read_row("=f2", half, 2, 65536, got);
    for (unsigned i = 0; i < 65536; i++) {
        double want = decode(i);
        if (isnan(want))
            REQUIRE(isnan(got[i]), "%04x became %g", i, (double)got[i]);
        else
            REQUIRE((double)got[i] == want && !signbit(got[i]) == (i < 0x8000), "%04x became %g, not %g", i, (double)got[i],
                    want);
    }
    write_row(got, 65536, STORED_F16, back, 2);
    for (unsigned i = 0; i < 65536; i++)
        if (isnan(decode(i)))
            REQUIRE(isnan(decode(back[i])), "%04x came back as %04x", i, back[i]);
        else
            REQUIRE(back[i] == i, "%04x came back as %04x", i, back[i]);
    free(half);
    free(back);
    free(got);
}
END_TEST

/* What lies half way between two neighbours, and the floats on either side of it. */
START_TEST(halves_are_rounded_to_even)
{
    enum { GAPS = 0x7c00, ALL = GAPS * 6 };
    float *in = must_alloc(ALL * sizeof *in), *to = in;
    uint16_t *got = must_alloc(ALL * sizeof *got);
    for (unsigned i = 0; i < GAPS; i++) {
        double above = i + 1 == GAPS ? 65536 : decode(i + 1);
        float middle = (float)((decode(i) + above) / 2);
        const float value[] = {nextafterf(middle, 0), middle, nextafterf(middle, INFINITY)};
        for (int k = 0; k < 3; k++) {
            *to++ = value[k];
            *to++ = -value[k];
        }
    }
    write_row(in, ALL, STORED_F16, got, 2);
    for (size_t i = 0; i < ALL; i++)
        REQUIRE(got[i] == encode_half(in[i]), "%.9g became %04x, not %04x", (double)in[i], got[i], encode_half(in[i]));
    free(in);
    free(got);
}
END_TEST

START_TEST(any_float_becomes_the_nearest_half)
{
    enum { ALL = 200000 };
    struct random r = {70};
    float *in = must_alloc(ALL * sizeof *in);
    uint16_t *got = must_alloc(ALL * sizeof *got);
    for (size_t i = 0; i < ALL; i++) {
        uint32_t bits = (uint32_t)random_bits(&r);
        if (i % 2) /* half of them where halves are */
            bits = (bits & 0x80ffffffu) | (uint32_t)(0x60 + random_below(&r, 0x30)) << 23;
        memcpy(&in[i], &bits, sizeof bits);
    }
    write_row(in, ALL, STORED_F16, got, 2);
    for (size_t i = 0; i < ALL; i++)
        if (isnan(in[i]))
            REQUIRE(isnan(decode(got[i])), "NaN became %04x", got[i]);
        else
            REQUIRE(got[i] == encode_half(in[i]), "%.9g became %04x, not %04x", (double)in[i], got[i], encode_half(in[i]));
    free(in);
    free(got);
}
END_TEST

/* By hand, lest the search above be wrong in the same way. */
START_TEST(known_halves)
{
    static const struct {
        float value;
        uint16_t half;
    } known[] = {
        {0, 0},
        {-0.0f, 0x8000},
        {1, 0x3c00},
        {-2, 0xc000},
        {65504, 0x7bff},
        {65519.99f, 0x7bff},
        {65520, 0x7c00},
        {-65520, 0xfc00},
        {FLT_MAX, 0x7c00},
        {INFINITY, 0x7c00},
        {-INFINITY, 0xfc00},
        {0x1p-14f, 0x0400},
        {0x1.ff8p-15f, 0x03ff},
        {0x1.ffcp-15f, 0x0400},    /* half way from the largest denormal to the smallest normal number */
        {0x1.ffbffep-15f, 0x03ff}, /* just below that */
        {0x1p-24f, 0x0001},
        {0x1p-25f, 0},             /* half way from 0: even */
        {0x1.000002p-25f, 0x0001}, /* just above that */
        {0x1.8p-24f, 0x0002},
        {-0x1p-26f, 0x8000},
        {FLT_MIN, 0},
        {0x1p-149f, 0},
        {1 + 0x1p-11f, 0x3c00}, /* half way: even */
        {1 + 0x3p-11f, 0x3c02},
        {1 + 0x1.004p-11f, 0x3c01},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        uint16_t half;
        write_row(&known[i].value, 1, STORED_F16, &half, 2);
        ck_assert_msg(half == known[i].half, "%.9g became %04x, not %04x", (double)known[i].value, half, known[i].half);
        ck_assert_uint_eq(encode_half(known[i].value), known[i].half);
    }
    const float nan[] = {NAN, -NAN};
    uint16_t half[2];
    write_row(nan, 2, STORED_F16, half, 2);
    ck_assert(isnan(decode(half[0])) && isnan(decode(half[1])) && (half[0] ^ half[1]) == 0x8000);
}
END_TEST

/* ---- float64 ---------------------------------------------------------------------------------------------------- */

START_TEST(doubles_are_rounded_to_even)
{
    static const struct {
        double stored;
        float value;
    } cases[] = {
        {1 + 0x1p-24, 1},
        {1 + 0x1.000001p-24, 1 + 0x1p-23f},
        {1 + 0x3p-24, 1 + 0x2p-23f},
        {-(1 + 0x3p-24), -(1 + 0x2p-23f)},
        {0.1, 0x1.99999ap-4f},
        {0x1.fffffefffffffp127, FLT_MAX}, /* just below half way to 2^128 */
        {0x1.ffffffp127, INFINITY},
        {-1e300, -INFINITY},
        {0x1p-150, 0},
        {0x1.0000000000001p-150, 0x1p-149f},
        {0x1.8p-149, 0x1p-148f},
        {0x1p-1074, 0},
        {-0.0, -0.0f},
        {INFINITY, INFINITY},
    };
    enum { ALL = sizeof cases / sizeof *cases };
    double stored[ALL + 1] = {[ALL] = NAN};
    float got[ALL + 1];
    for (size_t i = 0; i < ALL; i++)
        stored[i] = cases[i].stored;
    read_row("=f8", stored, 8, ALL + 1, got);
    for (size_t i = 0; i < ALL; i++)
        ck_assert_msg(got[i] == cases[i].value && !signbit(got[i]) == !signbit(cases[i].value), "%.17g became %.9g",
                      stored[i], (double)got[i]);
    ck_assert(isnan(got[ALL]));
}
END_TEST

/* More than one chunk of the codec's, each value its own. */
START_TEST(floats_are_written_as_the_same_doubles)
{
    enum { ALL = 10000 };
    struct random r = {71};
    float *in = must_alloc(ALL * sizeof *in), *back = must_alloc(ALL * sizeof *back);
    double *got = must_alloc(ALL * sizeof *got);
    random_floats(&r, 0, 1e6, in, ALL);
    write_row(in, ALL, STORED_F64, got, 8);
    for (size_t i = 0; i < ALL; i++)
        REQUIRE(got[i] == (double)in[i], "%.9g became %.17g", (double)in[i], got[i]);
    read_row("=f8", got, 8, ALL, back);
    ck_assert(memcmp(in, back, ALL * sizeof *in) == 0);
    free(in);
    free(back);
    free(got);
}
END_TEST

SUITE(npy_half)
{
    TCase *half = tcase_create("half"), *wide = tcase_create("double");

    tcase_add_test(half, every_half_is_read_exactly);
    tcase_add_test(half, halves_are_rounded_to_even);
    tcase_add_test(half, any_float_becomes_the_nearest_half);
    tcase_add_test(half, known_halves);
    tcase_add_test(wide, doubles_are_rounded_to_even);
    tcase_add_test(wide, floats_are_written_as_the_same_doubles);
    suite_add_tcase(suite, half);
    suite_add_tcase(suite, wide);
}
