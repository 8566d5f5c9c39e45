/* Worker processes that do jobs. All but the work itself happens in the process that calls pool_run. */
#ifndef CLI_RUN_POOL_H
#define CLI_RUN_POOL_H

#include "cli/run/receiver.h"
#include "codec/pictures.h"

/* What the processes are for. */
struct pool_work {
    void *to; /* the first argument of the functions */
    unsigned workers;
    uint64_t memory; /* the budget of all together */

    /*
     * *job <- the next to do. `after`: it waits for the end of that job, so it is a later one, and there are plenty; NULL:
     * it is begun at once. False: there is none now, perhaps one when jobs have ended.
     */
    bool (*next)(void *to, const size_t *after, size_t *job);
    /* Whether what a job hands over is taken now; the worker waits otherwise. At least that of the earliest job is. */
    bool (*accepts)(void *to, size_t job);
    /* A worker process ended so (waitpid) and left the job undone. why <- the reason, for the result of the job. */
    void (*died)(void *to, size_t job, int status, struct why *why);
    /* Called between jobs, often. False: the rest is in vain. */
    bool (*tend)(void *to);

    /* No process can be started: called before each job that is done in this process. */
    void (*alone)(void *to, const struct why *why);

    /*
     * In a worker process: does the job. `rest` is what it may have of the memory beyond its share, which is
     * memory / workers; NULL: it has all of the memory, and is done in this process.
     */
    void (*work)(void *to, size_t job, struct receiver *receiver, struct budget_rest *rest);

    struct receiver *receiver; /* of what the jobs hand over */
};

/* Does all jobs, or those until a signal comes or `tend` is false. False, with `why`: out of memory. */
bool pool_run(const struct pool_work *work, struct why *why);

#endif
