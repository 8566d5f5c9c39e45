/*
 * A job goes to a worker process as a number, and comes back as frames (wire.h). A process that dies takes one job with it,
 * and another process goes on.
 *
 * What a job hands over may have to wait for the end of an earlier job. If all processes wait for one that none of them
 * has, one more process does that job.
 *
 * Memory: each worker may use its share of the budget. One that needs more waits until others have ended their jobs. Those
 * that wait for nothing but the earliest job do not count: it goes first, whatever they have.
 */
#include "cli/run/pool.h"

#include "cli/files/process.h"
#include "cli/run/wire.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TEND_MS = 100 };

/* A worker process, seen from here. */
struct member {
    pid_t pid; /* 0: there is none */
    int socket;
    size_t job[WIRE_JOBS_MAX]; /* that it has: the first is done, or about to be */
    unsigned jobs;
    uint64_t memory; /* that its job may use; 0: it has no job, or waits for memory */
    uint64_t wants;  /* that it waits for, in all; 0: for nothing */
    bool closed;     /* nothing more comes but what was read */
    struct frame_reader reader;
    struct delivery delivery;
};

struct pool {
    const struct pool_work *work;
    pid_t process;         /* this one */
    unsigned members;      /* the workers, and one more */
    struct member *member; /* [members] */
    struct pollfd *poll;   /* [members] */
    uint64_t share;
    size_t *returned; /* [WIRE_JOBS_MAX * members] jobs of processes that died before they began them */
    size_t n_returned;
    bool no_more; /* a process could not be started */
    bool signalled;
    struct why why; /* why it could not */
};

/* ---- processes ----------------------------------------------------------------------------------------------------- */

/* The exit status of a worker process that a signal ended: it has begun none of its jobs. */
enum { ENDED_BETWEEN_JOBS = 3 };

/* The worker process. It does not return. */
static void serve(const struct pool *pool, int socket)
{
    struct wire wire;
    size_t job;
    process_follow(pool->process);
    wire_open(&wire, socket, pool->work->memory - pool->share);
    while (wire_next_job(&wire, &job))
        pool->work->work(pool->work->to, job, &wire.base, &wire.rest);
    wire_close(&wire);
    _exit(process_interrupted() ? ENDED_BETWEEN_JOBS : 0);
}

static bool start(struct pool *pool, struct member *m)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return why_set(&pool->why, "%s", strerror(errno));
    pid_t pid = fork();
    if (pid == 0) {
        for (unsigned i = 0; i < pool->members; i++)
            if (pool->member[i].pid > 0)
                close(pool->member[i].socket);
        close(ends[0]);
        serve(pool, ends[1]);
    }
    int error = errno;
    close(ends[1]);
    if (pid > 0) {
        *m = (struct member){.pid = pid, .socket = ends[0]};
        return true;
    }
    close(ends[0]);
    return why_set(&pool->why, "%s", strerror(error));
}

