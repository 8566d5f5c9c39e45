/* The text of statistics files: JSON that a person can read, with every bit of the numbers. */
#include "base/channel.h"
#include "base/quote.h"
#include "cli/report/json.h"
#include "cli/report/reporter.h"
#include "cli/report/same_map.h"
#include "cli/report/stats_file.h"
#include "codec/codec.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FORMAT_VERSION = 1 };

/* Squares and sums of such numbers are finite. */
#define NUMBER_MAX 1e150

/* ---- reading ------------------------------------------------------------------------------------------------------- */

/* A number, or null where `preset` is not NaN. */
static bool get_number(const json_t *object, const char *key, double preset, double *out, struct why *why)
{
    const json_t *value = json_object_get(object, key);
    *out = json_is_number(value) ? json_number_value(value) : preset;
    if (json_is_number(value) ? fabs(*out) < NUMBER_MAX : (!value || json_is_null(value)) && !isnan(preset))
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
    double variance;
    *m = (struct instnorm_moments){0};
    if (!get_number(object, "weight", NAN, &m->weight, why) || !get_number(object, "mean", NAN, &m->mean, why) ||
        !get_number(object, "variance", NAN, &variance, why) || !get_number(object, "min", INFINITY, &m->min, why) ||
        !get_number(object, "max", -INFINITY, &m->max, why))
        return false;
    if (m->weight <= 0)
        return why_set(why, "\"weight\": expected a number above 0");
    if (variance < 0)
        return why_set(why, "\"variance\": expected a number that is not negative");
    m->m2 = variance * m->weight;
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

static bool get_statistics(const json_t *root, const struct instnorm_space *space, struct statistics *into, struct why *why)
{
    json_int_t version = json_integer_value(json_object_get(root, "instnorm"));
    const json_t *channels = json_object_get(root, "channels"), *pictures = json_object_get(root, "pictures");
    size_t n = json_array_size(channels);
    if (version != FORMAT_VERSION)
        return why_set(why, "\"instnorm\": expected a statistics file of version %d", FORMAT_VERSION);
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
    ok = ok && statistics_merge(into, m, (unsigned)n, count > 0 ? (uint64_t)count : 1, why);
    into->missing += ok && missing > 0 ? (uint64_t)missing : 0;
    free(m);
    return ok;
}

static bool parse(const char *text, size_t n, const struct instnorm_space *space, struct statistics *into, struct why *why)
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

static json_t *put_channel(const struct instnorm_space *space, const struct statistics *s, unsigned c,
                           const struct map *map)
{
    const struct instnorm_moments *m = &s->channel[c];
    bool ranged = isfinite(m->min) && isfinite(m->max);
    char name[CHANNEL_NAME_BYTES];
    struct map_member member[MAP_MEMBERS];
    json_t *object = json_object();
    json_put(&object, "name", json_string(channel_name(space, s->colours, c, name, sizeof name)));
    json_put(&object, "weight", json_real(m->weight));
    json_put(&object, "mean", json_real(m->mean));
    json_put(&object, "variance", json_real(instnorm_variance(m)));
    json_put(&object, "min", ranged ? json_real(m->min) : json_null());
    json_put(&object, "max", ranged ? json_real(m->max) : json_null());
    if (map)
        map_members(map, c, member);
    for (int i = 0; map && i < MAP_MEMBERS; i++)
        json_put(&object, member[i].name, json_real(member[i].value + 0)); /* -0 + 0 is 0 */
    return object;
}

static char *format(const struct instnorm_space *space, const struct statistics *s, const struct map *map)
{
    json_t *root = json_object(), *channels = json_array();
    json_put(&root, "instnorm", json_integer(FORMAT_VERSION));
    json_put(&root, "space", json_string(space->name));
    json_put(&root, "convention", json_string(space->convention));
    json_put(&root, "pictures", json_integer((json_int_t)s->pictures));
    if (s->missing > 0)
        json_put(&root, "missing", json_integer((json_int_t)s->missing));
    for (unsigned c = 0; c < s->colours; c++)
        json_append(&channels, put_channel(space, s, c, map));
    json_put(&root, "channels", channels);
    return json_text(root, JSON_INDENT(2));
}

const struct json_library jansson = {"jansson " JANSSON_VERSION, parse, format};

/* ---- --save-stats --------------------------------------------------------------------------------------------------- */

struct stats {
    const struct request *request;
    struct statistics measured; /* of all pictures; with --fit their mean and deviation are those of the target */
    struct same_map same;
};

static const char *asked(const struct reporting *how)
{
    return how->save_stats;
}

static bool is_statistics(const unsigned char *head, size_t n)
{
    const struct foreign *foreign = foreign_sniff(head, n);
    return foreign && foreign->kind == FOREIGN_STATISTICS;
}

static void *begin(const struct report_context *context, struct why *why)
{
    struct stats *s = calloc(1, sizeof *s);
    if (s)
        s->request = context->request;
    else
        why_memory(why);
    return s;
}

static bool add(void *state, const struct result *r, const struct job *job, struct why *why)
{
    struct stats *s = state;
    (void)job;
    if (!result_merge(r, &s->measured, why))
        return false;
    if (s->request->fit)
        result_put_target(r, &s->measured);
    return same_map_add(&s->same, r, why);
}

static bool check(const struct stats *s, const struct statistics *statistics, struct why *why)
{
    if (statistics->colours == 0)
        return why_set(why, "nothing counts in any of the inputs");
    if (!statistics_check_counts(statistics, why))
        return false;
    if (s->request->fit && (s->same.pictures != 1 || s->same.differs))
        return why_set(why, "%zu pictures were fitted, but the file holds the target of one", s->same.pictures);
    for (unsigned c = 0; s->request->fit && c < s->same.map.channels; c++)
        if (map_falls(&s->same.map, c))
            return why_set(why, "channel %u was fitted with a negative scale, which no standard deviation gives", c);
    return true;
}

static void abandon(void *state)
{
    struct stats *s = state;
    statistics_free(&s->measured);
    map_free(&s->same.map);
    free(s);
}

static struct report_content finish(void *state, const struct report_end *end, struct why *why)
{
    const struct stats *s = state;
    struct statistics statistics = end->all ? *end->all : s->measured;
    char *text = NULL;
    statistics.missing += end->missing;
    if (check(s, &statistics, why) && !(text = format(s->request->space, &statistics, same_map_find(&s->same))))
        why_memory(why);
    abandon(state);
    return (struct report_content){text, text ? strlen(text) : 0};
}

const struct reporter stats_reporter = {.option = "--save-stats",
                                        .needs = {.moments = true, .channels = true},
                                        .asked = asked,
                                        .file = "statistics file",
                                        .guarded = true,
                                        .other = "is not a statistics file",
                                        .is_kind = is_statistics,
                                        .begin = begin,
                                        .add = add,
                                        .finish = finish,
                                        .abandon = abandon};
