#include "cli/run/stack.h"

#include "base/quote.h"

#include <stdlib.h>
#include <string.h>

/* ---- one file -------------------------------------------------------------------------------------------------------- */

static bool open_file(struct stack *s, const struct plan *plan, struct why *why)
{
    struct file_sink sink;
    const struct codec *codec = plan->job[0].writer;
    const struct stat *like = s->has_input ? &s->input : NULL;
    if (!output_create(&sink, plan->file, codec, like, &plan->writing, &s->temporaries, why))
        return false;
    output_open(&s->output, &sink, codec, &plan->writing);
    return true;
}

static bool commit_file(struct stack *s, struct notes *notes, struct why *why)
{
    struct file_sink sink;
    if (!output_complete(&s->output, &sink, notes, why))
        return false;
    return !sink.named || (file_seal(&sink, notes, why) && file_place(&sink, false, why));
}

/* ---- the list of a part ---------------------------------------------------------------------------------------------- */

static bool put(struct stack *s, const char *text, size_t n, struct why *why)
{
    struct file_sink *list = &s->part.list;
    return list->base.write_at(&list->base, text, n, list->position + list->buffered) ||
           file_output_failed(list->name, list->base.why.text, why);
}

/* The sample before this one, as NAME, or as NAME[INDEX] if its input has several. */
static bool list_sample(struct stack *s, bool several, struct why *why)
{
    const char *input = s->part.unlisted;
    char index[32] = "";
    if (!input)
        return true;
    s->part.unlisted = NULL;
    if (several)
        snprintf(index, sizeof index, "[%zu]", s->sample - 1 - s->first);
    return put(s, input, strlen(input), why) && put(s, index, strlen(index), why) &&
           put(s, s->plan->cut.end == NAME_END_NUL ? "" : "\n", 1, why);
}

/* ---- parts ----------------------------------------------------------------------------------------------------------- */

static size_t each_part(const struct stack *s)
{
    return (size_t)s->plan->cut.samples;
}

/* The name of a part, which lives as long as the stack. */
static const char *name_part(struct stack *s, size_t number)
{
    if (s->name && s->named == number)
        return s->name;
    char *path = part_tensor_path(s->plan->file, number);
    s->name = path ? arena_string(&s->names, path) : NULL;
    s->named = number;
    free(path);
    return s->name;
}

static const char *name_list(struct stack *s, size_t number)
{
    char *path = part_list_path(s->plan->file, number);
    const char *name = path ? arena_string(&s->names, path) : NULL;
    free(path);
    return name;
}

/* Leaves nothing of the part on its way. */
static void drop_part(struct stack *s)
{
    output_discard(&s->output);
    if (s->part.open)
        file_discard(&s->part.list);
    s->part = (struct stack_part){0};
}

/* The list of a run that was killed before its part got its name is replaced. */
static bool create_list(struct stack *s, const char *name, struct why *why)
{
    const struct found_part *there = parts_at(&s->plan->cut.there, s->part.number);
    bool left = there && there->list && !there->tensor;
    const struct file_rules rules = {.like = s->has_input ? &s->input : NULL, .guarded = s->plan->writing.guarded && !left};
    return file_create(&s->part.list, name, &rules, &s->temporaries, why);
}

/* A device has no name to be given when the part is complete. */
static bool check_named(const struct file_sink *sink, struct why *why)
{
    return sink->named || file_output_failed(sink->name, "expected the name of a file", why);
}

static bool begin_part(struct stack *s, size_t number, struct why *why)
{
    struct file_sink sink;
    const struct codec *codec = s->plan->job[0].writer;
    const char *tensor = name_part(s, number), *list = name_list(s, number);
    if (!tensor || !list)
        return why_memory(why);
    s->part = (struct stack_part){.number = number};
    if (!create_list(s, list, why))
        return false;
    s->part.open = true;
    if (!check_named(&s->part.list, why) ||
        !output_create(&sink, tensor, codec, s->has_input ? &s->input : NULL, &s->plan->writing, &s->temporaries, why)) {
        drop_part(s);
        return false;
    }
    output_open(&s->output, &sink, codec, &s->plan->writing);
    s->output.how.like = s->like.width > 0 ? &s->like : NULL;
    return check_named(&sink, why);
}

