#include "cli/run/gather.h"

#include "cli/files/process.h"
#include "cli/msg.h"
#include "cli/report/result_name.h"

#include <stdlib.h>
#include <string.h>

struct gather gather_begin(struct plan *plan)
{
    return (struct gather){.plan = plan, .series = {.request = &plan->request, .averages = plan->deflicker > 0}};
}

static const char *pool_name(const struct gather *g)
{
    return g->plan->deflicker ? "series" : "batch";
}

static int compare_jobs(const void *a, const void *b)
{
    const struct result *x = a, *y = b;
    return x->job < y->job ? -1 : x->job > y->job;
}

struct result *gather_find_missing(struct gather *g, size_t job)
{
    const struct result key = {.job = job};
    return g->n_missing > 0 ? bsearch(&key, g->missing, g->n_missing, sizeof key, compare_jobs) : NULL;
}

/* No output is written: because of what the culprit says of its input, or of none in particular if that is NULL. */
static void give_up_all(struct gather *g, struct tally *tally, const struct result *culprit, const struct why *others)
{
    for (size_t i = 0; i < g->plan->n; i++)
        if (culprit && i == culprit->job)
            tally_add(tally, culprit);
        else if (gather_find_missing(g, i))
            tally_add(tally, gather_find_missing(g, i));
        else
            tally_give_up(tally, i, others);
    msg_error(NULL, "%s", others->text);
}

/* The input of the result ends the run: the result says why, or it does not fit. Always false. */
static bool end_run(struct gather *g, const struct result *r, struct tally *tally)
{
    bool unfit = g->unfit.text[0] != '\0';
    struct result culprit = {.status = RESULT_FAILED, .job = r->job, .member = unfit ? g->unfit_member : r->member};
    struct why others = {0};
    culprit.why = unfit ? g->unfit : r->why;
    why_set(&others, "no output was written, because a %s depends on each of its inputs", pool_name(g));
    give_up_all(g, tally, &culprit, &others);
    return false;
}

/* Keeps the end of a job that failed for the second pass. False: out of memory. */
static bool keep_missing(struct gather *g, struct result *end)
{
    struct result *more = realloc(g->missing, (g->n_missing + 1) * sizeof *more);
    if (!more)
        return false;
    g->missing = more;
    g->missing[g->n_missing++] = *end;
    *end = (struct result){0};
    return true;
}

bool gather_leave_out(struct gather *g, size_t job)
{
    return keep_missing(g, &(struct result){.status = RESULT_FAILED, .job = job});
}

/* The outputs depend on every input: the first that fails ends the run, before any output. */
static bool end_job(struct gather *g, struct result *end, struct tally *tally)
{
    struct plan *plan = g->plan;
    const struct job *job = &plan->job[end->job];
    bool failed = end->status == RESULT_FAILED;
    char name[RESULT_NAME_BYTES];
    if (job->number + 1 < plan->n)
        plan->job[job->number + 1].first = g->series.n;
    if (failed && plan->skip_failed && !process_interrupted() && keep_missing(g, end))
        return true;
    msg_notes(&end->notes, result_name(end, job, name));
    return (!failed && !g->unfit.text[0]) || end_run(g, end, tally);
}

/* Into the series with it, as long as all have fitted. */
static void add(struct gather *g, const struct result *r)
{
    if (g->unfit.text[0] || !result_has_statistics(r) || result_gather(r, &g->series, &g->unfit))
        return;
    g->unfit_member = r->member ? strdup(r->member) : NULL; /* without it the reason is of the archive */
}

bool gather_fold(struct gather *g, struct result *r, struct tally *tally)
{
    const struct job *job = &g->plan->job[r->job];
    char name[RESULT_NAME_BYTES];
    if (job->skip && g->folded <= r->job)
        msg_warning(job->input, "its output exists and stays, but the input is still measured for the %s", pool_name(g));
    g->folded = r->job + 1;
    if (result_is_end(r))
        return end_job(g, r, tally);
    msg_notes(&r->notes, result_name(r, job, name));
    add(g, r);
    return true;
}

bool gather_fold_found(struct gather *g, struct result *r, struct tally *tally)
{
    add(g, r);
    return (r->status != RESULT_FAILED && !g->unfit.text[0]) || end_run(g, r, tally);
}

bool gather_check(struct gather *g, struct tally *tally)
{
    struct why nothing = {0}, others = {0};
    if (series_check(&g->series, &nothing))
        return true;
    why_set(&others, "no output was written: %s", nothing.text);
    give_up_all(g, tally, NULL, &others);
    tally->count[RESULT_FAILED] = g->plan->n;
    return false;
}

void gather_free(struct gather *g)
{
    for (size_t i = 0; i < g->n_missing; i++)
        result_free(&g->missing[i]);
    free(g->missing);
    free(g->unfit_member);
    series_free(&g->series);
}
