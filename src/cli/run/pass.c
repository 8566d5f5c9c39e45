#include "cli/run/pass.h"

#include "cli/files/names.h"
#include "cli/files/pages.h"
#include "cli/files/process.h"
#include "cli/files/processors.h"
#include "cli/msg.h"
#include "cli/run/death.h"
#include "cli/run/pool.h"
#include "cli/run/serve.h"
#include "cli/run/wire.h"

#include <signal.h>

/* ---- what the jobs hand over ---------------------------------------------------------------------------------------- */

static struct pass *pass_of(struct receiver *receiver)
{
    return (struct pass *)receiver;
}

static void pass_on(void *to, struct result *result)
{
    struct pass *p = to;
    p->vain = p->vain || !p->fold(p->to, result);
}

/* An output that nobody reads ends the run, whatever process writes it. */
static void take_result(struct receiver *to, struct result *result)
{
    const char *output = pass_of(to)->plan->job[result->job].output;
    if (result->unread && output && file_may_wait(output))
        process_interrupt(SIGPIPE);
    tally_advance(pass_of(to)->tally, result);
    queue_take_result(&pass_of(to)->queue, result);
}

static void keep_output(struct receiver *to, struct file_sink *made, const struct codec *codec, size_t job)
{
    struct pass *p = pass_of(to);
    *queue_codec(&p->queue, job) = codec;
    if (!made)
        return;
    made->name = p->plan->job[job].output;
    queue_keep_output(&p->queue, made, job);
}

static void take_output(struct receiver *to, struct file_sink *complete, size_t job)
{
    queue_take_output(&pass_of(to)->queue, complete, job);
}

/* After a signal, pictures come whose turn it is not; and a decoder that was taken over may send some without a stack. */
static bool may_stack(const struct pass *p, struct why *why)
{
    if (!p->shared.stacked || p->measuring)
        return why_set(why, "its worker process sent a picture for a stack");
    return !process_interrupted() || why_set(why, "interrupted");
}

static bool begin_picture(struct receiver *to, const struct picture_info *info, struct notes *notes, struct why *why)
{
    return may_stack(pass_of(to), why) && stack_begin(pass_of(to)->stack, pass_of(to)->queue.next, info, notes, why);
}

static bool write_rows(struct receiver *to, const struct rows *rows, struct why *why)
{
    return may_stack(pass_of(to), why) && stack_write(pass_of(to)->stack, rows, why);
}

/* ---- jobs ----------------------------------------------------------------------------------------------------------- */

/* Does a job, in this process or in a worker process. */
static void work(void *to, size_t i, struct job_files *files, struct receiver *receiver, struct budget_rest *rest)
{
    struct pass *p = to;
    const struct job *job = &p->plan->job[i];
    struct result end;
    p->worker.receiver = receiver;
    p->worker.limited = rest != NULL;
    p->reading.rest = rest;
    p->reading.memory = p->plan->reading.memory / (rest ? p->plan->workers : 1);
    if (p->measuring)
        job_measure(&p->worker, job, files, &end);
    else if (p->plan->reporting.stats && files->is_statistics)
        job_read_statistics(&p->worker, job, files, &end);
    else
        job_run(&p->worker, job, files, &p->shared, &end);
    end.unread = end.status == RESULT_FAILED && process_interrupted() == SIGPIPE;
    receiver->take_result(receiver, &end);
}

static bool open_files(struct pass *p, size_t i, struct job_files *files, bool never_waits)
{
    const struct job_opening how = {.request = &p->plan->request,
                                    .reading = &p->reading,
                                    .writing = &p->plan->writing,
                                    .temporaries = &p->temporaries,
                                    .makes_output = !p->measuring && !p->plan->stacked,
                                    .never_waits = never_waits};
    p->reading.memory = p->plan->reading.memory / p->plan->workers;
    bool ok = job_files_open(files, &p->plan->job[i], &how);
    files->views_from = tally_views_from(p->tally);
    return ok;
}

