/* The options as a table: what options.c parses by, and options_help.c prints. */
#ifndef OPTIONS_TABLE_H
#define OPTIONS_TABLE_H

#include "cli/args/options.h"

/*
 * A heading has only help. An option without `set` puts its value at `member`; without an argument it switches on that
 * bool. An argument in brackets may be left out.
 */
struct option_row {
    int key; /* its letter, or a KEY of options.c */
    const char *name, *argument;
    const char *expected; /* what the value must be */
    bool (*set)(struct options *options, const char *value);
    size_t member;
    const char *help; /* in lines of at most 55 characters */
};

extern const struct option_row option_table[];
extern const size_t option_rows;

#endif