static bool place_parts(struct stack *s, struct why *why)
{
    struct why each[FILE_GROUP_MAX] = {0};
    size_t n = s->group.n;
    file_group_commit(&s->group, each);
    for (size_t i = 0; i < n; i++)
        if (each[i].text[0])
            return why_set(why, "%s", each[i].text);
    s->waiting = 0;
    return true;
}

/* The list gets its name first: what has a name is a part with its list. */
static bool end_part(struct stack *s, struct notes *notes, struct why *why)
{
    struct file_sink list = s->part.list, tensor;
    size_t number = s->part.number;
    s->part = (struct stack_part){0};
    if (!file_flush(&list, why) || !file_seal(&list, notes, why)) {
        drop_part(s);
        return false;
    }
    if (!output_complete(&s->output, &tensor, notes, why) || !file_seal(&tensor, notes, why)) {
        file_discard(&list);
        return false;
    }
    if (file_group_due(&s->group) && !place_parts(s, why)) {
        file_discard(&list);
        file_discard(&tensor);
        return false;
    }
    file_group_add(&s->group, &list, number);
    file_group_add(&s->group, &tensor, number);
    s->waiting += s->unwritten;
    s->unwritten = 0;
    s->missing = number + 1;
    return true;
}

/* What came before the next sample, or the end of its job, is good. */
static bool settle(struct stack *s, bool several, struct notes *notes, struct why *why)
{
    return !s->part.open || (list_sample(s, several, why) && (s->part.samples < each_part(s) || end_part(s, notes, why)));
}

/* Always false. */
static bool other_samples(struct stack *s, size_t number, struct why *why)
{
    char name[120];
    s->displaced = true;
    return why_set(why, "%s was made of other samples than those that this run finds: expected --force",
                   quote(name, sizeof name, name_part(s, number) ? s->name : s->plan->file));
}

/* An input whose samples are in parts that stay has the numbers there that it had. */
static bool check_place(struct stack *s, size_t job, struct why *why)
{
    const struct job *j = &s->plan->job[job];
    size_t number = j->sample / each_part(s);
    return j->samples == 0 || j->sample == s->sample || other_samples(s, number, why);
}

/* Whether the parts take such a picture, which is not written: one of another shape is left out wherever it comes. */
static bool suits(const struct stack *s, const struct picture_info *info, struct why *why)
{
    struct sink none = {.seekable = true};
    const struct write_options how = {.like = &s->like};
    const struct codec *codec = s->plan->job[0].writer;
    void *writer = codec->create(&none, &how, why);
    bool ok = writer && codec->begin(writer, info, why);
    if (writer)
        codec->abandon(writer);
    return ok;
}

/* Whether the next sample has a number in a part that stays, and its job none there. */
static bool is_displaced(const struct stack *s, size_t job)
{
    const struct found_part *part = parts_at(&s->plan->cut.kept, s->sample / each_part(s));
    return part && (s->plan->job[job].samples == 0 || s->sample % each_part(s) >= part->samples);
}

/* The shape and the type of the first sample are those of all. */
static void remember_shape(struct stack *s, const struct picture_info *info)
{
    if (s->like.width > 0)
        return;
    s->like = *info;
    s->like.sample = info->stack_type ? info->stack_type : info->sample;
    s->like.metadata = NULL;
}

static bool begin_sample(struct stack *s, size_t job, const struct picture_info *info, struct notes *notes, struct why *why)
{
    struct picture_info as = *info;
    as.dimensions = 4; /* a part of one sample, too */
    if (!s->part.open && !begin_part(s, s->sample / each_part(s), why)) {
        s->broken = true;
        return false;
    }
    notes_move(notes, &s->temporaries.notes);
    if (!output_begin(&s->output, &as, notes, why))
        return false;
    remember_shape(s, &as);
    s->part.samples++;
    s->part.unlisted = s->plan->job[job].input;
    return true;
}

