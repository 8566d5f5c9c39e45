#include "cli/run/tally.h"

#include "base/quote.h"
#include "cli/files/process.h"
#include "cli/msg.h"
#include "cli/report/reports.h"
#include "cli/report/result_name.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

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

void tally_expect_again(struct tally *t)
{
    if (t->progress.total > 0)
        t->progress.total += t->plan->n;
}

static bool is_same_file(const struct tally_set *a, const struct tally_set *b)
{
    return a->identified && b->identified && file_id_compare(&a->id, &b->id) == 0;
}

/* Statistics files of as many pictures of the same names are of the same pictures. */
static bool has_same_names(const struct tally_set *a, const struct tally_set *b)
{
    return a->pictures > 0 && a->pictures == b->pictures && a->names.high == b->names.high && a->names.low == b->names.low;
}

static void say_twice(struct tally *t, const struct tally_set *a, const struct tally_set *b, const char *reason)
{
    char name[2][60]; /* the reason has room behind both */
    why_set(&t->twice, "%s and %s are %s", quote(name[0], sizeof name[0], t->plan->job[a->job].input),
            quote(name[1], sizeof name[1], t->plan->job[b->job].input), reason);
}

static void check_twice(struct tally *t, const struct result *r)
{
    const struct pooled *pool = &r->pooled;
    if (r->status != RESULT_STATISTICS)
        return;
    struct tally_set new = {.job = r->job, .pictures = pool->unnamed ? 0 : pool->pictures, .names = pool->names};
    new.identified = file_identify(t->plan->job[r->job].input, STDIN_FILENO, &new.id);
    for (size_t i = 0; i < t->sets; i++)
        if (is_same_file(&t->set[i], &new))
            say_twice(t, &t->set[i], &new, "the same file, whose pictures would be added twice");
        else if (has_same_names(&t->set[i], &new))
            say_twice(t, &t->set[i], &new,
                      "of as many pictures of the same names: if they are others, remove \"names\" from one of the files");
    struct tally_set *more = reallocarray(t->set, t->sets + 1, sizeof *more);
    if (!more) {
        why_memory(&t->twice);
        return;
    }
    t->set = more;
    t->set[t->sets++] = new;
}

void tally_add(struct tally *t, const struct result *r)
{
    char whole[RESULT_NAME_BYTES];
    const char *input = result_name(r, &t->plan->job[r->job], whole);
    msg_notes(&r->notes, input);
    if (r->nothing.text[0])
        msg_warning(input, "%s: %s", r->nothing.text,
                    r->status == RESULT_MAPPED ? "passed through unchanged" : "nothing to measure");
    report(t, r);
    if (r->status == RESULT_FAILED || r->status == RESULT_LEFT_OUT)
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

void tally_finish_reports(struct tally *t, const struct pooled *all, const struct robust *quantiles, bool lost_all)
{
    struct why why = {0};
    struct report_end end = {.all = all, .quantiles = quantiles};
    end.missing = t->count[RESULT_FAILED] + t->count[RESULT_LEFT_OUT];
    end.broken = lost_all || (end.missing > 0 && !t->plan->skip_failed);
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
    if (t->count[RESULT_LEFT_OUT] > 0)
        msg_normal(NULL, "%zu member%s of archives left out", t->count[RESULT_LEFT_OUT],
                   t->count[RESULT_LEFT_OUT] == 1 ? "" : "s");
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
