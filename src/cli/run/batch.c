#include "cli/run/batch.h"

#include "base/quote.h"
#include "cli/files/names.h"
#include "cli/files/process.h"
#include "cli/files/sandbox.h"
#include "cli/files/tar.h"
#include "cli/msg.h"
#include "cli/run/pass.h"
#include "cli/run/styles.h"

#include <stdlib.h>

/* All jobs of a plan, on their way. */
struct batch {
    struct plan *plan;
    struct styles styles;
    struct gather gather;
    struct pass pass;
    struct stack stack;
    struct tally tally;
    bool totals;       /* the quantiles of all inputs together are asked for */
    struct why unlike; /* why some of the inputs cannot be taken together */
    bool lost;         /* and why no total can be told was said */
};

/* ---- results of the outputs ---------------------------------------------------------------------------------------- */

static const char stack_depends[] = "no output was written, because a stack depends on each of its inputs";
static const char part_depends[] = "it is in no part, because a stack depends on each of its inputs";

static bool is_cut(const struct batch *b)
{
    return b->plan->cut.samples > 0;
}

/* Reports name the part that has the picture as its output. */
static void fold_sample(struct batch *b, const struct result *r)
{
    const char *part = stack_next_told(&b->stack);
    if (part)
        b->plan->job[r->job].output = part;
    tally_add(&b->tally, r);
}

/* The input has ended. False: the stack cannot go on. */
static bool end_stacked(struct batch *b, const struct result *r)
{
    struct why why = {0};
    struct notes notes = {0};
    bool ok = stack_end_job(&b->stack, r, &notes, &why), failed = r->status == RESULT_FAILED;
    msg_notes(&notes, b->plan->job[r->job].input);
    notes_free(&notes);
    if (!ok)
        tally_fail(&b->tally, &why);
    return ok && (!failed || (b->plan->skip_failed && !b->stack.broken));
}

/* A stack has all its inputs or, with --skip-failed, those that were readable from the start. */
static bool fold_stacked(struct batch *b, const struct result *r)
{
    if (result_has_statistics(r)) {
        fold_sample(b, r);
        return true;
    }
    tally_add(&b->tally, r);
    if (!result_is_end(r) || end_stacked(b, r))
        return true;
    struct why why = {0};
    why_set(&why, "%s", is_cut(b) ? part_depends : stack_depends);
    for (size_t i = r->job + 1; i < b->plan->n && !process_interrupted(); i++)
        tally_give_up(&b->tally, i, &why);
    return false;
}

/* A picture of a series that is one file: it has its first pass to itself, and none but reports want its pool. */
static bool fold_series(struct batch *b, const struct result *r)
{
    struct why why = {0};
    if (reports_needs(&b->plan->reporting).pooled && !result_gather(r, &b->gather.series, &why))
        tally_fail(&b->tally, &why);
    return true;
}

/* What --total wants of the quantiles. A statistics file cannot be read again. */
static void fold_total(struct batch *b, const struct result *r)
{
    struct series *series = &b->gather.series;
    struct why why = {0};
    bool ok = true;
    if (r->status == RESULT_STATISTICS)
        why_set(&b->unlike, "a statistics file");
    else if (r->status == RESULT_FAILED)
        ok = gather_leave_out(&b->gather, r->job) || why_memory(&why);
    else if (result_counts(r) && series->pool.colours > 0 && series->pool.colours != r->colours)
        why_set(&b->unlike, "other channels");
    else if (result_counts(r) && !b->unlike.text[0])
        ok = result_gather(r, series, &why);
    if (!ok)
        tally_fail(&b->tally, &why);
    b->lost |= !ok;
}

/* For the total each of the inputs must be what it was. */
static bool fold_found_total(struct batch *b, struct result *r)
{
    struct result lost = {.status = RESULT_FAILED, .job = r->job, .member = r->member, .why = r->why};
    bool ok = r->status != RESULT_FAILED;
    if (ok && result_has_statistics(r))
        ok = result_gather(r, &b->gather.series, &lost.why);
    if (ok)
        return true;
    b->tally.count[RESULT_DONE]--; /* as it was before */
    tally_add(&b->tally, &lost);
    return false;
}

