/* The statistics that come from other files than the inputs: --style and --use-stats. */
#ifndef REFERENCE_H
#define REFERENCE_H

#include "solve.h"

/* Adds the statistics of all pictures of a file, or those of a statistics file. False, with `why`, if it cannot be read. */
bool reference_measure(const char *path, const struct options *o, struct statistics *into, struct why *why);

struct loaded {
    struct statistics measured, target;
};

/* Reads what the options name. *name is the file that `why` is about. */
bool reference_load(const struct options *o, struct loaded *loaded, struct references *from, const char **name,
                    struct why *why);

void reference_free(struct loaded *loaded);

#endif
