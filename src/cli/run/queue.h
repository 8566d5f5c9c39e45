/*
 * Results and outputs of jobs that are done in any order: outputs are put in place in groups, results are passed on in the
 * order of the jobs. The result of a job's last picture, and how the job ended, wait for its output to be in place.
 */
#ifndef CLI_RUN_QUEUE_H
#define CLI_RUN_QUEUE_H

#include "cli/files/group.h"
#include "engine/result.h"

/* A job is not begun before all but so many of those before it have ended. */
enum { QUEUE_JOBS = 1024 };

struct queued_result;

/* What came of a job. */
struct queue_job {
    struct queued_result *first, *last; /* of its pictures */
    const struct codec *codec;          /* of its input, if that is known: for what is said if its worker is lost */
    struct file_sink output;            /* its own, whose content is not complete; */
    bool made;                          /* there is one */
    struct notes notes;                 /* of its output, until its last picture comes */
    struct result end;                  /* how it ended, if it did */
    bool ended, waits;                  /* for its output, which is in the group */
    struct why why;                     /* why it failed nevertheless; empty: it did not */
};

/* All 0 at first, and it is large: only what is used of it takes memory. */
struct queue {
    /* Gets each result, and does not free it. */
    void (*pass_on)(void *to, struct result *result);
    void *to;
    bool whole;      /* pictures are passed on when their job has ended well, and not at all if it failed */
    size_t next;     /* the first job that has not ended, or whose output waits */
    size_t end;      /* behind the last job of which anything came */
    size_t results;  /* of pictures that wait, */
    size_t channels; /* and of how many channels they are */
    struct queue_job job[QUEUE_JOBS]; /* job number modulo QUEUE_JOBS */
    struct file_group group;
};

/* Begins with job 0. The queue was not used before, or was ended. */
void queue_begin(struct queue *queue, void (*pass_on)(void *to, struct result *result), void *to);

/* Takes the next result of a job that is less than QUEUE_JOBS behind `next`. */
void queue_take_result(struct queue *queue, struct result *result);

/* Keeps the output that was made for a job: until it is complete, or the job has failed, upon which it is discarded. */
void queue_keep_output(struct queue *queue, struct file_sink *made, size_t job);

/* Takes the output of a job that has not ended, whose content is complete; one without a path is the one that is kept. */
void queue_take_output(struct queue *queue, struct file_sink *complete, size_t job);

/* The codec of the job's input is kept here. */
const struct codec **queue_codec(struct queue *queue, size_t job);

/* Whether outputs have waited long enough, or are many: queue_settle is to be called soon. */
bool queue_is_due(const struct queue *queue);

/* Whether so many results wait that jobs had better be done in their order. */
bool queue_is_full(const struct queue *queue);

/* Puts the outputs that wait in place. */
void queue_settle(struct queue *queue);

/* Ends the queue: passes on what is there, also behind a job that did not end. */
void queue_end(struct queue *queue);

#endif
