/* What the suites of arguments share: a command line in one string. */
#ifndef COMMAND_LINE_H
#define COMMAND_LINE_H

#include "cli/args/options.h"
#include "cli/args/plan.h"
#include "support.h"

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
    line->ok = options_parse(&line->options, n, line->word, &line->why);
}

static inline void end_command_line(struct command_line *line)
{
    options_free(&line->options);
    free(line->text);
}

/* Parses and plans what must be right. end_planned frees it. */
struct planned {
    struct command_line line;
    struct plan plan;
};

static inline void begin_planned(struct planned *p, const char *words)
{
    struct why why = {0};
    begin_command_line(&p->line, words);
    ck_assert_msg(p->line.ok, "%s: %s", words, p->line.why.text);
    ck_assert_msg(plan_build(&p->plan, &p->line.options, &why), "%s: %s", words, why.text);
}

static inline void end_planned(struct planned *p)
{
    plan_free(&p->plan);
    end_command_line(&p->line);
}

#endif
