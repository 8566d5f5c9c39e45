#include "cli/files/opened.h"

#include "base/quote.h"
#include "cli/files/names.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM_FIRST = 4 };

bool file_may_wait(const char *path)
{
    return path_is_standard(path) || file_descriptor(path) >= 0 || file_is_special(path);
}

/* Room for one more; NULL: out of memory. */
static struct opened *grow(struct opened_files *files)
{
    if (files->n == files->room) {
        size_t room = files->room ? 2 * files->room : ROOM_FIRST;
        struct opened *more = realloc(files->item, room * sizeof *more);
        if (!more)
            return NULL;
        files->item = more;
        files->room = room;
    }
    return &files->item[files->n];
}

/* False: out of memory. */
static bool set_names(struct opened *o, const char *name, const char *path)
{
    *o = (struct opened){.name = strdup(name), .path = path ? strdup(path) : NULL};
    if (o->name && (o->path || !path))
        return true;
    free(o->name);
    free(o->path);
    return false;
}

bool opened_adopt(struct opened_files *files, const char *name, const char *path, struct file_source *file,
                  const struct why *why)
{
    struct opened *o = grow(files);
    if (!o || !set_names(o, name, path)) {
        if (file)
            file_close(file);
        return false;
    }
    files->n++;
    o->open = file != NULL;
    if (file)
        o->file = *file;
    else
        o->why = *why;
    return true;
}

bool opened_add(struct opened_files *files, const char *name, const char *path, const struct why *why)
{
    struct file_source file;
    struct why reason = {0};
    files->would_wait |= path && files->never_waits && file_may_wait(path);
    if (path && !files->would_wait && file_open(&file, path, files->spool_max, &reason))
        return opened_adopt(files, name, path, &file, NULL);
    return opened_adopt(files, name, path, NULL, path ? &reason : why);
}

struct opened *opened_find(const struct opened_files *files, const char *name)
{
    for (size_t i = 0; i < files->n; i++)
        if (files->item[i].name && strcmp(files->item[i].name, name) == 0)
            return &files->item[i];
    return NULL;
}

/* Whether each member of an archive can read the file. */
static bool check_lent(const struct opened *o, struct why *why)
{
    char name[160];
    quote(name, sizeof name, o->name);
    if (!o->path || strcmp(o->name, o->path) != 0)
        return why_set(why, "%s: is a folder, expected one picture for all members of the archive", name);
    if (!o->open)
        return why_set(why, "%s: %s", name, o->why.text);
    return o->file.regular || why_set(why, "%s: expected a file, because each member of the archive reads it again", name);
}

bool opened_lend(struct opened_files *files, struct why *why)
{
    files->lends = true;
    for (size_t i = 0; i < files->n; i++)
        if (files->item[i].name && !check_lent(&files->item[i], why))
            return false;
    return true;
}

static bool lend(const struct opened *o, struct file_source *file, char **path, struct why *why)
{
    file_lend(&o->file, file);
    *path = strdup(o->path);
    return *path || why_memory(why);
}

bool opened_take(struct opened_files *files, const char *name, struct file_source *file, char **path, struct why *why)
{
    struct opened *o = opened_find(files, name);
    *path = NULL;
    if (!o)
        return why_set(why, "its file was not opened");
    if (files->lends)
        return lend(o, file, path, why);
    *path = o->path;
    bool ok = o->open || why_set(why, "%s", o->why.text);
    if (o->open)
        *file = o->file;
    free(o->name);
    *o = (struct opened){.open = false};
    return ok;
}

void opened_free(struct opened_files *files)
{
    for (size_t i = 0; i < files->n; i++) {
        if (files->item[i].open)
            file_close(&files->item[i].file);
        free(files->item[i].name);
        free(files->item[i].path);
    }
    free(files->item);
    files->item = NULL;
    files->n = files->room = 0;
}
