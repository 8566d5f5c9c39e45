/* Completion: what the table says of values, and what the scripts make of a table with odd texts. */
#include "cli/args/completions.h"

#include "command_line.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void script(FILE *to, const struct option_row *table, size_t rows);

static char *printed(script *print, const struct option_row *table, size_t rows)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    ck_assert(to != NULL);
    print(to, table, rows);
    ck_assert(fclose(to) == 0);
    return text;
}

static void require_has(const char *text, const char *part)
{
    REQUIRE(strstr(text, part), "there is no\n%s\nin\n%s", part, text);
}

static const struct option_row *row_of(const char *name)
{
    const struct option_row *row = option_table;
    while (!row->name || strcmp(row->name, name) != 0)
        row++;
    return row;
}

/* ---- the table ------------------------------------------------------------------------------------------------------ */

/* Behind a colon a number follows, or two. */
static const char *behind(const char *word)
{
    return !ends_in_colon(word) ? "" : strcmp(word, "quantiles:") == 0 ? "1,99" : "1";
}

START_TEST(each_word_is_a_value)
{
    size_t words = 0;
    char value[40];
    for (size_t i = 0; i < option_rows; i++)
        for (size_t w = 0; option_table[i].name && option_word(&option_table[i], w); w++, words++) {
            const char *word = option_word(&option_table[i], w);
            struct options options = options_default();
            struct why why = {""};
            snprintf(value, sizeof value, "%s%s", word, behind(word));
            REQUIRE(option_take(&options, &option_table[i], value, &why), "%s", why.text);
            options_free(&options);
        }
    ck_assert_uint_ge(words, 30);
}
END_TEST

START_TEST(words_come_from_where_they_are_defined)
{
    ck_assert_str_eq(option_word(row_of("norm"), 2), "group:");
    ck_assert_str_eq(option_word(row_of("space"), 2), instnorm_space_at(2)->name);
    ck_assert_str_eq(option_word(row_of("depth"), 2), "float");
    ck_assert_str_eq(option_word(row_of("help"), 0), "all");
    ck_assert_ptr_null(option_word(row_of("help"), 1));
    ck_assert_ptr_null(option_word(row_of("version"), 0));
    ck_assert_ptr_null(option_word(row_of("deflicker"), 0));
    for (size_t i = 0; option_word(row_of("format"), i); i++)
        ck_assert(codec_for_extension(option_word(row_of("format"), i))->create != NULL);
}
END_TEST

