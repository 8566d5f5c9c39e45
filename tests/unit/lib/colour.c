/* Colour spaces, against their published definitions in double precision with libm. */
#include "instnorm.h"
#include "support.h"

#include <stdio.h>
#include <string.h>

enum { FACE = 256 * 256 };

static float in[3][FACE], mid[3][FACE], out[3][FACE];
static float *const in_planes[] = {in[0], in[1], in[2]};
static float *const mid_planes[] = {mid[0], mid[1], mid[2]};
static float *const out_planes[] = {out[0], out[1], out[2]};
static const float *const from_in[] = {in[0], in[1], in[2]};

/* ---- the definitions --------------------------------------------------------------------------------------------- */

struct triple {
    double v[3];
};

static struct triple times(const double m[3][3], struct triple x)
{
    struct triple y;
    for (size_t i = 0; i < 3; i++)
        y.v[i] = m[i][0] * x.v[0] + m[i][1] * x.v[1] + m[i][2] * x.v[2];
    return y;
}

/* CIE 15:2004 */
static double cie_f(double t)
{
    const double delta = 6.0 / 29;
    return t > delta * delta * delta ? cbrt(t) : t / (3 * delta * delta) + 4.0 / 29;
}

static struct triple lab_of(struct triple rgb)
{
    static const double xyz_of_rgb[3][3] = {
        {0.412453, 0.357580, 0.180423}, {0.212671, 0.715160, 0.072169}, {0.019334, 0.119193, 0.950227}};
    struct triple xyz = times(xyz_of_rgb, rgb);
    double x = cie_f(xyz.v[0] / 0.950456), y = cie_f(xyz.v[1]), z = cie_f(xyz.v[2] / 1.088754);
    return (struct triple){{116 * y - 16, 500 * (x - y), 200 * (y - z)}};
}

/* B. Ottosson's code, with the matrices as he prints them. */
static struct triple oklab_of(struct triple rgb)
{
    static const double lms_of_rgb[3][3] = {{0.4122214708, 0.5363325363, 0.0514459929},
                                            {0.2119034982, 0.6806995451, 0.1073969566},
                                            {0.0883024619, 0.2817188376, 0.6299787005}};
    static const double lab_of_lms[3][3] = {{0.2104542553, 0.7936177850, -0.0040720468},
                                            {1.9779984951, -2.4285922050, 0.4505937099},
                                            {0.0259040371, 0.7827717662, -0.8086757660}};
    struct triple lms = times(lms_of_rgb, rgb);
    for (size_t i = 0; i < 3; i++)
        lms.v[i] = cbrt(lms.v[i]);
    return times(lab_of_lms, lms);
}

/* HistomicsTK's rgb_to_lab, but for what lies below a sixteenth of an 8-bit step: the tangent there. */
static struct triple ruderman_of(struct triple rgb)
{
    static const double lms_of_rgb[3][3] = {{0.3811, 0.5783, 0.0402}, {0.1967, 0.7244, 0.0782}, {0.0241, 0.1288, 0.8444}};
    struct triple lms = times(lms_of_rgb, rgb);
    double log_lms[3];
    for (size_t i = 0; i < 3; i++) {
        double x = 255 * lms.v[i];
        log_lms[i] = x < 0.0625 ? log(0.0625) + 16 * (x - 0.0625) : log(x);
    }
    double l = log_lms[0], m = log_lms[1], s = log_lms[2];
    return (struct triple){{(l + m + s) / sqrt(3), (l + m - 2 * s) / sqrt(6), (l - m) / sqrt(2)}};
}

/* `of` takes linear RGB, or RGB as it is stored, of 0..1. extent: what the first channel spans from black to white. */
static const struct definition {
    const char *name;
    bool linear;
    struct triple (*of)(struct triple rgb);
    double extent;
    float least[3], most[3]; /* colours of pictures, and some beyond */
} definitions[] = {
    {"lab", true, lab_of, 100, {0, -90, -90}, {110, 90, 90}},
    {"oklab", true, oklab_of, 1, {0.3f, -0.2f, -0.2f}, {1.2f, 0.2f, 0.2f}},
    {"ruderman", false, ruderman_of, 10, {-3, -0.5f, -0.5f}, {10, 1, 0.5f}},
};
enum { DEFINITIONS = sizeof definitions / sizeof *definitions };

