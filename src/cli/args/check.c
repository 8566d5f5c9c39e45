/* What no single option can tell: which of them exclude or need one another. */
#include "cli/args/internal.h"

#include "base/quote.h"
#include "cli/args/table.h"
#include "cli/report/stats_file.h"

#include <math.h>
#include <string.h>

/* ---- two options --------------------------------------------------------------------------------------------------- */

/* What says how to make an output, or is about one: without effect beside --stats. */
static const char *const of_outputs[] = {
    "in-place", "preserve", "pairs",   "output",    "suffix",     "no-clobber", "lut",        "fail-on-clip",
    "gamma",    "beta",     "style",   "fit",       "deflicker",  "strength",   "channels",   "eps",
    "norm",     "mean",     "std",     "use-stats", "apply-mask", "style-mask", "format",     "depth",
    "per-file", "measure",  "compare", "dither",    "strip",      "quality",    "compression"};

enum relation { WITHOUT, WITH };

/* In the order in which they are looked at: the first that is broken is told. */
static const struct rule {
    const char *option;
    enum relation relation; /* the option is refused with the other one, or without it */
    const char *other;
    const char *because; /* follows the message */
} rules[] = {
    {"output", WITHOUT, "in-place", ", which replaces the inputs"},
    {"suffix", WITHOUT, "in-place", ", which replaces the inputs"},
    {"format", WITHOUT, "in-place", ", which keeps the format of each input"},
    {"no-clobber", WITHOUT, "in-place", ", which replaces the inputs"},
    {"force", WITHOUT, "no-clobber", ""},
    {"pairs", WITH, "files-from", ", whose lines then are pairs"},
    {"recursive", WITHOUT, "pairs", ", whose list names files"},
    {"output", WITHOUT, "pairs", ", whose list names the outputs"},
    {"suffix", WITHOUT, "pairs", ", whose list names the outputs"},
    {"in-place", WITHOUT, "pairs", ", whose list names the outputs"},
    {"per-file", WITHOUT, "in-place", ", which keeps each input a file of its own"},
    {"per-file", WITHOUT, "pairs", ", whose list names the outputs"},
    {"per-file", WITH, "output", ", whose name the files get with a number"},
    {"quiet", WITHOUT, "verbose", ""},
    {"fit", WITHOUT, "style", ": each says what to give"},
    {"deflicker", WITHOUT, "style", ": each says what to give"},
    {"deflicker", WITHOUT, "fit", ": each says what to give"},
    {"mean", WITH, "std", ""},
    {"std", WITH, "mean", ""},
    {"use-stats", WITHOUT, "mean", ": each says what the inputs have"},
    {"fit", WITHOUT, "mean", ", with which nothing is measured"},
    {"fit", WITHOUT, "use-stats", ", with which nothing is measured"},
    {"measure", WITHOUT, "fit", ", which measures nothing but differences"},
    {"deflicker", WITHOUT, "mean", ", with which nothing is measured"},
    {"deflicker", WITHOUT, "use-stats", ", with which nothing is measured"},
};

/* --no-clobber is about the file of --save-stats too. */
static bool is_of_outputs(const struct options *o, const char *option)
{
    return option_given(o, option) && !(o->save_stats && strcmp(option, "no-clobber") == 0);
}

static bool check_stats(const struct options *o, struct why *why)
{
    for (size_t i = 0; o->stats && i < sizeof of_outputs / sizeof *of_outputs; i++)
        if (is_of_outputs(o, of_outputs[i]))
            return why_set(why, "--%s cannot be combined with --%s, which writes no picture", of_outputs[i],
                           o->total ? "total" : "stats");
    return true;
}

static bool check_rules(const struct options *o, struct why *why)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct rule *r = &rules[i];
        bool other = option_given(o, r->other);
        if (!option_given(o, r->option) || other == (r->relation == WITH))
            continue;
        return why_set(why, "--%s %s --%s%s", r->option, other ? "cannot be combined with" : "needs", r->other, r->because);
    }
    return true;
}

/* ---- several -------------------------------------------------------------------------------------------------------- */

/* The statistics files and LUTs that are asked for. */
static bool check_reports(const struct options *o, struct why *why)
{
    const struct reporting reporting = make_reporting(o);
    struct report_file file[REPORT_FILES_MAX];
    char quoted[160];
    size_t n = reports_files(&reporting, file);
    for (size_t i = 0; i < n; i++) {
        if (o->no_clobber && !file[i].guarded && !file[i].partial)
            return why_set(why, "--no-clobber cannot be combined with %s, which needs every input", file[i].option);
        if (o->json && path_is_standard(file[i].path))
            return why_set(why, "%s '-': expected a file, because --json writes to standard output", file[i].option);
        for (size_t k = 0; k < i; k++)
            if (strcmp(file[k].path, file[i].path) == 0)
                return why_set(why, "%s %s: expected another name than that of %s", file[i].option,
                               quote(quoted, sizeof quoted, file[i].path), file[k].option);
    }
    return true;
}

