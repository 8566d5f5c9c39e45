/* Operands, lists and folders -> inputs, and the name of the output. */
#include "cli/args/internal.h"

#include "base/quote.h"
#include "cli/files/name_list.h"
#include "cli/files/walk.h"

/* ---- operands -------------------------------------------------------------------------------------------------------- */

/* Whether another option than an operand says where outputs go, or that there are none. */
static bool says_outputs(const struct options *o)
{
    return o->stats || o->in_place || o->output || o->suffix || o->pairs;
}

/* *n <- how many operands are inputs. *output <- the name of the output; NULL: it has none. */
static bool split_operands(const struct options *o, size_t *n, const char **output, struct why *why)
{
    bool last_is_output = !says_outputs(o);
    if (last_is_output && o->files_from)
        return why_set(why,
                       "--files-from needs --output, --suffix, --in-place, --stats or --pairs: no operand is an output");
    if (o->pairs && o->n_operands > 0)
        return why_set(why, "--pairs: expected no operands, because the list names inputs and outputs");
    if (last_is_output && o->n_operands != 2)
        return why_set(why, "%zu operand%s: expected INPUT OUTPUT, or -o PATH INPUT...; see --help", o->n_operands,
                       o->n_operands == 1 ? "" : "s");
    *n = last_is_output ? 1 : o->n_operands;
    *output = last_is_output ? options_path(o->operands[1]) : o->output;
    return !*output || **output || why_set(why, "'': expected the name of an output");
}

/* ---- inputs ---------------------------------------------------------------------------------------------------------- */

/* Where inputs are added. */
struct adding {
    struct plan_inputs *inputs;
    struct arena *texts;
    struct walk walk;
    bool recursive;
};

/* Adds an input, or what is in a folder. The path outlives the plan. */
static bool add_path(struct adding *a, const char *path, struct why *why)
{
    if (!a->recursive || !file_is_folder(path))
        return found_add(&a->inputs->found,
                         &(struct found_input){.path = path, .below = path_base(path), .listed = path}) ||
               why_memory(why);
    a->inputs->several = true;
    return walk_folder(&a->walk, path, &a->inputs->found, a->texts, why);
}

static bool add_names(struct adding *a, struct name_list *list, struct why *why)
{
    for (const char *name; (name = name_list_next(list)) != NULL;) {
        const char *path = arena_string(a->texts, name);
        if (!path)
            return why_memory(why);
        if (!add_path(a, path, why))
            return false;
    }
    return true;
}

static bool add_pairs(struct adding *a, struct name_list *list, struct why *why)
{
    for (char *input, *output; name_list_pair(list, &input, &output, why);) {
        if (!input)
            return true;
        struct found_input pair = {.path = arena_string(a->texts, input),
                                   .output = arena_string(a->texts, options_path(output))};
        pair.below = pair.path ? path_base(pair.path) : NULL;
        pair.listed = pair.path;
        if (!pair.path || !pair.output || !found_add(&a->inputs->found, &pair))
            return why_memory(why);
    }
    return false;
}

static bool add_list(struct adding *a, const struct options *o, struct why *why)
{
    struct name_list list;
    struct why reason = {0};
    bool ok = name_list_read(&list, o->files_from, o->null ? NAME_END_NUL : NAME_END_LINE, &reason) &&
              (o->pairs ? add_pairs : add_names)(a, &list, &reason);
    name_list_free(&list);
    return ok || why_option(why, "--files-from", o->files_from, &reason);
}

static bool add_all(struct adding *a, const struct options *o, size_t operands, struct why *why)
{
    for (size_t i = 0; i < operands; i++)
        if (!add_path(a, o->operands[i], why))
            return false;
    return !o->files_from || add_list(a, o, why);
}

/* Always false. */
static bool no_input(const struct adding *a, const struct options *o, struct why *why)
{
    char suffix[80];
    if (a->walk.earlier > 0)
        return why_set(why, "no input: all pictures in the folders are outputs of an earlier run, by --suffix %s",
                       quote(suffix, sizeof suffix, o->suffix));
    if (a->walk.n_seen > 0)
        return why_set(why, "no input: no file in the folders has an extension that --version lists");
    if (o->files_from)
        return why_set(why, "no input: the list of --files-from is empty");
    return why_set(why, "no input: expected at least one; see --help");
}

bool plan_inputs_find(struct plan_inputs *inputs, const struct options *o, struct plan *plan, struct why *why)
{
    size_t operands = 0;
    *inputs = (struct plan_inputs){.several = o->files_from != NULL};
    if (!split_operands(o, &operands, &inputs->output, why))
        return false;
    struct adding a = {.inputs = inputs, .texts = &plan->texts, .recursive = o->recursive};
    a.walk = walk_begin(inputs->output, inputs->output ? NULL : o->suffix);
    bool ok = add_all(&a, o, operands, why) && (inputs->found.n > 0 || no_input(&a, o, why));
    inputs->several |= inputs->found.n > 1;
    walk_tell(&a.walk, &plan->notes);
    walk_free(&a.walk);
    return ok;
}