static const struct instnorm_space *space_named(const char *name)
{
    const struct instnorm_space *s = instnorm_space_find(name);
    ck_assert_msg(s != NULL, "no space %s", name);
    return s;
}

static struct triple colour_at(float *const planes[], size_t i, double unit)
{
    return (struct triple){{(double)planes[0][i] / unit, (double)planes[1][i] / unit, (double)planes[2][i] / unit}};
}

static struct triple linear(struct triple rgb)
{
    return (struct triple){{srgb_decoded(rgb.v[0]), srgb_decoded(rgb.v[1]), srgb_decoded(rgb.v[2])}};
}

static void require_triple(const struct definition *d, struct triple rgb, struct triple got, struct triple want,
                           double part)
{
    for (size_t c = 0; c < 3; c++) {
        double tolerance = part * (d->extent + fabs(want.v[c]));
        REQUIRE(fabs(got.v[c] - want.v[c]) <= tolerance,
                "%s of %.9g %.9g %.9g: channel %zu is %.9g, not %.9g (tolerance %g)", d->name, rgb.v[0], rgb.v[1], rgb.v[2],
                c, got.v[c], want.v[c], tolerance);
    }
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

START_TEST(the_table_is_whole)
{
    static const char *const names[] = {"rgb", "linear", "lab", "oklab", "ruderman"};
    static const char *const channels[][3] = {{0}, {0}, {"L", "a", "b"}, {"L", "a", "b"}, {"l", "alpha", "beta"}};
    for (size_t i = 0; i < 5; i++) {
        const struct instnorm_space *s = instnorm_space_at(i);
        ck_assert_ptr_nonnull(s);
        ck_assert_str_eq(s->name, names[i]);
        ck_assert(s->convention && s->convention[0]);
        ck_assert_uint_eq(s->planes, i < 2 ? 1 : 3);
        ck_assert_int_eq(s->linear, i > 0 && i < 4);
        ck_assert((s->to != NULL) == (i > 1) && (s->from != NULL) == (i > 1));
        ck_assert(i < 2 ? s->flat == 0 : s->flat > 0 && s->flat < 1e-3);
        for (size_t c = 0; c < 3; c++) {
            if (channels[i][c])
                ck_assert_str_eq(s->channel[c], channels[i][c]);
            else
                ck_assert_ptr_null(s->channel[c]);
            ck_assert(isnan(s->gamma[c]) == isnan(s->beta[c]) && !(s->gamma[c] <= 0));
            ck_assert(isnan(s->gamma[c]) == (i == 4 || (i > 1 && c > 0)));
        }
    }
    ck_assert_ptr_null(instnorm_space_at(5));
    ck_assert_ptr_null(instnorm_space_at(SIZE_MAX));
    ck_assert(space_named("rgb")->gamma[0] == 0.25 && space_named("rgb")->beta[2] == 0.5);
    REQUIRE_CLOSE(space_named("linear")->beta[0], srgb_decoded(0.5), 5e-4L);
    ck_assert(space_named("lab")->gamma[0] == 25 && space_named("lab")->beta[0] == 50);
}
END_TEST

START_TEST(spaces_are_found_by_name)
{
    static const char *const none[] = {"", "rg", "rgb ", "RGB", "lab2", "labo", "oklab\n", "ruder", "\xff"};
    const struct instnorm_space *s;
    for (size_t i = 0; (s = instnorm_space_at(i)) != NULL; i++) {
        char copy[32];
        snprintf(copy, sizeof copy, "%s", s->name);
        ck_assert_ptr_eq(instnorm_space_find(copy), s);
        ck_assert_ptr_eq(instnorm_space_at(i), s);
    }
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        REQUIRE(instnorm_space_find(none[i]) == NULL, "there is a space '%s'", none[i]);
}
END_TEST

/* ---- to and from ------------------------------------------------------------------------------------------------- */

static const double units[] = {1, 255, 65535};
enum { UNITS = sizeof units / sizeof *units };

START_TEST(the_transfer_function_is_the_standards)
{
    struct random r = {71};
    for (size_t u = 0; u < UNITS; u++) {
        random_floats(&r, 0.5 * units[u], units[u], in[0], FACE);
        for (size_t i = 0; i < 4096; i++)
            in[0][i] = (float)(units[u] * (double)i / 4095);
        instnorm_decode(in[0], FACE, units[u], mid[0]);
        instnorm_encode(mid[0], FACE, units[u], out[0]);
        for (size_t i = 0; i < FACE; i++) {
            double want = srgb_decoded((double)in[0][i] / units[u]), back = units[u] * srgb_encoded((double)mid[0][i]);
            REQUIRE_CLOSE(mid[0][i], want, 1e-7L * fabsl((long double)want) + 1e-12L);
            REQUIRE_CLOSE(out[0][i], back, 1.2e-7L * fabsl((long double)back) + 1e-12L);
        }
    }
    const float ends[] = {0, INFINITY, -INFINITY};
    instnorm_decode(ends, 3, 255, mid[0]);
    instnorm_encode(ends, 3, 255, out[0]);
    ck_assert(memcmp(mid[0], ends, sizeof ends) == 0 && memcmp(out[0], ends, sizeof ends) == 0);
}
END_TEST

/* As others give them: Ottosson's code for Oklab, OpenCV's and scikit-image's for CIELAB. */
START_TEST(known_colours)
{
    static const struct {
        const char *space;
        float rgb[3];
        struct triple want;
        double tolerance;
    } known[] = {
        {"lab", {255, 255, 255}, {{100, 0, 0}}, 1e-5},
        {"lab", {255, 0, 0}, {{53.24, 80.09, 67.20}}, 0.01},
        {"lab", {0, 255, 0}, {{87.73, -86.18, 83.18}}, 0.01},
        {"lab", {0, 0, 255}, {{32.30, 79.19, -107.86}}, 0.01},
        {"oklab", {255, 255, 255}, {{1, 0, 0}}, 1e-6},
        {"oklab", {255, 0, 0}, {{0.6279554, 0.2248631, 0.1258463}}, 1e-6},
        {"oklab", {0, 255, 0}, {{0.8664396, -0.2338876, 0.1794985}}, 1e-6},
        {"oklab", {0, 0, 255}, {{0.4520137, -0.0324570, -0.3115281}}, 1e-6},
        {"ruderman", {0, 0, 0}, {{-6.53431, 0, 0}}, 1e-5}, /* sqrt(3) (ln(1/16) - 1) */
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const float *const rgb[] = {&known[i].rgb[0], &known[i].rgb[1], &known[i].rgb[2]};
        instnorm_to_space(space_named(known[i].space), rgb, 1, 255, out_planes);
        for (size_t c = 0; c < 3; c++)
            REQUIRE_CLOSE(out[c][0], known[i].want.v[c], known[i].tolerance);
    }
}
END_TEST

/* Colours of every 8-bit step near black, of every 15th elsewhere. */
static size_t fill_grid(double unit)
{
    size_t n = 0;
    for (int i = 0; i < 38 * 38 * 38; i++) {
        const int at[3] = {i / (38 * 38), i / 38 % 38, i % 38};
        for (size_t c = 0; c < 3; c++)
            in[c][n] = (float)((at[c] < 22 ? at[c] : (at[c] - 21) * 15 + 15) * unit / 255);
        n++;
    }
    return n;
}

START_TEST(spaces_follow_their_definitions)
{
    for (size_t k = 0; k < DEFINITIONS; k++)
        for (size_t u = 0; u < UNITS; u++) {
            const struct definition *d = &definitions[k];
            size_t n = fill_grid(units[u]);
            instnorm_to_space(space_named(d->name), from_in, n, units[u], mid_planes);
            for (size_t i = 0; i < n; i++) {
                struct triple rgb = colour_at(in_planes, i, units[u]);
                require_triple(d, rgb, colour_at(mid_planes, i, 1), d->of(d->linear ? linear(rgb) : rgb), 1e-6);
            }
        }
}
END_TEST

/* One array in and out, as in every space of one plane. */
START_TEST(rgb_is_the_samples_in_units)
{
    const struct instnorm_space *rgb = space_named("rgb");
    for (size_t u = 0; u < UNITS; u++) {
        struct random r = {79};
        random_floats(&r, 0.5 * units[u], units[u], in[0], FACE);
        instnorm_to_space(rgb, from_in, FACE, units[u], mid_planes);
        instnorm_from_space(rgb, (const float *const[]){mid[0]}, FACE, units[u], out_planes);
        for (size_t i = 0; i < FACE; i++) {
            REQUIRE_NEAR(mid[0][i], (long double)in[0][i] / units[u], 0x1p-24L + 0x1p-52L);
            REQUIRE_NEAR(out[0][i], (long double)mid[0][i] * units[u], 0x1p-24L);
        }
    }
}
END_TEST

START_TEST(spaces_go_on_beyond_white_and_black)
{
    struct random r = {72};
    for (size_t k = 0; k < DEFINITIONS; k++)
        for (size_t u = 0; u < UNITS; u++) {
            const struct definition *d = &definitions[k];
            for (size_t c = 0; c < 3; c++)
                random_floats(&r, 0.5 * units[u], units[u], in[c], 20000);
            space_named(d->name)->to(from_in, 20000, units[u], mid_planes);
            for (size_t i = 0; i < 20000; i++) {
                struct triple rgb = colour_at(in_planes, i, units[u]);
                require_triple(d, rgb, colour_at(mid_planes, i, 1), d->of(rgb), 1e-6);
            }
        }
}
END_TEST

/* `from` gives the colour that by definition has the values. */
START_TEST(from_undoes_the_definition)
{
    struct random r = {73};
    for (size_t k = 0; k < DEFINITIONS; k++)
        for (size_t u = 0; u < UNITS; u++) {
            const struct definition *d = &definitions[k];
            for (size_t c = 0; c < 3; c++)
                for (size_t i = 0; i < 20000; i++)
                    in[c][i] = d->least[c] + (d->most[c] - d->least[c]) * (float)random_unit(&r);
            space_named(d->name)->from(from_in, 20000, units[u], mid_planes);
            for (size_t i = 0; i < 20000; i++) {
                struct triple rgb = colour_at(mid_planes, i, units[u]);
                require_triple(d, rgb, colour_at(in_planes, i, 1), d->of(rgb), 1e-6);
            }
        }
}
END_TEST

/* ---- lightness ----------------------------------------------------------------------------------------------------- */

START_TEST(lightness_is_that_of_lab)
{
    struct random r = {79};
    for (size_t u = 0; u < UNITS; u++) {
        size_t n = fill_grid(units[u]);
        for (size_t c = 0; c < 3; c++)
            random_floats(&r, 0.5 * units[u], units[u], in[c] + n, FACE - n);
        instnorm_lightness(from_in, FACE, units[u], mid[0]);
        instnorm_to_space(space_named("lab"), from_in, FACE, units[u], out_planes);
        for (size_t i = 0; i < FACE; i++) {
            double want = lab_of(linear(colour_at(in_planes, i, units[u]))).v[0] / 100;
            REQUIRE_CLOSE(mid[0][i], want, 1e-7L * (1 + fabsl((long double)want)));
            REQUIRE_CLOSE(mid[0][i], (double)out[0][i] / 100, 1e-6L * (1 + fabsl((long double)want)));
        }
    }
}
END_TEST

SUITE(colour)
{
    TCase *cases = tcase_create("spaces");

    tcase_add_test(cases, the_table_is_whole);
    tcase_add_test(cases, spaces_are_found_by_name);
    tcase_add_test(cases, the_transfer_function_is_the_standards);
    tcase_add_test(cases, known_colours);
    tcase_add_test(cases, spaces_follow_their_definitions);
    tcase_add_test(cases, rgb_is_the_samples_in_units);
    tcase_add_test(cases, spaces_go_on_beyond_white_and_black);
    tcase_add_test(cases, from_undoes_the_definition);
    tcase_add_test(cases, lightness_is_that_of_lab);
    suite_add_tcase(suite, cases);
}
