/*
 * A job goes to a worker process with its open files, and comes back as frames (wire.h). A process that dies takes one job
 * with it, and another process goes on.
 *
 * What a job hands over may have to wait for the end of an earlier job. If all processes wait for one that none of them
 * has, one more process does that job.
 */
#include "cli/run/pool.h"

#include "cli/files/process.h"
#include "cli/run/grants.h"
#include "cli/run/member.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TEND_MS = 100, GRACE_SECONDS = 2 /* to end after a signal */, SPARED_MAX = 64 };

struct pool {
    const struct pool_work *work;
    struct members members; /* the workers, and one more */
    struct pollfd *poll;    /* [members.n] */
    uint64_t share;
    size_t *returned; /* [WIRE_JOBS_MAX * members.n] jobs of processes that died before they began them */
    size_t n_returned;
    bool no_more;    /* a process could not be started, */
    struct why why;  /* for this reason */
    unsigned spared; /* processes that ended before they began their first job */
    bool signalled;
    struct timespec since; /* of the signal */
};

/* In a worker process. */
static bool serve(void *to, int socket, const size_t *own)
{
    const struct pool *pool = to;
    return pool->work->serve(pool->work->to, socket, own);
}

/* ---- which jobs go to whom ------------------------------------------------------------------------------------------ */

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
}

static void give_back(struct pool *pool, size_t job)
{
    pool->returned[pool->n_returned++] = job;
}

/*
 * Whether it is the turn of what the process does. After a signal it is always: the jobs before it may never be done, and
 * no output takes anything more.
 */
static bool is_accepted(const struct pool *pool, const struct member *m)
{
    return pool->signalled || m->jobs == 0 || pool->work->accepts(pool->work->to, m->job[0]);
}

/* Whether there are jobs, and all wait for the end of one that no process has. */
static bool is_held_up(const struct pool *pool)
{
    for (unsigned i = 0; i < pool->members.n; i++)
        if (pool->members.member[i].jobs > 0 && is_accepted(pool, &pool->members.member[i]))
            return false;
    return members_have_jobs(&pool->members);
}

/* Whether a job has room in the socket of the process. One that reads nothing fills the socket. */
static bool has_room(const struct member *m)
{
    struct pollfd one = {.fd = m->socket, .events = POLLOUT};
    return poll(&one, 1, 0) != 0;
}

/* Whether the process has so many jobs and could take one more, or could be started. */
static bool has_jobs(const struct pool *pool, const struct member *m, unsigned jobs)
{
    return m->jobs == jobs && (jobs == 0 || has_room(m)) && !(m->own && jobs > 0) &&
           (m->pid > 0 || (jobs == 0 && !pool->no_more));
}

static bool start(struct pool *pool, struct member *m, const size_t *own)
{
    return member_start(&pool->members, m, serve, pool, own, &pool->why);
}

/* A process of its own takes the place of one that has nothing to do. */
static bool start_own(struct pool *pool, struct member *m, size_t job)
{
    if (m->jobs > 0)
        return false;
    member_end(m);
    pool->no_more |= !start(pool, m, &job);
    if (m->pid > 0)
        assign(pool, m, job);
    return m->pid > 0;
}

/* False: the job was given back. */
static bool give_job(struct pool *pool, struct member *m, size_t job)
{
    const struct pool_work *work = pool->work;
    struct why why = {0};
    if (m->pid > 0 && (m->own || !has_room(m))) /* it has done its job; or it has none, and reads nothing */
        member_end(m);
    bool given = m->pid > 0 || start(pool, m, NULL);
    pool->no_more |= !given;
    enum pool_given how = given ? work->give(work->to, job, m->socket, &why) : POOL_LATER;
    if (how == POOL_GIVEN)
        assign(pool, m, job);
    else if (how == POOL_LATER)
        given = false;
    else
        given = start_own(pool, m, job);
    if (!given)
        give_back(pool, job);
    bool nothing_ends = !members_have_jobs(&pool->members) || is_held_up(pool); /* that would make it go later */
    if (how == POOL_LATER && nothing_ends && !pool->no_more) {
        pool->no_more = true;
        pool->why = why;
    }
    return given;
}

