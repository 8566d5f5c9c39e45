/* The table of options: what each is called, what its value may be, where the value goes, and what --help says. */
#include "cli/args/table.h"

#include "base/quote.h"
#include "cli/files/names.h"
#include "cli/report/reports.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- values of one option alone ----------------------------------------------------------------------------------- */

static const char group[] = "group:";
static const struct word norms[] = {
    {"instance", INSTNORM_INSTANCE}, {"layer", INSTNORM_LAYER}, {group, INSTNORM_GROUP}, {"batch", INSTNORM_BATCH}};

static bool take_norm(struct options *o, const char *text, struct why *why)
{
    uint64_t groups;
    int kind;
    (void)why;
    if (strncmp(text, group, strlen(group)) == 0) {
        if (!value_integer(text + strlen(group), 1, UINT_MAX, &groups))
            return false;
        o->norm = INSTNORM_GROUP;
        o->groups = (unsigned)groups;
        return true;
    }
    if (!value_word(text, norms, sizeof norms / sizeof *norms, &kind))
        return false;
    o->norm = (enum instnorm_kind)kind;
    return true;
}

static bool is_percentage(double value)
{
    return value >= 0 && value <= 100;
}

static const char quantiles[] = "quantiles:";
static const struct word measures[] = {
    {"mean", MEASURED_MEAN}, {"median", MEASURED_MEDIAN}, {quantiles, MEASURED_QUANTILES}};

static bool take_range(struct options *o, const char *text, struct why *why)
{
    struct list list = {0};
    bool ok = value_given(text, 0, &list, why) && list.n == 2 && list.item[0].value < list.item[1].value &&
              is_percentage(list.item[1].value);
    for (size_t i = 0; ok && i < 2; i++)
        o->range[i] = list.item[i].value / 100;
    free(list.item);
    return ok;
}

static bool take_measure(struct options *o, const char *text, struct why *why)
{
    int kind = MEASURED_QUANTILES;
    bool range = strncmp(text, quantiles, strlen(quantiles)) == 0;
    bool ok = range ? take_range(o, text + strlen(quantiles), why)
                    : value_word(text, measures, sizeof measures / sizeof *measures, &kind);
    if (ok)
        o->measure = (enum measured_by)kind;
    return ok;
}

/* They are told in the order in which they are given. */
static bool take_quantiles(struct options *o, const char *text, struct why *why)
{
    enum { MOST = 1000 };
    struct list list = {0};
    bool ok = value_given(text, 0, &list, why) && list.n <= MOST;
    for (size_t i = 0; ok && i < list.n; i++)
        ok = is_percentage(list.item[i].value);
    free(o->quantiles.at);
    o->quantiles = (struct quantiles){0};
    if (ok && !(o->quantiles.at = calloc(list.n, sizeof *o->quantiles.at)))
        ok = why_memory(why);
    for (size_t i = 0; ok && i < list.n; i++)
        o->quantiles.at[o->quantiles.n++] = list.item[i].value / 100;
    free(list.item);
    return ok;
}

static bool take_space(struct options *o, const char *text, struct why *why)
{
    (void)why;
    o->space = instnorm_space_find(text);
    return o->space != NULL;
}

static const char *space_at(size_t i)
{
    const struct instnorm_space *space = instnorm_space_at(i);
    return space ? space->name : NULL;
}

/* Words between commas; those of several --channels are one list. */
static bool take_channels(struct options *o, const char *text, struct why *why)
{
    size_t n = strlen(text);
    char *all;
    if (n == 0 || text[0] == ',' || text[n - 1] == ',' || strstr(text, ",,"))
        return false;
    if (asprintf(&all, "%s%s%s", o->channels ? o->channels : "", o->channels ? "," : "", text) < 0)
        return why_memory(why);
    free(o->channels);
    o->channels = all;
    return true;
}

