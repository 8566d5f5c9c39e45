/* The text of statistics files: JSON that a person can read, with every bit of the numbers. */
#include "base/channel.h"
#include "base/quote.h"
#include "cli/report/json.h"
#include "cli/report/stats_file.h"
#include "cli/report/stats_histogram.h"
#include "cli/report/stats_sums.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FORMAT_VERSION = 2 };

/* ---- reading ------------------------------------------------------------------------------------------------------- */

/* A number, or null where `preset` is not NaN. */
static bool get_number(const json_t *object, const char *key, double preset, double *out, struct why *why)
{
    const json_t *value = json_object_get(object, key);
    *out = json_is_number(value) ? json_number_value(value) : preset;
    if (json_is_number(value) ? fabs(*out) < STATS_NUMBER_MAX : (!value || json_is_null(value)) && !isnan(preset))
        return true;
    return why_set(why, "\"%s\": expected a number in each channel of a statistics file", key);
}

/*
 * Whether there can be such samples from min to max, but for rounding: their mean is between both, and their variance is at
 * most (max - mean) (mean - min) (Bhatia and Davis, 2000).
 */
static bool check_range(const struct instnorm_moments *m, double variance, struct why *why)
{
    double slack = 1e-9 * fmax(fabs(m->min), fabs(m->max));
    if (m->min > m->max)
        return why_set(why, "\"min\": expected a number that is not above \"max\"");
    if (m->mean < m->min - slack || m->mean > m->max + slack)
        return why_set(why, "\"mean\": expected a number from \"min\" to \"max\"");
    if (variance > (m->max - m->mean) * (m->mean - m->min) + slack * (m->max - m->min + slack))
        return why_set(why, "\"variance\": expected one that numbers from \"min\" to \"max\" can have");
    return true;
}

static bool get_channel(const json_t *object, struct instnorm_moments *m, struct why *why)
{
    double variance, skipped;
    *m = (struct instnorm_moments){0};
    if (!get_number(object, "weight", NAN, &m->weight, why) || !get_number(object, "mean", NAN, &m->mean, why) ||
        !get_number(object, "variance", NAN, &variance, why) || !get_number(object, "min", INFINITY, &m->min, why) ||
        !get_number(object, "max", -INFINITY, &m->max, why) || !get_number(object, "skipped", 0, &skipped, why))
        return false;
    if (m->weight <= 0)
        return why_set(why, "\"weight\": expected a number above 0");
    if (variance < 0)
        return why_set(why, "\"variance\": expected a number that is not negative");
    m->m2 = variance * m->weight;
    m->skipped = skipped > 0 && skipped < 0x1p53 ? (uint64_t)skipped : 0;
    if (isfinite(m->min) && isfinite(m->max))
        return check_range(m, variance, why);
    m->min = -INFINITY; /* unknown */
    m->max = INFINITY;
    return true;
}

/* What the file says is quoted: it may be anything. */
static bool check_space(const json_t *root, const struct instnorm_space *space, struct why *why)
{
    const char *name = json_string_value(json_object_get(root, "space"));
    const char *convention = json_string_value(json_object_get(root, "convention"));
    char quoted[2][120];
    if (!name || !convention)
        return why_set(why, "\"space\" or \"convention\" is missing: expected a statistics file");
    quote(quoted[0], sizeof quoted[0], name);
    quote(quoted[1], sizeof quoted[1], convention);
    if (strcmp(name, space->name) != 0)
        return why_set(why, "statistics of --space %s, but this run has --space '%s'", quoted[0], space->name);
    if (strcmp(convention, space->convention) != 0)
        return why_set(why, "%s with the convention %s: expected '%s'", space->name, quoted[1], space->convention);
    return true;
}

static bool is_number(const json_t *object, const char *key, double number)
{
    return json_number_value(json_object_get(object, key)) == number;
}

/* Whether the numbers that people read are those of the sums. */
static bool check_numbers(const json_t *channels, const struct pooled *pool, struct why *why)
{
    struct statistics all = {0};
    bool ok = pooled_statistics(pool, &all, why);
    for (unsigned c = 0; ok && c < pool->colours; c++) {
        const json_t *object = json_array_get(channels, c);
        struct moments_numbers numbers;
        ok = pooled_numbers(pool, c, &numbers, why);
        if (ok && !(is_number(object, "weight", all.channel[c].weight) && is_number(object, "mean", numbers.mean) &&
                    is_number(object, "variance", numbers.variance)))
            ok = why_set(why,
                         "\"weight\", \"mean\" and \"variance\" of channel %u are not those of \"sums\": if they were "
                         "edited, remove \"sums\"",
                         c);
    }
    statistics_free(&all);
    return ok;
}

