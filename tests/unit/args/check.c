/* Options that exclude or need one another: refused in either order, with both named, and each is taken alone. */
#include "cli/report/reports.h"

#include "command_line.h"

#include <stdio.h>
#include <unistd.h>

/* ---- pairs --------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *one, *other; /* with a value, as they are typed */
} pairs[] = {
    {"--in-place", "--output o"},
    {"--in-place", "--suffix _n"},
    {"--in-place", "--format ppm"},
    {"--in-place", "--no-clobber"},
    {"--no-clobber", "--force"},
    {"--output o", "--pairs --files-from l"},
    {"--suffix _n", "--pairs --files-from l"},
    {"--in-place", "--pairs --files-from l"},
    {"--recursive", "--pairs --files-from l"},
    {"--no-clobber", "--lut o.cube"},
    {"--json", "--save-stats -"},
    {"--json", "--lut -"},
    {"--json", "--report -"},
    {"--save-stats x.cube", "--lut x.cube"},
    {"--report x.cube", "--lut x.cube"},
    {"--save-stats -", "--lut /dev/stdout"},
    {"--quiet", "--verbose"},
    {"--style s.png", "--fit f.png"},
    {"--style s.png", "--deflicker 3"},
    {"--fit f.png", "--deflicker 3"},
    {"--mean 0.5 --std 0.5", "--fit f.png"},
    {"--mean 0.5 --std 0.5", "--deflicker 3"},
    {"--mean 0.5 --std 0.5", "--use-stats s.json"},
    {"--use-stats s.json", "--fit f.png"},
    {"--use-stats s.json", "--deflicker 3"},
    {"--norm batch", "--fit f.png"},
    {"--norm batch", "--deflicker 3"},
    {"--norm layer", "--space lab"},
    {"--norm group:3", "--space oklab"},
};

static bool takes_line(const char *words, char *why, size_t size)
{
    struct command_line line;
    begin_command_line(&line, words);
    snprintf(why, size, "%s", line.why.text);
    bool ok = line.ok;
    end_command_line(&line);
    return ok;
}

/* A build without a library for JSON does not have the option. */
static bool is_left_out(const char *words)
{
    return !reports_json() && (strstr(words, "--json") || strstr(words, "-stats "));
}

/* The option is named, or is one of those that give statistics. */
static bool names(const char *message, const char *words)
{
    char name[32];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(words, " "), words);
    bool given = strcmp(name, "--mean") == 0 || strcmp(name, "--use-stats") == 0;
    return strstr(message, name) || (given && strstr(message, "given statistics"));
}

START_TEST(two_options_exclude_each_other)
{
    const char *const one = pairs[_i].one, *const other = pairs[_i].other;
    char words[160], why[300];
    for (int turned = 0; turned < 2; turned++) {
        snprintf(words, sizeof words, "%s %s a b", turned ? other : one, turned ? one : other);
        ck_assert_msg(!takes_line(words, why, sizeof why), "%s", words);
        if (is_left_out(words))
            ck_assert_msg(strstr(why, "jansson") != NULL, "%s: %s", words, why);
        else
            ck_assert_msg(names(why, one) && names(why, other), "%s: %s", words, why);
    }
    for (int second = 0; second < 2; second++) {
        snprintf(words, sizeof words, "%s a b", second ? other : one);
        ck_assert_msg(takes_line(words, why, sizeof why) != is_left_out(words), "%s: %s", words, why);
    }
}
END_TEST

/* What one option needs, or makes of another's value. The message names the option. */
static const struct {
    const char *words, *says;
} refused[] = {
    {"-S ruderman a b", "ruderman"},
    {"-S ruderman -g 1 a b", "ruderman"},
    {"--mask same a b", "--mask same"},
    {"-s x --style-mask same a b", "--style-mask same"},
    {"--apply-mask same a b", "--mask"},
    {"--apply-mask all a b", "--apply-mask all"},
    {"--style-mask m.png a b", "--style"},
    {"-0 a b", "--files-from"},
    {"--pairs a b", "--files-from"},
    {"-0 a b", "--per-file"},
    {"--per-file 3 --in-place a", "--in-place"},
    {"--per-file 3 --pairs --files-from l", "--pairs"},
    {"--per-file 3 a b", "--output"},
    {"--per-file 3 --suffix x a", "--output"},
};

START_TEST(what_is_refused_names_the_option)
{
    char why[300];
    ck_assert_msg(!takes_line(refused[_i].words, why, sizeof why) && strstr(why, refused[_i].says), "%s: %s",
                  refused[_i].words, why);
}
END_TEST

START_TEST(mean_and_std_need_each_other)
{
    char why[300];
    ck_assert(!takes_line("--mean 1 a b", why, sizeof why) && names(why, "--mean ") && strstr(why, "--std"));
    ck_assert(!takes_line("--std 1 a b", why, sizeof why) && names(why, "--std ") && names(why, "--mean"));
    ck_assert_msg(takes_line("--std 1 --mean 1 a b", why, sizeof why), "%s", why);
}
END_TEST