/* FILE@W, unless there is a file of the whole name. */
static bool take_style(struct options *o, const char *text, struct why *why)
{
    struct style style = {.weight = 1}, *more;
    const char *at = file_exists(text) ? NULL : strrchr(text, '@');
    if (at && !value_ratio(at + 1, &style.weight)) {
        at = NULL;
        style.weight = 1;
    }
    size_t n = at ? (size_t)(at - text) : strlen(text);
    if (n == 0 || !(style.weight > 0))
        return false;
    more = realloc(o->style, (o->n_styles + 1) * sizeof *more);
    if (!more)
        return why_memory(why);
    o->style = more;
    style.path = strndup(text, n);
    if (!style.path)
        return why_memory(why);
    o->style[o->n_styles++] = style;
    return true;
}

/* Nothing of the inputs by themselves, but measured as with --stats. */
static bool take_total(struct options *o, const char *text, struct why *why)
{
    (void)text, (void)why;
    return o->total = o->stats = true;
}

static bool take_format(struct options *o, const char *text, struct why *why)
{
    (void)why;
    o->format = text;
    o->writer = codec_for_extension(text);
    return o->writer != NULL;
}

/* The i-th format that can be written. */
static const char *format_at(size_t i)
{
    for (size_t c = 0; codecs[c]; c++)
        if (codecs[c]->create && i-- == 0)
            return codecs[c]->name;
    return NULL;
}

/* ---- the table --------------------------------------------------------------------------------------------------- */

/* A member of struct options that is of that type, or the table does not compile. */
#define MEMBER(of, kind)                                                                                                   \
    .member = _Generic(((struct options *)NULL)->of, kind : offsetof(struct options, of)), .size = sizeof(kind)
#define WORDS(list) .word = (list), .words = sizeof(list) / sizeof *(list)

#define VALUE(...)                                                                                                         \
    {                                                                                                                      \
        .type = __VA_ARGS__                                                                                                \
    }

#define FLAG(of)                 VALUE(VALUE_FLAG, MEMBER(of, bool))
#define FLAG_JSON(of)            VALUE(VALUE_FLAG, MEMBER(of, bool), .needs_json = true)
#define TEXT(of)                 VALUE(VALUE_TEXT, MEMBER(of, const char *))
#define TEXT_JSON(of)            VALUE(VALUE_TEXT, MEMBER(of, const char *), .needs_json = true)
#define SUFFIX(of)               VALUE(VALUE_SUFFIX, MEMBER(of, const char *))
#define PATH(of)                 VALUE(VALUE_PATH, MEMBER(of, const char *))
#define PATH_JSON(of)            VALUE(VALUE_PATH, MEMBER(of, const char *), .needs_json = true)
#define LIST(of)                 VALUE(VALUE_LIST, MEMBER(of, struct list), WORDS(keep))
#define GIVEN(of, from)          VALUE(VALUE_GIVEN, MEMBER(of, struct list), .least = (from))
#define RATIO(of, from, to)      VALUE(VALUE_RATIO, MEMBER(of, double), .least = (from), .most = (to))
#define INT(of, from, to)        VALUE(VALUE_INT, MEMBER(of, int), .least = (from), .most = (to))
#define INT_OR(of, from, to, or) VALUE(VALUE_INT, MEMBER(of, int), .least = (from), .most = (to), WORDS(or))
#define UNSIGNED(of, from, to)   VALUE(VALUE_UNSIGNED, MEMBER(of, unsigned), .least = (from), .most = (to))
#define COUNT(of, from)          VALUE(VALUE_COUNT, MEMBER(of, uint64_t), .least = (from))
#define SIZE(of, from)           VALUE(VALUE_SIZE, MEMBER(of, uint64_t), .least = (from))
#define SELECTOR(of, list)       VALUE(VALUE_SELECTOR, MEMBER(of, struct selectors), WORDS(list), .adds = true)
#define WORD(of, list)           VALUE(VALUE_WORD, MEMBER(of, unsigned), WORDS(list))
#define OTHER(of, kind, by)      VALUE(VALUE_OTHER, MEMBER(of, kind), .take = (by))
#define ADDED(of, kind, by)      VALUE(VALUE_OTHER, MEMBER(of, kind), .take = (by), .adds = true)

