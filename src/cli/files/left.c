#include "cli/files/left.h"

#include "cli/files/names.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

static const char begins[] = ".instnorm-", ends[] = ".tmp";

enum { NUMBER_BYTES = 16, HOST_BYTES = 65, BOOT_BYTES = 9, HOUR = 3600 };

/* ---- names --------------------------------------------------------------------------------------------------------- */

/* All 0 where the kernel does not tell. */
static void read_boot(char boot[BOOT_BYTES])
{
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (fd < 0 || read(fd, boot, BOOT_BYTES - 1) != BOOT_BYTES - 1)
        memset(boot, '0', BOOT_BYTES - 1);
    boot[BOOT_BYTES - 1] = '\0';
    if (fd >= 0)
        close(fd);
}

void left_prefix(char prefix[LEFT_PREFIX_BYTES])
{
    char host[HOST_BYTES] = "", boot[BOOT_BYTES];
    if (gethostname(host, sizeof host - 1) != 0)
        host[0] = '\0';
    for (char *c = host; *c; c++)
        if (!strchr("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-", *c))
            *c = '_';
    read_boot(boot);
    snprintf(prefix, LEFT_PREFIX_BYTES, "%s%s-%s", begins, host, boot);
}

struct left_name left_name_beside(const char *path, const char *prefix)
{
    struct left_name name = {.base = (size_t)(path_base(path) - path)};
    name.number = name.base + strlen(prefix);
    name.text = malloc(name.number + NUMBER_BYTES);
    if (name.text)
        snprintf(name.text, name.number + NUMBER_BYTES, "%.*s%s", (int)name.base, path, prefix);
    return name;
}

void left_name_set(const struct left_name *name, unsigned n)
{
    snprintf(name->text + name->number, NUMBER_BYTES, "-%u%s", n, ends);
}

/* Whether a name in the folder is that of a temporary file, of whatever host. */
static bool is_temporary(const char *entry)
{
    size_t n = strlen(entry), end = sizeof ends - 1;
    return strncmp(entry, begins, sizeof begins - 1) == 0 && n > sizeof begins + end && strcmp(entry + n - end, ends) == 0;
}

/* Whether the host in it is this one, whatever its boot. */
static bool is_of_host(const struct left_name *name, const char *entry)
{
    size_t host = name->number - name->base - (BOOT_BYTES - 1); /* with what begins each name, and a dash behind */
    const char *boot = entry + host, *number = boot + BOOT_BYTES;
    return strncmp(entry, name->text + name->base, host) == 0 && strspn(boot, "0123456789abcdef") == BOOT_BYTES - 1 &&
           boot[BOOT_BYTES - 1] == '-' && strspn(number, "0123456789") > 0 &&
           strcmp(number + strspn(number, "0123456789"), ends) == 0;
}

/* ---- of this boot, by number --------------------------------------------------------------------------------------- */

bool left_is_named(int fd, const char *name)
{
    struct stat open, named;
    return fstat(fd, &open) == 0 && lstat(name, &named) == 0 && open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

/* The regular file of this user; -1: it is another's, or something else. */
static int open_own(const char *name, struct stat *st)
{
    int flags = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, fd = open(name, O_RDWR | flags);
    if (fd < 0 && errno == EACCES)
        fd = open(name, O_RDONLY | flags);
    if (fd >= 0 && (fstat(fd, st) != 0 || !S_ISREG(st->st_mode) || st->st_uid != geteuid())) {
        close(fd);
        return -1;
    }
    return fd;
}

/*
 * Removes the open file if nobody has it locked: whoever wrote it is no more. The lock is held until it is gone, so that
 * a writer learns of it. An empty one may be new, and not locked yet: its writer makes another, and nothing is said.
 */
static void remove_open(int fd, const struct stat *st, const char *name, struct notes *notes)
{
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 && left_is_named(fd, name) && unlink(name) == 0 && st->st_size > 0)
        notes_add(notes, NOTE_VERBOSE, name, "left by a run that was killed, removed");
}

/* False if there is no file of that name. */
static bool remove_one(const char *name, struct notes *notes)
{
    struct stat st;
    if (lstat(name, &st) != 0)
        return false;
    int fd = open_own(name, &st);
    if (fd >= 0) {
        remove_open(fd, &st, name, notes);
        close(fd);
    }
    return true;
}

void left_remove(const struct left_name *name, struct notes *notes)
{
    bool found = true;
    for (unsigned i = 0; i < LEFT_NUMBERS && (found || i % LEFT_STEP != 0); i++) {
        if (i % LEFT_STEP == 0)
            found = false;
        left_name_set(name, i);
        found |= remove_one(name->text, notes);
    }
}

/* ---- of others, by a look through the folder ----------------------------------------------------------------------- */

struct look {
    const struct left_name *of;
    struct notes *notes;
    bool local;    /* one machine alone writes to the file system: locks reach all writers, and a restart ended them */
    unsigned told; /* files that seem to be left */
    char *first;   /* name of one of them */
};

/* Whether the file system is one of those that no two machines have mounted at the same time. */
static bool is_local(int fd)
{
    static const unsigned long known[] = {0xef53 /* ext4 */,
                                          0x58465342 /* XFS */,
                                          0x9123683e /* Btrfs */,
                                          0xf2f52010 /* F2FS */,
                                          0x2fc12fc1 /* ZFS */,
                                          0x01021994 /* tmpfs */,
                                          0x794c7630 /* overlay */};
    struct statfs fs;
    bool found = false;
    if (fstatfs(fd, &fs) == 0)
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            found |= (unsigned long)fs.f_type == known[i];
    return found;
}

/* A file system may know no locks. An empty file may be new, and not locked yet. */
static bool seems_left(const struct look *l, int fd, const struct stat *st)
{
    if (flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK)
        return false;
    return (l->local && st->st_size > 0) || time(NULL) - st->st_mtime > HOUR;
}

static void look_at(struct look *l, const char *entry)
{
    struct stat st;
    size_t base = l->of->base, room = base + strlen(entry) + 1;
    char *name = malloc(room);
    if (!name)
        return;
    snprintf(name, room, "%.*s%s", (int)base, l->of->text, entry);
    int fd = open_own(name, &st);
    if (fd >= 0 && l->local && is_of_host(l->of, entry)) {
        remove_open(fd, &st, name, l->notes);
    } else if (fd >= 0 && seems_left(l, fd, &st) && l->told++ == 0) {
        l->first = name;
        name = NULL;
    }
    if (fd >= 0)
        close(fd);
    free(name);
}

static void tell(const struct look *l)
{
    char more[48] = "";
    if (l->told > 1)
        snprintf(more, sizeof more, ", as do %u more in its folder", l->told - 1);
    notes_add(l->notes, NOTE_WARNING, l->first,
              "seems to be left by a run that was killed elsewhere%s: delete %s if no run uses %s", more,
              l->told > 1 ? "them" : "it", l->told > 1 ? "them" : "it");
}

void left_look(const struct left_name *name, struct notes *notes)
{
    struct look l = {.of = name, .notes = notes};
    char *folder = name->base > 0 ? strndup(name->text, name->base) : strdup(".");
    DIR *dir = folder ? opendir(folder) : NULL;
    const struct dirent *entry;
    free(folder);
    if (!dir)
        return;
    l.local = is_local(dirfd(dir));
    for (unsigned i = 0; i < LEFT_LOOK && (entry = readdir(dir)) != NULL; i++)
        if (is_temporary(entry->d_name))
            look_at(&l, entry->d_name);
    closedir(dir);
    if (l.first)
        tell(&l);
    free(l.first);
}
