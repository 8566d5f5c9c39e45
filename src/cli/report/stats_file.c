/* Statistics files: JSON that a person can read, with every bit of the numbers. */
#include "base/channel.h"
#include "base/quote.h"
#include "cli/files/file.h"
#include "cli/msg.h"
#include "cli/report/report.h"
#include "cli/report/stats_file.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_BYTES_MAX = 16 << 20, SPOOL_BYTES = 1 << 16 };

/* White space, then a brace: no picture begins so. */
static bool is_json(const char *head, size_t n)
{
    size_t i = 0;
    while (i < n && strchr(" \t\r\n", head[i]))
        i++;
    return i < n && head[i] == '{';
}

bool stats_file_is(const char *path)
{
    struct file_source file;
    struct why why = {0};
    char head[64];
    if (strcmp(path, "-") == 0 || file_is_special(path))
        return false;
    bool ok =
        file_open(&file, path, SPOOL_BYTES, &why) && is_json(head, file.base.read_at(&file.base, head, sizeof head, 0));
    file_close(&file);
    return ok;
}

#ifdef HAVE_JANSSON
#include "cli/report/json.h"

const char *stats_file_library(void)
{
    return "jansson " JANSSON_VERSION;
}

enum { FORMAT_VERSION = 1 };

/* Squares and sums of such numbers are finite. */
#define NUMBER_MAX 1e150

/* ---- reading ------------------------------------------------------------------------------------------------------- */

/* The file, to be freed; NULL if it cannot be read. */
static char *load(const char *path, size_t *n, struct why *why)
{
    struct file_source file;
    char *text = NULL;
    if (!file_open(&file, path, SPOOL_BYTES, why))
        return NULL;
    for (size_t size = 0, got = 1; got > 0 && *n <= FILE_BYTES_MAX;) {
        size = size ? 2 * size : 1 << 12;
        char *more = realloc(text, size);
        if (!more) {
            why_memory(why);
            break;
        }
        text = more;
        got = file.base.read_at(&file.base, text + *n, size - *n, *n);
        *n += got;
    }
    if (file.base.why.text[0])
        why_set(why, "%s", file.base.why.text);
    if (*n > FILE_BYTES_MAX)
        why_set(why, "more than %d bytes: expected a statistics file", (int)FILE_BYTES_MAX);
    file_close(&file);
    if (why->text[0])
        free(text);
    return why->text[0] ? NULL : text;
}

/* A number, or null where `preset` is not NaN. */
static bool get_number(const json_t *object, const char *key, double preset, double *out, struct why *why)
{
    const json_t *value = json_object_get(object, key);
    *out = json_is_number(value) ? json_number_value(value) : preset;
    if (json_is_number(value) ? fabs(*out) < NUMBER_MAX : (!value || json_is_null(value)) && !isnan(preset))
        return true;
    return why_set(why, "\"%s\": expected a number in each channel of a statistics file", key);
}

static bool get_channel(const json_t *object, struct instnorm_moments *m, struct why *why)
{
    double variance;
    *m = (struct instnorm_moments){0};
    if (!get_number(object, "weight", NAN, &m->weight, why) || !get_number(object, "mean", NAN, &m->mean, why) ||
        !get_number(object, "variance", NAN, &variance, why) || !get_number(object, "min", INFINITY, &m->min, why) ||
        !get_number(object, "max", -INFINITY, &m->max, why))
        return false;
    if (m->weight <= 0 || variance < 0)
        return why_set(why, "\"%s\": expected %s", m->weight <= 0 ? "weight" : "variance",
                       m->weight <= 0 ? "a number above 0" : "a number that is not negative");
    m->m2 = variance * m->weight;
    if (m->min > m->max) { /* unknown */
        m->min = -INFINITY;
        m->max = INFINITY;
    }
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
        return why_set(why, "statistics of --space %s, and this run has --space '%s': expected the same", quoted[0],
                       space->name);
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
    struct instnorm_moments *m = calloc(n, sizeof *m);
    bool ok = m || why_memory(why);
    for (size_t c = 0; ok && c < n; c++)
        ok = get_channel(json_array_get(channels, c), &m[c], why);
    json_int_t count = json_is_integer(pictures) ? json_integer_value(pictures) : 1;
    ok = ok && statistics_merge(into, m, (unsigned)n, count > 0 ? (uint64_t)count : 1, why);
    free(m);
    return ok;
}

bool stats_file_read(const char *path, const struct instnorm_space *space, struct statistics *into, struct why *why)
{
    json_error_t error;
    size_t n = 0;
    char *text = load(path, &n, why);
    if (!text)
        return false;
    errno = 0;
    json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, &error);
    bool short_of_memory = !root && errno == ENOMEM;
    free(text);
    if (short_of_memory)
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

char *stats_file_format(const struct instnorm_space *space, const struct statistics *s, const struct map *map)
{
    json_t *root = json_object(), *channels = json_array();
    json_put(&root, "instnorm", json_integer(FORMAT_VERSION));
    json_put(&root, "space", json_string(space->name));
    json_put(&root, "convention", json_string(space->convention));
    json_put(&root, "pictures", json_integer((json_int_t)s->pictures));
    for (unsigned c = 0; c < s->colours; c++)
        json_append(&channels, put_channel(space, s, c, map));
    json_put(&root, "channels", channels);
    return json_text(root, JSON_INDENT(2));
}

#else

const char *stats_file_library(void)
{
    return NULL;
}

bool stats_file_read(const char *path, const struct instnorm_space *space, struct statistics *into, struct why *why)
{
    (void)path, (void)space, (void)into;
    return why_set(why, "a statistics file: this program was built without jansson, which reads them");
}

/* Never called: the option is not there. */
char *stats_file_format(const struct instnorm_space *space, const struct statistics *s, const struct map *map)
{
    (void)space, (void)s, (void)map;
    return NULL;
}

#endif
