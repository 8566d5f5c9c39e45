/* One picture file: measure, pool, solve, apply. The only place where codecs meet the library. */
#ifndef JOB_H
#define JOB_H

#include "engine/band.h"
#include "engine/result.h"
#include "engine/series.h"
#include "cli/files/output.h"
#include "cli/args/plan.h"
#include "engine/solve.h"
#include "base/buffer.h"

/* What the pictures of a run share. */
struct shared {
    struct references from;
    struct gathered *gathered; /* --norm batch and --deflicker: the first pass; NULL = none */
    struct output *stack;      /* an output that takes the pictures of several jobs, opened by the first; NULL = none */
    struct file_group *group;  /* takes outputs that are complete but for their names; NULL = none */
};

/* The buffers of one worker, kept from picture to picture. */
struct worker {
    const struct request *request;
    const struct reading *reading;
    const struct writing *writing; /* of outputs; NULL: none is written */
    unsigned deflicker;            /* inputs to average over; 0: none */
    bool measures;                 /* a report is of what is measured, also where statistics are given */
    const char *mask_option;       /* what its --mask is called */
    struct picture_buffers input, fit_input;
    struct buffer band_out;      /* native rows of a band */
    struct buffer tile, scratch; /* a block as floats, all channels, and what becomes of it */
    struct buffer fit_tile, fit_scratch;
    struct buffer table, channel, maps;
    /* Takes the result of each picture that is complete, and frees it. */
    void (*take)(void *to, struct result *result);
    void *take_to;
};

/*
 * Measures every picture of the input and adds them to `gathered`. False, with `why`, if a picture cannot be read or has
 * other channels than those before. Marks the job, so that job_run notices an input that changed meanwhile.
 */
bool job_measure(struct worker *worker, struct job *job, struct gathered *gathered, struct why *why);

/*
 * Runs a job from opening its input to its output in place or in shared->group; false, with `why`, if it failed, and then
 * there is no output.
 * Where shared->gathered has no picture yet, those of the input are measured first, in a pass of their own.
 */
bool job_run(struct worker *worker, const struct job *job, const struct shared *shared, struct why *why);

void worker_free(struct worker *worker);

#endif
