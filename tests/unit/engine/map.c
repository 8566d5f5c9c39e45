/* Maps, against y = scale x + shift in a plain loop, and against what the maps are for. */
#include "engine/map.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

enum { N = 1000 };

struct line {
    double scale, shift;
};

/* A map of n channels with these numbers. */
static struct map map_of(const struct line *line, unsigned n)
{
    struct map map = {0};
    struct why why = {""};
    ck_assert_msg(map_reserve(&map, n, &why), "%s", why.text);
    for (unsigned c = 0; c < n; c++)
        map_set_members(&map, c, (const double[MAP_MEMBERS]){line[c].scale, line[c].shift});
    return map;
}

/* The numbers of channel c, by their names. */
static struct line line_of(const struct map *map, unsigned c)
{
    struct map_member member[MAP_MEMBERS];
    map_members(map, c, member);
    ck_assert_str_eq(member[0].name, "scale");
    ck_assert_str_eq(member[1].name, "shift");
    return (struct line){member[0].value, member[1].value};
}

/* ---- make ---------------------------------------------------------------------------------------------------------- */

START_TEST(a_new_map_changes_nothing)
{
    struct map map = {0};
    struct why why = {""};
    const float x[] = {-1, 0, 0.3f, 255};
    float y[4];
    ck_assert(map_reserve(&map, 3, &why) && map.channels == 3);
    for (unsigned c = 0; c < 3; c++) {
        map_sample(&map, c, x, 4, y);
        ck_assert(map_is_identity(&map, c) && !map_falls(&map, c) && memcmp(x, y, sizeof x) == 0);
    }
    map_free(&map);
    ck_assert(map.channels == 0 && !map.channel);
}
END_TEST

/* What is kept is converted from unit to unit, and in units it is the identity to the last bit. */
START_TEST(kept_channels_are_converted)
{
    static const double units[][2] = {{255, 65535}, {65535, 255}, {255, 1}, {1, 255}, {1, 1}, {255, 255}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        const double in = units[i][0], out = units[i][1];
        struct map map = map_of((const struct line[]){{3, 4}}, 1), plain = {0};
        struct why why = {""};
        float y;
        map_keep(&map, 0, in, out);
        map_sample(&map, 0, &(float){(float)in}, 1, &y);
        ck_assert_float_eq(y, (float)out);
        ck_assert(map_is_conversion(&map, 0, in, out) && map_is_identity(&map, 0) == (in == out));
        ck_assert(map_in_units(&map, 1, in, out, &plain, &why));
        ck_assert(line_of(&plain, 0).scale == 1 && line_of(&plain, 0).shift == 0);
        map_free(&map);
        map_free(&plain);
    }
}
END_TEST

/* Samples that go through a solved map have the mean and deviation that it was solved for. */
START_TEST(solved_maps_give_the_target)
{
    struct random r = {1};
    struct instnorm_moments before, after;
    const struct instnorm_target target = {.gamma = 0.2, .beta = 0.6, .strength = 1, .unit_in = 255, .unit_out = 1};
    struct map map = map_of((const struct line[]){{1, 0}, {1, 0}}, 2);
    float x[N];
    random_floats(&r, 100, 30, x, N);
    instnorm_moments_clear(&before);
    instnorm_measure(x, NULL, N, &before);
    ck_assert(map_solve(&map, 1, &before, &target) == INSTNORM_OK);
    map_sample(&map, 1, x, N, x);
    instnorm_moments_clear(&after);
    instnorm_measure(x, NULL, N, &after);
    REQUIRE_CLOSE(after.mean, 0.6, 1e-7);
    REQUIRE_CLOSE(sqrt(instnorm_variance(&after)), 0.2, 1e-7);
    ck_assert(map_is_identity(&map, 0) && !map_is_identity(&map, 1));
    map_free(&map);
}
END_TEST

START_TEST(what_cannot_be_solved_leaves_the_map)
{
    struct instnorm_moments none;
    struct map map = map_of((const struct line[]){{2, 3}}, 1);
    instnorm_moments_clear(&none);
    ck_assert(map_solve(&map, 0, &none, &(struct instnorm_target){.gamma = 1, .unit_in = 1, .unit_out = 1}) != INSTNORM_OK);
    ck_assert(line_of(&map, 0).scale == 2 && line_of(&map, 0).shift == 3);
    map_free(&map);
}
END_TEST

