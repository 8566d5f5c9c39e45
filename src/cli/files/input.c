#include "cli/files/input.h"

#include "cli/files/pages.h"

size_t input_spool_max(const struct reading *how)
{
    return (size_t)(how->memory / 2);
}

bool input_open(struct input *in, const struct input_name *name, const struct file_source *file, const struct reading *how,
                struct picture_buffers *buffers, struct why *why)
{
    *in = (struct input){.open = true, .name = *name, .file = *file};
    buffers->kept.from = buffers->band.from = &pages;
    return pictures_open(&in->pictures, &in->file.base, how, buffers, why);
}

/* Adds the notes of the file from number n on. */
static void add_from(const struct input *in, size_t n, const char *name, struct notes *notes)
{
    for (; n < in->told.n; n++)
        notes_add(notes, in->told.item[n].level, name, "%s", in->told.item[n].text);
}

void input_note(struct input *in, enum note_level level, const char *text, const char *name, struct notes *notes)
{
    size_t n = in->told.n;
    notes_add_once(&in->told, READER_NOTES_MAX, level, text);
    add_from(in, n, name, notes);
}

void input_tell(struct input *in, const char *name, struct notes *notes)
{
    size_t n = in->told.n;
    pictures_tell(&in->pictures, &in->told);
    add_from(in, n, name, notes);
}

void input_close(struct input *in)
{
    if (!in->open)
        return;
    pictures_close(&in->pictures);
    file_close(&in->file);
    notes_free(&in->told);
    *in = (struct input){0};
}
