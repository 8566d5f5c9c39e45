/* Which ICC profiles are sRGB, of profiles that are made here by ICC.1:2001-04 and ICC.1:2010. */
#include "codec/icc.h"
#include "support.h"

#include <string.h>

/* ---- profiles by hand ---------------------------------------------------------------------------------------------- */

struct profile {
    unsigned char bytes[512];
    size_t n;
};

static void put(struct profile *p, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        p->bytes[p->n++] = (unsigned char)(value >> shift);
}

static void put_word(struct profile *p, const char *word)
{
    memcpy(p->bytes + p->n, word, 4);
    p->n += 4;
}

/* In parts of 65536. */
static void put_fixed(struct profile *p, double value)
{
    put(p, (uint32_t)lrint(value * 65536));
}

static void put_header(struct profile *p, uint32_t size, const char *colours)
{
    *p = (struct profile){.n = 0};
    put(p, size);
    put_word(p, "lcms");
    put(p, 0x04200000);
    put_word(p, "mntr");
    put_word(p, colours);
    put_word(p, "XYZ ");
    p->n = 36;
    put_word(p, "acsp");
    p->n = 68;
    put_fixed(p, 0.9642); /* D50 */
    put_fixed(p, 1);
    put_fixed(p, 0.8249);
    p->n = 128;
}

/* A power, or where it is 0 the curve of sRGB. */
static void put_curve(struct profile *p, double power)
{
    static const double srgb[] = {2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045};
    put_word(p, "para");
    put(p, 0);
    put(p, power > 0 ? 0 : 3 << 16);
    if (power > 0)
        put_fixed(p, power);
    for (size_t i = 0; power <= 0 && i < 5; i++)
        put_fixed(p, srgb[i]);
}

enum { CURVE_BYTES = 32, COLOUR_BYTES = 20 };

/* primaries [3][3]: CIE XYZ of D50, those of a primary in a column. */
static void make_rgb(struct profile *p, const double *primaries, double power)
{
    static const char *const tags[] = {"rXYZ", "gXYZ", "bXYZ", "rTRC", "gTRC", "bTRC"};
    const uint32_t first = 128 + 4 + 6 * 12, curve = first + 3 * COLOUR_BYTES;
    put_header(p, curve + CURVE_BYTES, "RGB ");
    put(p, 6);
    for (uint32_t i = 0; i < 6; i++) {
        put_word(p, tags[i]);
        put(p, i < 3 ? first + i * COLOUR_BYTES : curve);
        put(p, i < 3 ? COLOUR_BYTES : CURVE_BYTES);
    }
    for (size_t c = 0; c < 3; c++) {
        put_word(p, "XYZ ");
        put(p, 0);
        for (size_t i = 0; i < 3; i++)
            put_fixed(p, primaries[3 * i + c]);
    }
    put_curve(p, power);
    p->n = curve + CURVE_BYTES;
}

static void make_grey(struct profile *p, double power)
{
    const uint32_t curve = 128 + 4 + 2 * 12 + COLOUR_BYTES;
    put_header(p, curve + CURVE_BYTES, "GRAY");
    put(p, 2);
    put_word(p, "wtpt");
    put(p, curve - COLOUR_BYTES);
    put(p, COLOUR_BYTES);
    put_word(p, "kTRC");
    put(p, curve);
    put(p, CURVE_BYTES);
    put_word(p, "XYZ ");
    put(p, 0);
    put_fixed(p, 0.9642);
    put_fixed(p, 1);
    put_fixed(p, 0.8249);
    put_curve(p, power);
    p->n = curve + CURVE_BYTES;
}

/* Bruce Lindbloom's matrices, adapted to D50. */
static const double srgb[] = {0.4360747, 0.3850649, 0.1430804, 0.2225045, 0.7168786,
                              0.0606169, 0.0139322, 0.0971045, 0.7141733};
static const double adobe[] = {0.6097559, 0.2052401, 0.1492240, 0.3111242, 0.6256560,
                               0.0632197, 0.0194811, 0.0608902, 0.7448387};
static const double swapped[] = {0.3850649, 0.4360747, 0.1430804, 0.7168786, 0.2225045,
                                 0.0606169, 0.0971045, 0.0139322, 0.7141733};

/* ---- the tests ----------------------------------------------------------------------------------------------------- */

/* Without Little CMS every profile passes for sRGB. */
#ifdef HAVE_LCMS2
enum { KNOWN = true };
#else
enum { KNOWN = false };
#endif

static bool same(const struct profile *p)
{
    return icc_is_srgb(p->bytes, p->n);
}

START_TEST(srgb_is_known_by_its_colours)
{
    struct profile p;
    make_rgb(&p, srgb, 0);
    ck_assert(same(&p));
    make_rgb(&p, adobe, 0);
    ck_assert(same(&p) == !KNOWN);
    make_rgb(&p, swapped, 0);
    ck_assert(same(&p) == !KNOWN);
    make_rgb(&p, srgb, 1);
    ck_assert(same(&p) == !KNOWN);
    make_rgb(&p, srgb, 1.8);
    ck_assert(same(&p) == !KNOWN);
}
END_TEST

START_TEST(grey_is_known_by_its_curve)
{
    struct profile p;
    make_grey(&p, 0);
    ck_assert(same(&p));
    make_grey(&p, 1.8);
    ck_assert(same(&p) == !KNOWN);
    make_grey(&p, 1);
    ck_assert(same(&p) == !KNOWN);
}
END_TEST

/* Two primaries that are nearly the same matter, a rounding does not. */
START_TEST(what_rounding_changes_is_the_same)
{
    struct profile p;
    double near[9];
    for (double off = 0; off < 0.05; off += 0.04) {
        memcpy(near, srgb, sizeof near);
        near[0] -= off;
        near[1] += off;
        make_rgb(&p, near, 0);
        ck_assert(same(&p) == (off == 0 || !KNOWN));
    }
    memcpy(near, srgb, sizeof near);
    near[0] += 1e-4;
    make_rgb(&p, near, 0);
    ck_assert(same(&p));
}
END_TEST

START_TEST(what_is_no_profile_says_nothing)
{
    struct profile p;
    struct random r = {1};
    ck_assert(icc_is_srgb("", 0));
    ck_assert(icc_is_srgb("no profile", 10));
    make_rgb(&p, adobe, 1.8);
    for (size_t n = 0; n < p.n - CURVE_BYTES; n++)
        REQUIRE(icc_is_srgb(p.bytes, n), "%zu bytes", n);
    for (int i = 0; i < 2000; i++) {
        make_rgb(&p, srgb, 0);
        p.bytes[random_below(&r, p.n)] ^= (unsigned char)(1 + random_below(&r, 255));
        icc_is_srgb(p.bytes, p.n); /* it comes back */
    }
}
END_TEST

SUITE(icc)
{
    TCase *cases = tcase_create("icc");
    tcase_add_test(cases, srgb_is_known_by_its_colours);
    tcase_add_test(cases, grey_is_known_by_its_curve);
    tcase_add_test(cases, what_rounding_changes_is_the_same);
    tcase_add_test(cases, what_is_no_profile_says_nothing);
    suite_add_tcase(suite, cases);
}
