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
    "in-place",   "output",     "suffix",   "no-clobber", "lut",    "fail-on-clip", "gamma",   "beta",       "style",
    "fit",        "deflicker",  "strength", "channels",   "eps",    "norm",         "mean",    "std",        "use-stats",
    "apply-mask", "style-mask", "format",   "depth",      "dither", "strip",        "quality", "compression"};

enum relation { WITHOUT, WITH };

/* In the order in which they are looked at: the first that is broken is told. */
static const struct rule {
    const char *option;
    enum relation relation; /* the option is refused with the other one, or without it */
    const char *other;
    const char *expected;
    bool shown; /* the message shows the value, which is a text */
} rules[] = {
    {"output", WITHOUT, "in-place", "expected no output with --in-place", true},
    {"suffix", WITHOUT, "in-place", "expected no suffix with --in-place", true},
    {"format", WITHOUT, "in-place", "expected the input's own format with --in-place", true},
    {"no-clobber", WITHOUT, "in-place", "expected it without --in-place, which replaces its inputs", false},
    {"force", WITHOUT, "no-clobber", "expected it without --no-clobber", false},
    {"quiet", WITHOUT, "verbose", "expected it without --verbose", false},
    {"fit", WITHOUT, "style", "expected it without --style, for each says what to give", false},
    {"deflicker", WITHOUT, "style", "expected it without --style, for each says what to give", false},
    {"deflicker", WITHOUT, "fit", "expected it without --fit, for each says what to give", false},
    {"mean", WITH, "std", "expected --std with it", false},
    {"std", WITH, "mean", "expected --mean with it", false},
    {"use-stats", WITHOUT, "mean", "expected it without --mean and --std", false},
    {"fit", WITHOUT, "mean", "expected it without given statistics, for it measures each input", false},
    {"fit", WITHOUT, "use-stats", "expected it without given statistics, for it measures each input", false},
    {"deflicker", WITHOUT, "mean", "expected it without given statistics, for it measures each input", false},
    {"deflicker", WITHOUT, "use-stats", "expected it without given statistics, for it measures each input", false},
};

static bool check_stats(const struct options *o, struct why *why)
{
    for (size_t i = 0; o->stats && i < sizeof of_outputs / sizeof *of_outputs; i++)
        if (option_given(o, of_outputs[i]))
            return why_set(why, "--%s cannot be combined with --stats, which writes no picture", of_outputs[i]);
    return true;
}

static bool check_rules(const struct options *o, struct why *why)
{
    char quoted[160];
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        const struct rule *r = &rules[i];
        bool other = option_given(o, r->other);
        if (!option_given(o, r->option) || other == (r->relation == WITH))
            continue;
        if (r->shown)
            return why_set(why, "--%s %s: %s", r->option, quote(quoted, sizeof quoted, option_text(o, r->option)),
                           r->expected);
        return why_set(why, "--%s: %s", r->option, r->expected);
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
        if (o->no_clobber)
            return why_set(why, "--no-clobber: expected it without %s, which is of every input", file[i].option);
        if (o->json && path_is_standard(file[i].path))
            return why_set(why,
                           "--json: expected files for --save-stats and --lut, for the report goes to standard output");
        for (size_t k = 0; k < i; k++)
            if (strcmp(file[k].path, file[i].path) == 0)
                return why_set(why, "%s %s: expected another name than that of %s", file[i].option,
                               quote(quoted, sizeof quoted, file[i].path), file[k].option);
    }
    return true;
}

/* Which channels and inputs are alike must suit what is measured. */
static bool check_norm(const struct options *o, struct why *why)
{
    const char *kind = o->norm == INSTNORM_LAYER ? "layer" : "group";
    bool pools = o->norm == INSTNORM_LAYER || o->norm == INSTNORM_GROUP;
    if (o->norm == INSTNORM_BATCH && (o->fit || o->deflicker))
        return why_set(why, "--norm batch: expected it without --%s, which measures each input alone",
                       o->fit ? "fit" : "deflicker");
    if (pools && o->space->planes > 1)
        return why_set(why, "--norm %s: expected --space rgb or linear, for the channels of %s are no colours alike", kind,
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
    return why_set(why, "--space %s: expected --style, or --gamma and --beta, for it has no defaults", o->space->name);
}

/* ---- masks --------------------------------------------------------------------------------------------------------- */

static bool has_threshold(const struct selectors *s)
{
    return selectors_find(s, SELECTOR_BELOW) || selectors_find(s, SELECTOR_ABOVE) || selectors_find(s, SELECTOR_NOT);
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
        return why_set(why, "--mask same: expected it with --apply-mask, where it stands for the --mask");
    if (selectors_find(&o->style_mask, SELECTOR_SAME))
        return why_set(why, "--style-mask same: expected it with --apply-mask, where it stands for the --mask");
    if (selectors_find(&o->apply_mask, SELECTOR_SAME) && o->mask.n == 0)
        return why_set(why, "--apply-mask same: expected a --mask, which it stands for");
    if (selectors_find(&o->apply_mask, SELECTOR_ALL))
        return why_set(why, "--apply-mask all: expected it with --mask or --style-mask, for alpha is no weight here");
    return true;
}

static bool check_masks(const struct options *o, struct why *why)
{
    char quoted[160];
    if (o->mask.n > 0 && !mask_has_effect(o))
        return why_set(why, "--mask %s: expected it without given statistics, with which nothing is measured",
                       quote(quoted, sizeof quoted, o->mask.item[0].text));
    if (o->style_mask.n > 0 && o->n_styles == 0)
        return why_set(why, "--style-mask %s: expected a --style",
                       quote(quoted, sizeof quoted, o->style_mask.item[0].text));
    return true;
}

bool options_check(const struct options *o, struct why *why)
{
    static bool (*const checks[])(const struct options *, struct why *) = {
        check_stats, check_rules, check_reports, check_norm, check_target, check_words, check_masks};
    for (size_t i = 0; i < sizeof checks / sizeof *checks; i++)
        if (!checks[i](o, why))
            return false;
    return true;
}
