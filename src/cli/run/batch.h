/* All jobs, in their order: first passes, progress, reports and totals. */
#ifndef BATCH_H
#define BATCH_H

#include "cli/args/plan.h"

/* Runs every job; false if one failed. Messages name the files that did, and the others are done. */
bool batch_run(const struct plan *plan);

#endif
