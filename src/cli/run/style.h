/* The statistics that come from other files than the inputs: --style and --use-stats. */
#ifndef REFERENCE_H
#define REFERENCE_H

#include "cli/files/input.h"
#include "engine/request.h"
#include "engine/solve.h"

/* A --style: a picture or a statistics file, and its share. */
struct style {
    char *path;
    double weight; /* > 0 */
};

/* The files that --style and --use-stats name. */
struct style_files {
    const struct style *style;
    size_t n;
    struct selectors mask; /* where to measure a style */
    const char *use_stats; /* NULL: none */
};

struct loaded {
    struct statistics measured, target;
};

/* Measures or reads the files. `from` refers to `loaded`. */
bool reference_load(const struct style_files *files, const struct request *request, const struct reading *how,
                    struct loaded *loaded, struct references *from, struct why *why);

void reference_free(struct loaded *loaded);

/* Whether an input is a file of statistics. */
bool reference_is_statistics(const char *path);

/* Merges a file of statistics into `into`. */
bool reference_read(const char *path, const struct request *request, struct statistics *into, struct why *why);

#endif
