/* What the suites of arguments share: a command line in one string. */
#ifndef COMMAND_LINE_H
#define COMMAND_LINE_H

#include "cli/args/options.h"
#include "support.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 64 };

struct command_line {
    char *text; /* its words, each ended by a NUL */
    char *word[WORDS + 1];
    bool ok;
    struct options options;
    struct why why;
};

/* Parses the words between blanks, of which '' is an empty one. end_command_line frees it, parsed or not. */
static inline void begin_command_line(struct command_line *line, const char *words)
{
    int n = 0;
    *line = (struct command_line){.text = strdup(words)};
    line->word[n++] = (char[]){"instnorm-cli"};
    for (char *word = strtok(line->text, " "); word && n < WORDS; word = strtok(NULL, " "))
        line->word[n++] = strcmp(word, "''") == 0 ? word + 2 : word;
    optind = 0; /* getopt begins anew */
    line->ok = options_parse(&line->options, n, line->word, &line->why);
}

static inline void end_command_line(struct command_line *line)
{
    options_free(&line->options);
    free(line->text);
}

#endif
