/* What a kernel offers to keep a process in. */
#ifndef CLI_FILES_CONFINEMENT_H
#define CLI_FILES_CONFINEMENT_H

#include "base/why.h"

#include <stdbool.h>

struct confinement {
    const char *name;
    bool (*is_there)(void);
    /* Makes in the parent what all processes share; NULL: there is nothing to make. Done once, however often it is called.
     */
    bool (*prepare)(struct why *why);
    /* Confines the process for good. It must be unable to gain rights by execve (PR_SET_NO_NEW_PRIVS). */
    bool (*enter)(struct why *why);
};

/* Refuses system calls: all but those that work on open descriptors, memory and the process itself. */
extern const struct confinement confinement_seccomp;

/* Refuses to open, make and remove files, to use TCP, and to signal other processes. */
extern const struct confinement confinement_landlock;

#endif
