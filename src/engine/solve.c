#include "engine/solve.h"

#include "base/quote.h"

#include <math.h>

/* ---- pool ---------------------------------------------------------------------------------------------------------- */

/* What differs by rounding alone is the same value, and not contrast to be raised. */
static void flatten(struct statistics *s, double flat)
{
    for (unsigned c = 0; c < s->colours; c++) {
        struct instnorm_moments *m = &s->channel[c];
        if (m->max > m->min && m->max - m->min <= flat) {
            m->m2 = 0;
            m->min = m->max = m->mean;
        }
    }
}

bool solve_pool(struct measure *measure, const struct request *request, struct statistics *used, struct why *why)
{
    if (!statistics_copy(used, &measure->own, 1, why) ||
        !statistics_pool(used, measure->pairs, request_groups(request, used->colours), why))
        return false;
    flatten(used, measure->layout->space->flat);
    return true;
}

static bool check_colours(const struct statistics *s, const char *name, unsigned colours, struct why *why)
{
    return !s || s->colours == colours ||
           why_set(why, "%u colour channel%s, and %s has %u: expected the same; --rgb makes three of grey", colours,
                   colours == 1 ? " (grey)" : "s", name, s->colours);
}

/* used <- the numbers of the request. */
static bool use_given(const struct layout *layout, const struct request *request, struct statistics *used, struct why *why)
{
    double unit = layout_unit(layout);
    if (!statistics_reserve(used, layout->colours, why))
        return false;
    for (unsigned c = 0; c < used->colours; c++) {
        const struct item *mean = request_item(request, &request->mean, c), *std = request_item(request, &request->std, c);
        double m = mean ? mean->value * unit : 0, s = std ? std->value * unit : unit;
        instnorm_moments_given(m, s * s, &used->channel[c]);
    }
    return true;
}

/* Statistics from elsewhere stand in for those that were measured. */
static bool pool(struct measure *measure, const struct request *request, const struct references *from,
                 struct statistics *used, struct why *why)
{
    const struct layout *layout = measure->layout;
    if (!from->measured && request->mean.n == 0)
        return solve_pool(measure, request, used, why);
    if (!from->measured)
        return use_given(layout, request, used, why);
    if (!check_colours(from->measured, from->measured_name, layout->colours, why) ||
        !statistics_copy(used, from->measured, layout_unit(layout), why))
        return false;
    flatten(used, layout->space->flat);
    return true;
}

/* ---- target -------------------------------------------------------------------------------------------------------- */

/* What a channel is to get: mean and standard deviation, in units. */
struct wish {
    struct item gamma, beta;
    bool of_statistics; /* gamma comes from other samples, and not from a request */
};

/* The least squares of --fit, as the mean and the standard deviation that it gives to what was measured. */
static bool wish_for_fit(const struct instnorm_comoments *pairs, const struct instnorm_moments *used, double unit,
                         const char *path, struct wish *wish, struct why *why)
{
    struct instnorm_affine fitted;
    char quoted[160];
    if (instnorm_fit(pairs, &fitted) != INSTNORM_OK)
        return why_set(why, "--fit %s: no sample of it counts and does not clip", quote(quoted, sizeof quoted, path));
    /* What is fitted maps samples to samples of the same unit. */
    wish->gamma = (struct item){.value = fitted.scale * sqrt(instnorm_variance(used)) / unit};
    wish->beta = (struct item){.value = (fitted.scale * used->mean + fitted.shift) / unit};
    wish->of_statistics = true;
    return true;
}

/* The customary target of the space; tensors are standardized, as in the literature. */
static struct item customary(const struct layout *layout, const struct output_format *format, const double custom[3],
                             double tensor, unsigned c)
{
    double value = format->tensor && !layout_converts(layout) ? tensor : custom[c < 3 ? c : 2];
    return isnan(value) ? (struct item){.keep = true} : (struct item){.value = value};
}

static struct wish customary_wish(const struct layout *layout, const struct output_format *format, unsigned c)
{
    struct wish wish = {.gamma = customary(layout, format, layout->space->gamma, 1, c),
                        .beta = customary(layout, format, layout->space->beta, 0, c)};
    wish.of_statistics = wish.gamma.keep;
    return wish;
}

