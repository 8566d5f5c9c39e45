/* --help, --help=all and --version, by what the manual promises of them. */
#include "cli/args/table.h"
#include "cli/files/sandbox.h"

#include "command_line.h"

#include <stdio.h>

static char *printed(bool all)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    ck_assert(to != NULL);
    options_print_help(to, all);
    ck_assert(fclose(to) == 0);
    return text;
}

/* How many lines; none is longer than a terminal. */
static size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (const char *line = text; *line; line = strchr(line, '\n') + 1, lines++)
        ck_assert_msg(strcspn(line, "\n") <= 80 && strchr(line, '\n'), "%s", line);
    return lines;
}

START_TEST(all_options_are_there)
{
    char *text = printed(true), option[64];
    ck_assert(count_lines(text) <= 90);
    for (size_t i = 0; i < option_rows; i++) {
        const struct option_row *row = &option_table[i];
        const char *argument = row->argument ? row->argument : "", *space = row->argument && argument[0] != '[' ? " " : "";
        char letter[] = {'-', row->letter, ',', ' ', '\0'};
        if (!row->name)
            continue;
        snprintf(option, sizeof option, "\n  %s--%s%s%s ", row->letter ? letter : "    ", row->name, space, argument);
        ck_assert_msg(strstr(text, option) != NULL, "%s", option);
    }
    free(text);
}
END_TEST

START_TEST(the_short_help_fits_a_screen)
{
    char *text = printed(false);
    ck_assert(count_lines(text) <= 40);
    ck_assert(strstr(text, "\n  -g, --gamma LIST ") && strstr(text, "\n  -h, --help[=all] "));
    ck_assert(strstr(text, "--help=all") && !strstr(text, "--max-pixels") && !strstr(text, "--fit"));
    ck_assert(strncmp(text, "Usage: instnorm-cli ", 20) == 0);
    free(text);
}
END_TEST

START_TEST(the_version_names_each_format_and_the_sandbox)
{
    char *text = NULL, line[64];
    size_t size;
    FILE *to = open_memstream(&text, &size);
    ck_assert(to != NULL);
    options_print_version(to);
    ck_assert(fclose(to) == 0);
    snprintf(line, sizeof line, "instnorm-cli %s\n", instnorm_version());
    ck_assert(strncmp(text, line, strlen(line)) == 0);
    for (size_t i = 0; codecs[i]; i++) {
        snprintf(line, sizeof line, "\n  %s ", codecs[i]->name);
        ck_assert_msg(strstr(text, line) && strstr(text, codecs[i]->library()), "%s", codecs[i]->name);
    }
    snprintf(line, sizeof line, "\nSandbox: %s\n", sandbox_describe());
    ck_assert_str_eq(text + strlen(text) - strlen(line), line);
    free(text);
}
END_TEST

SUITE(help)
{
    TCase *all = tcase_create("all");
    tcase_add_test(all, all_options_are_there);
    tcase_add_test(all, the_short_help_fits_a_screen);
    tcase_add_test(all, the_version_names_each_format_and_the_sandbox);
    suite_add_tcase(suite, all);
}
