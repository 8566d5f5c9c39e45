#include "engine/solve.h"

#include "base/quote.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a map is made from. */
struct problem {
    const struct layout *layout;
    const struct measure *measure;
    const struct request *request;
    const struct output_format *format;
    struct given given;
    struct statistics used;           /* that the picture is normalized with */
    struct instnorm_comoments *pairs; /* [layout->colours] with the picture to fit */
};

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

bool solve_pool(const struct measure *measure, const struct request *request, struct statistics *used,
                struct instnorm_comoments *pairs, struct why *why)
{
    if (!statistics_copy(used, &measure->own, 1, why) ||
        !statistics_pool(used, pairs, request_groups(request, used->colours), why))
        return false;
    for (unsigned c = 0; measure->robust.values.n > 0 && c < used->colours; c++)
        robust_put(&measure->robust, c, layout_unit(measure->layout), &used->channel[c]);
    flatten(used, measure->layout->space->flat);
    return true;
}

bool solve_pool_rough(const struct pooled *pool, const struct request *request, struct statistics *used, struct why *why)
{
    struct robust robust = {0};
    const struct search_task task = {.of = &pool->histogram,
                                     .space = request->space,
                                     .channels = pool->colours,
                                     .groups = request_groups(request, pool->colours),
                                     .rough = true};
    if (pool->no_histogram)
        return why_set(why, "it has no histogram, which --measure needs: write it with --histogram");
    bool ok = pooled_statistics(pool, used, why) && statistics_pool(used, NULL, task.groups, why) &&
              robust_begin(&robust, request, &task, why);
    for (unsigned c = 0; ok && c < used->colours; c++)
        robust_put(&robust, c, 1, &used->channel[c]);
    robust_free(&robust);
    return ok;
}

bool solve_link_style(struct statistics *style, const struct request *request, struct why *why)
{
    bool linked = (request->norm == INSTNORM_LAYER || request->norm == INSTNORM_GROUP) && !request->given;
    return !linked || statistics_pool(style, NULL, request_groups(request, style->colours), why);
}

static bool check_colours(const struct statistics *s, const char *name, unsigned colours, struct why *why)
{
    return !s || s->colours == colours ||
           why_set(why, "%u colour channel%s, but %s has %u: expected the same; --rgb makes three of grey", colours,
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

/* Statistics that are given stand in for those that were measured. */
static bool pool(struct problem *p, struct why *why)
{
    const struct statistics *measured = p->given.measured;
    if (!measured && p->request->mean.n == 0)
        return solve_pool(p->measure, p->request, &p->used, p->pairs, why);
    if (!measured)
        return use_given(p->layout, p->request, &p->used, why);
    if (!check_colours(measured, p->given.measured_name, p->layout->colours, why) ||
        !statistics_copy(&p->used, measured, layout_unit(p->layout), why))
        return false;
    flatten(&p->used, p->layout->space->flat);
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
        return why_set(why, "--fit %s: each of its samples clips or does not count", quote(quoted, sizeof quoted, path));
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

/* From black to white, for two quantiles: where those are of lightness, and not of a colour axis, or of samples. */
static bool wish_for_range(const struct layout *layout, unsigned c, struct wish *wish)
{
    bool lightness = layout->space->planes == 3;
    double half = lightness && layout->space->beta[0] > 1 ? 50 : 0.5;
    if (lightness && (c > 0 || isnan(layout->space->beta[0])))
        return false;
    *wish = (struct wish){.gamma.value = half, .beta.value = half};
    return true;
}

static struct wish customary_wish(const struct problem *p, unsigned c)
{
    const struct layout *layout = p->layout;
    struct wish wish;
    if (p->request->by == MEASURED_QUANTILES && wish_for_range(layout, c, &wish))
        return wish;
    wish = (struct wish){.gamma = customary(layout, p->format, layout->space->gamma, 1, c),
                         .beta = customary(layout, p->format, layout->space->beta, 0, c)};
    wish.of_statistics = wish.gamma.keep;
    return wish;
}

static struct wish wish_for(const struct instnorm_moments *target)
{
    return (struct wish){{.value = sqrt(instnorm_variance(target))}, {.value = target->mean}, true};
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
    bool no_eps = wish->of_statistics || request->given || layout->space->planes == 3 || request->by != MEASURED_MEAN;
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

static bool solve_channel(const struct problem *p, unsigned c, struct result_channel *channel, struct map *map,
                          struct why *why)
{
    const struct statistics *target = p->given.target;
    struct wish wish = target ? wish_for(&target->channel[c]) : customary_wish(p, c);
    if (!target && p->request->fit &&
        !wish_for_fit(&p->pairs[c], &channel->used, layout_unit(p->layout), p->request->fit, &wish, why))
        return false;
    obey(&wish, p->request, c);
    channel->target = target_of(&wish, &channel->used, p->layout, p->request);
    channel->touched = true;
    enum instnorm_status status = map_solve(map, c, &channel->used, &channel->target);
    bool kept = channel->target.strength == 0 && !layout_converts(p->layout); /* whatever its moments are */
    return status == INSTNORM_OK || kept || why_set(why, "channel %u: %s", c, instnorm_status_string(status));
}

static bool solve_channels(struct problem *p, struct result_channel *channel, struct map *map, struct why *why)
{
    unsigned colours = p->layout->colours;
    p->pairs = malloc(colours * sizeof *p->pairs);
    if (!p->pairs)
        return why_memory(why);
    memcpy(p->pairs, p->measure->pairs, colours * sizeof *p->pairs);
    bool ok = pool(p, why) && check_colours(p->given.target, p->given.target_name, colours, why) &&
              solve_unchanged(p->layout, map, why);
    for (unsigned c = 0; ok && c < colours; c++) {
        channel[c].used = p->used.channel[c];
        if (channel[c].used.weight > 0 && layout_touches(p->layout, p->request, c))
            ok = solve_channel(p, c, &channel[c], map, why);
    }
    statistics_free(&p->used);
    free(p->pairs);
    return ok;
}

bool solve(const struct measure *measure, const struct request *request, const struct output_format *format,
           const struct given *given, struct result_channel *channel, struct map *map, struct why *why)
{
    struct problem p = {
        .layout = measure->layout, .measure = measure, .request = request, .format = format, .given = *given};
    struct statistics used = {0}, average = {0};
    bool ok = true;
    if (given->series) {
        p.given.measured = &given->series->all;
        p.given.measured_name = "the batch";
    }
    if (given->series && given->average > 0) {
        ok = series_average(given->series, given->place, given->average, &used, &average, why);
        p.given.measured = &used;
        p.given.target = &average;
        p.given.target_name = "the series";
    }
    ok = ok && solve_channels(&p, channel, map, why);
    statistics_free(&average);
    return ok;
}
