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
enum { STEP = 64, NUMBERS = 1 << 16, HOST_BYTES = 65, NAME_BYTES = HOST_BYTES + 32 };

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

/*
 * False if there is no file of that name. An empty one may be new, and not locked yet: its writer makes another, and
 * nothing is said.
 */
static bool remove_left(const char *name, struct notes *notes)
{
    struct stat st;
    if (lstat(name, &st) != 0)
        return false;
    int flags = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, fd = open(name, O_RDWR | flags);
    if (fd < 0 && errno == EACCES)
        fd = open(name, O_RDONLY | flags);
    if (fd < 0)
        return true;
    if (is_left(fd, name) && unlink(name) == 0 && st.st_size > 0)
        notes_add(notes, NOTE_VERBOSE, name, "left by a run that was killed, removed");
    close(fd);
    return true;
}

/* Numbers the name at `number`, of a text that has room for it. */
static void set_number(char *number, unsigned n)
{
    snprintf(number, 16, "-%u.tmp", n);
}

/* Removes what killed runs left: STEP names, and the next STEP as long as there is a file among them. */
static void sweep(struct notes *notes, char *name, char *number)
{
    bool found = true;
    for (unsigned i = 0; i < NUMBERS && (found || i % STEP != 0); i++) {
        if (i % STEP == 0)
            found = false;
        set_number(number, i);
        found |= remove_left(name, notes);
    }
}

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
    return (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) && is_named(fd, name);
}

static int create(struct temporaries *t, char *name, char *number)
{
    for (unsigned i = 0; i < NUMBERS; i++) {
        set_number(number, i < STEP ? (t->next + i) % STEP : i);
        int fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0 && errno != EEXIST)
            return -1;
        if (fd >= 0 && lock(fd, name)) {
            t->next = (t->next + i + 1) % STEP;
            return fd;
        }
        if (fd >= 0)
            close(fd);
    }
    errno = EEXIST;
    return -1;
}

/* The name beside `path` without its number, and with room for it, to be freed; *number <- where that goes. */
static char *name_beside(const char *path, char **number)
{
    char prefix[NAME_BYTES];
    int folder = (int)(path_base(path) - path);
    format_prefix(prefix);
    size_t at = (size_t)folder + strlen(prefix);
    char *name = malloc(at + 16);
    if (name)
        snprintf(name, at + 16, "%.*s%s", folder, path, prefix);
    *number = name ? name + at : NULL;
    return name;
}

int file_temporary(struct temporaries *temporaries, const char *path, char **name)
{
    char *number;
    *name = name_beside(path, &number);
    if (!*name)
        return -1;
    if (!is_swept(temporaries, hash(path, (size_t)(path_base(path) - path))))
        sweep(&temporaries->notes, *name, number);
    int fd = create(temporaries, *name, number);
    if (fd < 0) {
        int error = errno;
        free(*name);
        *name = NULL;
        errno = error;
    }
    return fd;
}

void file_remove_left(const char *path, struct notes *notes)
{
    char *number, *target = realpath(path, NULL), *name = name_beside(target ? target : path, &number);
    if (name)
        sweep(notes, name, number);
    free(name);
    free(target);
}

void temporaries_free(struct temporaries *t)
{
    notes_free(&t->notes);
    *t = (struct temporaries){0};
}
