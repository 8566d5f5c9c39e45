/*
 * An input file: opened, its format found, its pictures read by bands of rows - once, or twice within the memory budget.
 * With --auto-orient they come upright: all that is seen of a picture outside of here is of the turned one.
 */
#ifndef INPUT_H
#define INPUT_H

#include "cli/files/file.h"
#include "base/buffer.h"

/* How inputs are read. */
struct reading {
    uint64_t memory;     /* what one input may take of it: codecs, kept rows, spooled pipes */
    uint64_t max_pixels; /* of a picture */
    bool auto_orient;    /* pictures are turned upright */
    bool alpha_as_data;  /* alpha is a channel like the others */
    bool reported;       /* a report keeps what was measured of each channel until the end of the picture */
};

/* The memory of an input, kept from file to file; all 0 at first. */
struct input_buffers {
    struct buffer kept, band; /* native rows: of a picture that fits the budget, and of a band */
};

struct input {
    bool open;
    struct reading how;
    const char *path;
    uint64_t budget;      /* of --memory */
    struct limits limits; /* the reader keeps hold of it */
    struct file_source file;
    const struct codec *codec;
    void *reader;
    size_t picture;
    struct picture_info info;
    struct input_buffers *buffers;
    struct rows kept;   /* the whole picture; no data if it is not kept */
    struct rows stored; /* of one that is turned: as it is read, and whether it was; else no data */
    bool loaded;
    size_t band;       /* rows of a band: whole blocks */
    bool again;        /* the rows come for the second time */
    struct notes told; /* of the pictures so far */
};

/* The path and the buffers outlive the input. */
bool input_open(struct input *in, const char *path, const struct reading *how, struct input_buffers *buffers,
                struct why *why);

/*
 * Makes the picture the one that is read, from its top. `twice` says that it will be rewound: its rows are then kept if
 * they fit the budget.
 */
enum selected input_select(struct input *in, size_t picture, bool twice, struct why *why);

/*
 * The same for a picture that is read beside that of `leader`, in its bands: it must have its size, and nothing of it is
 * kept. A file of several pictures has one for each of the leader's; one alone serves all.
 */
bool input_select_beside(struct input *in, const struct input *leader, struct why *why);

/*
 * After the last of the leader's pictures, of which there are so many: false if more follow here that would be ignored.
 * Smaller copies of the last one are none.
 */
bool input_end_beside(struct input *in, size_t pictures, struct why *why);

/* The header of the first picture alone, so that info tells what it holds. */
bool input_look(struct input *in, struct why *why);

/* The band that begins at row y: 0, in->band, 2 * in->band, ... in this order. */
bool input_band(struct input *in, size_t y, struct rows *rows, struct why *why);

/* Back to the top, for the second time. */
bool input_rewind(struct input *in, struct why *why);

/* Tells of the input, once. */
void input_say(struct input *in, enum note_level level, const char *text);

/* The orientation in its metadata, once it was read; 0 = unknown. It stays when the picture was turned. */
unsigned input_orientation(const struct input *in);

/* Once the picture was read: tells what the reader has noted of it, and not of one before it in the file. */
void input_tell(struct input *in);

/* Closes what is open; nothing if it is all 0. */
void input_close(struct input *in);

void input_buffers_free(struct input_buffers *buffers);

#endif
