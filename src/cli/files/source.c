#include "cli/files/source.h"

#include "cli/files/names.h"
#include "cli/files/process.h"
#include "cli/files/sandbox.h"
#include "cli/files/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WINDOW_BYTES = 1 << 16, SPOOL_STEP = 1 << 16 };

static size_t read_failed(struct file_source *f)
{
    why_set(&f->base.why, "%s", process_interrupted() ? "interrupted" : strerror(errno));
    return 0;
}

/* All n bytes of the descriptor at offset, fewer at its end. */
static size_t read_file(struct file_source *f, int fd, unsigned char *to, size_t n, uint64_t offset)
{
    size_t done = 0;
    while (done < n && !process_interrupted()) {
        ssize_t got = pread(fd, to + done, n - done, (off_t)(offset + done));
        if (got == 0)
            return done;
        if (got < 0 && errno != EINTR)
            return read_failed(f);
        done += got > 0 ? (size_t)got : 0;
    }
    return done == n ? n : read_failed(f);
}

static size_t read_regular(struct source *source, void *to, size_t n, uint64_t offset)
{
    struct file_source *f = (struct file_source *)source;
    if (source->why.text[0])
        return 0;
    if (n >= WINDOW_BYTES / 8) /* the rows of one plane: what follows is not wanted */
        return read_file(f, f->fd, to, n, offset);
    if (!f->window && !(f->window = malloc(WINDOW_BYTES)))
        return why_memory(&source->why);
    if (offset < f->window_at || offset + n > f->window_at + f->window_n) {
        f->window_n = read_file(f, f->fd, f->window, WINDOW_BYTES, offset);
        f->window_at = offset;
    }
    size_t have = f->window_n - (size_t)(offset - f->window_at);
    n = n < have ? n : have;
    memcpy(to, f->window + (offset - f->window_at), n);
    return n;
}

static bool keep_in_memory(struct file_source *f, const unsigned char *bytes, size_t n)
{
    if (f->spool_n + n > f->spool_size) {
        size_t size = f->spool_size ? 2 * f->spool_size : SPOOL_STEP;
        if (size > f->spool_max)
            size = f->spool_max;
        unsigned char *grown = realloc(f->spool, size);
        if (!grown)
            return why_memory(&f->base.why);
        f->spool = grown;
        f->spool_size = size;
    }
    memcpy(f->spool + f->spool_n, bytes, n);
    f->spool_n += n;
    return true;
}

bool file_make_spool(struct file_source *f)
{
    if (!f->regular && f->spool_fd < 0 && !f->no_spool.text[0])
        f->spool_fd = file_spool(&f->no_spool);
    return f->spool_fd >= 0;
}

static bool keep_in_file(struct file_source *f, const unsigned char *bytes, size_t n)
{
    if (!file_make_spool(f))
        return why_set(&f->base.why, "%s", f->no_spool.text);
    for (size_t done = 0; done < n;) {
        ssize_t put = pwrite(f->spool_fd, bytes + done, n - done, (off_t)(f->streamed - f->spool_n + done));
        if (put < 0 && errno != EINTR)
            return file_spool_failed(&f->base.why);
        done += put > 0 ? (size_t)put : 0;
    }
    return true;
}

/* Keeps n bytes of a stream: in memory as long as they fit, then in the unlinked file. */
static bool spool_keep(struct file_source *f, const unsigned char *bytes, size_t n)
{
    bool fits = f->spool_n == f->streamed && f->spool_n + n <= f->spool_max;
    if (!(fits ? keep_in_memory : keep_in_file)(f, bytes, n))
        return false;
    f->streamed += n;
    return true;
}

/* The next bytes of the stream: n at most, 0 at its end, -1 with base.why. */
static ssize_t read_next(struct file_source *f, void *to, size_t n)
{
    while (!process_interrupted()) {
        ssize_t got = f->stream ? f->stream->read(f->stream, to, n, &f->base.why) : read(f->fd, to, n);
        if (got >= 0 || f->stream || errno != EINTR)
            return got >= 0 || f->stream ? got : (read_failed(f), -1);
    }
    return (read_failed(f), -1);
}

/* Reads the stream up to `end`, or to its own end. */
static bool spool_until(struct file_source *f, uint64_t end)
{
    unsigned char bytes[SPOOL_STEP];
    while (f->streamed < end && !f->ended) {
        ssize_t got = read_next(f, bytes, sizeof bytes);
        if (got < 0)
            return false;
        if (got == 0)
            f->ended = true;
        else if (!spool_keep(f, bytes, (size_t)got))
            return false;
    }
    return true;
}

