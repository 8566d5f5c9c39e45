#include "cli/files/process.h"

#include <errno.h>
#include <fcntl.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Of which there is one in a process: what handles signals, and what it started with. */
static struct {
    volatile sig_atomic_t caught;
    mode_t umask;
} process;

static void on_signal(int number)
{
    process.caught = number;
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

/*
 * Blocks that each picture takes and frees again stay in the process: to get their pages anew took half of the time of
 * small pictures. The rows of large ones go back to the system.
 */
static void keep_freed_memory(void)
{
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 4 << 20);
    mallopt(M_TRIM_THRESHOLD, 8 << 20);
    mallopt(M_ARENA_MAX, 1); /* one of a thread takes 64 MiB of address space, which is limited */
#endif
}

void process_start(void)
{
    keep_freed_memory();
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        fill_descriptor(fd);
    /* SIGPIPE too: else a report that nobody reads leaves a temporary file. */
    static const int ending[] = {SIGINT,  SIGTERM, SIGHUP,  SIGPIPE,   SIGQUIT, SIGXCPU,
                                 SIGUSR1, SIGUSR2, SIGALRM, SIGVTALRM, SIGPROF};
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
        catch_signal(ending[i]);
    signal(SIGXFSZ, SIG_IGN);
    process.umask = umask(077); /* it can only be read by setting it */
    umask(process.umask);
}

void process_follow(pid_t parent)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent)
        process.caught = SIGTERM;
}

mode_t process_umask(void)
{
    return process.umask;
}

int process_interrupted(void)
{
    return process.caught;
}

void process_interrupt(int number)
{
    if (process.caught == 0)
        process.caught = number;
}

void process_end(void)
{
    int number = process.caught;
    if (number == 0)
        return;
    signal(number, SIG_DFL);
    raise(number);
}
