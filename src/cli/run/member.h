/* A worker process, seen from the process that started it. */
#ifndef CLI_RUN_MEMBER_H
#define CLI_RUN_MEMBER_H

#include "cli/run/wire.h"

#include <unistd.h>

/* All 0: there is no process. */
struct member {
    pid_t pid; /* 0: there is none */
    int socket;
    size_t job[WIRE_JOBS_MAX]; /* that it has: the first is done, or about to be */
    unsigned jobs;
    uint64_t memory; /* that its job may use; 0: it has no job, or waits for memory */
    uint64_t wants;  /* that it waits for, in all; 0: for nothing */
    bool closed;     /* nothing more comes but what was read */
    bool own;        /* the process was started for its job, and ends with it */
    struct frame_reader reader;
    struct delivery delivery;
};

struct members {
    unsigned n;
    struct member *member; /* [n] */
};

/* Makes room for n processes, and starts none. False: out of memory. members_free frees it. */
bool members_new(struct members *members, unsigned n);

/*
 * Starts the process of `m`, one of the members. The process calls serve(to, socket, own), which does the jobs that come
 * through the socket or, if `own` is not NULL, that job alone, and ends once serve returns. False is a process that could
 * do nothing.
 */
bool member_start(struct members *members, struct member *m, bool (*serve)(void *to, int socket, const size_t *own),
                  void *to, const size_t *own, struct why *why);

/* Ends the process, unless it has ended by itself. Returns how it ended, as waitpid says it. */
int member_end(struct member *m);

/* Whether a process that ended so was in the middle of a job. False: a signal ended it before it began one. */
bool member_ended_in_job(int status);

/* Whether a process has a job. */
bool members_have_jobs(const struct members *members);

/* Sends the signal to all processes. */
void members_signal(const struct members *members, int signal);

/* Ends all processes, as member_end does. */
void members_end(struct members *members);

/* All processes have ended. */
void members_free(struct members *members);

#endif
