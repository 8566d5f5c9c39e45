/* The report for programs: one JSON object a picture, a line each. */
#include "report.h"

#include <jansson.h>

#include <math.h>

/* JSON has no infinity and no NaN: the statistics of no samples are null. */
static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
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
static void add_map(json_t *object, const struct channel *ch, double samples)
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
    json_object_set_new(object, "clipped_low", number((double)ch->clipped_low / samples));
    json_object_set_new(object, "clipped_high", number((double)ch->clipped_high / samples));
}

static json_t *channel(const struct outcome *r, unsigned c)
{
    const struct channel *ch = &r->channel[c];
    const struct instnorm_moments *m = &ch->moments;
    double unit = r->info.unit;
    char name[NAME_BYTES];
    json_t *object = json_object();
    json_object_set_new(object, "name", json_string(report_channel_name(r->colours, c, name, sizeof name)));
    bool empty = !(m->weight > 0);
    json_object_set_new(object, "weight", number(m->weight));
    json_object_set_new(object, "mean", number(empty ? NAN : m->mean / unit));
    json_object_set_new(object, "std", number(empty ? NAN : sqrt(instnorm_variance(m)) / unit));
    json_object_set_new(object, "variance", number(empty ? NAN : instnorm_variance(m) / (unit * unit)));
    json_object_set_new(object, "min", number(m->min / unit));
    json_object_set_new(object, "max", number(m->max / unit));
    json_object_set_new(object, "skipped", json_integer((json_int_t)m->skipped));
    if (r->applied && ch->touched)
        add_map(object, ch, (double)r->info.width * (double)r->info.height);
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
    for (unsigned c = 0; c < r->colours; c++)
        json_array_append_new(channels, channel(r, c));
    json_object_set_new(object, "channels", channels);
    json_dumpf(object, to, JSON_COMPACT | JSON_REAL_PRECISION(17));
    fputc('\n', to);
    json_decref(object);
}
