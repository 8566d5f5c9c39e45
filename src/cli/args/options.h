/* The command line as one plain struct; argv is never looked at again. */
#ifndef ARGS_OPTIONS_H
#define ARGS_OPTIONS_H

#include "cli/args/parse.h"
#include "cli/run/style.h"
#include "codec/codec.h"
#include "instnorm.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum action {
    ACTION_RUN,
    ACTION_HELP,
    ACTION_HELP_ALL,
    ACTION_VERSION,
    ACTION_COMPLETIONS_BASH,
    ACTION_COMPLETIONS_ZSH,
    ACTION_COMPLETIONS_FISH
};

struct option_row;

/* An option as it stands in argv. */
struct option_text {
    const struct option_row *row;
    const char *text; /* its value; NULL: there is none */
};

struct options {
    unsigned action; /* an enum action */

    struct list gamma, beta;
    struct style *style;
    size_t n_styles;
    const char *fit;
    unsigned deflicker; /* inputs to average over; 0 = not asked for */
    const struct instnorm_space *space;
    char *channels; /* names and indices between commas; NULL = all */
    struct selectors mask, apply_mask, style_mask;
    bool alpha_as_data;
    enum measured_by measure;
    double range[2];       /* of MEASURED_QUANTILES */
    struct list mean, std; /* given statistics: both or none, */
    const char *use_stats; /* or a file of them */
    double strength;
    enum instnorm_kind norm;
    unsigned groups; /* of norm group */
    double eps;      /* < 0: not given */

    const char *output, *suffix, *format;
    const struct codec *writer; /* of --format, or NULL */
    uint64_t per_file;          /* samples in each file of a stack; 0: it is one file */
    unsigned layout;            /* an enum channel_order */
    unsigned depth;             /* an enum sample; SAMPLE_NONE = the input's */
    bool rgb, strip, dither, auto_orient;
    struct write_options write;
    bool no_clobber, force, in_place, preserve;

    bool stats, total, json; /* total implies stats */
    const char *save_stats, *lut, *report, *compare;
    bool histogram;
    struct quantiles quantiles;
    uint64_t expect;     /* pictures in a total; 0: any number */
    double fail_on_clip; /* percent; < 0: never */

    unsigned jobs; /* pictures to work on at a time; 0: as many as there are processors */
    bool skip_failed, no_sandbox;
    unsigned timeout; /* seconds of processor time for a picture; 0: by its size */
    uint64_t memory, max_pixels;
    bool dry_run, verbose, quiet;

    const char *files_from; /* a list of inputs */
    bool null, pairs;       /* its names end with NUL, it names outputs too */
    bool recursive;         /* inputs that are folders are searched */

    char **operands;
    size_t n_operands;
    struct option_text *given; /* every option, in the order of argv */
    size_t n_given;
};

/* The options of a command line that gives none. */
struct options options_default(void);

/* Parses argv, whose operands it moves to the end. False, with one line that names option, value and what was expected. */
bool options_parse(struct options *options, int argc, char **argv, struct why *why);

/* The path of an output: "-" for the other names of standard output. */
const char *options_path(const char *path);

/* What no single option can tell. */
bool options_check(const struct options *options, struct why *why);

void options_free(struct options *options);

/* What most people need on one screen, or all. */
void options_print_help(FILE *to, bool all);

void options_print_version(FILE *to);

/* A script for the shell that the action names. */
void options_print_completions(FILE *to, enum action action);

#endif
