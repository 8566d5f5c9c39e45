#include "cli/files/sandbox.h"

#include "base/text.h"
#include "cli/files/confinement.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- what there is ------------------------------------------------------------------------------------------------- */

/* In the order in which they are entered: seccomp refuses the calls of the others. Sanitizers and gcov need files. */
static const struct confinement *const confinements[] = {
#ifndef INSTRUMENTED
    &confinement_landlock,
#ifdef HAVE_SECCOMP
    &confinement_seccomp,
#endif
#endif
    NULL};

static const char missing[] =
#ifdef INSTRUMENTED
    "none: this build has sanitizers or counts lines";
#elif defined HAVE_SECCOMP
    "none: this kernel allows neither seccomp nor Landlock";
#else
    "none: this build has no libseccomp, and this kernel allows no Landlock";
#endif

const char *sandbox_describe(void)
{
    static char names[64];
    names[0] = '\0';
    for (size_t i = 0; confinements[i]; i++)
        if (confinements[i]->is_there())
            text_append(names, sizeof names, "%s%s", names[0] ? ", " : "", confinements[i]->name);
    return names[0] ? names : missing;
}

bool sandbox_prepare(void)
{
    bool any = false;
    for (size_t i = 0; confinements[i]; i++) {
        bool is_there = confinements[i]->is_there();
        any |= is_there;
        if (is_there && confinements[i]->prepare)
            confinements[i]->prepare(&(struct why){0}); /* if it failed, each worker tries again, and tells why */
    }
    return any;
}

/* ---- descriptors --------------------------------------------------------------------------------------------------- */

/* Closes from..to, by one call where the kernel has it (5.9). */
static void close_range_of(unsigned from, unsigned to)
{
#ifdef SYS_close_range
    if (from > to || syscall(SYS_close_range, from, to, 0) == 0)
        return;
#endif
    long most = sysconf(_SC_OPEN_MAX);
    for (unsigned fd = from; fd <= to && (long)fd < most; fd++)
        close((int)fd);
}

static bool is_kept(const int *keep, size_t n, int fd)
{
    for (size_t i = 0; i < n; i++)
        if (keep[i] == fd)
            return true;
    return false;
}

/* Closes all from 3 on but keep[n]. */
static void close_others(const int *keep, size_t n)
{
    int from = STDERR_FILENO + 1;
    for (;;) {
        int next = -1;
        for (size_t i = 0; i < n; i++)
            if (keep[i] >= from && (next < 0 || keep[i] < next))
                next = keep[i];
        close_range_of((unsigned)from, next < 0 ? ~0u : (unsigned)next - 1);
        if (next < 0)
            return;
        from = next + 1;
    }
}

/* /dev/null or, where there is none, a pipe that nobody writes. */
static int open_nothing(void)
{
    int pipe[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null >= 0 || pipe2(pipe, O_CLOEXEC) != 0)
        return null;
    close(pipe[1]);
    return pipe[0];
}

/* The standard descriptors that are not kept lead nowhere. */
static bool detach(const int *keep, size_t n, bool keep_errors, struct why *why)
{
    int null = open_nothing();
    bool ok = null >= 0;
    for (int fd = STDIN_FILENO; ok && fd <= STDERR_FILENO; fd++)
        if (!is_kept(keep, n, fd) && !(keep_errors && fd == STDERR_FILENO))
            ok = null == fd || dup2(null, fd) == fd;
    if (!ok)
        why_set(why, "/dev/null: %s", strerror(errno));
    if (null > STDERR_FILENO)
        close(null);
    return ok;
}

/* ---- in ------------------------------------------------------------------------------------------------------------ */

/*
 * A process that cannot gain privileges may have a filter without being root. One that is not dumpable cannot be traced or
 * read by others of the user. SIGKILL: one that was taken over would not heed the SIGTERM of process_follow.
 */
static bool confine(struct why *why)
{
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        return why_set(why, "prctl: %s", strerror(errno));
    return sandbox_enter_thread(why);
}

bool sandbox_enter_thread(struct why *why)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return why_set(why, "prctl: %s", strerror(errno));
    for (size_t i = 0; confinements[i]; i++)
        if (confinements[i]->is_there() && !confinements[i]->enter(why))
            return false;
    return true;
}

bool sandbox_enter(const int *keep, size_t n, bool confined, struct why *why)
{
    if (!detach(keep, n, !confined, why))
        return false;
    close_others(keep, n);
    return !confined || confine(why);
}

/* That of libc is tried first: emulators (qemu-user) leave out a part of the times in the other. */
int descriptor_stat(int fd, struct stat *to)
{
    int status = fstat(fd, to);
#if defined SYS_fstat && defined __LP64__
    if (status != 0 && errno == EPERM)
        status = (int)syscall(SYS_fstat, fd, to); /* the kernel's struct is that of libc */
#endif
    return status;
}
