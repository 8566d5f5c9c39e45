/* All jobs, in their order: first passes, progress, reports and totals. */
#ifndef BATCH_H
#define BATCH_H

#include "cli/args/plan.h"

/*
 * Runs every job; false if one failed. Messages name the files that did, and the others are done. A first pass marks the
 * jobs of the plan.
 */
bool batch_run(struct plan *plan);

#endif
