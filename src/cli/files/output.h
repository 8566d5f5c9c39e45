/* An output file: its sink, its writer, and what it got so far. */
#ifndef CLI_FILES_OUTPUT_H
#define CLI_FILES_OUTPUT_H

#include "cli/files/sink.h"
#include "codec/codec.h"

/* How outputs are written. */
struct writing {
    struct write_options codec;
    bool strip;        /* without metadata */
    bool no_clobber;   /* an output that exists stays */
    bool guarded;      /* a file that came since the plan stays, and is an error */
    bool force;        /* files of another kind are replaced too */
    bool in_place;     /* the output replaces the input */
    bool keep_times;   /* the output gets those of its input */
    bool make_folders; /* those of outputs are made where they are missing */
    bool may_fail;     /* an output may be refused after it was written: a pipe gets nothing before it is complete */
};

struct output {
    struct file_sink sink;
    const struct codec *codec;
    struct write_options how;
    bool strip;
    struct notes *notes; /* of the picture that is written: what the format cannot hold */
    void *writer;
    bool open;
    size_t pictures; /* that were begun */
    bool chosen;     /* the quality was noted: once in a file */
};

/*
 * Makes the sink of an output, so that a folder that is missing, or that may not be written, shows before a pixel is read.
 * codec NULL: the output is an archive. `like` is the input whose permissions the file gets. path and temporaries outlive
 * the sink.
 */
bool output_create(struct file_sink *sink, const char *path, const struct codec *codec, const struct stat *like,
                   const struct writing *how, struct temporaries *temporaries, struct why *why);

/* The output into a sink, which is taken over: see output_create. The codec outlives the output. */
void output_open(struct output *out, const struct file_sink *sink, const struct codec *codec, const struct writing *how);

/* The next picture. Until the next one, or output_complete, `notes` gets what the writer has to say. */
bool output_begin(struct output *out, const struct picture_info *info, struct notes *notes, struct why *why);

bool output_write(struct output *out, const struct rows *rows, struct why *why);

/*
 * Completes the content. *complete <- the sink of a file that gets a name, for file_seal and file_place; another one is
 * closed, and *complete is not named. False: closed, and the target is as it was.
 */
bool output_complete(struct output *out, struct file_sink *complete, struct notes *notes, struct why *why);

/* The same of an output whose sink is held: it stays the output's, to be read back, until output_discard. */
bool output_finish(struct output *out, struct notes *notes, struct why *why);

/* How much of an output is held in memory: see file_hold. */
size_t output_hold_most(uint64_t memory);

/* Leaves the target as it was; does nothing if it is not open. */
void output_discard(struct output *out);

#endif