static bool check_null(const struct options *o, struct why *why)
{
    return !o->null || o->files_from || o->per_file > 0 ||
           why_set(why, "--null needs --files-from, whose names then end with NUL, or --per-file, whose lists then do");
}

static bool check_expect(const struct options *o, struct why *why)
{
    return o->expect == 0 || o->stats || o->save_stats ||
           why_set(why, "--expect needs --stats, --total or --save-stats: it is of what these add up");
}

/* What nobody would read is not worked out. */
static bool check_quantiles(const struct options *o, struct why *why)
{
    if (o->histogram && !o->save_stats && !o->json)
        return why_set(why, "--histogram needs --save-stats or --json, which have it");
    if (o->quantiles.n > 0 && !o->stats)
        return why_set(why, "--quantiles needs --stats or --total, which print them");
    return o->measure == MEASURED_MEAN || o->mean.n == 0 || o->n_styles > 0 ||
           why_set(why, "--measure cannot be combined with --mean, with which nothing is measured");
}

/* Which channels and inputs are alike must suit what is measured. */
static bool check_norm(const struct options *o, struct why *why)
{
    const char *kind = o->norm == INSTNORM_LAYER ? "layer" : "group";
    bool pools = o->norm == INSTNORM_LAYER || o->norm == INSTNORM_GROUP;
    if (o->norm == INSTNORM_BATCH && (o->fit || o->deflicker))
        return why_set(why, "--norm batch cannot be combined with --%s, which measures each input by itself",
                       o->fit ? "fit" : "deflicker");
    if (pools && o->space->planes > 1)
        return why_set(why, "--norm %s needs --space rgb or linear: the channels of %s are not alike", kind,
                       o->space->name);
    return true;
}

/* Whether the words of --channels are all none. */
static bool changes_none(const char *word)
{
    while (strncmp(word, "none,", 5) == 0)
        word += 5;
    return strcmp(word, "none") == 0;
}

/* A space without a customary target must be told one, unless nothing is changed. */
static bool check_target(const struct options *o, struct why *why)
{
    bool customary = !isnan(o->space->gamma[0]);
    bool told = o->n_styles > 0 || o->fit || o->deflicker || (o->gamma.n > 0 && o->beta.n > 0);
    bool changes = !o->stats && !(o->channels && changes_none(o->channels));
    if (customary || told || !changes)
        return true;
    return why_set(why, "--space %s needs --style, or --gamma and --beta: it has no defaults", o->space->name);
}

/* ---- masks --------------------------------------------------------------------------------------------------------- */

static bool has_threshold(const struct selectors *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (selector_is_threshold(&s->item[i]))
            return true;
    return false;
}

/* Whether a style is measured: a picture is, a statistics file has no pixels. */
static bool measures_a_style(const struct options *o)
{
    for (size_t i = 0; i < o->n_styles; i++)
        if (!stats_file_is(o->style[i].path))
            return true;
    return false;
}

/* Whether there is something for --mask to select: an input or, by thresholds, a style that is measured. */
static bool mask_has_effect(const struct options *o)
{
    bool given = o->mean.n > 0 || o->use_stats;
    if (!given || o->stats || o->save_stats || selectors_find(&o->apply_mask, SELECTOR_SAME))
        return true;
    return has_threshold(&o->mask) && measures_a_style(o);
}

/* The selectors that stand for others, each where they mean something. */
static bool check_words(const struct options *o, struct why *why)
{
    if (selectors_find(&o->mask, SELECTOR_SAME))
        return why_set(why, "--mask same: only --apply-mask takes same, which selects the pixels of --mask");
    if (selectors_find(&o->style_mask, SELECTOR_SAME))
        return why_set(why, "--style-mask same: only --apply-mask takes same, which selects the pixels of --mask");
    if (selectors_find(&o->apply_mask, SELECTOR_SAME) && o->mask.n == 0)
        return why_set(why, "--apply-mask same needs --mask, whose pixels it selects");
    if (selectors_find(&o->apply_mask, SELECTOR_ALL))
        return why_set(why, "--apply-mask all: only --mask and --style-mask take all, which ignores alpha");
    return true;
}

static bool check_masks(const struct options *o, struct why *why)
{
    if (o->mask.n > 0 && !mask_has_effect(o))
        return why_set(why, "--mask cannot be combined with --%s, with which nothing is measured",
                       o->use_stats ? "use-stats" : "mean");
    if (o->style_mask.n > 0 && o->n_styles == 0)
        return why_set(why, "--style-mask needs --style");
    return true;
}

bool options_check(const struct options *o, struct why *why)
{
    static bool (*const checks[])(const struct options *,
                                  struct why *) = {check_stats,     check_rules,  check_reports, check_norm,  check_expect,
                                                   check_quantiles, check_target, check_words,   check_masks, check_null};
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (!checks[i](o, why))
            return false;
    return true;
}
