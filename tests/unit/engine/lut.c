/*
 * Look-up tables, as a program that reads them has them: parsed from their text, by the specification of .cube, and held
 * against the map itself, from the library's functions in double.
 */
#include "engine/lut.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 1021, EDGE = 65, VERTICES = EDGE * EDGE * EDGE };

static char *format(const char *space, const struct instnorm_affine *affine, unsigned channels, struct why *why)
{
    struct map map = {0};
    ck_assert(map_reserve(&map, channels, why));
    for (unsigned c = 0; c < channels; c++)
        map_set_members(&map, c, (const double[]){affine[c].scale, affine[c].shift});
    char *text = lut_format(instnorm_space_find(space), &map, why);
    map_free(&map);
    return text;
}

/* A number for each channel. */
struct rgb {
    double c[3];
};

/* The lines of a table of `n`, to be freed; its head is this one. */
static struct rgb *parse(const char *text, const char *head, size_t n)
{
    struct rgb *table = must_alloc(n * sizeof *table);
    ck_assert_msg(strncmp(text, head, strlen(head)) == 0, "%.80s", text);
    text += strlen(head);
    for (size_t i = 0; i < 3 * n; i++) {
        char *end;
        table[i / 3].c[i % 3] = strtod(text, &end);
        REQUIRE(end > text && *end == (i % 3 == 2 ? '\n' : ' '), "number %zu", i);
        text = end + 1;
    }
    ck_assert_str_eq(text, "");
    return table;
}

static double cut(double v)
{
    return v < 0 ? 0 : v > 1 ? 1 : v;
}

/* ---- 1D ------------------------------------------------------------------------------------------------------------ */

/* Beyond white and black a table goes on by 1 at most. */
static double bounded(double v)
{
    return v < -1 ? -1 : v > 2 ? 2 : v;
}

static void check_curve(const char *name, const struct instnorm_affine *map, unsigned channels)
{
    char head[80];
    struct why why = {""};
    bool linear = strcmp(name, "linear") == 0;
    struct instnorm_affine of[3] = {map[0], map[channels == 3], map[channels == 3 ? 2 : 0]};
    snprintf(head, sizeof head, "TITLE \"instnorm %s\"\nLUT_1D_SIZE %d\n", name, POINTS);
    char *text = format(name, map, channels, &why);
    ck_assert_msg(text != NULL, "%s", why.text);
    struct rgb *table = parse(text, head, POINTS);
    for (size_t i = 0; i < POINTS; i++) {
        double x = (double)i / (POINTS - 1);
        for (int c = 0; c < 3; c++) {
            double want =
                linear ? srgb_encoded(srgb_decoded(x) * of[c].scale + of[c].shift) : x * of[c].scale + of[c].shift;
            REQUIRE_CLOSE(table[i].c[c], bounded(want), 1e-6 * (1 + fabs(of[c].scale)));
        }
    }
    free(table);
    free(text);
}

START_TEST(curves_are_the_map)
{
    const struct instnorm_affine maps[][3] = {
        {{1, 0}, {1, 0}, {1, 0}}, {{1.5, -0.2}, {0.4, 0.3}, {-1, 1}}, {{0, 0.5}, {2, -0.5}, {0.9, 0.01}}};
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        for (unsigned channels = 1; channels <= 3; channels += 2) {
            check_curve("rgb", maps[i], channels);
            check_curve("linear", maps[i], channels);
        }
}
END_TEST

/* What lies far out does not bend the table: it goes from -1 to 2 and no further. */
START_TEST(curves_end_a_little_beyond_white_and_black)
{
    const struct instnorm_affine steep = {100, -50};
    check_curve("rgb", &steep, 1);
    check_curve("linear", &steep, 1);
}
END_TEST

START_TEST(what_is_no_number_is_refused)
{
    struct why why = {""};
    const struct instnorm_affine steep[3] = {{INFINITY, 0}, {1, 0}, {1, 0}};
    ck_assert_ptr_null(format("rgb", steep, 3, &why));
    ck_assert_msg(strstr(why.text, "steep") != NULL, "%s", why.text);
}
END_TEST

/* ---- 3D ------------------------------------------------------------------------------------------------------------ */

static const struct {
    const char *space;
    struct instnorm_affine map[3];
} lattices[] = {
    {"lab", {{1.6, -25}, {1.3, 2}, {0.8, -3}}},
    {"oklab", {{0.7, 0.2}, {1.8, 0.01}, {1.5, -0.02}}},
    {"ruderman", {{1.2, -1.5}, {1.1, 0.01}, {1.3, -0.02}}},
};

/* The table in memory: red is the fastest. */
static struct rgb *lattice(int i)
{
    char head[80];
    struct why why = {""};
    snprintf(head, sizeof head, "TITLE \"instnorm %s\"\nLUT_3D_SIZE %d\n", lattices[i].space, EDGE);
    char *text = format(lattices[i].space, lattices[i].map, 3, &why);
    ck_assert_msg(text != NULL, "%s", why.text);
    struct rgb *table = parse(text, head, VERTICES);
    free(text);
    return table;
}

