#include "engine/layout.h"

#include "base/channel.h"

#include <string.h>

/* ---- lists -------------------------------------------------------------------------------------------------------- */

static bool check_list(const struct list *list, unsigned n, const char *option, struct why *why)
{
    if (list->n <= 1 || list->n == n)
        return true;
    return why_set(why, "--%s has %zu values and the picture %u colour channel%s%s: expected 1%s", option, list->n, n,
                   n == 1 ? "" : "s", n == 1 ? " (grey)" : "", n == 1 ? "" : " or one for each");
}

struct item target_item(const struct list *list, unsigned c, double preset)
{
    if (list->n == 0)
        return (struct item){.value = preset};
    return list->item[list->n == 1 ? 0 : c];
}

/* ---- channels ----------------------------------------------------------------------------------------------------- */

bool target_touches(const struct request *request, const struct band *band, unsigned c)
{
    bool touched = !request->channels;
    for (const char *word = request->channels; word && *word; word += *word == ',') {
        size_t n = strcspn(word, ",");
        touched |= channel_is_called(band->space, band->colours, c, word, n);
        word += n;
    }
    return touched;
}

/* Each word of --channels names a channel of this picture. */
static bool check_channels(const struct request *request, const struct band *band, struct why *why)
{
    unsigned colours = band->colours;
    for (const char *word = request->channels; word && *word; word += *word == ',') {
        size_t n = strcspn(word, ",");
        unsigned c = 0;
        while (c < colours && !channel_is_called(band->space, band->colours, c, word, n))
            c++;
        if (c == colours && !(n == 4 && memcmp(word, "none", 4) == 0))
            return why_set(why, "--channels '%.*s': expected a name or an index below %u, or none", (int)n, word, colours);
        word += n;
    }
    return true;
}

/* What was asked for must fit the channels; lists of a run that writes nothing are not looked at. */
static bool target_check(const struct band *band, const struct output_format *format, const struct request *request,
                         struct why *why)
{
    unsigned n = band->colours;
    bool integer = band->out.sample != SAMPLE_F32 && band->out.unit != 1;
    if (format &&
        ((!format->tensor && !request_suits_pictures(request, why)) || (integer && !request_suits_integers(request, why))))
        return false;
    if (format && band->space->planes == 3 && (request->mean.n == 1 || request->std.n == 1))
        return why_set(why, "--%s has 1 value: expected one for each channel of --space %s",
                       request->mean.n == 1 ? "mean" : "std", band->space->name);
    return !format || (check_list(&request->gamma, n, "gamma", why) && check_list(&request->beta, n, "beta", why) &&
                       check_list(&request->mean, n, "mean", why) && check_list(&request->std, n, "std", why) &&
                       check_channels(request, band, why));
}

/* ---- the output --------------------------------------------------------------------------------------------------- */

/* Grey stands for three equal colours where it was asked for, and where it is only measured in a space of three. */
static bool choose_colours(struct band *band, const struct output_format *format, const struct request *request,
                           struct why *why)
{
    unsigned colours = picture_colours(&band->in), planes = request->space->planes;
    bool rgb = request->rgb || (planes == 3 && !format);
    if (request->rgb && colours != 1 && colours != 3)
        return why_set(why, "--rgb: expected a picture of 1 or 3 colour channels, not %u", colours);
    if (planes == 3 && colours != 3 && !(rgb && colours == 1))
        return why_set(why, "%u colour channel%s: expected 3 for --space %s%s", colours, colours == 1 ? " (grey)" : "s",
                       request->space->name, colours == 1 ? ", or --rgb" : "");
    bool tensor = format && format->tensor;
    if (rgb || tensor) {
        band->out.alpha = ALPHA_NONE;
        band->out.channels = rgb ? 3 : colours;
    }
    band->space = request->space;
    band->values = planes == 3 ? 3 : colours;
    band->colours = picture_colours(&band->out);
    return true;
}

/* A tensor takes the colour channels as floats, a picture the input's own type; --depth and --rgb have the last word. */
bool target_describe(struct band *band, const struct picture_info *in, const struct output_format *format,
                     const struct request *request, struct why *why)
{
    unsigned colours = picture_colours(in);
    bool tensor = format && format->tensor;

    band->in = *in;
    band->out = *in;
    band->out.planar = tensor;
    if (!choose_colours(band, format, request, why))
        return false;
    if (tensor) {
        band->out.dimensions =
            band->in.dimensions > 2 || band->out.channels > 1 || !band->in.dimensions ? band->in.dimensions > 3 ? 4 : 3 : 2;
        bool wide = band->in.dimensions && (band->in.stored == STORED_F16 || band->in.stored == STORED_F64);
        band->out.sample = SAMPLE_F32;
        band->out.stored = wide && !request->depth ? band->in.stored : STORED_F32;
    }
    if (request->depth)
        band->out.sample = request->depth == 8 ? SAMPLE_U8 : request->depth == 16 ? SAMPLE_U16 : SAMPLE_F32;
    if (band->out.alpha == ALPHA_PREMULTIPLIED && format && !format->premultiplied)
        band->out.alpha = ALPHA_STRAIGHT;
    band->dither = request->dither;
    band->all_count = selectors_find(&request->mask, SELECTOR_ALL) != NULL;
    band->counts = request->count_clipped && band->out.sample != SAMPLE_F32;
    band->out.changes.colours = picture_colours(&band->out) != colours;
    band->out.changes.type = band->out.sample != band->in.sample || band->out.channels != band->in.channels;
    /* Tensors are taken as they are; but colours need a white, which of integers is the maximum. */
    if (band_converts(band))
        band->in.unit = picture_most(in);
    bool as_is = tensor && band->in.dimensions && !band_converts(band);
    band->out.unit = as_is ? 1 : sample_unit(band->out.sample);
    return target_check(band, format, request, why);
}
