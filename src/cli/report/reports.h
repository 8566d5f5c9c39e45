/*
 * What is reported of the inputs: printed as they come, or written to files at the end. Only reports.c knows which kinds of
 * report there are.
 */
#ifndef REPORTS_H
#define REPORTS_H

#include "base/why.h"
#include "engine/view.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct job;
struct json_library;
struct request;
struct result;
struct pooled;
struct robust;

/* What is asked for. */
struct reporting {
    bool stats;                          /* print the statistics of the inputs, and write no picture */
    bool total;                          /* print those of all inputs together at the end */
    bool alone;                          /* of both print the total alone */
    bool json;                           /* print a JSON object for each picture */
    bool verbose;                        /* print each formula with its numbers */
    bool force;                          /* the files below may replace any file */
    bool series;                         /* the inputs are frames of a series */
    uint64_t expect;                     /* the pictures that a total is to be of; 0: any number */
    const char *save_stats, *lut, *page; /* files; "-" is stdout, NULL: none */
    const char *compare;                 /* a file whose name tells its format; NULL: none */
    const char *command;                 /* the command line, for people; NULL where nobody shows it */
};

/* What is worked out for the sake of a report. */
struct report_needs {
    bool clipping;   /* what clips is counted */
    bool moments;    /* pictures are measured, also where statistics are given */
    bool pooled;     /* what pictures add to a pool is told */
    bool covariance; /* and what is between their channels */
    bool channels;   /* some KiB are kept of each channel until it is reported */
    struct view_request view;
};

struct report_needs reports_needs(const struct reporting *how);

/* A file that is written at the end. */
struct report_file {
    const char *option; /* that asks for it: "--lut" */
    const char *path;   /* "-": stdout */
    bool guarded;       /* a file with content is replaced only with --force */
    bool partial;       /* it tells of inputs that failed or were skipped, and is written all the same */
};

enum { REPORT_FILES_MAX = 12 };

/* to <- the files that are asked for; returns how many. */
size_t reports_files(const struct reporting *how, struct report_file to[REPORT_FILES_MAX]);

/* Whether this build has the report that the option asks for: "--lut". */
bool reports_has(const char *option);

/* JSON, in a build that can read and write it; else NULL. */
const struct json_library *reports_json(void);

/* ---- an execution -------------------------------------------------------------------------------------------------- */

struct reports;

/* Begins what is asked for: that a file cannot be written shows before the work. NULL with `why`. */
struct reports *reports_begin(const struct reporting *how, const struct request *request, struct why *why);

/* The share of clipped samples from which a picture is shown, as far as that is known. It never falls. */
double reports_views_from(const struct reports *reports);

/*
 * Reports the next result, in the order of the inputs. False, with a message: it could not be printed. What a file cannot
 * take is an error of reports_finish.
 */
bool reports_add(struct reports *reports, const struct result *result, const struct job *job);

/* What is made at the end of each of the inputs: "LUT", or "total" where no file is; NULL: nothing. */
const char *reports_of_all(const struct reports *reports);

/* What is known when the last result is in. */
struct report_end {
    const struct pooled *all;       /* of a first pass; NULL: there was none */
    const struct robust *quantiles; /* of all inputs; NULL: those of the histogram will do */
    size_t missing;                 /* inputs that could not be read */
    bool broken;                    /* and the run did not go on without them: only what is `partial` is written */
};

/*
 * Prints the total. Writes all files, or none where one cannot be written: no name is given before. A report that is
 * `partial` and cannot be made is missing, and the others are written all the same.
 */
bool reports_finish(struct reports *reports, const struct report_end *end, struct why *why);

/* Leaves files that were not written as they were. reports may be NULL. */
void reports_free(struct reports *reports);

#endif
