#include "target.h"

#include "report.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

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

/* The names and indices of --channels: "R", "0", "none". */
static bool names_channel(unsigned colours, const char *word, size_t n, unsigned c)
{
    char name[32], index[16];
    report_channel_name(colours, c, name, sizeof name);
    snprintf(index, sizeof index, "%u", c);
    return (strlen(name) == n && strncasecmp(word, name, n) == 0) || (strlen(index) == n && memcmp(word, index, n) == 0);
}

bool target_touches(const struct options *o, unsigned colours, unsigned c)
{
    bool touched = !o->channels;
    for (const char *word = o->channels; word && *word; word += *word == ',') {
        size_t n = strcspn(word, ",");
        touched |= names_channel(colours, word, n, c);
        word += n;
    }
    return touched;
}

/* Each word of --channels names a channel of this picture. */
static bool check_channels(const struct options *o, unsigned colours, struct why *why)
{
    for (const char *word = o->channels; word && *word; word += *word == ',') {
        size_t n = strcspn(word, ",");
        unsigned c = 0;
        while (c < colours && !names_channel(colours, word, n, c))
            c++;
        if (c == colours && !(n == 4 && memcmp(word, "none", 4) == 0))
            return why_set(why, "--channels '%.*s': expected a name or an index below %u, or none", (int)n, word, colours);
        word += n;
    }
    return true;
}

/* What was asked for must fit the channels; lists of a run that writes nothing are not looked at. */
static bool target_check(const struct band *band, const struct codec *writer, const struct options *o, struct why *why)
{
    unsigned n = band->colours;
    return !writer ||
           (check_list(&o->gamma, n, "gamma", why) && check_list(&o->beta, n, "beta", why) &&
            check_list(&o->mean, n, "mean", why) && check_list(&o->std, n, "std", why) && check_channels(o, n, why));
}

/* ---- the output --------------------------------------------------------------------------------------------------- */

/* A tensor takes the colour channels as floats, a picture the input's own type; --depth and --rgb have the last word. */
bool target_describe(struct band *band, const struct picture_info *in, const struct codec *writer, const struct options *o,
                     struct why *why)
{
    unsigned colours = picture_colours(in);
    bool tensor = writer && writer->tensor;

    band->in = *in;
    band->out = *in;
    band->out.planar = tensor;
    if (o->rgb && colours != 1 && colours != 3)
        return why_set(why, "--rgb: expected a picture of 1 or 3 colour channels, not %u", colours);
    if (o->rgb || tensor) {
        band->out.alpha = ALPHA_NONE;
        band->out.channels = o->rgb ? 3 : colours;
    }
    if (tensor) {
        band->out.dimensions =
            band->in.dimensions > 2 || band->out.channels > 1 || !band->in.dimensions ? band->in.dimensions > 3 ? 4 : 3 : 2;
        bool wide = band->in.dimensions && (band->in.stored == STORED_F16 || band->in.stored == STORED_F64);
        band->out.sample = SAMPLE_F32;
        band->out.stored = wide && !o->depth ? band->in.stored : STORED_F32;
    }
    if (o->depth)
        band->out.sample = o->depth == 8 ? SAMPLE_U8 : o->depth == 16 ? SAMPLE_U16 : SAMPLE_F32;
    if (band->out.alpha == ALPHA_PREMULTIPLIED && writer && !writer->premultiplied)
        band->out.alpha = ALPHA_STRAIGHT;
    band->dither = o->dither;
    band->all_count = o->mask_all;
    band->out.other_colours = picture_colours(&band->out) != colours;
    band->out.other_type = band->out.sample != band->in.sample || band->out.channels != band->in.channels;
    if (o->strip)
        band->out.metadata = NULL;
    band->out.unit = tensor && band->in.dimensions ? 1 : sample_unit(band->out.sample);
    band->colours = picture_colours(&band->out);
    return target_check(band, writer, o, why);
}
