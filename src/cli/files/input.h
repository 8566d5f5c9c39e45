/* An input file: its bytes, the pictures in it, and what is noted of them. */
#ifndef CLI_FILES_INPUT_H
#define CLI_FILES_INPUT_H

#include "cli/files/source.h"
#include "codec/pictures.h"

/* What an input is called. */
struct input_name {
    const char *path;
    const char *below; /* the end of the path: the name of the file, or what follows the folder that was searched */
};

/* All 0 is not open. */
struct input {
    bool open;
    struct input_name name;
    struct file_source file;
    struct pictures pictures;
    struct notes told; /* of the file so far */
};

/* What a stream may take of the budget; the rest is for its rows. */
size_t input_spool_max(const struct reading *how);

/*
 * Opens the pictures of a file that is open, and takes it over. The texts and the buffers outlive the input. In either case
 * input_close closes it.
 */
bool input_open(struct input *in, const struct input_name *name, const struct file_source *file, const struct reading *how,
                struct picture_buffers *buffers, struct why *why);

/* Adds a note of the file, called `name`, unless it was noted before or there are READER_NOTES_MAX already. */
void input_note(struct input *in, enum note_level level, const char *text, const char *name, struct notes *notes);

/* Once a picture was read: adds what its reader has noted of it, and not of one before it in the file. */
void input_tell(struct input *in, const char *name, struct notes *notes);

/* Closes what is open; nothing if it is all 0. */
void input_close(struct input *in);

#endif
