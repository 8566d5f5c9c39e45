/* The files that a stack is cut into: part-00000.npy and its list part-00000.txt, and so on. */
#ifndef CLI_FILES_PARTS_H
#define CLI_FILES_PARTS_H

#include "base/why.h"

#include <stddef.h>

/* What is there of a part. A file without content is not. */
struct found_part {
    size_t number;
    bool tensor, list;
    size_t samples; /* in it, once that is known */
};

/* Ordered by number. All 0 is none; freed by parts_free. */
struct parts {
    struct found_part *part; /* [n] */
    size_t n, room;
};

/* The extension of lists, with its dot. */
extern const char parts_list_extension[];

/* The name of a part of the stack `output`, or that of its list: to be freed. NULL: out of memory. */
char *part_tensor_path(const char *output, size_t number);
char *part_list_path(const char *output, size_t number);

/* Whether a part of the stack, or its list, could have this name: also if nothing is there. */
bool parts_take_name(const char *output, const char *path);

/* *parts <- what is there. False, with `why`, if the folder cannot be read; one that is missing has none. */
bool parts_find(const char *output, struct parts *parts, struct why *why);

/* The part of that number; NULL: nothing is there of it. */
const struct found_part *parts_at(const struct parts *parts, size_t number);

void parts_free(struct parts *parts);

#endif
