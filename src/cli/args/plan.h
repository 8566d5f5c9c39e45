/* Operands -> jobs. Refuses bad pairs before a pixel is read. */
#ifndef ARGS_PLAN_H
#define ARGS_PLAN_H

#include "base/arena.h"
#include "base/notes.h"
#include "cli/files/input.h"
#include "cli/files/names.h"
#include "cli/files/name_list.h"
#include "cli/files/output.h"
#include "cli/files/parts.h"
#include "cli/report/reports.h"
#include "cli/run/style.h"
#include "engine/request.h"

#include <stdio.h>

struct job {
    const char *input;          /* "-" is stdin */
    const char *below;          /* the end of `input`: as in struct input_name */
    const char *listed;         /* as in struct found_input */
    size_t number;              /* of the job in its plan */
    const char *output;         /* "-" is stdout; NULL: none is written */
    const struct codec *writer; /* NULL: the input's */
    bool to_archive;            /* the output has the name of a tar archive */
    bool skip;                  /* the output exists and stays */
    const char *unreadable;     /* the input is a folder that cannot be read, for this reason; NULL: it is a file */
    struct fingerprint mark;    /* of the input when it was measured in a first pass, */
    size_t first;               /* and its first picture there */
    size_t sample, samples;     /* in parts of a stack that stay: how many it has there, and the number of its first one */
};

/* How a stack is cut into files, its parts. */
struct cut {
    uint64_t samples;         /* in each part but the last; 0: it is one file */
    enum name_end end;        /* of the names in lists */
    struct parts there;       /* parts that are there, whatever becomes of them, */
    struct parts kept;        /* and those that stay */
    struct picture_info like; /* their shape and type; all 0: there is none */
};

struct options;

struct plan {
    struct job *job;
    size_t n;
    struct arena texts; /* of the jobs */
    bool stacked;       /* all jobs write into one output, */
    struct cut cut;     /* or into its parts */
    const char *folder; /* of the outputs, to be made; NULL: none */
    const char *file;   /* the output, if it was named; its folder is to be made */
    const char *kept;   /* a file that is there and stays, so that all jobs are skipped; NULL: none */

    struct request request;
    struct style_files styles;
    unsigned deflicker; /* inputs to average over; 0: none */
    bool pooled;        /* every input is measured before the first is mapped */
    struct reading reading;
    struct writing writing;
    struct reporting reporting;
    unsigned workers; /* processes that do the jobs */
    unsigned spare;   /* processors that are left for threads of each */
    bool sandbox;     /* workers are kept in */
    unsigned timeout; /* seconds of processor time for a picture; 0: by its size */
    bool skip_failed; /* what depends on all inputs is made without those that cannot be read */
    bool dry_run;
    struct notes notes; /* what to tell before the jobs are run */
};

/* False, with one line about the operands, if the command line cannot be meant. The plan refers to the options. */
bool plan_build(struct plan *plan, const struct options *options, struct why *why);

/* 'input' -> 'output', a line each. False if a folder cannot be read, which is told. */
bool plan_print(const struct plan *plan, FILE *to);

void plan_free(struct plan *plan);

#endif
