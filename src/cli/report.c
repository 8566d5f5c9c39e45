#include "report.h"

#include "msg.h"

#include <math.h>

const char *report_channel_name(unsigned colours, unsigned c, char *name, size_t size)
{
    if (colours == 1)
        snprintf(name, size, "grey");
    else if (colours == 3)
        snprintf(name, size, "%c", "RGB"[c]);
    else
        snprintf(name, size, "%u", c);
    return name;
}

const char *report_layout(const struct outcome *r, char name[NAME_BYTES])
{
    unsigned colours = picture_colours(&r->info);
    const char *alpha = r->info.alpha == ALPHA_NONE ? "" : colours == 3 ? "A" : "+alpha";
    if (colours == 1)
        snprintf(name, NAME_BYTES, "grey%s", alpha);
    else if (colours == 3)
        snprintf(name, NAME_BYTES, "RGB%s", alpha);
    else
        snprintf(name, NAME_BYTES, "%u channels%s", colours, alpha);
    return name;
}

/* What prints as -0.000000 is 0. */
static double no_minus(double value)
{
    return fabs(value) < 5e-7 ? 0 : value;
}

static void print_table(const struct outcome *r, FILE *to)
{
    char name[4096], layout[NAME_BYTES], channel[NAME_BYTES], index[32] = "";
    double unit = r->info.unit;
    if (r->info.dimensions == 4 || r->index > 0)
        snprintf(index, sizeof index, "[%zu]", r->index);
    fprintf(to, "%s%s  %zu x %zu  %s  %u bit  %s\n", msg_quote(name, sizeof name, r->job->input), index, r->info.width,
            r->info.height, report_layout(r, layout), r->info.depth, r->format);
    fprintf(to, "  %-4s %10s %10s %10s %10s\n", "", "mean", "std", "min", "max");
    for (unsigned c = 0; c < r->colours; c++) {
        const struct instnorm_moments *m = &r->channel[c].moments;
        if (!(m->weight > 0)) {
            fprintf(to, "  %-4s %10s %10s %10s %10s\n", report_channel_name(r->colours, c, channel, sizeof channel), "-",
                    "-", "-", "-");
            continue;
        }
        fprintf(to, "  %-4s %10.6f %10.6f %10.6f %10.6f\n", report_channel_name(r->colours, c, channel, sizeof channel),
                no_minus(m->mean / unit), sqrt(instnorm_variance(m)) / unit, no_minus(m->min / unit),
                no_minus(m->max / unit));
    }
}

/* " + 0.5" or " - 0.5" */
static const char *signed_term(double value, char *text, size_t size)
{
    snprintf(text, size, " %c %.4g", value < 0 ? '-' : '+', fabs(value));
    return text;
}

/* R: (x - 0.412) / sqrt(0.0531 + 1e-05) * 0.25 + 0.5 = 1.085 x + 0.053, clipped 0.2 % low, 1.1 % high */
static void print_formula(const struct outcome *r, unsigned c)
{
    const struct channel *ch = &r->channel[c];
    const struct instnorm_target *t = &ch->target;
    double unit = t->unit_in, percent = 100 / ((double)r->info.width * (double)r->info.height);
    char name[NAME_BYTES], mean[32], beta[32], shift[32], strength[32] = "", clipped[64] = "";

    if (t->strength != 1)
        snprintf(strength, sizeof strength, " at strength %.4g", t->strength);
    if (r->integer)
        snprintf(clipped, sizeof clipped, ", clipped %.3g %% low, %.3g %% high", percent * (double)ch->clipped_low,
                 percent * (double)ch->clipped_high);
    msg_verbose(r->job->input, "%s: (x%s) / sqrt(%.4g + %.4g) * %.4g%s%s = %.4g x%s%s",
                report_channel_name(r->colours, c, name, sizeof name),
                signed_term(-ch->pooled.mean / unit, mean, sizeof mean), instnorm_variance(&ch->pooled) / (unit * unit),
                t->eps, t->gamma, signed_term(t->beta, beta, sizeof beta), strength, ch->map.scale * unit / t->unit_out,
                signed_term(ch->map.shift / t->unit_out, shift, sizeof shift), clipped);
}

void report_outcome(const struct outcome *r, const struct options *o)
{
#ifdef HAVE_JANSSON
    if (o->json)
        report_json(r, stdout);
#endif
    if (o->stats && !o->json)
        print_table(r, stdout);
    for (unsigned c = 0; r->applied && o->verbose && c < r->colours; c++)
        if (r->channel[c].touched)
            print_formula(r, c);
}