static const struct word depths[] = {{"8", SAMPLE_U8},       {"16", SAMPLE_U16},      {"float", SAMPLE_F32},
                                     {"bool", SAMPLE_BOOL},  {"int8", SAMPLE_I8},     {"int16", SAMPLE_I16},
                                     {"int32", SAMPLE_I32},  {"uint8", SAMPLE_U8},    {"uint16", SAMPLE_U16},
                                     {"uint32", SAMPLE_U32}, {"float16", SAMPLE_F16}, {"float32", SAMPLE_F32},
                                     {"float64", SAMPLE_F64}};
static const struct word orders[] = {{"hwc", ORDER_HWC}, {"nhwc", ORDER_NHWC}};
static const struct word keep[] = {{"keep", QUALITY_KEEP}};
static const struct word measured[] = {
    {"below:", SELECTOR_BELOW}, {"above:", SELECTOR_ABOVE}, {"not:", SELECTOR_NOT}, {"all", SELECTOR_ALL}};
static const struct word changed[] = {
    {"below:", SELECTOR_BELOW}, {"above:", SELECTOR_ABOVE}, {"not:", SELECTOR_NOT}, {"same", SELECTOR_SAME}};
static const struct word help[] = {{"all", ACTION_HELP_ALL}, {NULL, ACTION_HELP}};
static const struct word version[] = {{NULL, ACTION_VERSION}};
static const struct word shells[] = {
    {"bash", ACTION_COMPLETIONS_BASH}, {"zsh", ACTION_COMPLETIONS_ZSH}, {"fish", ACTION_COMPLETIONS_FISH}};

static const char list_expected[] = "numbers, fractions or 'keep', separated by commas";

static const char measured_expected[] = "a picture, a folder, below:L, above:L (0 to 1), not:V or all";

static const char changed_expected[] = "a picture, a folder, below:L, above:L (0 to 1), not:V or same";

