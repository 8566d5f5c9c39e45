/* One table drives parsing and --help; tests hold the man page against --help=all. */
#include "base/quote.h"
#include "cli/args/table.h"

#include "cli/files/file.h"
#include "cli/msg.h"
#include "cli/report/reports.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Keys of options without a letter; letters are their own keys. */
enum {
    KEY_STRENGTH = 256,
    KEY_SUFFIX,
    KEY_DEPTH,
    KEY_FORCE,
    KEY_IN_PLACE,
    KEY_STATS,
    KEY_JSON,
    KEY_MEMORY,
    KEY_MAX_PIXELS,
    KEY_DRY_RUN,
    KEY_MEAN,
    KEY_STD,
    KEY_RGB,
    KEY_STRIP,
    KEY_AUTO_ORIENT,
    KEY_DITHER,
    KEY_MASK,
    KEY_APPLY_MASK,
    KEY_STYLE_MASK,
    KEY_ALPHA_AS_DATA,
    KEY_FIT,
    KEY_DEFLICKER,
    KEY_USE_STATS,
    KEY_SAVE_STATS,
    KEY_LUT,
    KEY_FAIL_ON_CLIP
};

/* ---- one function for each option: false if the value is not what `expected` says -------------------------------- */

static bool set_gamma(struct options *o, const char *value)
{
    return value_list(value, &o->gamma);
}

static bool set_beta(struct options *o, const char *value)
{
    return value_list(value, &o->beta);
}

static bool set_strength(struct options *o, const char *value)
{
    return value_ratio(value, &o->strength) && o->strength >= 0 && o->strength <= 1;
}

static bool set_norm(struct options *o, const char *value)
{
    static const char *const kinds[] = {[INSTNORM_INSTANCE] = "instance",
                                        [INSTNORM_LAYER] = "layer",
                                        [INSTNORM_GROUP] = "group:",
                                        [INSTNORM_BATCH] = "batch"};
    uint64_t groups = 1;
    unsigned kind = 0;

    if (strncmp(value, kinds[INSTNORM_GROUP], 6) == 0) {
        kind = INSTNORM_GROUP;
        if (!value_integer(value + 6, 1, UINT_MAX, &groups))
            return false;
    } else {
        while (kind <= INSTNORM_BATCH && strcmp(value, kinds[kind]) != 0)
            kind++;
    }
    o->norm = (enum instnorm_kind)kind;
    o->groups = (unsigned)groups;
    return kind <= INSTNORM_BATCH;
}

static bool set_mean(struct options *o, const char *value)
{
    return value_given(value, -HUGE_VAL, &o->mean);
}

static bool set_std(struct options *o, const char *value)
{
    return value_given(value, 0, &o->std);
}

static bool set_eps(struct options *o, const char *value)
{
    return value_ratio(value, &o->eps) && o->eps >= 0;
}

static bool set_channels(struct options *o, const char *value)
{
    char *all = NULL;
    if (asprintf(&all, "%s%s%s", o->channels ? o->channels : "", o->channels ? "," : "", value) < 0)
        return false;
    free(o->channels);
    o->channels = all;
    return value[0] != '\0' && value[0] != ',' && !strstr(value, ",,") && value[strlen(value) - 1] != ',';
}

static bool set_mask(struct options *o, const char *value)
{
    return value_selector(value, &o->mask);
}

static bool set_apply_mask(struct options *o, const char *value)
{
    return value_selector(value, &o->apply_mask);
}

static bool set_style_mask(struct options *o, const char *value)
{
    return value_selector(value, &o->style_mask);
}

/* FILE@W, unless there is a file of the whole name. */
static bool set_style(struct options *o, const char *value)
{
    const char *at = file_exists(value) ? NULL : strrchr(value, '@');
    struct style *more = realloc(o->style, (o->n_styles + 1) * sizeof *more), *style = more + o->n_styles;
    if (!more)
        return false;
    o->style = more;
    *style = (struct style){NULL, 1};
    if (at && !value_ratio(at + 1, &style->weight))
        at = NULL;
    style->path = strndup(value, at ? (size_t)(at - value) : strlen(value));
    o->n_styles += style->path != NULL;
    return style->path && style->path[0] != '\0' && style->weight > 0;
}

