/*
 * Sources and sinks: bounded reading, atomic writing. The only code that opens files. A signal ends its waits.
 */
#ifndef FILE_H
#define FILE_H

#include "codec/codec.h"

#include <sys/stat.h>

/* ---- the process -------------------------------------------------------------------------------------------------- */

/* Once, first of all: fills closed standard descriptors (so that no file lands on them), catches signals. */
void file_start(void);

/* The umask at the start. */
mode_t file_umask(void);

/* The signal that came and would have ended the process, else 0: every read and write fails from then on. */
int file_interrupted(void);

/* Ends the process by the signal that came, if one did. */
void file_end(void);

/* ---- names -------------------------------------------------------------------------------------------------------- */

/* Which file a name leads to, through links. */
struct file_id {
    dev_t device;
    ino_t inode;
};

/* False if it is not a file: missing, a device, a pipe. "-" is that descriptor. */
bool file_identify(const char *path, int standard, struct file_id *id);
int file_id_compare(const void *a, const void *b);

/* The absolute name without links of a file that is there or would be, freed by free(). NULL: out of memory. */
char *file_resolve(const char *path);

/* By which a file that was changed is known. */
struct file_mark {
    off_t size;
    struct timespec time;
};

struct file_mark file_mark_of(const struct stat *stat);
bool file_mark_same(const struct file_mark *a, const struct file_mark *b);

bool file_exists(const char *path);
bool file_is_folder(const char *path);
bool file_is_regular(const char *path);

/* A device, pipe or socket: written directly. */
bool file_is_special(const char *path);

/* The descriptor that /dev/stdin, /dev/stdout, /dev/stderr, /dev/fd/N or /proc/self/fd/N names, -1 for other names. */
int file_descriptor(const char *path);

/* Whether what is written there, "-" being stdout, comes out on a terminal. */
bool file_is_terminal(const char *path);

/* mkdir -p, of the folder or of that of a file. */
bool file_make_folder(const char *path, struct why *why);
bool file_make_parent(const char *path, struct why *why);

/* ---- reading ------------------------------------------------------------------------------------------------------ */

struct file_source {
    struct source base;
    int fd;
    bool regular;
    struct stat stat;

    unsigned char *window; /* the bytes read last, of a file */
    uint64_t window_at;
    size_t window_n;

    unsigned char *spool; /* the first bytes of a stream; the others are in an unlinked file */
    size_t spool_n, spool_size, spool_max;
    int spool_fd;
    uint64_t streamed;
    bool ended;
};

/* "-" is stdin. A stream is kept as far as it was read: spool_max bytes in memory, the rest in an unlinked file. */
bool file_open(struct file_source *f, const char *path, size_t spool_max, struct why *why);

void file_close(struct file_source *f);

/* ---- temporary files (file_temporary.c) ---------------------------------------------------------------------------- */

/* An unlinked file in $TMPDIR or /tmp; -1 with `why`. */
int file_spool(struct why *why);

/* Reading or writing that file failed, by errno: names the folder. */
bool file_spool_failed(struct why *why);

/*
 * A new file beside `path` which this process has locked: its descriptor, and its name, freed by free(). -1 with errno.
 * Files that killed runs of this host left in the folder are removed, as far as nobody has locked them.
 */
int file_temporary(const char *path, char **name);

/* ---- writing ------------------------------------------------------------------------------------------------------ */

/* What may become of the file that an output replaces. */
struct file_rules {
    const struct stat *like; /* the input whose permissions the output gets, less the umask; NULL: all, less the umask */
    bool no_clobber;         /* a target that is there at the end stays */
    bool seeks;              /* the output goes back, so that a pipe gets it from an unlinked file when it is complete */
    bool (*is_kind)(const unsigned char *head, size_t n); /* what a target must be that is there and not empty, by its
                                                             first FOREIGN_HEAD bytes; NULL: anything */
    const char *kind;                                     /* what to say of others: "is no picture" */
};

struct file_sink {
    struct sink base;
    int fd;
    const char *name;       /* as given, for messages */
    char *path, *temporary; /* NULL: written directly */
    mode_t mode;
    bool no_clobber;
    bool in_place; /* the target is still this file: */
    struct file_id replaced;
    struct file_mark replaced_mark;
    int target;        /* of an output that must seek and cannot: what is complete at the end is copied there; else -1 */
    uint64_t position; /* of the buffer's first byte */
    size_t buffered;
    unsigned char *buffer;
};

/*
 * "-" is stdout; it and other descriptors are written where they stand. A file is written under a temporary name beside
 * its target, which a link is followed to.
 */
bool file_create(struct file_sink *f, const char *path, const struct file_rules *rules, struct why *why);

/*
 * The output replaces this file: it gets the whole mode, and the owner where that is allowed. It is not put in place if
 * the name leads to another file by then, or the file has changed.
 */
void file_replaces(struct file_sink *f, const struct stat *of);

/* Completes the output: all but its sync and its name. It may be committed later. False: discarded. */
bool file_seal(struct file_sink *f, struct why *why);

/* Completes the output: flushes, syncs, closes, renames, with every error checked. Frees f even if it fails. */
bool file_commit(struct file_sink *f, struct why *why);

/*
 * Commits n sealed outputs; none gets its name before it is on the disk. Together, for one sync of a file system may serve
 * many files. why[i] stays empty where the output is in place.
 */
void file_commit_all(struct file_sink *f, size_t n, struct why *why);

/* Writes a whole text and commits it. */
bool file_commit_text(struct file_sink *f, const char *text, struct why *why);

/* Leaves the target as it was. */
void file_discard(struct file_sink *f);

#endif
