#include "engine/layout.h"

#include "base/channel.h"
#include "base/quote.h"
#include "base/text.h"

#include <string.h>

/* ---- lists -------------------------------------------------------------------------------------------------------- */

static bool check_list(const struct list *list, unsigned n, const char *option, struct why *why)
{
    if (list->n <= 1 || list->n == n)
        return true;
    return why_set(why, "--%s has %zu values, but the picture has %u colour channel%s%s: expected 1%s", option, list->n, n,
                   n == 1 ? "" : "s", n == 1 ? " (grey)" : "", n == 1 ? "" : " or one for each");
}

/* ---- channels ----------------------------------------------------------------------------------------------------- */

bool layout_touches(const struct layout *layout, const struct request *request, unsigned c)
{
    bool touched = !request->channels;
    for (const char *word = request->channels; word && *word; word += *word == ',') {
        size_t n = strcspn(word, ",");
        touched |= channel_is_called(layout->space, layout->colours, c, word, n);
        word += n;
    }
    return touched;
}

/* text <- "R, G, B or 0 to 2": what the channels of the picture are called. */
static const char *called(const struct layout *layout, char *text, size_t size)
{
    char name[CHANNEL_NAME_BYTES];
    unsigned n = layout->colours;
    *text = '\0';
    for (unsigned c = 0; (n == 1 || n == 3) && c < n; c++)
        text_append(text, size, "%s%s", channel_name(layout->space, n, c, name, sizeof name), c + 1 < n ? ", " : " or ");
    text_append(text, size, n == 1 ? "0" : "0 %s %u", n == 2 ? "or" : "to", n - 1);
    return text;
}

/* Whether a channel of the space has that name, and the picture may be in the space: as grey it needs --rgb for that. */
static bool has_channel(const struct instnorm_space *space, const struct layout *layout, const char *word)
{
    char name[CHANNEL_NAME_BYTES];
    bool found = false, may = layout->colours == 3 || (layout->colours == 1 && space->planes == 3);
    for (unsigned c = 0; may && c < 3; c++)
        found |= strcmp(word, channel_name(space, 3, c, name, sizeof name)) == 0;
    return found;
}

/* text <- " (L needs -S lab or oklab)": the spaces that have a channel of that name. */
static const char *needed(const struct layout *layout, const char *word, char *text, size_t size)
{
    const struct instnorm_space *space;
    *text = '\0';
    for (size_t i = 0; (space = instnorm_space_at(i)); i++)
        if (has_channel(space, layout, word) && *text)
            text_append(text, size, " or %s", space->name);
        else if (has_channel(space, layout, word))
            text_append(text, size, " (%s needs -S %s", word, space->name);
    text_append(text, size, "%s", *text ? ")" : "");
    return text;
}

static bool refuse_channel(const struct layout *layout, const char *word, size_t n, struct why *why)
{
    char plain[CHANNEL_NAME_BYTES] = "", quoted[80], names[80], spaces[80];
    text_append(plain, sizeof plain, "%.*s", (int)n, word);
    return why_set(why, "--channels %s: expected %s%s", quote(quoted, sizeof quoted, plain),
                   called(layout, names, sizeof names), needed(layout, plain, spaces, sizeof spaces));
}

/* Each word of --channels names a channel of this picture. */
static bool check_channels(const struct layout *layout, const struct request *request, struct why *why)
{
    unsigned colours = layout->colours;
    for (const char *word = request->channels; word && *word; word += *word == ',') {
        size_t n = strcspn(word, ",");
        unsigned c = 0;
        while (c < colours && !channel_is_called(layout->space, layout->colours, c, word, n))
            c++;
        if (c == colours && !(n == 4 && memcmp(word, "none", 4) == 0))
            return refuse_channel(layout, word, n, why);
        word += n;
    }
    return true;
}

/* What was asked for must suit the channels; where nothing is written, no list is looked at. */
static bool check_request(const struct layout *layout, const struct output_format *format, const struct request *request,
                          struct why *why)
{
    unsigned n = layout->colours;
    bool integer = !sample_is_float(layout->out.sample) && layout->out.unit != 1;
    if (format &&
        ((!format->tensor && !request_suits_pictures(request, why)) || (integer && !request_suits_integers(request, why))))
        return false;
    if (format && layout->space->planes == 3 && (request->mean.n == 1 || request->std.n == 1))
        return why_set(why, "--%s has 1 value: expected one for each channel of --space %s",
                       request->mean.n == 1 ? "mean" : "std", layout->space->name);
    return !format || (check_list(&request->gamma, n, "gamma", why) && check_list(&request->beta, n, "beta", why) &&
                       check_list(&request->mean, n, "mean", why) && check_list(&request->std, n, "std", why) &&
                       check_channels(layout, request, why));
}

