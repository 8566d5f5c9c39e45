#include "cli/files/sink_place.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <unistd.h>

const char sink_came_meanwhile[] = "another program wrote it meanwhile: left as it is";

/* ---- before the name ----------------------------------------------------------------------------------------------- */

/* Some file systems know no permissions: theirs are as they are. */
bool sink_set_mode(int fd, mode_t mode)
{
    return fchmod(fd, mode) == 0 || errno == EPERM || errno == ENOTSUP || errno == ENOSYS;
}

/* Not asked by file systems that cannot: some over the network, or in user space. */
static bool sync_one(int fd)
{
    return fsync(fd) == 0 || errno == EINVAL || errno == ENOSYS || errno == ENOTSUP;
}

/* Older kernels tell of errors by the file alone: to ask for them costs no sync. */
bool sink_sync(int fd, bool synced)
{
    return synced ? sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE) == 0 : sync_one(fd);
}

/* ---- a file that has a temporary name ------------------------------------------------------------------------------ */

/*
 * Renames unless the target exists (EEXIST), without a gap between the look and the act; not every file system has both
 * ways.
 */
static bool rename_new(const char *from, const char *to)
{
#ifdef RENAME_NOREPLACE
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return true;
    if (errno == EEXIST)
        return false;
#endif
    if (link(from, to) != 0)
        return false;
    unlink(from); /* in vain, it is a second name, which the next run removes */
    return true;
}

/* True too if the target is there, and stays. */
static bool move_unless_there(struct file_sink *f)
{
    return rename_new(f->temporary, f->path) || (errno == EEXIST && unlink(f->temporary) == 0);
}

/* An empty target is replaced. A file system that has neither way of rename_new gets a look and a rename, with a gap. */
static bool move_guarded(struct file_sink *f)
{
    struct stat st;
    if (rename_new(f->temporary, f->path))
        return true;
    if (stat(f->path, &st) == 0 && st.st_size > 0)
        return why_set(&f->base.why, sink_came_meanwhile);
    return rename(f->temporary, f->path) == 0;
}

/*
 * Where locks are out for a moment another run may have taken the file for one that was left: its name is gone, or leads to
 * a file of that run, which must not be moved.
 */
static bool has_its_name(struct file_sink *f)
{
    if (left_is_named(f->fd, f->temporary))
        return true;
    free(f->temporary);
    f->temporary = NULL;
    return why_set(&f->base.why, "another program removed its temporary file");
}

/* Whether the file to be replaced is the one that was read. */
static bool is_unchanged(struct file_sink *f)
{
    struct stat st;
    if (stat(f->path, &st) != 0)
        return false;
    struct file_id id = file_id_of(&st);
    struct fingerprint now = fingerprint_of(&st);
    return file_id_compare(&id, &f->replaced) == 0 && fingerprint_same(&now, &f->replaced_fingerprint);
}

/* ---- a file without a name ----------------------------------------------------------------------------------------- */

/* Whether files of the folder may get no second name, or only in another way: some security modules and file systems. */
static bool is_refused(int error)
{
    return error == EPERM || error == EACCES || error == ENOTSUP || error == ENOSYS || error == EXDEV || error == ENOENT;
}

static bool copy_content(int from, int to)
{
    off_t at = 0;
    ssize_t n;
    do
        n = sendfile(to, from, &at, 1 << 30);
    while (n > 0 || (n < 0 && errno == EINTR));
    return n == 0;
}

/* Owner and times as far as that is allowed. */
static bool copy_all(int from, int to)
{
    struct stat st;
    if (fstat(from, &st) != 0 || !copy_content(from, to))
        return false;
    if (fchown(to, st.st_uid, st.st_gid) != 0 || futimens(to, (struct timespec[]){st.st_atim, st.st_mtim}) != 0)
        errno = 0;
    return sink_set_mode(to, st.st_mode & 0777) && sync_one(to);
}

/* The file is that copy from now on. */
static bool copy_beside(struct file_sink *f)
{
    struct temporaries t = {0};
    int fd = file_temporary(&t, f->path, &f->temporary);
    int error = errno;
    temporaries_free(&t);
    errno = error;
    if (fd < 0)
        return false;
    bool ok = copy_all(f->fd, fd);
    error = errno;
    close(f->fd);
    f->fd = fd;
    errno = error;
    return ok;
}

/* At once, if there is nothing of that name, or if that stays. False: EEXIST if it is to be replaced. */
static bool take_name_at_once(const struct file_sink *f)
{
    if (!f->was_there || f->no_clobber || f->guarded)
        return file_link(f->fd, f->path) || (errno == EEXIST && f->no_clobber && !f->guarded);
    errno = EEXIST;
    return false;
}

/* After that. */
static bool take_temporary_name(struct file_sink *f)
{
    if (errno == EEXIST)
        f->temporary = file_link_beside(f->fd, f->path);
    return f->temporary || (is_refused(errno) && copy_beside(f));
}

/* ---- either -------------------------------------------------------------------------------------------------------- */

bool sink_take_name(struct file_sink *f)
{
    if (f->in_place && !is_unchanged(f))
        return why_set(&f->base.why, "another program changed it meanwhile: left as it is");
    errno = 0;
    if (!f->temporary) {
        if (take_name_at_once(f))
            return true;
        if (!take_temporary_name(f))
            return false;
    }
    if (!has_its_name(f))
        return false;
    bool ok = f->guarded ? move_guarded(f) : f->no_clobber ? move_unless_there(f) : rename(f->temporary, f->path) == 0;
    if (ok) {
        free(f->temporary);
        f->temporary = NULL;
    }
    return ok;
}
