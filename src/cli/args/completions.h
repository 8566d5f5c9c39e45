/* Scripts that complete options and their values in a shell: a file for each shell, which makes them from a table. */
#ifndef ARGS_COMPLETIONS_H
#define ARGS_COMPLETIONS_H

#include "cli/args/table.h"

#include <stdio.h>

void completions_bash(FILE *to, const struct option_row *table, size_t rows);
void completions_zsh(FILE *to, const struct option_row *table, size_t rows);
void completions_fish(FILE *to, const struct option_row *table, size_t rows);

/* ---- what they share ----------------------------------------------------------------------------------------------- */

struct part {
    const char *text; /* [n] */
    size_t n;
};

struct part part_of(const char *text);

/*
 * Prints a part of a word that stands between single quotes. A backslash goes before each character of `special`. Lines
 * are joined by blanks.
 */
void put_part(FILE *to, struct part part, const char *special);

/* Whether the option cannot be without a value, which then may be the next word. */
bool needs_value(const struct option_row *row);

bool ends_in_colon(const char *word);

/* What help says of a word that the value may be; text is NULL if help has no line for each of them. */
struct part describe_word(const struct option_row *row, const char *word);

/* What the option is for; where help has a line for each word, what the value must be. */
struct part describe(const struct option_row *row);

#endif
