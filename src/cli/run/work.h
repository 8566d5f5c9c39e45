/* A file of pictures under work: an input, or a member of one that is an archive. */
#ifndef CLI_RUN_WORK_H
#define CLI_RUN_WORK_H

#include "cli/files/tar.h"
#include "cli/run/job.h"

/* Results of a file that may still fail as a whole. */
struct held_results {
    struct result *item;
    size_t n, room;
};

struct work {
    struct picture_sink sink; /* what the engine writes to */
    struct worker *worker;
    const struct job *job;
    struct job_files *files;
    const struct shared *shared;
    struct inputs inputs;
    struct output output; /* of its own */
    size_t rows_left;     /* of the picture, that it did not get */
    bool is_behind;       /* rows are on their way to it */
    struct output_format format;
    struct result result; /* of the last picture, until it is taken */
    bool has_result;
    struct series series; /* of its own pictures, if it has the first pass to itself */
    struct map page;      /* of the last picture of its own */
    size_t full;          /* pictures before this one, side pages left out */
    unsigned orientation; /* how the last picture lies, as EXIF numbers it */

    /* Of an archive. */
    const char *member;       /* its name; NULL: the input is no archive */
    bool apart;               /* each member has an output of its own */
    bool holds;               /* a member may be left out: what there is to say of it waits for its end */
    struct held_results held; /* of the member */
    bool begun;               /* a picture of it was begun in an output of others, which cannot be taken back */
};

/* Sets up what the engine writes to. The worker, the job, its files and what is shared are set. */
void work_begin(struct work *w);

/*
 * Opens the file: the input of the job or, where the work has a member, that member's content, which is taken over, and
 * what is read beside it. In either case work_close closes it.
 */
bool work_open(struct work *w, const struct file_source *member, struct why *why);

/* Measures and maps all pictures. The output is not complete; the result of the last one is not handed over. */
bool work_run(struct work *w, struct why *why);

/* The first pass over all pictures, for the series or, if that is NULL, the receiver. */
bool work_gather(struct work *w, struct series *series, struct why *why);

/* Hands over the last picture. Not before the next one was found, or the output is complete: it may still fail. */
void work_hand_over(struct work *w);

/* The output of the last picture is complete, in a sink that can be read: makes it what reports see. */
bool work_view(struct work *w, struct file_sink *output, struct why *why);

/* What was held of a member is handed over, and counts. False, with `why`: out of memory, or the series cannot have it. */
bool work_release(struct work *w, struct series *series, struct why *why);

/* What was held of a member is forgotten: it is left out. */
void work_forget(struct work *w);

/* Closes the file, and forgets an output that is not complete. */
void work_close(struct work *w);

/* *end <- what became of the input, by whether the work on it was done. Frees the work. */
void work_end(struct work *w, bool ok, struct result *end);

#endif
