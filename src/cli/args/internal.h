/* What the files of args share. */
#ifndef ARGS_INTERNAL_H
#define ARGS_INTERNAL_H

#include "cli/args/options.h"
#include "cli/args/plan.h"

/* What the options say of the run, before its operands are looked at: a plan without jobs that refers to the options. */
struct plan plan_begin(const struct options *options);

struct reporting make_reporting(const struct options *options);

/* What must not be: an output that is read, two outputs of one name, standard input twice ... */
bool plan_check(const struct plan *plan, const struct options *options, struct why *why);

/* Adds to the plan's notes what may be but is seldom meant. */
void plan_warn(struct plan *plan, const struct options *options);

/* The codec that the path's extension names; NULL: none. */
const struct codec *path_codec(const char *path);

#endif
