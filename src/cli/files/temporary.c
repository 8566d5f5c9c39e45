#include "cli/files/temporary.h"

#include "base/quote.h"
#include "cli/files/names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
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

/* ---- beside a target ----------------------------------------------------------------------------------------------- */

/*
 * .instnorm-HOST-0.tmp and so on: numbers, so that what a killed run left is found without a look through the folder,
 * which may be large. Its writer holds a lock on each; the host is in the name for locks that do not reach others.
 */
enum { SWEPT = 64, NUMBERS = 1 << 16, HOST_BYTES = 65, NAME_BYTES = HOST_BYTES + 32 };

static void format_prefix(char prefix[NAME_BYTES])
{
    char host[HOST_BYTES] = "";
    if (gethostname(host, sizeof host - 1) != 0)
        host[0] = '\0';
    for (char *c = host; *c; c++)
        if (!strchr("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-", *c))
            *c = '_';
    snprintf(prefix, NAME_BYTES, ".instnorm-%s", host);
}

/* Whether the name is that of the open file still. */
static bool is_named(int fd, const char *name)
{
    struct stat open, named;
    return fstat(fd, &open) == 0 && lstat(name, &named) == 0 && open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

/* Ours, and nobody has it locked: whoever wrote it is no more. The lock is held, so that its writer learns of it. */
static bool is_left(int fd, const char *name)
{
    struct stat st;
    return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid() && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
           is_named(fd, name);
}

static void remove_left(const char *name, struct notes *notes)
{
    int flags = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, fd = open(name, O_RDWR | flags);
    if (fd < 0 && errno == EACCES)
        fd = open(name, O_RDONLY | flags);
    if (fd < 0)
        return;
    if (is_left(fd, name) && unlink(name) == 0)
        notes_add(notes, NOTE_VERBOSE, name, "left by a run that was killed, removed");
    close(fd);
}

/* Numbers the name at `number`, of a text that has room for it. */
static void set_number(char *number, unsigned n)
{
    snprintf(number, 16, "-%u.tmp", n);
}

/* Removes what killed runs left in the folder of the name, unless the last temporary file went there too. */
static void sweep(struct temporaries *t, char *name, char *number)
{
    *number = '\0';
    if (t->swept && strcmp(t->swept, name) == 0)
        return;
    free(t->swept);
    t->swept = strdup(name);
    for (unsigned i = 0; i < SWEPT; i++) {
        set_number(number, i);
        remove_left(name, &t->notes);
    }
}

/* False if another run took the new file for one that was left, and removes it. A file system may know no locks. */
static bool lock(int fd, const char *name)
{
    return (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) && is_named(fd, name);
}

static int create(struct temporaries *t, char *name, char *number)
{
    for (unsigned i = 0; i < NUMBERS; i++) {
        set_number(number, i < SWEPT ? (t->next + i) % SWEPT : i);
        int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0 && errno != EEXIST)
            return -1;
        if (fd >= 0 && lock(fd, name)) {
            t->next = (t->next + i + 1) % SWEPT;
            return fd;
        }
        if (fd >= 0)
            close(fd);
    }
    errno = EEXIST;
    return -1;
}

int file_temporary(struct temporaries *temporaries, const char *path, char **name)
{
    char prefix[NAME_BYTES];
    int folder = (int)(path_base(path) - path);
    format_prefix(prefix);
    size_t at = (size_t)folder + strlen(prefix);
    *name = malloc(at + 16);
    if (!*name)
        return -1;
    snprintf(*name, at + 16, "%.*s%s", folder, path, prefix);
    sweep(temporaries, *name, *name + at);
    int fd = create(temporaries, *name, *name + at);
    if (fd < 0) {
        int error = errno;
        free(*name);
        *name = NULL;
        errno = error;
    }
    return fd;
}

void temporaries_free(struct temporaries *t)
{
    notes_free(&t->notes);
    free(t->swept);
    *t = (struct temporaries){0};
}
