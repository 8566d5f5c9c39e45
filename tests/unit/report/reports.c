/* Reports without a command line: what each prints of a result, what it needs, and that files are written all or none. */
#include "capture.h"
#include "cli/args/plan.h"
#include "cli/report/reports.h"
#include "cli/report/same_map.h"
#include "cli/report/stats_file.h"
#include "engine/request.h"
#include "folder.h"
#include "read_stats.h"

/* ---- results ------------------------------------------------------------------------------------------------------- */

static const struct job job = {.input = "in.png", .below = "in.png", .listed = "in.png", .output = "out.png"};

/* A grey picture of 8 bits, of which 0.25 * 255 became 0.5 by y = 2 x. */
static struct result grey(double scale)
{
    struct why why = {""};
    struct result r = {.status = RESULT_MAPPED,
                       .format = "png",
                       .width = 4,
                       .height = 2,
                       .channels = 1,
                       .depth = 8,
                       .integer = true,
                       .most = 255,
                       .pixels = 8,
                       .space = instnorm_space_find("rgb"),
                       .unit = 255,
                       .pictures = 1};
    ck_assert(result_reserve(&r, 1, &why) && map_reserve(&r.map, 1, &why));
    struct result_channel *ch = &r.channel[0];
    ch->moments = ch->used = (struct instnorm_moments){8, 0.25 * 255, 8 * 0.0625 * 255 * 255, 0, 127.5, 0};
    ch->touched = true;
    ch->target = (struct instnorm_target){0.5, 0.5, 0, 1, 255, 255};
    ch->clip = (struct instnorm_clip){0, 2, -25.5, 510};
    map_set_members(&r.map, 0, (const double[]){scale, 0});
    const struct pooled_part part = {.colours = 1, .unit = 255, .moments = &ch->moments, .pictures = 1};
    ck_assert(pooled_add(&r.pooled, &part, &why));
    return r;
}

/* What is printed to standard output when a report takes the result, to be freed. */
static char *printed(const struct reporting *how, const struct result *result, const struct job *of)
{
    static const struct request request = {0};
    struct why why = {""};
    struct reports *reports = reports_begin(how, &request, &why);
    ck_assert_msg(reports != NULL, "%s", why.text);
    struct capture c = begin_capture();
    bool ok = reports_add(reports, result, of);
    char *text = end_capture(&c);
    reports_free(reports);
    ck_assert(ok);
    return text;
}

static void require_printed(const struct reporting *how, struct result *result, const struct job *of, const char *want)
{
    char *text = printed(how, result, of);
    ck_assert_str_eq(text, want);
    free(text);
    result_free(result);
}

/* ---- what is printed ----------------------------------------------------------------------------------------------- */

START_TEST(a_table_has_measured_values)
{
    const struct reporting how = {.stats = true};
    struct result r = grey(2);
    r.status = RESULT_MEASURED;
    require_printed(&how, &r, &job,
                    "'in.png'  4 x 2  grey  8 bit  png\n"
                    "             mean        std        min        max\n"
                    "  grey   0.250000   0.250000   0.000000   0.500000\n");
    r = grey(2);
    r.status = RESULT_STATISTICS;
    r.unit = 255;
    r.pictures = 12;
    require_printed(&how, &r, &job,
                    "'in.png'  statistics of 12 pictures in rgb\n"
                    "             mean        std        min        max\n"
                    "  grey   0.250000   0.250000   0.000000   0.500000\n");
    r = (struct result){.status = RESULT_FAILED, .why = {"no"}};
    require_printed(&how, &r, &job, "");
}
END_TEST

START_TEST(a_table_leaves_stdout_to_a_file)
{
    struct reporting how = {.stats = true, .lut = "-"};
    struct result r = grey(2);
    require_printed(&how, &r, &job, "");
}
END_TEST

