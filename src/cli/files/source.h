/* Files and streams to read. */
#ifndef CLI_FILES_SOURCE_H
#define CLI_FILES_SOURCE_H

#include "codec/codec.h"

#include <sys/stat.h>
#include <sys/types.h>

/* What a stream is read from, if that is no descriptor. */
struct byte_stream {
    /* The next bytes, n at most; 0 at the end; -1 with `why`. */
    ssize_t (*read)(struct byte_stream *stream, void *to, size_t n, struct why *why);
};

/* A file is read where it is wanted; a stream is kept as far as it was read. */
struct file_source {
    struct source base;
    int fd;
    struct byte_stream *stream; /* NULL: the descriptor */
    bool lent;                  /* the descriptors are another one's */
    bool regular;               /* it is a file that can be read at any offset */
    struct stat stat;           /* when it was opened */

    unsigned char *window; /* the bytes read last, of a file; NULL: none were */
    uint64_t window_at;
    size_t window_n;

    unsigned char *spool; /* the first bytes of a stream; the others are in an unlinked file */
    size_t spool_n, spool_size, spool_max;
    int spool_fd;
    struct why no_spool; /* why the unlinked file cannot be had */
    uint64_t streamed;
    uint64_t passed; /* by file_pass */
    bool ended;
};

/*
 * Opens the file; "-" is standard input. Of a stream spool_max bytes are kept in memory, the others in an unlinked file.
 * False, with `why`: there is nothing to close.
 */
bool file_open(struct file_source *f, const char *path, size_t spool_max, struct why *why);

/* The file that another process opened, which is a regular one. Takes the descriptor over. */
void file_adopt(struct file_source *f, int fd, const struct stat *stat);

/*
 * A stream of `size` bytes that is no descriptor, and outlives f. spool_fd: the unlinked file for what is beyond spool_max,
 * which stays the caller's; -1: there is none, because of no_spool.
 */
void file_stream(struct file_source *f, struct byte_stream *stream, uint64_t size, size_t spool_max, int spool_fd,
                 const struct why *no_spool);

/* *lent <- the file, which is a regular one, and stays its owner's: file_close closes nothing. */
void file_lend(const struct file_source *f, struct file_source *lent);

/*
 * The next bytes of a file that is read once, from its beginning: n at most, 0 at the end, -1 with base.why. What a stream
 * had kept before comes first, and nothing more is kept.
 */
ssize_t file_pass(struct file_source *f, void *to, size_t n);

/* head[0..n) <- its first bytes. Returns how many there are; a stream keeps them, of a file no more is read. */
size_t file_head(struct file_source *f, void *head, size_t n);

/*
 * Makes the unlinked file of a stream now: for a process that is about to lose the right to open files. False: there is
 * none, which matters when it is needed.
 */
bool file_make_spool(struct file_source *f);

void file_close(struct file_source *f);

#endif
