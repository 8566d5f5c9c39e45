/* A receiver in another process: what a worker process hands over becomes frames, and what they say is handed on. */
#ifndef CLI_RUN_WIRE_H
#define CLI_RUN_WIRE_H

#include "cli/run/frame.h"
#include "cli/run/receiver.h"
#include "codec/metadata.h"
#include "codec/pictures.h"

/* To the worker process: WIRE_JOB, WIRE_MEMORY. The others come from there. */
enum wire_kind {
    WIRE_JOB = 1, /* the number of a job to do */
    WIRE_MEMORY,  /* bytes that the job may use from now on, in all: the answer to WIRE_WANTS */
    WIRE_WANTS,   /* bytes of memory beyond those that the job may use */
    WIRE_RESULT,
    WIRE_LOST,   /* a result; 1: the end of the job */
    WIRE_OUTPUT, /* with its descriptor */
    WIRE_NOTES,  /* of the picture that follows */
    WIRE_METADATA,
    WIRE_BLOCK, /* of metadata */
    WIRE_PICTURE,
    WIRE_ROWS
};

/* ---- in the worker process ------------------------------------------------------------------------------------------ */

/* Jobs that a worker process may have at a time: one to do, and others to go on with while the batch waits for a disk. */
enum { WIRE_JOBS_MAX = 6 };
_Static_assert((int)WIRE_JOBS_MAX <= (int)FRAME_FDS_MAX, "each job has an output");

struct wire {
    struct receiver base;
    struct budget_rest rest;
    uint64_t most; /* bytes of it before a job */
    int socket;
    struct frame_writer writer; /* sends what a small picture hands over at its end, and the rows of a stack at once */
    struct frame_reader reader;
    uint64_t pending[WIRE_JOBS_MAX]; /* jobs to do after this one */
    size_t jobs;
    size_t job;              /* that is done */
    struct file_sink output; /* of it, that was handed over: without descriptor, until all of the job was sent */
    struct picture_info info;
    size_t blocks;        /* of its metadata that were sent */
    struct buffer packed; /* rows that do not adjoin */
};

/* The process may take `rest` bytes of memory more than its share, in all, once others have no use for them. */
void wire_open(struct wire *wire, int socket, uint64_t rest);

/* Waits for the next job. False: there are no more, a signal came, or what the last one sent was lost. */
bool wire_next_job(struct wire *wire, size_t *job);

void wire_close(struct wire *wire);

/* ---- in the process of the batch ------------------------------------------------------------------------------------- */

/* What has come of a job so far. All 0 before its first frame. */
struct delivery {
    struct picture_info info; /* of the picture of a stack whose rows come */
    struct metadata metadata;
    struct notes notes;
    struct why why; /* why the receiver could not take it: the job has failed */
};

/* Sends the number of a job, or bytes of memory. False: the worker process is no more. */
bool wire_send(int socket, enum wire_kind kind, uint64_t number);

/*
 * Hands on what a frame of this job brought; *ended <- whether it was the job's end. False: no frame of this program is
 * like that.
 */
bool wire_deliver(struct delivery *delivery, const struct frame *frame, size_t job, struct receiver *to, bool *ended);

/* The number in a WIRE_WANTS. */
uint64_t wire_number(const struct frame *frame);

/* After the last frame, or the end of the job. */
void delivery_free(struct delivery *delivery);

#endif
