/* The statistics that come from other files than the inputs: --style and --use-stats. */
#ifndef REFERENCE_H
#define REFERENCE_H

#include "engine/solve.h"

struct loaded {
    struct statistics measured, target;
};

/* Reads what the options name. `from` refers to `loaded`. */
bool reference_load(const struct options *o, struct loaded *loaded, struct references *from, struct why *why);

void reference_free(struct loaded *loaded);

#endif
