#include "web/tell.h"

#include "base/text.h"

#include <math.h>
#include <string.h>

static void tell_text(const char *text, char *to, size_t size)
{
    text_append(to, size, "\"");
    for (; *text; text++)
        if (*text == '"' || *text == '\\')
            text_append(to, size, "\\%c", *text);
        else if ((unsigned char)*text < ' ')
            text_append(to, size, "\\u%04x", (unsigned)*text);
        else
            text_append(to, size, "%c", *text);
    text_append(to, size, "\"");
}

/* A comma before all but the first. */
static void tell_name(const char *name, char *to, size_t size)
{
    char last = to[strlen(to) - 1];
    text_append(to, size, "%s\"%s\":", last == '{' || last == '[' ? "" : ",", name);
}

static void tell_number(const char *name, double value, char *to, size_t size)
{
    tell_name(name, to, size);
    if (isfinite(value))
        text_append(to, size, "%.17g", value);
    else
        text_append(to, size, "null");
}

static void tell_string(const char *name, const char *text, char *to, size_t size)
{
    tell_name(name, to, size);
    tell_text(text, to, size);
}

void tell_picture(const struct held *held, char *to, size_t size)
{
    static const char *const samples[] = {
        [SAMPLE_NONE] = "",   [SAMPLE_U8] = "u8",   [SAMPLE_U16] = "u16", [SAMPLE_F32] = "f32",
        [SAMPLE_BOOL] = "u1", [SAMPLE_I8] = "i8",   [SAMPLE_I16] = "i16", [SAMPLE_F16] = "f16",
        [SAMPLE_I32] = "i32", [SAMPLE_U32] = "u32", [SAMPLE_F64] = "f64"};
    const struct picture_info *info = &held->info;
    to[0] = '\0';
    text_append(to, size, "{");
    tell_number("width", (double)info->width, to, size);
    tell_number("height", (double)info->height, to, size);
    tell_number("channels", info->channels, to, size);
    tell_number("colours", picture_colours(info), to, size);
    tell_number("depth", info->depth, to, size);
    tell_number("turned", info->changes.turned, to, size);
    tell_number("dimensions", info->dimensions, to, size);
    tell_number("several", held->several, to, size);
    tell_string("sample", samples[info->sample], to, size);
    tell_string("format", held->format, to, size);
    text_append(to, size, "}");
}

static void tell_moments(const char *name, const struct instnorm_moments *moments, double unit, char *to, size_t size)
{
    struct moments_numbers n = moments_in_units(moments, unit);
    tell_name(name, to, size);
    text_append(to, size, "{");
    tell_number("weight", moments->weight, to, size);
    tell_number("mean", n.mean, to, size);
    tell_number("std", n.std, to, size);
    tell_number("variance", n.variance, to, size);
    tell_number("min", n.min, to, size);
    tell_number("max", n.max, to, size);
    text_append(to, size, "}");
}

/* The target and the map. */
static void tell_map(const struct result *r, unsigned c, char *to, size_t size)
{
    const struct result_channel *channel = &r->channel[c];
    struct map_member member[MAP_MEMBERS];
    tell_moments("used", &channel->used, r->unit, to, size);
    tell_number("gamma", channel->target.gamma, to, size);
    tell_number("beta", channel->target.beta, to, size);
    tell_number("eps", channel->target.eps, to, size);
    tell_number("strength", channel->target.strength, to, size);
    map_members(&r->map, c, member);
    for (unsigned i = 0; i < MAP_MEMBERS; i++)
        tell_number(member[i].name, member[i].value, to, size);
}

static void tell_view(const char *name, const struct view *view, unsigned c, char *to, size_t size)
{
    if (c >= view->channels)
        return;
    tell_moments(name, &view->channel[c].moments, 1, to, size);
    tell_number("low", view->channel[c].low, to, size);
    tell_number("high", view->channel[c].high, to, size);
}

static void tell_channel(const struct result *r, unsigned c, char *to, size_t size)
{
    const struct result_channel *channel = &r->channel[c];
    char name[CHANNEL_NAME_BYTES], output[CHANNEL_NAME_BYTES];
    bool mapped = r->status == RESULT_MAPPED;
    text_append(to, size, "%s{", c > 0 ? "," : "");
    tell_string("name", channel_name(r->space, r->colours, c, name, sizeof name), to, size);
    tell_string("output", channel_name(NULL, r->colours, c, output, sizeof output), to, size);
    tell_moments("measured", &channel->moments, r->unit, to, size);
    tell_number("touched", mapped && channel->touched, to, size);
    if (mapped && channel->touched)
        tell_map(r, c, to, size);
    tell_view("after", &r->after, c, to, size);
    if (mapped && r->integer) {
        tell_number("clip_low", (double)channel->clip.low, to, size);
        tell_number("clip_high", (double)channel->clip.high, to, size);
    }
    text_append(to, size, "}");
}

static void tell_notes(const struct notes *notes, char *to, size_t size)
{
    tell_name("notes", to, size);
    text_append(to, size, "[");
    for (size_t i = 0; i < notes->n; i++) {
        text_append(to, size, "%s", i > 0 ? "," : "");
        tell_text(notes->item[i].text, to, size);
    }
    text_append(to, size, "]");
}

void tell_result(const struct result *r, char *to, size_t size)
{
    unsigned n = r->colours < TOLD_CHANNELS ? r->colours : TOLD_CHANNELS;
    to[0] = '\0';
    text_append(to, size, "{");
    tell_string("space", r->space ? r->space->name : "", to, size);
    tell_string("nothing", r->nothing.text, to, size);
    tell_number("colours", r->colours, to, size);
    tell_number("pixels", (double)r->pixels, to, size);
    tell_number("histograms", r->after.channels > 0, to, size);
    tell_notes(&r->notes, to, size);
    tell_name("channel", to, size);
    text_append(to, size, "[");
    for (unsigned c = 0; c < n; c++)
        tell_channel(r, c, to, size);
    text_append(to, size, "]}");
}
