/* The report for programs: one JSON object a picture, a line each. */
#include "base/channel.h"
#include "cli/report/json.h"

#include "cli/report/report.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void json_put(json_t **object, const char *key, json_t *value)
{
    if (json_object_set_new(*object, key, value) != 0) {
        json_decref(*object);
        *object = NULL;
    }
}

void json_append(json_t **array, json_t *value)
{
    if (json_array_append_new(*array, value) != 0) {
        json_decref(*array);
        *array = NULL;
    }
}

struct text {
    char *data;
    size_t n, size;
    bool failed;
};

/* jansson goes on after some of the failures that it is told of (2.14, when a key is written): they are kept here. */
static int add_text(const char *from, size_t n, void *to)
{
    struct text *t = to;
    if (!t->failed && t->n + n > t->size) {
        size_t size = 2 * t->size + n;
        char *data = realloc(t->data, size);
        t->failed = !data;
        t->data = data ? data : t->data;
        t->size = data ? size : t->size;
    }
    if (t->failed)
        return -1;
    memcpy(t->data + t->n, from, n);
    t->n += n;
    return 0;
}

char *json_text(json_t *value, size_t flags)
{
    struct text text = {.data = NULL};
    bool ok = value && json_dump_callback(value, add_text, &text, flags | JSON_REAL_PRECISION(17)) == 0 &&
              add_text("\n", 2, &text) == 0;
    json_decref(value);
    if (!ok || text.failed)
        free(text.data);
    return ok && !text.failed ? text.data : NULL;
}

/* ---- a picture ---------------------------------------------------------------------------------------------------- */

/* JSON has no infinity and no NaN: the statistics of no samples are null. */
static json_t *number(double value)
{
    return isfinite(value) ? json_real(value + 0) : json_null(); /* -0 + 0 is 0 */
}

/* A file name is bytes; JSON is UTF-8. What is not UTF-8 is replaced, as json_string would refuse it. */
static json_t *name(const char *text)
{
    errno = 0;
    json_t *s = json_string(text);
    if (s || errno == ENOMEM)
        return s;
    char ascii[4096];
    size_t n = 0;
    for (; text[n] && n + 1 < sizeof ascii; n++)
        ascii[n] = (unsigned char)text[n] < 0x80 ? text[n] : '?';
    ascii[n] = '\0';
    return json_string(ascii);
}

/* In units, as all of them. used_mean and used_variance are those that it was normalized with. */
static void add_map(json_t **object, const struct result *r, unsigned c)
{
    const struct result_channel *ch = &r->channel[c];
    const struct instnorm_target *t = &ch->target;
    struct map_member member[MAP_MEMBERS];
    json_put(object, "used_mean", number(ch->used.mean / r->unit));
    json_put(object, "used_variance", number(instnorm_variance(&ch->used) / (r->unit * r->unit)));
    json_put(object, "gamma", number(t->gamma));
    json_put(object, "beta", number(t->beta));
    json_put(object, "eps", number(t->eps));
    json_put(object, "strength", number(t->strength));
    map_members(&r->map, c, member);
    for (int i = 0; i < MAP_MEMBERS; i++)
        json_put(object, member[i].name, number(member[i].value));
}

static json_t *moments(const char *name, const struct instnorm_moments *m, double unit)
{
    json_t *object = json_object();
    bool empty = !(m->weight > 0);
    json_put(&object, "name", json_string(name));
    json_put(&object, "weight", number(m->weight));
    json_put(&object, "mean", number(empty ? NAN : m->mean / unit));
    json_put(&object, "std", number(empty ? NAN : sqrt(instnorm_variance(m)) / unit));
    json_put(&object, "variance", number(empty ? NAN : instnorm_variance(m) / (unit * unit)));
    json_put(&object, "min", number(m->min / unit));
    json_put(&object, "max", number(m->max / unit));
    json_put(&object, "skipped", json_integer((json_int_t)m->skipped));
    return object;
}

static json_t *channel(const struct result *r, unsigned c)
{
    const struct result_channel *ch = &r->channel[c];
    char name[CHANNEL_NAME_BYTES];
    json_t *object = moments(channel_name(r->space, r->colours, c, name, sizeof name), &ch->moments, r->unit);
    if (ch->touched)
        add_map(&object, r, c);
    return object;
}

/* What an integer output cut off: shares of the pixels that were changed, and the range before it did. */
static json_t *clipped(const struct result *r, unsigned c)
{
    const struct instnorm_clip *clip = &r->channel[c].clip;
    double pixels = r->pixels ? (double)r->pixels : 1;
    char name[CHANNEL_NAME_BYTES];
    json_t *object = json_object();
    json_put(&object, "name", json_string(channel_name(NULL, r->colours, c, name, sizeof name)));
    json_put(&object, "low", number((double)clip->low / pixels));
    json_put(&object, "high", number((double)clip->high / pixels));
    json_put(&object, "min", number(clip->min / r->most));
    json_put(&object, "max", number(clip->max / r->most));
    return object;
}

static json_t *all_clipped(const struct result *r)
{
    json_t *output = json_array();
    for (unsigned c = 0; c < r->colours; c++)
        json_append(&output, clipped(r, c));
    return output;
}

/* The whole line or nothing of it: false if memory is short. */
static bool print_line(json_t *object, FILE *to)
{
    char *text = json_text(object, JSON_COMPACT);
    bool ok = text != NULL;
    if (ok)
        fputs(text, to);
    free(text);
    return ok;
}

bool report_json(const struct result *r, const struct job *job, FILE *to)
{
    json_t *object = json_object(), *channels = json_array();
    char layout[CHANNEL_NAME_BYTES];
    json_put(&object, "input", name(job->input));
    if (job->output)
        json_put(&object, "output", name(job->output));
    json_put(&object, "format", json_string(r->format));
    if (r->dimensions == 4 || r->index > 0)
        json_put(&object, "index", json_integer((json_int_t)r->index));
    json_put(&object, "width", json_integer((json_int_t)r->width));
    json_put(&object, "height", json_integer((json_int_t)r->height));
    json_put(&object, "layout", json_string(report_layout(r, layout)));
    json_put(&object, "depth", json_integer(r->depth));
    json_put(&object, "space", json_string(r->space->name));
    for (unsigned c = 0; c < r->colours; c++)
        json_append(&channels, channel(r, c));
    json_put(&object, "channels", channels);
    if (r->status == RESULT_MAPPED && r->integer)
        json_put(&object, "clipped", all_clipped(r));
    return print_line(object, to);
}

bool report_json_statistics(const char *input, const struct instnorm_space *space, const struct statistics *s, FILE *to)
{
    json_t *object = json_object(), *channels = json_array();
    json_put(&object, "input", name(input));
    json_put(&object, "format", json_string("statistics"));
    json_put(&object, "space", json_string(space->name));
    json_put(&object, "pictures", json_integer((json_int_t)s->pictures));
    for (unsigned c = 0; c < s->colours; c++) {
        char text[CHANNEL_NAME_BYTES];
        json_append(&channels, moments(channel_name(space, s->colours, c, text, sizeof text), &s->channel[c], 1));
    }
    json_put(&object, "channels", channels);
    return print_line(object, to);
}
