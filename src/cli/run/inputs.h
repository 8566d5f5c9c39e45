/* An input, and what is read beside it: the pictures of its masks, and the picture to fit. */
#ifndef CLI_RUN_INPUTS_H
#define CLI_RUN_INPUTS_H

#include "cli/files/beside.h"
#include "cli/files/mask_file.h"
#include "engine/layout.h"

/* Not to be moved while it is open. */
struct inputs {
    struct input in;
    struct mask_files mask, apply_mask;
    struct beside fit;
};

/* Memory that is kept from input to input. */
struct inputs_buffers {
    struct picture_buffers in, fit;
};

/*
 * Opens the input, what its --mask names (which is called `mask_option` in messages) and, if there is an output, what
 * --apply-mask and --fit name; they share the budget. False, with `why`, if one cannot be opened. In either case
 * inputs_close closes them. All arguments outlive them.
 */
bool inputs_open(struct inputs *inputs, const char *path, const struct request *request, const char *mask_option,
                 bool has_output, const struct reading *how, struct inputs_buffers *buffers, struct why *why);

/* After the last picture, of which there were n: false if there are more beside the input. */
bool inputs_end(struct inputs *inputs, size_t n, struct why *why);

/* Once the selected picture was read: adds what the readers have noted. */
void inputs_tell(struct inputs *inputs, struct notes *notes);

/* The numbers of a space are of sRGB: notes if the selected picture, which was read, has another profile. */
void inputs_note_profile(const struct inputs *inputs, const struct layout *layout, struct notes *notes);

void inputs_close(struct inputs *inputs);

void inputs_buffers_free(struct inputs_buffers *buffers);

#endif
