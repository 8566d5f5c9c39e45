/* The statistics of all inputs together: what is printed of them at the end, and what is missing in them. */
#include "capture.h"
#include "cli/args/plan.h"
#include "cli/report/reports.h"
#include "cli/report/stats_file.h"
#include "engine/result.h"
#include "folder.h"
#include "read_stats.h"

static const struct job job = {.input = "in.png", .below = "in.png", .listed = "in.png"};

static struct reports *begin_reports(const struct reporting *how)
{
    static struct request request;
    struct why why = {""};
    request.space = instnorm_space_find("rgb");
    struct reports *reports = reports_begin(how, &request, &why);
    ck_assert_msg(reports != NULL, "%s", why.text);
    return reports;
}

/* A picture of so many channels, each of which is v[2]. Numbers in steps of 1 / 256 are exact. */
static struct result flat(unsigned colours, const double *v)
{
    struct why why = {""};
    struct result r = {.status = RESULT_MEASURED, .unit = 256, .pictures = 1, .space = instnorm_space_find("rgb")};
    ck_assert(result_reserve(&r, colours, &why));
    struct instnorm_moments *moments = must_alloc(colours * sizeof *moments);
    const struct pooled_part part = {.colours = colours, .unit = 256, .moments = moments, .pictures = 1};
    for (unsigned c = 0; c < colours; c++) {
        double mean = (v[0] + v[1]) / 2, off = (v[0] - v[1]) / 2;
        r.channel[c].moments =
            (struct instnorm_moments){2, 256 * mean, 2 * 256 * 256 * off * off, 256 * v[0], 256 * v[1], 0};
        moments[c] = r.channel[c].moments;
    }
    ck_assert_msg(pooled_add(&r.pooled, &part, &why), "%s", why.text);
    free(moments);
    return r;
}

static void add_flat(struct reports *reports, unsigned colours, double least, double greatest)
{
    struct result r = flat(colours, (const double[]){least, greatest});
    ck_assert(reports_add(reports, &r, &job));
    result_free(&r);
}

/* What is printed at the end of two grey pictures, which hold 0, 0.25, 0.5 and 1, and one of two channels. */
static void require_total(const struct reporting *how, size_t missing, const char *want)
{
    struct why why = {""};
    struct reports *reports = begin_reports(how);
    struct capture c = begin_capture();
    add_flat(reports, 1, 0, 0.25);
    add_flat(reports, 2, 1, 2);
    struct result nothing = flat(3, (const double[]){0, 1});
    why_set(&nothing.nothing, "wholly transparent");
    bool added = reports_add(reports, &nothing, &job);
    result_free(&nothing);
    add_flat(reports, 1, 0.5, 1);
    ck_assert_str_eq(reports_of_all(reports), "total");
    bool ok = reports_finish(reports, &(struct report_end){.missing = missing}, &why);
    char *text = end_capture(&c);
    reports_free(reports);
    ck_assert_msg(added && ok, "%s", why.text);
    ck_assert_str_eq(text, want);
    free(text);
}

START_TEST(a_total_is_of_all_samples)
{
    require_total(&(struct reporting){.stats = true, .total = true, .alone = true}, 0,
                  "total  2 pictures  grey\n"
                  "             mean        std        min        max\n"
                  "  grey   0.437500   0.369755   0.000000   1.000000\n"
                  "total  1 picture  2 channels\n"
                  "             mean        std        min        max\n"
                  "  0      1.500000   0.500000   1.000000   2.000000\n"
                  "  1      1.500000   0.500000   1.000000   2.000000\n");
}
END_TEST

START_TEST(a_total_says_what_is_missing)
{
    struct reporting how = {.stats = true, .total = true, .alone = true, .json = true};
    require_total(&how, 2,
                  "{\"kind\":\"total\",\"space\":\"rgb\",\"pictures\":2,\"missing\":2,\"channels\":[{\"name\":\"grey\","
                  "\"weight\":4.0,\"mean\":0.4375,\"std\":0.36975498644372601,\"variance\":0.13671875,\"min\":0.0,"
                  "\"max\":1.0,\"skipped\":0}]}\n"
                  "{\"kind\":\"total\",\"space\":\"rgb\",\"pictures\":1,\"missing\":2,\"channels\":[{\"name\":\"0\","
                  "\"weight\":2.0,\"mean\":1.5,\"std\":0.5,\"variance\":0.25,\"min\":1.0,\"max\":2.0,\"skipped\":0},"
                  "{\"name\":\"1\",\"weight\":2.0,\"mean\":1.5,\"std\":0.5,\"variance\":0.25,\"min\":1.0,\"max\":2.0,"
                  "\"skipped\":0}]}\n");
}
END_TEST

/* The total of no picture at all. */
START_TEST(a_total_of_nothing_says_so)
{
    struct why why = {""};
    struct reports *reports = begin_reports(&(struct reporting){.stats = true, .total = true});
    struct capture c = begin_capture();
    bool ok = reports_finish(reports, &(struct report_end){.missing = 1}, &why);
    char *text = end_capture(&c);
    reports_free(reports);
    ck_assert(ok);
    ck_assert_str_eq(text, "total  0 pictures  nothing counts  (1 missing)\n");
    free(text);
}
END_TEST

/* Pictures that have the same number of channels need no limit; of different numbers a total takes more and more memory. */
START_TEST(totals_have_a_limit)
{
    enum { MOST = 1 << 17 };
    struct why why = {""};
    struct reports *reports = begin_reports(&(struct reporting){.stats = true, .total = true, .alone = true});
    for (int i = 0; i < 2; i++)
        add_flat(reports, MOST, 0, 1);
    struct capture c = begin_capture();
    add_flat(reports, 1, 0, 1);
    bool ok = reports_finish(reports, &(struct report_end){0}, &why);
    free(end_capture(&c));
    reports_free(reports);
    ck_assert(!ok);
    ck_assert_str_eq(why.text, "--stats: 'in.png': the totals for each number of channels have more than 131072 channels");
}
END_TEST

START_TEST(a_file_says_what_is_missing)
{
    const struct reporting how = {.save_stats = "stats.json"};
    struct why why = {""};
    struct pooled s = {0};
    struct reports *reports = begin_reports(&how);
    struct result r = flat(1, (const double[]){0, 1});
    r.missing = r.pooled.missing = 5;
    ck_assert(reports_add(reports, &r, &job));
    result_free(&r);
    ck_assert_msg(reports_finish(reports, &(struct report_end){.missing = 3}, &why), "%s", why.text);
    reports_free(reports);
    for (unsigned i = 1; i <= 2; i++) {
        ck_assert_msg(read_stats_file("stats.json", instnorm_space_find("rgb"), &s, &why), "%s", why.text);
        ck_assert_uint_eq(s.missing, i * 8);
        ck_assert_uint_eq(s.pictures, i);
    }
    pooled_free(&s);
}
END_TEST

SUITE(total)
{
    TCase *cases = tcase_create("total");
    tcase_add_checked_fixture(cases, enter_folder, leave_folder);
    tcase_add_test(cases, a_total_is_of_all_samples);
    tcase_add_test(cases, a_total_of_nothing_says_so);
    tcase_add_test(cases, totals_have_a_limit);
    if (reports_json()) {
        tcase_add_test(cases, a_total_says_what_is_missing);
        tcase_add_test(cases, a_file_says_what_is_missing);
    }
    suite_add_tcase(suite, cases);
}
