/* Atomic writing: a destination is always the old file or the complete new one. */
#include "file.h"

#include "msg.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER_BYTES = 1 << 18 };

static bool write_failed(struct file_sink *f)
{
    return why_set(&f->base.why, "%s", file_interrupted() ? "interrupted" : strerror(errno));
}

/* Writes n bytes at offset, or where the descriptor stands if it cannot seek. */
static bool write_all(struct file_sink *f, const unsigned char *from, size_t n, uint64_t offset)
{
    for (size_t done = 0; done < n;) {
        if (file_interrupted())
            return write_failed(f);
        ssize_t put = f->base.seekable ? pwrite(f->fd, from + done, n - done, (off_t)(offset + done))
                                       : write(f->fd, from + done, n - done);
        if (put < 0 && errno != EINTR)
            return write_failed(f);
        done += put > 0 ? (size_t)put : 0;
    }
    return true;
}

static bool flush(struct file_sink *f)
{
    bool ok = write_all(f, f->buffer, f->buffered, f->position);
    f->position += f->buffered;
    f->buffered = 0;
    return ok;
}

static bool write_at(struct sink *sink, const void *from, size_t n, uint64_t offset)
{
    struct file_sink *f = (struct file_sink *)sink;
    if (sink->why.text[0])
        return false;
    if (offset != f->position + f->buffered) {
        if (!flush(f))
            return false;
        if (!sink->seekable && offset != f->position)
            return why_set(&sink->why, "%s", strerror(ESPIPE));
        f->position = offset;
    }
    if (f->buffered + n > BUFFER_BYTES && !flush(f))
        return false;
    if (n >= BUFFER_BYTES) {
        f->position += n;
        return write_all(f, from, n, offset);
    }
    memcpy(f->buffer + f->buffered, from, n);
    f->buffered += n;
    return true;
}

/* The name is cut, so that there is room for the reason. */
static bool output_failed(const char *name, const char *reason, struct why *why)
{
    char quoted[160];
    return why_set(why, "output %s: %s", msg_quote(quoted, sizeof quoted, name), reason);
}

/* Where the name leads: through a link to its target, which must exist. NULL with an error. */
static char *resolve_target(const char *path, struct stat *st, bool *exists, struct why *why)
{
    struct stat link;
    *exists = stat(path, st) == 0;
    if (*exists && S_ISDIR(st->st_mode)) {
        output_failed(path, "is a directory", why);
        return NULL;
    }
    if (!*exists && lstat(path, &link) == 0) {
        output_failed(path, "dangling symbolic link", why);
        return NULL;
    }
    char *target = *exists && S_ISREG(st->st_mode) ? realpath(path, NULL) : strdup(path);
    if (!target)
        output_failed(path, strerror(errno), why);
    return target;
}

/* A temporary name in the target's folder; 0600 until it is complete. */
static bool open_temporary(struct file_sink *f, struct why *why)
{
    static const char name[] = ".instnorm-XXXXXX";
    const char *slash = strrchr(f->path, '/');
    size_t folder = slash ? (size_t)(slash - f->path) + 1 : 0;
    f->temporary = malloc(folder + sizeof name + 4);
    if (!f->temporary)
        return why_memory(why);
    memcpy(f->temporary, f->path, folder);
    snprintf(f->temporary + folder, sizeof name + 4, "%s.tmp", name);
    f->fd = mkostemps(f->temporary, 4, O_CLOEXEC);
    if (f->fd >= 0)
        return true;
    output_failed(f->name, strerror(errno), why);
    free(f->temporary);
    f->temporary = NULL;
    return false;
}

static bool open_target(struct file_sink *f, const char *path, struct why *why)
{
    struct stat st;
    bool exists;

    f->path = resolve_target(path, &st, &exists, why);
    if (!f->path)
        return false;
    f->replaces = exists;
    if (!exists || S_ISREG(st.st_mode)) {
        /* Found out now and not after the work: a name that rename could not take. */
        const char *slash = strrchr(f->path, '/');
        if (strlen(slash ? slash + 1 : f->path) > NAME_MAX)
            return output_failed(path, strerror(ENAMETOOLONG), why);
        f->base.seekable = true;
        return open_temporary(f, why);
    }
    f->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return f->fd >= 0 || output_failed(path, strerror(errno), why);
}

