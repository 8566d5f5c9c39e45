#include "cli/run/style.h"

#include "cli/files/names.h"
#include "cli/msg.h"
#include "cli/report/stats_file.h"
#include "cli/run/inputs.h"
#include "engine/picture.h"

#include <stdlib.h>

/* ---- measuring ----------------------------------------------------------------------------------------------------- */

/* The selectors for a style: its own, and the thresholds of the input's --mask. False: out of memory. */
static bool style_selectors(const struct style_files *files, const struct request *request, struct selectors *to)
{
    *to = (struct selectors){.item = calloc(files->mask.n + request->mask.n + 1, sizeof *to->item)};
    for (size_t i = 0; to->item && i < files->mask.n; i++)
        to->item[to->n++] = files->mask.item[i];
    for (size_t i = 0; to->item && i < request->mask.n; i++)
        if (selector_is_threshold(&request->mask.item[i]))
            to->item[to->n++] = request->mask.item[i];
    return to->item != NULL;
}

/* What is measured of a style. */
struct collected {
    struct statistics *into;
    struct why why;     /* why a picture could not be added */
    struct why nothing; /* why nothing counts in the first picture that has nothing to give */
};

/* Adds what was measured of a picture. */
static void collect(const struct inputs *inputs, const struct layout *layout, struct result *result, struct collected *to)
{
    if (result->nothing.text[0])
        why_set(&to->nothing, "%s", result->nothing.text);
    else
        inputs_note_profile(inputs, layout, &result->notes);
    result_merge(result, to->into, &to->why);
}

static bool measure_picture(struct picture *picture, struct inputs *inputs, const struct request *request,
                            struct collected *to, struct why *why)
{
    struct map page = {0};
    struct result result = {0};
    struct picture_task task = {.request = request, .page = &page};
    inputs_give(inputs, &task);
    bool ok = picture_begin(picture, &task, why), measures = ok && !picture_is_side_page(picture);
    if (measures)
        ok = picture_measure(picture, &result, why);
    if (measures && ok)
        collect(inputs, &picture->layout, &result, to);
    if (ok)
        inputs_tell(inputs, &result.notes);
    msg_notes(&result.notes, inputs->in.name.path);
    result_free(&result);
    return ok;
}

static bool measure_each(struct picture *picture, struct inputs *inputs, const struct request *request,
                         struct collected *to, struct why *why)
{
    for (size_t i = 0;; i++) {
        enum selected selected = pictures_select(&inputs->in.pictures, i, false, why);
        if (selected != SELECT_OK)
            return selected == SELECT_END && inputs_end(inputs, i, why);
        if (!measure_picture(picture, inputs, request, to, why))
            return false;
    }
}

static bool measure_pictures(const char *path, const struct style_files *files, const struct request *request,
                             const struct reading *how, struct statistics *into, struct why *why)
{
    struct collected collected = {.into = into};
    struct request only = {.space = request->space, .rgb = request->rgb, .norm = INSTNORM_INSTANCE, .fail_on_clip = -1};
    struct reading reading = *how;
    struct inputs_buffers buffers = {0};
    struct opened_files opened = {.spool_max = input_spool_max(how)};
    struct inputs inputs = {0};
    const struct input_name name = {path, path_base(path)};
    struct picture picture = {0};
    reading.reported = false;
    bool ok = style_selectors(files, request, &only.mask) || why_memory(why);
    ok = ok && (inputs_find(&opened, INPUTS_STYLE, &name, &only) || why_memory(why)) &&
         inputs_open(&inputs, INPUTS_STYLE, &name, &only, &opened, &reading, &buffers, why) &&
         measure_each(&picture, &inputs, &only, &collected, why);
    if (ok && collected.why.text[0])
        ok = why_set(why, "%s", collected.why.text);
    if (ok && into->colours == 0)
        ok = why_set(why, "%s", collected.nothing.text[0] ? collected.nothing.text : "no picture in it");
    picture_free(&picture);
    inputs_close(&inputs);
    opened_free(&opened);
    inputs_buffers_free(&buffers);
    free(only.mask.item);
    return ok;
}

bool style_read_statistics(struct file_source *file, const struct request *request, struct statistics *into,
                           struct why *why)
{
    return stats_file_read(file, request->space, into, why) && (!request->rgb || statistics_repeat_grey(into, why));
}