static bool fold(void *to, struct result *r)
{
    struct batch *b = to;
    if (b->pass.measuring)
        return !b->pass.worker.search ? gather_fold(&b->gather, r, &b->tally)
               : b->totals            ? fold_found_total(b, r)
                                      : gather_fold_found(&b->gather, r, &b->tally);
    if (b->totals)
        fold_total(b, r);
    if (b->plan->pooled && r->status == RESULT_MEASURED)
        return fold_series(b, r);
    if (b->plan->stacked)
        return fold_stacked(b, r);
    tally_add(&b->tally, r);
    return true;
}

/* ---- the run -------------------------------------------------------------------------------------------------------- */

/* Reads all inputs again until the quantiles of all are known. */
static bool search_all(struct batch *b, struct why *why)
{
    struct series *series = &b->gather.series;
    while (series_search(series))
        if (!pass_search(&b->pass, series_search(series), why) || b->pass.vain || process_interrupted() ||
            !series_narrow(series, why))
            return false;
    return true;
}

/* The first pass of a pooled run. */
static bool measure_all(struct batch *b, struct why *why)
{
    return pass_run(&b->pass, true, why) && !b->pass.vain && !process_interrupted() &&
           gather_check(&b->gather, &b->tally) && search_all(b, why);
}

/* Whether each input can be read again. */
static bool are_files(const struct plan *plan)
{
    struct stat st;
    size_t i = 0;
    while (i < plan->n && file_stat(plan->job[i].input, &st) && S_ISREG(st.st_mode))
        i++;
    return i == plan->n;
}

/* Whether a total will be told, and is of pictures that are alike. */
static bool has_total(const struct batch *b)
{
    bool broken = b->tally.count[RESULT_FAILED] > 0 && !b->plan->skip_failed;
    return b->totals && !broken && !b->lost && !b->unlike.text[0] && b->gather.series.pool.pictures > 0;
}

/* The quantiles of all inputs together: exact where these are alike and can be read again, or else as the histogram has
 * them. False if something failed, which was said or `why` says. */
static bool find_totals(struct batch *b, const struct robust **found, struct why *why)
{
    struct series *series = &b->gather.series;
    *found = NULL;
    if (!has_total(b) || process_interrupted())
        return true;
    if (!series_check(series, why))
        return false;
    if (series_search(series) && !are_files(b->plan))
        return true;
    *found = &series->robust;
    return search_all(b, why);
}

