/* The inputs that operands, lists and folders hold, in their order. */
#ifndef CLI_FILES_FOUND_H
#define CLI_FILES_FOUND_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct found_input {
    const char *path;
    const char *output;     /* of a list of pairs; NULL: the output is named after the input */
    const char *below;      /* the end of `path`: the name of the file, or what follows the folder that was searched */
    const char *listed;     /* the operand, the line of a list, or what follows the folder that was searched */
    const char *unreadable; /* `path` is a folder that cannot be read, for this reason; NULL: it is a file */
};

/* All 0 is empty. The paths that were read are in an arena of somebody else. Freed by found_free. */
struct found {
    struct found_input *item;
    size_t n, room;
};

/* Adds an input, whose texts outlive the list. False: out of memory. */
bool found_add(struct found *found, const struct found_input *input);

void found_free(struct found *found);

#endif
