#include "cli/run/batch.h"

#include "cli/files/file.h"
#include "cli/files/pages.h"
#include "cli/run/job.h"
#include "cli/msg.h"
#include "cli/run/style.h"
#include "cli/report/report.h"
#include "cli/report/stats_file.h"
#include "cli/report/summary.h"

#include <math.h>
#include <signal.h>

/* A target that most pictures clip under: said once, before any work. From 2 on it is refused, or of floats. */
static void warn_of_target(const struct request *o)
{
    if (o->space != instnorm_space_at(0)) {
        if (o->space->beta[0] > 1 && o->beta.n > 0 && fabs(o->beta.item[0].value) <= 1 && !o->beta.item[0].keep)
            msg_warning(NULL, "--beta %g: the lightness of --space %s goes from 0 to 100", o->beta.item[0].value,
                        o->space->name);
        return;
    }
    for (size_t i = 0; i < o->gamma.n; i++)
        if (o->gamma.item[i].value > 0.5 && o->gamma.item[i].value < 2) {
            msg_warning(NULL, "--gamma %g: samples in 0..1 cannot have a deviation above 0.5, so it clips",
                        o->gamma.item[i].value);
            return;
        }
    for (size_t i = 0; i < o->beta.n; i++)
        if (o->beta.item[i].value < 0 || (o->beta.item[i].value > 1 && o->beta.item[i].value < 2)) {
            msg_warning(NULL, "--beta %g: samples in 0..1 cannot have that mean, so it clips", o->beta.item[i].value);
            return;
        }
}

enum { DONE, SKIPPED, FAILED, RESULTS };

/* A run over all jobs. */
struct batch {
    const struct plan *plan;
    struct worker worker;
    struct loaded loaded;
    struct gathered gathered; /* of a first pass over all inputs */
    struct output stack;      /* of plan->stacked */
    struct file_group group;
    struct shared shared;
    struct summary summary;
    struct why summary_why;
    size_t count[RESULTS];
    bool unreported; /* a picture that is complete, for lack of memory */
};

static void note_report(struct batch *b, const char *input, bool ok)
{
    if (!ok)
        msg_error(input, "--json: out of memory");
    b->unreported |= !ok;
}

static void take_result(void *to, struct result *result)
{
    struct batch *b = to;
    const struct job *job = &b->plan->job[result->job];
    if (result->nothing.text[0])
        msg_warning(job->input, "%s: %s", result->nothing.text,
                    result->status == RESULT_MAPPED ? "passed through unchanged" : "nothing to measure");
    note_report(b, job->input, report_result(result, job, &b->plan->reporting));
    summary_add(&b->summary, result, job, &b->summary_why);
    result_free(result);
}

static bool tell(struct batch *b, size_t i, bool ok, const struct why *why)
{
    b->count[ok ? DONE : FAILED]++;
    if (!ok && file_interrupted() != SIGPIPE)
        msg_error(b->plan->job[i].input, "%s", why->text);
    return ok;
}

/* The outputs of a pooled run depend on every input: the first that fails ends it, before any output. */
static bool measure_all(struct batch *b)
{
    struct why nothing = {0};
    for (size_t i = 0; i < b->plan->n; i++) {
        struct why why = {0};
        if (b->plan->job[i].skip)
            msg_warning(b->plan->job[i].input, "its output exists and stays, but it is a part of the %s",
                        b->plan->deflicker ? "series" : "batch");
        msg_progress(i, 2 * b->plan->n, b->plan->job[i].input);
        if (file_interrupted())
            return false;
        if (!job_measure(&b->worker, &b->plan->job[i], &b->gathered, &why)) {
            tell(b, i, false, &why);
            msg_error(NULL, "no output was written, for a %s depends on each of its inputs",
                      b->plan->deflicker ? "series" : "batch");
            return false;
        }
    }
    if (gathered_check(&b->gathered, &nothing))
        return true;
    b->count[FAILED] = b->plan->n;
    msg_error(NULL, "no output was written, for %s", nothing.text);
    return false;
}

/* One of the inputs of --stats: a picture, or a file of statistics to pool with those of the others. */
static bool run_job(struct batch *b, size_t i, struct why *why)
{
    const struct job *job = &b->plan->job[i];
    if (b->plan->reporting.stats && stats_file_is(job->input)) {
        struct statistics s = {0};
        bool ok = stats_file_read(job->input, b->plan->request.space, &s, why);
        if (ok && b->plan->request.rgb)
            ok = statistics_repeat_grey(&s, why);
        if (ok && b->plan->reporting.save_stats)
            ok = statistics_merge(&b->summary.measured, s.channel, s.colours, s.pictures, why);
        if (ok)
            note_report(b, job->input, report_statistics(job->input, b->plan->request.space, &b->plan->reporting, &s));
        statistics_free(&s);
        return ok;
    }
    return job_run(&b->worker, job, &b->shared, why);
}

