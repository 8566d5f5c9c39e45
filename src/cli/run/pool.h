/* Worker processes that do jobs. All but the work itself happens in the process that calls pool_run. */
#ifndef CLI_RUN_POOL_H
#define CLI_RUN_POOL_H

#include "cli/run/job_files.h"
#include "cli/run/receiver.h"
#include "codec/pictures.h"

enum pool_given {
    POOL_GIVEN, /* or the process is no more, which shows when it is read */
    POOL_LATER, /* there are too few descriptors or too little memory now, as `why` says */
    POOL_OWN    /* the job needs a process of its own */
};

/* What the processes are for. */
struct pool_work {
    void *to; /* the first argument of the functions */
    unsigned workers;
    unsigned jobs_ahead; /* that a worker may have beside the one that it does, less than WIRE_JOBS_MAX */
    uint64_t memory;     /* the budget of all together: a worker's share is memory / workers */

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

    /* Opens the files of a job and sends both. */
    enum pool_given (*give)(void *to, size_t job, int socket, struct why *why);
    /* In a worker process: does the jobs that come through the socket or, if `own` is not NULL, that job. False: it cannot.
     */
    bool (*serve)(void *to, int socket, const size_t *own);
    /* No process can be started, because of `why`: does the job in this process. */
    void (*work_alone)(void *to, size_t job, const struct why *why);

    struct receiver *receiver; /* of what the jobs hand over */
};

/*
 * For `give`: sends a job whose files were opened without waiting, or tells that it needs a process of its own. The files
 * stay the caller's; once the job was given, its output is to be kept.
 */
enum pool_given pool_give(struct job_files *files, size_t job, int socket, struct why *why);

/* Does all jobs, or those until a signal comes or `tend` is false. False, with `why`: out of memory. */
bool pool_run(const struct pool_work *work, struct why *why);

#endif
