#include "cli/run/batch.h"

#include "cli/files/group.h"
#include "cli/files/names.h"
#include "cli/files/pages.h"
#include "cli/files/process.h"
#include "cli/msg.h"
#include "cli/report/reports.h"
#include "cli/report/stats_file.h"
#include "cli/run/job.h"
#include "cli/run/style.h"

#include <signal.h>
#include <stdio.h>

/*
 * A result is reported when all outputs of the inputs before it are in place; that of the last picture of an input, and
 * that of the input as a whole, when its own output is too. Until then they wait. Where more results wait than this, or
 * results of so many channels, the outputs are put in place at once.
 */
enum { WAITING_MAX = 4 * FILE_GROUP_MAX, WAITING_CHANNELS_MAX = 1 << 12 };

struct waiting {
    struct result result;
    size_t place; /* of its output in the group; NOWHERE: the output is in place, or there is none */
};

#define NOWHERE SIZE_MAX

/* All jobs of a plan, on their way. */
struct batch {
    struct plan *plan;
    struct worker worker;
    struct styles styles;
    struct series series; /* of a first pass over all inputs */
    struct output stack;  /* of plan->stacked */
    struct file_group group;
    struct waiting waiting[WAITING_MAX]; /* in the order of the inputs */
    size_t n_waiting, waiting_channels;
    struct shared shared;
    struct reports *reports;
    size_t count[RESULT_FAILED + 1]; /* results of each status; of inputs: done, skipped and failed */
    bool unreported;                 /* some result could not be printed */
    uint64_t pixels;                 /* of the pictures that are done */
};

/* ---- results ------------------------------------------------------------------------------------------------------- */

static void add_to_reports(struct batch *b, const struct result *r)
{
    if (!reports_add(b->reports, r, &b->plan->job[r->job]))
        b->unreported = true;
}

/* Reports a result: the next one in the order of the inputs. */
static void fold(struct batch *b, const struct result *r)
{
    const char *input = b->plan->job[r->job].input;
    msg_notes(&r->notes, input);
    if (r->nothing.text[0])
        msg_warning(input, "%s: %s", r->nothing.text,
                    r->status == RESULT_MAPPED ? "passed through unchanged" : "nothing to measure");
    add_to_reports(b, r);
    if (r->status == RESULT_FAILED && process_interrupted() != SIGPIPE)
        msg_error(input, "%s", r->why.text);
    b->count[r->status]++;
    b->pixels += (uint64_t)r->width * r->height;
}

/* The output could not be put in place: the last picture is not reported, and the input has failed. */
static void fold_failed(struct batch *b, struct result *r, const struct why *why)
{
    msg_notes(&r->notes, b->plan->job[r->job].input);
    notes_free(&r->notes);
    if (r->status != RESULT_DONE)
        return;
    r->status = RESULT_FAILED;
    r->why = *why;
    fold(b, r);
}

/* Puts the outputs that wait in place, and reports all results that do. */
static void commit_group(struct batch *b)
{
    struct file_group *g = &b->group;
    struct why why[FILE_GROUP_MAX] = {0};
    file_group_commit(g, why);
    for (size_t i = 0; i < b->n_waiting; i++) {
        struct waiting *w = &b->waiting[i];
        if (w->place == NOWHERE || !why[w->place].text[0])
            fold(b, &w->result);
        else
            fold_failed(b, &w->result, &why[w->place]);
        result_free(&w->result);
    }
    b->n_waiting = b->waiting_channels = 0;
}

/* Leaves room for the last picture and the end of a job: these wait for its output, which is in the group by then. */
static bool is_full(const struct batch *b)
{
    return b->n_waiting >= WAITING_MAX - 2 || b->waiting_channels > WAITING_CHANNELS_MAX;
}

/* Takes over the next result. */
static void take_result(void *to, struct result *result)
{
    struct batch *b = to;
    const struct file_group *g = &b->group;
    bool waits = g->n > 0 && g->job[g->n - 1] == result->job;
    if (!waits && is_full(b))
        commit_group(b);
    b->waiting[b->n_waiting++] = (struct waiting){*result, waits ? g->n - 1 : NOWHERE};
    b->waiting_channels += result->colours;
    *result = (struct result){0};
    if (g->n == 0)
        commit_group(b);
}