/* ---- --stats and --total ------------------------------------------------------------------------------------------- */

/* These write no picture: nothing that says how to make one goes with them. */
static const char *const useless[] = {
    "--in-place",
    "--pairs --files-from l",
    "--preserve",
    "-o x",
    "--suffix x",
    "-n",
    "--lut x.cube",
    "--fail-on-clip 1",
    "-g 1",
    "-b 1",
    "-s x",
    "--fit x",
    "--deflicker 3",
    "--strength 0",
    "-c R",
    "-e 1",
    "-N layer",
    "--per-file 2",
    "--mean 1 --std 1",
    "--apply-mask below:0.5",
    "-f pnm",
    "--depth 8",
    "--dither",
    "--strip",
    "-q 50",
    "-z 5",
};

START_TEST(stats_goes_with_nothing_that_writes)
{
    struct command_line line;
    char words[80];
    for (int i = 0; i < 2; i++) {
        const char *option = i == 0 ? "--stats" : "--total";
        snprintf(words, sizeof words, "%s %s a", option, useless[_i]);
        begin_command_line(&line, words);
        ck_assert_msg(!line.ok && strstr(line.why.text, option) != NULL, "%s: %s", words, line.why.text);
        end_command_line(&line);
    }
}
END_TEST

/* What measures, reads or reports goes with it. */
static const char *const with_stats[] = {
    "-S lab",      "-S ruderman",  "--mask above:0.5", "--alpha-as-data", "--rgb",          "--auto-orient",
    "-v",          "-Q",           "--memory 1",       "--dry-run",       "--max-pixels 1", "--force",
    "-N instance", "--strength 1", "--timeout 5",      "--no-sandbox",
};

START_TEST(stats_goes_with_what_measures)
{
    char words[80], why[300];
    for (int i = 0; i < 2; i++) {
        snprintf(words, sizeof words, "%s %s a", i == 0 ? "--stats" : "--total", with_stats[_i]);
        ck_assert_msg(takes_line(words, why, sizeof why), "%s: %s", words, why);
    }
}
END_TEST

/* ---- masks --------------------------------------------------------------------------------------------------------- */

static const char stats_file[] = "{}";

/* Given statistics leave --mask nothing to select but a style that is measured, and what --apply-mask same changes. */
static const struct {
    const char *words; /* @ stands for a statistics file */
    bool taken;
} masks[] = {
    {"--mask above:0.5", false},
    {"--mask above:0.5 --apply-mask same", true},
    {"--mask above:0.5 --apply-mask above:0.5", false},
    {"--mask above:0.5 -s s.png", true},
    {"--mask below:0.5 -s s.png", true},
    {"--mask not:0 -s s.png", true},
    {"--mask m.png -s s.png", false},
    {"--mask all -s s.png", false},
    {"--mask above:0.5 -s @", false},
    {"--mask above:0.5 -s @ -s s.png", true},
    {"--style-mask above:0.5", false},
    {"--style-mask above:0.5 -s s.png", true},
    {"--apply-mask above:0.5", true},
};

START_TEST(a_mask_must_select_something)
{
    char path[] = "/tmp/check-XXXXXX", words[200], why[300];
    const char *at = strchr(masks[_i].words, '@');
    int fd = mkstemp(path);
    ck_assert(fd >= 0 && write(fd, stats_file, sizeof stats_file - 1) == (ssize_t)sizeof stats_file - 1 && close(fd) == 0);
    int before = at ? (int)(at - masks[_i].words) : (int)strlen(masks[_i].words);
    snprintf(words, sizeof words, "--mean 0.5 --std 0.5 -b 0.5 %.*s%s%s a b", before, masks[_i].words, at ? path : "",
             at ? at + 1 : "");
    bool taken = takes_line(words, why, sizeof why);
    ck_assert(unlink(path) == 0);
    ck_assert_msg(taken == masks[_i].taken, "%s: %s", words, why);
    ck_assert_msg(taken || strstr(why, "mask"), "%s: %s", words, why);
}
END_TEST

SUITE(check)
{
    TCase *two = tcase_create("pairs"), *stats = tcase_create("stats"), *select = tcase_create("masks");
    ADD_EACH(two, two_options_exclude_each_other, pairs);
    ADD_EACH(two, what_is_refused_names_the_option, refused);
    tcase_add_test(two, mean_and_std_need_each_other);
    ADD_EACH(stats, stats_goes_with_nothing_that_writes, useless);
    ADD_EACH(stats, stats_goes_with_what_measures, with_stats);
    ADD_EACH(select, a_mask_must_select_something, masks);
    suite_add_tcase(suite, two);
    suite_add_tcase(suite, stats);
    suite_add_tcase(suite, select);
}
