/* Operands -> jobs. */
#include "cli/args/internal.h"

#include "base/quote.h"
#include "base/text.h"
#include "cli/files/names.h"

#include <stdlib.h>
#include <string.h>

/* ---- names ------------------------------------------------------------------------------------------------------- */

static char *format_path(const char *folder, size_t folder_bytes, const char *stem, size_t stem_bytes, const char *suffix,
                         const char *extension)
{
    char *path;
    bool slash = folder_bytes > 0 && folder[folder_bytes - 1] != '/';
    int n = asprintf(&path, "%.*s%s%.*s%s%s%s", (int)folder_bytes, folder, slash ? "/" : "", (int)stem_bytes, stem, suffix,
                     extension[0] ? "." : "", extension);
    return n < 0 ? NULL : path;
}

/* The output in `folder`, or beside the input if it is NULL: base name, suffix, extension. */
static char *output_name(const char *input, const char *folder, const struct options *o)
{
    const char *base = path_base(input), *dot = path_dot(input);
    const char *extension = o->format ? o->format : *dot ? dot + 1 : "";
    size_t folder_bytes = folder ? strlen(folder) : (size_t)(base - input);
    return format_path(folder ? folder : input, folder_bytes, base, (size_t)(dot - base), o->suffix ? o->suffix : "",
                       extension);
}

/* ---- the format of an output -------------------------------------------------------------------------------------- */

const struct codec *path_codec(const char *path)
{
    const char *dot = path_dot(path);
    return *dot ? codec_for_extension(dot + 1) : NULL;
}

/* to <- "png, jpg": the formats that can be written. */
static void list_formats(char *to, size_t size)
{
    *to = '\0';
    for (size_t i = 0; codecs[i]; i++)
        if (codecs[i]->create)
            text_append(to, size, "%s%s", *to ? ", " : "", codecs[i]->name);
}

/* --format, else the extension, else (none, stdout, devices) the input's. */
static bool choose_writer(struct job *job, const struct options *o, struct why *why)
{
    char known[128], name[160];
    bool unnamed = path_is_standard(job->output) || *path_dot(job->output) == '\0' || file_is_special(job->output);

    job->writer = o->writer;
    if (!job->writer && !unnamed)
        job->writer = path_codec(job->output);
    if (job->writer || unnamed)
        return true;
    list_formats(known, sizeof known);
    return why_set(why, "%s: unknown output format, expected one of %s, or --format", quote(name, sizeof name, job->output),
                   known);
}

/* ---- building ---------------------------------------------------------------------------------------------------- */

/* Where outputs go: a file, a folder, or beside the inputs. */
struct destination {
    const char *file, *folder;
};

/* Splits the operands into inputs, of which there are plan->n, and the name of the output; NULL: it has none. */
static bool split_operands(struct plan *plan, const struct options *o, const char **output, struct why *why)
{
    bool last_is_output = !o->stats && !o->in_place && !o->output && !o->suffix;
    if (last_is_output && o->n_operands != 2)
        return why_set(why, "%zu operand%s: expected INPUT OUTPUT, or -o PATH INPUT...; see --help", o->n_operands,
                       o->n_operands == 1 ? "" : "s");
    plan->n = last_is_output ? 1 : o->n_operands;
    *output = last_is_output ? options_path(o->operands[1]) : o->output;
    if (*output && (*output)[0] == '\0')
        return why_set(why, "'': expected the name of an output");
    return plan->n > 0 || why_set(why, "no input: expected at least one; see --help");
}

/* Several inputs that are all measured before the first is mapped are read twice. */
static bool check_read_twice(const struct plan *plan, const struct options *o, struct why *why)
{
    char name[160];
    for (size_t i = 0; plan->pooled && plan->n > 1 && i < plan->n; i++)
        if (path_is_standard(o->operands[i]) || file_is_special(o->operands[i]))
            return why_set(why, "%s: expected a file, because --%s reads several inputs twice",
                           quote(name, sizeof name, o->operands[i]), o->deflicker ? "deflicker" : "norm batch");
    return true;
}