/* Reports an input that gets no output because another one failed. */
static void give_up(struct batch *b, size_t i, const struct why *why)
{
    struct result r = {.status = b->plan->job[i].skip ? RESULT_SKIPPED : RESULT_FAILED, .job = i, .why = *why};
    add_to_reports(b, &r);
}

/* ---- passes -------------------------------------------------------------------------------------------------------- */

/* No output is written: because of input `culprit`, or of none in particular if that is plan->n. */
static void give_up_all(struct batch *b, size_t culprit, const struct why *own, const struct why *others)
{
    for (size_t i = 0; i < b->plan->n; i++)
        if (i == culprit)
            fold(b, &(struct result){.status = RESULT_FAILED, .job = i, .why = *own});
        else
            give_up(b, i, others);
    msg_error(NULL, "%s", others->text);
}

/* The outputs of a pooled run depend on every input: the first that fails ends it, before any output. */
static bool measure_all(struct batch *b)
{
    struct plan *plan = b->plan;
    const char *what = plan->deflicker ? "series" : "batch";
    struct why nothing = {0}, others = {0};
    for (size_t i = 0; i < plan->n; i++) {
        struct why why = {0};
        struct notes notes = {0};
        if (plan->job[i].skip)
            msg_warning(plan->job[i].input, "its output exists and stays, but the input is still measured for the %s",
                        what);
        msg_progress(&(struct progress){.total = 2 * plan->n, .done = i});
        if (process_interrupted())
            return false;
        bool ok = job_measure(&b->worker, &plan->job[i], &b->series, &notes, &why);
        msg_notes(&notes, plan->job[i].input);
        notes_free(&notes);
        if (!ok) {
            why_set(&others, "no output was written, because a %s depends on each of its inputs", what);
            give_up_all(b, i, &why, &others);
            return false;
        }
    }
    if (series_check(&b->series, &nothing))
        return true;
    why_set(&others, "no output was written: %s", nothing.text);
    give_up_all(b, plan->n, NULL, &others);
    b->count[RESULT_FAILED] = plan->n;
    return false;
}

/* An input of --stats that is a statistics file. */
static bool run_statistics(struct batch *b, size_t i, struct why *why)
{
    const struct request *request = &b->plan->request;
    struct result r = {.status = RESULT_STATISTICS, .job = i, .space = request->space, .unit = 1};
    struct statistics s = {0};
    bool ok = style_read_statistics(b->plan->job[i].input, request, &s, why) && result_reserve(&r, s.colours, why);
    r.pictures = s.pictures;
    for (unsigned c = 0; ok && c < s.colours; c++)
        r.channel[c].moments = s.channel[c];
    statistics_free(&s);
    if (ok)
        take_result(b, &r);
    result_free(&r);
    return ok;
}

/* False if the other jobs are in vain. */
static bool run_one(struct batch *b, size_t i)
{
    const struct job *job = &b->plan->job[i];
    struct result end = {.status = RESULT_SKIPPED, .job = i};
    if (!job->skip && b->plan->reporting.stats && stats_file_is(job->input))
        end.status = run_statistics(b, i, &end.why) ? RESULT_DONE : RESULT_FAILED;
    else if (!job->skip)
        job_run(&b->worker, job, &b->shared, &end);
    bool failed = end.status == RESULT_FAILED;
    take_result(b, &end);
    return !failed || !b->plan->stacked;
}

static void run_all(struct batch *b, size_t before)
{
    size_t i = 0;
    for (bool on = true; on && i < b->plan->n && !process_interrupted(); i++) {
        const char *input = b->plan->job[i].input;
        msg_progress(&(struct progress){
            .total = before + b->plan->n, .done = before + i, .failed = b->count[RESULT_FAILED], .pixels = b->pixels});
        if (file_group_due(&b->group) || is_full(b) || !file_is_regular(input)) /* a pipe may be long in coming */
            commit_group(b);
        on = run_one(b, i);
    }
    commit_group(b);
    struct why why = {0};
    why_set(&why, "no output was written, because a stack depends on each of its inputs");
    for (; b->plan->stacked && i < b->plan->n && !process_interrupted(); i++)
        give_up(b, i, &why);
}

