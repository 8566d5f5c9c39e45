/* One input, from its opening to its output in place. */
#ifndef CLI_RUN_JOB_H
#define CLI_RUN_JOB_H

#include "cli/args/plan.h"
#include "cli/run/behind.h"
#include "cli/run/inputs.h"
#include "cli/run/job_files.h"
#include "cli/run/receiver.h"
#include "engine/picture.h"

/* What the jobs of a run share. */
struct shared {
    struct given given;          /* that files have */
    const struct series *series; /* --norm batch and --deflicker: the first pass; NULL: there is none */
    bool stacked;                /* the receiver takes the pictures of all jobs, for one output */
    bool careful; /* pictures are read whole before the receiver takes them, so that it takes none that fails */
};

/* Who does jobs, one after another, and keeps the memory for it. */
struct worker {
    const struct request *request;
    const struct reading *reading;
    const struct writing *writing;
    unsigned deflicker;          /* inputs to average over; 0: none */
    unsigned timeout;            /* seconds of processor time for a picture; 0: by its size */
    bool skips;                  /* members of archives that fail are left out */
    bool limited;                /* this is a worker process, and is ended if it takes more */
    const struct search *search; /* what job_measure looks for; NULL: it measures */
    bool measures;               /* a report is of what is measured, also where statistics are given */
    struct behind *behind;       /* that writes outputs; NULL: there is none */
    struct crew *crew;           /* that does a part of that; NULL: there is none */
    struct inputs_buffers buffers;
    struct picture picture;
    struct receiver *receiver; /* of results and outputs */
};

/*
 * Measures every picture of the input for a series, or does what its search asks: the receiver gets their results, which
 * result_gather takes. Then end <- what became of the input, to be freed: done, or failed, with what there is to say of it.
 * What is left of the files is the caller's.
 */
void job_measure(struct worker *worker, const struct job *job, struct job_files *files, struct result *end);

/*
 * Does a job, from its open files to its complete output, which the receiver gets, or to an output that has no name to wait
 * for. end <- what became of the input: done, or failed, and then there is no output; with what there is to say of it
 * after its last picture. To be freed. Where shared->series has no picture yet, those of the input are measured first, in a
 * pass of their own, and the receiver gets these results too.
 */
void job_run(struct worker *worker, const struct job *job, struct job_files *files, const struct shared *shared,
             struct result *end);

/* The same of an input that is a statistics file, for --stats: it has one result. */
void job_read_statistics(struct worker *worker, const struct job *job, struct job_files *files, struct result *end);

void worker_free(struct worker *worker);

#endif
