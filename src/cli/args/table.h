/* The options as a table: options.c parses by it, check.c asks it which were given, help.c prints it. */
#ifndef ARGS_TABLE_H
#define ARGS_TABLE_H

#include "cli/args/options.h"

/* What the value of an option is, and so of which type its member is. Texts are not empty. */
enum value_type {
    VALUE_FLAG,     /* bool: there is no value, the option switches it on */
    VALUE_TEXT,     /* const char * */
    VALUE_SUFFIX,   /* const char *: a part of a file's name, without a slash */
    VALUE_PATH,     /* const char *: "-" for each name of standard output */
    VALUE_LIST,     /* struct list */
    VALUE_GIVEN,    /* struct list: without `keep`, its items not below `least` */
    VALUE_RATIO,    /* double: from `least` to `most` */
    VALUE_INT,      /* int: from `least` to `most`, or a word */
    VALUE_UNSIGNED, /* unsigned: from `least` to `most` */
    VALUE_COUNT,    /* uint64_t: not below `least` */
    VALUE_SIZE,     /* uint64_t: bytes, not below `least` */
    VALUE_SELECTOR, /* struct selectors: it is added to them */
    VALUE_WORD,     /* unsigned: a word */
    VALUE_OTHER     /* `take` sets it */
};

struct option_value {
    enum value_type type;
    size_t member, size; /* what the option sets: bytes of struct options */
    double least, most;
    const struct word *word; /* [words] that the value may be, or may begin with if they end in a colon */
    size_t words;
    const char *(*word_at)(size_t i); /* NULL, or the words of another table: the one at i, NULL behind the last */
    bool adds;                        /* the option may be repeated: each value is added to those before */
    bool needs_json;                  /* only a build with a library for JSON has the option */
    /* False if the text is not what is expected or, with `why`, if there is no memory. */
    bool (*take)(struct options *options, const char *text, struct why *why);
};

/* An option, or a heading, which has only `help`. */
struct option_row {
    char letter; /* 0: none */
    const char *name;
    struct option_value value;
    const char *argument; /* NULL: it takes none; in brackets: it may be left out; FILE, PATH, DIR, SEL: a path, too */
    const char *expected; /* what the value must be */
    const char *help;     /* in lines of at most 55 characters */
};

extern const struct option_row option_table[];
extern const size_t option_rows;

/*
 * The words that the value may be, or may begin with if they end in a colon: the one at i, NULL behind the last. For
 * completion: a value that is wrong in combination is among them.
 */
const char *option_word(const struct option_row *row, size_t i);

/* Whether the value may be the name of a file or a folder. */
bool option_takes_path(const struct option_row *row);

/* Sets what the option sets. The text is NULL if there is no value. False, with `why`, if that cannot be. */
bool option_take(struct options *options, const struct option_row *row, const char *text, struct why *why);

/* Whether the option of that name, which is in the table, was given another value than the one it has anyway. */
bool option_given(const struct options *options, const char *name);

#endif
