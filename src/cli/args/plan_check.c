/* Jobs that must not be run: their outputs, and what they read and write at once. */
#include "cli/args/internal.h"

#include "base/quote.h"
#include "cli/files/mask_file.h"
#include "cli/files/names.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* ---- what is written ------------------------------------------------------------------------------------------------ */

/* All that is written to a place: the outputs of jobs, then reports. */
struct written {
    const struct plan *plan;
    const struct place *output; /* [jobs] */
    size_t jobs;                /* a stack is written once; one that is cut has other names, see check_part_names */
    struct report_file report[REPORT_FILES_MAX];
    struct place report_place[REPORT_FILES_MAX];
    size_t reports;
    bool one_pipe; /* several outputs go into it */
};

/* "'a' and 'b': both would be written to 'c'" */
static bool both_written(const char *a, const char *b, const char *to, struct why *why)
{
    char quoted[3][72];
    return why_set(why, "%s and %s: both would be written to %s", quote(quoted[0], sizeof quoted[0], a),
                   quote(quoted[1], sizeof quoted[1], b), quote(quoted[2], sizeof quoted[2], to));
}

static const struct place *place_at(const struct written *w, size_t i)
{
    return i < w->jobs ? &w->output[i] : &w->report_place[i - w->jobs];
}

/* The name of the place as given; NULL: nothing is written there, or to standard output. */
static const char *name_at(const struct written *w, size_t i)
{
    const char *name = i < w->jobs ? w->plan->job[i].output : w->report[i - w->jobs].path;
    return name && path_is_standard(name) ? NULL : name;
}

/* Who is written there: an input, or the option of a report. */
static const char *origin_at(const struct written *w, size_t i)
{
    return i < w->jobs ? w->plan->job[i].input : w->report[i - w->jobs].option;
}

/* A hash table [size] of all that is written: 0 is free, i + 1 stands for i. */
struct written_table {
    size_t *entry, size;
};

/* The entry of the place, or the free one where it would be. */
static size_t *find_entry(const struct written *w, const struct written_table *t, const struct place *place)
{
    size_t at = place_hash(place) & (t->size - 1);
    while (t->entry[at] && !place_same(place_at(w, t->entry[at] - 1), place))
        at = (at + 1) & (t->size - 1);
    return &t->entry[at];
}

/* Enters all that is written; false if two are written to one place. */
static bool enter_all(struct written *w, const struct written_table *t, struct why *why)
{
    for (size_t i = 0; i < w->jobs + w->reports; i++) {
        if (!name_at(w, i))
            continue;
        const struct place *place = place_at(w, i);
        size_t *entry = find_entry(w, t, place);
        if (*entry && place->kind != PLACE_SPECIAL) /* a device takes as many as come */
            return both_written(origin_at(w, *entry - 1), origin_at(w, i), name_at(w, i), why);
        w->one_pipe |= *entry && file_is_pipe(name_at(w, i));
        *entry = i + 1;
    }
    return true;
}

/* No output is a folder that is to be made for another. */
static bool check_folders(const struct written *w, const struct written_table *t, const struct places *places,
                          struct why *why)
{
    struct place folder;
    char name[160];
    for (size_t i = 0; i < places->n_folders; i++) {
        const size_t *entry = places_missing(places, i, &folder) ? find_entry(w, t, &folder) : NULL;
        if (entry && *entry)
            return why_set(why, "%s: would be a file, and a folder of another output",
                           quote(name, sizeof name, name_at(w, *entry - 1)));
    }
    return true;
}

static bool find_reports(struct written *w, struct places *places)
{
    w->reports = reports_files(&w->plan->reporting, w->report);
    for (size_t i = 0; i < w->reports; i++)
        if (!place_find(places, w->report[i].path, &w->report_place[i]))
            return false;
    return true;
}

static size_t jobs_written(const struct plan *plan)
{
    return plan->cut.samples > 0 ? 0 : plan->stacked ? 1 : plan->n;
}

/* No report has the name of a part, or of its list. */
static bool check_part_names(const struct written *w, struct why *why)
{
    for (size_t i = 0; w->plan->cut.samples > 0 && i < w->reports; i++)
        if (parts_take_name(w->plan->file, w->report[i].path))
            return both_written("--per-file", w->report[i].option, w->report[i].path, why);
    return true;
}

