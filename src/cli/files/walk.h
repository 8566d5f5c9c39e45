/* Folders that are searched for pictures: --recursive. */
#ifndef CLI_FILES_WALK_H
#define CLI_FILES_WALK_H

#include "base/notes.h"
#include "base/why.h"
#include "cli/files/found.h"
#include "cli/files/names.h"

/* Extensions that are counted one by one, and their longest. */
enum { WALK_EXTENSIONS = 32, WALK_EXTENSION_BYTES = 12 };

/* A search, and what was left out so far. To be freed by walk_free. */
struct walk {
    const char *output; /* the folder of the outputs, which is left out; NULL: there is none, or it is not there yet */
    struct file_id output_id;
    const char *suffix; /* names that end so before their extension are outputs of an earlier run; NULL: none are */

    struct file_id *seen; /* [size]: a hash table of the folders that were read, all 0 where there is none */
    size_t n_seen, size;  /* a power of two */

    size_t others, earlier; /* files of other extensions; outputs of an earlier run */
    struct {
        char text[WALK_EXTENSION_BYTES];
        size_t n;
    } extension[WALK_EXTENSIONS]; /* of the others */
    size_t extensions;
};

/* The texts outlive the search. `output` may be any path, or NULL. */
struct walk walk_begin(const char *output, const char *suffix);

/*
 * Adds the files in the folder and below it whose extensions are known, in the byte order of the names in each folder. Left
 * out are names that begin with a dot, links to folders, the folder of the outputs, and folders that were read before. A
 * folder that cannot be read is added with the reason. Paths go to the arena. False, with `why`, if the folder is that of
 * the outputs, if memory is short or if a signal came.
 */
bool walk_folder(struct walk *walk, const char *folder, struct found *found, struct arena *texts, struct why *why);

/* Notes how many files were left out. */
void walk_tell(const struct walk *walk, struct notes *notes);

void walk_free(struct walk *walk);

#endif
