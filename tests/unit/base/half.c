/* float16 against what IEEE 754 says: a decode by its formula, a search for the nearest number. */
#include "base/half.h"
#include "support.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

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

static unsigned encode_half(double value)
{
    if (isnan(value))
        return 0x7e00 | (signbit(value) ? 0x8000 : 0);
    return nearest(fabs(value)) | (signbit(value) ? 0x8000 : 0);
}

START_TEST(every_half_is_read_exactly)
{
    uint16_t *half = must_alloc(65536 * sizeof *half), *back = must_alloc(65536 * sizeof *back);
    float *got = must_alloc(65536 * sizeof *got);
    for (unsigned i = 0; i < 65536; i++)
        half[i] = (uint16_t)i;
    half_unpack(half, 65536, 1, got);
    for (unsigned i = 0; i < 65536; i++) {
        double want = decode(i);
        if (isnan(want))
            REQUIRE(isnan(got[i]), "%04x became %g", i, (double)got[i]);
        else
            REQUIRE((double)got[i] == want && !signbit(got[i]) == (i < 0x8000), "%04x became %g, not %g", i, (double)got[i],
                    want);
    }
    for (unsigned i = 0; i < 65536; i++)
        back[i] = half_from_float(got[i]);
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
    for (size_t i = 0; i < ALL; i++)
        got[i] = half_from_float(in[i]);
    for (size_t i = 0; i < ALL; i++)
        REQUIRE(got[i] == encode_half((double)in[i]), "%.9g became %04x, not %04x", (double)in[i], got[i],
                encode_half((double)in[i]));
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
    for (size_t i = 0; i < ALL; i++)
        got[i] = half_from_float(in[i]);
    for (size_t i = 0; i < ALL; i++)
        if (isnan(in[i]))
            REQUIRE(isnan(decode(got[i])), "NaN became %04x", got[i]);
        else
            REQUIRE(got[i] == encode_half((double)in[i]), "%.9g became %04x, not %04x", (double)in[i], got[i],
                    encode_half((double)in[i]));
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
        uint16_t half = half_from_float(known[i].value);
        ck_assert_uint_eq(half_from_double((double)known[i].value), half);
        ck_assert_msg(half == known[i].half, "%.9g became %04x, not %04x", (double)known[i].value, half, known[i].half);
        ck_assert_uint_eq(encode_half((double)known[i].value), known[i].half);
    }
    const uint16_t half[] = {half_from_float(NAN), half_from_float(-NAN)};
    ck_assert(isnan(decode(half[0])) && isnan(decode(half[1])) && (half[0] ^ half[1]) == 0x8000);
}
END_TEST

/* ---- from double ------------------------------------------------------------------------------------------------ */

/* Rounded to float first, some of these would end half way between two halves, and on the wrong side of it. */
START_TEST(doubles_are_rounded_once)
{
    enum { GAPS = 0x7c00 };
    uint16_t got[6];
    for (unsigned i = 0; i < GAPS; i++) {
        double above = i + 1 == GAPS ? 65536 : decode(i + 1), middle = (decode(i) + above) / 2;
        double value[6] = {nextafter(middle, 0), middle, nextafter(middle, INFINITY)};
        for (int k = 0; k < 3; k++)
            value[3 + k] = -value[k];
        half_pack(value, 6, got);
        for (int k = 0; k < 6; k++)
            REQUIRE(got[k] == encode_half(value[k]), "%.17g became %04x, not %04x", value[k], got[k],
                    encode_half(value[k]));
    }
    ck_assert_uint_eq(half_from_double(1 + 0x1.0000001p-11), 0x3c01);
    ck_assert_uint_eq(half_from_float((float)(1 + 0x1.0000001p-11)), 0x3c00);
}
END_TEST

START_TEST(any_double_becomes_the_nearest_half)
{
    struct random r = {72};
    for (size_t i = 0; i < 200000; i++) {
        uint64_t bits = random_bits(&r) ^ random_bits(&r) << 32;
        double value;
        if (i % 2) /* half of them where halves are */
            bits = (bits & 0x800fffffffffffffu) | (0x3e0 + random_below(&r, 0x40)) << 52;
        memcpy(&value, &bits, sizeof value);
        unsigned got = half_from_double(value);
        REQUIRE(isnan(value) ? isnan(decode(got)) : got == encode_half(value), "%.17g became %04x", value, got);
    }
}
END_TEST

SUITE(half)
{
    TCase *half = tcase_create("half"), *wide = tcase_create("double");

    tcase_add_test(half, every_half_is_read_exactly);
    tcase_add_test(half, halves_are_rounded_to_even);
    tcase_add_test(half, any_float_becomes_the_nearest_half);
    tcase_add_test(half, known_halves);
    tcase_add_test(wide, doubles_are_rounded_once);
    tcase_add_test(wide, any_double_becomes_the_nearest_half);
    suite_add_tcase(suite, half);
    suite_add_tcase(suite, wide);
}
