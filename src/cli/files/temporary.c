#include "cli/files/temporary.h"

#include "base/quote.h"
#include "base/text.h"
#include "cli/files/names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* ---- without a name ------------------------------------------------------------------------------------------------ */

static const char *spool_folder(void)
{
    const char *folder = getenv("TMPDIR");
    return folder && *folder ? folder : "/tmp";
}

int file_spool(struct why *why)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/instnorm-XXXXXX", spool_folder());
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    else
        file_spool_failed(why);
    return fd;
}

bool file_spool_failed(struct why *why)
{
    int error = errno;
    char name[120];
    return why_set(why, "temporary file in %s: %s; see TMPDIR", quote(name, sizeof name, spool_folder()), strerror(error));
}

static const char descriptors[] = "/proc/self/fd";

/* ---- beside a target ----------------------------------------------------------------------------------------------- */

/* Never 0. */
static uint64_t hash(const char *text, size_t n)
{
    uint64_t h = text_hash(text, n);
    return h ? h : 1;
}

/* Whether the folder is among those remembered; it is from now on. In its row it takes the place of the oldest. */
static bool is_swept(struct temporaries *t, uint64_t folder)
{
    uint64_t *row = t->swept[folder % TEMPORARIES_ROWS];
    for (unsigned i = 0; i < TEMPORARIES_WAYS; i++)
        if (row[i] == folder)
            return true;
    memmove(row + 1, row, (TEMPORARIES_WAYS - 1) * sizeof *row);
    row[0] = folder;
    return false;
}

/* False if another run took the new file for one that was left, and removes it. A file system may know no locks. */
static bool lock(int fd, const char *name)
{
    return (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) && left_is_named(fd, name);
}

static int create(struct temporaries *t, const struct left_name *name)
{
    for (unsigned i = 0; i < LEFT_NUMBERS; i++) {
        left_name_set(name, i < LEFT_STEP ? (t->next + i) % LEFT_STEP : i);
        int fd = open(name->text, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0 && errno != EEXIST)
            return -1;
        if (fd >= 0 && lock(fd, name->text)) {
            t->next = (t->next + i + 1) % LEFT_STEP;
            return fd;
        }
        if (fd >= 0)
            close(fd);
    }
    errno = EEXIST;
    return -1;
}

/* What killed runs left in the folder is removed or told, once. Where memory is short, that is for the next run. */
static void sweep(struct temporaries *t, const char *path)
{
    if (!*t->prefix) {
        left_prefix(t->prefix);
        t->has_proc = access(descriptors, X_OK) == 0;
    }
    if (is_swept(t, hash(path, (size_t)(path_base(path) - path))))
        return;
    struct left_name beside = left_name_beside(path, t->prefix);
    if (beside.text) {
        left_remove(&beside, &t->notes);
        left_look(&beside, &t->notes);
    }
    free(beside.text);
}

int file_temporary(struct temporaries *t, const char *path, char **name)
{
    sweep(t, path);
    struct left_name beside = left_name_beside(path, t->prefix);
    *name = beside.text;
    if (!*name)
        return -1;
    int fd = create(t, &beside);
    if (fd < 0) {
        int error = errno;
        free(*name);
        *name = NULL;
        errno = error;
    }
    return fd;
}

/* ---- in the folder of a target, without a name ----------------------------------------------------------------------- */

int file_nameless(struct temporaries *t, const char *path)
{
#ifdef O_TMPFILE
    size_t base = (size_t)(path_base(path) - path);
    char *folder = base > 0 ? strndup(path, base) : strdup(".");
    sweep(t, path);
    int fd = folder && t->has_proc ? open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : -1;
    free(folder);
    return fd;
#else
    (void)t, (void)path;
    return -1;
#endif
}

/* By its descriptor alone, which older kernels refuse to most users with ENOENT, or else by the name in /proc. */
bool file_link(int fd, const char *path)
{
    char open[sizeof descriptors + 16];
#ifdef AT_EMPTY_PATH
    if (linkat(fd, "", AT_FDCWD, path, AT_EMPTY_PATH) == 0)
        return true;
    if (errno != ENOENT)
        return false;
#endif
    snprintf(open, sizeof open, "%s/%d", descriptors, fd);
    return linkat(AT_FDCWD, open, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
}

/* The file is locked before it has the name, so that no other run takes it for one that was left. */
char *file_link_beside(int fd, const char *path)
{
    static char prefix[LEFT_PREFIX_BYTES]; /* it stays the same, and takes some calls to find out */
    if (!*prefix)
        left_prefix(prefix);
    struct left_name beside = left_name_beside(path, prefix);
    if (!beside.text)
        return NULL;
    flock(fd, LOCK_EX | LOCK_NB); /* in vain where the file system knows no locks */
    for (unsigned i = 0; i < LEFT_NUMBERS; i++) {
        left_name_set(&beside, i);
        if (file_link(fd, beside.text))
            return beside.text;
        if (errno != EEXIST)
            break;
    }
    int error = errno;
    free(beside.text);
    errno = error;
    return NULL;
}

void file_remove_left(const char *path, struct notes *notes)
{
    char prefix[LEFT_PREFIX_BYTES], *target = realpath(path, NULL);
    left_prefix(prefix);
    struct left_name beside = left_name_beside(target ? target : path, prefix);
    if (beside.text)
        left_remove(&beside, notes);
    free(beside.text);
    free(target);
}

void temporaries_free(struct temporaries *t)
{
    notes_free(&t->notes);
    *t = (struct temporaries){0};
}
