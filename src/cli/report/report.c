#include "base/channel.h"
#include "base/quote.h"
#include "cli/report/report.h"

#include "cli/msg.h"

#include <math.h>
#include <string.h>

const char *report_layout(const struct result *r, char name[CHANNEL_NAME_BYTES])
{
    unsigned colours = r->channels - (r->alpha != ALPHA_NONE);
    const char *alpha = r->alpha == ALPHA_NONE ? "" : colours == 3 ? "A" : "+alpha";
    if (colours == 1)
        snprintf(name, CHANNEL_NAME_BYTES, "grey%s", alpha);
    else if (colours == 3)
        snprintf(name, CHANNEL_NAME_BYTES, "RGB%s", alpha);
    else
        snprintf(name, CHANNEL_NAME_BYTES, "%u channels%s", colours, alpha);
    return name;
}

/* What prints as -0.000000 is 0. */
static double no_minus(double value)
{
    return fabs(value) < 5e-7 ? 0 : value;
}

static void print_heading(FILE *to)
{
    fprintf(to, "  %-4s %10s %10s %10s %10s\n", "", "mean", "std", "min", "max");
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

static void print_channel(const char *name, const struct instnorm_moments *m, double unit, FILE *to)
{
    char mean[CHANNEL_NAME_BYTES], std[CHANNEL_NAME_BYTES], min[CHANNEL_NAME_BYTES], max[CHANNEL_NAME_BYTES];
    bool empty = !(m->weight > 0);
    fprintf(to, "  %-4s %10s %10s %10s %10s\n", name, cell(empty ? NAN : m->mean / unit, mean),
            cell(empty ? NAN : sqrt(instnorm_variance(m)) / unit, std), cell(m->min / unit, min), cell(m->max / unit, max));
}

static void print_table(const struct result *r, const struct job *job, FILE *to)
{
    char name[4096], layout[CHANNEL_NAME_BYTES], channel[CHANNEL_NAME_BYTES], index[32] = "";
    bool rgb = r->space == instnorm_space_at(0);
    if (r->dimensions == 4 || r->index > 0)
        snprintf(index, sizeof index, "[%zu]", r->index);
    fprintf(to, "%s%s  %zu x %zu  %s  %u bit  %s%s%s%s\n", quote(name, sizeof name, job->input), index, r->width, r->height,
            report_layout(r, layout), r->depth, r->format, rgb ? "" : "  in ", rgb ? "" : r->space->name,
            r->nothing.text[0] ? "  nothing counts" : "");
    print_heading(to);
    for (unsigned c = 0; c < r->colours; c++)
        print_channel(channel_name(r->space, r->colours, c, channel, sizeof channel), &r->channel[c].moments, r->unit, to);
}

static void print_statistics(const char *input, const struct instnorm_space *space, const struct statistics *s, FILE *to)
{
    char name[4096], channel[CHANNEL_NAME_BYTES];
    fprintf(to, "%s  statistics of %llu picture%s in %s\n", quote(name, sizeof name, input),
            (unsigned long long)s->pictures, s->pictures == 1 ? "" : "s", space->name);
    print_heading(to);
    for (unsigned c = 0; c < s->colours; c++)
        print_channel(channel_name(space, s->colours, c, channel, sizeof channel), &s->channel[c], 1, to);
}

/* " + 0.5" or " - 0.5" */
static const char *signed_term(double value, char *text, size_t size)
{
    snprintf(text, size, " %c %.4g", value < 0 ? '-' : '+', fabs(value));
    return text;
}

/* "clipped 0.2 % low, 1.1 % high, range -0.03 to 1.12" */
static const char *clipping(const struct result *r, unsigned c, char *text, size_t size)
{
    const struct instnorm_clip *clip = &r->channel[c].clip;
    double percent = r->pixels ? 100 / (double)r->pixels : 0, unit = r->most;
    int n = snprintf(text, size, "clipped %.3g %% low, %.3g %% high", percent * (double)clip->low,
                     percent * (double)clip->high);
    if (clip->min <= clip->max)
        snprintf(text + n, size - (size_t)n, ", range %.4g to %.4g", clip->min / unit, clip->max / unit);
    return text;
}

/* R: (x - 0.412) / sqrt(0.0531 + 1e-05) * 0.25 + 0.5 = 1.085 x + 0.053, clipped 0.2 % low, 1.1 % high, range ... */
static void print_formula(const struct result *r, const struct job *job, unsigned c)
{
    const struct result_channel *ch = &r->channel[c];
    const struct instnorm_target *t = &ch->target;
    double unit = r->unit;
    char name[CHANNEL_NAME_BYTES], mean[32], beta[32], map[64] = "", strength[32] = "", clipped[128] = "";

    if (t->strength != 1)
        snprintf(strength, sizeof strength, " at strength %.4g", t->strength);
    map_say(&r->map, c, map, sizeof map);
    bool told = r->integer && r->space->planes == 1;
    if (told)
        clipping(r, c, clipped, sizeof clipped);
    msg_verbose(job->input, "%s: (x%s) / sqrt(%.4g + %.4g) * %.4g%s%s%s%s%s",
                channel_name(r->space, r->colours, c, name, sizeof name),
                signed_term(-ch->used.mean / unit, mean, sizeof mean), instnorm_variance(&ch->used) / (unit * unit), t->eps,
                t->gamma, signed_term(t->beta, beta, sizeof beta), strength, map, told ? ", " : "", clipped);
}

/* Of a space whose channels are not those of the output. */
static void print_clipping(const struct result *r, const struct job *job)
{
    char name[CHANNEL_NAME_BYTES], clipped[128];
    for (unsigned c = 0; c < r->colours; c++)
        msg_verbose(job->input, "%s: %s", channel_name(NULL, r->colours, c, name, sizeof name),
                    clipping(r, c, clipped, sizeof clipped));
}

bool report_result(const struct result *r, const struct job *job, const struct reporting *o)
{
    bool ok = true;
#ifdef HAVE_JANSSON
    if (o->json)
        ok = report_json(r, job, stdout);
#endif
    bool free_stdout = !o->save_stats || strcmp(o->save_stats, "-") != 0; /* else the statistics file has it for itself */
    if (o->stats && !o->json && free_stdout)
        print_table(r, job, stdout);
    bool touched = false;
    for (unsigned c = 0; r->status == RESULT_MAPPED && o->verbose && c < r->colours; c++)
        if (r->channel[c].touched) {
            touched = true;
            print_formula(r, job, c);
        }
    if (touched && r->integer && r->space->planes == 3)
        print_clipping(r, job);
    return ok;
}

bool report_statistics(const char *input, const struct instnorm_space *space, const struct reporting *o,
                       const struct statistics *s)
{
#ifdef HAVE_JANSSON
    if (o->json)
        return report_json_statistics(input, space, s, stdout);
#endif
    if (!o->json && (!o->save_stats || strcmp(o->save_stats, "-") != 0))
        print_statistics(input, space, s, stdout);
    return true;
}