/* The map at its points, and half way between them. */
enum { FINE = 2 * EDGE - 1 };

/* One row, red rising. */
static void map_row(const struct instnorm_space *space, const struct instnorm_affine *map, size_t g, size_t b,
                    struct rgb *row)
{
    double plane[3][FINE];
    const double *const hub[] = {plane[0], plane[1], plane[2]};
    double *const out[] = {plane[0], plane[1], plane[2]};
    for (size_t r = 0; r < FINE; r++) {
        const size_t at[] = {r, g, b};
        for (int c = 0; c < 3; c++) {
            double x = (double)at[c] / (FINE - 1);
            plane[c][r] = space->linear ? srgb_decoded(x) : x;
        }
    }
    instnorm_apply_in_space(space, hub, FINE, map, 1, 1, out);
    for (size_t r = 0; r < FINE; r++)
        row[r] = (struct rgb){{plane[0][r], plane[1][r], plane[2][r]}};
}

/* [FINE][FINE][FINE]: blue, green, red */
static struct rgb *exact(int i)
{
    struct rgb *fine = must_alloc((size_t)FINE * FINE * FINE * sizeof *fine);
    for (size_t b = 0; b < FINE; b++)
        for (size_t g = 0; g < FINE; g++)
            map_row(instnorm_space_find(lattices[i].space), lattices[i].map, g, b, fine + (b * FINE + g) * FINE);
    return fine;
}

static const struct rgb *fine_at(const struct rgb *fine, size_t b, size_t g, size_t r)
{
    return fine + (b * FINE + g) * FINE + r;
}

/* A vertex is off the map by two steps of 8 bits at most, and what is cut off stays so. */
START_TEST(vertices_are_near_the_map)
{
    struct rgb *table = lattice(_i), *fine = exact(_i);
    size_t beyond = 0;
    for (size_t v = 0; v < VERTICES; v++)
        for (int c = 0; c < 3; c++) {
            double got = table[v].c[c];
            double want = fine_at(fine, v / EDGE / EDGE * 2, v / EDGE % EDGE * 2, v % EDGE * 2)->c[c];
            bool outside = want < -1e-5 || want > 1 + 1e-5;
            REQUIRE(got >= -1 && got <= 2, "%g", got);
            REQUIRE_CLOSE(cut(got), cut(want), outside ? 0 : 2 / 255.0 + 1e-5);
            beyond += outside;
        }
    ck_assert_uint_gt(beyond, VERTICES / 50);
    free(table);
    free(fine);
}
END_TEST

/* The largest error half way between neighbours, in the seven directions, of what can be seen. */
static double worst_half_way(const struct rgb *table, const struct rgb *fine)
{
    double worst = 0;
    for (size_t d = 1; d < 8; d++) {
        const size_t z = d >> 2, y = d >> 1 & 1, x = d & 1;
        for (size_t b = 0; b + z < EDGE; b++)
            for (size_t g = 0; g + y < EDGE; g++)
                for (size_t r = 0; r + x < EDGE; r++) {
                    const struct rgb *from = table + (b * EDGE + g) * EDGE + r, *to = from + (z * EDGE + y) * EDGE + x;
                    const struct rgb *want = fine_at(fine, 2 * b + z, 2 * g + y, 2 * r + x);
                    for (int c = 0; c < 3; c++)
                        worst = fmax(worst, fabs(cut((from->c[c] + to->c[c]) / 2) - cut(want->c[c])));
                }
    }
    return worst;
}

/* The table is nearer to the map between its points than one that is exact at them. */
START_TEST(between_vertices_the_largest_error_is_smaller)
{
    struct rgb *table = lattice(_i), *fine = exact(_i), *plain = must_alloc(VERTICES * sizeof *plain);
    for (size_t v = 0; v < VERTICES; v++)
        for (int c = 0; c < 3; c++)
            plain[v].c[c] = bounded(fine_at(fine, v / EDGE / EDGE * 2, v / EDGE % EDGE * 2, v % EDGE * 2)->c[c]);
    double before = worst_half_way(plain, fine), after = worst_half_way(table, fine);
    ck_assert_msg(after < 0.75 * before, "%s: %g, and %g without refinement", lattices[_i].space, after, before);
    free(table);
    free(plain);
    free(fine);
}
END_TEST

SUITE(lut)
{
    TCase *curves = tcase_create("1D"), *lattices_ = tcase_create("3D");
    tcase_add_test(curves, curves_are_the_map);
    tcase_add_test(curves, curves_end_a_little_beyond_white_and_black);
    tcase_add_test(curves, what_is_no_number_is_refused);
    tcase_add_loop_test(lattices_, vertices_are_near_the_map, 0, 3);
    tcase_add_loop_test(lattices_, between_vertices_the_largest_error_is_smaller, 0, 3);
    suite_add_tcase(suite, curves);
    suite_add_tcase(suite, lattices_);
}