/* One process gets the job for whose end all others wait. */
static void relieve(struct pool *pool)
{
    unsigned i = 0;
    size_t job;
    while (i < pool->members.n && !has_jobs(pool, &pool->members.member[i], 0))
        i++;
    if (i < pool->members.n && next_accepted(pool, &job))
        give_job(pool, &pool->members.member[i], job);
}

/* Each worker gets a job, and then more, so that it need not wait for the next. */
static void hand_out(struct pool *pool)
{
    size_t job;
    for (unsigned jobs = 0; jobs <= pool->work->jobs_ahead; jobs++)
        for (unsigned i = 0; i < pool->work->workers; i++) {
            if (!has_jobs(pool, &pool->members.member[i], jobs))
                continue;
            if (!next_job(pool, &pool->members.member[i], &job) || !give_job(pool, &pool->members.member[i], job))
                return;
        }
}

static void begin_jobs(struct pool *pool)
{
    if (is_held_up(pool))
        relieve(pool);
    else if (!grants_are_wanted(&pool->members))
        hand_out(pool);
}

/* ---- what comes of them --------------------------------------------------------------------------------------------- */

static void end_job(struct pool *pool, struct member *m)
{
    delivery_free(&m->delivery);
    memmove(m->job, m->job + 1, --m->jobs * sizeof *m->job);
    m->memory = m->jobs > 0 ? pool->share : 0;
}

/* The process was lost with the job. `forged`: it was ended here, for what it sent. */
static void lose_job(struct pool *pool, size_t job, int status, bool forged)
{
    struct result failed = {.status = RESULT_FAILED, .job = job};
    if (forged)
        why_set(&failed.why, "its worker process was ended, because it sent what no decoder makes it send");
    pool->work->died(pool->work->to, job, status, &failed.why);
    pool->work->receiver->take_result(pool->work->receiver, &failed);
}

/*
 * Whether the process was in its first job. One that a signal ended was not; one that was taken over says so too, and
 * again when another process does the job, and so is not believed for ever.
 */
static bool was_begun(struct pool *pool, int status)
{
    return member_ended_in_job(status) || pool->spared++ >= SPARED_MAX;
}

/*
 * The first of its jobs has failed with it if it was begun, and another process does the others. One with a process of its
 * own was: what a pipe brought, or got, cannot be taken back.
 */
static void bury(struct pool *pool, struct member *m, bool forged)
{
    const struct member was = *m;
    int status = member_end(m);
    if (was.jobs == 0 || process_interrupted())
        return;
    unsigned begun = forged || was.own || was_begun(pool, status);
    if (begun)
        lose_job(pool, was.job[0], status, forged);
    for (unsigned i = begun; i < was.jobs; i++)
        give_back(pool, was.job[i]);
}

/*
 * A worker asks for what is left of the budget at most, and then waits. One that does not wait fills its socket with
 * answers, which would stop this process. False: it is no worker of this program.
 */
static bool take_wish(const struct pool *pool, struct member *m, uint64_t bytes)
{
    enum { WANTS_MAX = 100 };
    if (m->wants > 0 || bytes == 0 || bytes > pool->work->memory - m->memory || m->delivery.wants++ >= WANTS_MAX)
        return false;
    grants_want(m, bytes);
    return true;
}

/* Hands on what was read and is accepted. False: it is nothing that a worker process sends, or it has no job to speak of.
 */
