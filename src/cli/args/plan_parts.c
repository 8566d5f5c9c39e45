/*
 * A stack that is cut into files, its parts. With --no-clobber the parts that are there stay: their lists say which samples
 * are in them, so that the others get the numbers that they have in a run from the start.
 */
#include "cli/args/internal.h"

#include "base/quote.h"
#include "cli/files/name_list.h"
#include "cli/files/tar.h"
#include "cli/files/tensor.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- what can be cut ------------------------------------------------------------------------------------------------- */

bool plan_parts_check(const struct plan_inputs *inputs, const struct options *o, struct why *why)
{
    const char *output = inputs->output;
    char name[120];
    quote(name, sizeof name, output);
    if (path_is_standard(output) || file_descriptor(output) >= 0 || file_is_special(output))
        return why_set(why, "--per-file: %s is no file, expected a name that numbers can be added to, such as part.npy",
                       name);
    if (output[strlen(output) - 1] == '/' || file_is_folder(output))
        return why_set(why, "--per-file: %s is a folder, expected the name of a file, such as part.npy", name);
    const struct codec *codec = o->writer ? o->writer : path_codec(output);
    if (!codec || !codec->tensor)
        return why_set(why, "--per-file: expected %s to be an .npy file, because pictures are not stacked", name);
    if (strcasecmp(path_dot(output), parts_list_extension) == 0)
        return why_set(why, "--per-file: expected another extension than that of %s, which the lists have", name);
    return true;
}

/* A list holds each name as it is. */
static bool check_names(const struct plan *plan, struct why *why)
{
    char name[120];
    for (size_t i = 0; plan->cut.end == NAME_END_LINE && i < plan->n; i++) {
        const char *input = plan->job[i].input;
        size_t n = strlen(input);
        if (strchr(input, '\n') || (n > 0 && input[n - 1] == '\r'))
            return why_set(why, "%s: its name cannot be a line of a list, expected --null, with which names end with NUL",
                           quote(name, sizeof name, input));
    }
    return true;
}

/* ---- a list and the inputs ------------------------------------------------------------------------------------------- */

/* Goes through the inputs in their order, as the lists name their samples. */
struct walk_parts {
    struct plan *plan;
    size_t next;   /* the first input that was not named */
    bool open;     /* the one before may have more samples: */
    size_t index;  /* the last of them that was named, */
    size_t first;  /* and the number of its first one in the stack */
    bool probes;   /* the names are only compared */
    bool gap;      /* samples before the next name are in parts that are not there: */
    size_t before; /* as many come before those, */
    size_t sample; /* and before the next name */
};

enum line_kind { LINE_OTHER, LINE_ALONE, LINE_SAMPLE };

/* Whether the line names the input, or a sample of it: NAME or NAME[INDEX]. */
static enum line_kind match(const char *line, const struct job *job, size_t *index)
{
    size_t n = strlen(job->input);
    *index = 0;
    if (job->unreadable || strncmp(line, job->input, n) != 0)
        return LINE_OTHER;
    if (line[n] == '\0')
        return LINE_ALONE;
    size_t digits = strspn(line + n + 1, "0123456789");
    if (line[n] != '[' || digits == 0 || digits > 18 || strcmp(line + n + 1 + digits, "]") != 0)
        return LINE_OTHER;
    *index = (size_t)strtoull(line + n + 1, NULL, 10);
    return LINE_SAMPLE;
}

/* The samples of an input that is not read again are all in parts that stay. */
static void close_input(struct walk_parts *w)
{
    struct job *job = w->next > 0 ? &w->plan->job[w->next - 1] : NULL;
    if (w->open && !w->gap && !w->probes && job->samples == w->index + 1)
        job->skip = true;
    w->open = false;
}

/* Whether the input may have no sample: it may have been left out, or is an archive without pictures. */
static bool may_be_empty(const struct plan *plan, size_t i)
{
    return plan->skip_failed || tar_names(plan->job[i].input);
}

/* Whether the inputs before this one can have filled the gap. */
static bool fills_gap(const struct walk_parts *w, size_t i, size_t first)
{
    size_t least = w->before;
    if (!w->gap)
        return true;
    if (i == w->next && !w->open)
        return first == w->before;
    for (size_t before = w->next; before < i; before++)
        least += !may_be_empty(w->plan, before);
    return first >= least;
}

/* Whether the line names the input. One whose first samples are missing may begin in a part that is not there. */
static bool begin_input(struct walk_parts *w, const char *line, size_t i)
{
    size_t index;
    enum line_kind kind = match(line, &w->plan->job[i], &index);
    if (kind == LINE_OTHER || (index > 0 && !w->gap) || index > w->sample || !fills_gap(w, i, w->sample - index))
        return false;
    close_input(w);
    w->next = i + 1;
    w->index = index;
    w->first = w->sample - index;
    w->open = kind == LINE_SAMPLE;
    if (!w->probes) {
        w->plan->job[i].sample = w->first;
        w->plan->job[i].skip = kind == LINE_ALONE;
    }
    return true;
}

