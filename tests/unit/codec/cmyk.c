/* Inks to colours: by the formula, and by a profile. */
#include "codec/cmyk.h"
#include "inks.h"
#include "support.h"

static void begin(struct cmyk *k, enum sample sample, bool inverted, struct metadata *m)
{
    struct why why = {""};
    ck_assert_msg(cmyk_begin(k, sample, inverted, m, &why), "%s", why.text);
}

/* ---- the formula -------------------------------------------------------------------------------------------------- */

static void require_light(unsigned ink, unsigned black, unsigned most, unsigned got)
{
    double want = (double)(most - ink) * (most - black) / most;
    REQUIRE_CLOSE(got, want, 0.5);
}

START_TEST(formula_is_the_nearest_value)
{
    struct metadata m = {.format = "test"};
    struct cmyk k;
    begin(&k, SAMPLE_U8, _i, &m);
    require_said(&m, NOTE_WARNING, "CMYK without an ICC profile");
    for (unsigned black = 0; black < 256; black++) {
        unsigned char inks[256][4], rgb[256][3], flip = _i ? 255 : 0;
        for (unsigned i = 0; i < 256; i++)
            for (unsigned c = 0; c < 4; c++)
                inks[i][c] = (unsigned char)((c == 3 ? black : (i + 50 * c) & 255) ^ flip);
        struct rows from = rows_interleaved(inks, SAMPLE_U8, 4, 256, 1), to = rows_interleaved(rgb, SAMPLE_U8, 3, 256, 1);
        cmyk_convert(&k, &from, &to);
        for (unsigned i = 0; i < 256; i++)
            for (unsigned c = 0; c < 3; c++)
                require_light((i + 50 * c) & 255, black, 255, rgb[i][c]);
    }
    cmyk_end(&k);
    metadata_clear(&m);
}
END_TEST

START_TEST(formula_of_16_bits)
{
    static const uint16_t edges[] = {0, 1, 2, 255, 256, 257, 32767, 32768, 65279, 65534, 65535};
    enum { N = sizeof edges / sizeof *edges };
    struct metadata m = {.format = "test"};
    struct cmyk k;
    begin(&k, SAMPLE_U16, _i, &m);
    for (unsigned a = 0; a < N; a++)
        for (unsigned b = 0; b < N; b++) {
            const uint16_t flip = _i ? 65535 : 0;
            uint16_t ink = edges[a] ^ flip, other = edges[N - 1 - a] ^ flip, black = edges[b] ^ flip, rgb[3];
            uint16_t inks[] = {ink, other, ink, black};
            struct rows from = rows_interleaved(inks, SAMPLE_U16, 4, 1, 1), to = rows_interleaved(rgb, SAMPLE_U16, 3, 1, 1);
            cmyk_convert(&k, &from, &to);
            require_light(edges[a], edges[b], 65535, rgb[0]);
            require_light(edges[N - 1 - a], edges[b], 65535, rgb[1]);
            require_light(edges[a], edges[b], 65535, rgb[2]);
        }
    cmyk_end(&k);
    metadata_clear(&m);
}
END_TEST

/* Rows of any layout, with channels behind the inks. */
START_TEST(layouts_are_alike)
{
    enum { W = 600, H = 3, SAMPLES = W * H };
    static uint16_t inks[6 * SAMPLES], planes[6 * SAMPLES], rgb[5 * SAMPLES], planes_rgb[5 * SAMPLES];
    struct metadata m = {.format = "test"};
    struct random r = {1};
    struct cmyk k;
    for (size_t i = 0; i < 6 * SAMPLES; i++) {
        inks[i] = (uint16_t)random_bits(&r);
        planes[i % 6 * SAMPLES + i / 6] = inks[i];
    }
    struct rows from = rows_interleaved(inks, SAMPLE_U16, 6, W, H), to = rows_interleaved(rgb, SAMPLE_U16, 5, W, H);
    struct rows from_planes = rows_planar(planes, SAMPLE_U16, 6, W, H),
                to_planes = rows_planar(planes_rgb, SAMPLE_U16, 5, W, H);
    begin(&k, SAMPLE_U16, false, &m);
    cmyk_convert(&k, &from, &to);
    cmyk_convert(&k, &from_planes, &to_planes);
    for (size_t i = 0; i < SAMPLES; i++)
        for (size_t c = 0; c < 5; c++) {
            REQUIRE(rgb[5 * i + c] == planes_rgb[c * SAMPLES + i], "sample %zu of channel %zu", i, c);
            if (c < 3)
                require_light(inks[6 * i + c], inks[6 * i + 3], 65535, rgb[5 * i + c]);
            else
                REQUIRE(rgb[5 * i + c] == inks[6 * i + c + 1], "sample %zu of channel %zu", i, c);
        }
    cmyk_end(&k);
    metadata_clear(&m);
}
END_TEST

