/* The statistics that come from other files than the inputs: --style and --use-stats. */
#ifndef CLI_RUN_STYLE_H
#define CLI_RUN_STYLE_H

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

/* What the files say. */
struct styles {
    struct statistics measured, target; /* of --use-stats, and of all styles together */
};

/* Measures or reads the files. given <- what they say; it points into `styles`. */
bool styles_load(const struct style_files *files, const struct request *request, const struct reading *how,
                 struct styles *styles, struct given *given, struct why *why);

void styles_free(struct styles *styles);

/* Merges a file of statistics, which is open, into `into`. */
bool style_read_statistics(struct file_source *file, const struct request *request, struct statistics *into,
                           struct why *why);

#endif
