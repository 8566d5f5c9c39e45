/* What is written at the end of a run: the statistics of all pictures, and the map that they got. */
#ifndef SUMMARY_H
#define SUMMARY_H

#include "cli/files/file.h"
#include "cli/report/report.h"

enum { SUMMARY_STATS, SUMMARY_LUT, SUMMARY_FILES };

struct summary {
    const struct request *request;
    const struct reporting *how;
    struct file_sink file[SUMMARY_FILES];
    bool open[SUMMARY_FILES];
    struct statistics measured; /* of all pictures; with --fit what they were given */
    struct map map;             /* of the colour channels of the first picture, in units */
    size_t pictures;            /* that were mapped */
    bool differs;               /* not all by the same map */
};

/* The next picture. False if it has other channels than those before. */
bool summary_add(struct summary *s, const struct result *result, const struct job *job, struct why *why);

/* Begins --save-stats and --lut, as far as they were asked for: that they cannot be written shows before the work. */
bool summary_open(struct summary *s, const struct request *request, const struct reporting *how, struct why *why);

/* Writes both or none. `all` are the statistics of a first pass, or NULL. */
bool summary_write(struct summary *s, const struct statistics *all, struct why *why);

/* Leaves what was not written as it was. */
void summary_free(struct summary *s);

#endif
