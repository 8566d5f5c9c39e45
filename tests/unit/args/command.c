/* Options -> the command line that a report shows: what changes outputs, in one form whatever the words were. */
#include "command_line.h"

static const struct {
    const char *words, *want;
} commands[] = {
    {"in.png out.png", "instnorm-cli in.png out.png"},
    {"in.png out.png -g .25", "instnorm-cli --gamma .25 in.png out.png"},
    {"-g 0.1 --gamma=0.2 in out", "instnorm-cli --gamma 0.2 in out"},
    {"--norm=layer -b0.5 -S linear in out", "instnorm-cli --beta 0.5 --norm layer --space linear in out"},
    {"--mask below:0.5 -c R --mask not:1 -c 2 in out",
     "instnorm-cli --channels R --channels 2 --mask below:0.5 --mask not:1 in out"},
    {"-j 3 --memory 1G --timeout 9 --max-pixels 5M --no-sandbox -v --force in out", "instnorm-cli in out"},
    {"-Q --lut o.cube in out", "instnorm-cli in out"},
    {"--stats a.ppm b.ppm", "instnorm-cli --stats a.ppm b.ppm"},
    {"-n -f png -o out/ 1 2 3 4 5 6", "instnorm-cli --output out/ --format png --no-clobber 1 2 3 4 5 6"},
    {"-o out/ 1 2 3 4 5 6 7", "instnorm-cli --output out/ 1 ... 7"},
    {"-o a;b/ i'n -q keep", "instnorm-cli --output 'a;b/' --quality keep 'i'\\''n'"},
    {"-o out/ -- -n", "instnorm-cli --output out/ -- -n"},
    {"-o out/ -- in -n", "instnorm-cli --output out/ -- in -n"},
    {"-o out/ -- 1 2 3 4 5 -6 7", "instnorm-cli --output out/ 1 ... 7"},
};

START_TEST(it_has_what_changes_outputs)
{
    struct command_line line;
    char words[256];
    struct why why = {""};
    struct plan plan;
    snprintf(words, sizeof words, "--report r.html %s", commands[_i].words);
    begin_command_line(&line, words);
    ck_assert_msg(line.ok, "%s", line.why.text);
    ck_assert_msg(plan_build(&plan, &line.options, &why), "%s", why.text);
    ck_assert_str_eq(plan.reporting.command, commands[_i].want);
    plan_free(&plan);
    end_command_line(&line);
}
END_TEST

START_TEST(nobody_asks_for_it)
{
    struct planned p;
    begin_planned(&p, "in out");
    ck_assert_ptr_null(p.plan.reporting.command);
    end_planned(&p);
}
END_TEST

SUITE(command)
{
    TCase *tcase = tcase_create("command");
    ADD_EACH(tcase, it_has_what_changes_outputs, commands);
    tcase_add_test(tcase, nobody_asks_for_it);
    suite_add_tcase(suite, tcase);
}