/* Closes the socket, upon which the process ends, and waits for that. Returns how it ended. */
static int end(struct member *m)
{
    int status = 0;
    close(m->socket);
    while (waitpid(m->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    frame_reader_free(&m->reader);
    delivery_free(&m->delivery);
    *m = (struct member){.pid = 0};
    return status;
}

static void end_all(struct pool *pool, int signal)
{
    for (unsigned i = 0; i < pool->members; i++)
        if (pool->member[i].pid > 0 && signal)
            kill(pool->member[i].pid, signal);
    for (unsigned i = 0; i < pool->members; i++)
        if (pool->member[i].pid > 0)
            end(&pool->member[i]);
}

/* ---- memory -------------------------------------------------------------------------------------------------------- */

static bool anyone_waits(const struct pool *pool)
{
    for (unsigned i = 0; i < pool->members; i++)
        if (pool->member[i].wants > 0)
            return true;
    return false;
}

/* Whether so much is left, or the job is the earliest: the others may wait for its end. */
static bool may_have(const struct pool *pool, const struct member *m, uint64_t bytes)
{
    uint64_t taken = 0;
    bool earliest = true;
    for (unsigned i = 0; i < pool->members; i++) {
        const struct member *other = &pool->member[i];
        if (other == m || other->jobs == 0)
            continue;
        taken += other->memory;
        earliest &= other->job[0] > m->job[0];
    }
    bool others_wait = earliest && !pool->work->accepts(pool->work->to, m->job[0] + 1);
    return taken + bytes <= pool->work->memory || others_wait;
}

/* Gives memory to those that wait for it: the earliest job first, so that none waits for ever. */
static void give_memory(struct pool *pool)
{
    for (;;) {
        struct member *first = NULL;
        for (unsigned i = 0; i < pool->members; i++) {
            struct member *m = &pool->member[i];
            if (m->wants > 0 && (!first || m->job[0] < first->job[0]))
                first = m;
        }
        if (!first || !may_have(pool, first, first->wants))
            return;
        first->memory = first->wants;
        first->wants = 0;
        wire_send(first->socket, WIRE_MEMORY, first->memory);
    }
}

/* ---- jobs ---------------------------------------------------------------------------------------------------------- */

static size_t *earliest_returned(struct pool *pool)
{
    size_t *first = pool->n_returned > 0 ? pool->returned : NULL;
    for (size_t i = 1; i < pool->n_returned; i++)
        if (pool->returned[i] < *first)
            first = &pool->returned[i];
    return first;
}

/* Always true. */
static bool take_returned(struct pool *pool, size_t *returned, size_t *job)
{
    *job = *returned;
    *returned = pool->returned[--pool->n_returned];
    return true;
}

/*
 * For a process that does its jobs one after another: each is behind the one before, so that none waits behind one that may
 * have to wait for its end.
 */
static bool next_job(struct pool *pool, const struct member *m, size_t *job)
{
    const size_t *after = m->jobs > 0 ? &m->job[m->jobs - 1] : NULL;
    size_t *returned = earliest_returned(pool);
    if (!returned)
        return pool->work->next(pool->work->to, after, job);
    if (after && *after > *returned)
        return false;
    return take_returned(pool, returned, job);
}

/* A job that waits for none that no process has. */
static bool next_accepted(struct pool *pool, size_t *job)
{
    size_t *returned = earliest_returned(pool);
    if (!returned || !pool->work->accepts(pool->work->to, *returned))
        return pool->work->next(pool->work->to, NULL, job);
    return take_returned(pool, returned, job);
}

static void assign(struct pool *pool, struct member *m, size_t job)
{
    m->job[m->jobs++] = job;
    if (m->memory == 0)
        m->memory = pool->share;
    wire_send(m->socket, WIRE_JOB, job); /* if it cannot be sent, its end shows when it is read */
}

/*
 * Whether it is the turn of what the process does. After a signal it is always: the jobs before it may never be done, and
 * no output takes anything more.
 */
static bool is_accepted(const struct pool *pool, const struct member *m)
{
    return pool->signalled || m->jobs == 0 || pool->work->accepts(pool->work->to, m->job[0]);
}

static bool has_work(const struct pool *pool)
{
    for (unsigned i = 0; i < pool->members; i++)
        if (pool->member[i].jobs > 0)
            return true;
    return false;
}

/* Whether there are jobs, and all wait for the end of one that no process has. */
static bool is_held_up(const struct pool *pool)
{
    for (unsigned i = 0; i < pool->members; i++)
        if (pool->member[i].jobs > 0 && is_accepted(pool, &pool->member[i]))
            return false;
    return has_work(pool);
}

/* Whether the process has so many jobs, or could be started. */
static bool has_jobs(const struct pool *pool, const struct member *m, unsigned jobs)
{
    return m->jobs == jobs && (m->pid > 0 || (jobs == 0 && !pool->no_more));
}

static void give_job(struct pool *pool, struct member *m, size_t job)
{
    if (m->pid > 0 || start(pool, m)) {
        assign(pool, m, job);
    } else {
        pool->no_more = true;
        pool->returned[pool->n_returned++] = job;
    }
}

/* One process gets the job for whose end all others wait. */
static void relieve(struct pool *pool)
{
    unsigned i = 0;
    size_t job;
    while (i < pool->members && !has_jobs(pool, &pool->member[i], 0))
        i++;
    if (i < pool->members && next_accepted(pool, &job))
        give_job(pool, &pool->member[i], job);
}

/* Each worker gets a job, and then more, so that it need not wait for the next. */
static void hand_out(struct pool *pool)
{
    size_t job;
    for (unsigned jobs = 0; jobs < WIRE_JOBS_MAX; jobs++)
        for (unsigned i = 0; i < pool->work->workers; i++) {
            if (!has_jobs(pool, &pool->member[i], jobs))
                continue;
            if (!next_job(pool, &pool->member[i], &job))
                return;
            give_job(pool, &pool->member[i], job);
        }
}

static void begin_jobs(struct pool *pool)
{
    if (is_held_up(pool))
        relieve(pool);
    else if (!anyone_waits(pool))
        hand_out(pool);
}

static void end_job(struct pool *pool, struct member *m)
{
    delivery_free(&m->delivery);
    memmove(m->job, m->job + 1, --m->jobs * sizeof *m->job);
    m->memory = m->jobs > 0 ? pool->share : 0;
}

/* Says how the process ended of which nothing more comes. */
static void describe_death(int status, struct why *why)
{
    if (WIFSIGNALED(status))
        why_set(why, "its worker process was ended by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        why_set(why, "its worker process ended early, with status %d", WEXITSTATUS(status));
}

/* The process was lost with the job. */
static void lose_job(struct pool *pool, size_t job, int status)
{
    struct result failed = {.status = RESULT_FAILED, .job = job};
    describe_death(status, &failed.why);
    pool->work->died(pool->work->to, job);
    pool->work->receiver->take_result(pool->work->receiver, &failed);
}

/* The first of its jobs has failed with it if it was begun, and another process does the others. */
static void bury(struct pool *pool, struct member *m)
{
    const struct member was = *m;
    int status = end(m);
    unsigned begun = !WIFEXITED(status) || WEXITSTATUS(status) != ENDED_BETWEEN_JOBS;
    if (was.jobs == 0 || process_interrupted())
        return;
    if (begun)
        lose_job(pool, was.job[0], status);
    for (unsigned i = begun; i < was.jobs; i++)
        pool->returned[pool->n_returned++] = was.job[i];
}

/* Hands on what was read and is accepted. False: it is nothing that a worker process sends. */
static bool deliver(struct pool *pool, struct member *m, bool *delivered)
{
    struct frame frame;
    bool ended;
    *delivered = false;
    while (m->jobs > 0 && is_accepted(pool, m) && frame_next(&m->reader, &frame)) {
        *delivered = true;
        ended = false;
        if (frame.kind == WIRE_WANTS) {
            m->wants = m->memory + wire_number(&frame);
            m->memory = 0;
        } else if (!wire_deliver(&m->delivery, &frame, m->job[0], pool->work->receiver, &ended)) {
            return false;
        }
        if (ended)
            end_job(pool, m);
    }
    return true;
}

static bool is_heard(const struct pool *pool, const struct member *m)
{
    return m->pid > 0 && is_accepted(pool, m);
}

/* Hands on what all have sent, until nothing more is accepted: what one sent may make it the turn of another. */
static void deliver_all(struct pool *pool)
{
    bool again = true;
    while (again) {
        again = false;
        for (unsigned i = 0; i < pool->members; i++) {
            struct member *m = &pool->member[i];
            bool delivered;
            if (!is_heard(pool, m))
                continue;
            bool ok = deliver(pool, m, &delivered);
            again |= delivered;
            if (!ok)
                kill(m->pid, SIGKILL);
            if (!ok || (m->closed && is_heard(pool, m)))
                bury(pool, m);
        }
    }
}

/* Waits until a process has something to say whose turn it is, and reads that. */
static void listen_to_all(struct pool *pool)
{
    for (unsigned i = 0; i < pool->members; i++) {
        const struct member *m = &pool->member[i];
        pool->poll[i] = (struct pollfd){.fd = is_heard(pool, m) && !m->closed ? m->socket : -1, .events = POLLIN};
    }
    if (poll(pool->poll, pool->members, TEND_MS) <= 0)
        return;
    for (unsigned i = 0; i < pool->members; i++)
        if (pool->poll[i].revents)
            pool->member[i].closed = frame_read(&pool->member[i].reader, pool->member[i].socket, false) < 0;
}

/*
 * A signal ends the processes too: what they have done is taken, and no job is begun. Each gets the signal again and again
 * until it ends, because one that was about to wait for a pipe waits on.
 */
static void pass_signal_on(struct pool *pool)
{
    int number = process_interrupted();
    for (unsigned i = 0; number && i < pool->members; i++)
        if (pool->member[i].pid > 0)
            kill(pool->member[i].pid, number);
    pool->signalled = number != 0;
}

/* Does the next job in this process. False: there is none. */
static bool do_alone(struct pool *pool)
{
    const struct pool_work *work = pool->work;
    size_t job;
    if (!pool->no_more || pool->signalled || !next_accepted(pool, &job))
        return false;
    work->alone(work->to, &pool->why);
    work->work(work->to, job, work->receiver, NULL);
    return true;
}

static void run(struct pool *pool)
{
    for (;;) {
        pass_signal_on(pool);
        if (!pool->work->tend(pool->work->to)) {
            end_all(pool, SIGKILL);
            return;
        }
        give_memory(pool);
        if (!pool->signalled)
            begin_jobs(pool);
        if (has_work(pool) && !(pool->no_more && is_held_up(pool)))
            listen_to_all(pool);
        else if (!do_alone(pool) && !has_work(pool))
            break;
        deliver_all(pool);
    }
    end_all(pool, 0);
}

bool pool_run(const struct pool_work *work, struct why *why)
{
    struct pool pool = {
        .work = work, .process = getpid(), .members = work->workers + 1, .share = work->memory / work->workers};
    pool.member = calloc(pool.members, sizeof *pool.member);
    pool.poll = calloc(pool.members, sizeof *pool.poll);
    pool.returned = calloc((size_t)WIRE_JOBS_MAX * pool.members, sizeof *pool.returned);
    bool ok = (pool.member && pool.poll && pool.returned) || why_memory(why);
    if (ok)
        run(&pool);
    free(pool.member);
    free(pool.poll);
    free(pool.returned);
    return ok;
}
