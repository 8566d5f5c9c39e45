/* Inputs -> jobs. */
#include "cli/args/internal.h"

#include "base/quote.h"
#include "base/text.h"
#include "cli/files/names.h"
#include "cli/files/processors.h"
#include "cli/files/tar.h"
#include "cli/msg.h"

#include <stdlib.h>
#include <string.h>

/* ---- names ------------------------------------------------------------------------------------------------------- */

/*
 * The output in `folder`, or beside the input if it is NULL: base name or what is below the folder that was searched,
 * suffix, extension. NULL: out of memory.
 */
static const char *output_name(struct arena *texts, const struct found_input *input, const char *folder,
                               const struct options *o)
{
    const char *path = input->path, *start = folder ? input->below : path, *dot = path_dot(path);
    const char *extension = o->format ? o->format : *dot ? dot + 1 : "";
    const char *slash = folder && *folder && folder[strlen(folder) - 1] != '/' ? "/" : "";
    const char *suffix = o->suffix ? o->suffix : "", *point = *extension ? "." : "";
    folder = folder ? folder : "";
    size_t stem = (size_t)(dot - start);
    size_t size = strlen(folder) + strlen(slash) + stem + strlen(suffix) + strlen(point) + strlen(extension) + 1;
    char *name = arena_take(texts, size);
    if (name)
        snprintf(name, size, "%s%s%.*s%s%s%s", folder, slash, (int)stem, start, suffix, point, extension);
    return name;
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
static bool choose_writer(struct job *job, const struct place *place, const struct options *o, struct why *why)
{
    char known[128], name[160];
    bool unnamed = path_is_standard(job->output) || *path_dot(job->output) == '\0' || place->kind == PLACE_SPECIAL;

    job->to_archive = !unnamed && tar_names(job->output);
    if (job->to_archive && o->writer)
        return why_set(why,
                       "%s: the pictures of an archive keep their formats, expected no --format with an output of .tar",
                       quote(name, sizeof name, job->output));
    unnamed |= job->to_archive;
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
    bool stacked; /* all inputs go into the file */
};

/* Several inputs that are all measured before the first is mapped are read twice. */
static bool check_read_twice(const struct plan *plan, const struct options *o, const struct found *found, struct why *why)
{
    char name[160];
    for (size_t i = 0; plan->pooled && found->n > 1 && i < found->n; i++)
        if (path_is_standard(found->item[i].path) || file_is_special(found->item[i].path))
            return why_set(why, "%s: expected a file, because --%s reads several inputs twice",
                           quote(name, sizeof name, found->item[i].path), o->deflicker ? "deflicker" : "norm batch");
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

static struct destination find_destination(const struct plan_inputs *inputs, const struct options *o)
{
    const char *output = inputs->output;
    if (!output)
        return (struct destination){0};
    bool stacked = o->per_file > 0 || (inputs->several && stacks(output, o));
    bool one = path_is_standard(output) || stacked || (!inputs->several && !is_folder(output));
    return (struct destination){.file = one ? output : NULL, .folder = one ? NULL : output, .stacked = stacked};
}

/* What names the outputs of a plan. */
struct naming {
    const struct options *options;
    struct destination to;
    struct arena *texts;
    struct plan_places *places;
};

/* *place <- where the output of job i leads: that of a stack, which has one name, is looked at once. */
static bool find_place(const struct naming *n, const struct job *job, size_t i, struct why *why)
{
    struct place *place = &n->places->output[i];
    if (path_is_standard(job->output))
        return true;
    if (i > 0 && job[-1].output == job->output)
        *place = place[-1];
    else if (!place_find(&n->places->places, job->output, place))
        return why_memory(why);
    return true;
}

/* With --in-place the output takes the name of the input, which must be that of a file. */
static bool replace_input(const struct naming *n, struct job *job, size_t i, struct why *why)
{
    char name[160];
    job->output = job->input;
    if (!find_place(n, job, i, why))
        return false;
    bool special = n->places->output[i].kind == PLACE_SPECIAL;
    if (path_is_standard(job->input) || file_descriptor(job->input) >= 0 || special)
        return why_set(why, "%s: expected the name of a file with --in-place", quote(name, sizeof name, job->input));
    return true;
}

/* The name of the output as it is given, or after that of the input. */
static bool name_output(const struct naming *n, const struct found_input *input, struct job *job, struct why *why)
{
    char name[160];
    const char *given = input->output ? input->output : n->to.file;
    if (path_is_standard(job->input) && !given)
        return why_set(why, "'-': expected the name of an output file for standard input");
    if (input->output && path_base(input->output)[0] == '\0')
        return why_set(why, "%s: expected the name of a file as output", quote(name, sizeof name, input->output));
    if (input->output && file_goes_back(input->output)) /* made by another job meanwhile, it would lead elsewhere */
        return why_set(why, "%s: expected no .. after a folder that is missing", quote(name, sizeof name, input->output));
    job->output = given ? given : output_name(n->texts, input, n->to.folder, n->options);
    return job->output || why_memory(why);
}

static bool give_output(const struct naming *n, const struct found_input *input, struct job *job, size_t i, struct why *why)
{
    const struct place *place = &n->places->output[i];
    if (!name_output(n, input, job, why) || !find_place(n, job, i, why))
        return false;
    job->skip = n->options->no_clobber && n->options->per_file == 0 && place->kind != PLACE_FREE;
    return choose_writer(job, place, n->options, why);
}

static bool make_jobs(struct plan *plan, const struct naming *n, const struct found *found, struct why *why)
{
    bool ok = true;
    plan->job = calloc(found->n, sizeof *plan->job);
    n->places->output = calloc(found->n, sizeof *n->places->output);
    if (!plan->job || !n->places->output)
        return why_memory(why);
    plan->n = found->n;
    for (size_t i = 0; ok && i < found->n; i++) {
        struct job *job = &plan->job[i];
        const struct found_input *input = &found->item[i];
        *job = (struct job){.input = input->path,
                            .below = input->below,
                            .listed = input->listed,
                            .number = i,
                            .unreadable = input->unreadable};
        if (!n->options->stats && !job->unreadable)
            ok = n->options->in_place ? replace_input(n, job, i, why) : give_output(n, input, job, i, why);
    }
    return ok;
}

/* No more workers than there are jobs. What goes into one pipe goes there one after another. */
static void count_workers(struct plan *plan, const struct plan_places *places, const struct options *o)
{
    unsigned wanted = o->jobs ? o->jobs : processors(), most = processes_most();
    if (wanted > most)
        wanted = most;
    plan->workers = plan->n < 2 || places->one_pipe ? 1 : wanted < plan->n ? wanted : (unsigned)plan->n;
    plan->spare = wanted / plan->workers - 1;
}

/* Makes jobs of the inputs. */
static bool add_jobs(struct plan *plan, struct plan_places *places, const struct options *o, struct why *why)
{
    struct plan_inputs inputs;
    bool ok = plan_inputs_find(&inputs, o, plan, why) && check_read_twice(plan, o, &inputs.found, why) &&
              (o->per_file == 0 || plan_parts_check(&inputs, o, why));
    if (ok) {
        const struct naming naming = {o, find_destination(&inputs, o), &plan->texts, places};
        plan->stacked = naming.to.stacked;
        plan->folder = naming.to.folder;
        plan->file = naming.to.file;
        ok = make_jobs(plan, &naming, &inputs.found, why) &&
             (o->per_file == 0 || parts_find(plan->file, &plan->cut.there, why));
    }
    found_free(&inputs.found);
    return ok;
}

/* Refuses jobs that cannot be meant, and notes what seldom is. */
static bool check_jobs(struct plan *plan, struct plan_places *places, const struct options *o, struct why *why)
{
    if (!plan_check(plan, places, o, why) || !plan_guard(plan, o, why))
        return false;
    count_workers(plan, places, o);
    plan->reporting.total = !plan->kept && (o->total || (o->stats && plan->n > 1));
    plan->request.pooled |= plan->reporting.total;
    if (!plan->kept)
        plan_warn(plan, o);
    return !plan->notes.lacks || why_memory(why);
}

bool plan_build(struct plan *plan, const struct options *o, struct why *why)
{
    struct plan_places places = {0};
    *plan = plan_begin(o);
    if (plan->reporting.page)
        plan->reporting.command = command_write(o, &plan->texts);
    bool ok = (!plan->reporting.page || plan->reporting.command || why_memory(why)) && add_jobs(plan, &places, o, why) &&
              check_jobs(plan, &places, o, why);
    places_free(&places.places);
    free(places.output);
    if (!ok)
        plan_free(plan);
    return ok;
}

bool plan_print(const struct plan *plan, FILE *to)
{
    bool all = true;
    char input[4096], output[4096];
    size_t sample = 0;
    for (size_t i = 0; i < plan->n; i++) {
        const struct job *job = &plan->job[i];
        const char *arrow = job->skip ? "keeps" : "->", *path = plan->kept ? plan->kept : job->output;
        quote(input, sizeof input, job->input);
        if (job->unreadable)
            msg_error(job->input, "%s", job->unreadable);
        else if (plan->cut.samples > 0 && !plan->kept)
            plan_parts_print(plan, job, &sample, to);
        else if (path)
            fprintf(to, "%s %s %s\n", input, arrow, quote(output, sizeof output, path));
        else
            fprintf(to, "%s\n", input);
        all &= !job->unreadable;
    }
    return all;
}

void plan_free(struct plan *plan)
{
    free(plan->job);
    arena_free(&plan->texts);
    parts_free(&plan->cut.there);
    parts_free(&plan->cut.kept);
    notes_free(&plan->notes);
    *plan = (struct plan){0};
}
