#include "cli/args/completions.h"

/* A function that prints the words, each with what is said of it. */
static void put_function(FILE *to, const struct option_row *row)
{
    const char *word;
    fprintf(to, "function __instnorm_cli_%s\n    printf '%%s\\t%%s\\n'", row->name);
    for (size_t i = 0; (word = option_word(row, i)); i++) {
        fputs(" \\\n        '", to);
        put_part(to, part_of(word), "\\");
        fputs("' '", to);
        put_part(to, describe_word(row, word), "\\");
        fputs("'", to);
    }
    fputs("\nend\n\n", to);
}

static void put_option(FILE *to, const struct option_row *row)
{
    fputs("complete -c instnorm-cli", to);
    if (row->letter)
        fprintf(to, " -s %c", row->letter);
    fprintf(to, " -l %s", row->name);
    if (needs_value(row))
        fputs(" -r", to);
    if (row->argument)
        fputs(option_takes_path(row) ? " -F" : " -f", to);
    if (option_word(row, 0))
        fprintf(to, " -a '(__instnorm_cli_%s)'", row->name);
    fputs(" -d '", to);
    put_part(to, describe(row), "\\");
    fputs("'\n", to);
}

void completions_fish(FILE *to, const struct option_row *table, size_t rows)
{
    fputs("# fish completion for instnorm-cli, made by \"instnorm-cli --completions fish\"\n\n", to);
    for (size_t i = 0; i < rows; i++)
        if (table[i].name && option_word(&table[i], 0))
            put_function(to, &table[i]);
    for (size_t i = 0; i < rows; i++)
        if (table[i].name)
            put_option(to, &table[i]);
}
