#include "cli/run/member.h"

#include "cli/files/process.h"
#include "cli/run/death.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* The exit status of a worker process that a signal ended before it began a job. */
enum { ENDED_BETWEEN_JOBS = 3 };

bool members_new(struct members *members, unsigned n)
{
    *members = (struct members){.n = n, .member = calloc(n, sizeof *members->member)};
    return members->member != NULL;
}

/* In a process that was just forked: closes what leads to the others. */
static void leave_others(const struct members *members)
{
    for (unsigned i = 0; i < members->n; i++)
        if (members->member[i].pid > 0)
            close(members->member[i].socket);
}

bool member_start(struct members *members, struct member *m, bool (*serve)(void *to, int socket, const size_t *own),
                  void *to, const size_t *own, struct why *why)
{
    static const struct timeval patience = {.tv_usec = 100000}; /* a worker that was taken over may read nothing */
    int ends[2];
    pid_t parent = getpid();
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return why_set(why, "%s", strerror(errno));
    pid_t pid = fork();
    if (pid == 0) {
        leave_others(members);
        close(ends[0]);
        process_follow(parent);
        bool served = serve(to, ends[1], own);
        _exit(process_interrupted() ? ENDED_BETWEEN_JOBS : served ? 0 : DEATH_UNABLE);
    }
    int error = errno;
    close(ends[1]);
    if (pid > 0) {
        setsockopt(ends[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        *m = (struct member){.pid = pid, .socket = ends[0], .own = own != NULL};
        m->reader.takes_fds = m->delivery.may_make = own != NULL;
        return true;
    }
    close(ends[0]);
    return why_set(why, "%s", strerror(error));
}

/* Whether the process ends within a moment; *status <- how. The waits grow, so that most ends are noticed at once. */
static bool ends_soon(pid_t pid, int *status)
{
    enum { FIRST_NS = 50000, WAITS = 12 /* 0.2 s together */ };
    struct timespec pause = {.tv_nsec = FIRST_NS};
    for (int i = 0; i < WAITS; i++, pause.tv_nsec *= 2) {
        if (waitpid(pid, status, WNOHANG) == pid)
            return true;
        nanosleep(&pause, NULL);
    }
    return false;
}

int member_end(struct member *m)
{
    int status = 0;
    close(m->socket);
    bool ended = ends_soon(m->pid, &status);
    if (!ended)
        kill(m->pid, SIGKILL); /* one that was taken over might not end */
    while (!ended && waitpid(m->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    frame_reader_free(&m->reader);
    delivery_free(&m->delivery);
    *m = (struct member){.pid = 0};
    return status;
}

bool member_ended_in_job(int status)
{
    return !WIFEXITED(status) || WEXITSTATUS(status) != ENDED_BETWEEN_JOBS;
}

bool members_have_jobs(const struct members *members)
{
    for (unsigned i = 0; i < members->n; i++)
        if (members->member[i].jobs > 0)
            return true;
    return false;
}

void members_signal(const struct members *members, int signal)
{
    for (unsigned i = 0; i < members->n; i++)
        if (members->member[i].pid > 0)
            kill(members->member[i].pid, signal);
}

void members_end(struct members *members)
{
    for (unsigned i = 0; i < members->n; i++)
        if (members->member[i].pid > 0)
            member_end(&members->member[i]);
}

void members_free(struct members *members)
{
    free(members->member);
}