static bool get_sums(const json_t *root, const struct instnorm_moments *m, unsigned colours, struct pooled *pool,
                     struct why *why)
{
    const json_t *sums = json_object_get(root, "sums"), *channels = json_object_get(root, "channels");
    const struct pooled_part part = {.colours = colours, .unit = 1, .moments = m, .pictures = pool->pictures};
    pool->pictures = 0;
    if (!sums)
        return pooled_add(pool, &part, why);
    pool->pictures = part.pictures;
    if (!pooled_begin(pool, colours, why))
        return false;
    for (unsigned c = 0; c < colours; c++) {
        json_int_t pictures = json_integer_value(json_object_get(json_array_get(channels, c), "means_of"));
        if (pictures > 0 && (uint64_t)pictures > pool->pictures)
            return why_set(why, "\"means_of\": expected no more than \"pictures\"");
        pool->range[c] = (struct pooled_range){m[c].min, m[c].max, m[c].skipped, pictures > 0 ? (uint64_t)pictures : 0};
    }
    return stats_get_sums(sums, pool, why) && check_numbers(channels, pool, why);
}

/*
 * Whether there are as many pixels as weigh: of those that count in part each was rounded, or is a 2^24th, so that they may
 * weigh half as much again, or less by any factor.
 */
static bool check_weights(const struct pooled *pool, const struct instnorm_moments *m, struct why *why)
{
    for (unsigned c = 0; c < pool->colours; c++) {
        double whole = 0, parts = 0, most, weight = m[c].weight;
        for (size_t i = 0; i < pool->histogram.kinds; i++) {
            const struct counts *kind = &pool->histogram.kind[i];
            *(kind->in_parts ? &parts : &whole) += (double)counts_total(kind, c) / (kind->in_parts ? COUNTS_WHOLE : 1);
        }
        most = whole + 1.5 * parts;
        if (whole > weight * (1 + 1e-6) || most < weight * (1 - 1e-6))
            return why_set(why, "\"histogram\": expected counts that come to the weight of channel %u, %.17g", c, weight);
    }
    return true;
}

static bool get_histogram(const json_t *root, const struct instnorm_moments *m, struct pooled *pool, struct why *why)
{
    const json_t *array = json_object_get(root, "histogram");
    pool->no_histogram = !array;
    return !array || (stats_get_histogram(array, pool->colours, &pool->histogram, why) && check_weights(pool, m, why));
}

/* The digest of the names, if there is one. */
static bool get_names(const json_t *root, struct pooled *pool, struct why *why)
{
    const json_t *names = json_object_get(root, "names");
    const char *text = json_string_value(names);
    unsigned long long high, low;
    pool->unnamed = !names;
    if (!names)
        return true;
    if (!text || strlen(text) != 32 || strspn(text, "0123456789abcdef") != 32 ||
        sscanf(text, "%16llx%16llx", &high, &low) != 2)
        return why_set(why, "\"names\": expected 32 hexadecimal digits");
    pool->names = (struct wide){high, low};
    return true;
}

static bool get_statistics(const json_t *root, const struct instnorm_space *space, struct pooled *into, struct why *why)
{
    json_int_t version = json_integer_value(json_object_get(root, "instnorm"));
    const json_t *channels = json_object_get(root, "channels"), *pictures = json_object_get(root, "pictures");
    size_t n = json_array_size(channels);
    struct pooled pool = {0};
    if (version != 1 && version != FORMAT_VERSION)
        return why_set(why, "\"instnorm\": expected a statistics file of version 1 or %d", FORMAT_VERSION);
    if (!check_space(root, space, why))
        return false;
    if (n == 0 || n > 65536)
        return why_set(why, "\"channels\": expected an array of 1 to 65536");
    if (space->planes == 3 && n != 3)
        return why_set(why, "\"channels\": expected an array of 3 in %s", space->name);
    struct instnorm_moments *m = calloc(n, sizeof *m);
    bool ok = m || why_memory(why);
    for (size_t c = 0; ok && c < n; c++)
        ok = get_channel(json_array_get(channels, c), &m[c], why);
    json_int_t count = json_is_integer(pictures) ? json_integer_value(pictures) : 1;
    json_int_t missing = json_integer_value(json_object_get(root, "missing"));
    pool.pictures = count > 0 ? (uint64_t)count : 1;
    pool.missing = missing > 0 ? (uint64_t)missing : 0;
    ok = ok && get_names(root, &pool, why) && get_sums(root, m, (unsigned)n, &pool, why) &&
         get_histogram(root, m, &pool, why) && pooled_merge(into, &pool, why);
    pooled_free(&pool);
    free(m);
    return ok;
}

