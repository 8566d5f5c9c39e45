/* The process, names, and reading. Writing is in file_sink.c. */
#include "base/quote.h"
#include "cli/files/file.h"

#include "cli/msg.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WINDOW_BYTES = 1 << 16, SPOOL_STEP = 1 << 16 };

/* ---- the process -------------------------------------------------------------------------------------------------- */

static volatile sig_atomic_t caught;
static mode_t process_umask;

static void on_signal(int number)
{
    caught = number;
}

/* Without SA_RESTART: a wait for a pipe ends too. A signal that is ignored (nohup) stays so, or that a profiler takes. */
static void catch_signal(int number)
{
    struct sigaction action = {.sa_handler = on_signal}, old;
    if (sigaction(number, NULL, &old) == 0 && old.sa_handler == SIG_DFL)
        sigaction(number, &action, NULL);
}

/* A closed descriptor is filled with one on which its use fails: stdin that cannot be read, stdout that cannot be written.
 */
static void fill_descriptor(int fd)
{
    if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
        return;
    int got = open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    if (got >= 0 && got != fd)
        close(got);
}

void file_start(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        fill_descriptor(fd);
    /* SIGPIPE too: else a report that nobody reads leaves a temporary file. */
    static const int ending[] = {SIGINT,  SIGTERM, SIGHUP,  SIGPIPE,   SIGQUIT, SIGXCPU,
                                 SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF};
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
        catch_signal(ending[i]);
    signal(SIGXFSZ, SIG_IGN);
    process_umask = umask(077); /* it can only be read by setting it */
    umask(process_umask);
}

mode_t file_umask(void)
{
    return process_umask;
}

int file_interrupted(void)
{
    return caught;
}

void file_end(void)
{
    int number = caught;
    if (number == 0)
        return;
    signal(number, SIG_DFL);
    raise(number);
}

/* ---- names -------------------------------------------------------------------------------------------------------- */

static bool is_standard(const char *path)
{
    return strcmp(path, "-") == 0;
}

bool file_identify(const char *path, int standard, struct file_id *id)
{
    struct stat st;
    if (!path || (is_standard(path) ? fstat(standard, &st) : stat(path, &st)) != 0 || !S_ISREG(st.st_mode))
        return false;
    *id = (struct file_id){st.st_dev, st.st_ino};
    return true;
}

char *file_resolve(const char *path)
{
    char *whole = realpath(path, NULL);
    const char *slash = strrchr(path, '/');
    if (whole)
        return whole;
    char *folder = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    if (!folder)
        return NULL;
    char *real = realpath(folder, NULL);
    if (asprintf(&whole, "%s/%s", real ? real : folder, slash ? slash + 1 : path) < 0)
        whole = NULL;
    free(folder);
    free(real);
    return whole;
}

int file_id_compare(const void *a, const void *b)
{
    const struct file_id *x = a, *y = b;
    if (x->device != y->device)
        return x->device < y->device ? -1 : 1;
    return x->inode < y->inode ? -1 : x->inode > y->inode;
}

struct file_mark file_mark_of(const struct stat *stat)
{
    return (struct file_mark){stat->st_size, stat->st_mtim};
}

bool file_mark_same(const struct file_mark *a, const struct file_mark *b)
{
    return a->size == b->size && a->time.tv_sec == b->time.tv_sec && a->time.tv_nsec == b->time.tv_nsec;
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
    int fd = is_standard(path) ? STDOUT_FILENO : file_descriptor(path);
    if (fd >= 0)
        return isatty(fd);
    if (stat(path, &st) != 0 || !S_ISCHR(st.st_mode) || (fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)) < 0)
        return false;
    bool terminal = isatty(fd);
    close(fd);
    return terminal;
}

/* "new/.." leads elsewhere once `new` is made, perhaps to an input: not where the paths were compared. */
static bool goes_back(const char *rest)
{
    for (; rest; rest = strchr(rest + 1, '/'))
        if (strncmp(rest, "/..", 3) == 0 && (rest[3] == '/' || rest[3] == '\0'))
            return true;
    return false;
}