/* Two inputs with one output, an output and a report, an output and the folder of another, by whatever name. */
static bool check_duplicates(const struct plan *plan, struct plan_places *places, struct why *why)
{
    struct written w = {.plan = plan, .output = places->output, .jobs = jobs_written(plan)};
    if (!find_reports(&w, &places->places))
        return why_memory(why);
    struct written_table table = {.size = 1};
    while (table.size < 2 * (w.jobs + w.reports))
        table.size *= 2;
    table.entry = calloc(table.size, sizeof *table.entry);
    bool ok = table.entry ? enter_all(&w, &table, why) && check_folders(&w, &table, &places->places, why) &&
                                check_part_names(&w, why)
                          : why_memory(why);
    places->one_pipe = w.one_pipe;
    free(table.entry);
    return ok;
}

/* ---- what is read -------------------------------------------------------------------------------------------------- */

/* Files that are read, by which they are known. */
struct read_files {
    struct file_id *id;
    size_t n;
};

static void add_file(struct read_files *r, const char *path)
{
    r->n += file_identify(path, STDIN_FILENO, &r->id[r->n]);
}

/* The pictures of masks: in a folder that of each input. */
static void add_masks(struct read_files *r, const struct plan *plan, const struct selectors *s)
{
    for (size_t i = 0; i < s->n; i++) {
        const char *text = s->item[i].text;
        bool folder = s->item[i].kind == SELECTOR_PICTURE && file_is_folder(text);
        if (s->item[i].kind == SELECTOR_PICTURE && !folder)
            add_file(r, text);
        for (size_t k = 0; folder && k < plan->n; k++) {
            char *other, *path = picture_in_folder(text, plan->job[k].below, &other);
            if (path)
                add_file(r, path);
            free(path);
            free(other);
        }
    }
}

/* What is read while outputs are written: masks and the picture to fit. */
static void add_beside(struct read_files *r, const struct plan *plan, const struct options *o)
{
    add_masks(r, plan, &o->mask);
    add_masks(r, plan, &o->apply_mask);
    add_file(r, o->fit);
}

/* What is read before, and the inputs: with --in-place these are the outputs. */
static void add_others(struct read_files *r, const struct plan *plan, const struct place *output, const struct options *o)
{
    add_masks(r, plan, &o->style_mask);
    for (size_t i = 0; i < o->n_styles; i++)
        add_file(r, o->style[i].path);
    add_file(r, o->use_stats);
    for (size_t i = 0; i < plan->n; i++)
        if (!o->in_place)
            add_file(r, plan->job[i].input);
        else if (output[i].kind == PLACE_FILE)
            r->id[r->n++] = output[i].id;
}

/* Room for all that add_beside and add_others may add. */
static bool begin_read_files(struct read_files *r, const struct plan *plan, const struct options *o)
{
    size_t masks = o->mask.n + o->apply_mask.n + o->style_mask.n, fit_and_stats = 2;
    *r = (struct read_files){.id = malloc((masks * (plan->n + 1) + o->n_styles + fit_and_stats + plan->n) * sizeof *r->id)};
    return r->id != NULL;
}

static bool is_read(const struct read_files *r, const struct file_id *id)
{
    return bsearch(id, r->id, r->n, sizeof *id, file_id_compare) != NULL;
}

/* Standard output may be a file. */
static bool output_is_read(const struct read_files *r, const char *path, const struct place *place)
{
    struct file_id id;
    if (path && path_is_standard(path))
        return file_identify(path, STDOUT_FILENO, &id) && is_read(r, &id);
    return path && place->kind == PLACE_FILE && is_read(r, &place->id);
}

static bool same_file(const char *path, const char *expected, struct why *why)
{
    char name[200];
    return why_set(why, "%s: input and output are the same file, expected %s", quote(name, sizeof name, path), expected);
}

/* The parts of a stack that are there. */
static bool check_parts_read(const struct plan *plan, const struct read_files *read, struct why *why)
{
    struct file_id id;
    bool ok = true;
    for (size_t i = 0; ok && i < 2 * plan->cut.there.n; i++) {
        size_t number = plan->cut.there.part[i / 2].number;
        char *path = (i % 2 ? part_list_path : part_tensor_path)(plan->file, number);
        if (!path)
            return why_memory(why);
        ok = !file_identify(path, -1, &id) || !is_read(read, &id) || same_file(path, "another name", why);
        free(path);
    }
    return ok;
}