START_TEST(paths_are_known)
{
    static const char *const paths[] = {"style", "fit", "use-stats", "mask", "output", "save-stats", "lut", "report"};
    static const char *const others[] = {"gamma", "norm", "suffix", "memory", "strip", "help", "completions"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        REQUIRE(option_takes_path(row_of(paths[i])), "%s", paths[i]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        REQUIRE(!option_takes_path(row_of(others[i])), "%s", others[i]);
}
END_TEST

/* By lines of help that begin with a word, if there is one for each. */
START_TEST(words_are_described)
{
    struct part part = describe_word(row_of("norm"), "group:");
    ck_assert_uint_eq(part.n, strlen("the channels of each of G groups together"));
    ck_assert(strncmp(part.text, "the channels of each of G groups together\n", part.n + 1) == 0);
    ck_assert_str_eq(describe(row_of("norm")).text, row_of("norm")->expected);
    ck_assert_ptr_null(describe_word(row_of("space"), "rgb").text);
    ck_assert_str_eq(describe(row_of("space")).text, row_of("space")->help);
    struct option_row half = {.name = "half", .value = row_of("depth")->value, .help = "8: bytes\n16, or\nfloat: more"};
    ck_assert_ptr_null(describe_word(&half, "8").text);
    ck_assert_str_eq(describe(&half).text, half.help);
    ck_assert_ptr_null(describe_word(row_of("gamma"), "keep").text);
}
END_TEST

/* ---- quoting ------------------------------------------------------------------------------------------------------- */

/* The shell that undoes it is not ours. */
START_TEST(a_shell_reads_the_text)
{
    static const char text[] = "it's 'a' $HOME `id` \"\\ \\\\ *?[] ;&|<>!#~ \\n%s";
    char *command = NULL, got[200] = "";
    size_t size;
    FILE *to = open_memstream(&command, &size), *from;
    ck_assert(to && fputs("printf %s '", to) >= 0);
    put_part(to, part_of(text), "");
    ck_assert(fputs("'", to) >= 0 && fclose(to) == 0);
    from = popen(command, "r");
    ck_assert(from && fread(got, 1, sizeof got - 1, from) > 0 && pclose(from) == 0);
    ck_assert_str_eq(got, text);
    free(command);
}
END_TEST

static const struct word odd_words[] = {{"it's", 1}, {"a b:", 2}, {"back\\slash", 3}};
static const struct option_row odd[] = {
    {.help = "A heading"},
    {'x', "odd", {.type = VALUE_OTHER, .word = odd_words, .words = 3}, "FILE", "a:b or \\c", "it's [odd]:\n\\ and $so on"},
    {0, "flag", {.type = VALUE_FLAG}, NULL, NULL, "a flag"},
};
enum { ODD = sizeof odd / sizeof *odd };

START_TEST(odd_texts_in_bash)
{
    char *text = printed(completions_bash, odd, ODD);
    require_has(text, "    --odd= | --odd | -x) words=('it'\\''s' 'a b:' 'back\\slash') files=yes ;;\n    *)");
    require_has(text, "words=(\n                -x --odd\n                --flag\n            )");
    free(text);
}
END_TEST

START_TEST(odd_texts_in_zsh)
{
    char *text = printed(completions_zsh, odd, ODD);
    require_has(text,
                "_instnorm_cli_odd() {\n  local found=1\n  local -a whole=(\n    'it'\\''s'\n    'back\\\\slash'\n  )\n"
                "  local -a begun=(\n    'a b\\:'\n  )\n");
    require_has(text, "  _arguments -s -S \\\n"
                      "    '*-x+[it'\\''s \\[odd\\]\\: \\\\ and $so on]:a\\:b or \\\\c:_instnorm_cli_odd' \\\n"
                      "    '*--odd=[it'\\''s \\[odd\\]\\: \\\\ and $so on]:a\\:b or \\\\c:_instnorm_cli_odd' \\\n"
                      "    '*--flag[a flag]' \\\n"
                      "    '*:picture:_files'\n");
    free(text);
}
END_TEST

START_TEST(odd_texts_in_fish)
{
    char *text = printed(completions_fish, odd, ODD);
    require_has(text, "function __instnorm_cli_odd\n    printf '%s\\t%s\\n' \\\n        'it'\\''s' '' \\\n"
                      "        'a b:' '' \\\n        'back\\\\slash' ''\nend\n\n"
                      "complete -c instnorm-cli -s x -l odd -r -F -a '(__instnorm_cli_odd)' "
                      "-d 'it'\\''s [odd]: \\\\ and $so on'\n"
                      "complete -c instnorm-cli -l flag -d 'a flag'\n");
    free(text);
}
END_TEST

SUITE(completions)
{
    TCase *table = tcase_create("table"), *quoting = tcase_create("quoting");
    tcase_add_test(table, each_word_is_a_value);
    tcase_add_test(table, words_come_from_where_they_are_defined);
    tcase_add_test(table, paths_are_known);
    tcase_add_test(table, words_are_described);
    suite_add_tcase(suite, table);
    tcase_add_test(quoting, a_shell_reads_the_text);
    tcase_add_test(quoting, odd_texts_in_bash);
    tcase_add_test(quoting, odd_texts_in_zsh);
    tcase_add_test(quoting, odd_texts_in_fish);
    suite_add_tcase(suite, quoting);
}
