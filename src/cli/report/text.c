/* --stats: a table of each input, and of all together. */
#include "base/channel.h"
#include "base/quote.h"
#include "cli/files/names.h"
#include "cli/report/reporter.h"
#include "cli/report/result_name.h"
#include "cli/report/total.h"

#include <math.h>
#include <stdio.h>

static bool prints_tables(const struct reporting *how)
{
    struct report_file file[REPORT_FILES_MAX];
    size_t n = reports_files(how, file);
    for (size_t i = 0; i < n; i++)
        if (path_is_standard(file[i].path))
            return false; /* the file has standard output for itself */
    return !how->json;
}

static const char *asked(const struct reporting *how)
{
    return how->stats && !how->alone && prints_tables(how) ? "-" : NULL;
}

static const char *total_asked(const struct reporting *how)
{
    return how->total && prints_tables(how) ? "-" : NULL;
}

/* What prints as -0.000000 is 0. */
static double no_minus(double value)
{
    return fabs(value) < 5e-7 ? 0 : value;
}

/* Values that are unknown or there are none of are dashes. */
static const char *cell(double value, char text[CHANNEL_NAME_BYTES])
{
    if (isfinite(value))
        snprintf(text, CHANNEL_NAME_BYTES, fabs(value) < 1e9 ? "%.6f" : "%.9g", no_minus(value));
    else
        snprintf(text, CHANNEL_NAME_BYTES, "-");
    return text;
}

static void print_channel(const struct result *r, unsigned c)
{
    struct moments_numbers m = moments_in_units(&r->channel[c].moments, r->unit);
    char name[CHANNEL_NAME_BYTES], text[4][CHANNEL_NAME_BYTES];
    printf("  %-4s %10s %10s %10s %10s", channel_name(r->space, r->colours, c, name, sizeof name), cell(m.mean, text[0]),
           cell(m.std, text[1]), cell(m.min, text[2]), cell(m.max, text[3]));
    for (size_t i = 0; i < r->quantiles; i++)
        printf(" %10s", cell(r->quantile[c * r->quantiles + i].value, text[0]));
    printf("\n");
}

static void print_heading(const struct result *r)
{
    printf("  %-4s %10s %10s %10s %10s", "", "mean", "std", "min", "max");
    for (size_t i = 0; i < r->quantiles; i++) {
        char percent[CHANNEL_NAME_BYTES];
        snprintf(percent, sizeof percent, "%.6g%%", 100 * r->quantile[i].share);
        printf(" %10s", percent);
    }
    printf("\n");
}

static void print_channels(const struct result *r)
{
    print_heading(r);
    for (unsigned c = 0; c < r->colours; c++)
        print_channel(r, c);
}

/* "  in lab"; rgb goes without saying. */
static void print_space(const struct instnorm_space *space)
{
    if (space != instnorm_space_at(0))
        printf("  in %s", space->name);
}

static void print_missing(uint64_t missing)
{
    if (missing > 0)
        printf("  (%llu missing)", (unsigned long long)missing);
}

static const char *plural(uint64_t n)
{
    return n == 1 ? "" : "s";
}

static void print_picture(const struct result *r, const char *name)
{
    char layout[CHANNEL_NAME_BYTES], index[32] = "";
    if (result_is_one_of_many(r))
        snprintf(index, sizeof index, "[%zu]", r->index);
    printf("%s%s  %zu x %zu  %s  %u bit  %s", name, index, r->width, r->height, result_layout(r, layout), r->depth,
           r->format);
    print_space(r->space);
    printf("%s\n", r->nothing.text[0] ? "  nothing counts" : "");
}

static void print_statistics(const struct result *r, const char *name)
{
    printf("%s  statistics of %llu picture%s in %s", name, (unsigned long long)r->pictures, plural(r->pictures),
           r->space->name);
    print_missing(r->missing);
    printf("\n");
}

static bool add(void *state, const struct result *r, const struct job *job, struct why *why)
{
    char name[4096], whole[RESULT_NAME_BYTES];
    (void)state, (void)why;
    if (!result_has_statistics(r))
        return true;
    quote(name, sizeof name, result_name(r, job, whole));
    (r->status == RESULT_STATISTICS ? print_statistics : print_picture)(r, name);
    print_channels(r);
    return true;
}

/* ---- the total ------------------------------------------------------------------------------------------------------ */

static bool print_pool(const struct result *r, struct why *why)
{
    char layout[CHANNEL_NAME_BYTES];
    struct result picture = {.channels = r->colours};
    (void)why;
    printf("total  %llu picture%s  %s", (unsigned long long)r->pictures, plural(r->pictures),
           r->colours > 0 ? result_layout(&picture, layout) : "nothing counts");
    if (r->colours > 0)
        print_space(r->space);
    print_missing(r->missing);
    printf("\n");
    if (r->colours > 0)
        print_channels(r);
    return true;
}

static bool print_total(void *state, const struct report_end *end, struct why *why)
{
    return total_print(state, end, print_pool, why);
}

const struct reporter table_reporter = {.option = "--stats", .asked = asked, .add = add};

const struct reporter total_table_reporter = {.option = "--stats",
                                              .needs = {.pooled = true},
                                              .asked = total_asked,
                                              .total = "total",
                                              .begin = total_begin,
                                              .add = total_add,
                                              .print = print_total,
                                              .abandon = total_free};