const struct option_row option_table[] = {
    {.help = "Target"},
    {'g', "gamma", LIST(gamma), "LIST", list_expected, "standard deviation to give (0.25)"},
    {'b', "beta", LIST(beta), "LIST", list_expected, "mean to give (0.5)"},
    {'s', "style", ADDED(style, struct style *, take_style), "FILE[@W]",
     "a picture or a statistics file, and after @ a weight above 0",
     "those of a picture or statistics file; repeat to blend"},
    {0, "fit", TEXT(fit), "FILE", "a picture", "mean and deviation that bring the input closest to FILE"},
    {0, "deflicker", UNSIGNED(deflicker, 1, UINT_MAX), "N", "a whole number above 0",
     "mean and deviation averaged over N inputs around each"},
    {0, "strength", RATIO(strength, 0, 1), "A", "a number from 0 to 1", "0 = unchanged, 1 = full (1)"},
    {.help = "Measuring"},
    {'N', "norm", VALUE(VALUE_OTHER, MEMBER(norm, enum instnorm_kind), .take = take_norm, WORDS(norms)), "KIND",
     "instance, layer, group:G or batch",
     "instance (default): each channel alone; removes a cast\n"
     "layer: all channels together; keeps hues\n"
     "group:G: the channels of each of G groups together\n"
     "batch: all inputs together; keeps their differences"},
    {'S', "space",
     VALUE(VALUE_OTHER, MEMBER(space, const struct instnorm_space *), .take = take_space, .word_at = space_at), "NAME",
     "rgb, linear, lab, oklab or ruderman", "rgb (as stored), linear, lab, oklab or ruderman"},
    {0, "measure", VALUE(VALUE_OTHER, MEMBER(measure, enum measured_by), .take = take_measure, WORDS(measures)), "KIND",
     "mean, median or quantiles:P,Q (percentages, P below Q)", "mean (default), median, or quantiles:P,Q, in percent"},
    {'c', "channels", ADDED(channels, char *, take_channels), "LIST", "names or indices separated by commas, or none",
     "change only these: R,G or 0,1; none only converts"},
    {'e', "eps", RATIO(eps, 0, HUGE_VAL), "E", "a number that is not negative",
     "added to the variance (1e-5 in rgb and linear)"},
    {0, "mean", GIVEN(mean, -HUGE_VAL), "LIST", "numbers or fractions, separated by commas",
     "use this instead of the measured mean, with --std"},
    {0, "std", GIVEN(std, 0), "LIST", "numbers or fractions that are not negative, separated by commas",
     "use this instead of the measured deviation"},
    {0, "use-stats", TEXT_JSON(use_stats), "FILE", "a statistics file",
     "use the statistics in FILE instead of measured ones"},
    {0, "mask", SELECTOR(mask, measured), "SEL", measured_expected, "measure only where SEL selects"},
    {0, "apply-mask", SELECTOR(apply_mask, changed), "SEL", changed_expected, "change only where SEL selects"},
    {0, "style-mask", SELECTOR(style_mask, measured), "SEL", measured_expected, "measure the style only where SEL selects"},
    {0, "alpha-as-data", FLAG(alpha_as_data), NULL, NULL, "treat alpha as a channel of data, not as a weight"},
    {.help = "Output"},
    {'o', "output", PATH(output), "PATH", "a path", "a file; or a folder, if it ends in / or takes several"},
    {0, "per-file", COUNT(per_file, 1), "N", "a whole number from 1",
     "cut a stack into files of N samples, each with a list"},
    {0, "suffix", SUFFIX(suffix), "S", "text without a slash", "add S to output names; without -o: beside inputs"},
    {'f', "format", VALUE(VALUE_OTHER, MEMBER(format, const char *), .take = take_format, .word_at = format_at), "EXT",
     "the extension of a format that --version lists", "output format (the extension's, or the input's)"},
    {0, "depth", WORD(depth, depths), "D",
     "8, 16, float, bool, int8, int16, int32, uint8, uint16, uint32, float16, float32 or float64",
     "8, 16, float or a type such as int16 (the input's)"},
    {0, "layout", WORD(layout, orders), "ORDER", "hwc or nhwc", "arrays of .npy are [H,W,C] or [N,H,W,C]"},
    {0, "rgb", FLAG(rgb), NULL, NULL, "write three channels: repeat grey, drop alpha"},
    {0, "dither", FLAG(dither), NULL, NULL, "hide the steps of integer samples in fine noise"},
    {0, "auto-orient", FLAG(auto_orient), NULL, NULL, "turn the samples upright by the EXIF orientation"},
    {0, "strip", FLAG(strip), NULL, NULL, "drop metadata: profile, EXIF, XMP, text"},
    {'q', "quality", INT_OR(write.quality, 1, 100, keep), "N", "a whole number from 1 to 100, or keep",
     "1 to 100, or keep = a JPEG's own (keep; others 90)"},
    {'z', "compression", INT(write.compression, 0, 9), "N", "a whole number from 0 to 9",
     "lossless compression, 0 to 9 (fast)"},
    {'n', "no-clobber", FLAG(no_clobber), NULL, NULL, "skip outputs that exist"},
    {0, "force", FLAG(force), NULL, NULL, "replace any file, statistics files and stacks too"},
    {0, "in-place", FLAG(in_place), NULL, NULL, "replace the inputs"},
    {0, "preserve", FLAG(preserve), NULL, NULL, "give outputs the times of their inputs"},
    {.help = "Reports"},
    {0, "stats", FLAG(stats), NULL, NULL, "print the statistics of the inputs, write no picture"},
    {0, "total", OTHER(total, bool, take_total), NULL, NULL, "the same, but only of all inputs together"},
    {0, "save-stats", PATH_JSON(save_stats), "FILE", "the name of a file",
     "write the statistics, pooled over all inputs, as JSON"},
    {0, "histogram", FLAG_JSON(histogram), NULL, NULL, "add how many pixels have each value, and to --json"},
    {0, "quantiles", OTHER(quantiles, struct quantiles, take_quantiles), "LIST",
     "percentages from 0 to 100, separated by commas", "tell these of each channel too, in percent"},
    {0, "expect", COUNT(expect, 1), "N", "a whole number from 1", "refuse a total of another number of pictures than N"},
    {0, "json", FLAG_JSON(json), NULL, NULL, "print a report on stdout, one JSON object a picture"},
    {0, "lut", PATH(lut), "FILE", "the name of a file", "write the map as a .cube for video and photo tools"},
    {0, "report", PATH(report), "FILE", "the name of a file", "write a page of pictures, histograms and numbers"},
    {0, "compare", PATH(compare), "FILE", "the name of a file", "draw the pictures before and after, as a .png or .jpg"},
    {0, "fail-on-clip", RATIO(fail_on_clip, 0, 100), "PCT", "a percentage from 0 to 100",
     "fail if more than PCT percent of a channel clips"},
    {'v', "verbose", FLAG(verbose), NULL, NULL, "print each formula with its numbers, and what clips"},
    {.help = "Running"},
    {'r', "recursive", FLAG(recursive), NULL, NULL, "take pictures in folders; -o DIR keeps their tree"},
    {0, "files-from", TEXT(files_from), "FILE", "the name of a file, or -",
     "take inputs from the lines of FILE, after operands"},
    {'0', "null", FLAG(null), NULL, NULL, "names in lists end with NUL: --files-from, --per-file"},
    {0, "pairs", FLAG(pairs), NULL, NULL, "a line of that list is INPUT, a tab and OUTPUT"},
    {'j', "jobs", UNSIGNED(jobs, 1, 4096), "N", "a whole number from 1 to 4096",
     "pictures to work on at a time (one for each processor)"},
    {0, "skip-failed", FLAG(skip_failed), NULL, NULL, "pool and stack without the inputs that cannot be read"},
    {0, "memory", SIZE(memory, 1), "SIZE", "a size such as 64M or 2GiB", "budget; larger pictures are read twice (1G)"},
    {0, "max-pixels", COUNT(max_pixels, 1), "N", "a whole number above 0 such as 400M",
     "refuse pictures with more pixels (256M)"},
    {0, "timeout", UNSIGNED(timeout, 1, UINT_MAX), "S", "a whole number of seconds above 0",
     "processor time for one picture (60 s; large ones: more)"},
    {0, "no-sandbox", FLAG(no_sandbox), NULL, NULL, "leave decoders all rights, for debugging"},
    {0, "dry-run", FLAG(dry_run), NULL, NULL, "only say what would be written"},
    {'Q', "quiet", FLAG(quiet), NULL, NULL, "no warnings, no progress, no last line with totals"},
    {'h', "help", WORD(action, help), "[=all]", "all, or no value", "print this help; =all: every option"},
    {0, "completions", WORD(action, shells), "SHELL", "bash, zsh or fish",
     "print what completes the options in that shell"},
    {'V', "version", WORD(action, version), NULL, NULL, "print the version, the formats and the sandbox"},
};

