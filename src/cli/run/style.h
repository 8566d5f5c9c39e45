/* A file that --style or --use-stats names, and its statistics. */
#ifndef CLI_RUN_STYLE_H
#define CLI_RUN_STYLE_H

#include "cli/files/source.h"
#include "codec/pictures.h"
#include "engine/request.h"
#include "engine/pooled.h"

struct job_files;
struct receiver;

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

/* The job of measuring one of the files. */
struct style_job {
    size_t number;
    const char *path;
    bool is_statistics; /* it is no picture, however it begins */
    const struct style_files *all;
    const struct request *request; /* see style_request */
    const struct reading *reading;
    unsigned timeout; /* of the plan */
    bool limited;     /* in a worker process: a picture may take so much processor time */
};

/*
 * to <- what is asked of a style: where to measure it say its own mask, and the thresholds of the input's --mask. False:
 * out of memory. In either case to->mask.item is to be freed.
 */
bool style_request(const struct style_files *files, const struct request *request, struct request *to);

/*
 * Measures the pictures of the open files, or reads a statistics file: the receiver gets results for result_merge. The
 * notes get what is left to say. False, with `why`, if it failed.
 */
bool style_measure(const struct style_job *job, struct job_files *files, struct receiver *receiver, struct notes *notes,
                   struct why *why);

/* Merges a file of statistics, which is open, into `into`. */
bool style_read_statistics(struct file_source *file, const struct request *request, struct pooled *into, struct why *why);

#endif
