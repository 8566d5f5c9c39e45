/* The pictures that the selectors of an option name: found, opened, and read in step with the input that they go with. */
#ifndef CLI_FILES_MASK_FILE_H
#define CLI_FILES_MASK_FILE_H

#include "cli/files/input.h"
#include "cli/files/opened.h"
#include "engine/weigh.h"

struct mask_file;

/* All 0 has none. */
struct mask_files {
    struct weights weights; /* what the selectors say, for the engine: its pictures are these files */
    size_t n;
    struct mask_file *file; /* [n] */
};

/*
 * Finds and opens the pictures that the selectors name, with those of `same` (NULL: none) where they say so; they are for
 * an input that ends in `below`. False: out of memory.
 */
bool mask_files_find(struct opened_files *opened, const struct selectors *selectors, const struct selectors *same,
                     const char *below);

/*
 * The selectors for the input `leader`, with those of `same` where they say so, and their pictures, taken from those that
 * mask_files_find has opened. False, with `why`, if one could not be, or is no picture. In either case mask_files_close
 * frees them. The option, the selectors and the leader, which is open, outlive them.
 *
 * Each pass that weights_begin begins reads what goes with the picture of the leader that is selected then.
 */
bool mask_files_open(struct mask_files *files, const char *option, const struct selectors *selectors,
                     const struct selectors *same, struct opened_files *opened, const struct input *leader,
                     struct why *why);

/* Bytes that the codecs of the pictures hold. */
uint64_t mask_files_held(const struct mask_files *files);

/* beside_end of the pictures. */
bool mask_files_end(struct mask_files *files, size_t pictures, struct why *why);

void mask_files_tell(struct mask_files *files, struct notes *notes);

void mask_files_close(struct mask_files *files);

#endif
