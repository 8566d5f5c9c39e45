/* What no single option can tell: which of them exclude or need one another. */
#include "base/quote.h"
#include "cli/files/file.h"
#include "cli/msg.h"
#include "cli/args/options.h"
#include "cli/report/stats_file.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

const char *options_path(const char *path)
{
    return path && file_descriptor(path) == STDOUT_FILENO ? "-" : path;
}

static bool is_given(const struct options *o)
{
    return o->mean.n > 0 || o->use_stats;
}

/* Without an output what says how to make one has no effect. */
static bool check_stats(const struct options *o, struct why *why)
{
    const struct {
        bool given;
        const char *option;
    } useless[] = {{o->in_place, "in-place"},
                   {o->output, "output"},
                   {o->suffix, "suffix"},
                   {o->no_clobber, "no-clobber"},
                   {o->lut, "lut"},
                   {o->fail_on_clip >= 0, "fail-on-clip"},
                   {o->gamma.n > 0, "gamma"},
                   {o->beta.n > 0, "beta"},
                   {o->n_styles > 0, "style"},
                   {o->fit, "fit"},
                   {o->deflicker > 0, "deflicker"},
                   {o->strength != 1, "strength"},
                   {o->channels, "channels"},
                   {o->eps >= 0, "eps"},
                   {o->norm != INSTNORM_INSTANCE, "norm"},
                   {o->mean.n > 0, "mean"},
                   {o->std.n > 0, "std"},
                   {o->use_stats, "use-stats"},
                   {o->apply_mask.n > 0, "apply-mask"},
                   {o->style_mask.n > 0, "style-mask"},
                   {o->format, "format"},
                   {o->depth > 0, "depth"},
                   {o->dither, "dither"},
                   {o->strip, "strip"},
                   {o->write.quality >= 0, "quality"},
                   {o->write.compression >= 0, "compression"}};
    for (size_t i = 0; o->stats && i < sizeof useless / sizeof *useless; i++)
        if (useless[i].given)
            return why_set(why, "--%s cannot be combined with --stats, which writes no picture", useless[i].option);
    return true;
}

static bool check_outputs(const struct options *o, struct why *why)
{
    if (o->in_place && o->output)
        return why_set(why, "--output '%s': expected no output with --in-place", o->output);
    if (o->in_place && o->suffix)
        return why_set(why, "--suffix '%s': expected no suffix with --in-place", o->suffix);
    if (o->in_place && o->format)
        return why_set(why, "--format '%s': expected the input's own format with --in-place", o->format);
    if (o->in_place && o->no_clobber)
        return why_set(why, "--no-clobber: expected it without --in-place, which replaces its inputs");
    if (o->no_clobber && o->force)
        return why_set(why, "--force: expected it without --no-clobber");
    if (o->no_clobber && (o->save_stats || o->lut))
        return why_set(why, "--no-clobber: expected it without --%s, which is of every input",
                       o->save_stats ? "save-stats" : "lut");
    bool to_stdout = (o->save_stats && strcmp(o->save_stats, "-") == 0) || (o->lut && strcmp(o->lut, "-") == 0);
    if (o->json && to_stdout)
        return why_set(why, "--json: expected files for --save-stats and --lut, for the report goes to standard output");
    if (o->save_stats && o->lut && strcmp(o->save_stats, o->lut) == 0)
        return why_set(why, "--lut '%s': expected another name than that of --save-stats", o->lut);
    if (o->quiet && o->verbose)
        return why_set(why, "--quiet: expected it without --verbose");
    return true;
}

