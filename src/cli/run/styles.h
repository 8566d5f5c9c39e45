/* The statistics that come from other files than the inputs: --style and --use-stats. */
#ifndef CLI_RUN_STYLES_H
#define CLI_RUN_STYLES_H

#include "cli/args/plan.h"
#include "engine/solve.h"

/* What the files say. */
struct styles {
    struct statistics measured, target; /* of --use-stats, and of all styles together */
};

/*
 * Has worker processes measure or read the files that the plan names, one after another. given <- what they say; it points
 * into `styles`. False, with `why`, if one cannot be used. In either case styles_free frees them.
 */
bool styles_load(const struct plan *plan, struct styles *styles, struct given *given, struct why *why);

void styles_free(struct styles *styles);

#endif