/* ---- the output --------------------------------------------------------------------------------------------------- */

/* Grey stands for three equal colours where it was asked for, and where it is only measured in a space of three. */
static bool choose_colours(struct layout *layout, const struct output_format *format, const struct request *request,
                           struct why *why)
{
    unsigned colours = picture_colours(&layout->in), planes = request->space->planes;
    bool rgb = request->rgb || (planes == 3 && !format);
    if (request->rgb && colours != 1 && colours != 3)
        return why_set(why, "--rgb: expected a picture of 1 or 3 colour channels, not %u", colours);
    if (planes == 3 && colours != 3 && !(rgb && colours == 1))
        return why_set(why, "%u colour channel%s: expected 3 for --space %s%s", colours, colours == 1 ? " (grey)" : "s",
                       request->space->name, colours == 1 ? ", or --rgb" : "");
    bool tensor = format && format->tensor;
    if (rgb || tensor) {
        layout->out.alpha = ALPHA_NONE;
        layout->out.channels = rgb ? 3 : colours;
    }
    layout->measured = planes == 3 ? 3 : colours;
    layout->colours = picture_colours(&layout->out);
    return true;
}

/* A tensor has floats: those of the input, or such as hold its integers. */
static enum sample tensor_sample(const struct picture_info *in)
{
    bool kept = in->dimensions > 0 && sample_is_float(in->sample);
    return kept ? in->sample : sample_is_wide(in->sample) ? SAMPLE_F64 : SAMPLE_F32;
}

/* A picture has the input's own type; --depth has the last word. */
static void choose_samples(struct layout *layout, const struct output_format *format, const struct request *request)
{
    bool tensor = format && format->tensor;
    const struct picture_info *in = &layout->in;
    struct picture_info *out = &layout->out;
    if (tensor) {
        bool one_channel = in->dimensions > 0 && in->dimensions <= 2 && out->channels == 1;
        bool batched = in->dimensions > 3 || request->batched;
        out->dimensions = one_channel ? 2 : batched ? 4 : 3;
        out->sample = tensor_sample(in);
        out->stack_type = out->sample;
        if (format->stacked && out->sample == SAMPLE_F16) /* which the stack need not have */
            out->sample = SAMPLE_F32;
    }
    if (request->depth)
        out->sample = out->stack_type = request->depth;
}

/* Tensors are taken as they are; but colours need a white, which of integers is the maximum. */
static void choose_units(struct layout *layout, bool tensor)
{
    bool as_is = tensor && layout->in.dimensions && !layout_converts(layout);
    if (layout_converts(layout))
        layout->in.unit = picture_most(&layout->in);
    layout->out.unit = as_is ? 1 : sample_unit(layout->out.sample);
}

bool layout_make(struct layout *layout, const struct picture_info *in, const struct output_format *format,
                 const struct request *request, struct why *why)
{
    bool tensor = format && format->tensor;
    *layout = (struct layout){.in = *in, .out = *in, .space = request->space, .dither = request->dither};
    layout->out.channels_last = tensor && request->channels_last;
    layout->out.planar = tensor && !request->channels_last;
    if (!choose_colours(layout, format, request, why))
        return false;
    choose_samples(layout, format, request);
    choose_units(layout, tensor);
    if (layout->out.alpha == ALPHA_PREMULTIPLIED && format && !format->premultiplied)
        layout->out.alpha = ALPHA_STRAIGHT;
    layout->alpha_counts = in->alpha != ALPHA_NONE && !request_counts_transparent(request);
    layout->count_clipped = request->count_clipped && !sample_is_float(layout->out.sample);
    layout->out.changes.colours = picture_colours(&layout->out) != picture_colours(in);
    layout->out.changes.type = layout->out.sample != in->sample || layout->out.channels != in->channels;
    return check_request(layout, format, request, why);
}

/* ---- questions ----------------------------------------------------------------------------------------------------- */

unsigned layout_source(const struct layout *layout, unsigned c)
{
    if (c >= layout->colours)
        return layout->in.channels - 1;
    return picture_colours(&layout->in) == 1 ? 0 : c;
}

bool layout_converts(const struct layout *layout)
{
    return layout->space->to || layout->space->linear;
}

double layout_unit(const struct layout *layout)
{
    return layout_converts(layout) ? 1 : layout->in.unit;
}

double layout_unit_out(const struct layout *layout)
{
    return layout_converts(layout) ? 1 : layout->out.unit;
}

struct instnorm_affine layout_conversion(const struct layout *layout)
{
    return (struct instnorm_affine){layout->out.unit / layout->in.unit, 0};
}
