#include "cli/files/names.h"

#include "base/quote.h"
#include "codec/codec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool path_is_standard(const char *path)
{
    return strcmp(path, "-") == 0;
}

const char *path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

const char *path_dot(const char *path)
{
    const char *base = path_base(path), *dot = strrchr(base, '.');
    return dot && dot != base ? dot : base + strlen(base);
}

struct file_id file_id_of(const struct stat *stat)
{
    return (struct file_id){stat->st_dev, stat->st_ino};
}

bool file_identify(const char *path, int standard, struct file_id *id)
{
    struct stat st;
    if (!path || (path_is_standard(path) ? fstat(standard, &st) : stat(path, &st)) != 0 || !S_ISREG(st.st_mode))
        return false;
    *id = file_id_of(&st);
    return true;
}

int file_id_compare(const void *a, const void *b)
{
    const struct file_id *x = a, *y = b;
    if (x->device != y->device)
        return x->device < y->device ? -1 : 1;
    return x->inode < y->inode ? -1 : x->inode > y->inode;
}

struct fingerprint fingerprint_of(const struct stat *stat)
{
    return (struct fingerprint){stat->st_size, stat->st_mtim};
}

bool fingerprint_same(const struct fingerprint *a, const struct fingerprint *b)
{
    return a->size == b->size && a->time.tv_sec == b->time.tv_sec && a->time.tv_nsec == b->time.tv_nsec;
}

bool file_stat(const char *path, struct stat *st)
{
    return (path_is_standard(path) ? fstat(STDIN_FILENO, st) : stat(path, st)) == 0;
}

bool file_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

bool file_is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool file_is_regular(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

bool file_is_pipe(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
}

bool file_is_special(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && !S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode);
}

/* The number of a name that is this folder and a number; -1 of others. */
static int number_in(const char *path, const char *folder)
{
    size_t n = strlen(folder), digits = strncmp(path, folder, n) == 0 ? strspn(path + n, "0123456789") : 0;
    return digits > 0 && digits < 9 && path[n + digits] == '\0' ? (int)strtol(path + n, NULL, 10) : -1;
}

int file_descriptor(const char *path)
{
    static const char *const names[] = {"/dev/stdin", "/dev/stdout", "/dev/stderr"};
    for (int fd = 0; fd < 3; fd++)
        if (strcmp(path, names[fd]) == 0)
            return fd;
    int fd = number_in(path, "/dev/fd/");
    return fd >= 0 ? fd : number_in(path, "/proc/self/fd/");
}

bool file_is_terminal(const char *path)
{
    struct stat st;
    int fd = path_is_standard(path) ? STDOUT_FILENO : file_descriptor(path);
    if (fd >= 0)
        return isatty(fd);
    if (stat(path, &st) != 0 || !S_ISCHR(st.st_mode) || (fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) < 0)
        return false;
    bool terminal = isatty(fd);
    close(fd);
    return terminal;
}

/* ---- folders ------------------------------------------------------------------------------------------------------ */

/* "new/.." leads elsewhere once `new` is made, perhaps to an input: not where the paths were compared. */
static bool goes_back(const char *rest)
{
    for (; rest; rest = strchr(rest + 1, '/'))
        if (strncmp(rest, "/..", 3) == 0 && (rest[3] == '/' || rest[3] == '\0'))
            return true;
    return false;
}

bool file_goes_back(const char *path)
{
    bool back = false;
    for (const char *up = strstr(path, "/.."); up && !back; up = strstr(up + 1, "/..")) {
        char *above = up > path && goes_back(up) ? strndup(path, (size_t)(up - path)) : NULL;
        back = above && !file_exists(above);
        free(above);
    }
    return back;
}

bool file_make_folder(const char *path, struct why *why)
{
    char name[160];
    if (file_is_folder(path))
        return true;
    char *copy = strdup(path);
    if (!copy)
        return why_memory(why);
    bool ok = true;
    const char *reason = "";
    for (char *end = copy; ok && *end; end++) {
        if (end[1] != '/' && end[1] != '\0')
            continue;
        char kept = end[1];
        end[1] = '\0';
        if (!file_exists(copy)) {
            bool back = kept && goes_back(path + (end + 1 - copy));
            ok = !back && (mkdir(copy, 0777) == 0 || errno == EEXIST);
            reason = back ? "expected no .. after a folder that is missing" : strerror(errno);
        }
        end[1] = kept;
    }
    free(copy);
    if (!ok)
        return why_set(why, "folder %s: %s", quote(name, sizeof name, path), reason);
    return file_is_folder(path) || why_set(why, "%s: expected a folder", quote(name, sizeof name, path));
}

bool file_make_parent(const char *path, struct why *why)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : NULL;
    bool ok = folder ? file_make_folder(folder, why) : !slash || why_memory(why);
    free(folder);
    return ok;
}

/* Keeps the path as *found, or as *other if there is one already; frees it if there is no such file, or it is found. */
static void keep_path(char *path, char **found, char **other)
{
    char **to = *found ? other : found;
    if (path && !*to && file_exists(path) && (to == found || strcmp(path, *found) != 0))
        *to = path;
    else
        free(path);
}

char *picture_in_folder(const char *folder, const char *name, char **other)
{
    int stem = (int)(path_dot(name) - name);
    char *path = NULL, *found = NULL;
    *other = NULL;
    keep_path(asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path, &found, other);
    for (size_t i = 0; codecs[i]; i++)
        for (const char *e = codecs[i]->extensions + 1; *e; e += strcspn(e, " ") + 1)
            keep_path(asprintf(&path, "%s/%.*s.%.*s", folder, stem, name, (int)strcspn(e, " "), e) < 0 ? NULL : path,
                      &found, other);
    return found;
}
