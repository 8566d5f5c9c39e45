/* Jobs that must not be run: their outputs, and what they read and write at once. */
#include "cli/args/internal.h"

#include "base/quote.h"
#include "cli/files/file.h"
#include "cli/files/mask_file.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

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
        if (reports[i] && !path_is_standard(reports[i]))
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
    return path_is_standard(path) || (file_descriptor(path) == 0 && !file_is_regular(path));
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
        pictures += path_is_standard(plan->job[i].output);
    if (pictures == 0)
        return true;
    if (o->json)
        return why_set(why, "--json: expected an output file, for the picture goes to standard output");
    if ((o->save_stats && path_is_standard(o->save_stats)) || (o->lut && path_is_standard(o->lut)))
        return why_set(why, "--%s '-': expected a file, for the picture goes to standard output",
                       o->save_stats && path_is_standard(o->save_stats) ? "save-stats" : "lut");
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

/* A LUT is of one map between pictures, and the target of a fit of one picture. */
static bool check_reports(const struct plan *plan, const struct options *o, struct why *why)
{
    bool one = plan->n == 1 || o->norm == INSTNORM_BATCH || plan->request.given;
    const char *dot = o->lut ? path_dot(o->lut) : "";
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

bool plan_check(const struct plan *plan, const struct options *o, struct why *why)
{
    return check_stdin(plan, o, why) && check_reports(plan, o, why) && check_pictures(plan, o, why) &&
           (o->in_place || o->stats || (check_stdout(plan, o, why) && check_terminals(plan, o, why))) &&
           check_duplicates(plan, o, why) && check_same_file(plan, o, why);
}
