/* Files that are made of every input: what a plan does if there is one, by the options. */
#include "cli/report/reports.h"

#include "command_line.h"
#include "folder.h"
#include "tensor_file.h"

static void enter_files(void)
{
    enter_folder();
    const char *const files[] = {"a.pgm", "b.pgm", "there.pgm", "there.json", "text.npy", "out.pgm"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        put_file(files[i], "P5 1 1 1 x");
    put_file("empty.npy", "");
    put_file("empty.json", "");
    put_tensor("one.npy", 1);
    put_tensor("two.npy", 2);
    ck_assert(symlink("two.npy", "link.npy") == 0 && mkdir("folder.json", 0777) == 0);
}

/* In letters what a plan may say: it is refused; the run is skipped; what comes meanwhile stays; neither. */
static const struct {
    const char *words;
    char nothing, no_clobber, force;
} rows[] = {
    /* a stack */
    {"-o new.npy a.pgm b.pgm", 'g', 'g', '-'},
    {"-o empty.npy a.pgm b.pgm", 'g', 's', '-'},
    {"-o one.npy a.pgm b.pgm", 'r', 's', '-'},
    {"-o two.npy a.pgm b.pgm", 'r', 's', '-'},
    {"-o text.npy a.pgm b.pgm", 'r', 's', '-'},
    {"-o link.npy a.pgm b.pgm", 'r', 's', '-'},
    {"-f npy -o there.pgm a.pgm b.pgm", 'r', 's', '-'},
    {"-N batch -o two.npy a.pgm b.pgm", 'r', 's', '-'},
    {"--deflicker 3 -o two.npy a.pgm b.pgm", 'r', 's', '-'},
    {"-f npy -o - a.pgm b.pgm", 'g', 'g', '-'},
    {"-f npy -o /dev/stdout a.pgm b.pgm", 'g', 'g', '-'},
    {"-f npy -o /dev/null a.pgm b.pgm", 'g', 'g', '-'},
    {"-o two.npy missing.pgm b.pgm", 'r', 's', '-'},
    /* one input that may be the last of a list */
    {"-o new.npy a.pgm", 'g', '-', '-'},
    {"-o empty.npy a.pgm", 'g', '-', '-'},
    {"-o one.npy a.pgm", '-', '-', '-'},
    {"-o two.npy a.pgm", 'r', '-', '-'},
    {"-o link.npy a.pgm", 'r', '-', '-'},
    {"-o two.npy text.npy", 'r', '-', '-'},
    {"-o two.npy one.npy", '-', '-', '-'},
    {"-o two.npy -", '-', '-', '-'},
    {"-o two.npy /dev/null", '-', '-', '-'},
    {"-o two.npy missing.pgm", '-', '-', '-'},
    {"-o text.npy a.pgm", '-', '-', '-'},
    {"-f npy -o /dev/null a.pgm", 'g', '-', '-'},
    /* several outputs, or one that was not named by -o */
    {"a.pgm two.npy", '-', '-', '-'},
    {"-f npy -o folder.json a.pgm b.pgm", '-', '-', '-'},
    {"-o folder.json a.pgm b.pgm", '-', '-', '-'},
};

static const struct {
    const char *words;
    char nothing, no_clobber, force;
} rows_json[] = {
    {"--stats --save-stats new.json a.pgm", '-', '-', '-'},
    {"--stats --save-stats empty.json a.pgm", '-', 's', '-'},
    {"--stats --save-stats there.json a.pgm", 'r', 's', '-'},
    {"--stats --save-stats there.json a.pgm b.pgm", 'r', 's', '-'},
    {"--stats --save-stats - a.pgm", '-', '-', '-'},
    {"--stats --save-stats /dev/null a.pgm", '-', '-', '-'},
    {"--stats --save-stats folder.json a.pgm", '-', '-', '-'},
    {"--save-stats there.json -o new/ a.pgm b.pgm", 'r', 's', '-'},
    {"--save-stats there.json a.pgm out.pgm", 'r', 's', '-'},
    {"--save-stats new.json a.pgm new.pgm", '-', '-', '-'},
    {"--save-stats new.json a.pgm out.pgm", '-', 'r', '-'},
    {"--save-stats there.json -o new.npy a.pgm b.pgm", 'r', 's', '-'},
    {"--save-stats new.json -o two.npy a.pgm b.pgm", 'r', 'r', '-'},
    {"--save-stats there.json -o two.npy a.pgm b.pgm", 'r', 's', '-'},
};

/* A plan that was skipped has nothing to do. */
static void require_skipped(const struct plan *plan, const char *words)
{
    ck_assert_msg(plan->notes.n == 1 && strstr(plan->notes.item[0].text, "exists, so the run is skipped"), "%s", words);
    ck_assert_msg(!plan->pooled && !plan->stacked && !plan->folder && !plan->file && !plan->reporting.save_stats, "%s",
                  words);
    for (size_t i = 0; i < plan->n; i++) {
        ck_assert_msg(plan->job[i].skip, "%s", words);
        struct stat st;
        ck_assert_msg(!plan->job[i].output || stat(plan->job[i].output, &st) == 0, "%s", words);
    }
}

static void require_outcome(const char *option, const char *words, char outcome)
{
    struct planned p;
    char all[160];
    snprintf(all, sizeof all, "%s%s", option, words);
    begin_command_line(&p.line, all);
    ck_assert_msg(p.line.ok, "%s: %s", all, p.line.why.text);
    bool ok = plan_build(&p.plan, &p.line.options, &p.line.why);
    ck_assert_msg(ok == (outcome != 'r'), "%s: %s", all, p.line.why.text);
    if (ok) {
        ck_assert_msg(!p.plan.kept == (outcome != 's'), "%s", all);
        ck_assert_msg(p.plan.writing.guarded == (outcome == 'g') || outcome == 's', "%s", all);
        if (p.plan.kept)
            require_skipped(&p.plan, all);
        plan_free(&p.plan);
    } else if (option[0] == '\0') {
        ck_assert_msg(strstr(p.line.why.text, "--force") && strstr(p.line.why.text, "--no-clobber") &&
                          strstr(p.line.why.text, "--files-from"),
                      "%s: %s", all, p.line.why.text);
    }
    end_command_line(&p.line);
}

START_TEST(a_stack_is_replaced_by_force_alone)
{
    require_outcome("", rows[_i].words, rows[_i].nothing);
    require_outcome("-n ", rows[_i].words, rows[_i].no_clobber);
    require_outcome("--force ", rows[_i].words, rows[_i].force);
}
END_TEST

START_TEST(a_statistics_file_is_replaced_by_force_alone)
{
    if (!reports_json())
        return; /* the options are refused: see what_cannot_be_meant_with_json_is_refused */
    require_outcome("", rows_json[_i].words, rows_json[_i].nothing);
    require_outcome("-n ", rows_json[_i].words, rows_json[_i].no_clobber);
    require_outcome("--force ", rows_json[_i].words, rows_json[_i].force);
}
END_TEST

SUITE(plan_guard)
{
    TCase *guard = tcase_create("plan_guard");
    tcase_add_checked_fixture(guard, enter_files, leave_folder);
    tcase_add_loop_test(guard, a_stack_is_replaced_by_force_alone, 0, sizeof rows / sizeof *rows);
    tcase_add_loop_test(guard, a_statistics_file_is_replaced_by_force_alone, 0, sizeof rows_json / sizeof *rows_json);
    suite_add_tcase(suite, guard);
}
