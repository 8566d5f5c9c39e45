#include "cli/run/batch.h"

#include "cli/files/names.h"
#include "cli/files/pages.h"
#include "cli/files/process.h"
#include "cli/msg.h"
#include "cli/report/stats_file.h"
#include "cli/run/job.h"
#include "cli/run/pool.h"
#include "cli/run/queue.h"
#include "cli/run/schedule.h"
#include "cli/run/stack.h"
#include "cli/run/style.h"
#include "cli/run/tally.h"
#include "cli/run/wire.h"

#include <stdlib.h>

/* All jobs of a plan, on their way. */
struct batch {
    struct receiver receiver; /* of what the jobs hand over */
    struct plan *plan;
    struct reading reading; /* of the worker: in a process of several with its share of the memory */
    struct worker worker;
    struct styles styles;
    struct shared shared;
    struct schedule schedule;
    struct queue queue;

    bool measuring; /* the first pass over all inputs */
    struct series series;
    struct why unfit;       /* why a picture cannot be added to the series */
    size_t folded;          /* jobs of the first pass before this one were told of */
    struct result *missing; /* the ends of jobs that failed in it, and that the run goes on without */
    size_t n_missing;

    struct stack stack;
    struct tally tally;
    bool alone; /* that no process can be started was said */
    bool vain;  /* an input failed on which all outputs depend: nothing more is done or reported */
};

/* ---- results of the outputs ---------------------------------------------------------------------------------------- */

static const char stack_depends[] = "no output was written, because a stack depends on each of its inputs";

/* A stack has all its inputs or, with --skip-failed, those that were readable from the start. */
static void fold_stacked(struct batch *b, const struct result *r)
{
    bool failed = r->status == RESULT_FAILED;
    tally_add(&b->tally, r);
    if (result_has_statistics(r))
        return;
    stack_end_job(&b->stack, failed);
    if (!failed || (b->plan->skip_failed && !b->stack.broken))
        return;
    b->vain = true;
    struct why why = {0};
    why_set(&why, "%s", stack_depends);
    for (size_t i = r->job + 1; i < b->plan->n && !process_interrupted(); i++)
        tally_give_up(&b->tally, i, &why);
}

/* ---- results of the first pass -------------------------------------------------------------------------------------- */

static const char *pool_name(const struct batch *b)
{
    return b->plan->deflicker ? "series" : "batch";
}

static int compare_jobs(const void *a, const void *b)
{
    const struct result *x = a, *y = b;
    return x->job < y->job ? -1 : x->job > y->job;
}

/* The end of a job that failed in the first pass, and that the run goes on without; or NULL. */
static struct result *find_missing(const struct batch *b, size_t job)
{
    const struct result key = {.job = job};
    return b->n_missing > 0 ? bsearch(&key, b->missing, b->n_missing, sizeof key, compare_jobs) : NULL;
}

/* No output is written: because of input `culprit`, or of none in particular if that is plan->n. */
static void give_up_all(struct batch *b, size_t culprit, const struct why *own, const struct why *others)
{
    b->vain = true;
    for (size_t i = 0; i < b->plan->n; i++)
        if (i == culprit)
            tally_add(&b->tally, &(struct result){.status = RESULT_FAILED, .job = i, .why = *own});
        else if (find_missing(b, i))
            tally_add(&b->tally, find_missing(b, i));
        else
            tally_give_up(&b->tally, i, others);
    msg_error(NULL, "%s", others->text);
}

/* Keeps the end of a job that failed for the second pass. False: out of memory. */
static bool keep_missing(struct batch *b, struct result *end)
{
    struct result *more = realloc(b->missing, (b->n_missing + 1) * sizeof *more);
    if (!more)
        return false;
    b->missing = more;
    b->missing[b->n_missing++] = *end;
    *end = (struct result){0};
    return true;
}

/* The outputs of a pooled run depend on every input: the first that fails ends it, before any output. */
static void end_measured(struct batch *b, struct result *end)
{
    struct plan *plan = b->plan;
    const struct job *job = &plan->job[end->job];
    bool failed = end->status == RESULT_FAILED;
    if (job->number + 1 < plan->n)
        plan->job[job->number + 1].first = b->series.n;
    if (failed && plan->skip_failed && !process_interrupted() && keep_missing(b, end))
        return;
    msg_notes(&end->notes, job->input);
    if (!failed && !b->unfit.text[0])
        return;
    struct why others = {0};
    why_set(&others, "no output was written, because a %s depends on each of its inputs", pool_name(b));
    give_up_all(b, job->number, b->unfit.text[0] ? &b->unfit : &end->why, &others);
}

/* Adds a result of the first pass to the series. */
static void fold_measured(struct batch *b, struct result *r)
{
    const struct job *job = &b->plan->job[r->job];
    if (job->skip && b->folded <= r->job)
        msg_warning(job->input, "its output exists and stays, but the input is still measured for the %s", pool_name(b));
    b->folded = r->job + 1;
    if (!result_has_statistics(r)) {
        end_measured(b, r);
        return;
    }
    msg_notes(&r->notes, job->input);
    if (!b->unfit.text[0])
        result_gather(r, &b->series, &b->unfit);
}

