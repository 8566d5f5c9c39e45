/* --json: an object for each picture, a line each, one for each input that has none, and those of the total. */
#include "base/channel.h"
#include "cli/report/json.h"
#include "cli/report/reporter.h"
#include "cli/report/stats_histogram.h"
#include "cli/report/total.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char *asked(const struct reporting *how)
{
    return how->json && !how->alone ? "-" : NULL;
}

static const char *total_asked(const struct reporting *how)
{
    return how->json && how->total ? "-" : NULL;
}

/* In units, as all of them. used_mean and used_variance are those that the channel was normalized with. */
static void put_map(json_t **object, const struct result *r, unsigned c)
{
    const struct instnorm_target *t = &r->channel[c].target;
    struct moments_numbers used = moments_in_units(&r->channel[c].used, r->unit);
    struct map_member member[MAP_MEMBERS];
    json_put(object, "used_mean", json_finite(used.mean));
    json_put(object, "used_variance", json_finite(used.variance));
    json_put(object, "gamma", json_finite(t->gamma));
    json_put(object, "beta", json_finite(t->beta));
    json_put(object, "eps", json_finite(t->eps));
    json_put(object, "strength", json_finite(t->strength));
    map_members(&r->map, c, member);
    for (int i = 0; i < MAP_MEMBERS; i++)
        json_put(object, member[i].name, json_finite(member[i].value));
}

/* By their percentage, as people write it. */
static json_t *quantiles(const struct result *r, unsigned c)
{
    json_t *object = json_object();
    for (size_t i = 0; i < r->quantiles; i++) {
        const struct quantile *q = &r->quantile[c * r->quantiles + i];
        char name[32];
        snprintf(name, sizeof name, "%.10g", 100 * q->share);
        json_put(&object, name, json_finite(q->value));
    }
    return object;
}

/* NULL: out of memory. */
static json_t *channel(const struct result *r, unsigned c)
{
    const struct instnorm_moments *m = &r->channel[c].moments;
    struct moments_numbers numbers = moments_in_units(m, r->unit);
    struct why why = {0};
    char name[CHANNEL_NAME_BYTES];
    if (r->pooled.colours > 0 && !pooled_numbers(&r->pooled, c, &numbers, &why))
        return NULL;
    json_t *object = json_object();
    json_put(&object, "name", json_string(channel_name(r->space, r->colours, c, name, sizeof name)));
    json_put(&object, "weight", json_finite(m->weight));
    json_put(&object, "mean", json_finite(numbers.mean));
    json_put(&object, "std", json_finite(numbers.std));
    json_put(&object, "variance", json_finite(numbers.variance));
    json_put(&object, "min", json_finite(numbers.min));
    json_put(&object, "max", json_finite(numbers.max));
    json_put(&object, "skipped", json_integer((json_int_t)m->skipped));
    if (r->quantiles > 0)
        json_put(&object, "quantiles", quantiles(r, c));
    if (r->channel[c].touched)
        put_map(&object, r, c);
    return object;
}

static void put_channels(json_t **object, const struct result *r)
{
    json_t *channels = json_array();
    for (unsigned c = 0; c < r->colours; c++)
        json_append(&channels, channel(r, c));
    json_put(object, "channels", channels);
    if (r->pooled.colours > 0 && !r->pooled.no_covariance)
        json_put(object, "covariance", json_covariance(&r->pooled));
    if (r->pooled.histogram.kinds > 0)
        json_put(object, "histogram", stats_put_histogram(&r->pooled.histogram));
}

/* What an integer output cut off: shares of the pixels that were changed, and the range before it did. */
static json_t *clipped(const struct result *r, unsigned c)
{
    const struct instnorm_clip *clip = &r->channel[c].clip;
    double pixels = r->pixels ? (double)r->pixels : 1;
    char name[CHANNEL_NAME_BYTES];
    json_t *object = json_object();
    json_put(&object, "name", json_string(channel_name(NULL, r->colours, c, name, sizeof name)));
    json_put(&object, "low", json_finite((double)clip->low / pixels));
    json_put(&object, "high", json_finite((double)clip->high / pixels));
    json_put(&object, "min", json_finite(clip->min / r->most));
    json_put(&object, "max", json_finite(clip->max / r->most));
    return object;
}