static bool parse(const char *text, size_t n, const struct instnorm_space *space, struct pooled *into, struct why *why)
{
    json_error_t error;
    errno = 0;
    json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);
    if (!root && errno == ENOMEM)
        return why_memory(why);
    bool ok = root ? get_statistics(root, space, into, why)
                   : why_set(why, "line %d: %s: expected a statistics file", error.line, error.text);
    json_decref(root);
    return ok;
}

/* ---- writing ------------------------------------------------------------------------------------------------------- */

/* NULL: out of memory. */
static json_t *put_channel(const struct instnorm_space *space, const struct pooled *pool, unsigned c, double weight,
                           const struct map *map)
{
    const struct pooled_range *range = &pool->range[c];
    bool ranged = isfinite(range->least) && isfinite(range->most);
    char name[CHANNEL_NAME_BYTES];
    struct map_member member[MAP_MEMBERS];
    struct moments_numbers numbers;
    double mean, std;
    struct why why = {0};
    if (!pooled_numbers(pool, c, &numbers, &why) || !pooled_means(pool, c, &mean, &std, &why))
        return NULL;
    json_t *object = json_object();
    json_put(&object, "name", json_string(channel_name(space, pool->colours, c, name, sizeof name)));
    json_put(&object, "weight", json_real(weight));
    json_put(&object, "mean", json_finite(numbers.mean));
    json_put(&object, "std", json_finite(numbers.std));
    json_put(&object, "variance", json_finite(numbers.variance));
    json_put(&object, "min", ranged ? json_real(range->least) : json_null());
    json_put(&object, "max", ranged ? json_real(range->most) : json_null());
    json_put(&object, "skipped", json_integer((json_int_t)range->skipped));
    json_put(&object, "mean_of_means", json_finite(mean));
    json_put(&object, "mean_of_stds", json_finite(std));
    json_put(&object, "means_of", json_integer((json_int_t)range->pictures));
    if (map)
        map_members(map, c, member);
    for (int i = 0; map && i < MAP_MEMBERS; i++)
        json_put(&object, member[i].name, json_real(member[i].value + 0));
    return object;
}

static void put_channels(json_t **root, const struct instnorm_space *space, const struct pooled *pool,
                         const struct map *map)
{
    struct statistics s = {0};
    struct why why = {0};
    json_t *channels = pooled_statistics(pool, &s, &why) ? json_array() : NULL;
    for (unsigned c = 0; channels && c < pool->colours; c++)
        json_append(&channels, put_channel(space, pool, c, s.channel[c].weight, map));
    json_put(root, "channels", channels);
    statistics_free(&s);
}

static char *format(const struct instnorm_space *space, const struct pooled *pool, const struct map *map)
{
    json_t *root = json_object();
    char names[33];
    json_put(&root, "instnorm", json_integer(FORMAT_VERSION));
    json_put(&root, "space", json_string(space->name));
    json_put(&root, "convention", json_string(space->convention));
    json_put(&root, "pictures", json_integer((json_int_t)pool->pictures));
    if (pool->missing > 0)
        json_put(&root, "missing", json_integer((json_int_t)pool->missing));
    snprintf(names, sizeof names, "%016llx%016llx", (unsigned long long)pool->names.high,
             (unsigned long long)pool->names.low);
    if (!pool->unnamed)
        json_put(&root, "names", json_string(names));
    put_channels(&root, space, pool, map);
    if (!pool->no_covariance)
        json_put(&root, "covariance", json_covariance(pool));
    json_put(&root, "sums", stats_put_sums(pool));
    if (pool->histogram.kinds > 0)
        json_put(&root, "histogram", stats_put_histogram(&pool->histogram));
    return json_text(root, JSON_INDENT(2));
}

const struct json_library jansson = {"jansson " JANSSON_VERSION, parse, format};