bool file_make_folder(const char *path, struct why *why)
{
    char name[160], *copy = strdup(path);
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
            reason = back ? "expected no .. behind a folder that is missing" : strerror(errno);
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

/* ---- reading ------------------------------------------------------------------------------------------------------ */

static size_t read_failed(struct file_source *f)
{
    why_set(&f->base.why, "%s", file_interrupted() ? "interrupted" : strerror(errno));
    return 0;
}

/* All n bytes of the descriptor at offset, fewer at its end. */
static size_t read_file(struct file_source *f, int fd, unsigned char *to, size_t n, uint64_t offset)
{
    size_t done = 0;
    while (done < n && !file_interrupted()) {
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
    if (offset < f->window_at || offset + n > f->window_at + f->window_n) {
        f->window_n = read_file(f, f->fd, f->window, WINDOW_BYTES, offset);
        f->window_at = offset;
    }
    size_t have = f->window_n - (size_t)(offset - f->window_at);
    n = n < have ? n : have;
    memcpy(to, f->window + (offset - f->window_at), n);
    return n;
}

/* Keeps n bytes of a stream: in memory as long as they fit, then in the unlinked file. */
static bool spool_keep(struct file_source *f, const unsigned char *bytes, size_t n)
{
    if (f->spool_n == f->streamed && f->spool_n + n <= f->spool_max) {
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
    } else {
        if (f->spool_fd < 0 && (f->spool_fd = file_spool(&f->base.why)) < 0)
            return false;
        for (size_t done = 0; done < n;) {
            ssize_t put = pwrite(f->spool_fd, bytes + done, n - done, (off_t)(f->streamed - f->spool_n + done));
            if (put < 0 && errno != EINTR)
                return file_spool_failed(&f->base.why);
            done += put > 0 ? (size_t)put : 0;
        }
    }
    f->streamed += n;
    return true;
}

/* Reads the stream up to `end`, or to its own end. */
static bool spool_until(struct file_source *f, uint64_t end)
{
    unsigned char bytes[SPOOL_STEP];
    while (f->streamed < end && !f->ended) {
        if (file_interrupted())
            return why_set(&f->base.why, "interrupted");
        ssize_t got = read(f->fd, bytes, sizeof bytes);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return read_failed(f) != 0;
        if (got == 0)
            f->ended = true;
        else if (!spool_keep(f, bytes, (size_t)got))
            return false;
    }
    return true;
}

static size_t read_stream(struct source *source, void *to, size_t n, uint64_t offset)
{
    struct file_source *f = (struct file_source *)source;
    if (source->why.text[0] || !spool_until(f, offset + n) || offset >= f->streamed)
        return 0;
    if (n > f->streamed - offset)
        n = (size_t)(f->streamed - offset);
    size_t from_memory = offset >= f->spool_n ? 0 : f->spool_n - (size_t)offset < n ? f->spool_n - (size_t)offset : n;
    if (from_memory > 0)
        memcpy(to, f->spool + offset, from_memory);
    if (from_memory == n)
        return n;
    return from_memory +
           read_file(f, f->spool_fd, (unsigned char *)to + from_memory, n - from_memory, offset + from_memory - f->spool_n);
}

static bool file_unchanged(struct source *source, struct why *why)
{
    struct file_source *f = (struct file_source *)source;
    struct stat now;
    if (fstat(f->fd, &now) != 0)
        return why_set(why, "%s", strerror(errno));
    struct file_mark before = file_mark_of(&f->stat), after = file_mark_of(&now);
    return file_mark_same(&before, &after) || why_set(why, "changed while it was read");
}

bool file_open(struct file_source *f, const char *path, size_t spool_max, struct why *why)
{
    *f = (struct file_source){.spool_fd = -1, .spool_max = spool_max};
    f->fd = is_standard(path) ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (f->fd < 0 || fstat(f->fd, &f->stat) != 0) {
        why_set(why, "%s", file_interrupted() ? "interrupted" : strerror(errno));
    } else if (S_ISDIR(f->stat.st_mode)) {
        why_set(why, "is a directory, expected a picture");
    } else {
        /* A file on stdin that was partly read already is a stream. */
        f->regular = S_ISREG(f->stat.st_mode) && (!is_standard(path) || lseek(f->fd, 0, SEEK_CUR) == 0);
        f->base.read_at = f->regular ? read_regular : read_stream;
        f->base.unchanged = f->regular ? file_unchanged : NULL;
        f->base.held = f->regular ? 0 : spool_max;
        f->window = f->regular ? malloc(WINDOW_BYTES) : NULL;
        if (!f->regular || f->window)
            return true;
        why_memory(why);
    }
    file_close(f);
    return false;
}

void file_close(struct file_source *f)
{
    if (f->fd > STDERR_FILENO)
        close(f->fd);
    if (f->spool_fd >= 0)
        close(f->spool_fd);
    free(f->spool);
    free(f->window);
    *f = (struct file_source){.fd = -1, .spool_fd = -1};
}