static struct wish wish_for_style(const struct instnorm_moments *style)
{
    return (struct wish){{.value = sqrt(instnorm_variance(style))}, {.value = style->mean}, true};
}

/* The list of the request has the last word. */
static void obey(struct wish *wish, const struct request *request, unsigned c)
{
    const struct item *gamma = request_item(request, &request->gamma, c), *beta = request_item(request, &request->beta, c);
    if (gamma) {
        wish->gamma = *gamma;
        wish->of_statistics = gamma->keep;
    }
    if (beta)
        wish->beta = *beta;
}

static struct instnorm_target target_of(const struct wish *wish, const struct instnorm_moments *used,
                                        const struct layout *layout, const struct request *request)
{
    double unit = layout_unit(layout);
    bool no_eps = wish->of_statistics || request->given || layout->space->planes == 3;
    return (struct instnorm_target){.gamma = wish->gamma.keep ? sqrt(instnorm_variance(used) / (unit * unit))
                                                              : wish->gamma.value,
                                    .beta = wish->beta.keep ? used->mean / unit : wish->beta.value,
                                    .eps = request->eps >= 0 ? request->eps
                                           : no_eps          ? 0
                                                             : 1e-5,
                                    .strength = request->strength,
                                    .unit_in = unit,
                                    .unit_out = layout_unit_out(layout)};
}

/* ---- solve --------------------------------------------------------------------------------------------------------- */

bool solve_unchanged(const struct layout *layout, struct map *map, struct why *why)
{
    if (!map_reserve(map, layout->out.channels, why))
        return false;
    for (unsigned c = 0; c < map->channels; c++)
        if (c >= layout->colours || !layout_converts(layout))
            map_keep(map, c, layout->in.unit, layout->out.unit);
    return true;
}

static bool solve_channel(const struct measure *measure, const struct request *request, const struct output_format *format,
                          const struct references *from, unsigned c, struct result_channel *channel, struct map *map,
                          struct why *why)
{
    const struct layout *layout = measure->layout;
    struct wish wish = from->target ? wish_for_style(&from->target->channel[c]) : customary_wish(layout, format, c);
    if (!from->target && request->fit &&
        !wish_for_fit(&measure->pairs[c], &channel->used, layout_unit(layout), request->fit, &wish, why))
        return false;
    obey(&wish, request, c);
    channel->target = target_of(&wish, &channel->used, layout, request);
    channel->touched = true;
    enum instnorm_status status = map_solve(map, c, &channel->used, &channel->target);
    return status == INSTNORM_OK || why_set(why, "channel %u: %s", c, instnorm_status_string(status));
}

static bool solve_channels(struct measure *measure, const struct request *request, const struct output_format *format,
                           const struct references *from, struct result_channel *channel, struct map *map, struct why *why)
{
    const struct layout *layout = measure->layout;
    struct statistics used = {0};
    bool ok = pool(measure, request, from, &used, why) &&
              check_colours(from->target, from->target_name, layout->colours, why) && solve_unchanged(layout, map, why);
    for (unsigned c = 0; ok && c < layout->colours; c++) {
        channel[c].used = used.channel[c];
        if (used.channel[c].weight > 0 && layout_touches(layout, request, c))
            ok = solve_channel(measure, request, format, from, c, &channel[c], map, why);
    }
    statistics_free(&used);
    return ok;
}

bool solve(struct measure *measure, const struct request *request, const struct output_format *format,
           const struct references *from, struct result_channel *channel, struct map *map, struct why *why)
{
    struct references all = *from;
    struct statistics own = {0}, average = {0};
    bool ok = true;
    if (from->series) {
        all.measured = &from->series->all;
        all.measured_name = "the batch";
    }
    if (from->series && from->average > 0) {
        ok = series_average(from->series, from->place, from->average, &own, &average, why);
        all.measured = &own;
        all.target = &average;
        all.target_name = "the series";
    }
    ok = ok && solve_channels(measure, request, format, &all, channel, map, why);
    statistics_free(&average);
    return ok;
}
