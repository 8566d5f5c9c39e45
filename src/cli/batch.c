#include "batch.h"

#include "file.h"
#include "job.h"
#include "msg.h"
#include "report.h"

#include <signal.h>

/* A target that most pictures clip under: said once, before any work. */
static void warn_of_target(const struct options *o)
{
    for (size_t i = 0; i < o->gamma.n; i++)
        if (o->gamma.item[i].value > 0.5) {
            msg_warning(NULL, "--gamma %g: samples in 0..1 cannot have a deviation above 0.5, so it clips",
                        o->gamma.item[i].value);
            return;
        }
    for (size_t i = 0; i < o->beta.n; i++)
        if (o->beta.item[i].value < 0 || o->beta.item[i].value > 1) {
            msg_warning(NULL, "--beta %g: samples in 0..1 cannot have that mean, so it clips", o->beta.item[i].value);
            return;
        }
}

enum { DONE, SKIPPED, FAILED, RESULTS };

/* A run over all jobs. */
struct batch {
    const struct plan *plan;
    const struct options *options;
    struct worker worker;
    struct batch_moments moments; /* of --norm batch over several inputs */
    struct output stack;          /* of plan->stacked */
    size_t count[RESULTS];
};

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
    for (size_t i = 0; i < b->plan->n; i++) {
        struct why why = {0};
        if (b->plan->job[i].skip)
            msg_warning(b->plan->job[i].input, "its output exists and stays, but it is a part of the batch");
        msg_progress(i, 2 * b->plan->n, b->plan->job[i].input);
        if (file_interrupted())
            return false;
        if (!job_measure(&b->worker, &b->plan->job[i], &b->moments, &why)) {
            tell(b, i, false, &why);
            msg_error(NULL, "no output was written, for a batch depends on each of its inputs");
            return false;
        }
    }
    return true;
}

static void run_all(struct batch *b, bool pooled)
{
    size_t before = pooled ? b->plan->n : 0;
    for (size_t i = 0; i < b->plan->n && !file_interrupted(); i++) {
        struct why why = {0};
        msg_progress(before + i, before + b->plan->n, b->plan->job[i].input);
        if (b->plan->job[i].skip)
            b->count[SKIPPED]++;
        else if (!tell(b, i,
                       job_run(&b->worker, &b->plan->job[i], pooled ? &b->moments : NULL,
                               b->plan->stacked ? &b->stack : NULL, &why),
                       &why) &&
                 b->plan->stacked)
            return;
    }
}

/* A stack is complete if every input is in it. */
static void finish_stack(struct batch *b)
{
    struct why why = {0};
    bool whole = b->count[FAILED] == 0 && b->count[SKIPPED] == 0 && !file_interrupted();
    if (whole && !output_commit(&b->stack, &why)) {
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

bool batch_run(const struct plan *plan, const struct options *options)
{
    struct batch b = {.plan = plan, .options = options, .worker = {.options = options, .report = report_outcome}};
    bool pooled = !options->stats && options->norm == INSTNORM_BATCH && plan->n > 1 && options->mean.n == 0;
    struct why why = {0};

    if (plan->folder && !file_make_folder(plan->folder, &why)) {
        msg_error(NULL, "%s", why.text);
        return false;
    }
    if (!options->stats && options->mean.n == 0 && !(plan->job[0].writer && plan->job[0].writer->tensor))
        warn_of_target(options);
    bool measured = !pooled || measure_all(&b);
    if (measured)
        run_all(&b, pooled);
    if (measured && plan->stacked)
        finish_stack(&b);
    worker_free(&b.worker);
    batch_moments_free(&b.moments);
    bool told = b.count[FAILED] > 0 || options->verbose || file_interrupted();
    if (plan->n > 1 && told && file_interrupted() != SIGPIPE)
        msg_error(NULL, "%zu done, %zu skipped, %zu failed", b.count[DONE], b.count[SKIPPED], b.count[FAILED]);
    return b.count[FAILED] == 0;
}
