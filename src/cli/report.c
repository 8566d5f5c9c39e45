#include "report.h"

#include "msg.h"

#include <math.h>

const char *report_channel_name(const struct outcome *r, unsigned c, char name[NAME_BYTES])
{
    if (r->colours == 1)
        snprintf(name, NAME_BYTES, "grey");
    else if (r->colours == 3)
        snprintf(name, NAME_BYTES, "%c", "RGB"[c]);
    else
        snprintf(name, NAME_BYTES, "%u", c);
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

static void print_table(const struct outcome *r, FILE *to)
{
    char name[4096], layout[NAME_BYTES], channel[NAME_BYTES];
    double unit = r->info.unit;
    fprintf(to, "%s  %zu x %zu  %s  %u bit  %s\n", msg_quote(name, sizeof name, r->job->input), r->info.width,
            r->info.height, report_layout(r, layout), r->info.depth, r->format);
    fprintf(to, "  %-4s %10s %10s %10s %10s\n", "", "mean", "std", "min", "max");
    for (unsigned c = 0; c < r->colours; c++) {
        const struct instnorm_moments *m = &r->channel[c].moments;
        if (!(m->weight > 0)) {
            fprintf(to, "  %-4s %10s %10s %10s %10s\n", report_channel_name(r, c, channel), "-", "-", "-", "-");
            continue;
        }
        fprintf(to, "  %-4s %10.6f %10.6f %10.6f %10.6f\n", report_channel_name(r, c, channel), m->mean / unit,
                sqrt(instnorm_variance(m)) / unit, m->min / unit, m->max / unit);
    }
}

/* R: (x - 0.412) / sqrt(0.0531 + 1e-05) * 0.25 + 0.5 = 1.085 x + 0.053, clipped 0.2 % low, 1.1 % high */
static void print_formula(const struct outcome *r, unsigned c)
{
    const struct channel *ch = &r->channel[c];
    const struct instnorm_target *t = &ch->target;
    double unit = t->unit_in, samples = (double)r->info.width * (double)r->info.height;
    char strength[32] = "", channel[NAME_BYTES];

    if (t->strength != 1)
        snprintf(strength, sizeof strength, " at strength %.4g", t->strength);
    msg_verbose(r->job->input,
                "%s: (x - %.4g) / sqrt(%.4g + %.4g) * %.4g + %.4g%s = %.4g x %c %.4g, clipped %.2g %% low, %.2g %% high",
                report_channel_name(r, c, channel), ch->pooled.mean / unit, instnorm_variance(&ch->pooled) / (unit * unit),
                t->eps, t->gamma, t->beta, strength, ch->map.scale * unit / t->unit_out, ch->map.shift < 0 ? '-' : '+',
                fabs(ch->map.shift / t->unit_out), 100 * (double)ch->clipped_low / samples,
                100 * (double)ch->clipped_high / samples);
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
        if (r->channel[c].pooled.weight > 0)
            print_formula(r, c);
}