/* ---- what the jobs hand over ---------------------------------------------------------------------------------------- */

static struct batch *batch_of(struct receiver *receiver)
{
    return (struct batch *)receiver;
}

static void pass_on(void *to, struct result *result)
{
    struct batch *b = to;
    if (b->vain)
        return;
    if (b->measuring)
        fold_measured(b, result);
    else if (b->plan->stacked)
        fold_stacked(b, result);
    else
        tally_add(&b->tally, result);
}

static void take_result(struct receiver *to, struct result *result)
{
    tally_advance(&batch_of(to)->tally, result);
    queue_take_result(&batch_of(to)->queue, result);
}

static void take_output(struct receiver *to, struct file_sink *sealed, size_t job)
{
    struct batch *b = batch_of(to);
    sealed->name = b->plan->job[job].output;
    queue_take_output(&b->queue, sealed, job);
}

/* After a signal, pictures come whose turn it is not. */
static bool may_stack(struct why *why)
{
    return !process_interrupted() || why_set(why, "interrupted");
}

static bool begin_picture(struct receiver *to, const struct picture_info *info, struct notes *notes, struct why *why)
{
    return may_stack(why) && stack_begin(&batch_of(to)->stack, info, notes, why);
}

static bool write_rows(struct receiver *to, const struct rows *rows, struct why *why)
{
    return may_stack(why) && stack_write(&batch_of(to)->stack, rows, why);
}

/* ---- jobs ---------------------------------------------------------------------------------------------------------- */

/* Does a job, in this process or in a worker process. */
static void do_job(void *to, size_t i, struct receiver *receiver, struct budget_rest *rest)
{
    struct batch *b = to;
    const struct job *job = &b->plan->job[i];
    struct result end;
    b->worker.receiver = receiver;
    b->reading.rest = rest;
    b->reading.memory = b->plan->reading.memory / (rest ? b->plan->workers : 1);
    if (b->measuring)
        job_measure(&b->worker, job, &end);
    else if (b->plan->reporting.stats && stats_file_is(job->input))
        job_read_statistics(&b->worker, job, &end);
    else
        job_run(&b->worker, job, &b->shared, &end);
    receiver->take_result(receiver, &end);
}

/* Whether there is nothing to do for the job: its end is known. */
static bool is_settled(struct batch *b, size_t i)
{
    struct result skipped = {.status = RESULT_SKIPPED, .job = i};
    struct result *end = b->plan->job[i].skip ? &skipped : find_missing(b, i);
    if (b->measuring || !end)
        return false;
    tally_advance(&b->tally, end);
    queue_take_result(&b->queue, end);
    end->job = i; /* what is left of it is found again */
    return true;
}

/*
 * What is no file, such as a pipe, keeps its place: whoever is at its other end may wait for the pipes in their order. One
 * worker does all in their order.
 */
static uint64_t size_of(void *to, size_t i)
{
    struct batch *b = to;
    const struct job *job = &b->plan->job[i];
    struct stat st;
    if (b->plan->workers == 1 || (job->skip && !b->measuring))
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
    struct batch *b = to;
    struct schedule *s = &b->schedule;
    unsigned workers = b->plan->workers;
    if (after && (s->first < *after || !schedule_may_wait(s, workers, WIRE_JOBS_MAX)))
        return false;
    bool in_order = after || b->plan->stacked || queue_is_full(&b->queue);
    while (!b->vain && !process_interrupted() && schedule_next(s, b->queue.next + QUEUE_JOBS, in_order ? 1 : workers, i)) {
        if (is_settled(b, *i))
            continue;
        if (b->measuring)
            mark(&b->plan->job[*i]);
        return true;
    }
    return false;
}

/* ---- passes -------------------------------------------------------------------------------------------------------- */

/* The pictures of a stack are taken in their order; and so are results, once many wait. */
static bool accepts(void *to, size_t job)
{
    const struct batch *b = to;
    return job == b->queue.next || !(b->plan->stacked || queue_is_full(&b->queue));
}

static bool tend(void *to)
{
    struct batch *b = to;
    if (queue_is_due(&b->queue))
        queue_settle(&b->queue);
    msg_progress(&b->tally.progress);
    return !b->vain;
}

/* Nobody writes what the worker process has left. */
static void died(void *to, size_t job)
{
    struct batch *b = to;
    const char *output = b->plan->job[job].output;
    struct notes notes = {0};
    if (output && !b->measuring && !b->plan->stacked)
        file_remove_left(output, &notes);
    notes_free(&notes);
}

static void alone(void *to, const struct why *why)
{
    struct batch *b = to;
    if (!b->alone)
        msg_warning(NULL, "no worker process can be started (%s): one picture is done after another", why->text);
    b->alone = true;
}

static void run_alone(struct batch *b)
{
    size_t i;
    while (next_job(b, NULL, &i)) {
        if (!file_is_regular(b->plan->job[i].input)) /* a pipe may be long in coming */
            queue_settle(&b->queue);
        do_job(b, i, &b->receiver, NULL);
        tend(b);
    }
}

