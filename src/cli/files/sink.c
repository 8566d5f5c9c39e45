#include "cli/files/sink.h"

#include "base/quote.h"
#include "cli/files/process.h"
#include "cli/files/sink_place.h"
#include "cli/msg.h"

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
    if (f->held && f->fd < 0)
        return why_set(&f->base.why, "%s", f->no_fd.text);
    if ((f->held || f->target >= 0) && !process_interrupted())
        return file_spool_failed(&f->base.why);
    return why_set(&f->base.why, "%s", process_interrupted() ? "interrupted" : strerror(errno));
}

/* Writes n bytes at offset, or where the descriptor stands if it cannot seek. */
static bool write_all(struct file_sink *f, const unsigned char *from, size_t n, uint64_t offset)
{
    for (size_t done = 0; done < n;) {
        if (process_interrupted())
            return write_failed(f);
        ssize_t put = f->base.seekable ? pwrite(f->fd, from + done, n - done, (off_t)(offset + done))
                                       : write(f->fd, from + done, n - done);
        if (put < 0 && errno != EINTR)
            return write_failed(f);
        done += put > 0 ? (size_t)put : 0;
    }
    return true;
}

static bool write_buffered(struct file_sink *f)
{
    bool ok = write_all(f, f->buffer, f->buffered, f->position);
    f->position += f->buffered;
    f->buffered = 0;
    return ok;
}

/* Room in the buffer for n bytes more, as far as it may grow. False: out of memory. */
static bool grow_buffer(struct file_sink *f, size_t n)
{
    size_t size = f->buffer_size ? f->buffer_size : BUFFER_BYTES;
    while (size < f->buffered + n && size < f->buffer_most)
        size = size < f->buffer_most / 2 ? 2 * size : f->buffer_most;
    if (f->buffer && size == f->buffer_size)
        return true;
    unsigned char *grown = realloc(f->buffer, size);
    if (!grown)
        return why_memory(&f->base.why);
    f->buffer = grown;
    f->buffer_size = size;
    return true;
}

/* What is left out behind all that was written, as NPY does for its header, is zeros: in the buffer, if n more fit too. */
static bool fill_gap(struct file_sink *f, size_t n, uint64_t offset)
{
    uint64_t end = f->position + f->buffered, room = f->buffer_most - f->buffered;
    if (!f->held || end != f->end || offset <= end || f->buffered > f->buffer_most || n > room || offset - end > room - n)
        return true;
    size_t gap = (size_t)(offset - end);
    if (!grow_buffer(f, gap + n))
        return false;
    memset(f->buffer + f->buffered, 0, gap);
    f->buffered += gap;
    return true;
}

static bool write_at(struct sink *sink, const void *from, size_t n, uint64_t offset)
{
    struct file_sink *f = (struct file_sink *)sink;
    if (sink->why.text[0] || !grow_buffer(f, n) || !fill_gap(f, n, offset))
        return false;
    f->end = offset + n > f->end ? offset + n : f->end;
    if (f->held && offset >= f->position && offset + n <= f->position + f->buffered) {
        memcpy(f->buffer + (offset - f->position), from, n);
        return true;
    }
    if (offset != f->position + f->buffered) {
        if (!write_buffered(f))
            return false;
        if (!sink->seekable && offset != f->position)
            return why_set(&sink->why, "%s", strerror(ESPIPE));
        f->position = offset;
    }
    if (f->buffered + n > f->buffer_size && !write_buffered(f))
        return false;
    if (n > f->buffer_size) {
        f->position += n;
        return write_all(f, from, n, offset);
    }
    memcpy(f->buffer + f->buffered, from, n);
    f->buffered += n;
    return true;
}

/* The name is cut, so that there is room for the reason. */
bool file_output_failed(const char *name, const char *reason, struct why *why)
{
    char quoted[160];
    return why_set(why, "output %s: %s", quote(quoted, sizeof quoted, name), reason);
}

/* Where the name leads: through a link to its target, which must exist. NULL with an error. */
static char *resolve_target(const char *path, struct stat *st, bool *exists, struct why *why)
{
    struct stat link;
    *exists = stat(path, st) == 0;
    if (*exists && S_ISDIR(st->st_mode)) {
        file_output_failed(path, "is a directory", why);
        return NULL;
    }
    if (!*exists && lstat(path, &link) == 0 && S_ISLNK(link.st_mode)) {
        file_output_failed(path, "dangling symbolic link", why);
        return NULL;
    }
    char *target = *exists && S_ISREG(st->st_mode) ? realpath(path, NULL) : strdup(path);
    if (!target)
        file_output_failed(path, strerror(errno), why);
    return target;
}