static bool continue_input(struct walk_parts *w, const char *line)
{
    size_t index;
    const struct job *job = w->next > 0 ? &w->plan->job[w->next - 1] : NULL;
    if (!w->open || match(line, job, &index) != LINE_SAMPLE || index <= w->index || w->first + index != w->sample)
        return false;
    w->index = index;
    return true;
}

/* Inputs that have no sample are left out; behind a gap the inputs that are in it are. */
static bool find_input(struct walk_parts *w, const char *line, size_t guess)
{
    size_t n = w->plan->n;
    if (w->gap && guess > 0 && guess < n - w->next && begin_input(w, line, w->next + guess))
        return true;
    for (size_t i = w->next; i < n; i++)
        if (begin_input(w, line, i))
            return true;
        else if (!w->gap && !may_be_empty(w->plan, i))
            return false;
    return false;
}

/* Takes the next name. `guess`: so many inputs are in the gap before it, if each has one sample. */
static bool take_line(struct walk_parts *w, const char *line, size_t guess)
{
    if (!continue_input(w, line) && !find_input(w, line, guess))
        return false;
    if (!w->probes)
        w->plan->job[w->next - 1].samples++;
    w->sample++;
    w->gap = false;
    return true;
}

/* ---- a part ---------------------------------------------------------------------------------------------------------- */

static bool other_names(const char *list, const char *line, struct why *why)
{
    char name[2][80];
    return why_set(why, "%s names %s, which is not the next sample of this run: expected --force, or another --output",
                   quote(name[0], sizeof name[0], list), quote(name[1], sizeof name[1], line));
}

/* Holds the names against the inputs. */
static bool walk_list(struct walk_parts *w, const char *path, struct found_part *part, struct why *why)
{
    struct name_list list;
    struct why reason = {0};
    size_t guess = part->number * w->plan->cut.samples - w->sample;
    char name[120];
    bool ok = true;
    if (guess > 0 && !w->gap)
        w->before = w->sample;
    w->gap |= guess > 0;
    w->sample += guess;
    part->samples = 0;
    if (!name_list_read(&list, path, w->plan->cut.end, &reason))
        ok = why_set(why, "%s: %s", quote(name, sizeof name, path), reason.text);
    for (const char *line; ok && (line = name_list_next(&list)) != NULL; part->samples++)
        ok = take_line(w, line, part->samples > 0 ? 0 : guess) || other_names(path, line, why);
    if (ok && part->samples > w->plan->cut.samples)
        ok = why_set(why, "%s names %zu samples, but --per-file is %llu: expected --force, or another --output",
                     quote(name, sizeof name, path), part->samples, (unsigned long long)w->plan->cut.samples);
    name_list_free(&list);
    return ok;
}

/* Whether the samples are as many as the list says, and like those of the part before. */
static bool check_tensor(struct plan *plan, const char *path, const struct found_part *part, struct why *why)
{
    struct picture_info info, *like = &plan->cut.like;
    size_t samples;
    char name[120];
    if (!tensor_look(path, plan->reading.channel_order, part->samples + 1, &info, &samples, why))
        return false;
    quote(name, sizeof name, path);
    if (samples != part->samples)
        return why_set(why, "%s holds %s samples than the %zu that its list names: remove both", name,
                       samples > part->samples ? "more" : "fewer", part->samples);
    if (like->width > 0 && (info.width != like->width || info.height != like->height || info.channels != like->channels ||
                            info.sample != like->sample))
        return why_set(why, "%s has another shape or type than the parts before it: remove it and its list", name);
    *like = info;
    return true;
}

/* The part is complete. */
static bool keep_part(struct plan *plan, struct walk_parts *w, const struct found_part *found, const char *list,
                      const char *tensor, struct why *why)
{
    struct found_part *part = &plan->cut.kept.part[plan->cut.kept.n];
    const struct found_part *last = plan->cut.kept.n > 0 ? part - 1 : NULL;
    char name[120];
    if (last && last->samples < plan->cut.samples)
        return why_set(why, "%s follows a part of %zu samples, but --per-file is %llu: expected --force",
                       quote(name, sizeof name, tensor), last->samples, (unsigned long long)plan->cut.samples);
    *part = *found;
    if (!walk_list(w, list, part, why) || !check_tensor(plan, tensor, part, why))
        return false;
    plan->cut.kept.n++;
    return true;
}

/* A list without its part is what a killed run may leave, which is made again; another file stays. */
static bool check_left(const struct walk_parts *w, const struct found_part *found, const char *list, struct why *why)
{
    struct walk_parts probe = *w;
    struct found_part part = *found;
    probe.probes = true;
    return walk_list(&probe, list, &part, why);
}