/* At most one source of the statistics, and one of the target. */
static bool check_sources(const struct options *o, struct why *why)
{
    const char *targets[] = {o->n_styles ? "style" : NULL, o->fit ? "fit" : NULL, o->deflicker ? "deflicker" : NULL};
    const char *first = NULL;
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        if (first && targets[i])
            return why_set(why, "--%s: expected it without --%s, for each says what to give", targets[i], first);
        first = targets[i] ? targets[i] : first;
    }
    if ((o->mean.n > 0) != (o->std.n > 0))
        return why_set(why, "--%s: expected --%s with it", o->mean.n > 0 ? "mean" : "std", o->mean.n > 0 ? "std" : "mean");
    if (o->use_stats && o->mean.n > 0)
        return why_set(why, "--use-stats: expected it without --mean and --std");
    if (is_given(o) && (o->fit || o->deflicker))
        return why_set(why, "--%s: expected it without given statistics, for it measures each input",
                       o->fit ? "fit" : "deflicker");
    if (o->norm == INSTNORM_BATCH && (o->fit || o->deflicker))
        return why_set(why, "--norm batch: expected it without --%s, which measures each input alone",
                       o->fit ? "fit" : "deflicker");
    return true;
}

/* Whether the words of --channels are all none. */
static bool changes_none(const char *word)
{
    while (strncmp(word, "none,", 5) == 0)
        word += 5;
    return strcmp(word, "none") == 0;
}

static bool check_space(const struct options *o, struct why *why)
{
    bool pools = o->norm == INSTNORM_LAYER || o->norm == INSTNORM_GROUP;
    if (pools && o->space->planes > 1)
        return why_set(why, "--norm %s: expected --space rgb or linear, for the channels of %s are no colours alike",
                       o->norm == INSTNORM_LAYER ? "layer" : "group", o->space->name);
    bool untouched = o->channels && changes_none(o->channels);
    bool target = o->n_styles || o->fit || o->deflicker || (o->gamma.n > 0 && o->beta.n > 0) || untouched;
    if (!o->stats && isnan(o->space->gamma[0]) && !target)
        return why_set(why, "--space %s: expected --style, or --gamma and --beta, for it has no defaults", o->space->name);
    return true;
}

/* Whether a style is measured where thresholds of --mask select: a picture is, a statistics file has no pixels. */
static bool masks_a_style(const struct options *o)
{
    bool threshold = selectors_find(&o->mask, SELECTOR_BELOW) || selectors_find(&o->mask, SELECTOR_ABOVE) ||
                     selectors_find(&o->mask, SELECTOR_NOT);
    size_t i = 0;
    while (i < o->n_styles && stats_file_is(o->style[i].path))
        i++;
    return threshold && i < o->n_styles;
}

static bool check_masks(const struct options *o, struct why *why)
{
    char quoted[160];
    if (selectors_find(&o->mask, SELECTOR_SAME))
        return why_set(why, "--mask same: expected it with --apply-mask, where it stands for the --mask");
    if (selectors_find(&o->style_mask, SELECTOR_SAME))
        return why_set(why, "--style-mask same: expected it with --apply-mask, where it stands for the --mask");
    if (selectors_find(&o->apply_mask, SELECTOR_SAME) && o->mask.n == 0)
        return why_set(why, "--apply-mask same: expected a --mask, which it stands for");
    if (selectors_find(&o->apply_mask, SELECTOR_ALL))
        return why_set(why, "--apply-mask all: expected it with --mask or --style-mask, for alpha is no weight here");
    bool given = is_given(o) && !o->stats && !o->save_stats;
    if (o->mask.n > 0 && given && !selectors_find(&o->apply_mask, SELECTOR_SAME) && !masks_a_style(o))
        return why_set(why, "--mask %s: expected it without given statistics, with which nothing is measured",
                       quote(quoted, sizeof quoted, o->mask.item[0].text));
    if (o->style_mask.n > 0 && o->n_styles == 0)
        return why_set(why, "--style-mask %s: expected a --style",
                       quote(quoted, sizeof quoted, o->style_mask.item[0].text));
    return true;
}

bool options_check(const struct options *o, struct why *why)
{
    return check_stats(o, why) && check_outputs(o, why) && check_sources(o, why) && check_space(o, why) &&
           check_masks(o, why);
}
