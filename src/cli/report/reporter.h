/*
 * One kind of report, as struct codec is one kind of file: a `const struct reporter` at the end of its file, and a row in
 * the table of reports.c.
 */
#ifndef REPORTER_H
#define REPORTER_H

#include "base/why.h"
#include "cli/args/plan.h"
#include "cli/report/reports.h"
#include "engine/request.h"
#include "engine/result.h"

/* What a report is of. It outlives the report. */
struct report_context {
    const struct reporting *how;
    const struct request *request;
};

/* What a file gets. */
struct report_content {
    char *data; /* freed by free(); NULL: there is none */
    size_t n;
};

struct reporter {
    const char *option; /* that asks for it: "--lut" */
    struct report_needs needs;
    /* Where it goes: a file, "-" for standard output; NULL: it is not asked for. */
    const char *(*asked)(const struct reporting *how);

    /* A report that is written or printed at the end has one of these. Others print each result as it comes. */
    const char *total;                                    /* what is printed: "total" */
    const char *file;                                     /* what is written: "LUT" */
    bool guarded;                                         /* a file with content is replaced only with --force */
    bool partial;                                         /* it is written where inputs failed, too */
    const char *other;                                    /* what to say of a file of another kind: "is not a .cube file" */
    bool (*is_kind)(const unsigned char *head, size_t n); /* whether a file begins as one */

    /*
     * Returns the state of the report, which finish or abandon frees. NULL, with `why`: out of memory. begin and abandon
     * are NULL if the report has no state.
     */
    void *(*begin)(const struct report_context *context, struct why *why);
    /* Takes the next result, whatever its status, in the order of the inputs. */
    bool (*add)(void *state, const struct result *result, const struct job *job, struct why *why);
    /* See reports_views_from. NULL: every picture is shown. */
    double (*views_from)(const void *state);
    /* The content of the file; no data, with `why`, on failure. */
    struct report_content (*finish)(void *state, const struct report_end *end, struct why *why);
    /* Prints the total. False with `why`: out of memory. */
    bool (*print)(void *state, const struct report_end *end, struct why *why);
    void (*abandon)(void *state);
};

#endif
