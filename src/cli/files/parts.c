#include "cli/files/parts.h"

#include "base/quote.h"
#include "cli/files/names.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fewer digits are filled up with zeros; more than that no number of a sample has. */
enum { DIGITS = 5, DIGITS_MAX = 18 };

const char parts_list_extension[] = ".txt";

/* ---- names ----------------------------------------------------------------------------------------------------------- */

static char *name_part(const char *output, size_t number, const char *extension)
{
    char *path;
    int stem = (int)(path_dot(output) - output);
    return asprintf(&path, "%.*s-%0*zu%s", stem, output, DIGITS, number, extension) < 0 ? NULL : path;
}

char *part_tensor_path(const char *output, size_t number)
{
    return name_part(output, number, path_dot(output));
}

char *part_list_path(const char *output, size_t number)
{
    return name_part(output, number, parts_list_extension);
}

/* *number <- that of the part with this name in the folder of the stack, `base`. False: it is no such name. */
static bool parse_name(const char *base, const char *name, size_t *number, bool *list)
{
    size_t stem = (size_t)(path_dot(base) - base);
    if (strncmp(name, base, stem) != 0 || name[stem] != '-')
        return false;
    const char *digit = name + stem + 1, *end = digit + strspn(digit, "0123456789");
    size_t digits = (size_t)(end - digit);
    if (digits < DIGITS || digits > DIGITS_MAX || (digits > DIGITS && *digit == '0'))
        return false;
    *number = (size_t)strtoull(digit, NULL, 10);
    *list = strcmp(end, parts_list_extension) == 0;
    return *list || strcmp(end, path_dot(base)) == 0;
}

/* The folder of the path, to be freed. NULL: out of memory. */
static char *folder_of(const char *path)
{
    const char *base = path_base(path);
    return base > path ? strndup(path, (size_t)(base - path)) : strdup(".");
}

bool parts_take_name(const char *output, const char *path)
{
    size_t number;
    bool list;
    struct stat st[2];
    if (!parse_name(path_base(output), path_base(path), &number, &list))
        return false;
    char *folder[2] = {folder_of(output), folder_of(path)};
    bool same = folder[0] && folder[1] && strcmp(folder[0], folder[1]) == 0;
    if (!same && folder[0] && folder[1] && stat(folder[0], &st[0]) == 0 && stat(folder[1], &st[1]) == 0)
        same = st[0].st_dev == st[1].st_dev && st[0].st_ino == st[1].st_ino;
    free(folder[0]);
    free(folder[1]);
    return same;
}

/* ---- what is there --------------------------------------------------------------------------------------------------- */

static bool add(struct parts *parts, const struct found_part *part, struct why *why)
{
    if (parts->n == parts->room) {
        size_t room = parts->room ? 2 * parts->room : 64;
        struct found_part *more = reallocarray(parts->part, room, sizeof *more);
        if (!more)
            return why_memory(why);
        parts->part = more;
        parts->room = room;
    }
    parts->part[parts->n++] = *part;
    return true;
}

static bool has_content(const char *folder, const char *name)
{
    struct stat st;
    char *path;
    if (asprintf(&path, "%s/%s", folder, name) < 0)
        return true;
    bool content = stat(path, &st) == 0 ? !S_ISREG(st.st_mode) || st.st_size > 0 : errno != ENOENT;
    free(path);
    return content;
}

static int compare_numbers(const void *a, const void *b)
{
    const struct found_part *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

/* A tensor and its list were found one by one. */
static void merge(struct parts *parts)
{
    size_t n = 0;
    if (parts->n > 0)
        qsort(parts->part, parts->n, sizeof *parts->part, compare_numbers);
    for (size_t i = 0; i < parts->n; i++) {
        struct found_part *last = n > 0 ? &parts->part[n - 1] : NULL;
        if (last && last->number == parts->part[i].number) {
            last->tensor |= parts->part[i].tensor;
            last->list |= parts->part[i].list;
        } else {
            parts->part[n++] = parts->part[i];
        }
    }
    parts->n = n;
}

static bool read_folder(DIR *folder, const char *path, const char *base, struct parts *parts, struct why *why)
{
    for (struct dirent *entry; errno = 0, (entry = readdir(folder)) != NULL;) {
        struct found_part part = {0};
        if (!parse_name(base, entry->d_name, &part.number, &part.list) || !has_content(path, entry->d_name))
            continue;
        part.tensor = !part.list;
        if (!add(parts, &part, why))
            return false;
    }
    int error = errno;
    char name[160];
    merge(parts);
    if (error == ENOMEM)
        return why_memory(why);
    return error == 0 || why_set(why, "folder %s: %s", quote(name, sizeof name, path), strerror(error));
}

bool parts_find(const char *output, struct parts *parts, struct why *why)
{
    char name[160], *path = folder_of(output);
    *parts = (struct parts){0};
    DIR *folder = path ? opendir(path) : NULL;
    int error = errno;
    bool ok = true;
    if (folder)
        ok = read_folder(folder, path, path_base(output), parts, why);
    else if (!path || error == ENOMEM)
        ok = why_memory(why);
    else if (error != ENOENT && error != ENOTDIR) /* which are told when the first part is made */
        ok = why_set(why, "folder %s: %s", quote(name, sizeof name, path), strerror(error));
    if (folder)
        closedir(folder);
    free(path);
    return ok;
}

const struct found_part *parts_at(const struct parts *parts, size_t number)
{
    const struct found_part key = {.number = number};
    return parts->n > 0 ? bsearch(&key, parts->part, parts->n, sizeof key, compare_numbers) : NULL;
}

void parts_free(struct parts *parts)
{
    free(parts->part);
    *parts = (struct parts){0};
}