static bool is_folder(const char *path)
{
    return path[strlen(path) - 1] == '/' || file_is_folder(path);
}

/* Whether several inputs go into the one output: a tensor takes them stacked, stdout one after another. */
static bool stacks(const char *output, const struct options *o)
{
    const struct codec *codec = o->writer ? o->writer : path_codec(output);
    if (!codec || is_folder(output))
        return false;
    return path_is_standard(output) ? codec->many : codec->tensor;
}

static struct destination find_destination(struct plan *plan, const struct options *o, const char *output)
{
    if (!output)
        return (struct destination){0};
    plan->stacked = plan->n > 1 && stacks(output, o);
    bool one = path_is_standard(output) || plan->stacked || (plan->n == 1 && !is_folder(output));
    return one ? (struct destination){.file = output} : (struct destination){.folder = output};
}

/* With --in-place the output takes the name of the input, which must be that of a file. */
static bool replace_input(struct job *job, struct why *why)
{
    char name[160];
    if (path_is_standard(job->input) || file_descriptor(job->input) >= 0 || file_is_special(job->input))
        return why_set(why, "%s: expected the name of a file with --in-place", quote(name, sizeof name, job->input));
    job->output = strdup(job->input);
    return job->output || why_memory(why);
}

static bool name_output(struct job *job, const struct destination *to, const struct options *o, struct why *why)
{
    if (path_is_standard(job->input) && !to->file)
        return why_set(why, "'-': expected the name of an output file for standard input");
    job->output = to->file ? strdup(to->file) : output_name(job->input, to->folder, o);
    if (!job->output)
        return why_memory(why);
    job->skip = o->no_clobber && !path_is_standard(job->output) && file_exists(job->output);
    return choose_writer(job, o, why);
}

static bool make_job(struct job *job, const struct destination *to, const struct options *o, struct why *why)
{
    if (o->stats)
        return true;
    return o->in_place ? replace_input(job, why) : name_output(job, to, o, why);
}

static bool make_jobs(struct plan *plan, const struct options *o, const struct destination *to, struct why *why)
{
    plan->job = calloc(plan->n, sizeof *plan->job);
    if (!plan->job)
        return why_memory(why);
    for (size_t i = 0; i < plan->n; i++) {
        plan->job[i].input = o->operands[i];
        plan->job[i].number = i;
        if (!make_job(&plan->job[i], to, o, why))
            return false;
    }
    plan->folder = to->folder;
    plan->file = to->file;
    return true;
}

/* Fills in what depends on the operands. */
static bool add_jobs(struct plan *plan, const struct options *o, struct why *why)
{
    const char *output = NULL;
    if (!split_operands(plan, o, &output, why) || !check_read_twice(plan, o, why))
        return false;
    struct destination to = find_destination(plan, o, output);
    if (!make_jobs(plan, o, &to, why) || !plan_check(plan, o, why))
        return false;
    plan_warn(plan, o);
    return !plan->notes.lacks || why_memory(why);
}

bool plan_build(struct plan *plan, const struct options *o, struct why *why)
{
    *plan = plan_begin(o);
    if (add_jobs(plan, o, why))
        return true;
    plan_free(plan);
    return false;
}

void plan_print(const struct plan *plan, FILE *to)
{
    char input[4096], output[4096];
    for (size_t i = 0; i < plan->n; i++) {
        const struct job *job = &plan->job[i];
        const char *arrow = job->skip ? "keeps" : "->";
        quote(input, sizeof input, job->input);
        if (job->output)
            fprintf(to, "%s %s %s\n", input, arrow, quote(output, sizeof output, job->output));
        else
            fprintf(to, "%s\n", input);
    }
}

void plan_free(struct plan *plan)
{
    for (size_t i = 0; plan->job && i < plan->n; i++)
        free(plan->job[i].output);
    free(plan->job);
    notes_free(&plan->notes);
    *plan = (struct plan){0};
}
