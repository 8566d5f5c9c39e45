/* What the files of args share. */
#ifndef ARGS_INTERNAL_H
#define ARGS_INTERNAL_H

#include "cli/args/options.h"
#include "cli/args/plan.h"
#include "cli/files/found.h"
#include "cli/files/places.h"

/* What the options say of the run, before its operands are looked at: a plan without jobs that refers to the options. */
struct plan plan_begin(const struct options *options);

struct reporting make_reporting(const struct options *options);

/*
 * The command line that leads to the same outputs, for people: options by their long names, in the order of the table,
 * but for those that say how the run is done. NULL: out of memory.
 */
const char *command_write(const struct options *options, struct arena *texts);

/* What the operands and the list of --files-from name, with what is in their folders. */
struct plan_inputs {
    struct found found;
    const char *output; /* NULL: it has no name */
    bool several;       /* there are several inputs, or there may be: a list need not be counted to know where outputs go */
};

/* False, with `why`, if no input is named, or no output. The plan takes the texts, and notes of what is left out.
 * found_free frees what was found. */
bool plan_inputs_find(struct plan_inputs *inputs, const struct options *options, struct plan *plan, struct why *why);

/* Whether the output is one that can be cut into parts: what --per-file is refused with. */
bool plan_parts_check(const struct plan_inputs *inputs, const struct options *options, struct why *why);

/*
 * What becomes of parts that are there: with --no-clobber those that are complete stay, and the jobs that are needed for
 * none of the others are skipped. Refuses lists of other samples than those of the jobs.
 */
bool plan_parts_guard(struct plan *plan, struct why *why);

/* 'input' -> 'part'. *sample is the number of the job's first sample, and then that behind its last one. */
void plan_parts_print(const struct plan *plan, const struct job *job, size_t *sample, FILE *to);

/* Where the outputs of a plan lead, from the making of its jobs to the last check. */
struct plan_places {
    struct places places;
    struct place *output; /* [plan->n]; a free place for standard output, and where there is none */
    bool one_pipe;        /* several outputs go into one pipe */
};

/* What must not be: an output that is read, two outputs of one name, standard input twice ... */
bool plan_check(const struct plan *plan, struct plan_places *places, const struct options *options, struct why *why);

/*
 * A file that is made of every input - a stack, a statistics file - is replaced only with --force. If there is one, all
 * jobs are skipped with --no-clobber; without either the plan is refused.
 */
bool plan_guard(struct plan *plan, const struct options *options, struct why *why);

/* Adds to the plan's notes what may be but is seldom meant. */
void plan_warn(struct plan *plan, const struct options *options);

/* The codec that the path's extension names; NULL: none. */
const struct codec *path_codec(const char *path);

#endif
