/*
 * Sources and sinks: bounded reading, atomic writing. The only code that opens files. A signal ends its waits.
 */
#ifndef FILE_H
#define FILE_H

#include "codec.h"

#include <sys/stat.h>

/* ---- the process -------------------------------------------------------------------------------------------------- */

/* Once, first of all: fills closed standard descriptors (so that no file lands on them), catches signals. */
void file_start(void);

/* An unlinked file in $TMPDIR or /tmp; -1 with errno if there can be none. */
int file_temporary(void);

/* The umask at the start. */
mode_t file_umask(void);

/* SIGINT, SIGTERM, SIGHUP or SIGPIPE if it came, else 0: every read and write fails from then on. */
int file_interrupted(void);

/* Ends the process by the signal that came, if one did. */
void file_end(void);

/* ---- names -------------------------------------------------------------------------------------------------------- */

/* Which file a name leads to, through links. */
struct file_id {
    dev_t device;
    ino_t inode;
};

/* False if it is not a file: missing, standard input, a device, a pipe. */
bool file_identify(const char *path, struct file_id *id);
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

/* A device, pipe or socket: written directly. */
bool file_is_special(const char *path);
bool file_stdout_is_terminal(void);

/* mkdir -p */
bool file_make_folder(const char *path, struct why *why);

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

/* False if the file was changed since it was opened. */
bool file_unchanged(struct file_source *f, struct why *why);

void file_close(struct file_source *f);

/* ---- writing ------------------------------------------------------------------------------------------------------ */

struct file_sink {
    struct sink base;
    int fd;
    const char *name;       /* as given, for messages */
    char *path, *temporary; /* NULL: written directly */
    mode_t mode;
    bool replaces, no_clobber;
    int target;        /* of an output that must seek and cannot: what is complete at the end is copied there; else -1 */
    uint64_t position; /* of the buffer's first byte */
    size_t buffered;
    unsigned char *buffer;
};

/*
 * "-" is stdout. A file is written under a temporary name beside its target, which a link is followed to, and gets the
 * permissions of the input `like` less the umask. With no_clobber a target that is there at the end stays. `seeks`: the
 * output goes back, so that a pipe gets it from an unlinked file when it is complete.
 */
bool file_create(struct file_sink *f, const char *path, const struct stat *like, bool no_clobber, bool seeks,
                 struct why *why);

/* The output replaces the file of this owner and mode: it gets the whole mode, and the owner where that is allowed. */
void file_keep_owner(struct file_sink *f, const struct stat *of);

/* Completes the output: flushes, closes, renames, with every error checked. Frees f even if it fails. */
bool file_commit(struct file_sink *f, struct why *why);

/* A file of text is begun, "-" being stdout, so that it is known that it can be; and later written, all of it, and in
 * place. */
bool file_create_text(struct file_sink *f, const char *path, struct why *why);
bool file_commit_text(struct file_sink *f, const char *text, struct why *why);

/* Leaves the target as it was. */
void file_discard(struct file_sink *f);

#endif
