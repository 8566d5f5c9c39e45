/* What is reported of a run. */
#ifndef REPORTING_H
#define REPORTING_H

#include <stdbool.h>

struct reporting {
    bool stats;                   /* print the statistics of the inputs, and write no picture */
    bool json;                    /* print a JSON object for each picture */
    bool verbose;                 /* print each formula with its numbers */
    bool force;                   /* the files below may replace files of another kind */
    const char *save_stats, *lut; /* files; "-" is stdout, NULL: none */
};

#endif
