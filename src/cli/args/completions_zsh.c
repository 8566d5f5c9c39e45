#include "cli/args/completions.h"

#include <string.h>

static const char before[] = "#compdef instnorm-cli\n"
                             "# zsh completion for instnorm-cli, made by \"instnorm-cli --completions zsh\"\n"
                             "\n";

static const char after[] = "    '*:picture:_files'\n"
                            "}\n"
                            "\n"
                            "if [[ $funcstack[1] == _instnorm-cli ]]; then\n"
                            "  _instnorm_cli \"$@\"\n"
                            "else\n"
                            "  compdef _instnorm_cli instnorm-cli\n"
                            "fi\n";

/* Whether the words can stand in the line of the option: they are plain, nothing is said of them, and no path goes there.
 */
static bool fits_line(const struct option_row *row)
{
    static const char plain[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.,-";
    const char *word;
    for (size_t i = 0; (word = option_word(row, i)); i++)
        if (word[strspn(word, plain)] != '\0' || describe_word(row, word).text)
            return false;
    return !option_takes_path(row);
}

/* A list of words, as _describe takes it: those that end in a colon, or the others. */
static void put_words(FILE *to, const struct option_row *row, const char *name, bool colon)
{
    const char *word;
    fprintf(to, "  local -a %s=(\n", name);
    for (size_t i = 0; (word = option_word(row, i)); i++) {
        struct part said = describe_word(row, word);
        if (ends_in_colon(word) != colon)
            continue;
        fputs("    '", to);
        put_part(to, part_of(word), "\\:");
        fputs(said.text ? ":" : "", to);
        put_part(to, said, "");
        fputs("'\n", to);
    }
    fputs("  )\n", to);
}

/* A function that completes the value of an option. More is to be typed behind a word that ends in a colon. */
static void put_function(FILE *to, const struct option_row *row)
{
    fprintf(to, "_instnorm_cli_%s() {\n  local found=1\n", row->name);
    put_words(to, row, "whole", false);
    put_words(to, row, "begun", true);
    fputs("  _describe -t values value whole -- begun -S '' && found=0\n", to);
    fputs(option_takes_path(row) ? "  _files && found=0\n" : "", to);
    fputs("  return found\n}\n\n", to);
}

/* :what is expected:what completes it */
static void put_value(FILE *to, const struct option_row *row)
{
    fputs(needs_value(row) ? ":" : "::", to);
    put_part(to, part_of(row->expected), "\\:");
    fputs(":", to);
    if (!fits_line(row) && option_word(row, 0)) {
        fprintf(to, "_instnorm_cli_%s", row->name);
    } else if (option_takes_path(row)) {
        fputs("_files", to);
    } else if (!option_word(row, 0)) {
        fputs(" ", to);
    } else {
        for (size_t i = 0; option_word(row, i); i++)
            fprintf(to, "%s%s", i == 0 ? "(" : " ", option_word(row, i));
        fputs(")", to);
    }
}

/* What follows the name in a line of _arguments. */
static void put_rest(FILE *to, const struct option_row *row, bool value)
{
    fputs("[", to);
    put_part(to, describe(row), "\\[]:");
    fputs("]", to);
    if (value)
        put_value(to, row);
    fputs("' \\\n", to);
}

/* Each option may be repeated. Behind a letter there is no value if it can be left out. */
static void put_option(FILE *to, const struct option_row *row)
{
    if (row->letter) {
        fprintf(to, "    '*-%c%s", row->letter, needs_value(row) ? "+" : "");
        put_rest(to, row, needs_value(row));
    }
    fprintf(to, "    '*--%s%s", row->name, needs_value(row) ? "=" : row->argument ? "=-" : "");
    put_rest(to, row, row->argument);
}

void completions_zsh(FILE *to, const struct option_row *table, size_t rows)
{
    fputs(before, to);
    for (size_t i = 0; i < rows; i++)
        if (table[i].name && option_word(&table[i], 0) && !fits_line(&table[i]))
            put_function(to, &table[i]);
    fputs("_instnorm_cli() {\n  _arguments -s -S \\\n", to);
    for (size_t i = 0; i < rows; i++)
        if (table[i].name)
            put_option(to, &table[i]);
    fputs(after, to);
}