const size_t option_rows = sizeof option_table / sizeof *option_table;

/* ---- taking a value ------------------------------------------------------------------------------------------------ */

static bool take_real(double *to, const struct option_value *v, const char *text)
{
    return value_ratio(text, to) && *to >= v->least && *to <= v->most;
}

static bool take_int(int *to, const struct option_value *v, const char *text)
{
    uint64_t n;
    if (value_word(text, v->word, v->words, to))
        return true;
    if (!value_integer(text, (uint64_t)v->least, (uint64_t)v->most, &n))
        return false;
    *to = (int)n;
    return true;
}

static bool take_unsigned(unsigned *to, const struct option_value *v, const char *text)
{
    uint64_t n;
    if (!value_integer(text, (uint64_t)v->least, (uint64_t)v->most, &n))
        return false;
    *to = (unsigned)n;
    return true;
}

static bool take_word(unsigned *to, const struct option_value *v, const char *text)
{
    int value;
    if (!value_word(text, v->word, v->words, &value))
        return false;
    *to = (unsigned)value;
    return true;
}

static bool take_text(const char **to, const char *text)
{
    *to = text;
    return text[0] != '\0';
}

/* False if the text is not what is expected or, with `why`, if there is no memory. */
static bool take(struct options *o, const struct option_value *v, const char *text, struct why *why)
{
    void *member = (char *)o + v->member;
    switch (v->type) {
    case VALUE_FLAG:
        return *(bool *)member = true;
    case VALUE_TEXT:
        return take_text(member, text);
    case VALUE_SUFFIX:
        return take_text(member, text) && !strchr(text, '/');
    case VALUE_PATH:
        return take_text(member, options_path(text));
    case VALUE_LIST:
        return value_list(text, member, why);
    case VALUE_GIVEN:
        return value_given(text, v->least, member, why);
    case VALUE_RATIO:
        return take_real(member, v, text);
    case VALUE_INT:
        return take_int(member, v, text);
    case VALUE_UNSIGNED:
        return take_unsigned(member, v, text);
    case VALUE_COUNT:
        return value_count(text, member) && *(uint64_t *)member >= (uint64_t)v->least;
    case VALUE_SIZE:
        return value_size(text, member) && *(uint64_t *)member >= (uint64_t)v->least;
    case VALUE_SELECTOR:
        return value_selector(text, member, why);
    case VALUE_WORD:
        return take_word(member, v, text);
    case VALUE_OTHER:
        break;
    }
    return v->take(o, text, why);
}

