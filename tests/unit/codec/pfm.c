/* PFM: files written by hand, their samples bit for bit, and what is refused. */
#include "codec/codec.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

/* Two rows, the lower first: 1, -2, signalling NaN and then 0.5, infinity, the smallest number, of either byte order. */
static const struct {
    const unsigned char *bytes;
    size_t size;
    unsigned channels;
} floats[] = {
    {BYTES("Pf\n3 2\n-1.0\n\0\0\x80\x3f\0\0\0\xc0\1\0\x80\x7f\0\0\0\x3f\0\0\x80\x7f\1\0\0\0"), 1},
    {BYTES("Pf 3 2 +.5e-3\n\x3f\x80\0\0\xc0\0\0\0\x7f\x80\0\1\x3f\0\0\0\x7f\x80\0\0\0\0\0\1"), 1},
    {BYTES("PF\n1\t2\r\n-2 \0\0\x80\x3f\0\0\0\xc0\1\0\x80\x7f\0\0\0\x3f\0\0\x80\x7f\1\0\0\0"), 3},
    {BYTES("PF\n1 2\n2e0\n\x3f\x80\0\0\xc0\0\0\0\x7f\x80\0\1\x3f\0\0\0\x7f\x80\0\0\0\0\0\1"), 3},
};
static const uint32_t float_bits[6] = {0x3f000000, 0x7f800000, 1, 0x3f800000, 0xc0000000, 0x7f800001};

START_TEST(floats_are_kept_bit_for_bit)
{
    for (size_t bands = 0; bands < 3; bands++) {
        struct image p = must_decode("pfm", floats[_i].bytes, floats[_i].size, bands);
        ck_assert(p.info.channels == floats[_i].channels && p.info.sample == SAMPLE_F32 && p.info.unit == 1);
        ck_assert(p.info.width * p.info.channels == 3 && p.info.height == 2 && p.info.alpha == ALPHA_NONE);
        ck_assert(memcmp(p.samples, float_bits, sizeof float_bits) == 0);
        free(p.samples);
    }
    for (size_t n = 0; n < floats[_i].size; n++) {
        struct image p;
        struct why why = {""};
        REQUIRE(!image_from(floats[_i].bytes, n, &p, &why), "%zu bytes are taken", n);
        REQUIRE(n < 3 || strcmp(why.text, "truncated") == 0, "%zu bytes: '%s'", n, why.text);
    }
}
END_TEST

/* Low bytes first on every machine, as the first file above. */
START_TEST(written_floats_begin_at_the_bottom)
{
    const struct codec *codec = codec_named("pfm");
    struct image p = must_decode("pfm", floats[0].bytes, floats[0].size, 0);
    struct memory_sink m = must_encode(codec, &p, 1, true);
    ck_assert(m.size == floats[0].size && memcmp(m.bytes, floats[0].bytes, m.size) == 0);
    struct image back = must_decode("pfm", m.bytes, m.size, 2);
    require_same_image(&back, &p, "written");
    free(m.bytes);
    free(p.samples);
    free(back.samples);
    for (size_t k = 0; k < PICTURE_KINDS; k++)
        ck_assert(takes(codec, &picture_kinds[k]) ==
                  (picture_kinds[k].sample == SAMPLE_F32 && picture_kinds[k].channels % 2 == 1));
}
END_TEST

/* An odd number of rows longer than what is swapped at a time. */
START_TEST(long_bands_are_turned_over)
{
    const struct codec *codec = codec_named("pfm");
    struct image p = make_image(codec, &(struct kind){3, SAMPLE_F32}, 1111, 7, false);
    struct memory_sink m = must_encode(codec, &p, 3, true);
    for (size_t bands = 0; bands < 6; bands++) {
        struct image back = must_decode("pfm", m.bytes, m.size, bands);
        require_same_image(&back, &p, "turned over");
        free(back.samples);
    }
    free(m.bytes);
    free(p.samples);
}
END_TEST

static const struct refusal refused[] = {
    {BYTES("PF\n0 1\n-1.0\n"), "at least one pixel"},
    {BYTES("Pf\n1 1\n0\n1234"), "for the scale"},
    {BYTES("Pf\n1 1\n-0.0e3\n1234"), "for the scale"},
    {BYTES("Pf\n1 1\nnan\n1234"), "for the scale"},
    {BYTES("Pf\n1 1\n-inf\n1234"), "for the scale"},
    {BYTES("Pf\n1 1\n1,0\n1234"), "for the scale"},
    {BYTES("Pf\n1 1\n.\n1234"), "for the scale"},
    {BYTES("Pf\n-1 1\n1\n1234"), "for the size"},
    {BYTES("Pf\n1 99999999999999999999\n1\n1234"), "too large"},
    {BYTES("Pf\n200000000 200000000\n1\n1234"), "truncated"},
    {BYTES("Pf\n1 1\n1\r\n1234"), "more data"},
    {BYTES("Pf\n1 1\n1\n12345"), "more data"},
};

START_TEST(what_is_malformed_is_refused)
{
    require_refusal(&refused[_i]);
}
END_TEST

SUITE(pfm)
{
    TCase *pfm = tcase_create("pfm");
    ADD_EACH(pfm, floats_are_kept_bit_for_bit, floats);
    tcase_add_test(pfm, written_floats_begin_at_the_bottom);
    tcase_add_test(pfm, long_bands_are_turned_over);
    ADD_EACH(pfm, what_is_malformed_is_refused, refused);
    suite_add_tcase(suite, pfm);
}