START_TEST(json_has_a_line_for_each_result)
{
    const struct reporting how = {.json = true};
    const struct job latin = {.input = "caf\351 \"q\"", .output = "out"};
    struct result r = grey(2);
    require_printed(&how, &r, &job,
                    "{\"input\":\"in.png\",\"output\":\"out.png\",\"format\":\"png\",\"width\":4,\"height\":2,"
                    "\"layout\":\"grey\",\"depth\":8,\"space\":\"rgb\",\"channels\":[{\"name\":\"grey\",\"weight\":8.0,"
                    "\"mean\":0.25,\"std\":0.25,\"variance\":0.0625,\"min\":0.0,\"max\":0.5,\"skipped\":0,"
                    "\"used_mean\":0.25,\"used_variance\":0.0625,\"gamma\":0.5,\"beta\":0.5,\"eps\":0.0,\"strength\":1.0,"
                    "\"scale\":2.0,\"shift\":0.0}],\"clipped\":[{\"name\":\"grey\",\"low\":0.0,\"high\":0.25,"
                    "\"min\":-0.10000000000000001,\"max\":2.0}]}\n");
    r = (struct result){.status = RESULT_FAILED, .why = {"a 'b' \377"}};
    require_printed(&how, &r, &latin, "{\"input\":\"caf? \\\"q\\\"\",\"status\":\"failed\",\"error\":\"a 'b' ?\"}\n");
    r = (struct result){.status = RESULT_SKIPPED};
    require_printed(&how, &r, &job, "{\"input\":\"in.png\",\"output\":\"out.png\",\"status\":\"skipped\"}\n");
    r = (struct result){.status = RESULT_DONE};
    require_printed(&how, &r, &job, "");
}
END_TEST

/* JSON has no NaN: what is not there is null, and -0 is 0. */
START_TEST(json_has_null_for_no_samples)
{
    const struct reporting how = {.json = true};
    struct result r = grey(2);
    r.status = RESULT_STATISTICS;
    instnorm_moments_clear(&r.channel[0].moments);
    r.channel[0].touched = false;
    r.channel[0].moments.min = -0.0;
    pooled_free(&r.pooled);
    require_printed(&how, &r, &job,
                    "{\"input\":\"in.png\",\"format\":\"statistics\",\"space\":\"rgb\",\"pictures\":1,\"channels\":["
                    "{\"name\":\"grey\",\"weight\":0.0,\"mean\":null,\"std\":null,\"variance\":null,\"min\":0.0,"
                    "\"max\":null,\"skipped\":0}]}\n");
}
END_TEST

/* What a build without jansson says of a statistics file. */
START_TEST(without_json_files_are_refused)
{
    struct pooled s = {0};
    struct why why = {""};
    ck_assert(!read_stats_file("any.json", instnorm_space_find("rgb"), &s, &why));
    ck_assert_msg(strstr(why.text, "built without jansson") != NULL, "%s", why.text);
}
END_TEST

/* ---- what is needed ------------------------------------------------------------------------------------------------ */

START_TEST(reports_say_what_they_need)
{
    bool json = reports_json() != NULL;
    const struct {
        struct reporting how;
        struct report_needs needs;
        size_t files;
    } row[] = {{{.force = true}, {0}, 0},
               {{.stats = true}, {0}, 0},
               {{.verbose = true}, {.clipping = true}, 0},
               {{.json = true}, {.clipping = json, .channels = json}, 0},
               {{.stats = true, .save_stats = "-"}, {.moments = json, .channels = json}, json},
               {{.stats = true, .total = true, .json = true}, {.clipping = json, .channels = json}, 0},
               {{.stats = true, .total = true, .json = true, .alone = true}, {.channels = json}, 0},
               {{.stats = true, .total = true, .alone = true}, {0}, 0},
               {{.lut = "a.cube"}, {0}, 1},
               {{.lut = "a.cube", .save_stats = "b"}, {.moments = json, .channels = json}, 1 + (size_t)json}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct report_file file[REPORT_FILES_MAX];
        struct report_needs needs = reports_needs(&row[i].how);
        REQUIRE(needs.clipping == row[i].needs.clipping && needs.moments == row[i].needs.moments &&
                    needs.channels == row[i].needs.channels,
                "row %zu", i);
        size_t n = reports_files(&row[i].how, file);
        REQUIRE(n == row[i].files, "row %zu: %zu files", i, n);
        REQUIRE(n < 2 || (strcmp(file[0].option, "--save-stats") == 0 && strcmp(file[1].path, "a.cube") == 0), "row %zu",
                i);
    }
}
END_TEST

/* ---- files --------------------------------------------------------------------------------------------------------- */

/* Whether reports of n pictures with these maps are written. */
static bool write_reports(const double *scale, size_t n, struct why *why)
{
    const struct request request = {.space = instnorm_space_find("rgb")};
    const struct reporting how = {.save_stats = "stats.json", .lut = "map.cube"};
    struct reports *reports = reports_begin(&how, &request, why);
    ck_assert_msg(reports != NULL, "%s", why->text);
    for (size_t i = 0; i < n; i++) {
        struct result r = grey(scale[i]);
        ck_assert(reports_add(reports, &r, &job));
        result_free(&r);
    }
    bool ok = reports_finish(reports, &(struct report_end){0}, why);
    reports_free(reports);
    return ok;
}