/* In the target's folder, without a name or with a temporary one; 0600 until it is complete. */
static bool open_temporary(struct file_sink *f, struct temporaries *temporaries, struct why *why)
{
    struct temporaries none = {0}, *of = temporaries ? temporaries : &none;
    f->fd = file_nameless(of, f->path);
    if (f->fd < 0)
        f->fd = file_temporary(of, f->path, &f->temporary);
    int error = errno;
    msg_notes(&none.notes, NULL);
    temporaries_free(&none);
    f->base.seekable = f->named = true;
    return f->fd >= 0 || file_output_failed(f->name, strerror(error), why);
}

/* Whether the file that is there may be replaced: it is empty, or of the kind that is written. */
static bool check_kind(const char *path, const struct file_rules *rules, struct why *why)
{
    unsigned char head[FOREIGN_HEAD];
    char reason[120];
    if (!rules->is_kind || rules->no_clobber)
        return true;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t n = fd < 0 ? -1 : pread(fd, head, sizeof head, 0);
    if (n < 0)
        snprintf(reason, sizeof reason, "exists and cannot be read (%s): see --force", strerror(errno));
    else
        snprintf(reason, sizeof reason, "exists and %s: see --force", rules->kind);
    if (fd >= 0)
        close(fd);
    return n == 0 || (n > 0 && rules->is_kind(head, (size_t)n)) || file_output_failed(path, reason, why);
}

/* A descriptor is written where it stands, even if it is of a file. Standard output itself stays open. */
static bool open_descriptor(struct file_sink *f, int fd, const char *path, struct why *why)
{
    f->fd = fd == STDOUT_FILENO ? fd : fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    return f->fd >= 0 || file_output_failed(path, strerror(errno), why);
}

static bool open_target(struct file_sink *f, const char *path, const struct file_rules *rules,
                        struct temporaries *temporaries, struct why *why)
{
    struct stat st;
    bool exists;
    int descriptor = path_is_standard(path) ? STDOUT_FILENO : file_descriptor(path);

    if (descriptor >= 0)
        return open_descriptor(f, descriptor, path, why);
    f->path = resolve_target(path, &st, &exists, why);
    if (!f->path)
        return false;
    f->was_there = exists;
    if (!exists || S_ISREG(st.st_mode)) {
        /* Found out now and not after the work: a name that rename could not take. */
        if (strlen(path_base(f->path)) > NAME_MAX)
            return file_output_failed(path, strerror(ENAMETOOLONG), why);
        if (exists && rules->guarded && st.st_size > 0)
            return file_output_failed(path, sink_came_meanwhile, why);
        return (!exists || check_kind(path, rules, why)) && open_temporary(f, temporaries, why);
    }
    f->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return f->fd >= 0 || file_output_failed(path, strerror(errno), why);
}

/* Puts an unlinked file before a target that cannot seek. */
static bool spool_target(struct file_sink *f, struct why *why)
{
    f->target = f->fd;
    f->fd = file_spool(why);
    f->base.seekable = true;
    return f->fd >= 0;
}