static bool take_part(struct walk_parts *w, const struct found_part *found, struct why *why)
{
    struct plan *plan = w->plan;
    char *list = part_list_path(plan->file, found->number), *tensor = part_tensor_path(plan->file, found->number);
    char name[120];
    bool ok = list && tensor;
    if (!ok)
        why_memory(why);
    else if (!found->list)
        ok = why_set(why, "%s exists without its list: expected --force, or another --output",
                     quote(name, sizeof name, tensor));
    else
        ok = found->tensor ? keep_part(plan, w, found, list, tensor, why) : check_left(w, found, list, why);
    free(list);
    free(tensor);
    return ok;
}

/* Behind a part that is short there is nothing more. */
static bool end_walk(struct walk_parts *w, struct why *why)
{
    const struct plan *plan = w->plan;
    const struct parts *kept = &plan->cut.kept;
    const struct found_part *last = kept->n > 0 ? &kept->part[kept->n - 1] : NULL;
    char name[2][72];
    if (!last || last->samples == plan->cut.samples)
        return true;
    close_input(w);
    while (w->next < plan->n && may_be_empty(plan, w->next))
        w->next++;
    if (w->next == plan->n)
        return true;
    char *list = part_list_path(plan->file, last->number);
    if (!list)
        return why_memory(why);
    why_set(why, "%s is the list of the last part, but %s follows: remove that list and its part, to make them again",
            quote(name[0], sizeof name[0], list), quote(name[1], sizeof name[1], plan->job[w->next].input));
    free(list);
    return false;
}

/* ---- the run --------------------------------------------------------------------------------------------------------- */

static bool keep_parts(struct plan *plan, struct why *why)
{
    const struct parts *there = &plan->cut.there;
    struct walk_parts walk = {.plan = plan};
    plan->cut.kept.part = calloc(there->n + 1, sizeof *there->part);
    if (!plan->cut.kept.part)
        return why_memory(why);
    for (size_t i = 0; i < there->n; i++)
        if (!take_part(&walk, &there->part[i], why))
            return false;
    return end_walk(&walk, why);
}

static bool name_skipped(struct plan *plan, struct why *why)
{
    size_t named = SIZE_MAX;
    const char *name = NULL;
    for (size_t i = 0; i < plan->n; i++) {
        struct job *job = &plan->job[i];
        size_t number = job->sample / plan->cut.samples;
        if (!job->skip)
            continue;
        if (number != named) {
            char *path = part_tensor_path(plan->file, number);
            name = path ? arena_string(&plan->texts, path) : NULL;
            free(path);
        }
        if (!name)
            return why_memory(why);
        named = number;
        job->output = name;
    }
    return true;
}

static bool refuse_parts(const struct plan *plan, struct why *why)
{
    const struct found_part *first = &plan->cut.there.part[0];
    char name[120], *path = (first->tensor ? part_tensor_path : part_list_path)(plan->file, first->number);
    if (!path)
        return why_memory(why);
    why_set(why,
            "--output: %s exists, expected --force to replace all parts or --no-clobber to make those that are missing",
            quote(name, sizeof name, path));
    free(path);
    return false;
}

bool plan_parts_guard(struct plan *plan, struct why *why)
{
    struct writing *how = &plan->writing;
    size_t skipped = 0;
    if (!check_names(plan, why))
        return false;
    if (plan->cut.there.n > 0 && !how->force && !how->no_clobber)
        return refuse_parts(plan, why);
    if (how->no_clobber && (!keep_parts(plan, why) || !name_skipped(plan, why)))
        return false;
    how->guarded = !how->force;
    how->no_clobber = false; /* what is there was found, and what comes meanwhile is an error */
    for (size_t i = 0; i < plan->n; i++)
        skipped += plan->job[i].skip;
    if (skipped == plan->n)
        plan->pooled = false;
    return true;
}

/* ---- telling --------------------------------------------------------------------------------------------------------- */

/* Pictures beside tensors count as one: how many a file has shows when it is read. */
static size_t count_samples(const char *input)
{
    size_t n = file_is_regular(input) ? tensor_samples(input, SIZE_MAX) : 0;
    return n > 0 ? n : 1;
}

void plan_parts_print(const struct plan *plan, const struct job *job, size_t *sample, FILE *to)
{
    char input[4096], output[4096];
    size_t n = job->skip ? job->samples : count_samples(job->input), each = plan->cut.samples;
    size_t first = *sample / each, last = (*sample + n - 1) / each;
    char *path[2] = {part_tensor_path(plan->file, first), part_tensor_path(plan->file, last)};
    *sample += n;
    if (path[0] && path[1]) {
        fprintf(to, "%s %s %s", quote(input, sizeof input, job->input), job->skip ? "keeps" : "->",
                quote(output, sizeof output, path[0]));
        fprintf(to, last > first ? " to %s\n" : "\n", quote(output, sizeof output, path[1]));
    }
    free(path[0]);
    free(path[1]);
}