START_TEST(inverted_maps_lead_back)
{
    const struct line lines[] = {{2, -3}, {-0.25, 7}, {1e-3, 0.5}};
    struct map map = map_of(lines, 3), back = {0};
    struct why why = {""};
    ck_assert_msg(map_invert(&map, &back, &why), "%s", why.text);
    for (unsigned c = 0; c < 3; c++)
        for (double x = -2; x < 3; x += 0.37) {
            struct line there = line_of(&map, c), again = line_of(&back, c);
            REQUIRE_CLOSE(again.scale * (there.scale * x + there.shift) + again.shift, x, 1e-12);
        }
    map_free(&map);
    map = map_of((const struct line[]){{2, 1}, {0, 0.5}}, 2);
    ck_assert(!map_invert(&map, &back, &why));
    ck_assert_msg(strstr(why.text, "channel 1") != NULL, "%s", why.text);
    map_free(&map);
    map_free(&back);
}
END_TEST

/* Mapped and then put into units, or put into units and then mapped. */
START_TEST(units_and_maps_commute)
{
    const struct line lines[] = {{257, -300}, {-100, 40000}, {0, 5}};
    struct map map = map_of(lines, 3), plain = {0}, copy = {0};
    struct why why = {""};
    ck_assert(map_in_units(&map, 2, 255, 65535, &plain, &why) && plain.channels == 2);
    for (unsigned c = 0; c < 2; c++)
        for (double x = 0; x <= 255; x += 5) {
            struct line line = line_of(&plain, c);
            REQUIRE_CLOSE(line.scale * (x / 255) + line.shift, (lines[c].scale * x + lines[c].shift) / 65535, 1e-12);
        }
    ck_assert(map_copy(&copy, &map, &why) && map_agrees(&copy, &map) && !map_agrees(&copy, &plain));
    ck_assert(copy.channel != map.channel);
    map_free(&map);
    map_free(&plain);
    map_free(&copy);
}
END_TEST

/* ---- ask ----------------------------------------------------------------------------------------------------------- */

START_TEST(maps_agree_but_for_rounding)
{
    static const struct {
        struct line a, b;
        bool agree;
    } pairs[] = {{{2, 1}, {2, 1}, true},
                 {{2, 1}, {2 * (1 + 1e-15), 1 - 1e-15}, true},
                 {{2, 1}, {2 + 1e-9, 1}, false},
                 {{2, 1}, {2, 1 + 1e-9}, false},
                 {{1, 0}, {1, 1e-13}, true},
                 {{1e-20, 0}, {1.1e-20, 0}, false},
                 {{INFINITY, 0}, {INFINITY, 0}, true},
                 {{NAN, 0}, {NAN, 0}, false}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct map a = map_of((const struct line[]){{1, 0}, pairs[i].a}, 2);
        struct map b = map_of((const struct line[]){{1, 0}, pairs[i].b}, 2);
        struct map shorter = map_of((const struct line[]){{1, 0}}, 1);
        ck_assert_msg(map_agrees(&a, &b) == pairs[i].agree && map_agrees(&b, &a) == pairs[i].agree, "%zu", i);
        ck_assert(!map_agrees(&a, &shorter) && !map_agrees(&shorter, &a));
        map_free(&a);
        map_free(&b);
        map_free(&shorter);
    }
}
END_TEST

START_TEST(maps_are_said_in_words)
{
    static const struct {
        struct line line;
        const char *text;
    } each[] = {{{1.0853, 0.0531}, "y = 1.085 x + 0.0531"},
                {{-2, -0.5}, "y = -2 x - 0.5"},
                {{1, 0}, "y = 1 x + 0"},
                {{123456, 1e-7}, "y = 1.235e+05 x + 1e-07"}};
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
        struct map map = map_of(&each[i].line, 1);
        char text[64] = "y", brief[8] = "y";
        map_say(&map, 0, text, sizeof text);
        ck_assert_str_eq(text, each[i].text);
        map_say(&map, 0, brief, sizeof brief);
        ck_assert(strlen(brief) == sizeof brief - 1 && strncmp(brief, text, sizeof brief - 1) == 0);
        ck_assert(map_falls(&map, 0) == (each[i].line.scale < 0));
        map_free(&map);
    }
}
END_TEST