static void put_clipped(json_t **object, const struct result *r)
{
    json_t *output = json_array();
    for (unsigned c = 0; c < r->colours; c++)
        json_append(&output, clipped(r, c));
    json_put(object, "clipped", output);
}

static void put_picture(json_t **object, const struct result *r, const char *output)
{
    char layout[CHANNEL_NAME_BYTES];
    if (output)
        json_put(object, "output", json_bytes(output));
    json_put(object, "format", json_string(r->format));
    if (result_is_one_of_many(r))
        json_put(object, "index", json_integer((json_int_t)r->index));
    json_put(object, "width", json_integer((json_int_t)r->width));
    json_put(object, "height", json_integer((json_int_t)r->height));
    json_put(object, "layout", json_string(result_layout(r, layout)));
    json_put(object, "depth", json_integer(r->depth));
    json_put(object, "space", json_string(r->space->name));
    put_channels(object, r);
    if (r->status == RESULT_MAPPED && r->integer)
        put_clipped(object, r);
}

static void put_pictures(json_t **object, uint64_t pictures, uint64_t missing)
{
    json_put(object, "pictures", json_integer((json_int_t)pictures));
    if (missing > 0)
        json_put(object, "missing", json_integer((json_int_t)missing));
}

static void put_statistics(json_t **object, const struct result *r)
{
    json_put(object, "format", json_string("statistics"));
    json_put(object, "space", json_string(r->space->name));
    put_pictures(object, r->pictures, r->missing);
    put_channels(object, r);
}

/* An input that has no picture to tell of. An output is named if it is there. */
static void put_end(json_t **object, const struct result *r, const char *output)
{
    bool skipped = r->status == RESULT_SKIPPED;
    if (skipped && output)
        json_put(object, "output", json_bytes(output));
    json_put(object, "status", json_string(skipped ? "skipped" : r->status == RESULT_LEFT_OUT ? "left out" : "failed"));
    if (!skipped)
        json_put(object, "error", json_bytes(r->why.text));
}

static json_t *describe(const struct result *r, const struct job *job)
{
    json_t *object = json_object();
    json_put(&object, "input", json_bytes(job->input));
    if (r->member)
        json_put(&object, "member", json_bytes(r->member));
    if (r->status == RESULT_STATISTICS)
        put_statistics(&object, r);
    else if (result_has_statistics(r))
        put_picture(&object, r, job->output);
    else
        put_end(&object, r, job->output);
    return object;
}

/* Prints a line. Frees the object. */
static bool print(json_t *object, struct why *why)
{
    char *text = json_text(object, JSON_COMPACT);
    if (!text)
        return why_memory(why);
    fputs(text, stdout);
    free(text);
    return true;
}

static bool add(void *state, const struct result *r, const struct job *job, struct why *why)
{
    (void)state;
    return r->status == RESULT_DONE || print(describe(r, job), why);
}

/* ---- the total ------------------------------------------------------------------------------------------------------ */

static bool print_pool(const struct result *r, struct why *why)
{
    json_t *object = json_object();
    json_put(&object, "kind", json_string("total"));
    json_put(&object, "space", json_string(r->space->name));
    put_pictures(&object, r->pictures, r->missing);
    put_channels(&object, r);
    return print(object, why);
}

static bool print_total(void *state, const struct report_end *end, struct why *why)
{
    return total_print(state, end, print_pool, why);
}

const struct reporter json_reporter = {.option = "--json",
                                       .needs = {.clipping = true, .pooled = true, .covariance = true, .channels = true},
                                       .asked = asked,
                                       .add = add};

const struct reporter total_json_reporter = {.option = "--json",
                                             .needs = {.pooled = true, .covariance = true, .channels = true},
                                             .asked = total_asked,
                                             .total = "total",
                                             .begin = total_begin,
                                             .add = total_add,
                                             .print = print_total,
                                             .abandon = total_free};