/* ---- the profile -------------------------------------------------------------------------------------------------- */

static struct metadata with_profile(const unsigned char *profile, size_t size)
{
    struct metadata m = {.format = "test"};
    ck_assert(metadata_add(&m, META_ICC, 0, 0, profile, size) && metadata_add(&m, META_XMP, 0, 0, "x", 1));
    return m;
}

#ifdef HAVE_LCMS2

/* Samples of 8 or 16 bits as they are after _i's two bits: inverted, 16 bits. */
START_TEST(profile_is_used)
{
    unsigned char profile[PROFILE_BYTES];
    make_profile(profile);
    struct metadata m = with_profile(profile, sizeof profile);
    bool inverted = _i & 1, wide = _i & 2;
    struct cmyk k;
    begin(&k, wide ? SAMPLE_U16 : SAMPLE_U8, inverted, &m);
    require_said(&m, NOTE_VERBOSE, "by its ICC profile");
    ck_assert(m.notes.n == 1 && !metadata_find(&m, META_ICC) && metadata_find(&m, META_XMP));
    for (unsigned i = 0; i < CORNERS; i++) {
        uint16_t inks[4], rgb[3];
        for (unsigned c = 0; c < 4; c++)
            if (wide)
                inks[c] = has_ink(i, c) != inverted ? 65535 : 0;
            else
                ((unsigned char *)inks)[c] = has_ink(i, c) != inverted ? 255 : 0;
        struct rows from = rows_interleaved(inks, k.sample, 4, 1, 1), to = rows_interleaved(rgb, k.sample, 3, 1, 1);
        cmyk_convert(&k, &from, &to);
        for (unsigned c = 0; c < 3; c++)
            REQUIRE_CLOSE(wide ? rgb[c] / 257.0 : ((unsigned char *)rgb)[c], corner_colour(i, c), 1);
    }
    cmyk_end(&k);
    metadata_clear(&m);
}
END_TEST

#endif

/* A profile that is cut off, of other colours, or that this build cannot use: the formula, and a warning. */
START_TEST(other_profiles_are_told_of)
{
    unsigned char profile[PROFILE_BYTES];
    make_profile(profile);
    size_t size = _i == 0 ? 200 : PROFILE_BYTES;
    if (_i == 1)
        memcpy(profile + 16, "RGB ", 4);
#ifdef HAVE_LCMS2
    const char *says = "that cannot be used";
    if (_i == 2)
        memcpy(profile + 144, "none", 4);
#else
    const char *says = "without Little CMS";
#endif
    struct metadata m = with_profile(profile, size);
    unsigned char inks[] = {0, 255, 0, 0}, rgb[3];
    struct rows from = rows_interleaved(inks, SAMPLE_U8, 4, 1, 1), to = rows_interleaved(rgb, SAMPLE_U8, 3, 1, 1);
    struct cmyk k;
    begin(&k, SAMPLE_U8, false, &m);
    cmyk_convert(&k, &from, &to);
    require_said(&m, NOTE_WARNING, says);
    ck_assert(rgb[0] == 255 && rgb[1] == 0 && rgb[2] == 255 && !metadata_find(&m, META_ICC));
    cmyk_end(&k);
    metadata_clear(&m);
}
END_TEST

SUITE(cmyk)
{
    TCase *cmyk = tcase_create("cmyk");
    suite_add_tcase(suite, cmyk);
    tcase_add_loop_test(cmyk, formula_is_the_nearest_value, 0, 2);
    tcase_add_loop_test(cmyk, formula_of_16_bits, 0, 2);
    tcase_add_test(cmyk, layouts_are_alike);
#ifdef HAVE_LCMS2
    tcase_add_loop_test(cmyk, profile_is_used, 0, 4);
#endif
    tcase_add_loop_test(cmyk, other_profiles_are_told_of, 0, 3);
}
