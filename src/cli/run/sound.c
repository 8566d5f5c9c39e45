#include "cli/run/sound.h"

#include "codec/codec.h"

#include <math.h>
#include <string.h>

/* More pixels than this do not fit an address space, and products of such numbers do not fit 64 bits. */
#define SAMPLES_MAX ((uint64_t)1 << 60)

enum { CHANNELS_MAX = 1 << 24, SAMPLING_MAX = 4, ORIENTATION_MAX = 8, DIMENSIONS_MAX = 4, NOTES_MAX = 1 << 12 };

/* Any other byte than 0 and 1 is no bool, and must not be read as one. */
static bool is_bool(const bool *value)
{
    unsigned char byte;
    memcpy(&byte, value, 1);
    return byte <= 1;
}

static bool bools_are_sound(const struct picture_info *i)
{
    const bool *const value[] = {&i->planar,        &i->replays,         &i->lossless,      &i->converted,
                                 &i->layout.planar, &i->layout.big,      &i->coding.rgb,    &i->changes.colours,
                                 &i->changes.type,  &i->changes.samples, &i->channels_last, &i->has_nodata};
    for (size_t k = 0; k < sizeof value / sizeof *value; k++)
        if (!is_bool(value[k]))
            return false;
    return true;
}

static bool size_is_sound(const struct picture_info *i)
{
    return i->width > 0 && i->height > 0 && i->channels > 0 && i->channels <= CHANNELS_MAX &&
           i->width <= SAMPLES_MAX / i->height / i->channels;
}

static bool numbers_are_sound(const struct picture_info *i)
{
    return i->sample != SAMPLE_NONE && (unsigned)i->sample <= SAMPLE_LAST && (unsigned)i->alpha <= ALPHA_PREMULTIPLIED &&
           (unsigned)i->stack_type <= SAMPLE_LAST && (unsigned)i->role <= PAGE_COPIED && isfinite(i->unit) && i->unit > 0 &&
           (i->alpha == ALPHA_NONE || i->channels > 1) && i->dimensions <= DIMENSIONS_MAX && i->depth <= 64 &&
           i->orientation <= ORIENTATION_MAX && i->changes.turned <= ORIENTATION_MAX &&
           (i->layout.primaries <= 1 || i->layout.primaries == 3);
}

/* What a writer hands on to libjpeg. The writer of TIFF looks at the layout by itself. */
static bool coding_is_sound(const struct jpeg_coding *coding)
{
    if (coding->components > 3)
        return false;
    for (unsigned i = 0; i < coding->components; i++) {
        bool sampled = coding->h[i] >= 1 && coding->h[i] <= SAMPLING_MAX && coding->v[i] >= 1 &&
                       coding->v[i] <= SAMPLING_MAX && coding->table[i] < 4;
        if (!sampled)
            return false;
        for (size_t k = 0; k < 64; k++)
            if (coding->quantum[coding->table[i]][k] == 0)
                return false; /* libjpeg divides by it */
    }
    return true;
}

bool picture_is_sound(const struct picture_info *info)
{
    return bools_are_sound(info) && size_is_sound(info) && numbers_are_sound(info) && coding_is_sound(&info->coding);
}

static bool channel_is_sound(const struct view_channel *channel)
{
    const struct instnorm_moments *m = &channel->moments;
    bool sound = isfinite(channel->low) && isfinite(channel->high - channel->low) && channel->low < channel->high &&
                 m->weight >= 0 && isfinite(m->weight) && isfinite(m->mean) && m->m2 >= 0 && isfinite(m->m2);
    for (unsigned i = 0; sound && i < VIEW_BINS; i++)
        sound = channel->bin[i] >= 0 && isfinite(channel->bin[i]);
    return sound;
}

/* What draws it makes lengths in pixels of its numbers. */
static bool view_is_sound(const struct view *view)
{
    bool sound = true;
    for (int i = 0; i < VIEW_SIZES; i++) {
        const struct preview *p = &view->preview[i];
        sound &= !p->rgb || (isfinite(p->black) && isfinite(p->white));
    }
    for (unsigned c = 0; sound && c < view->channels; c++)
        sound = channel_is_sound(&view->channel[c]);
    return sound;
}

bool result_is_sound(const struct result *r)
{
    return view_is_sound(&r->before) && view_is_sound(&r->after) && (r->format[0] == '\0' || codec_named(r->format)) &&
           r->notes.n <= NOTES_MAX && r->status != RESULT_SKIPPED && (r->status != RESULT_FAILED || r->why.text[0]);
}