START_TEST(files_are_written_together)
{
    struct why why = {""};
    ck_assert_msg(write_reports((const double[]){2, 2}, 2, &why), "%s", why.text);
    size_t n;
    char *cube = (char *)load_file("map.cube", &n);
    ck_assert(cube && strncmp(cube, "TITLE \"instnorm rgb\"\nLUT_1D_SIZE 1021\n0.0", 41) == 0);
    free(cube);
    if (reports_json()) {
        struct pooled pool = {0};
        struct statistics s = {0};
        ck_assert(stats_file_is("stats.json") && !stats_file_is("map.cube"));
        ck_assert_msg(read_stats_file("stats.json", instnorm_space_find("rgb"), &pool, &why), "%s", why.text);
        ck_assert(pooled_statistics(&pool, &s, &why));
        ck_assert_uint_eq(s.pictures, 2);
        REQUIRE_CLOSE(s.channel[0].mean, 0.25, 1e-15);
        REQUIRE_CLOSE(instnorm_variance(&s.channel[0]), 0.0625, 1e-15);
        statistics_free(&s);
        pooled_free(&pool);
    }
    ck_assert_uint_eq(count_names(), reports_json() ? 2 : 1);
}
END_TEST

/* The statistics of two maps can be written, but not their LUT. */
START_TEST(files_are_written_together_or_not_at_all)
{
    struct why why = {""};
    ck_assert(!write_reports((const double[]){2, 3}, 2, &why));
    ck_assert_msg(strncmp(why.text, "--lut: the pictures got different maps", 38) == 0, "%s", why.text);
    ck_assert_uint_eq(count_names(), 0);
    why = (struct why){""};
    ck_assert(!write_reports(NULL, 0, &why));
    ck_assert_uint_eq(count_names(), 0);
}
END_TEST

START_TEST(files_that_cannot_be_written_show_at_once)
{
    const struct request request = {0};
    const struct reporting how = {.lut = "/nowhere/at/all.cube"};
    struct why why = {""};
    ck_assert(!reports_begin(&how, &request, &why));
    ck_assert_msg(strncmp(why.text, "--lut: ", 7) == 0 && strstr(why.text, "/nowhere/at/all.cube"), "%s", why.text);
}
END_TEST

/* ---- one map ------------------------------------------------------------------------------------------------------- */

START_TEST(pictures_have_the_same_map_but_for_rounding)
{
    struct same_map same = {0};
    struct why why = {""};
    ck_assert(!same_map_find(&same));
    const double scale[] = {2, 2 * (1 + 1e-15), 2 * (1 + 1e-9)};
    for (size_t i = 0; i < 3; i++) {
        struct result counts = grey(scale[i]), nothing = grey(5), smaller = grey(6), measured = grey(7);
        why_set(&nothing.nothing, "wholly transparent");
        smaller.role = PAGE_REDUCED;
        measured.status = RESULT_MEASURED;
        struct result *of[] = {&nothing, &smaller, &measured, &counts};
        for (size_t k = 0; k < 4; k++) {
            ck_assert(same_map_add(&same, of[k], &why));
            result_free(of[k]);
        }
        ck_assert_uint_eq(same.pictures, i + 1);
        ck_assert((same_map_find(&same) != NULL) == (i < 2));
    }
    map_free(&same.map);
}
END_TEST

SUITE(reports)
{
    TCase *cases = tcase_create("reports"), *files = tcase_create("files");
    tcase_add_test(cases, a_table_has_measured_values);
    tcase_add_test(cases, a_table_leaves_stdout_to_a_file);
    if (reports_json()) {
        tcase_add_test(cases, json_has_a_line_for_each_result);
        tcase_add_test(cases, json_has_null_for_no_samples);
    } else {
        tcase_add_test(cases, without_json_files_are_refused);
    }
    tcase_add_test(cases, reports_say_what_they_need);
    tcase_add_test(cases, pictures_have_the_same_map_but_for_rounding);
    suite_add_tcase(suite, cases);
    tcase_add_checked_fixture(files, enter_folder, leave_folder);
    tcase_add_test(files, files_are_written_together);
    tcase_add_test(files, files_are_written_together_or_not_at_all);
    tcase_add_test(files, files_that_cannot_be_written_show_at_once);
    suite_add_tcase(suite, files);
}
