#include "cli/run/tally.h"

#include "base/quote.h"
#include "cli/files/process.h"
#include "cli/msg.h"
#include "cli/report/reports.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* Of inputs that are read: those of a first pass twice. */
static size_t count_work(const struct plan *plan)
{
    size_t n = plan->pooled && plan->n > 1 ? plan->n : 0;
    for (size_t i = 0; i < plan->n; i++)
        n += !plan->job[i].skip;
    return n;
}

bool tally_begin(struct tally *t, const struct plan *plan, struct why *why)
{
    *t = (struct tally){.plan = plan, .progress.total = plan->n > 1 ? count_work(plan) : 0};
    t->reports = reports_begin(&plan->reporting, &plan->request, why);
    return t->reports != NULL;
}

double tally_views_from(const struct tally *t)
{
    return reports_views_from(t->reports);
}

static void report(struct tally *t, const struct result *r)
{
    if (!reports_add(t->reports, r, &t->plan->job[r->job]))
        t->unreported = true;
}

static void say_error(const char *input, const struct why *why)
{
    if (process_interrupted() != SIGPIPE)
        msg_error(input, "%s", why->text);
}

void tally_advance(struct tally *t, const struct result *r)
{
    t->progress.pixels += (uint64_t)r->width * r->height;
    t->progress.done += r->status == RESULT_DONE || r->status == RESULT_FAILED;
}

/* Two statistics files of as many pictures of the same names are of the same pictures. */
static void check_twice(struct tally *t, const struct result *r)
{
    const struct pooled *pool = &r->pooled;
    if (r->status != RESULT_STATISTICS || pool->unnamed || pool->pictures == 0)
        return;
    for (size_t i = 0; i < t->sets; i++) {
        const struct tally_set *set = &t->set[i];
        char name[2][160];
        if (set->pictures == pool->pictures && set->names.high == pool->names.high && set->names.low == pool->names.low)
            why_set(&t->twice, "%s and %s are of the same pictures, which would be added twice",
                    quote(name[0], sizeof name[0], t->plan->job[set->job].input),
                    quote(name[1], sizeof name[1], t->plan->job[r->job].input));
    }
    struct tally_set *more = reallocarray(t->set, t->sets + 1, sizeof *more);
    if (!more) {
        why_memory(&t->twice);
        return;
    }
    t->set = more;
    t->set[t->sets++] = (struct tally_set){r->job, pool->pictures, pool->names};
}

void tally_add(struct tally *t, const struct result *r)
{
    const char *input = t->plan->job[r->job].input;
    msg_notes(&r->notes, input);
    if (r->nothing.text[0])
        msg_warning(input, "%s: %s", r->nothing.text,
                    r->status == RESULT_MAPPED ? "passed through unchanged" : "nothing to measure");
    report(t, r);
    if (r->status == RESULT_FAILED)
        say_error(input, &r->why);
    t->count[r->status]++;
    check_twice(t, r);
    t->pictures += result_counts(r) ? r->pictures : 0;
    t->progress.failed += r->status == RESULT_FAILED;
}

void tally_give_up(struct tally *t, size_t job, const struct why *why)
{
    enum result_status status = t->plan->job[job].skip ? RESULT_SKIPPED : RESULT_FAILED;
    report(t, &(struct result){.status = status, .job = job, .why = *why, .given_up = status == RESULT_FAILED});
}

void tally_fail(struct tally *t, const struct why *why)
{
    t->count[RESULT_FAILED]++;
    say_error(NULL, why);
}

/* Whether what is added up is what it should be. */
static bool check_total(const struct tally *t, struct why *why)
{
    uint64_t expected = t->plan->reporting.expect;
    if (t->twice.text[0])
        return why_set(why, "%s", t->twice.text);
    return expected == 0 || t->pictures == expected ||
           why_set(why, "--expect %llu: %llu picture%s, so no total and no file is written", (unsigned long long)expected,
                   (unsigned long long)t->pictures, t->pictures == 1 ? " counts" : "s count");
}

void tally_finish_reports(struct tally *t, const struct pooled *all, const struct robust *quantiles)
{
    struct why why = {0};
    struct report_end end = {.all = all, .quantiles = quantiles, .missing = t->count[RESULT_FAILED]};
    end.broken = end.missing > 0 && !t->plan->skip_failed;
    const char *lost = end.broken ? reports_of_all(t->reports) : NULL;
    if (process_interrupted())
        return;
    if (!check_total(t, &why)) {
        tally_fail(t, &why);
        return;
    }
    if (lost)
        msg_error(NULL, "no %s was written, because it depends on each of the inputs", lost);
    if (!reports_finish(t->reports, &end, &why))
        tally_fail(t, &why);
}

void tally_give_up_reports(struct tally *t)
{
    struct why why = {0};
    struct report_end end = {.missing = t->count[RESULT_FAILED], .broken = true};
    if (!process_interrupted() && !reports_finish(t->reports, &end, &why))
        tally_fail(t, &why);
}

void tally_say_totals(struct tally *t)
{
    msg_progress_erase();
    fflush(stdout); /* the last line follows the reports where both go to one file */
    if (t->plan->n > 1 && process_interrupted() != SIGPIPE)
        msg_normal(NULL, "%zu done, %zu skipped, %zu failed", t->count[RESULT_DONE], t->count[RESULT_SKIPPED],
                   t->count[RESULT_FAILED]);
}

void tally_free(struct tally *t)
{
    reports_free(t->reports);
    free(t->set);
    *t = (struct tally){0};
}