static bool begin_in_part(struct stack *s, size_t job, const struct picture_info *info, struct notes *notes,
                          struct why *why)
{
    if (!s->begun)
        s->first = s->sample;
    bool displaced = is_displaced(s, job);
    if (displaced && !suits(s, info, why))
        return false;
    if (!settle(s, s->begun, notes, why) || (!s->begun && !check_place(s, job, why)) ||
        (displaced && !other_samples(s, s->sample / each_part(s), why))) {
        s->broken = true;
        return false;
    }
    s->drops = parts_at(&s->plan->cut.kept, s->sample / each_part(s)) != NULL;
    if (!s->drops && !begin_sample(s, job, info, notes, why))
        return false;
    s->sample++;
    return true;
}

static bool end_in_part(struct stack *s, const struct result *end, struct notes *notes, struct why *why)
{
    bool several = s->begun && s->sample - s->first > 1, begun = s->begun;
    if (end->status == RESULT_FAILED)
        return true;
    s->unwritten += s->part.open && begun;
    if (!settle(s, several, notes, why))
        return false;
    if (end->status == RESULT_SKIPPED && !check_place(s, end->job, why))
        return false;
    if (end->status == RESULT_SKIPPED)
        s->sample += s->plan->job[end->job].samples;
    return true;
}

/* ---- either ---------------------------------------------------------------------------------------------------------- */

static bool is_cut(const struct stack *s)
{
    return s->plan && s->plan->cut.samples > 0;
}

bool stack_open(struct stack *s, const struct plan *plan, struct why *why)
{
    s->plan = plan;
    s->like = plan->cut.like;
    s->has_input = file_stat(plan->job[0].input, &s->input);
    return is_cut(s) || open_file(s, plan, why);
}

bool stack_begin(struct stack *s, size_t job, const struct picture_info *info, struct notes *notes, struct why *why)
{
    bool ok;
    if (is_cut(s)) {
        ok = begin_in_part(s, job, info, notes, why);
    } else {
        notes_move(notes, &s->temporaries.notes);
        ok = output_begin(&s->output, info, notes, why);
    }
    s->begun |= ok;
    return ok;
}

bool stack_write(struct stack *s, const struct rows *rows, struct why *why)
{
    return s->drops || output_write(&s->output, rows, why);
}

bool stack_end_job(struct stack *s, const struct result *end, struct notes *notes, struct why *why)
{
    bool ok = !is_cut(s) || end_in_part(s, end, notes, why);
    s->broken |= (s->begun && end->status == RESULT_FAILED) || !ok;
    s->begun = false;
    s->told = 0;
    return ok;
}

const char *stack_next_told(struct stack *s)
{
    return is_cut(s) ? name_part(s, (s->first + s->told++) / each_part(s)) : NULL;
}

bool stack_tend(struct stack *s)
{
    return !file_group_due(&s->group) || place_parts(s, &s->late);
}

size_t stack_parts(const struct stack *s)
{
    return (s->sample + each_part(s) - 1) / each_part(s);
}

bool stack_commit(struct stack *s, struct notes *notes, struct why *why)
{
    if (!is_cut(s))
        return commit_file(s, notes, why);
    if (s->part.samples == 0)
        drop_part(s);
    return (!s->part.open || end_part(s, notes, why)) && place_parts(s, why);
}

const char *stack_give_up(struct stack *s, size_t *unwritten, struct why *why)
{
    drop_part(s);
    why_set(why, "%s", s->late.text);
    bool placed = place_parts(s, why);
    while (parts_at(&s->plan->cut.kept, s->missing))
        s->missing++;
    *unwritten = s->unwritten + s->waiting;
    return placed && !s->displaced ? name_part(s, s->missing) : NULL;
}

void stack_free(struct stack *s)
{
    drop_part(s);
    while (s->group.n > 0)
        file_group_discard(&s->group, s->group.job[0]);
    temporaries_free(&s->temporaries);
    arena_free(&s->names);
    *s = (struct stack){0};
}
