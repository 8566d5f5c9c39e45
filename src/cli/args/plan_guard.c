/*
 * Files that are made of every input: a stack, a statistics file. A run that some other program has split - xargs does, if
 * the list of inputs is long - must not replace the file of the part before.
 */
#include "cli/args/internal.h"

#include "base/quote.h"
#include "cli/files/tensor.h"

/* Whether the name is of a file, and not of a device, a pipe or a descriptor. */
static bool is_file(const char *path)
{
    return !path_is_standard(path) && file_descriptor(path) < 0 && file_is_regular(path);
}

/* Whether a file would be lost if another took its place. */
static bool has_content(const char *path)
{
    struct stat st;
    return is_file(path) && stat(path, &st) == 0 && st.st_size > 0;
}

/* The run is skipped if there is a file and --no-clobber keeps it. False: neither that nor --force is given. */
static bool guard(struct plan *plan, const char *option, const char *path, const char *what, struct why *why)
{
    char name[80];
    if (plan->kept || plan->writing.force || !(plan->writing.no_clobber ? is_file(path) : has_content(path)))
        return true;
    quote(name, sizeof name, path);
    if (!plan->writing.no_clobber)
        return why_set(why,
                       "%s %s: %s exists, expected --force to replace it%s; "
                       "--files-from passes a list of any length to one run",
                       option, name, what, plan->writing.in_place ? "" : " or --no-clobber to keep it");
    plan->kept = path;
    notes_add(&plan->notes, NOTE_WARNING, NULL, "%s %s: %s exists, so the run is skipped", option, name, what);
    return true;
}

/* ---- stacks -------------------------------------------------------------------------------------------------------- */

/* One input with -o FILE.npy may be the last part of a list that was split. By the positional OUTPUT no list is written. */
static bool may_be_a_part(const struct plan *plan, const struct options *o)
{
    const struct codec *writer = plan->job[0].writer;
    return plan->n == 1 && o->output && plan->file && writer && writer->tensor;
}

/* A tensor may replace a stack; a pipe, which may hold one, is not looked at. */
static bool replaces_a_stack(const struct plan *plan)
{
    const char *input = plan->job[0].input;
    return has_content(plan->file) && is_file(input) && tensor_samples(plan->file, 2) > 1 && tensor_samples(input, 1) == 0;
}

/* A file that another part completes meanwhile stays, too. */
static bool guard_stack(struct plan *plan, struct why *why)
{
    plan->writing.guarded = !plan->writing.force;
    if (!guard(plan, "--output", plan->file, "the file", why))
        return false;
    for (size_t i = 0; i < plan->n; i++)
        plan->job[i].skip = plan->kept != NULL;
    return true;
}

static bool guard_part(struct plan *plan, struct why *why)
{
    if (plan->writing.no_clobber)
        return true;
    plan->writing.guarded = !plan->writing.force && !has_content(plan->file);
    return !replaces_a_stack(plan) || guard(plan, "--output", plan->file, "a stack of several pictures", why);
}

/* ---- statistics files ---------------------------------------------------------------------------------------------- */

static bool guard_reports(struct plan *plan, const struct report_file *file, size_t n, struct why *why)
{
    for (size_t i = 0; i < n; i++)
        if (file[i].guarded && !guard(plan, file[i].option, file[i].path, "the file", why))
            return false;
    return true;
}

/* What is skipped is not measured, and would be missing in the file. */
static bool check_skipped(const struct plan *plan, const struct report_file *file, struct why *why)
{
    char name[2][72];
    for (size_t i = 0; i < plan->n; i++)
        if (plan->job[i].skip)
            return why_set(why, "%s %s needs every input, but --no-clobber skips %s: expected --force, or --stats",
                           file->option, quote(name[0], sizeof name[0], file->path),
                           quote(name[1], sizeof name[1], plan->job[i].input));
    return true;
}

static bool check_all_skipped(const struct plan *plan, const struct report_file *file, size_t n, struct why *why)
{
    for (size_t i = 0; i < n; i++)
        if (file[i].guarded && plan->kept != file[i].path && !check_skipped(plan, &file[i], why))
            return false;
    return true;
}

/* ---- the run ------------------------------------------------------------------------------------------------------- */

/* All jobs are skipped: nothing is measured, made or written. Outputs that are not there are not named. */
static void skip_all(struct plan *plan)
{
    for (size_t i = 0; i < plan->n; i++) {
        struct job *job = &plan->job[i];
        if (!job->skip)
            job->output = NULL;
        job->skip = true;
    }
    plan->pooled = plan->stacked = false;
    plan->folder = plan->file = NULL;
    plan->reporting.save_stats = NULL;
}

bool plan_guard(struct plan *plan, const struct options *o, struct why *why)
{
    struct report_file file[REPORT_FILES_MAX];
    size_t n = reports_files(&plan->reporting, file);
    if (!guard_reports(plan, file, n, why))
        return false;
    if (plan->cut.samples > 0 && !plan->kept && !plan_parts_guard(plan, why))
        return false;
    if (plan->stacked && plan->cut.samples == 0 && !plan->kept && !guard_stack(plan, why))
        return false;
    if (plan->cut.samples == 0 && may_be_a_part(plan, o) && !guard_part(plan, why))
        return false;
    if (!check_all_skipped(plan, file, n, why))
        return false;
    if (plan->kept)
        skip_all(plan);
    return true;
}
