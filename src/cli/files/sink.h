/* Files to write. A target is always the old file or the complete new one; a device or a pipe is written directly. */
#ifndef CLI_FILES_SINK_H
#define CLI_FILES_SINK_H

#include "cli/files/names.h"
#include "cli/files/temporary.h"
#include "codec/codec.h"

/* What may become of the file that an output replaces. */
struct file_rules {
    const struct stat *like; /* the input whose permissions the output gets, less the umask; NULL: all, less the umask */
    bool no_clobber;         /* a target that is there at the end stays */
    bool guarded;            /* a target with content, before or at the end, stays and is an error */
    bool seeks;              /* the output goes back, so that a pipe gets it from an unlinked file when it is complete */
    /* Whether a target that is there and not empty may be replaced, by its first FOREIGN_HEAD bytes. NULL: it may. */
    bool (*is_kind)(const unsigned char *head, size_t n);
    const char *kind; /* what to say if it may not: "is not a picture" */
};

struct file_sink {
    struct sink base;
    int fd;
    const char *name; /* as given, for messages */
    bool named;       /* it gets its name when it is complete; else it is written directly */
    char *path;       /* of one that gets a name; NULL in a process that only writes it, file_sink_adopt */
    char *temporary;  /* the name that it has until then; NULL: none */
    mode_t mode;
    bool keeps_times;         /* it gets those of a file: */
    struct timespec times[2]; /* access and modification, as futimens takes them */
    bool no_clobber, guarded;
    bool was_there; /* the target was, with its name, when the output was opened */
    bool in_place;  /* the target must still be this file when it is replaced: */
    struct file_id replaced;
    struct fingerprint replaced_fingerprint;
    int target;        /* a pipe that gets the unlinked file `fd` when that is complete; -1: there is none */
    uint64_t position; /* of the buffer's first byte */
    size_t buffered;
    unsigned char *buffer; /* NULL: nothing was written */
    size_t buffer_size, buffer_most;
    bool held;        /* file_hold */
    uint64_t end;     /* of what was written */
    struct why no_fd; /* why `fd` is -1 */
};

/*
 * Opens the output. "-" is standard output; it and other descriptors are written where they stand. A file has no name until
 * it is complete, or a temporary one beside its target where the system needs that. A link is followed to its target.
 * temporaries is its writer's; NULL: the output is the only one.
 */
bool file_create(struct file_sink *f, const char *path, const struct file_rules *rules, struct temporaries *temporaries,
                 struct why *why);

/*
 * The output replaces this file: it gets the whole mode, and the owner where that is allowed. It is not put in place if
 * the name leads to another file by then, or the file was changed.
 */
void file_replaces(struct file_sink *f, const struct stat *of);

/* It gets the times of this file, if that is one. */
void file_keeps_times(struct file_sink *f, const struct stat *of);

/* An output that gets a name, and that another process has made: this one only writes it. Takes the descriptor over. */
void file_sink_adopt(struct file_sink *f, int fd, const char *name);

/*
 * Holds what is written, in `most` bytes of memory, and more of it in the file `fd`, which stays the caller's; -1: there is
 * none, because of no_fd. It is read by file_read_back, and file_discard frees it.
 */
void file_hold(struct file_sink *f, size_t most, int fd, const struct why *no_fd);

/* to[0..n) <- what was written at offset, of a sink that is held, or was flushed to a file. Returns how many bytes there
 * are, fewer than n at the end or where the file cannot be read. */
size_t file_read_back(struct file_sink *f, void *to, size_t n, uint64_t offset);

/* Leaves the target as it was. */
void file_discard(struct file_sink *f);

/* why_set with "output NAME: REASON". */
bool file_output_failed(const char *name, const char *reason, struct why *why);

/* ---- completing, in three steps -------------------------------------------------------------------------------------- */

/* Writes what is buffered. False: discarded. */
bool file_flush(struct file_sink *f, struct why *why);

/* Sets the permissions and times of what was flushed: a sync and the name are missing, for file_place. False: discarded. */
bool file_seal(struct file_sink *f, struct notes *notes, struct why *why);

/* Writes n bytes, which are all of the file, flushes and seals it. */
bool file_seal_bytes(struct file_sink *f, const void *bytes, size_t n, struct why *why);

/* Brings a sealed output to the disk, if several are to be there before the first is put in place. False: discarded. */
bool file_sync(struct file_sink *f, struct why *why);

/*
 * Puts a sealed output in place: syncs, closes and renames. Frees f even if it fails. `synced`: its file system was synced
 * since.
 */
bool file_place(struct file_sink *f, bool synced, struct why *why);

#endif
