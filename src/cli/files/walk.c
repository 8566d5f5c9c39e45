#include "cli/files/walk.h"

#include "base/quote.h"
#include "cli/files/process.h"
#include "codec/codec.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* ---- folders that were read ------------------------------------------------------------------------------------------ */

enum { FIRST_FOLDERS = 64 };

static bool is_empty(const struct file_id *id)
{
    return id->device == 0 && id->inode == 0;
}

/* The place of the folder in the table, which is not full, or the one where it would be. */
static struct file_id *find_place(const struct walk *w, const struct file_id *id)
{
    size_t i = (size_t)(id->inode * 0x9e3779b97f4a7c15u >> 32 ^ id->device);
    while (!is_empty(&w->seen[i & (w->size - 1)]) && file_id_compare(&w->seen[i & (w->size - 1)], id) != 0)
        i++;
    return &w->seen[i & (w->size - 1)];
}

/* Keeps the table at most half full. */
static bool grow_table(struct walk *w)
{
    const struct walk old = *w;
    if (2 * w->n_seen < w->size)
        return true;
    w->size = w->size ? 2 * w->size : FIRST_FOLDERS;
    w->seen = calloc(w->size, sizeof *w->seen);
    if (!w->seen) {
        *w = old;
        return false;
    }
    for (size_t i = 0; i < old.size; i++)
        if (!is_empty(&old.seen[i]))
            *find_place(w, &old.seen[i]) = old.seen[i];
    free(old.seen);
    return true;
}

/* *is_new <- whether it was not there. False: out of memory. */
static bool add_seen(struct walk *w, const struct file_id *id, bool *is_new)
{
    if (!grow_table(w))
        return false;
    struct file_id *place = find_place(w, id);
    *is_new = is_empty(place);
    w->n_seen += *is_new;
    *place = *id;
    return true;
}

/* ---- what is left out ------------------------------------------------------------------------------------------------ */

/* Counts a file by its extension, as far as there is room for it. */
static void count_other(struct walk *w, const char *extension)
{
    size_t i = 0;
    w->others++;
    if (strlen(extension) >= WALK_EXTENSION_BYTES)
        return;
    while (i < w->extensions && strcasecmp(w->extension[i].text, extension) != 0)
        i++;
    if (i == WALK_EXTENSIONS)
        return;
    if (i == w->extensions)
        strcpy(w->extension[w->extensions++].text, extension);
    w->extension[i].n++;
}

/* Whether the name, whose extension begins at `dot`, ends in the suffix. */
static bool is_earlier(const struct walk *w, const char *name, const char *dot)
{
    size_t n = w->suffix ? strlen(w->suffix) : 0, stem = (size_t)(dot - name);
    return n > 0 && stem > n && memcmp(dot - n, w->suffix, n) == 0;
}

/* Whether a file of that name is an input; counts the others. */
static bool is_wanted(struct walk *w, const char *name)
{
    const char *dot = path_dot(name), *extension = *dot ? dot + 1 : "";
    if (!codec_reads_extension(extension))
        count_other(w, extension);
    else if (is_earlier(w, name, dot))
        w->earlier++;
    else
        return true;
    return false;
}

void walk_tell(const struct walk *w, struct notes *notes)
{
    size_t most = 0;
    char quoted[80], common[80] = "";
    for (size_t i = 1; i < w->extensions; i++)
        if (w->extension[i].n > w->extension[most].n)
            most = i;
    if (w->extensions > 0)
        snprintf(common, sizeof common, ", of which %zu %s%s", w->extension[most].n,
                 *w->extension[most].text ? "." : "without extension", w->extension[most].text);
    if (w->others > 0)
        notes_add(notes, NOTE_WARNING, NULL, "--recursive leaves out files whose extension is of no known format: %zu%s",
                  w->others, common);
    if (w->earlier > 0)
        notes_add(notes, NOTE_WARNING, NULL,
                  "--recursive leaves out outputs of an earlier run, whose names end in --suffix %s: %zu",
                  quote(quoted, sizeof quoted, w->suffix), w->earlier);
}

/* ---- one folder ------------------------------------------------------------------------------------------------------ */

struct entry {
    const char *name;
    bool folder;
};

/* What is in a folder: inputs and folders. */
struct listing {
    struct entry *item;
    size_t n, room;
    struct arena names;
};

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static bool add_entry(struct listing *l, const char *name, bool folder)
{
    if (l->n == l->room) {
        size_t room = l->room ? 2 * l->room : 64;
        struct entry *item = realloc(l->item, room * sizeof *item);
        if (!item)
            return false;
        l->item = item;
        l->room = room;
    }
    l->item[l->n] = (struct entry){arena_string(&l->names, name), folder};
    return l->item[l->n++].name != NULL;
}

static void free_listing(struct listing *l)
{
    free(l->item);
    arena_free(&l->names);
}