static bool read_statistics(const char *path, const struct request *request, struct statistics *into, struct why *why)
{
    enum { SPOOL_BYTES = 1 << 16 };
    struct file_source file;
    if (!file_open(&file, path, SPOOL_BYTES, why))
        return false;
    bool ok = style_read_statistics(&file, request, into, why);
    file_close(&file);
    return ok;
}

/* Adds the statistics of all pictures of a file, or those of a statistics file. */
static bool measure(const char *path, const struct style_files *files, const struct request *request,
                    const struct reading *how, struct statistics *into, struct why *why)
{
    if (!stats_file_is(path))
        return measure_pictures(path, files, request, how, into, why);
    if (files->mask.n > 0)
        return why_set(why, "a statistics file has no pixels: expected a picture with --style-mask");
    return read_statistics(path, request, into, why);
}

static void tell_missing(const struct statistics *s, const char *path)
{
    if (s->missing > 0)
        msg_verbose(path, "statistics without %llu input%s, which could not be read", (unsigned long long)s->missing,
                    s->missing == 1 ? "" : "s");
}

/* ---- loading ------------------------------------------------------------------------------------------------------- */

/* The channels of a style are linked as those of the inputs are: not where the statistics of these are given. */
static bool link_channels(struct statistics *s, const struct request *request, struct why *why)
{
    bool linked = (request->norm == INSTNORM_LAYER || request->norm == INSTNORM_GROUP) && !request->given;
    return !linked || statistics_pool(s, NULL, request_groups(request, s->colours), why);
}

static bool load_style(const char *path, const struct style_files *files, const struct request *request,
                       const struct reading *how, struct statistics *style, struct why *why)
{
    struct why reason = {0};
    bool ok = measure(path, files, request, how, style, &reason) && statistics_check_counts(style, &reason) &&
              link_channels(style, request, &reason);
    tell_missing(style, path);
    return ok || why_option(why, "--style", path, &reason);
}

static bool check_same_channels(const struct style_files *files, const struct statistics *style, size_t i, struct why *why)
{
    struct why reason = {0};
    if (style[i].colours == style[0].colours)
        return true;
    why_set(&reason, "%u colour channel%s: expected %u, as in the style before it", style[i].colours,
            style[i].colours == 1 ? "" : "s", style[0].colours);
    return why_option(why, "--style", files->style[i].path, &reason);
}

static bool load_styles(const struct style_files *files, const struct request *request, const struct reading *how,
                        struct statistics *target, struct why *why)
{
    struct statistics *style = calloc(files->n, sizeof *style);
    double *weight = calloc(files->n, sizeof *weight);
    bool ok = (style && weight) || why_memory(why);
    for (size_t i = 0; ok && i < files->n; i++) {
        weight[i] = files->style[i].weight;
        ok = load_style(files->style[i].path, files, request, how, &style[i], why);
    }
    for (size_t i = 1; ok && i < files->n; i++)
        ok = check_same_channels(files, style, i, why);
    ok = ok && statistics_blend(style, weight, files->n, target, why);
    for (size_t i = 0; style && i < files->n; i++)
        statistics_free(&style[i]);
    free(style);
    free(weight);
    return ok;
}

static bool load_measured(const struct style_files *files, const struct request *request, struct statistics *measured,
                          struct why *why)
{
    struct why reason = {0};
    bool ok = read_statistics(files->use_stats, request, measured, &reason);
    tell_missing(measured, files->use_stats);
    return ok || why_option(why, "--use-stats", files->use_stats, &reason);
}

bool styles_load(const struct style_files *files, const struct request *request, const struct reading *how,
                 struct styles *styles, struct given *given, struct why *why)
{
    *styles = (struct styles){0};
    if (files->use_stats && !load_measured(files, request, &styles->measured, why))
        return false;
    if (files->n > 0 && !load_styles(files, request, how, &styles->target, why))
        return false;
    *given = (struct given){.measured = files->use_stats ? &styles->measured : NULL,
                            .measured_name = "--use-stats",
                            .target = files->n > 0 ? &styles->target : NULL,
                            .target_name = "--style"};
    return true;
}

void styles_free(struct styles *styles)
{
    statistics_free(&styles->measured);
    statistics_free(&styles->target);
}