/* Of what was kept of a stream. */
static size_t read_kept(struct file_source *f, void *to, size_t n, uint64_t offset)
{
    if (offset >= f->streamed)
        return 0;
    if (n > f->streamed - offset)
        n = (size_t)(f->streamed - offset);
    size_t in_memory = offset < f->spool_n ? f->spool_n - (size_t)offset : 0;
    size_t from_memory = n < in_memory ? n : in_memory;
    if (from_memory > 0)
        memcpy(to, f->spool + offset, from_memory);
    if (from_memory == n)
        return n;
    return from_memory +
           read_file(f, f->spool_fd, (unsigned char *)to + from_memory, n - from_memory, offset + from_memory - f->spool_n);
}

static size_t read_stream(struct source *source, void *to, size_t n, uint64_t offset)
{
    struct file_source *f = (struct file_source *)source;
    return source->why.text[0] || !spool_until(f, offset + n) ? 0 : read_kept(f, to, n, offset);
}

ssize_t file_pass(struct file_source *f, void *to, size_t n)
{
    ssize_t got;
    if (f->base.why.text[0])
        return -1;
    if (f->regular)
        got = (ssize_t)read_file(f, f->fd, to, n, f->passed);
    else if (f->passed < f->streamed)
        got = (ssize_t)read_kept(f, to, n, f->passed);
    else
        got = f->ended ? 0 : read_next(f, to, n);
    f->passed += got > 0 ? (uint64_t)got : 0;
    return f->base.why.text[0] ? -1 : got;
}

static bool file_unchanged(struct source *source, struct why *why)
{
    struct file_source *f = (struct file_source *)source;
    struct stat now;
    if (descriptor_stat(f->fd, &now) != 0)
        return why_set(why, "%s", strerror(errno));
    struct fingerprint before = fingerprint_of(&f->stat), after = fingerprint_of(&now);
    return fingerprint_same(&before, &after) || why_set(why, "changed while it was read");
}

/* How the file is read whose descriptor, size and kind are known. */
static void read_by_kind(struct file_source *f)
{
    f->base.read_at = f->regular ? read_regular : read_stream;
    f->base.unchanged = f->regular ? file_unchanged : NULL;
    f->base.held = f->regular ? 0 : f->spool_max;
}

bool file_open(struct file_source *f, const char *path, size_t spool_max, struct why *why)
{
    *f = (struct file_source){.spool_fd = -1, .spool_max = spool_max};
    f->fd = path_is_standard(path) ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (f->fd < 0 || fstat(f->fd, &f->stat) != 0) {
        why_set(why, "%s", process_interrupted() ? "interrupted" : strerror(errno));
    } else if (S_ISDIR(f->stat.st_mode)) {
        why_set(why, "is a directory, expected a picture");
    } else {
        /* A file on stdin that was partly read already is a stream. */
        f->regular = S_ISREG(f->stat.st_mode) && (!path_is_standard(path) || lseek(f->fd, 0, SEEK_CUR) == 0);
        read_by_kind(f);
        return true;
    }
    file_close(f);
    return false;
}

void file_adopt(struct file_source *f, int fd, const struct stat *stat)
{
    *f = (struct file_source){.fd = fd, .spool_fd = -1, .regular = true, .stat = *stat};
    read_by_kind(f);
}

void file_stream(struct file_source *f, struct byte_stream *stream, uint64_t size, size_t spool_max, int spool_fd,
                 const struct why *no_spool)
{
    *f = (struct file_source){.fd = -1, .stream = stream, .lent = true, .spool_fd = spool_fd, .no_spool = *no_spool};
    f->spool_max = size < spool_max ? (size_t)size : spool_max;
    read_by_kind(f);
}

void file_lend(const struct file_source *f, struct file_source *lent)
{
    file_adopt(lent, f->fd, &f->stat);
    lent->lent = true;
}

size_t file_head(struct file_source *f, void *head, size_t n)
{
    return f->regular ? read_file(f, f->fd, head, n, 0) : f->base.read_at(&f->base, head, n, 0);
}

void file_close(struct file_source *f)
{
    if (f->fd > STDERR_FILENO && !f->lent)
        close(f->fd);
    if (f->spool_fd >= 0 && !f->lent)
        close(f->spool_fd);
    free(f->spool);
    free(f->window);
    *f = (struct file_source){.fd = -1, .spool_fd = -1};
}
