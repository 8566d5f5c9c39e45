/* The report for programs: one JSON object a picture, a line each. */
#include "report.h"

#include <jansson.h>

#include <math.h>

/* JSON has no infinity and no NaN: the statistics of no samples are null. */
static json_t *number(double value)
{
    return isfinite(value) ? json_real(value + 0) : json_null(); /* -0 + 0 is 0 */
}

/* A file name is bytes; JSON is UTF-8. What is not UTF-8 is replaced, as json_string would refuse it. */
static json_t *name(const char *text)
{
    json_t *s = json_string(text);
    if (s)
        return s;
    char ascii[4096];
    size_t n = 0;
    for (; text[n] && n + 1 < sizeof ascii; n++)
        ascii[n] = (unsigned char)text[n] < 0x80 ? text[n] : '?';
    ascii[n] = '\0';
    return json_string(ascii);
}

/* In units, as all of them. used_mean and used_variance are those that it was normalized with. */
static void add_map(json_t *object, const struct channel *ch)
{
    const struct instnorm_target *t = &ch->target;
    json_object_set_new(object, "used_mean", number(ch->pooled.mean / t->unit_in));
    json_object_set_new(object, "used_variance", number(instnorm_variance(&ch->pooled) / (t->unit_in * t->unit_in)));
    json_object_set_new(object, "gamma", number(t->gamma));
    json_object_set_new(object, "beta", number(t->beta));
    json_object_set_new(object, "eps", number(t->eps));
    json_object_set_new(object, "strength", number(t->strength));
    json_object_set_new(object, "scale", number(ch->map.scale * t->unit_in / t->unit_out));
    json_object_set_new(object, "shift", number(ch->map.shift / t->unit_out));
}

static json_t *moments(const char *name, const struct instnorm_moments *m, double unit)
{
    json_t *object = json_object();
    bool empty = !(m->weight > 0);
    json_object_set_new(object, "name", json_string(name));
    json_object_set_new(object, "weight", number(m->weight));
    json_object_set_new(object, "mean", number(empty ? NAN : m->mean / unit));
    json_object_set_new(object, "std", number(empty ? NAN : sqrt(instnorm_variance(m)) / unit));
    json_object_set_new(object, "variance", number(empty ? NAN : instnorm_variance(m) / (unit * unit)));
    json_object_set_new(object, "min", number(m->min / unit));
    json_object_set_new(object, "max", number(m->max / unit));
    json_object_set_new(object, "skipped", json_integer((json_int_t)m->skipped));
    return object;
}

static json_t *channel(const struct outcome *r, unsigned c)
{
    const struct channel *ch = &r->channel[c];
    char name[NAME_BYTES];
    json_t *object = moments(report_channel_name(r->space, r->colours, c, name, sizeof name), &ch->moments, r->unit);
    if (r->applied && ch->touched)
        add_map(object, ch);
    return object;
}

/* What an integer output cut off: shares of the pixels that were changed, and the range before it did. */
static json_t *clipped(const struct outcome *r, unsigned c)
{
    const struct instnorm_clip *clip = &r->channel[c].clip;
    double pixels = r->pixels ? (double)r->pixels : 1;
    char name[NAME_BYTES];
    json_t *object = json_object();
    json_object_set_new(object, "name",
                        json_string(report_channel_name(instnorm_spaces, r->colours, c, name, sizeof name)));
    json_object_set_new(object, "low", number((double)clip->low / pixels));
    json_object_set_new(object, "high", number((double)clip->high / pixels));
    json_object_set_new(object, "min", number(clip->min / r->most));
    json_object_set_new(object, "max", number(clip->max / r->most));
    return object;
}

void report_json(const struct outcome *r, FILE *to)
{
    json_t *object = json_object(), *channels = json_array();
    char layout[NAME_BYTES];
    json_object_set_new(object, "input", name(r->job->input));
    if (r->job->output)
        json_object_set_new(object, "output", name(r->job->output));
    json_object_set_new(object, "format", json_string(r->format));
    if (r->info.dimensions == 4 || r->index > 0)
        json_object_set_new(object, "index", json_integer((json_int_t)r->index));
    json_object_set_new(object, "width", json_integer((json_int_t)r->info.width));
    json_object_set_new(object, "height", json_integer((json_int_t)r->info.height));
    json_object_set_new(object, "layout", json_string(report_layout(r, layout)));
    json_object_set_new(object, "depth", json_integer(r->info.depth));
    json_object_set_new(object, "space", json_string(r->space->name));
    for (unsigned c = 0; c < r->colours; c++)
        json_array_append_new(channels, channel(r, c));
    json_object_set_new(object, "channels", channels);
    json_t *output = r->applied && r->integer ? json_array() : NULL;
    for (unsigned c = 0; output && c < r->colours; c++)
        json_array_append_new(output, clipped(r, c));
    if (output)
        json_object_set_new(object, "clipped", output);
    json_dumpf(object, to, JSON_COMPACT | JSON_REAL_PRECISION(17));
    fputc('\n', to);
    json_decref(object);
}

void report_json_statistics(const char *input, const struct instnorm_space *space, const struct statistics *s, FILE *to)
{
    json_t *object = json_object(), *channels = json_array();
    json_object_set_new(object, "input", name(input));
    json_object_set_new(object, "format", json_string("statistics"));
    json_object_set_new(object, "space", json_string(space->name));
    json_object_set_new(object, "pictures", json_integer((json_int_t)s->pictures));
    for (unsigned c = 0; c < s->colours; c++) {
        char text[NAME_BYTES];
        json_array_append_new(channels,
                              moments(report_channel_name(space, s->colours, c, text, sizeof text), &s->channel[c], 1));
    }
    json_object_set_new(object, "channels", channels);
    json_dumpf(object, to, JSON_COMPACT | JSON_REAL_PRECISION(17));
    fputc('\n', to);
    json_decref(object);
}