/* Does all jobs, and reports them. False: out of memory. */
static bool run_pass(struct batch *b, bool measuring, struct why *why)
{
    bool ok = true;
    const struct pool_work work = {.to = b,
                                   .workers = b->plan->workers,
                                   .memory = b->plan->reading.memory,
                                   .next = next_job,
                                   .accepts = accepts,
                                   .died = died,
                                   .tend = tend,
                                   .alone = alone,
                                   .work = do_job,
                                   .receiver = &b->receiver};
    b->measuring = measuring;
    b->schedule = schedule_begin(b->plan->n, size_of, b);
    queue_begin(&b->queue, pass_on, b);
    b->queue.whole = b->plan->skip_failed;
    msg_progress(&b->tally.progress);
    if (work.workers > 1)
        ok = pool_run(&work, why);
    else
        run_alone(b);
    queue_end(&b->queue);
    return ok;
}

/* The first pass of a pooled run. */
static bool measure_all(struct batch *b, struct why *why)
{
    struct why nothing = {0}, others = {0};
    if (!run_pass(b, true, why) || b->vain || process_interrupted())
        return false;
    if (series_check(&b->series, &nothing))
        return true;
    why_set(&others, "no output was written: %s", nothing.text);
    give_up_all(b, b->plan->n, NULL, &others);
    b->tally.count[RESULT_FAILED] = b->plan->n;
    return false;
}

/* ---- the end ------------------------------------------------------------------------------------------------------- */

/* The stack gets its name if every input is in it, or each that could be read. */
static void finish_stack(struct batch *b)
{
    struct why why = {0};
    struct notes notes = {0};
    size_t missing = b->tally.count[RESULT_FAILED] + b->tally.count[RESULT_SKIPPED];
    bool whole = !b->vain && !process_interrupted() && (missing == 0 || b->tally.count[RESULT_DONE] > 0), ok = true;
    if (whole)
        ok = stack_commit(&b->stack, &notes, &why);
    msg_notes(&notes, b->plan->job[b->plan->n - 1].input);
    notes_free(&notes);
    if (!ok)
        tally_fail(&b->tally, &why);
    else if (!whole && b->tally.count[RESULT_FAILED] > 0)
        msg_error(NULL, stack_depends);
    if (!whole || !ok)
        b->tally.count[RESULT_DONE] = 0;
}

/* What comes before the first input: the styles, the folder, the reports, the stack. */
static bool begin(struct batch *b, struct why *why)
{
    const struct plan *plan = b->plan;
    return styles_load(&plan->styles, &plan->request, &plan->reading, &b->styles, &b->shared.given, why) &&
           (!plan->folder || file_make_folder(plan->folder, why)) && (!plan->file || file_make_parent(plan->file, why)) &&
           tally_begin(&b->tally, plan, why) &&
           (!plan->stacked ||
            stack_open(&b->stack, plan->file, plan->job[0].writer, plan->job[0].input, &plan->writing, why));
}

static bool run(struct batch *b, struct why *why)
{
    bool first_pass = b->shared.series && b->plan->n > 1;
    if (first_pass && !measure_all(b, why))
        return !why->text[0];
    if (!run_pass(b, false, why))
        return false;
    if (b->plan->stacked)
        finish_stack(b);
    tally_finish_reports(&b->tally, b->shared.series ? &b->series.all : NULL);
    return true;
}

static void free_batch(struct batch *b)
{
    for (size_t i = 0; i < b->n_missing; i++)
        result_free(&b->missing[i]);
    free(b->missing);
    stack_free(&b->stack);
    worker_free(&b->worker);
    styles_free(&b->styles);
    series_free(&b->series);
    tally_free(&b->tally);
    free(b);
}

static struct batch *new_batch(struct plan *plan)
{
    struct batch *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->receiver = (struct receiver){take_result, take_output, begin_picture, write_rows};
    b->plan = plan;
    b->reading = plan->reading;
    b->series.averages = plan->deflicker > 0;
    b->shared.series = plan->pooled ? &b->series : NULL;
    b->shared.stacked = plan->stacked;
    b->shared.careful = plan->stacked && plan->skip_failed;
    b->worker = (struct worker){.request = &plan->request,
                                .reading = &b->reading,
                                .writing = &plan->writing,
                                .deflicker = plan->deflicker,
                                .measures = reports_needs(&plan->reporting).moments,
                                .picture.output.from = &pages};
    return b;
}

bool batch_run(struct plan *plan)
{
    struct why why = {0};
    struct batch *b = new_batch(plan);
    bool begun = b ? begin(b, &why) : why_memory(&why);
    bool ran = begun && run(b, &why);
    if (!ran)
        msg_error(NULL, "%s", why.text);
    if (begun)
        tally_say_totals(&b->tally);
    bool ok = ran && b->tally.count[RESULT_FAILED] == 0 && !b->tally.unreported;
    if (b)
        free_batch(b);
    return ok;
}
