/* Temporary files: spools, and outputs that are not complete. Where the system can do that, neither has a name. */
#ifndef CLI_FILES_TEMPORARY_H
#define CLI_FILES_TEMPORARY_H

#include "base/why.h"
#include "cli/files/left.h"

#include <stdint.h>

/* An unlinked file in $TMPDIR or /tmp; -1 with `why`. */
int file_spool(struct why *why);

/* why <- reading or writing such a file failed, by errno: names the folder. Always false. */
bool file_spool_failed(struct why *why);

enum { TEMPORARIES_ROWS = 512, TEMPORARIES_WAYS = 8 };

/* What is known of the temporary files of one writer of outputs. All 0 at first; temporaries_free frees it. */
struct temporaries {
    uint64_t swept[TEMPORARIES_ROWS][TEMPORARIES_WAYS]; /* hashes of folders, in each row the last first; 0: none */
    unsigned next;                                      /* the number to try first */
    char prefix[LEFT_PREFIX_BYTES];                     /* of their names; "": not known yet */
    bool has_proc;                                      /* files can be linked by their descriptors */
    struct notes notes;                                 /* what was left, until its owner takes it */
};

/*
 * Makes a file beside `path` and locks it: its descriptor, or -1 with errno. *name <- its name, freed by free(). In a
 * folder that is not among the last few thousand, files that killed runs left are removed or told before: left_remove,
 * left_look.
 */
int file_temporary(struct temporaries *temporaries, const char *path, char **name);

/*
 * Makes a file without a name, which can get one in the folder of `path` alone: its descriptor. -1: the system or the file
 * system cannot, or the folder cannot be written: file_temporary tells. Looks through the folder likewise.
 */
int file_nameless(struct temporaries *temporaries, const char *path);

/* Gives a file without a name this one. False, with errno: EEXIST if there is something of that name, which stays. */
bool file_link(int fd, const char *path);

/* Locks a file without a name, and gives it that of a temporary file beside `path`, to be freed. NULL with errno. */
char *file_link_beside(int fd, const char *path);

/* Removes what a writer that ended too early left beside the file that `path` leads to, and what other such writers did. */
void file_remove_left(const char *path, struct notes *notes);

void temporaries_free(struct temporaries *temporaries);

#endif