/* Puts the outputs that wait in place, and tells of them. */
static void commit_group(struct batch *b)
{
    struct file_group *g = &b->group;
    struct why why[FILE_GROUP_MAX] = {0};
    file_commit_all(g->sink, g->n, why);
    for (size_t i = 0; i < g->n; i++)
        tell(b, g->job[i], why[i].text[0] == '\0', &why[i]);
    g->n = 0;
}

/* False if the others need not be run. What the output of a job waits for is told with its group. */
static bool run_one(struct batch *b, size_t i)
{
    struct why why = {0};
    size_t waiting = b->group.n;
    bool ok = run_job(b, i, &why);
    return (ok && b->group.n > waiting) || tell(b, i, ok, &why) || !b->plan->stacked;
}

static void run_all(struct batch *b, size_t before)
{
    bool on = true;
    for (size_t i = 0; on && i < b->plan->n && !file_interrupted(); i++) {
        const struct job *job = &b->plan->job[i];
        msg_progress(before + i, before + b->plan->n, job->input);
        if (file_group_due(&b->group) || !file_is_regular(job->input)) /* a pipe may be long in coming */
            commit_group(b);
        if (job->skip)
            b->count[SKIPPED]++;
        else
            on = run_one(b, i);
    }
    commit_group(b);
}

/* A stack is complete if every input is in it. */
static void finish_stack(struct batch *b)
{
    struct why why = {0};
    bool whole = b->count[FAILED] == 0 && b->count[SKIPPED] == 0 && !file_interrupted();
    if (whole && !output_commit(&b->stack, NULL, 0, &why)) {
        b->count[FAILED]++;
        if (file_interrupted() != SIGPIPE)
            msg_error(NULL, "%s", why.text);
        whole = false;
    } else if (b->count[FAILED] > 0) {
        msg_error(NULL, "no output was written, for a stack takes each of its inputs");
    }
    if (!whole)
        b->count[DONE] = 0;
    output_discard(&b->stack);
}

/* Statistics and a LUT are of every picture: where one failed there is none. */
static void finish_summary(struct batch *b)
{
    const struct reporting *o = &b->plan->reporting;
    struct why why = b->summary_why;
    if ((!o->save_stats && !o->lut) || file_interrupted())
        return;
    if (b->count[FAILED] > 0) {
        msg_error(NULL, "no %s was written, for it depends on each of the inputs",
                  o->save_stats ? "statistics file" : "LUT");
        return;
    }
    if (!why.text[0] && summary_write(&b->summary, b->shared.gathered ? &b->gathered.all : NULL, &why))
        return;
    b->count[FAILED]++;
    if (file_interrupted() != SIGPIPE)
        msg_error(NULL, "%s", why.text);
}

/* What comes before the first output: the folder, the references, the first pass. */
static bool begin(struct batch *b)
{
    const struct plan *plan = b->plan;
    const struct reporting *o = &plan->reporting;
    struct why why = {0};
    if (!reference_load(&plan->styles, &plan->request, &plan->reading, &b->loaded, &b->shared.from, &why) ||
        (plan->folder && !file_make_folder(plan->folder, &why)) || (plan->file && !file_make_parent(plan->file, &why)) ||
        !summary_open(&b->summary, &plan->request, o, &why)) {
        msg_error(NULL, "%s", why.text);
        return false;
    }
    if (o->lut && plan->request.apply_mask.n > 0)
        msg_warning(NULL, "--lut: a table changes every pixel: it cannot hold --apply-mask");
    bool tensor = plan->job[0].writer && plan->job[0].writer->tensor;
    if (!o->stats && !plan->request.given && !tensor)
        warn_of_target(&plan->request);
    return true;
}

bool batch_run(const struct plan *plan)
{
    struct batch b = {.plan = plan, .gathered.series = plan->deflicker > 0};
    b.worker = (struct worker){.request = &plan->request,
                               .reading = &plan->reading,
                               .writing = &plan->writing,
                               .deflicker = plan->deflicker,
                               .measures = plan->reporting.save_stats != NULL,
                               .band_out.from = &pages,
                               .take = take_result,
                               .take_to = &b};
    b.shared.stack = plan->stacked ? &b.stack : NULL;
    b.shared.gathered = plan->pooled ? &b.gathered : NULL;
    b.shared.group = plan->reporting.json || plan->reporting.verbose
                         ? NULL
                         : &b.group; /* else a picture is told of before it is in place */

    bool first_pass = b.shared.gathered && plan->n > 1, begun = begin(&b);
    bool measured = begun && (!first_pass || measure_all(&b));
    if (measured)
        run_all(&b, first_pass ? plan->n : 0);
    if (measured && plan->stacked)
        finish_stack(&b);
    if (measured)
        finish_summary(&b);
    worker_free(&b.worker);
    reference_free(&b.loaded);
    gathered_free(&b.gathered);
    summary_free(&b.summary);
    bool told = b.count[FAILED] > 0 || plan->reporting.verbose || file_interrupted();
    if (begun && plan->n > 1 && told && file_interrupted() != SIGPIPE)
        msg_error(NULL, "%zu done, %zu skipped, %zu failed", b.count[DONE], b.count[SKIPPED], b.count[FAILED]);
    return begun && b.count[FAILED] == 0 && !b.unreported;
}
