/*
 * tar archives, by libarchive: the members of one are read in their order and, each as it is or with other content, written
 * into another. No name in an archive opens a file.
 */
#ifndef CLI_FILES_TAR_H
#define CLI_FILES_TAR_H

#include "base/notes.h"
#include "cli/files/sink.h"
#include "cli/files/source.h"

/* How much of a file tells that it is an archive. */
enum { TAR_HEAD = 512 };

/* libarchive and the version that the program was built with; NULL: it was built without. */
const char *tar_library(void);

/*
 * Before a process loses the right to open files: loads libarchive, which takes longer than a small picture, and what it
 * takes to write names that are not ASCII as the UTF-8 that they are. Without the latter they are marked as no text, which
 * GNU tar warns of; their bytes are the same.
 */
void tar_prepare(void);

/* Whether tar_prepare has done it, so that processes which were started since can read archives. */
bool tar_is_prepared(void);

/* Whether a file that begins with these n bytes is an archive, or is an empty one if `empty` may be. */
bool tar_sniff(const unsigned char *head, size_t n);
bool tar_sniff_empty(const unsigned char *head, size_t n);

/* Whether the name is that of an archive: it ends in ".tar", in any case. */
bool tar_names(const char *path);

/* ---- reading --------------------------------------------------------------------------------------------------------- */

struct tar_reader;

/*
 * The archive is read from its beginning: once, and none of it is kept, or again and again, each time by a reader of its
 * own. The file outlives the reader. NULL with `why`.
 */
struct tar_reader *tar_open(struct file_source *file, bool once, struct why *why);

/* A member of an archive. */
struct tar_member {
    const char *name;           /* bytes as they are there; until the next member */
    uint64_t size;              /* of its content */
    bool is_file;               /* it has content, and is no link, folder or device */
    struct byte_stream content; /* the next bytes of it */
};

/* The next member; what is left of the one before is skipped. The notes get what is odd about it. */
enum selected tar_next(struct tar_reader *reader, struct tar_member **member, struct notes *notes, struct why *why);

void tar_close(struct tar_reader *reader);

/* ---- writing --------------------------------------------------------------------------------------------------------- */

struct tar_writer;

/* Into a sink, which outlives the writer. NULL with `why`. */
struct tar_writer *tar_create(struct sink *to, struct why *why);

/*
 * The header of the member that the reader has read last: for the content that it has there, holes and all, or for other
 * content, of `size` bytes.
 */
bool tar_begin_copy(struct tar_writer *writer, struct tar_reader *reader, struct why *why);
bool tar_begin_other(struct tar_writer *writer, struct tar_reader *reader, uint64_t size, struct why *why);

/* The next bytes of its content. Less than its size is an error of the next member, or of tar_finish. */
bool tar_write(struct tar_writer *writer, const void *from, size_t n, struct why *why);

/* Writes the end of the archive, and frees the writer. */
bool tar_finish(struct tar_writer *writer, struct why *why);

/* Frees the writer, and writes no end. NULL: does nothing. */
void tar_abandon(struct tar_writer *writer);

#endif
