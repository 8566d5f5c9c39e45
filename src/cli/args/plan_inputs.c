/* Operands and lists -> inputs, and the name of the output. */
#include "cli/args/internal.h"

#include "cli/files/name_list.h"

#include <string.h>

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

/* ---- a list ---------------------------------------------------------------------------------------------------------- */

/* Adds an input of the list, whose text does not stay: that of the arena does. */
static bool add_copy(struct plan_inputs *inputs, struct arena *texts, const char *path, const char *output)
{
    struct found_input input = {.path = arena_copy(texts, path, strlen(path)),
                                .output =
                                    output ? arena_copy(texts, options_path(output), strlen(options_path(output))) : NULL};
    return input.path && (!output || input.output) && found_add(&inputs->found, &input);
}

static bool add_names(struct plan_inputs *inputs, struct arena *texts, struct name_list *list, struct why *why)
{
    for (const char *name; (name = name_list_next(list)) != NULL;)
        if (!add_copy(inputs, texts, name, NULL))
            return why_memory(why);
    return true;
}

static bool add_pairs(struct plan_inputs *inputs, struct arena *texts, struct name_list *list, struct why *why)
{
    for (char *input, *output; name_list_pair(list, &input, &output, why);) {
        if (!input)
            return true;
        if (!add_copy(inputs, texts, input, output))
            return why_memory(why);
    }
    return false;
}

static bool add_list(struct plan_inputs *inputs, struct arena *texts, const struct options *o, struct why *why)
{
    struct name_list list;
    struct why reason = {0};
    bool ok = name_list_read(&list, o->files_from, o->null ? NAME_END_NUL : NAME_END_LINE, &reason) &&
              (o->pairs ? add_pairs : add_names)(inputs, texts, &list, &reason);
    name_list_free(&list);
    return ok || why_option(why, "--files-from", o->files_from, &reason);
}

/* ---- all ------------------------------------------------------------------------------------------------------------- */

bool plan_inputs_find(struct plan_inputs *inputs, const struct options *o, struct arena *texts, struct why *why)
{
    size_t n = 0;
    *inputs = (struct plan_inputs){.several = o->files_from != NULL};
    if (!split_operands(o, &n, &inputs->output, why))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!found_add(&inputs->found, &(struct found_input){.path = o->operands[i]}))
            return why_memory(why);
    if (o->files_from && !add_list(inputs, texts, o, why))
        return false;
    if (inputs->found.n == 0)
        return why_set(why, o->files_from ? "no input: the list of --files-from is empty"
                                          : "no input: expected at least one; see --help");
    inputs->several |= inputs->found.n > 1;
    return true;
}