/* The type of an entry, asked for only if the folder does not tell: DT_DIR, DT_REG, DT_LNK or another. */
static unsigned char type_of(int folder, const struct dirent *d)
{
    struct stat st;
    if (d->d_type != DT_UNKNOWN || fstatat(folder, d->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return d->d_type;
    return (unsigned char)IFTODT(st.st_mode);
}

/* Whether a link leads to a file. One that leads nowhere does, so that it is told. */
static bool leads_to_file(int folder, const char *name)
{
    struct stat st;
    return fstatat(folder, name, &st, 0) != 0 || S_ISREG(st.st_mode);
}

/* Adds an entry that is wanted. False: out of memory. */
static bool take_entry(struct walk *w, struct listing *l, int folder, const struct dirent *d)
{
    if (d->d_name[0] == '.')
        return true;
    unsigned char type = type_of(folder, d);
    if (type == DT_DIR)
        return add_entry(l, d->d_name, true);
    bool file = type == DT_REG || (type == DT_LNK && leads_to_file(folder, d->d_name));
    return !file || !is_wanted(w, d->d_name) || add_entry(l, d->d_name, false);
}

/* Lists what is in an open folder, and closes it. *error <- errno where it cannot be read to its end. False: no memory. */
static bool list_folder(struct walk *w, int fd, struct listing *l, int *error)
{
    DIR *folder = fdopendir(fd);
    const struct dirent *d;
    if (!folder) {
        *error = errno;
        close(fd);
        return true;
    }
    bool ok = true;
    for (errno = 0; ok && (d = readdir(folder)) != NULL; errno = 0)
        ok = take_entry(w, l, fd, d);
    *error = errno;
    closedir(folder);
    if (l->n > 0)
        qsort(l->item, l->n, sizeof *l->item, compare_entries);
    return ok;
}

/* ---- all that is below ----------------------------------------------------------------------------------------------- */

/* A search below one folder. */
struct search {
    struct walk *walk;
    struct found *found;
    struct arena *texts;
    size_t above; /* bytes of a path up to what is below that folder */
    struct why *why;
};

/* The path of a name in a folder. NULL: out of memory. */
static char *join(struct arena *texts, const char *folder, const char *name)
{
    size_t n = strlen(folder), slash = n > 0 && folder[n - 1] != '/', bytes = strlen(name);
    char *path = arena_take(texts, n + slash + bytes + 1);
    if (!path)
        return NULL;
    memcpy(path, folder, n);
    path[n] = '/';
    memcpy(path + n + slash, name, bytes + 1);
    return path;
}

/* Adds a folder that cannot be read. */
static bool add_unreadable(struct search *s, const char *path, int error)
{
    const char *reason = arena_string(s->texts, strerror(error));
    return (reason && found_add(s->found,
                                &(struct found_input){
                                    .path = path, .below = path_base(path), .listed = path, .unreadable = reason})) ||
           why_memory(s->why);
}

/* *fd <- the folder, open; -1: it is not to be read, or cannot be. */
static bool open_folder(struct search *s, const char *path, bool top, int *fd)
{
    struct stat st;
    bool is_new = false;
    *fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (top ? 0 : O_NOFOLLOW));
    if (*fd < 0)
        return add_unreadable(s, path, errno);
    int error = fstat(*fd, &st) == 0 ? 0 : errno;
    struct file_id id = error ? (struct file_id){0} : file_id_of(&st);
    bool output = !error && s->walk->output && file_id_compare(&id, &s->walk->output_id) == 0;
    bool ok = error || output || add_seen(s->walk, &id, &is_new) || why_memory(s->why);
    if (!is_new) {
        close(*fd);
        *fd = -1;
    }
    char name[160];
    if (output && top)
        return why_set(s->why, "--output %s: expected another folder than that of the inputs, or --in-place",
                       quote(name, sizeof name, s->walk->output));
    return error ? add_unreadable(s, path, error) : ok;
}

static bool search(struct search *s, const char *path, bool top);

/* Adds a file, or what is in a folder. */
static bool take(struct search *s, const char *folder, const struct entry *entry)
{
    char *path = join(s->texts, folder, entry->name);
    if (!path)
        return why_memory(s->why);
    if (entry->folder)
        return search(s, path, false);
    const char *below = path + s->above;
    return found_add(s->found, &(struct found_input){.path = path, .below = below, .listed = below}) || why_memory(s->why);
}

/* It is as deep as paths can be long. */
static bool search(struct search *s, const char *path, bool top)
{
    struct listing listing = {0};
    int fd, error = 0;
    if (process_interrupted())
        return why_set(s->why, "interrupted");
    if (!open_folder(s, path, top, &fd))
        return false;
    if (fd < 0)
        return true;
    bool ok = list_folder(s->walk, fd, &listing, &error) || why_memory(s->why);
    if (ok && error)
        ok = add_unreadable(s, path, error);
    for (size_t i = 0; ok && i < listing.n; i++)
        ok = take(s, path, &listing.item[i]);
    free_listing(&listing);
    return ok;
}

struct walk walk_begin(const char *output, const char *suffix)
{
    struct stat st;
    struct walk w = {.suffix = suffix};
    if (output && stat(output, &st) == 0 && S_ISDIR(st.st_mode)) {
        w.output = output;
        w.output_id = file_id_of(&st);
    }
    return w;
}

bool walk_folder(struct walk *w, const char *folder, struct found *found, struct arena *texts, struct why *why)
{
    size_t n = strlen(folder);
    bool slash = n > 0 && folder[n - 1] == '/';
    struct search s = {.walk = w, .found = found, .texts = texts, .above = n + !slash, .why = why};
    return search(&s, folder, true);
}

void walk_free(struct walk *w)
{
    free(w->seen);
    *w = (struct walk){0};
}