/* Puts an unlinked file before a target that cannot seek. */
static bool spool_target(struct file_sink *f, struct why *why)
{
    f->target = f->fd;
    f->fd = file_temporary();
    f->base.seekable = true;
    return f->fd >= 0 || why_set(why, "temporary file: %s", strerror(errno));
}

/* Copies what was spooled to the target, which the sink then is again. */
static bool unspool(struct file_sink *f)
{
    int spool = f->fd;
    f->fd = f->target;
    f->target = -1;
    f->base.seekable = false;
    bool ok = true;
    for (off_t at = 0; ok;) {
        ssize_t n = pread(spool, f->buffer, BUFFER_BYTES, at);
        if (n == 0)
            break;
        ok = n > 0 ? write_all(f, f->buffer, (size_t)n, 0) : errno == EINTR || write_failed(f);
        at += n > 0 ? n : 0;
    }
    close(spool);
    return ok;
}

bool file_create(struct file_sink *f, const char *path, const struct stat *like, bool no_clobber, bool seeks,
                 struct why *why)
{
    mode_t mode = S_ISREG(like->st_mode) ? like->st_mode & 0777 : 0666;
    *f = (struct file_sink){.base.write_at = write_at,
                            .fd = -1,
                            .target = -1,
                            .name = path,
                            .mode = mode & ~file_umask(),
                            .no_clobber = no_clobber};
    f->buffer = malloc(BUFFER_BYTES);
    if (!f->buffer)
        return why_memory(why);
    if (strcmp(path, "-") == 0)
        f->fd = STDOUT_FILENO;
    if ((f->fd >= 0 || open_target(f, path, why)) && (!seeks || f->base.seekable || spool_target(f, why)))
        return true;
    file_discard(f);
    return false;
}

void file_keep_owner(struct file_sink *f, const struct stat *of)
{
    f->mode = of->st_mode & 0777;
    if (fchown(f->fd, of->st_uid, of->st_gid) != 0)
        errno = 0; /* not ours to give: it stays the caller's */
}

/* Renames unless the target exists, without a gap between the look and the act; not every file system has both ways. */
static bool rename_new(const char *from, const char *to)
{
#ifdef RENAME_NOREPLACE
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0 || errno == EEXIST)
        return errno != EEXIST || unlink(from) == 0;
#endif
    return (link(from, to) == 0 || errno == EEXIST) && unlink(from) == 0;
}

/* True if the output is in its place, or was not to be replaced. */
static bool move_into_place(struct file_sink *f)
{
    errno = 0;
    return f->no_clobber ? rename_new(f->temporary, f->path) : rename(f->temporary, f->path) == 0;
}

static bool close_sink(struct file_sink *f)
{
    int fd = f->fd;
    f->fd = -1;
    return fd == STDOUT_FILENO || close(fd) == 0;
}

/* An old file is only given up for bytes that are on the disk. */
static bool complete(struct file_sink *f)
{
    if (!flush(f) || (f->target >= 0 && !unspool(f)))
        return false;
    if (!f->temporary)
        return close_sink(f);
    if (fchmod(f->fd, f->mode) != 0 || (f->replaces && fsync(f->fd) != 0) || !close_sink(f) || !move_into_place(f))
        return false;
    free(f->temporary);
    f->temporary = NULL;
    return true;
}

bool file_commit(struct file_sink *f, struct why *why)
{
    bool ok = complete(f);
    if (!ok)
        output_failed(f->name, f->base.why.text[0] ? f->base.why.text : strerror(errno), why);
    file_discard(f);
    return ok;
}

void file_discard(struct file_sink *f)
{
    if (f->fd > STDERR_FILENO)
        close(f->fd);
    if (f->target > STDERR_FILENO)
        close(f->target);
    if (f->temporary)
        unlink(f->temporary);
    free(f->temporary);
    free(f->path);
    free(f->buffer);
    *f = (struct file_sink){.fd = -1, .target = -1};
}

bool file_create_text(struct file_sink *f, const char *path, struct why *why)
{
    const struct stat like = {0};
    return file_create(f, path, &like, false, false, why);
}

bool file_commit_text(struct file_sink *f, const char *text, struct why *why)
{
    if ((f->fd != STDOUT_FILENO || fflush(stdout) == 0) && f->base.write_at(&f->base, text, strlen(text), 0))
        return file_commit(f, why);
    output_failed(f->name, f->base.why.text[0] ? f->base.why.text : strerror(errno), why);
    file_discard(f);
    return false;
}