/* ---- apply --------------------------------------------------------------------------------------------------------- */

static const struct line some[] = {{1, 0}, {1.7, -20}, {-0.9, 300}, {257, 0.5}, {0, 7}};
enum { SOME = sizeof some / sizeof *some };

static void make_run(struct random *r, float *narrow, double *wide)
{
    for (size_t i = 0; i < N; i++) {
        narrow[i] = (float)(random_normal(r) * 100 + 120);
        wide[i] = (double)narrow[i] + 1e-6 * random_normal(r);
    }
}

START_TEST(runs_of_either_type)
{
    struct random r = {2};
    float x[N], y[N];
    double wide[N], out[N];
    struct map map = map_of(some, SOME);
    make_run(&r, x, wide);
    for (unsigned c = 0; c < SOME; c++) {
        map_run(&map, c, (struct run){x, NULL}, N, (struct run_to){y, NULL});
        map_run(&map, c, (struct run){NULL, wide}, N, (struct run_to){NULL, out});
        for (size_t i = 0; i < N; i++) {
            double from = some[c].scale * (double)x[i], want = some[c].scale * wide[i];
            REQUIRE_CLOSE(y[i], from + some[c].shift, 1e-7 * (fabs(from) + fabs(some[c].shift)));
            REQUIRE_CLOSE(out[i], want + some[c].shift, 1e-15 * (fabs(want) + fabs(some[c].shift)));
        }
    }
    map_free(&map);
}
END_TEST

/* The nearest whole number that the type has; a half goes to the even one, and what is no number to 0. */
static double nearest(double v, double most)
{
    return isnan(v) ? 0 : fmin(fmax(nearbyint(v), 0), most);
}

START_TEST(native_samples_are_the_nearest)
{
    struct random r = {3};
    float x[N];
    double wide[N];
    uint8_t bytes[N];
    uint16_t words[2][N];
    float floats[N];
    struct map map = map_of(some, SOME);
    make_run(&r, x, wide);
    x[0] = NAN;
    wide[0] = NAN;
    x[1] = 0.5f;
    wide[1] = 2.5;
    for (unsigned c = 0; c < SOME; c++) {
        map_store(&map, c, (struct run){x, NULL}, N, SAMPLE_U8, bytes);
        map_store(&map, c, (struct run){x, NULL}, N, SAMPLE_U16, words[0]);
        map_store(&map, c, (struct run){NULL, wide}, N, SAMPLE_U16, words[1]);
        map_store(&map, c, (struct run){NULL, wide}, N, SAMPLE_F32, floats);
        for (size_t i = 0; i < N; i++) {
            double y = (double)x[i] * some[c].scale + some[c].shift, v = wide[i] * some[c].scale + some[c].shift;
            REQUIRE(bytes[i] == nearest(y, 255), "%g is %d", y, bytes[i]);
            REQUIRE(words[0][i] == nearest(y, 65535), "%g is %d", y, words[0][i]);
            REQUIRE(words[1][i] == nearest(v, 65535), "%g is %d", v, words[1][i]);
            REQUIRE(floats[i] == (float)v || isnan(v), "%g is %g", v, (double)floats[i]);
        }
    }
    map_free(&map);
}
END_TEST

/* A premultiplied sample is a straight one times alpha, before and after. */
START_TEST(premultiplied_samples_stay_so)
{
    struct random r = {4};
    float x[N], alpha[N];
    double straight[N], out[N];
    struct map map = map_of(some, SOME);
    for (size_t i = 0; i < N; i++) {
        straight[i] = random_unit(&r) * 255;
        alpha[i] = (float)random_below(&r, 256);
        x[i] = (float)(straight[i] * (double)alpha[i] / 255);
    }
    for (unsigned c = 0; c < SOME; c++) {
        map_premultiplied(&map, c, (struct run){x, NULL}, (struct run){alpha, NULL}, 255, N, (struct run_to){NULL, out});
        for (size_t i = 0; i < N; i++) {
            double want = (straight[i] * some[c].scale + some[c].shift) * (double)alpha[i] / 255;
            REQUIRE_CLOSE(out[i], want, 1e-6 * (255 * fabs(some[c].scale) + fabs(some[c].shift)));
        }
    }
    map_free(&map);
}
END_TEST