static bool check_outputs(const struct plan *plan, const struct place *output, const struct options *o,
                          struct read_files *read, struct why *why)
{
    qsort(read->id, read->n, sizeof *read->id, file_id_compare);
    if (plan->cut.samples > 0)
        return check_parts_read(plan, read, why);
    for (size_t i = 0; i < plan->n; i++)
        if (output_is_read(read, plan->job[i].output, &output[i]))
            return same_file(plan->job[i].output, o->in_place ? "another name" : "--in-place or another name", why);
    return true;
}

static bool check_reports_read(const struct plan *plan, struct read_files *read, struct why *why)
{
    struct report_file report[REPORT_FILES_MAX];
    size_t reports = reports_files(&plan->reporting, report);
    struct file_id id;
    qsort(read->id, read->n, sizeof *read->id, file_id_compare);
    for (size_t i = 0; i < reports; i++)
        if (file_identify(report[i].path, STDOUT_FILENO, &id) && is_read(read, &id))
            return same_file(report[i].path, "another name", why);
    return true;
}

/* Whether a file that is there is written: else nothing that is read need be looked at. */
static bool writes_files(const struct plan *plan, const struct place *output)
{
    struct report_file report[REPORT_FILES_MAX];
    if (plan->cut.there.n > 0)
        return true;
    for (size_t i = 0; i < plan->n; i++)
        if (plan->job[i].output && (output[i].kind == PLACE_FILE || path_is_standard(plan->job[i].output)))
            return true;
    return reports_files(&plan->reporting, report) > 0;
}

/* Nothing that is written is read, by its own job or another, by whatever name; but outputs in place are inputs. */
static bool check_same_file(const struct plan *plan, const struct place *output, const struct options *o, struct why *why)
{
    struct read_files read;
    if (!writes_files(plan, output))
        return true;
    if (!begin_read_files(&read, plan, o))
        return why_memory(why);
    add_beside(&read, plan, o);
    if (!o->in_place)
        add_others(&read, plan, output, o);
    bool ok = check_outputs(plan, output, o, &read, why);
    if (o->in_place)
        add_others(&read, plan, output, o);
    ok = ok && check_reports_read(plan, &read, why);
    free(read.id);
    return ok;
}

/* ---- standard input and output, terminals --------------------------------------------------------------------------- */

/* Standard input by any name; one that is a file can be read again. */
static bool is_stdin(const char *path)
{
    return path_is_standard(path) || (file_descriptor(path) == 0 && !file_is_regular(path));
}

static size_t count_stdin(const struct selectors *s)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n; i++)
        n += s->item[i].kind == SELECTOR_PICTURE && is_stdin(s->item[i].text);
    return n;
}

/* How often standard input is read beside the inputs: for the list of them, and a mask for --apply-mask same is read again.
 */
static size_t count_reads(const struct plan *plan, const struct options *o)
{
    size_t mask = count_stdin(&o->mask), changed = count_stdin(&o->apply_mask);
    if (selectors_find(&o->apply_mask, SELECTOR_SAME))
        changed += mask;
    size_t each_input = mask + changed + (o->fit && is_stdin(o->fit)), each_style = count_stdin(&o->style_mask);
    size_t lists = o->files_from && is_stdin(o->files_from);
    size_t reads = lists + each_input * plan->n + each_style * o->n_styles + (o->use_stats && is_stdin(o->use_stats));
    for (size_t i = 0; i < o->n_styles; i++)
        reads += is_stdin(o->style[i].path);
    return reads;
}

/* Who reads standard input beside the inputs leaves nothing of it for another. */
static bool check_stdin(const struct plan *plan, const struct options *o, struct why *why)
{
    size_t inputs = 0, reads = count_reads(plan, o);
    for (size_t i = 0; i < plan->n; i++)
        inputs += is_stdin(plan->job[i].input);
    return reads == 0 || reads + inputs == 1 || why_set(why, "'-': standard input can be read only once");
}

static bool check_stdout(const struct plan *plan, const struct options *o, struct why *why)
{
    struct report_file report[REPORT_FILES_MAX];
    size_t reports = reports_files(&plan->reporting, report), pictures = 0;
    for (size_t i = 0; i < plan->n; i++)
        pictures += plan->job[i].output && path_is_standard(plan->job[i].output);
    if (pictures == 0)
        return true;
    if (o->json)
        return why_set(why, "--json: expected an output file, because the picture goes to standard output");
    for (size_t i = 0; i < reports; i++)
        if (path_is_standard(report[i].path))
            return why_set(why, "%s '-': expected a file, because the picture goes to standard output", report[i].option);
    if (pictures > 1 && !plan->stacked)
        return why_set(why, "--output '-': expected one input, because the format holds one picture");
    return true;
}

