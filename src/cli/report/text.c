/* --stats: a table of each input. */
#include "base/channel.h"
#include "base/quote.h"
#include "cli/files/names.h"
#include "cli/report/reporter.h"

#include <math.h>
#include <stdio.h>

static const char *asked(const struct reporting *how)
{
    struct report_file file[REPORT_FILES_MAX];
    size_t n = reports_files(how, file);
    for (size_t i = 0; i < n; i++)
        if (path_is_standard(file[i].path))
            return NULL; /* the file has standard output for itself */
    return how->stats && !how->json ? "-" : NULL;
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

static void print_channel(const struct result *r, unsigned c, FILE *to)
{
    struct moments_numbers m = moments_in_units(&r->channel[c].moments, r->unit);
    char name[CHANNEL_NAME_BYTES], text[4][CHANNEL_NAME_BYTES];
    fprintf(to, "  %-4s %10s %10s %10s %10s\n", channel_name(r->space, r->colours, c, name, sizeof name),
            cell(m.mean, text[0]), cell(m.std, text[1]), cell(m.min, text[2]), cell(m.max, text[3]));
}

static void print_picture(const struct result *r, const char *name, FILE *to)
{
    char layout[CHANNEL_NAME_BYTES], index[32] = "";
    bool rgb = r->space == instnorm_space_at(0);
    if (result_is_one_of_many(r))
        snprintf(index, sizeof index, "[%zu]", r->index);
    fprintf(to, "%s%s  %zu x %zu  %s  %u bit  %s%s%s%s\n", name, index, r->width, r->height, result_layout(r, layout),
            r->depth, r->format, rgb ? "" : "  in ", rgb ? "" : r->space->name,
            r->nothing.text[0] ? "  nothing counts" : "");
}

static void print_statistics(const struct result *r, const char *name, FILE *to)
{
    fprintf(to, "%s  statistics of %llu picture%s in %s\n", name, (unsigned long long)r->pictures,
            r->pictures == 1 ? "" : "s", r->space->name);
}

static bool add(void *state, const struct result *r, const struct job *job, struct why *why)
{
    char name[4096];
    (void)state, (void)why;
    if (!result_has_statistics(r))
        return true;
    quote(name, sizeof name, job->input);
    (r->status == RESULT_STATISTICS ? print_statistics : print_picture)(r, name, stdout);
    printf("  %-4s %10s %10s %10s %10s\n", "", "mean", "std", "min", "max");
    for (unsigned c = 0; c < r->colours; c++)
        print_channel(r, c, stdout);
    return true;
}

const struct reporter table_reporter = {.option = "--stats", .asked = asked, .add = add};