/* Copies what was spooled to the target, which the sink then is again. */
static bool unspool(struct file_sink *f)
{
    int spool = f->fd;
    f->fd = f->target;
    f->target = -1;
    f->base.seekable = false;
    bool ok = f->buffer != NULL || why_memory(&f->base.why);
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

bool file_create(struct file_sink *f, const char *path, const struct file_rules *rules, struct temporaries *temporaries,
                 struct why *why)
{
    mode_t mode = rules->like && S_ISREG(rules->like->st_mode) ? rules->like->st_mode & 0777 : 0666;
    *f = (struct file_sink){.base.write_at = write_at,
                            .fd = -1,
                            .target = -1,
                            .name = path,
                            .mode = mode & ~process_umask(),
                            .no_clobber = rules->no_clobber,
                            .guarded = rules->guarded};
    if (open_target(f, path, rules, temporaries, why) && (!rules->seeks || f->base.seekable || spool_target(f, why)))
        return true;
    file_discard(f);
    return false;
}

void file_replaces(struct file_sink *f, const struct stat *of)
{
    f->mode = of->st_mode & 0777;
    f->in_place = true;
    f->replaced = file_id_of(of);
    f->replaced_fingerprint = fingerprint_of(of);
    if (fchown(f->fd, of->st_uid, of->st_gid) != 0)
        errno = 0; /* not ours to give: it stays the caller's */
}

void file_keeps_times(struct file_sink *f, const struct stat *of)
{
    f->keeps_times = S_ISREG(of->st_mode);
    f->times[0] = of->st_atim;
    f->times[1] = of->st_mtim;
}

void file_sink_adopt(struct file_sink *f, int fd, const char *name)
{
    *f = (struct file_sink){
        .base = {.write_at = write_at, .seekable = true}, .fd = fd, .target = -1, .name = name, .named = true};
}

static bool close_sink(struct file_sink *f)
{
    int fd = f->fd;
    f->fd = -1;
    return fd == STDOUT_FILENO || close(fd) == 0;
}

/* Whether a file could be closed shows before it gets its name: a second descriptor gives that, and holds the lock. */
static bool take_name(struct file_sink *f)
{
    int held = fcntl(f->fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (held < 0)
        return false;
    bool closed = close_sink(f);
    f->fd = held;
    return closed && sink_take_name(f);
}

/* ---- completing ---------------------------------------------------------------------------------------------------- */

static bool failed(struct file_sink *f, struct why *why)
{
    file_output_failed(f->name, f->base.why.text[0] ? f->base.why.text : strerror(errno), why);
    file_discard(f);
    return false;
}

bool file_flush(struct file_sink *f, struct why *why)
{
    if (!write_buffered(f) || (f->target >= 0 && !unspool(f)))
        return failed(f, why);
    free(f->buffer);
    f->buffer = NULL;
    return true;
}

bool file_seal(struct file_sink *f, struct notes *notes, struct why *why)
{
    if (!f->named)
        return true;
    if (!sink_set_mode(f->fd, f->mode))
        return failed(f, why);
    /* After the last write. The file is complete without them, too. */
    if (f->keeps_times && futimens(f->fd, f->times) != 0)
        notes_add(notes, NOTE_WARNING, NULL, "the times of its output cannot be set: %s", strerror(errno));
    sync_file_range(f->fd, 0, 0, SYNC_FILE_RANGE_WRITE); /* its sync will find less to do; what fails here fails there */
    return true;
}

bool file_sync(struct file_sink *f, struct why *why)
{
    return sink_sync(f->fd, false) || failed(f, why);
}

bool file_place(struct file_sink *f, bool synced, struct why *why)
{
    bool ok = f->named ? sink_sync(f->fd, synced) && take_name(f) : close_sink(f);
    if (!ok)
        return failed(f, why);
    file_discard(f);
    return true;
}

void file_hold(struct file_sink *f, size_t most, int fd, const struct why *no_fd)
{
    *f = (struct file_sink){.base = {.write_at = write_at, .seekable = true},
                            .fd = fd,
                            .target = -1,
                            .held = true,
                            .buffer_most = most,
                            .no_fd = *no_fd};
}

size_t file_read_back(struct file_sink *f, void *to, size_t n, uint64_t offset)
{
    if (offset >= f->end)
        return 0;
    if (n > f->end - offset)
        n = (size_t)(f->end - offset);
    if (f->buffered == f->end) { /* all of it is in memory */
        memcpy(to, f->buffer + offset, n);
        return n;
    }
    if (f->buffered > 0 && !write_buffered(f))
        return 0;
    for (size_t done = 0; done < n;) {
        ssize_t got = pread(f->fd, (char *)to + done, n - done, (off_t)(offset + done));
        if (got == 0 || (got < 0 && errno != EINTR))
            return done;
        done += got > 0 ? (size_t)got : 0;
    }
    return n;
}

void file_discard(struct file_sink *f)
{
    if (f->temporary) /* while it is locked: to others it is never one that was left */
        unlink(f->temporary);
    if (f->fd > STDERR_FILENO && !f->held)
        close(f->fd);
    if (f->target > STDERR_FILENO)
        close(f->target);
    free(f->temporary);
    free(f->path);
    free(f->buffer);
    *f = (struct file_sink){.fd = -1, .target = -1};
}

bool file_seal_bytes(struct file_sink *f, const void *bytes, size_t n, struct why *why)
{
    if ((f->fd != STDOUT_FILENO || fflush(stdout) == 0) && f->base.write_at(&f->base, bytes, n, 0))
        return file_flush(f, why) && file_seal(f, NULL, why);
    return failed(f, why);
}
