/* Options -> the command line that leads to the same results. */
#include "cli/args/internal.h"

#include "base/growing.h"
#include "base/quote.h"
#include "cli/args/table.h"

#include <stdlib.h>
#include <string.h>

/* A command line of more operands names the first and the last. */
enum { OPERANDS_NAMED = 6 };

/* What says how the run is done or told: the outputs are the same without it. */
static const char *const aside[] = {"force",   "save-stats", "expect",  "json",       "lut",
                                    "report",  "compare",    "verbose", "jobs",       "memory",
                                    "timeout", "dry-run",    "quiet",   "max-pixels", "no-sandbox"};

static bool is_aside(const char *option)
{
    for (size_t i = 0; i < sizeof aside / sizeof *aside; i++)
        if (strcmp(option, aside[i]) == 0)
            return true;
    return false;
}

/* Adds a blank and the word as a shell would take it. */
static void put_word(struct growing *to, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./,:=@%+-";
    size_t n = strlen(word), size = 4 * n + 16;
    growing_put(to, " ");
    if (n > 0 && word[strspn(word, plain)] == '\0') {
        growing_put(to, word);
        return;
    }
    char *quoted = malloc(size);
    if (quoted)
        growing_put(to, quote(quoted, size, word));
    else
        to->lacks = true;
    free(quoted);
}

/* Of an option whose values do not add up, the last one that is given counts. */
static bool counts(const struct options *o, size_t i)
{
    const struct option_row *row = o->given[i].row;
    for (size_t k = i + 1; !row->value.adds && k < o->n_given; k++)
        if (o->given[k].row == row)
            return false;
    return true;
}

static void put_option(struct growing *to, const struct options *o, const struct option_row *row)
{
    for (size_t i = 0; i < o->n_given; i++) {
        const char *text = o->given[i].text;
        if (o->given[i].row != row || !counts(o, i))
            continue;
        growing_format(to, " --%s", row->name);
        if (text)
            put_word(to, text);
    }
}

static bool is_named(const struct options *o, size_t i)
{
    return o->n_operands <= OPERANDS_NAMED || i == 0 || i == o->n_operands - 1;
}

/* Whether one of those that are named would be taken for an option. */
static bool look_like_options(const struct options *o)
{
    for (size_t i = 0; i < o->n_operands; i++)
        if (is_named(o, i) && o->operands[i][0] == '-' && o->operands[i][1])
            return true;
    return false;
}

static void put_operands(struct growing *to, const struct options *o)
{
    if (look_like_options(o))
        growing_put(to, " --");
    for (size_t i = 0; i < o->n_operands; i++) {
        if (is_named(o, i))
            put_word(to, o->operands[i]);
        else if (i == 1)
            growing_put(to, " ...");
    }
}

const char *command_write(const struct options *o, struct arena *texts)
{
    struct growing to = {0};
    const char *text = NULL;
    growing_put(&to, "instnorm-cli");
    for (size_t i = 0; i < option_rows; i++)
        if (option_table[i].name && !is_aside(option_table[i].name))
            put_option(&to, o, &option_table[i]);
    put_operands(&to, o);
    if (!to.lacks)
        text = arena_copy(texts, to.text, to.n);
    growing_free(&to);
    return text;
}
