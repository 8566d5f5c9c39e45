/* An input, and what is read beside it: the pictures of its masks, and the picture to fit. */
#ifndef CLI_RUN_INPUTS_H
#define CLI_RUN_INPUTS_H

#include "cli/files/beside.h"
#include "cli/files/mask_file.h"
#include "engine/picture.h"

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

/* What an input is opened for. */
enum inputs_use {
    INPUTS_MEASURE, /* its statistics */
    INPUTS_MAP,     /* an output */
    INPUTS_STYLE    /* its statistics as a style: its mask is that of --style-mask */
};

/*
 * Opens the files: the input, the pictures of the mask that the request has and, for an output, those of --apply-mask and
 * --fit. What cannot be opened is told by inputs_open. False: out of memory. In either case opened_free closes them.
 */
bool inputs_find(struct opened_files *opened, enum inputs_use use, const struct input_name *name,
                 const struct request *request);

/*
 * Opens the pictures of these files, which share the budget; the input is that of its name or, if it is not NULL, `member`
 * of an archive, which is taken over. False, with `why`, if one of them cannot be opened. In either
 * case inputs_close closes them. All arguments outlive them.
 */
bool inputs_open(struct inputs *inputs, enum inputs_use use, const struct input_name *name,
                 const struct file_source *member, const struct request *request, struct opened_files *opened,
                 const struct reading *how, struct inputs_buffers *buffers, struct why *why);

/* task <- the selected picture, and what is read beside it. */
void inputs_give(struct inputs *inputs, struct picture_task *task);

/* After the last picture, of which there were n: false if there are more beside the input. */
bool inputs_end(struct inputs *inputs, size_t n, struct why *why);

/* Once the selected picture was read: adds what the readers have noted. */
void inputs_tell(struct inputs *inputs, struct notes *notes);

/* The numbers of a space are of sRGB: notes if the selected picture, which was read, has another profile. */
void inputs_note_profile(const struct inputs *inputs, const struct layout *layout, struct notes *notes);

void inputs_close(struct inputs *inputs);

/* Frees what is larger than `most` bytes: a share of the budget is not to be kept with what others lent it. */
void inputs_buffers_trim(struct inputs_buffers *buffers, uint64_t most);

void inputs_buffers_free(struct inputs_buffers *buffers);

#endif
