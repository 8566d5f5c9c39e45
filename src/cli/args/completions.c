#include "cli/args/completions.h"

#include <string.h>

struct part part_of(const char *text)
{
    return (struct part){text, strlen(text)};
}

void put_part(FILE *to, struct part part, const char *special)
{
    for (size_t i = 0; i < part.n; i++) {
        char c = part.text[i];
        if (strchr(special, c))
            fputc('\\', to);
        if (c == '\'')
            fputs("'\\''", to);
        else
            fputc(c == '\n' ? ' ' : c, to);
    }
}

bool needs_value(const struct option_row *row)
{
    return row->argument && row->argument[0] != '[';
}

bool ends_in_colon(const char *word)
{
    size_t n = strlen(word);
    return n > 0 && word[n - 1] == ':';
}

/* ---- descriptions -------------------------------------------------------------------------------------------------- */

/* What follows the first ": " of the line; text is NULL if there is none. */
static struct part after_colon(const char *line)
{
    size_t n = strcspn(line, "\n");
    for (size_t i = 0; i + 2 < n; i++)
        if (line[i] == ':' && line[i + 1] == ' ')
            return (struct part){line + i + 2, n - i - 2};
    return (struct part){0};
}

/* Of the first line that begins with the word. */
static struct part find_word(const char *help, const char *word)
{
    for (const char *line = help; line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL)
        if (strncmp(line, word, strlen(word)) == 0)
            return after_colon(line);
    return (struct part){0};
}

static bool describes_words(const struct option_row *row)
{
    size_t i = 0;
    while (option_word(row, i) && find_word(row->help, option_word(row, i)).text)
        i++;
    return i > 0 && !option_word(row, i);
}

struct part describe_word(const struct option_row *row, const char *word)
{
    return describes_words(row) ? find_word(row->help, word) : (struct part){0};
}

struct part describe(const struct option_row *row)
{
    return part_of(describes_words(row) ? row->expected : row->help);
}

/* ---- the shells ---------------------------------------------------------------------------------------------------- */

void options_print_completions(FILE *to, enum action action)
{
    if (action == ACTION_COMPLETIONS_BASH)
        completions_bash(to, option_table, option_rows);
    else if (action == ACTION_COMPLETIONS_ZSH)
        completions_zsh(to, option_table, option_rows);
    else
        completions_fish(to, option_table, option_rows);
}
