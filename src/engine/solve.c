#include "engine/solve.h"

#include "base/quote.h"

#include <math.h>

/* ---- pool --------------------------------------------------------------------------------------------------------- */

/* What differs by rounding alone is the same value, and not contrast to be raised. */
static void flatten(struct instnorm_moments *m, const struct instnorm_space *space)
{
    if (m->max > m->min && m->max - m->min <= space->flat) {
        m->m2 = 0;
        m->min = m->max = m->mean;
    }
}

static void pool_channels(struct band *band, unsigned first, unsigned width)
{
    struct instnorm_moments all;
    struct instnorm_comoments pairs = {0};
    instnorm_moments_clear(&all);
    for (unsigned c = first; c < first + width; c++) {
        instnorm_merge(&all, &band->channel[c].moments);
        instnorm_merge_pairs(&pairs, &band->channel[c].pairs);
    }
    flatten(&all, band->space);
    for (unsigned c = first; c < first + width; c++) {
        band->channel[c].pooled = all;
        band->channel[c].pairs = pairs;
    }
}

/* Groups of neighbouring channels, all of them (layer), or each alone. */
bool solve_pool(struct band *band, const struct request *request, struct why *why)
{
    unsigned groups = request->norm == INSTNORM_LAYER   ? 1
                      : request->norm == INSTNORM_GROUP ? request->groups
                                                        : band->colours;
    if (band->colours % groups != 0)
        return why_set(why, "--norm group:%u: expected a number that divides the %u colour channels", groups,
                       band->colours);
    unsigned width = band->colours / groups;
    for (unsigned first = 0; first < band->colours; first += width)
        pool_channels(band, first, width);
    return true;
}

static bool check_colours(const struct statistics *s, const char *name, unsigned colours, struct why *why)
{
    return s->colours == colours ||
           why_set(why, "%u colour channel%s, and %s has %u: expected the same; --rgb makes three of grey", colours,
                   colours == 1 ? " (grey)" : "s", name, s->colours);
}

/* Statistics from the command line or a file stand in for the measured ones. */
static bool pool(struct band *band, const struct request *request, const struct references *from, struct why *why)
{
    double unit = band_unit(band);
    if (from->measured && !check_colours(from->measured, from->measured_name, band->colours, why))
        return false;
    if (!from->measured && request->mean.n == 0)
        return solve_pool(band, request, why);
    for (unsigned c = 0; c < band->colours; c++) {
        if (from->measured) {
            band->channel[c].pooled = moments_scaled(&from->measured->channel[c], unit);
            flatten(&band->channel[c].pooled, band->space);
            continue;
        }
        double std = target_item(&request->std, c, 1).value * unit;
        instnorm_moments_given(target_item(&request->mean, c, 0).value * unit, std * std, &band->channel[c].pooled);
    }
    return true;
}

/* ---- solve -------------------------------------------------------------------------------------------------------- */

struct instnorm_affine solve_unchanged(const struct band *band, unsigned c)
{
    bool converted = c < band->colours && band_converts(band);
    return (struct instnorm_affine){converted ? 1 : band->out.unit / band->in.unit, 0};
}

/* The least squares of --fit, as the mean and the standard deviation that it gives to what was measured. */
static bool fit_target(const struct channel *ch, double unit, const char *path, struct item *gamma, struct item *beta,
                       struct why *why)
{
    struct instnorm_affine fitted;
    char quoted[160];
    if (instnorm_fit(&ch->pairs, &fitted) != INSTNORM_OK)
        return why_set(why, "--fit %s: no sample of it counts and does not clip", quote(quoted, sizeof quoted, path));
    /* What is fitted maps samples to samples of the same unit. */
    *gamma = (struct item){.value = fitted.scale * sqrt(instnorm_variance(&ch->pooled)) / unit};
    *beta = (struct item){.value = (fitted.scale * ch->pooled.mean + fitted.shift) / unit};
    return true;
}

/* What an option says of channel c: the one value for a space of its own is the lightness's. */
static const struct item *explicit_item(const struct band *band, const struct list *list, unsigned c)
{
    if (list->n == 0 || (list->n == 1 && c > 0 && band->space->planes == 3))
        return NULL;
    return &list->item[list->n == 1 ? 0 : c];
}

/* The customary target of the space; tensors are standardized, as in the literature. */
static struct item preset(const struct band *band, const struct output_format *format, const double custom[3],
                          double tensor, unsigned c)
{
    double value = format && format->tensor && !band_converts(band) ? tensor : custom[c < 3 ? c : 2];
    return isnan(value) ? (struct item){.keep = true} : (struct item){.value = value};
}

static bool set_target(struct band *band, const struct request *request, const struct references *from,
                       const struct output_format *format, unsigned c, struct why *why)
{
    struct channel *ch = &band->channel[c];
    const struct item *g = explicit_item(band, &request->gamma, c), *b = explicit_item(band, &request->beta, c);
    struct item gamma = preset(band, format, band->space->gamma, 1, c);
    struct item beta = preset(band, format, band->space->beta, 0, c);
    double unit = band_unit(band);

    if (from->target) {
        gamma = (struct item){.value = sqrt(instnorm_variance(&from->target->channel[c]))};
        beta = (struct item){.value = from->target->channel[c].mean};
    } else if (request->fit && !fit_target(ch, unit, request->fit, &gamma, &beta, why)) {
        return false;
    }
    bool of_statistics = g ? g->keep : from->target || request->fit || gamma.keep;
    gamma = g ? *g : gamma;
    beta = b ? *b : beta;
    bool no_eps = of_statistics || request->given || band->space->planes == 3;
    ch->target =
        (struct instnorm_target){.gamma = gamma.keep ? sqrt(instnorm_variance(&ch->pooled) / (unit * unit)) : gamma.value,
                                 .beta = beta.keep ? ch->pooled.mean / unit : beta.value,
                                 .eps = request->eps >= 0 ? request->eps
                                        : no_eps          ? 0
                                                          : 1e-5,
                                 .strength = request->strength,
                                 .unit_in = unit,
                                 .unit_out = band_converts(band) ? 1 : band->out.unit};
    return true;
}

bool solve_picture(struct band *band, const struct request *request, const struct references *from,
                   const struct output_format *format, struct why *why)
{
    if (!pool(band, request, from, why) ||
        (from->target && !check_colours(from->target, from->target_name, band->colours, why)))
        return false;
    for (unsigned c = 0; c < band->out.channels; c++) {
        struct channel *ch = &band->channel[c];
        ch->map = solve_unchanged(band, c);
        if (c >= band->colours || !(ch->pooled.weight > 0) || !target_touches(request, band, c))
            continue;
        if (!set_target(band, request, from, format, c, why))
            return false;
        ch->touched = true;
        enum instnorm_status status = instnorm_solve(&ch->pooled, &ch->target, &ch->map);
        if (status != INSTNORM_OK)
            return why_set(why, "channel %u: %s", c, instnorm_status_string(status));
    }
    return true;
}
