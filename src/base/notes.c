#include "base/notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_BYTES = 512, FIRST_ROOM = 8 };

/* Makes room for `more` notes. */
static bool reserve(struct notes *notes, size_t more)
{
    size_t room = notes->room ? notes->room : FIRST_ROOM;
    if (more <= notes->room - notes->n)
        return true;
    while (room - notes->n < more)
        room *= 2;
    struct note *item = realloc(notes->item, room * sizeof *item);
    if (!item)
        return false;
    notes->item = item;
    notes->room = room;
    return true;
}

void notes_add(struct notes *notes, enum note_level level, const char *name, const char *format, ...)
{
    char text[TEXT_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);

    struct note note = {level, name ? strdup(name) : NULL, strdup(text)};
    if (note.text && (note.name || !name) && reserve(notes, 1)) {
        notes->item[notes->n++] = note;
        return;
    }
    notes->lacks = true;
    free(note.name);
    free(note.text);
}

bool notes_add_once(struct notes *notes, size_t most, enum note_level level, const char *text)
{
    size_t n = notes->n;
    for (size_t i = 0; i < n; i++)
        if (!notes->item[i].name && strcmp(notes->item[i].text, text) == 0)
            return false;
    if (n < most)
        notes_add(notes, level, NULL, "%s", text);
    return notes->n > n;
}

void notes_move(struct notes *to, struct notes *from)
{
    to->lacks |= from->lacks;
    if (from->n > 0 && reserve(to, from->n)) {
        memcpy(to->item + to->n, from->item, from->n * sizeof *from->item);
        to->n += from->n;
        from->n = 0;
    }
    to->lacks |= from->n > 0;
    notes_free(from);
}

void notes_free(struct notes *notes)
{
    for (size_t i = 0; i < notes->n; i++) {
        free(notes->item[i].name);
        free(notes->item[i].text);
    }
    free(notes->item);
    *notes = (struct notes){0};
}