/* Whether the output may be a terminal at all. */
static bool may_be_terminal(const char *path, const struct place *place)
{
    return path && (path_is_standard(path) || file_descriptor(path) >= 0 || place->kind == PLACE_SPECIAL);
}

static bool check_terminals(const struct plan *plan, const struct place *output, const struct options *o, struct why *why)
{
    char name[160];
    for (size_t i = 0; !o->dry_run && i < plan->n; i++)
        if (may_be_terminal(plan->job[i].output, &output[i]) && file_is_terminal(plan->job[i].output))
            return why_set(why, "--output %s: expected a file or a pipe, not a terminal",
                           quote(name, sizeof name, plan->job[i].output));
    return true;
}

/* ---- formats and reports -------------------------------------------------------------------------------------------- */

/* What no picture can get, if it shows from the formats alone: others are refused one by one. */
static bool check_pictures(const struct plan *plan, const struct options *o, struct why *why)
{
    for (size_t i = 0; i < plan->n; i++) {
        const struct codec *writer = plan->job[i].writer;
        if (!writer || writer->tensor)
            continue;
        bool integer = o->depth ? !sample_is_float(o->depth) : !codec_holds(writer, SAMPLE_F32);
        if (!request_suits_pictures(&plan->request, why) || (integer && !request_suits_integers(&plan->request, why)))
            return false;
    }
    return true;
}

/* A LUT is of one map between pictures. */
static bool check_lut(const struct plan *plan, const struct options *o, struct why *why)
{
    bool one = plan->n == 1 || o->norm == INSTNORM_BATCH || plan->request.given;
    const char *dot = path_dot(o->lut);
    char name[160];
    quote(name, sizeof name, o->lut);
    if (*dot && strcasecmp(dot, ".cube") != 0 && !file_is_special(o->lut))
        return why_set(why, "--lut %s: expected a name that ends in .cube", name);
    if (!one)
        return why_set(why, "--lut %s: expected one input or --norm batch, because a LUT holds one map", name);
    if (plan->job[0].writer && plan->job[0].writer->tensor)
        return why_set(why, "--lut %s: expected pictures as outputs, because a LUT maps 0..1 to 0..1", name);
    return true;
}

/* Its name says what it is. */
static bool check_compare(const struct options *o, struct why *why)
{
    static const char *const endings[] = {".png", ".jpg", ".jpeg"};
    const char *dot = path_dot(o->compare);
    char name[160];
    if (!reports_has("--compare"))
        return why_set(why, "--compare: this build has no stb_easy_font, which draws text");
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (strcasecmp(dot, endings[i]) == 0 && codec_for_extension(dot + 1))
            return true;
    return why_set(why, "--compare %s: expected a name that ends in .png or .jpg", quote(name, sizeof name, o->compare));
}

static bool check_reports(const struct plan *plan, const struct options *o, struct why *why)
{
    if ((o->lut && !check_lut(plan, o, why)) || (o->compare && !check_compare(o, why)))
        return false;
    char name[160];
    if (o->fit && o->save_stats && plan->n > 1)
        return why_set(why, "--save-stats %s: expected one input with --fit, because the file holds one target",
                       quote(name, sizeof name, o->save_stats));
    return true;
}

/* A stack has no one input whose times it could have. */
static bool check_preserve(const struct plan *plan, const struct options *o, struct why *why)
{
    return !o->preserve || !plan->stacked ||
           why_set(why, "--preserve: expected an output for each input, because a stack is made of several inputs");
}

bool plan_check(const struct plan *plan, struct plan_places *places, const struct options *o, struct why *why)
{
    if (!check_preserve(plan, o, why) || !check_stdin(plan, o, why) || !check_reports(plan, o, why) ||
        !check_pictures(plan, o, why))
        return false;
    bool streams = !o->in_place && !o->stats;
    if (streams && (!check_stdout(plan, o, why) || !check_terminals(plan, places->output, o, why)))
        return false;
    return check_duplicates(plan, places, why) && check_same_file(plan, places->output, o, why);
}
