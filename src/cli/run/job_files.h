/*
 * What a job needs of files before a decoder sees a byte: its inputs, open, and its output, made. They are opened where
 * that is allowed, and go to a process that may open nothing.
 */
#ifndef CLI_RUN_JOB_FILES_H
#define CLI_RUN_JOB_FILES_H

#include "cli/args/plan.h"
#include "cli/files/opened.h"
#include "cli/run/frame.h"
#include "cli/run/inputs.h"

/* Unlinked files that the members of an archive have in turn, for what is beyond the memory they may take. */
enum { SPOOL_INPUT, SPOOL_OUTPUT, SPOOLS };

struct job_spool {
    int fd; /* -1: there is none, */
    struct why why;
};

/* All 0 has none. */
struct job_files {
    struct opened_files inputs;
    bool is_statistics; /* the input begins as a statistics file */
    bool is_archive;    /* it is a tar archive, with */
    struct job_spool spool[SPOOLS];
    const struct codec *codec; /* of the input, by its first bytes; NULL: unknown */
    bool made;                 /* its own output was: */
    struct file_sink output;
    struct why why;     /* why it was not; empty: nothing was wrong */
    struct notes notes; /* of what was found beside it */
    double views_from;  /* of no file: the share of clipped samples from which reports want to see a picture */
};

/* What the opening takes from the plan. */
struct job_opening {
    const struct request *request;
    const struct reading *reading;
    const struct writing *writing;
    struct temporaries *temporaries;
    bool makes_output; /* its own, if the job has one */
    bool never_waits;  /* if one of the files may have to wait for somebody, none is needed: see job_files_need_process */
};

/* Opens the input and what is read beside it. What cannot be opened is told when it is needed. False: out of memory. */
bool job_files_open_inputs(struct job_files *files, enum inputs_use use, const struct input_name *name,
                           const struct request *request, const struct reading *reading, bool never_waits);

/* Opens all. What cannot be opened or made is told when it is needed. False: out of memory. */
bool job_files_open(struct job_files *files, const struct job *job, const struct job_opening *how);

/*
 * Whether the job needs a process of its own, which opens the files again, because opening was not to wait but would have,
 * or because the input is an archive and the processes that there are cannot read those.
 */
bool job_files_need_process(const struct job_files *files);

/* Makes and loads what may be needed later, in a process that is about to lose the right to. */
void job_files_prepare(struct job_files *files);

/* fd[] <- the descriptors that are read or written. Returns how many there are, or `most` + 1 if there are more than that.
 */
size_t job_files_descriptors(const struct job_files *files, int *fd, size_t most);

/* As many at most. */
size_t job_files_most_descriptors(const struct job_files *files);

/* The one codec that reads the job's files; NULL: unknown, or there are more files than one. */
const struct codec *job_files_codec(const struct job_files *files);

/* Closes what is there, and leaves the target of the output as it was. */
void job_files_free(struct job_files *files);

/* ---- on their way to another process --------------------------------------------------------------------------------- */

/* Whether there are no more descriptors than go with a frame. */
bool job_files_fit(const struct job_files *files);

/*
 * The bytes of a frame, to be freed, and its descriptors, which stay the caller's. NULL: out of memory. The output is the
 * caller's; the process that gets the frame only writes it.
 */
unsigned char *job_files_pack(const struct job_files *files, size_t job, size_t *n, int fd[FRAME_FDS_MAX], unsigned *fds);

/* files <- what a frame brought; takes its descriptors over. The output has no name for messages. False: out of memory. */
bool job_files_unpack(struct job_files *files, const struct frame *frame);

/* The job that the frame is for. */
size_t job_files_number(const struct frame *frame);

#endif
