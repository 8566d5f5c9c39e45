/* A file that is read in step with another, the leader. Errors name its option and path. */
#ifndef CLI_FILES_BESIDE_H
#define CLI_FILES_BESIDE_H

#include "cli/files/input.h"

/* All 0 is not open. */
struct beside {
    /* Of the picture that goes with the one that is selected of the leader. To be rewound before each pass. */
    struct picture_rows rows;
    struct input in;
    const char *option, *path; /* in errors: the option, and its file */
    const char *reduced;       /* the reason if none goes with a smaller copy of a picture; NULL: as of others */
    const struct input *leader;
};

/*
 * Takes an open file over, and looks at its first header. The texts, the buffers and the leader, which is open, outlive it.
 * In either case beside_close closes it.
 */
bool beside_open(struct beside *beside, const char *option, const char *path, const struct file_source *file,
                 const struct input *leader, const struct reading *how, struct picture_buffers *buffers, struct why *why);

/* Bytes that the codec of the file holds. */
uint64_t beside_held(const struct beside *beside);

/* pictures_end_beside, after the last of the leader's n pictures; true if it is not open. */
bool beside_end(struct beside *beside, size_t n, struct why *why);

void beside_tell(struct beside *beside, struct notes *notes);

void beside_close(struct beside *beside);

#endif
