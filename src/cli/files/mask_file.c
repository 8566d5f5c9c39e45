#include "cli/files/mask_file.h"

#include "base/quote.h"
#include "cli/files/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct mask_file {
    struct picture_rows base; /* what the engine reads; its errors name the option and the path */
    const char *option;
    char *path;
    const struct input *leader;
    struct input in;
    struct input_buffers buffers;
    size_t y; /* of the next band */
};

/* The reason, with the option and its value before it. */
static bool mask_failed(const char *option, const char *value, const struct why *reason, struct why *why)
{
    char quoted[160];
    return why_set(why, "%s %s: %s", option, quote(quoted, sizeof quoted, value), reason->text);
}

/* ---- finding ------------------------------------------------------------------------------------------------------- */

/* Keeps the path as *found, or as *other if there is one already; frees it if there is no such file, or it is found. */
static void keep_path(char *path, char **found, char **other)
{
    char **to = *found ? other : found;
    if (path && !*to && file_exists(path) && (to == found || strcmp(path, *found) != 0))
        *to = path;
    else
        free(path);
}

char *mask_in_folder(const char *folder, const char *input, char **other)
{
    const char *slash = strrchr(input, '/'), *base = slash ? slash + 1 : input, *dot = strrchr(base, '.');
    int stem = dot && dot != base ? (int)(dot - base) : (int)strlen(base);
    char *path = NULL, *found = NULL;
    *other = NULL;
    keep_path(asprintf(&path, "%s/%s", folder, base) < 0 ? NULL : path, &found, other);
    for (size_t i = 0; codecs[i]; i++)
        for (const char *e = codecs[i]->extensions + 1; *e; e += strcspn(e, " ") + 1)
            keep_path(asprintf(&path, "%s/%.*s.%.*s", folder, stem, base, (int)strcspn(e, " "), e) < 0 ? NULL : path,
                      &found, other);
    return found;
}

/* Of a folder the one picture that goes with the input. */
static char *find_path(const char *text, const char *input, struct why *why)
{
    char *other, quoted[2][100];
    if (!file_is_folder(text))
        return strdup(text);
    char *path = mask_in_folder(text, input, &other);
    if (!path)
        why_set(why, "expected a picture there with the base name of the input");
    else if (other)
        why_set(why, "expected one picture there with the base name of the input, not %s and %s",
                quote(quoted[0], sizeof quoted[0], path), quote(quoted[1], sizeof quoted[1], other));
    if (other) {
        free(path);
        path = NULL;
    }
    free(other);
    return path;
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

static bool read_band(struct picture_rows *from, struct rows *band, struct why *why)
{
    struct mask_file *f = (struct mask_file *)from;
    struct why reason = {0};
    if (!input_band(&f->in, f->y, band, &reason))
        return mask_failed(f->option, f->path, &reason, why);
    f->y += band->height;
    return true;
}

/* To the top of the picture that goes with the one that is selected of the leader. */
static bool rewind_file(struct picture_rows *from, struct why *why)
{
    struct mask_file *f = (struct mask_file *)from;
    struct why reason = {0};
    f->y = 0;
    if (input_select_beside(&f->in, f->leader, &reason) && weights_suit(&f->in.info, &reason)) {
        f->base.info = f->in.info;
        f->base.band = f->in.band;
        return true;
    }
    if (f->leader->info.role == PAGE_REDUCED)
        reason = (struct why){"the smaller copies of the picture need masks of their own size, as further pages"};
    return mask_failed(f->option, f->path, &reason, why);
}

/* ---- opening ------------------------------------------------------------------------------------------------------- */

/* The alpha of a mask is what is seen of it, whatever that of a picture is. */
static bool open_input(struct mask_file *f, struct why *why)
{
    struct reading seen = f->leader->how;
    seen.alpha_as_data = false;
    return input_open(&f->in, f->path, &seen, &f->buffers, why) && input_look(&f->in, why);
}

static bool open_file(struct mask_file *f, const char *option, const char *text, const struct input *leader,
                      struct why *why)
{
    struct why reason = {0};
    *f = (struct mask_file){.base = {.read = read_band, .rewind = rewind_file}, .option = option, .leader = leader};
    f->path = find_path(text, leader->path, &reason);
    if (!f->path)
        why_memory(&reason);
    else if (open_input(f, &reason))
        return true;
    return mask_failed(option, f->path ? f->path : text, &reason, why);
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

bool mask_files_open(struct mask_files *files, const char *option, const struct selectors *s, const struct selectors *same,
                     const struct input *leader, struct why *why)
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
        struct mask_file *f = &files->file[files->n];
        if (item->by->kind != SELECTOR_PICTURE)
            continue;
        files->n++;
        if (!open_file(f, option, item->by->text, leader, why))
            return false;
        item->name = f->path;
        item->from = &f->base;
    }
    return true;
}

void mask_files_close(struct mask_files *files)
{
    for (size_t i = 0; i < files->n; i++) {
        struct mask_file *f = &files->file[i];
        input_close(&f->in);
        input_buffers_free(&f->buffers);
        free(f->path);
    }
    free(files->file);
    free(files->weights.item);
    *files = (struct mask_files){0};
}

uint64_t mask_files_held(const struct mask_files *files)
{
    uint64_t held = 0;
    for (size_t i = 0; i < files->n; i++)
        held += files->file[i].in.info.held;
    return held;
}

bool mask_files_end(struct mask_files *files, size_t pictures, struct why *why)
{
    for (size_t i = 0; i < files->n; i++) {
        struct mask_file *f = &files->file[i];
        struct why reason = {0};
        if (!input_end_beside(&f->in, pictures, &reason))
            return mask_failed(f->option, f->path, &reason, why);
    }
    return true;
}

void mask_files_tell(struct mask_files *files)
{
    for (size_t i = 0; i < files->n; i++)
        input_tell(&files->file[i].in);
}
