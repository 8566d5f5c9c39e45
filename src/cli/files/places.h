/* Where paths lead: which of them are one place, by whatever names, and what is there. Each folder is looked at once. */
#ifndef CLI_FILES_PLACES_H
#define CLI_FILES_PLACES_H

#include "base/arena.h"
#include "cli/files/names.h"

#include <stdint.h>

enum place_kind { PLACE_FREE, PLACE_FILE, PLACE_FOLDER, PLACE_SPECIAL }; /* special: a device, a pipe, a socket */

/* The end of a path, through links. */
struct place {
    uint32_t folder; /* its number */
    enum place_kind kind;
    const char *name;  /* in the folder */
    struct file_id id; /* of a file */
};

struct spelling; /* of the path of a folder */
struct known_folder;

/* All 0 knows none. Freed by places_free. */
struct places {
    struct arena texts;
    struct spelling *spelling; /* a hash table, [size] */
    size_t n_spellings, size;
    struct known_folder *folder; /* by number */
    size_t n_folders, room;
    const struct spelling *last; /* NULL: there is none */
};

/* *place <- where the path leads. The path outlives the place. False: out of memory. */
bool place_find(struct places *places, const char *path, struct place *place);

/*
 * *place <- that of folder i of n_folders, which would have to be made; false if it is there. Those above it that are
 * missing, too, are among them.
 */
bool places_missing(const struct places *places, size_t i, struct place *place);

/* Whether both are one file that is there or would be made. */
bool place_same(const struct place *a, const struct place *b);

/* The same for places that are the same. */
size_t place_hash(const struct place *place);

void places_free(struct places *places);

#endif