static bool set_deflicker(struct options *o, const char *value)
{
    uint64_t n;
    bool ok = value_integer(value, 1, UINT_MAX, &n);
    o->deflicker = ok ? (unsigned)n : 0;
    return ok;
}

static bool set_space(struct options *o, const char *value)
{
    o->space = instnorm_space_find(value);
    return o->space != NULL;
}

static bool set_fail_on_clip(struct options *o, const char *value)
{
    return value_ratio(value, &o->fail_on_clip) && o->fail_on_clip >= 0 && o->fail_on_clip <= 100;
}

static bool set_suffix(struct options *o, const char *value)
{
    o->suffix = value;
    return value[0] != '\0' && !strchr(value, '/');
}

static bool set_format(struct options *o, const char *value)
{
    o->format = value;
    o->writer = codec_for_extension(value);
    return o->writer != NULL;
}

static bool set_depth(struct options *o, const char *value)
{
    o->depth = strcmp(value, "8") == 0 ? 8 : strcmp(value, "16") == 0 ? 16 : strcmp(value, "float") == 0 ? 32 : 0;
    return o->depth != 0;
}

static bool set_quality(struct options *o, const char *value)
{
    uint64_t n = QUALITY_KEEP;
    bool ok = strcmp(value, "keep") == 0 || value_integer(value, 1, 100, &n);
    o->write.quality = ok ? (int)n : -1;
    return ok;
}

static bool set_compression(struct options *o, const char *value)
{
    uint64_t n;
    bool ok = value_integer(value, 0, 9, &n);
    o->write.compression = ok ? (int)n : -1;
    return ok;
}

static bool set_memory(struct options *o, const char *value)
{
    return value_size(value, &o->memory) && o->memory > 0;
}

static bool set_max_pixels(struct options *o, const char *value)
{
    return value_count(value, &o->max_pixels) && o->max_pixels > 0;
}

static bool set_help(struct options *o, const char *value)
{
    o->action = value ? ACTION_HELP_ALL : ACTION_HELP;
    return !value || strcmp(value, "all") == 0;
}

