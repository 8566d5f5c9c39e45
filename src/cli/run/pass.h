/* One pass over all jobs of a plan, by worker processes or by this process alone. */
#ifndef CLI_RUN_PASS_H
#define CLI_RUN_PASS_H

#include "cli/run/gather.h"
#include "cli/run/job.h"
#include "cli/run/queue.h"
#include "cli/run/schedule.h"
#include "cli/run/stack.h"
#include "cli/run/tally.h"

/* What the passes of a run have in common. It is large: only what is used of it takes memory. */
struct pass {
    struct receiver receiver; /* of what the jobs hand over */

    /* Set by the caller, before pass_open. All else is 0 then. */
    struct plan *plan;
    struct tally *tally;   /* that is told of progress */
    struct stack *stack;   /* that gets the pictures of all jobs, if the plan has one output */
    struct gather *gather; /* that knows which jobs have failed in the first pass of two */
    /* Takes the next result, in the order of the jobs, and does not free it. False: the rest of the run is in vain. */
    bool (*fold)(void *to, struct result *result);
    void *to;

    unsigned jobs_ahead;    /* that a worker may have beside the one that it does */
    struct reading reading; /* of the worker: in a process of several with its share of the memory */
    struct worker worker;
    struct temporaries temporaries; /* of the outputs */
    struct shared shared;
    struct schedule schedule;
    struct queue queue;
    bool measuring; /* this is the first pass of two */
    bool vain;      /* nothing more is done or reported */
    bool alone;     /* that no process can be started was said */
};

/* pass_free frees it. */
void pass_open(struct pass *pass);

/*
 * Does all jobs, or those until a signal comes or the rest is in vain. The first pass of two marks the jobs of the plan.
 * False, with `why`: out of memory.
 */
bool pass_run(struct pass *pass, bool measuring, struct why *why);

/* Reads all again for what a search asks: job_measure. Jobs that failed before, and that the run goes on without, are left
 * out. */
bool pass_search(struct pass *pass, const struct search *search, struct why *why);

void pass_free(struct pass *pass);

#endif
