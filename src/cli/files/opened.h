/*
 * Files that were opened for a job before a decoder sees a byte of them: in its own process, or in another one, for which
 * the names stand that the command line has for them.
 */
#ifndef CLI_FILES_OPENED_H
#define CLI_FILES_OPENED_H

#include "cli/files/source.h"

struct opened {
    char *name; /* as the command line has it: a file, or the folder where it was found; NULL: it was taken */
    char *path; /* of the file; NULL: none was found */
    bool open;
    struct file_source file; /* if it is open */
    struct why why;          /* else the reason */
};

/* All 0 is empty. */
struct opened_files {
    struct opened *item;
    size_t n, room;
    size_t spool_max; /* of streams: see file_open */
    bool never_waits; /* what may have to wait for somebody, such as a pipe, is not opened */
    bool would_wait;  /* there was such a file */
    bool lends;       /* see opened_lend */
};

/* Whether to open it, to read or to write, or to read it may wait for somebody: it is no regular file, or a descriptor. */
bool file_may_wait(const char *path);

/*
 * Opens the file; path NULL: none was found, because of `why`. A file that cannot be opened is added too, with the reason.
 * False: out of memory.
 */
bool opened_add(struct opened_files *files, const char *name, const char *path, const struct why *why);

/* Adds a file that is open, and takes it over; NULL: it is not, because of `why`. False: out of memory, and it is closed.
 */
bool opened_adopt(struct opened_files *files, const char *name, const char *path, struct file_source *file,
                  const struct why *why);

/* The first of that name whose path was not taken yet; NULL: there is none. */
struct opened *opened_find(const struct opened_files *files, const char *name);

/* *file, *path <- what is there of that name, which is the caller's now; *path is NULL if none was found. False, with
 * `why`. */
bool opened_take(struct opened_files *files, const char *name, struct file_source *file, char **path, struct why *why);

/*
 * From now on each file that was not taken is lent, to one member of an archive after another. False, with `why`, if one
 * cannot be: it is a pipe, could not be opened, or was found in a folder by the name of the archive.
 */
bool opened_lend(struct opened_files *files, struct why *why);

/* Closes what was not taken. */
void opened_free(struct opened_files *files);

#endif
