/* What a step has to say of a file that it went on with: kept in order, and told by whoever has a place for it. */
#ifndef BASE_NOTES_H
#define BASE_NOTES_H

#include <stdbool.h>
#include <stddef.h>

enum note_level { NOTE_VERBOSE, NOTE_WARNING };

struct note {
    enum note_level level;
    char *name; /* of the file that the text is about; NULL: of the input */
    char *text;
};

/* All 0 has none. Freed by notes_free. */
struct notes {
    struct note *item;
    size_t n, room;
    bool lacks; /* memory was short: some are missing */
};

/* Adds a note. name may be NULL. */
__attribute__((format(printf, 4, 5))) void notes_add(struct notes *notes, enum note_level level, const char *name,
                                                     const char *format, ...);

/*
 * Adds a note without a name, unless there is one with this text or there are `most` already. False if none was added.
 */
bool notes_add_once(struct notes *notes, size_t most, enum note_level level, const char *text);

/* Moves the notes of `from` behind those of `to`. */
void notes_move(struct notes *to, struct notes *from);

void notes_free(struct notes *notes);

#endif
