/* Names of files: where they lead, what is there, and folders that are made for them. */
#ifndef CLI_FILES_NAMES_H
#define CLI_FILES_NAMES_H

#include "base/why.h"

#include <stdbool.h>
#include <sys/stat.h>

/* Whether the name stands for standard input or output: "-". */
bool path_is_standard(const char *path);

/* The name in its folder: the end of the path. */
const char *path_base(const char *path);

/* Where the extension's dot is in the path, or its end: a leading dot starts a name. */
const char *path_dot(const char *path);

/* ---- which file ----------------------------------------------------------------------------------------------------- */

/* The file that a name leads to, through links. */
struct file_id {
    dev_t device;
    ino_t inode;
};

struct file_id file_id_of(const struct stat *stat);

/* For qsort and bsearch: 0 if both are the same file. */
int file_id_compare(const void *a, const void *b);

/* *id <- the file; "-" is the descriptor `standard`. False if nothing is there, or a device or a pipe. */
bool file_identify(const char *path, int standard, struct file_id *id);

/* What a file looks like from outside: if its content was changed, so was this. */
struct fingerprint {
    off_t size;
    struct timespec time;
};

struct fingerprint fingerprint_of(const struct stat *stat);
bool fingerprint_same(const struct fingerprint *a, const struct fingerprint *b);

/* ---- what is there -------------------------------------------------------------------------------------------------- */

/* What is there, or at standard input for "-". False: nothing. */
bool file_stat(const char *path, struct stat *st);

bool file_exists(const char *path);
bool file_is_folder(const char *path);
bool file_is_regular(const char *path);

bool file_is_pipe(const char *path);

/* A device, pipe or socket: written directly. */
bool file_is_special(const char *path);

/* The descriptor that /dev/stdin, /dev/stdout, /dev/stderr, /dev/fd/N or /proc/self/fd/N names; -1: the name is another. */
int file_descriptor(const char *path);

/* Whether what is written there comes out on a terminal; "-" is standard output. */
bool file_is_terminal(const char *path);

/* ---- folders -------------------------------------------------------------------------------------------------------- */

/* mkdir -p, of the folder or of that of a file. */
bool file_make_folder(const char *path, struct why *why);
bool file_make_parent(const char *path, struct why *why);

/* Whether there is a .. in the path behind a folder that is missing: no folder is made for such a path. */
bool file_goes_back(const char *path);

/*
 * The picture in the folder with this name, which may be a path below it, with the same extension or one that is known;
 * NULL: there is none. *other <- a second one, or NULL. Both are freed by free().
 */
char *picture_in_folder(const char *folder, const char *name, char **other);

#endif