static bool deliver(struct pool *pool, struct member *m, bool *delivered)
{
    struct frame frame;
    bool ended;
    *delivered = false;
    while (m->jobs > 0 && is_accepted(pool, m) && frame_next(&m->reader, &frame)) {
        *delivered = true;
        ended = false;
        bool ok = frame.kind == WIRE_WANTS ? take_wish(pool, m, wire_number(&frame))
                                           : wire_deliver(&m->delivery, &frame, m->job[0], pool->work->receiver, &ended);
        if (!ok)
            return false;
        m->reader.takes_fds = m->delivery.may_make;
        if (ended)
            end_job(pool, m);
    }
    return !frame_is_broken(&m->reader) && (m->jobs > 0 || !frame_is_begun(&m->reader));
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
        for (unsigned i = 0; i < pool->members.n; i++) {
            struct member *m = &pool->members.member[i];
            bool delivered;
            if (!is_heard(pool, m))
                continue;
            bool ok = deliver(pool, m, &delivered);
            again |= delivered;
            if (!ok || (m->closed && is_heard(pool, m)))
                bury(pool, m, !ok);
        }
    }
}

/* Waits until a process has something to say whose turn it is, and reads that. */
static void listen_to_all(struct pool *pool)
{
    for (unsigned i = 0; i < pool->members.n; i++) {
        const struct member *m = &pool->members.member[i];
        pool->poll[i] = (struct pollfd){.fd = is_heard(pool, m) && !m->closed ? m->socket : -1, .events = POLLIN};
    }
    if (poll(pool->poll, pool->members.n, TEND_MS) <= 0)
        return;
    for (unsigned i = 0; i < pool->members.n; i++) {
        struct member *m = &pool->members.member[i];
        if (pool->poll[i].revents)
            m->closed = frame_read(&m->reader, m->socket, false) < 0;
    }
}

/* Whether the signal came so long ago that a process which is still there does not heed it. */
static bool is_overdue(const struct pool *pool)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec - pool->since.tv_sec > GRACE_SECONDS;
}

/*
 * A signal ends the processes too: what they have done is taken, and no job is begun. Each gets a SIGTERM again and again
 * until it ends, because one that was about to wait for a pipe waits on; and a SIGKILL if it goes on decoding.
 */
static void pass_signal_on(struct pool *pool)
{
    if (!pool->signalled)
        clock_gettime(CLOCK_MONOTONIC, &pool->since);
    pool->signalled = process_interrupted() != 0;
    if (pool->signalled)
        members_signal(&pool->members, is_overdue(pool) ? SIGKILL : SIGTERM);
}

/* Does the next job in this process. False: there is none. */
static bool do_alone(struct pool *pool)
{
    const struct pool_work *work = pool->work;
    size_t job;
    if (!pool->no_more || pool->signalled || !next_accepted(pool, &job))
        return false;
    work->work_alone(work->to, job, &pool->why);
    return true;
}

static void run(struct pool *pool)
{
    for (;;) {
        pass_signal_on(pool);
        if (!pool->work->tend(pool->work->to)) {
            members_signal(&pool->members, SIGKILL);
            break;
        }
        grants_give(&pool->members, pool->work);
        if (!pool->signalled)
            begin_jobs(pool);
        if (members_have_jobs(&pool->members) && !(pool->no_more && is_held_up(pool)))
            listen_to_all(pool);
        else if (!do_alone(pool) && !members_have_jobs(&pool->members))
            break;
        deliver_all(pool);
    }
    members_end(&pool->members);
}

enum pool_given pool_give(struct job_files *files, size_t job, int socket, struct why *why)
{
    if (job_files_need_process(files) || !job_files_fit(files))
        return POOL_OWN;
    return wire_send_job(socket, files, job, why) == FRAME_LATER ? POOL_LATER : POOL_GIVEN;
}

bool pool_run(const struct pool_work *work, struct why *why)
{
    struct pool pool = {.work = work, .share = work->memory / work->workers};
    bool ok = members_new(&pool.members, work->workers + 1);
    pool.poll = calloc(pool.members.n, sizeof *pool.poll);
    pool.returned = calloc((size_t)WIRE_JOBS_MAX * pool.members.n, sizeof *pool.returned);
    ok = (ok && pool.poll && pool.returned) || why_memory(why);
    if (ok)
        run(&pool);
    members_free(&pool.members);
    free(pool.poll);
    free(pool.returned);
    return ok;
}