/* The stack gets its name if every input is in it, or each that could be read. */
static void finish_stack(struct batch *b)
{
    struct why why = {0};
    struct notes notes = {0};
    size_t missing = b->tally.count[RESULT_FAILED] + b->tally.count[RESULT_SKIPPED];
    bool whole = !b->pass.vain && !process_interrupted() && (missing == 0 || b->tally.count[RESULT_DONE] > 0), ok = true;
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

/* Parts of an earlier run, which --force does not remove. */
static void warn_of_parts(const struct batch *b)
{
    const struct parts *there = &b->plan->cut.there;
    size_t parts = stack_parts(&b->stack), i = 0;
    char name[160];
    while (i < there->n && there->part[i].number < parts)
        i++;
    char *path = i < there->n ? part_tensor_path(b->plan->file, there->part[i].number) : NULL;
    if (path)
        msg_warning(NULL, "%s and what follows are of an earlier run: this one has %zu part%s",
                    quote(name, sizeof name, path), parts, parts == 1 ? "" : "s");
    free(path);
}

/* The parts that are complete have their names; the last one gets its own if every input is in them. */
static void finish_parts(struct batch *b)
{
    struct why why = {0};
    struct notes notes = {0};
    const char *missing = NULL;
    char name[160];
    size_t unwritten = 0;
    bool whole = !b->pass.vain && !process_interrupted();
    bool ok = whole && stack_commit(&b->stack, &notes, &why);
    if (!ok)
        missing = stack_give_up(&b->stack, &unwritten, &why);
    msg_notes(&notes, b->plan->job[b->plan->n - 1].input);
    notes_free(&notes);
    if (ok)
        warn_of_parts(b);
    else
        b->tally.count[RESULT_DONE] -= unwritten;
    if (why.text[0])
        tally_fail(&b->tally, &why);
    if (missing && b->tally.count[RESULT_FAILED] > 0)
        msg_error(NULL,
                  "%s and the parts behind it were not written, because a stack depends on each of its inputs: "
                  "--no-clobber goes on from there",
                  quote(name, sizeof name, missing));
}

/* What comes before the first input: the styles, the folder, the reports, the stack. */
static bool begin(struct batch *b, struct why *why)
{
    const struct plan *plan = b->plan;
    return styles_load(plan, &b->styles, &b->pass.shared.given, why) &&
           (!plan->folder || file_make_folder(plan->folder, why)) && (!plan->file || file_make_parent(plan->file, why)) &&
           tally_begin(&b->tally, plan, why) && (!plan->stacked || stack_open(&b->stack, plan, why));
}

static bool run(struct batch *b, struct why *why)
{
    const struct robust *quantiles;
    struct why lost = {0};
    bool first_pass = b->pass.shared.series && b->plan->n > 1;
    if (first_pass && !measure_all(b, why)) {
        if (!why->text[0])
            tally_give_up_reports(&b->tally);
        return !why->text[0];
    }
    if (!pass_run(&b->pass, false, why))
        return false;
    if (b->plan->stacked)
        (is_cut(b) ? finish_parts : finish_stack)(b);
    b->lost |= !find_totals(b, &quantiles, &lost);
    if (lost.text[0])
        tally_fail(&b->tally, &lost);
    tally_finish_reports(&b->tally, b->pass.shared.series ? &b->gather.series.pool : NULL, b->lost ? NULL : quantiles,
                         b->lost);
    return true;
}

static void free_batch(struct batch *b)
{
    pass_free(&b->pass);
    stack_free(&b->stack);
    styles_free(&b->styles);
    gather_free(&b->gather);
    tally_free(&b->tally);
    free(b);
}

static struct batch *new_batch(struct plan *plan)
{
    struct batch *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    b->plan = plan;
    b->gather = gather_begin(plan);
    b->totals = plan->reporting.total && plan->request.quantiles.n > 0;
    b->pass.plan = plan;
    b->pass.tally = &b->tally;
    b->pass.stack = &b->stack;
    b->pass.gather = &b->gather;
    b->pass.fold = fold;
    b->pass.to = b;
    b->pass.shared.series = plan->pooled ? &b->gather.series : NULL;
    pass_open(&b->pass);
    return b;
}

/* By the names of inputs: an archive that does not tell, or a pipe, gets a process of its own. */
static bool names_archives(const struct plan *plan)
{
    size_t i = 0;
    while (i < plan->n && !tar_names(plan->job[i].input))
        i++;
    return i < plan->n;
}

bool batch_run(struct plan *plan)
{
    struct why why = {0};
    if (plan->sandbox)
        sandbox_prepare();
    if (names_archives(plan))
        tar_prepare();
    struct batch *b = new_batch(plan);
    bool begun = b ? begin(b, &why) : why_memory(&why);
    bool ran = begun && run(b, &why);
    if (!ran)
        msg_error(NULL, "%s", why.text);
    if (begun)
        tally_say_totals(&b->tally);
    bool ok = ran && b->tally.count[RESULT_FAILED] + b->tally.count[RESULT_LEFT_OUT] == 0 && !b->tally.unreported;
    if (b)
        free_batch(b);
    return ok;
}