static bool record(struct options *o, const struct option_row *row, const char *text, struct why *why)
{
    struct option_text *more = realloc(o->given, (o->n_given + 1) * sizeof *more);
    if (!more)
        return why_memory(why);
    o->given = more;
    o->given[o->n_given++] = (struct option_text){row, text};
    return true;
}

bool option_take(struct options *o, const struct option_row *row, const char *text, struct why *why)
{
    char quoted[120];
    if (row->value.needs_json && !reports_json())
        return why_set(why, "--%s: this build has no jansson, the library that reads and writes JSON", row->name);
    if (take(o, &row->value, text, why))
        return record(o, row, text, why);
    return why_set(why, "--%s %s: expected %s", row->name, quote(quoted, sizeof quoted, text), row->expected);
}

/* ---- what it may be ------------------------------------------------------------------------------------------------ */

const char *option_word(const struct option_row *row, size_t i)
{
    if (row->value.word_at)
        return row->value.word_at(i);
    return i < row->value.words ? row->value.word[i].text : NULL;
}

bool option_takes_path(const struct option_row *row)
{
    static const char *const paths[] = {"FILE", "PATH", "DIR", "SEL"};
    for (size_t i = 0; row->argument && i < sizeof paths / sizeof *paths; i++)
        if (strncmp(row->argument, paths[i], strlen(paths[i])) == 0)
            return true;
    return false;
}

/* ---- asking for it ------------------------------------------------------------------------------------------------- */

static const struct option_value *value_of(const char *name)
{
    const struct option_row *row = option_table;
    while (!row->name || strcmp(row->name, name) != 0)
        row++;
    return &row->value;
}

bool option_given(const struct options *o, const char *name)
{
    const struct options none = options_default();
    const struct option_value *v = value_of(name);
    return memcmp((const char *)o + v->member, (const char *)&none + v->member, v->size) != 0;
}