static bool set_version(struct options *o, const char *value)
{
    (void)value;
    o->action = ACTION_VERSION;
    return true;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

#define FLAG(member) NULL, NULL, NULL, offsetof(struct options, member)
#define TEXT(member) NULL, offsetof(struct options, member)

static const char list_expected[] = "numbers, fractions or 'keep', separated by commas";

static const char selector_expected[] = "a picture, a folder, below:L, above:L (0 to 1), not:V, same or all";

const struct option_row option_table[] = {
    {.help = "Target"},
    {'g', "gamma", "LIST", list_expected, set_gamma, 0, "standard deviation to give (0.25)"},
    {'b', "beta", "LIST", list_expected, set_beta, 0, "mean to give (0.5)"},
    {'s', "style", "FILE[@W]", "a picture or a statistics file, and after @ a weight above 0", set_style, 0,
     "mean and deviation of a picture or a statistics file;\nrepeat to blend by weights W"},
    {KEY_FIT, "fit", "FILE", "a picture", TEXT(fit), "mean and deviation that bring the input closest to FILE"},
    {KEY_DEFLICKER, "deflicker", "N", "a whole number above 0", set_deflicker, 0,
     "mean and deviation averaged over N inputs around each"},
    {KEY_STRENGTH, "strength", "A", "a number from 0 to 1", set_strength, 0, "0 = unchanged, 1 = full (1)"},
    {.help = "Measuring"},
    {'N', "norm", "KIND", "instance, layer, group:G or batch", set_norm, 0,
     "instance (default): each channel alone; a cast goes\n"
     "layer: all channels alike; hues stay\n"
     "group:G: G groups of channels, each alike\n"
     "batch: all inputs alike; their differences stay"},
    {'S', "space", "NAME", "rgb, linear, lab, oklab or ruderman", set_space, 0,
     "rgb (as stored), linear (light), lab, oklab or\nruderman: lightness apart from colour"},
    {'c', "channels", "LIST", "names or indices separated by commas, or none", set_channels, 0,
     "change only these: R,G or 0,1; none only converts"},
    {'e', "eps", "E", "a number that is not negative", set_eps, 0, "added to the variance (1e-5 in rgb and linear)"},
    {KEY_MEAN, "mean", "LIST", "numbers or fractions, separated by commas", set_mean, 0,
     "take this as the measured mean, with --std"},
    {KEY_STD, "std", "LIST", "numbers or fractions that are not negative, separated by commas", set_std, 0,
     "take this as the measured standard deviation"},
    {KEY_USE_STATS, "use-stats", "FILE", "a statistics file", TEXT(use_stats), "take those of this file as measured"},
    {KEY_MASK, "mask", "SEL", selector_expected, set_mask, 0, "measure only where SEL selects"},
    {KEY_APPLY_MASK, "apply-mask", "SEL", selector_expected, set_apply_mask, 0, "change only where SEL selects"},
    {KEY_STYLE_MASK, "style-mask", "SEL", selector_expected, set_style_mask, 0, "measure the style only where SEL selects"},
    {KEY_ALPHA_AS_DATA, "alpha-as-data", FLAG(alpha_as_data), "alpha is a channel like the others, and no weight"},
    {.help = "Output"},
    {'o', "output", "PATH", "a path", TEXT(output),
     "a file; a folder if it is one, if it ends in /, or\nfor several inputs"},
    {KEY_SUFFIX, "suffix", "S", "text without a slash", set_suffix, 0, "add S to output names; without -o: beside inputs"},
    {'f', "format", "EXT", "the extension of a format that is in: see --version", set_format, 0,
     "output format (the extension's, or the input's)"},
    {KEY_DEPTH, "depth", "D", "8, 16 or float", set_depth, 0, "8, 16 or float samples (the input's)"},
    {KEY_RGB, "rgb", FLAG(rgb), "three channels: grey is repeated, alpha goes"},
    {KEY_DITHER, "dither", FLAG(dither), "hide the steps of integer samples in fine noise"},
    {KEY_AUTO_ORIENT, "auto-orient", FLAG(auto_orient), "turn the samples upright as EXIF says"},
    {KEY_STRIP, "strip", FLAG(strip), "drop metadata: profile, EXIF, XMP, text"},
    {'q', "quality", "N", "a whole number from 1 to 100, or keep", set_quality, 0,
     "1 to 100, or keep = a JPEG's own (keep; others 90)"},
    {'z', "compression", "N", "a whole number from 0 to 9", set_compression, 0, "lossless compression, 0 to 9 (fast)"},
    {'n', "no-clobber", FLAG(no_clobber), "skip outputs that exist"},
    {KEY_FORCE, "force", FLAG(force), "replace files of another kind too"},
    {KEY_IN_PLACE, "in-place", FLAG(in_place), "replace the inputs"},
    {.help = "Reports"},
    {KEY_STATS, "stats", FLAG(stats), "print the statistics of the inputs, write no picture"},
    {KEY_SAVE_STATS, "save-stats", "FILE", "the name of a file", TEXT(save_stats),
     "write them, pooled over all inputs, as JSON"},
    {KEY_JSON, "json", FLAG(json), "report on stdout, one JSON object a picture"},
    {KEY_LUT, "lut", "FILE", "the name of a file", TEXT(lut), "write the map as a .cube for video and photo tools"},
    {KEY_FAIL_ON_CLIP, "fail-on-clip", "PCT", "a percentage from 0 to 100", set_fail_on_clip, 0,
     "fail where more samples of a channel clip"},
    {'v', "verbose", FLAG(verbose), "print each formula with its numbers, and what clips"},
    {.help = "Running"},
    {KEY_MEMORY, "memory", "SIZE", "a size such as 64M or 2GiB", set_memory, 0,
     "budget; larger pictures are read twice (1G)"},
    {KEY_MAX_PIXELS, "max-pixels", "N", "a whole number above 0 such as 400M", set_max_pixels, 0,
     "refuse larger pictures (256M)"},
    {KEY_DRY_RUN, "dry-run", FLAG(dry_run), "only say what would be written"},
    {'Q', "quiet", FLAG(quiet), "no warnings, no progress"},
    {'h', "help", "[=all]", "all, or no value", set_help, 0, "print this help; =all: every option"},
    {'V', "version", NULL, NULL, set_version, 0, "print the version and the formats"},
};

enum { ROWS = sizeof option_table / sizeof *option_table };

const size_t option_rows = ROWS;

static const struct option_row *find_row(int key)
{
    for (size_t i = 0; i < ROWS; i++)
        if (option_table[i].key == key && option_table[i].name)
            return &option_table[i];
    return NULL;
}

/* An optional argument follows after = alone, and not a letter. */
static int takes_argument(const struct option_row *row)
{
    return !row->argument ? no_argument : row->argument[0] == '[' ? optional_argument : required_argument;
}

/* The table in the form that getopt_long takes. */
static void make_getopt(char *letters, struct option *names)
{
    *letters++ = ':';
    for (size_t i = 0; i < ROWS; i++) {
        if (!option_table[i].name)
            continue;
        *names++ = (struct option){option_table[i].name, takes_argument(&option_table[i]), NULL, option_table[i].key};
        if (option_table[i].key > UCHAR_MAX)
            continue;
        *letters++ = (char)option_table[i].key;
        if (takes_argument(&option_table[i]) == required_argument)
            *letters++ = ':';
    }
    *letters = '\0';
    *names = (struct option){0};
}

/* Of the options that read or write JSON, in a build that can. */
static bool has_library(int key)
{
    bool json = key == KEY_JSON || key == KEY_SAVE_STATS || key == KEY_USE_STATS;
    return !json || reports_json();
}

static bool set_option(struct options *o, const struct option_row *row, const char *value, struct why *why)
{
    void *member = (char *)o + row->member;
    char quoted[120];
    if (!has_library(row->key))
        return why_set(why, "--%s: this build has no jansson, the library that reads and writes JSON", row->name);
    if (!row->argument && !row->set) {
        *(bool *)member = true;
        return true;
    }
    if (!row->set)
        *(const char **)member = value;
    return (row->set ? row->set(o, value) : value[0] != '\0') ||
           why_set(why, "--%s %s: expected %s", row->name, quote(quoted, sizeof quoted, value), row->expected);
}

/* What getopt_long could not make sense of: it stands in optopt, or in the word before optind. */
static bool misuse(int result, char **argv, struct why *why)
{
    const struct option_row *row = find_row(optopt);
    char word[120];

    quote(word, sizeof word, argv[optind - 1]);
    if (result == ':' && row)
        return why_set(why, "--%s: expected a value: %s", row->name, row->expected);
    if (row)
        return why_set(why, "%s: --%s takes no value", word, row->name);
    if (optopt > 0)
        return why_set(why, "'-%c': unknown option, expected one of --help", optopt);
    return why_set(why, "%s: unknown or ambiguous option, expected one of --help", word);
}

bool options_parse(struct options *o, int argc, char **argv, struct why *why)
{
    char letters[2 * ROWS + 2];
    struct option names[ROWS + 1];
    int key;

    *o = (struct options){.space = instnorm_space_at(0),
                          .strength = 1,
                          .eps = -1,
                          .fail_on_clip = -1,
                          .write = {.quality = -1, .compression = -1},
                          .memory = 1u << 30,
                          .max_pixels = 1u << 28};
    make_getopt(letters, names);
    opterr = 0;
    while ((key = getopt_long(argc, argv, letters, names, NULL)) != -1) {
        const struct option_row *row = find_row(key);
        if (key == '?' || key == ':' || !row)
            return misuse(key, argv, why);
        if (!set_option(o, row, optarg, why))
            return false;
    }
    o->output = options_path(o->output);
    o->save_stats = options_path(o->save_stats);
    o->lut = options_path(o->lut);
    o->operands = argv + optind;
    o->n_operands = (size_t)(argc - optind);
    return options_check(o, why);
}

void options_free(struct options *o)
{
    free(o->channels);
    free(o->gamma.item);
    free(o->beta.item);
    free(o->mean.item);
    free(o->std.item);
    free(o->mask.item);
    free(o->apply_mask.item);
    free(o->style_mask.item);
    for (size_t i = 0; i < o->n_styles; i++)
        free(o->style[i].path);
    free(o->style);
}