/* A stack is complete if every input is in it. */
static void finish_stack(struct batch *b)
{
    struct why why = {0};
    struct notes notes = {0};
    bool whole = b->count[RESULT_FAILED] == 0 && b->count[RESULT_SKIPPED] == 0 && !process_interrupted(), ok = true;
    if (whole)
        ok = output_commit(&b->stack, NULL, 0, &notes, &why);
    msg_notes(&notes, b->plan->job[b->plan->n - 1].input);
    notes_free(&notes);
    if (!ok) {
        b->count[RESULT_FAILED]++;
        if (process_interrupted() != SIGPIPE)
            msg_error(NULL, "%s", why.text);
        whole = false;
    } else if (b->count[RESULT_FAILED] > 0) {
        msg_error(NULL, "no output was written, because a stack depends on each of its inputs");
    }
    if (!whole)
        b->count[RESULT_DONE] = 0;
    output_discard(&b->stack);
}

/* Statistics files and LUTs are of all inputs: where one failed, none is written. */
static void finish_reports(struct batch *b)
{
    struct why why = {0};
    const char *what = reports_at_end(b->reports);
    if (!what || process_interrupted())
        return;
    if (b->count[RESULT_FAILED] > 0) {
        msg_error(NULL, "no %s was written, because it depends on each of the inputs", what);
        return;
    }
    if (reports_finish(b->reports, &(struct report_end){.all = b->shared.series ? &b->series.all : NULL}, &why))
        return;
    b->count[RESULT_FAILED]++;
    if (process_interrupted() != SIGPIPE)
        msg_error(NULL, "%s", why.text);
}

/* What comes before the first input: the styles, the folder, the reports. */
static bool begin(struct batch *b)
{
    const struct plan *plan = b->plan;
    struct why why = {0};
    bool ok = styles_load(&plan->styles, &plan->request, &plan->reading, &b->styles, &b->shared.given, &why);
    ok = ok && (!plan->folder || file_make_folder(plan->folder, &why));
    ok = ok && (!plan->file || file_make_parent(plan->file, &why));
    if (ok)
        b->reports = reports_begin(&plan->reporting, &plan->request, &why);
    if (!b->reports)
        msg_error(NULL, "%s", why.text);
    return b->reports != NULL;
}

bool batch_run(struct plan *plan)
{
    struct batch b = {.plan = plan, .series.averages = plan->deflicker > 0};
    b.worker = (struct worker){.request = &plan->request,
                               .reading = &plan->reading,
                               .writing = &plan->writing,
                               .deflicker = plan->deflicker,
                               .measures = reports_needs(&plan->reporting).moments,
                               .picture.output.from = &pages,
                               .take = take_result,
                               .take_to = &b};
    b.shared.stack = plan->stacked ? &b.stack : NULL;
    b.shared.series = plan->pooled ? &b.series : NULL;
    b.shared.group = &b.group;

    bool first_pass = b.shared.series && plan->n > 1, begun = begin(&b);
    bool measured = begun && (!first_pass || measure_all(&b));
    if (measured)
        run_all(&b, first_pass ? plan->n : 0);
    if (measured && plan->stacked)
        finish_stack(&b);
    if (measured)
        finish_reports(&b);
    worker_free(&b.worker);
    styles_free(&b.styles);
    series_free(&b.series);
    reports_free(b.reports);
    fflush(stdout); /* the last line follows the reports where both go to one file */
    if (begun && plan->n > 1 && process_interrupted() != SIGPIPE)
        msg_normal(NULL, "%zu done, %zu skipped, %zu failed", b.count[RESULT_DONE], b.count[RESULT_SKIPPED],
                   b.count[RESULT_FAILED]);
    msg_progress_erase();
    return begun && b.count[RESULT_FAILED] == 0 && !b.unreported;
}
