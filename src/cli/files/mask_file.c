#include "cli/files/mask_file.h"

#include "base/quote.h"
#include "cli/files/beside.h"
#include "cli/files/names.h"

#include <stdlib.h>
#include <string.h>

struct mask_file {
    struct beside file;
    char *path;
    struct picture_buffers buffers;
};

/* ---- finding ------------------------------------------------------------------------------------------------------- */

/* Of a folder the one picture that goes with the input. */
static char *find_path(const char *text, const char *name, struct why *why)
{
    char *other, quoted[2][100];
    if (!file_is_folder(text))
        return strdup(text);
    char *path = picture_in_folder(text, name, &other);
    const char *what = strchr(name, '/') ? "path" : "base name"; /* below the folder that was searched */
    if (!path)
        why_set(why, "expected a picture there with the %s of the input", what);
    else if (other)
        why_set(why, "expected one picture there with the %s of the input, not %s and %s", what,
                quote(quoted[0], sizeof quoted[0], path), quote(quoted[1], sizeof quoted[1], other));
    if (other) {
        free(path);
        path = NULL;
    }
    free(other);
    return path;
}

/* ---- opening ------------------------------------------------------------------------------------------------------- */

static const char needs_own[] = "the smaller copies of the picture need masks of their own size, as further pages";

static bool open_file(struct mask_file *f, const char *option, const char *text, struct opened_files *opened,
                      const struct input *leader, struct why *why)
{
    struct why reason = {0};
    struct reading how = leader->pictures.how;
    struct file_source file;
    how.alpha_as_data = false; /* the alpha of a mask is what is seen of it, whatever that of a picture is */
    if (!opened_take(opened, text, &file, &f->path, &reason))
        return why_option(why, option, f->path ? f->path : text, &reason);
    bool ok = beside_open(&f->file, option, f->path, &file, leader, &how, &f->buffers, why);
    f->file.reduced = needs_own;
    return ok;
}

/* Adds the selectors that have something to say of a pixel. */
static void collect(struct weights *w, const struct selectors *s, const struct selectors *same)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct selector *by = &s->item[i];
        if (by->kind == SELECTOR_SAME && same)
            collect(w, same, NULL);
        if (by->kind != SELECTOR_SAME && by->kind != SELECTOR_ALL)
            w->item[w->n++] = (struct weight){.by = by, .name = by->text};
    }
}

bool mask_files_find(struct opened_files *opened, const struct selectors *s, const struct selectors *same,
                     const char *below)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct selector *by = &s->item[i];
        struct why why = {0};
        if (by->kind == SELECTOR_SAME && same && !mask_files_find(opened, same, NULL, below))
            return false;
        if (by->kind != SELECTOR_PICTURE)
            continue;
        char *path = find_path(by->text, below, &why);
        bool ok = (path || why.text[0]) && opened_add(opened, by->text, path, &why);
        free(path);
        if (!ok)
            return false;
    }
    return true;
}

bool mask_files_open(struct mask_files *files, const char *option, const struct selectors *s, const struct selectors *same,
                     struct opened_files *opened, const struct input *leader, struct why *why)
{
    *files = (struct mask_files){.weights.option = option};
    struct weights *w = &files->weights;
    size_t most = s->n * (1 + (same ? same->n : 0));
    if (most == 0)
        return true;
    w->item = calloc(most, sizeof *w->item);
    files->file = calloc(most, sizeof *files->file);
    if (!w->item || !files->file)
        return why_memory(why);
    collect(w, s, same);
    for (size_t i = 0; i < w->n; i++) {
        struct weight *item = &w->item[i];
        if (item->by->kind != SELECTOR_PICTURE)
            continue;
        struct mask_file *f = &files->file[files->n++];
        if (!open_file(f, option, item->by->text, opened, leader, why))
            return false;
        item->name = f->path;
        item->from = &f->file.rows;
    }
    return true;
}

void mask_files_close(struct mask_files *files)
{
    for (size_t i = 0; i < files->n; i++) {
        beside_close(&files->file[i].file);
        picture_buffers_free(&files->file[i].buffers);
        free(files->file[i].path);
    }
    free(files->file);
    free(files->weights.item);
    *files = (struct mask_files){0};
}

uint64_t mask_files_held(const struct mask_files *files)
{
    uint64_t held = 0;
    for (size_t i = 0; i < files->n; i++)
        held += beside_held(&files->file[i].file);
    return held;
}

bool mask_files_end(struct mask_files *files, size_t pictures, struct why *why)
{
    for (size_t i = 0; i < files->n; i++)
        if (!beside_end(&files->file[i].file, pictures, why))
            return false;
    return true;
}

void mask_files_tell(struct mask_files *files, struct notes *notes)
{
    for (size_t i = 0; i < files->n; i++)
        beside_tell(&files->file[i].file, notes);
}
