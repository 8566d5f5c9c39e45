/* A receiver in another process: what a worker process hands over becomes frames, and what they say is handed on. */
#ifndef CLI_RUN_WIRE_H
#define CLI_RUN_WIRE_H

#include "cli/run/frame.h"
#include "cli/run/job_files.h"
#include "cli/run/receiver.h"
#include "codec/metadata.h"
#include "codec/pictures.h"

/* To the worker process: WIRE_JOB, WIRE_MEMORY. The others come from there: none but WIRE_MADE has a descriptor or a path.
 */
enum wire_kind {
    WIRE_JOB = 1, /* a job to do: job_files_pack */
    WIRE_MEMORY,  /* bytes that the job may use from now on, in all: the answer to WIRE_WANTS */
    WIRE_WANTS,   /* bytes of memory beyond those that the job may use */
    WIRE_RESULT,
    WIRE_LOST,   /* a result; 1: the end of the job */
    WIRE_MADE,   /* by a process that may still open files: its output, with the descriptor */
    WIRE_OUTPUT, /* the content of the output is complete: its bytes */
    WIRE_NOTES,  /* of the picture that follows */
    WIRE_METADATA,
    WIRE_BLOCK, /* of metadata */
    WIRE_PICTURE,
    WIRE_ROWS
};

/* ---- in the worker process ------------------------------------------------------------------------------------------ */

/* Jobs that a worker process may have at a time: one to do, and others to go on with while the batch waits for a disk. */
enum { WIRE_JOBS_MAX = 6 };

/* A job to do, and its files. */
struct wire_job {
    size_t number;
    struct job_files files;
};

struct wire {
    struct receiver base;
    struct budget_rest rest;
    uint64_t most; /* bytes of it before a job */
    int socket;
    struct frame_writer writer; /* sends what a small picture hands over at its end, and the rows of a stack at once */
    struct frame_reader reader;
    struct wire_job pending[WIRE_JOBS_MAX]; /* to do after this one */
    size_t jobs;
    size_t job; /* that is done */
    struct picture_info info;
    size_t blocks;        /* of its metadata that were sent */
    struct buffer packed; /* rows that do not adjoin */
};

/* The process may take `rest` bytes of memory more than its share, in all, once others have no use for them. */
void wire_open(struct wire *wire, int socket, uint64_t rest);

/* Tells of the output that this process has made for a job, and which codec reads the input; closes nothing. */
bool wire_send_made(struct wire *wire, const struct job_files *files, size_t job);

/*
 * Waits for the next job, whose files are to be freed. False: there are no more, a signal came, or what the last one sent
 * was lost.
 */
bool wire_next_job(struct wire *wire, struct wire_job *job);

void wire_close(struct wire *wire);

/* ---- in the process of the batch ------------------------------------------------------------------------------------- */

/* What has come of a job so far. All 0 before its first frame. */
struct delivery {
    bool may_make;            /* the process makes its own output, and has not told of it yet */
    struct picture_info info; /* of the picture of a stack whose rows come */
    struct metadata metadata;
    struct notes notes;
    struct why why; /* why the receiver could not take it: the job has failed, */
    char *member;   /* with this member of an archive; NULL: it was not told yet, or there is none */
    size_t rows;    /* of `info` that have not come */
    unsigned wants; /* WIRE_WANTS that came */
};

/* Sends bytes of memory. False: the worker process is no more, or reads nothing; the stream from it ends. */
bool wire_send(int socket, enum wire_kind kind, uint64_t number);

/* Sends a job and its files, and closes the inputs. */
enum frame_sent wire_send_job(int socket, struct job_files *files, size_t job, struct why *why);

/*
 * Hands on what a frame of this job brought; *ended <- whether it was the job's end. False: no frame of this program is
 * like that, or none may come now. The frame may hold anything: the decoder that sent it may have been taken over.
 */
bool wire_deliver(struct delivery *delivery, const struct frame *frame, size_t job, struct receiver *to, bool *ended);

/* The number in a WIRE_WANTS. */
uint64_t wire_number(const struct frame *frame);

/* After the last frame, or the end of the job. */
void delivery_free(struct delivery *delivery);

#endif