static bool open_all(void *to, size_t i, struct job_files *files)
{
    return open_files(to, i, files, false);
}

/* The processors that would be idle without threads in each worker, if an input is so large that these pay. */
static unsigned spare_processors(const struct pass *p)
{
    enum { LARGE_BYTES = 1 << 20 };
    const struct plan *plan = p->plan;
    struct stat st;
    bool large = false;
    if (p->measuring || plan->stacked)
        return 0;
    for (size_t i = 0; i < plan->n && plan->spare > 0 && !large; i++)
        large = plan->job[i].output && file_stat(plan->job[i].input, &st) && st.st_size >= LARGE_BYTES;
    return large ? plan->spare : 0;
}

static bool serve(void *to, int socket, const size_t *own)
{
    struct pass *p = to;
    const struct plan *plan = p->plan;
    uint64_t share = plan->reading.memory / plan->workers;
    const struct service service = {.to = p,
                                    .work = work,
                                    .open = open_all,
                                    .memory = share,
                                    .rest = plan->reading.memory - share,
                                    .confined = plan->sandbox,
                                    .spare = spare_processors(p),
                                    .behind = &p->worker.behind,
                                    .crew = &p->worker.crew};
    return own ? serve_one(&service, socket, *own) : serve_jobs(&service, socket);
}

/* The inputs are the worker's now; of the output this process has the name, and a descriptor too. */
static void keep_made(struct pass *p, size_t i, struct job_files *files)
{
    keep_output(&p->receiver, files->made ? &files->output : NULL, job_files_codec(files), i);
    files->made = false;
}

static enum pool_given give(void *to, size_t i, int socket, struct why *why)
{
    struct pass *p = to;
    struct job_files files;
    bool opened = open_files(p, i, &files, true) || why_memory(why);
    enum pool_given how = opened ? pool_give(&files, i, socket, why) : POOL_LATER;
    if (how == POOL_GIVEN)
        keep_made(p, i, &files);
    job_files_free(&files);
    return how;
}

/* Whether there is nothing to do for the job: its end is known. */
static bool is_settled(struct pass *p, size_t i)
{
    struct result done = {.status = RESULT_DONE, .job = i};
    if (p->worker.search && gather_find_missing(p->gather, i)) {
        tally_advance(p->tally, &done);
        queue_take_result(&p->queue, &done);
        return true;
    }
    struct result skipped = {.status = RESULT_SKIPPED, .job = i};
    struct result *end = p->plan->job[i].skip ? &skipped : gather_find_missing(p->gather, i);
    if (p->measuring || !end)
        return false;
    tally_advance(p->tally, end);
    queue_take_result(&p->queue, end);
    end->job = i; /* what is left of it is found again */
    return true;
}

/*
 * What is no file, such as a pipe, keeps its place: whoever is at its other end may wait for the pipes in their order. One
 * worker does all in their order.
 */
static uint64_t size_of(void *to, size_t i)
{
    struct pass *p = to;
    const struct job *job = &p->plan->job[i];
    struct stat st;
    if (p->plan->workers == 1 || (job->skip && !p->measuring))
        return 0;
    bool file = file_stat(job->input, &st) && S_ISREG(st.st_mode) && !(job->output && file_is_special(job->output));
    return file ? (uint64_t)st.st_size : 0;
}

/* A second pass is of the same files as the first. */
static void mark(struct job *job)
{
    struct stat st;
    if (file_stat(job->input, &st))
        job->mark = fingerprint_of(&st);
}

static bool next_job(void *to, const size_t *after, size_t *i)
{
    struct pass *p = to;
    struct schedule *s = &p->schedule;
    unsigned workers = p->plan->workers;
    if (after && (s->first < *after || !schedule_may_wait(s, workers, 1 + p->jobs_ahead)))
        return false;
    bool in_order = after || p->plan->stacked || queue_is_full(&p->queue);
    while (!p->vain && !process_interrupted() && schedule_next(s, p->queue.next + QUEUE_JOBS, in_order ? 1 : workers, i)) {
        if (is_settled(p, *i))
            continue;
        if (p->measuring ? !p->worker.search : !p->shared.series)
            mark(&p->plan->job[*i]);
        return true;
    }
    return false;
}

