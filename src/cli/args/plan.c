#include "base/quote.h"
#include "cli/args/plan.h"

#include "cli/args/options.h"

#include "cli/files/file.h"
#include "cli/files/mask_file.h"
#include "cli/msg.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static bool is_standard(const char *path)
{
    return strcmp(path, "-") == 0;
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Where the extension's dot is, or the end of the text: a leading dot starts a name. */
static const char *dot_of(const char *path)
{
    const char *base = base_name(path), *dot = strrchr(base, '.');
    return dot && dot != base ? dot : base + strlen(base);
}

static char *format_path(const char *folder, size_t folder_bytes, const char *stem, size_t stem_bytes, const char *suffix,
                         const char *extension)
{
    size_t size = folder_bytes + stem_bytes + strlen(suffix) + strlen(extension) + 3;
    char *path = malloc(size);
    bool slash = folder_bytes > 0 && folder[folder_bytes - 1] != '/';
    if (path)
        snprintf(path, size, "%.*s%s%.*s%s%s%s", (int)folder_bytes, folder, slash ? "/" : "", (int)stem_bytes, stem, suffix,
                 extension[0] ? "." : "", extension);
    return path;
}

/* The output in `folder`, or beside the input if it is NULL: base name, suffix, extension. */
static char *output_name(const char *input, const char *folder, const struct options *o)
{
    const char *base = base_name(input), *dot = dot_of(input);
    const char *extension = o->format ? o->format : *dot ? dot + 1 : "";
    size_t folder_bytes = folder ? strlen(folder) : (size_t)(base - input);
    return format_path(folder ? folder : input, folder_bytes, base, (size_t)(dot - base), o->suffix ? o->suffix : "",
                       extension);
}

/* ---- the format of an output -------------------------------------------------------------------------------------- */

static bool list_extensions(char *to, size_t size)
{
    size_t at = 0;
    to[0] = '\0';
    for (size_t i = 0; codecs[i] && at < size; i++)
        if (codecs[i]->create)
            at += (size_t)snprintf(to + at, size - at, "%s%s", at ? ", " : "", codecs[i]->name);
    return at < size;
}

/* --format, else the extension, else (none, stdout, devices) the input's. */
static bool choose_writer(struct job *job, const struct options *o, struct why *why)
{
    char known[128], name[160];
    const char *dot = dot_of(job->output);

    job->writer = o->writer;
    if (job->writer || is_standard(job->output) || *dot == '\0' || file_is_special(job->output))
        return true;
    job->writer = codec_for_extension(dot + 1);
    if (job->writer)
        return true;
    list_extensions(known, sizeof known);
    return why_set(why, "%s: unknown output format, expected one of %s, or --format", quote(name, sizeof name, job->output),
                   known);
}

/* ---- what must not be -------------------------------------------------------------------------------------------- */

/* An output and where it comes to be, through links. */
struct place {
    char *path;
    const char *name; /* as given */
    const struct job *job;
    const char *option; /* without a job: whose report it is */
};

static int compare_places(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    return strcmp(x->path, y->path);
}

/* "'a' and 'b': both would be written to 'c'" */
static bool both_written(const char *a, const char *b, const char *to, struct why *why)
{
    char quoted[3][72];
    return why_set(why, "%s and %s: both would be written to %s", quote(quoted[0], sizeof quoted[0], a),
                   quote(quoted[1], sizeof quoted[1], b), quote(quoted[2], sizeof quoted[2], to));
}

/* Who is written at a place. */
static const char *origin_of(const struct place *place)
{
    return place->job ? place->job->input : place->option;
}

/* The places of all outputs and of the reports, not sorted; how many, or 0: out of memory. */
static size_t list_places(const struct plan *plan, const struct options *o, struct place *place)
{
    const char *reports[] = {o->save_stats, o->lut}, *options[] = {"--save-stats", "--lut"};
    size_t n = 0;
    for (size_t i = 0; i < plan->n && !o->stats; i++, n++)
        place[n] = (struct place){file_resolve(plan->job[i].output), plan->job[i].output, &plan->job[i], NULL};
    for (size_t i = 0; i < 2; i++)
        if (reports[i] && !is_standard(reports[i]))
            place[n++] = (struct place){file_resolve(reports[i]), reports[i], NULL, options[i]};
    for (size_t i = 0; i < n; i++)
        if (!place[i].path)
            return 0;
    return n;
}

/* Two inputs with one output, or an output and a report, by whatever name. */
static bool check_duplicates(const struct plan *plan, const struct options *o, struct why *why)
{
    struct place *place = calloc(plan->n + 2, sizeof *place);
    size_t n = place ? list_places(plan, o, place) : 0;
    bool ok = (place && (n > 0 || o->stats)) || why_memory(why);
    if (ok)
        qsort(place, n, sizeof *place, compare_places);
    for (size_t i = 1; ok && i < n; i++) {
        bool stacked = plan->stacked && place[i - 1].job && place[i].job;
        if (compare_places(&place[i - 1], &place[i]) == 0 && !stacked && !file_is_special(place[i].path))
            ok = both_written(origin_of(&place[i - 1]), origin_of(&place[i]), place[i].name, why);
    }
    for (size_t i = 0; place && i < plan->n + 2; i++)
        free(place[i].path);
    free(place);
    return ok;
}

/* ---- what is read -------------------------------------------------------------------------------------------------- */

/* Files that are read, by which they are known. */
struct readings {
    struct file_id *id;
    size_t n;
};

static void add_reading(struct readings *r, const char *path)
{
    r->n += file_identify(path, STDIN_FILENO, &r->id[r->n]);
}

/* The pictures of masks: in a folder that of each input. */
static void add_masks(struct readings *r, const struct plan *plan, const struct selectors *s)
{
    for (size_t i = 0; i < s->n; i++) {
        const char *text = s->item[i].text;
        bool folder = s->item[i].kind == SELECTOR_PICTURE && file_is_folder(text);
        if (s->item[i].kind == SELECTOR_PICTURE && !folder)
            add_reading(r, text);
        for (size_t k = 0; folder && k < plan->n; k++) {
            char *other, *path = mask_in_folder(text, plan->job[k].input, &other);
            if (path)
                add_reading(r, path);
            free(path);
            free(other);
        }
    }
}

/* What is read while outputs are written: masks and the picture to fit; with `all` also inputs, and what is read before. */
static bool list_readings(struct readings *r, const struct plan *plan, const struct options *o, bool all)
{
    size_t masks = o->mask.n + o->apply_mask.n + o->style_mask.n;
    *r = (struct readings){.id = malloc(((masks + 1) * plan->n + masks + o->n_styles + 2) * sizeof *r->id)};
    if (!r->id)
        return false;
    add_masks(r, plan, &o->mask);
    add_masks(r, plan, &o->apply_mask);
    add_reading(r, o->fit);
    if (all) {
        add_masks(r, plan, &o->style_mask);
        for (size_t i = 0; i < o->n_styles; i++)
            add_reading(r, o->style[i].path);
        add_reading(r, o->use_stats);
        for (size_t i = 0; i < plan->n; i++)
            add_reading(r, plan->job[i].input);
    }
    qsort(r->id, r->n, sizeof *r->id, file_id_compare);
    return true;
}

static bool is_read(const struct readings *r, const char *path)
{
    struct file_id id;
    return file_identify(path, STDOUT_FILENO, &id) && bsearch(&id, r->id, r->n, sizeof id, file_id_compare);
}

/* An output that is an input, of its own job or of another, by whatever name. */
static bool check_same_file(const struct plan *plan, const struct options *o, struct why *why)
{
    static const char same[] = "input and output are the same file, expected";
    const char *reports[] = {o->save_stats, o->lut};
    char name[200];
    struct readings read;
    bool ok = list_readings(&read, plan, o, !o->in_place) || why_memory(why);
    for (size_t i = 0; ok && i < plan->n; i++)
        if (is_read(&read, plan->job[i].output))
            ok = why_set(why, "%s: %s %sanother name", quote(name, sizeof name, plan->job[i].output), same,
                         o->in_place ? "" : "--in-place or ");
    free(read.id);
    read.id = NULL;
    ok = ok && (list_readings(&read, plan, o, true) || why_memory(why));
    for (size_t i = 0; ok && i < 2; i++)
        if (is_read(&read, reports[i]))
            ok = why_set(why, "%s: %s another name", quote(name, sizeof name, reports[i]), same);
    free(read.id);
    return ok;
}

/* Standard input by any name; one that is a file can be read again. */
static bool is_stdin(const char *path)
{
    return is_standard(path) || (file_descriptor(path) == 0 && !file_is_regular(path));
}

static size_t count_stdin(const struct selectors *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        n += s->item[i].kind == SELECTOR_PICTURE && is_stdin(s->item[i].text);
    return n;
}

/* Standard input can be read once: masks and a fit are read for each input, and a mask again if --apply-mask is `same`. */
static bool check_stdin(const struct plan *plan, const struct options *o, struct why *why)
{
    size_t again = selectors_find(&o->apply_mask, SELECTOR_SAME) ? 2 : 1, n = 0;
    size_t each = count_stdin(&o->mask) * again + count_stdin(&o->apply_mask) + (o->fit && is_stdin(o->fit) ? 1 : 0);
    size_t reads = each * plan->n + count_stdin(&o->style_mask) * o->n_styles;
    reads += o->use_stats && is_stdin(o->use_stats) ? 1 : 0;
    for (size_t i = 0; i < o->n_styles; i++)
        reads += is_stdin(o->style[i].path);
    for (size_t i = 0; i < plan->n; i++)
        n += is_stdin(plan->job[i].input);
    return reads == 0 || reads + n == 1 || why_set(why, "'-': expected it once, for standard input can be read only once");
}

static bool check_stdout(const struct plan *plan, const struct options *o, struct why *why)
{
    size_t pictures = 0;
    for (size_t i = 0; i < plan->n; i++)
        pictures += is_standard(plan->job[i].output);
    if (pictures == 0)
        return true;
    if (o->json)
        return why_set(why, "--json: expected an output file, for the picture goes to standard output");
    if ((o->save_stats && is_standard(o->save_stats)) || (o->lut && is_standard(o->lut)))
        return why_set(why, "--%s '-': expected a file, for the picture goes to standard output",
                       o->save_stats && is_standard(o->save_stats) ? "save-stats" : "lut");
    if (pictures > 1 && !plan->stacked)
        return why_set(why, "--output '-': expected one input, for the format holds one picture");
    return true;
}

static bool check_terminals(const struct plan *plan, const struct options *o, struct why *why)
{
    char name[160];
    for (size_t i = 0; !o->dry_run && i < plan->n; i++)
        if (file_is_terminal(plan->job[i].output))
            return why_set(why, "--output %s: expected a file or a pipe, not a terminal",
                           quote(name, sizeof name, plan->job[i].output));
    return true;
}

/* ---- building ---------------------------------------------------------------------------------------------------- */

/* Where outputs go: a file, a folder, or beside the inputs. */
struct destination {
    const char *file, *folder;
};

/* Whether several inputs go into the one output: a tensor takes them stacked, stdout one after another. */
static bool stacks(const char *output, const struct options *o)
{
    const struct codec *codec = o->writer ? o->writer : codec_for_extension(*dot_of(output) ? dot_of(output) + 1 : "");
    if (!codec || file_is_folder(output) || output[strlen(output) - 1] == '/')
        return false;
    return is_standard(output) ? codec->many : codec->tensor;
}

/* Splits the operands into inputs, which are jobs, and where their outputs go. */
static bool split_operands(struct plan *plan, const struct options *o, struct destination *to, struct why *why)
{
    bool last_is_output = !o->stats && !o->in_place && !o->output && !o->suffix;
    const char *output = o->output;
    char quoted[160];

    plan->n = o->n_operands;
    if (last_is_output) {
        if (o->n_operands != 2)
            return why_set(why, "%zu operand%s: expected INPUT OUTPUT, or -o PATH INPUT...; see --help", o->n_operands,
                           o->n_operands == 1 ? "" : "s");
        output = options_path(o->operands[1]);
        if (output[0] == '\0')
            return why_set(why, "'': expected the name of an output");
        plan->n = 1;
    }
    if (plan->n == 0)
        return why_set(why, "no input: expected at least one; see --help");
    *to = (struct destination){0};
    if (plan->pooled && plan->n > 1)
        for (size_t i = 0; i < plan->n; i++)
            if (is_standard(o->operands[i]) || file_is_special(o->operands[i]))
                return why_set(why, "%s: expected a file, for --%s reads several inputs twice",
                               quote(quoted, sizeof quoted, o->operands[i]), o->deflicker ? "deflicker" : "norm batch");
    if (!output)
        return true;
    plan->stacked = plan->n > 1 && stacks(output, o);
    bool folder = !is_standard(output) && !plan->stacked &&
                  (plan->n > 1 || output[strlen(output) - 1] == '/' || file_is_folder(output));
    *(folder ? &to->folder : &to->file) = output;
    return true;
}

static bool name_output(struct job *job, const struct destination *to, const struct options *o, struct why *why)
{
    char name[160];
    if (o->in_place && (is_standard(job->input) || file_descriptor(job->input) >= 0 || file_is_special(job->input)))
        return why_set(why, "%s: expected the name of a file with --in-place", quote(name, sizeof name, job->input));
    if (o->stats)
        return true;
    if (o->in_place) {
        job->output = strdup(job->input);
        return job->output || why_memory(why);
    }
    if (is_standard(job->input) && !to->file)
        return why_set(why, "'-': expected the name of an output file for standard input");
    job->output = to->file ? strdup(to->file) : output_name(job->input, to->folder, o);
    if (!job->output)
        return why_memory(why);
    job->skip = o->no_clobber && !is_standard(job->output) && file_exists(job->output);
    return choose_writer(job, o, why);
}

/* What no picture can get, if it shows from the formats alone: others are refused one by one. */
static bool check_pictures(const struct plan *plan, const struct options *o, struct why *why)
{
    for (size_t i = 0; i < plan->n; i++) {
        const struct codec *writer = plan->job[i].writer;
        bool picture = writer && !writer->tensor, integer = picture && (!writer->floats || o->depth == 8 || o->depth == 16);
        if ((picture && !request_suits_pictures(&plan->request, why)) ||
            (integer && !request_suits_integers(&plan->request, why)))
            return false;
    }
    return true;
}

/* A new folder with the name of a picture, or a single file where a folder may have been meant. */
static void warn_of_kind(const struct plan *plan, const struct options *o)
{
    char folder[160], quoted[2][160];
    const char *path = plan->job[0].output;
    if (o->output && plan->folder && *dot_of(o->output) && codec_for_extension(dot_of(o->output) + 1) &&
        !file_exists(o->output))
        msg_warning(NULL, "--output %s becomes a folder, for there are several inputs",
                    quote(quoted[0], sizeof quoted[0], o->output));
    if (!o->output || plan->n > 1 || is_standard(path) || *dot_of(path) || file_is_special(path) ||
        file_descriptor(path) >= 0)
        return;
    snprintf(folder, sizeof folder, "%s/", path);
    msg_warning(NULL, "--output %s is a file, for there is one input: %s would be a folder",
                quote(quoted[0], sizeof quoted[0], path), quote(quoted[1], sizeof quoted[1], folder));
}

/* A LUT is of one map between pictures, and the target of a fit of one picture. */
static bool check_reports(const struct plan *plan, const struct options *o, struct why *why)
{
    bool one = plan->n == 1 || o->norm == INSTNORM_BATCH || plan->request.given;
    const char *dot = o->lut ? dot_of(o->lut) : "";
    if (*dot && strcasecmp(dot, ".cube") != 0 && !file_is_special(o->lut))
        return why_set(why, "--lut '%s': expected a name that ends in .cube, which is the format that is written", o->lut);
    if (o->lut && !one)
        return why_set(why, "--lut '%s': expected one input or --norm batch, for it holds one map", o->lut);
    if (o->lut && plan->job[0].writer && plan->job[0].writer->tensor)
        return why_set(why, "--lut '%s': expected pictures as outputs, for it maps 0..1 to 0..1", o->lut);
    if (o->fit && o->save_stats && plan->n > 1)
        return why_set(why, "--save-stats '%s': expected one input with --fit, for it holds one target", o->save_stats);
    return true;
}

static bool check_outputs(const struct plan *plan, const struct options *o, struct why *why)
{
    return check_stdin(plan, o, why) && check_reports(plan, o, why) && check_pictures(plan, o, why) &&
           (o->in_place || o->stats || (check_stdout(plan, o, why) && check_terminals(plan, o, why))) &&
           check_duplicates(plan, o, why) && check_same_file(plan, o, why);
}

/* What the options ask of each picture. */
static struct request make_request(const struct options *o)
{
    return (struct request){.space = o->space,
                            .norm = o->norm,
                            .groups = o->groups,
                            .mean = o->mean,
                            .std = o->std,
                            .given = o->mean.n > 0 || o->use_stats,
                            .mask = o->mask,
                            .gamma = o->gamma,
                            .beta = o->beta,
                            .fit = o->fit,
                            .style = o->n_styles > 0,
                            .strength = o->strength,
                            .eps = o->eps,
                            .channels = o->channels,
                            .apply_mask = o->apply_mask,
                            .depth = o->depth,
                            .rgb = o->rgb,
                            .dither = o->dither,
                            .count_clipped = o->verbose || o->json || o->fail_on_clip >= 0,
                            .fail_on_clip = o->fail_on_clip};
}

/* What the options say of the run, before its operands are looked at. */
static struct plan begin_plan(const struct options *o)
{
    struct plan plan = {.request = make_request(o),
                        .styles = {o->style, o->n_styles, o->style_mask, o->use_stats},
                        .deflicker = o->deflicker,
                        .reading = {.memory = o->memory,
                                    .max_pixels = o->max_pixels,
                                    .auto_orient = o->auto_orient,
                                    .alpha_as_data = o->alpha_as_data,
                                    .reported = o->json || o->save_stats},
                        .writing = {.codec = o->write,
                                    .strip = o->strip,
                                    .no_clobber = o->no_clobber,
                                    .force = o->force,
                                    .in_place = o->in_place,
                                    .may_fail = o->fail_on_clip >= 0},
                        .reporting = {.stats = o->stats,
                                      .json = o->json,
                                      .verbose = o->verbose,
                                      .force = o->force,
                                      .save_stats = o->save_stats,
                                      .lut = o->lut},
                        .dry_run = o->dry_run};
    plan.pooled = !o->stats && !plan.request.given && (o->norm == INSTNORM_BATCH || o->deflicker);
    return plan;
}

bool plan_build(struct plan *plan, const struct options *o, struct why *why)
{
    struct destination to;

    *plan = begin_plan(o);
    bool ok = split_operands(plan, o, &to, why);
    if (ok && !(plan->job = calloc(plan->n, sizeof *plan->job)))
        ok = why_memory(why);
    for (size_t i = 0; ok && i < plan->n; i++) {
        plan->job[i].input = o->operands[i];
        plan->job[i].number = i;
        ok = name_output(&plan->job[i], &to, o, why);
    }
    plan->folder = ok ? to.folder : NULL;
    plan->file = ok ? to.file : NULL;
    ok = ok && check_outputs(plan, o, why);
    if (ok && !o->stats && !o->in_place)
        warn_of_kind(plan, o);
    if (!ok)
        plan_free(plan);
    return ok;
}

bool plan_print(const struct plan *plan, FILE *to)
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
    return true;
}

void plan_free(struct plan *plan)
{
    for (size_t i = 0; plan->job && i < plan->n; i++)
        free(plan->job[i].output);
    free(plan->job);
    *plan = (struct plan){0};
}
