/* One input, from its opening to its output in place. */
#ifndef CLI_RUN_JOB_H
#define CLI_RUN_JOB_H

#include "cli/args/plan.h"
#include "cli/files/output.h"
#include "cli/run/inputs.h"
#include "engine/picture.h"

/* What the jobs of a run share. */
struct shared {
    struct given given;       /* that files have */
    struct series *series;    /* --norm batch and --deflicker: the first pass; NULL: there is none */
    struct output *stack;     /* an output that takes the pictures of several jobs, opened by the first; NULL: none */
    struct file_group *group; /* takes outputs that are complete but for their names; NULL: none */
};

/* Who does jobs, one after another, and keeps the memory for it. */
struct worker {
    const struct request *request;
    const struct reading *reading;
    const struct writing *writing;
    unsigned deflicker; /* inputs to average over; 0: none */
    bool measures;      /* a report is of what is measured, also where statistics are given */
    struct inputs_buffers buffers;
    struct temporaries temporaries; /* of its outputs */
    struct picture picture;
    /* Takes the result of each picture that is complete, and frees it. */
    void (*take)(void *to, struct result *result);
    void *take_to;
};

/*
 * Measures every picture of the input and adds them to the series. False, with `why`, if a picture cannot be read or has
 * other channels than those before. `notes` gets what there is to say of the input. Marks the job, so that job_run notices
 * an input that changed meanwhile.
 */
bool job_measure(struct worker *worker, struct job *job, struct series *series, struct notes *notes, struct why *why);

/*
 * Runs a job from opening its input to its output in place or in shared->group. end <- what became of the input: done, or
 * failed, and then there is no output; with what there is to say of it after its last picture. To be freed. Where
 * shared->series has no picture yet, those of the input are measured first, in a pass of their own. False if it failed.
 */
bool job_run(struct worker *worker, const struct job *job, const struct shared *shared, struct result *end);

void worker_free(struct worker *worker);

#endif
