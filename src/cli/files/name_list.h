/* A list of names in a file: --files-from. */
#ifndef CLI_FILES_NAME_LIST_H
#define CLI_FILES_NAME_LIST_H

#include "base/why.h"

#include <stddef.h>

/* What the names of a list end with. A line may end with CR LF: neither is a part of the name. */
enum name_end { NAME_END_LINE, NAME_END_NUL };

/* All 0 is an empty list. Freed by name_list_free. */
struct name_list {
    char *text; /* what was read, with a NUL behind each name that was taken */
    size_t size, at;
    enum name_end end;
    size_t number; /* of the line, or of the name, that was taken last */
};

/*
 * Reads the whole file; "-" is standard input. False, with `why`, if that fails, if a NUL is in a list of lines, or if
 * a list has lines instead of names that end with NUL. The list is to be freed in either case.
 */
bool name_list_read(struct name_list *list, const char *path, enum name_end end, struct why *why);

/* The next name that is not empty; NULL: there is none. */
char *name_list_next(struct name_list *list);

/*
 * The next pair: of a list of lines INPUT tab OUTPUT, else of two names. False, with `why` that tells the line or the name,
 * if it is no pair. *input <- NULL at the end.
 */
bool name_list_pair(struct name_list *list, char **input, char **output, struct why *why);

void name_list_free(struct name_list *list);

#endif