/* ---- the pass ------------------------------------------------------------------------------------------------------- */

/* The pictures of a stack are taken in their order; and so are results, once many wait. */
static bool accepts(void *to, size_t job)
{
    const struct pass *p = to;
    return job == p->queue.next || !(p->plan->stacked || queue_is_full(&p->queue));
}

static bool tend(void *to)
{
    struct pass *p = to;
    if (queue_is_due(&p->queue))
        queue_settle(&p->queue);
    p->vain |= p->plan->stacked && !stack_tend(p->stack);
    msg_progress(&p->tally->progress);
    return !p->vain;
}

/* Nobody writes what the worker process has left: the output that is kept, or one that it did not tell of. */
static void died(void *to, size_t job, int status, struct why *why)
{
    struct pass *p = to;
    const struct codec *codec = *queue_codec(&p->queue, job);
    const char *output = p->plan->job[job].output;
    struct notes notes = {0};
    death_describe(status, codec ? codec->name : NULL, p->plan->timeout, why);
    if (output && !p->measuring && !p->plan->stacked)
        file_remove_left(output, &notes);
    notes_free(&notes);
}

static void work_alone(void *to, size_t i, const struct why *why)
{
    struct pass *p = to;
    struct job_files files;
    struct result lost = {.status = RESULT_FAILED, .job = i};
    if (!p->alone)
        msg_warning(NULL, "no worker process can be started (%s): one picture is done after another", why->text);
    p->alone = true;
    if (file_may_wait(p->plan->job[i].input)) /* a pipe may be long in coming */
        queue_settle(&p->queue);
    if (open_files(p, i, &files, false)) {
        work(p, i, &files, &p->receiver, NULL);
    } else {
        why_memory(&lost.why);
        take_result(&p->receiver, &lost);
    }
    job_files_free(&files);
}

void pass_open(struct pass *p)
{
    const struct plan *plan = p->plan;
    p->receiver = (struct receiver){take_result, keep_output, take_output, begin_picture, write_rows};
    p->reading = plan->reading;
    p->shared.stacked = plan->stacked;
    p->shared.careful = plan->stacked && plan->skip_failed;
    p->jobs_ahead = jobs_ahead(plan->workers, WIRE_JOBS_MAX - 1);
    p->worker = (struct worker){.request = &plan->request,
                                .reading = &p->reading,
                                .writing = &plan->writing,
                                .deflicker = plan->deflicker,
                                .timeout = plan->timeout,
                                .skips = plan->skip_failed,
                                .measures = reports_needs(&plan->reporting).moments,
                                .picture.output.from = &pages};
}

bool pass_run(struct pass *p, bool measuring, struct why *why)
{
    const struct pool_work pooled = {.to = p,
                                     .workers = p->plan->workers,
                                     .jobs_ahead = p->jobs_ahead,
                                     .memory = p->plan->reading.memory,
                                     .next = next_job,
                                     .accepts = accepts,
                                     .died = died,
                                     .tend = tend,
                                     .give = give,
                                     .serve = serve,
                                     .work_alone = work_alone,
                                     .receiver = &p->receiver};
    p->measuring = measuring;
    p->schedule = schedule_begin(p->plan->n, size_of, p);
    queue_begin(&p->queue, pass_on, p);
    p->queue.whole = p->plan->skip_failed;
    msg_progress(&p->tally->progress);
    bool ok = pool_run(&pooled, why);
    queue_end(&p->queue);
    return ok;
}

bool pass_search(struct pass *p, const struct search *search, struct why *why)
{
    tally_expect_again(p->tally);
    p->worker.search = search;
    bool ok = pass_run(p, true, why);
    p->worker.search = NULL;
    return ok;
}

void pass_free(struct pass *p)
{
    worker_free(&p->worker);
    temporaries_free(&p->temporaries);
}
