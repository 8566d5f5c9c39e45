/* argv -> options, by the table. */
#include "cli/args/options.h"

#include "base/quote.h"
#include "cli/args/suggest.h"
#include "cli/args/table.h"
#include "cli/files/names.h"

#include <getopt.h>
#include <stdlib.h>
#include <unistd.h>

struct options options_default(void)
{
    const struct request request = request_default();
    return (struct options){.space = request.space,
                            .norm = request.norm,
                            .groups = request.groups,
                            .strength = request.strength,
                            .eps = request.eps,
                            .fail_on_clip = request.fail_on_clip,
                            .write = {.quality = -1, .compression = -1},
                            .memory = 1u << 30,
                            .max_pixels = 1u << 28};
}

const char *options_path(const char *path)
{
    return file_descriptor(path) == STDOUT_FILENO ? "-" : path;
}

/* ---- getopt_long --------------------------------------------------------------------------------------------------- */

/* Options without a letter are told from letters by keys from here on: the place in the table is added. */
enum { KEYS = 256 };

static int key_of(const struct option_row *row)
{
    return row->letter ? row->letter : KEYS + (int)(row - option_table);
}

/* NULL: no option has the key. */
static const struct option_row *find_row(int key)
{
    for (size_t i = 0; i < option_rows; i++)
        if (option_table[i].name && key_of(&option_table[i]) == key)
            return &option_table[i];
    return NULL;
}

/* A value that may be left out follows after = alone, and not after a letter. */
static int takes_argument(const struct option_row *row)
{
    if (!row->argument)
        return no_argument;
    return row->argument[0] == '[' ? optional_argument : required_argument;
}

/* The table in the form that getopt_long takes: letters[2 * option_rows + 2], names[option_rows + 1]. */
static void make_getopt(char *letters, struct option *names)
{
    *letters++ = ':';
    for (size_t i = 0; i < option_rows; i++) {
        const struct option_row *row = &option_table[i];
        if (!row->name)
            continue;
        *names++ = (struct option){row->name, takes_argument(row), NULL, key_of(row)};
        if (!row->letter)
            continue;
        *letters++ = row->letter;
        if (takes_argument(row) == required_argument)
            *letters++ = ':';
    }
    *letters = '\0';
    *names = (struct option){0};
}

/* What getopt_long could not make sense of: it stands in optopt, or in the word before optind. */
static bool misuse(int result, char **argv, struct why *why)
{
    const struct option_row *row = find_row(optopt);
    char word[120];

    quote(word, sizeof word, argv[optind - 1]);
    if (result == ':' && row)
        return why_set(why, "--%s: expected a value: %s", row->name, row->expected);
    if (row)
        return why_set(why, "%s: --%s takes no value", word, row->name);
    if (optopt != 0)
        return why_set(why, "unknown option %s: see --help=all", quote(word, sizeof word, (char[]){'-', (char)optopt, 0}));
    return suggest_option(argv[optind - 1], why);
}

static bool parse(struct options *o, int argc, char **argv, char *letters, struct option *names, struct why *why)
{
    int key;
    make_getopt(letters, names);
    opterr = 0;
    optind = 0; /* from the beginning, whatever was parsed before */
    while ((key = getopt_long(argc, argv, letters, names, NULL)) != -1) {
        const struct option_row *row = find_row(key);
        if (!row)
            return misuse(key, argv, why);
        if (!option_take(o, row, optarg, why))
            return false;
    }
    o->operands = argv + optind;
    o->n_operands = (size_t)(argc - optind);
    return true;
}

bool options_parse(struct options *o, int argc, char **argv, struct why *why)
{
    char *letters = malloc(2 * option_rows + 2);
    struct option *names = malloc((option_rows + 1) * sizeof *names);
    *o = options_default();
    bool ok = (letters && names) || why_memory(why);
    ok = ok && parse(o, argc, argv, letters, names, why);
    free(letters);
    free(names);
    return ok && options_check(o, why);
}

void options_free(struct options *o)
{
    free(o->channels);
    free(o->gamma.item);
    free(o->beta.item);
    free(o->mean.item);
    free(o->std.item);
    free(o->quantiles.at);
    free(o->mask.item);
    free(o->apply_mask.item);
    free(o->style_mask.item);
    for (size_t i = 0; i < o->n_styles; i++)
        free(o->style[i].path);
    free(o->style);
    free(o->given);
}