/* The three maps from c on, each in its plane, between the space's own functions. */
START_TEST(maps_in_a_space)
{
    const struct instnorm_space *space = instnorm_space_find("ruderman");
    const struct line lines[] = {{9, 9}, {1.2, -1}, {0.8, 0.02}, {1.1, -0.01}};
    struct random r = {5};
    struct map map = map_of(lines, 4);
    double rgb[3][N], plane[3][N], want[3][N], got[3][N];
    const double *const hub[] = {rgb[0], rgb[1], rgb[2]}, *const values[] = {plane[0], plane[1], plane[2]};
    double *const to[] = {plane[0], plane[1], plane[2]}, *const back[] = {want[0], want[1], want[2]};
    double *const out[] = {got[0], got[1], got[2]};
    for (size_t i = 0; i < N; i++)
        for (int c = 0; c < 3; c++)
            rgb[c][i] = 0.05 + 0.9 * random_unit(&r);
    map_in_space(&map, 1, space, hub, N, 1, 255, out);
    space->to_double(hub, N, 1, to);
    for (int k = 0; k < 3; k++)
        for (size_t i = 0; i < N; i++)
            plane[k][i] = plane[k][i] * lines[k + 1].scale + lines[k + 1].shift;
    space->from_double(values, N, 255, back);
    for (int c = 0; c < 3; c++)
        for (size_t i = 0; i < N; i++)
            REQUIRE_CLOSE(got[c][i], want[c][i], 1e-9 * (1 + fabs(want[c][i])));
    map_free(&map);
}
END_TEST

START_TEST(clipped_samples_are_counted)
{
    struct random r = {6};
    float x[N];
    double wide[N];
    struct map map = map_of(some, SOME);
    make_run(&r, x, wide);
    for (unsigned c = 0; c < SOME; c++) {
        struct instnorm_clip narrow = {0}, of_double = {0};
        uint64_t below[2] = {0}, above[2] = {0};
        map_count_clipped(&map, c, (struct run){x, NULL}, N, SAMPLE_U8, &narrow);
        map_count_clipped(&map, c, (struct run){NULL, wide}, N, SAMPLE_U8, &of_double);
        for (size_t i = 0; i < N; i++) {
            const double y[] = {(double)x[i] * some[c].scale + some[c].shift, wide[i] * some[c].scale + some[c].shift};
            for (int k = 0; k < 2; k++) {
                below[k] += nearbyint(y[k]) < 0;
                above[k] += nearbyint(y[k]) > 255;
            }
        }
        ck_assert(narrow.low == below[0] && narrow.high == above[0]);
        ck_assert(of_double.low == below[1] && of_double.high == above[1]);
    }
    map_free(&map);
}
END_TEST

SUITE(map)
{
    TCase *make = tcase_create("make"), *ask = tcase_create("ask"), *apply = tcase_create("apply");
    tcase_add_test(make, a_new_map_changes_nothing);
    tcase_add_test(make, kept_channels_are_converted);
    tcase_add_test(make, solved_maps_give_the_target);
    tcase_add_test(make, what_cannot_be_solved_leaves_the_map);
    tcase_add_test(make, inverted_maps_lead_back);
    tcase_add_test(make, units_and_maps_commute);
    tcase_add_test(ask, maps_agree_but_for_rounding);
    tcase_add_test(ask, maps_are_said_in_words);
    tcase_add_test(apply, runs_of_either_type);
    tcase_add_test(apply, native_samples_are_the_nearest);
    tcase_add_test(apply, premultiplied_samples_stay_so);
    tcase_add_test(apply, maps_in_a_space);
    tcase_add_test(apply, clipped_samples_are_counted);
    suite_add_tcase(suite, make);
    suite_add_tcase(suite, ask);
    suite_add_tcase(suite, apply);
}
