/* A worker process, from its start to its end. */
#ifndef CLI_RUN_SERVE_H
#define CLI_RUN_SERVE_H

#include "cli/run/job_files.h"
#include "cli/run/receiver.h"
#include "codec/pictures.h"

struct behind;
struct crew;

/* What a worker process does. */
struct service {
    void *to; /* the first argument of the functions */
    /* Does the job whose files are given; what is left of these is the caller's. `rest`: memory beyond its share. */
    void (*work)(void *to, size_t job, struct job_files *files, struct receiver *receiver, struct budget_rest *rest);
    /* Opens the files of a job, and waits for pipes. False: out of memory. */
    bool (*open)(void *to, size_t job, struct job_files *files);
    uint64_t memory, rest;  /* its share of the budget, and what others have of it */
    bool confined;          /* the process is kept in the sandbox */
    unsigned spare;         /* processors that are left for threads: if there are any, */
    struct behind **behind; /* <- what writes outputs, if it could be started, */
    struct crew **crew;     /* <- and what does a part of it; as long as the process */
};

/*
 * Does the jobs that come through the socket, until there are no more. It may open nothing then: the files come with the
 * jobs. False: it could not be kept in, and has done nothing.
 */
bool serve_jobs(const struct service *service, int socket);

/* Does one job, of which nothing came: it opens the files itself, and then may open nothing more. False: as above. */
bool serve_one(const struct service *service, int socket, size_t job);

#endif
