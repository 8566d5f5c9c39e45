/*
 * Which job is begun next. Jobs are begun in their order, so that their results come in it, but for one: a file so large
 * that its worker would be the last to end goes first.
 */
#ifndef CLI_RUN_SCHEDULE_H
#define CLI_RUN_SCHEDULE_H

#include "cli/run/queue.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct schedule {
    size_t jobs;
    /* The bytes of a job's input; 0 of one that must not overtake others, such as a pipe. */
    uint64_t (*size_of)(void *to, size_t job);
    void *to;
    size_t first;              /* that was not begun */
    size_t seen;               /* jobs from here on have no size yet */
    uint64_t left;             /* bytes of all that have one and were not begun */
    uint64_t size[QUEUE_JOBS]; /* job number modulo QUEUE_JOBS */
    bool begun[QUEUE_JOBS];
};

/* All 0, but for these. */
struct schedule schedule_begin(size_t jobs, uint64_t (*size_of)(void *to, size_t job), void *to);

/*
 * *job <- the next of the jobs before `end`, which is at most QUEUE_JOBS behind the first that has not ended. False: there
 * is none. With one worker they come in order.
 */
bool schedule_next(struct schedule *schedule, size_t end, unsigned workers, size_t *job);

/*
 * Whether the next job in their order may wait for a worker that is busy and has at most `most` jobs: it is small, and
 * there are enough for all the others.
 */
bool schedule_may_wait(const struct schedule *schedule, unsigned workers, unsigned most);

#endif
