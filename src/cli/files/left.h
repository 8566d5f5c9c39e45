/* The names of temporary files that wait beside their targets, and such files that killed runs left. */
#ifndef CLI_FILES_LEFT_H
#define CLI_FILES_LEFT_H

#include "base/notes.h"

#include <stdbool.h>
#include <stddef.h>

enum { LEFT_PREFIX_BYTES = 96, LEFT_STEP = 64, LEFT_NUMBERS = 1 << 16, LEFT_LOOK = 1024 };

/*
 * The name beside a target: its folder, the prefix .instnorm-HOST-BOOT, and a number. Numbers find what runs of this boot
 * left without a look through the folder, which may be large. BOOT, 8 digits, tells hosts of one name apart, and what was
 * left before a restart: flock tells whether a writer lives only if it runs under the same kernel.
 */
struct left_name {
    char *text;
    size_t base, number; /* where the name begins in its folder, and where the number goes */
};

/* prefix <- that of this host and boot. */
void left_prefix(char prefix[LEFT_PREFIX_BYTES]);

/* The name beside `path`. text is to be freed by free(); NULL: out of memory. */
struct left_name left_name_beside(const char *path, const char *prefix);

/* Sets the number. */
void left_name_set(const struct left_name *name, unsigned n);

/* Whether the name is that of the open file still. */
bool left_is_named(int fd, const char *name);

/*
 * Removes the files of this host and boot that nobody has locked: -v tells their names. From number 0 on, by LEFT_STEP
 * numbers, as long as one of them is taken. Only those of this user.
 */
void left_remove(const struct left_name *name, struct notes *notes);

/*
 * Looks at the first LEFT_LOOK names of the folder for files of this user of other hosts and boots. Where only this machine
 * can have written to the file system, those of this host that nobody has locked are removed. Others that seem to be left
 * are told in one warning: nobody has them locked, and nothing was written to them for an hour, or their locks reach here.
 */
void left_look(const struct left_name *name, struct notes *notes);

#endif
