#include "cli/run/sound.h"

#include "codec/codec.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* More pixels than this do not fit an address space, and products of such numbers do not fit 64 bits. */
#define SAMPLES_MAX ((uint64_t)1 << 60)

enum { CHANNELS_MAX = 1 << 24, SAMPLING_MAX = 4, ORIENTATION_MAX = 8, DIMENSIONS_MAX = 4, NOTES_MAX = 1 << 12 };

/* ---- a picture ------------------------------------------------------------------------------------------------------ */

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

/* ---- what is seen of a picture -------------------------------------------------------------------------------------- */

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

/* ---- what a picture adds to a pool ---------------------------------------------------------------------------------- */

/* `most` samples count at most, each of them 1 at most. */
static bool weight_is_sound(const struct dyadic *weight, double most)
{
    return dyadic_sign(weight) >= 0 && dyadic_round(weight) <= most;
}

static bool sums_are_sound(const struct pooled *p, const struct pooled_unit *u, double most)
{
    bool sound = true;
    for (unsigned c = 0; sound && c < p->colours; c++) {
        const struct pooled_channel *ch = &u->channel[c];
        sound = weight_is_sound(&ch->weight, most) && dyadic_sign(&ch->squares) >= 0 && dyadic_sign(&ch->stds) >= 0;
    }
    for (size_t k = 0; sound && !p->no_covariance && k < sums_pairs(p->colours); k++)
        sound = weight_is_sound(&u->pair[k].weight, most);
    return sound;
}

static bool range_is_sound(const struct pooled_range *range, const struct pooled *p, double most)
{
    bool none = range->least == INFINITY && range->most == -INFINITY;
    bool unknown = range->least == -INFINITY && range->most == INFINITY;
    bool known = isfinite(range->least) && isfinite(range->most) && range->least <= range->most;
    return (none || unknown || known) && (double)range->skipped <= most && range->pictures <= p->pictures;
}

/* But for a few roundings. */
static bool is_near(double a, double b)
{
    return fabs(a - b) <= 0x1p-44 * fabs(b) + DBL_MIN;
}

/* Whether the sums are those of the moments that reports show. */
static bool pool_is_of_moments(const struct result *r)
{
    struct statistics s = {0};
    struct why why = {0};
    bool sound = pooled_statistics(&r->pooled, &s, &why);
    for (unsigned c = 0; sound && c < r->colours; c++) {
        const struct instnorm_moments m = moments_scaled(&r->channel[c].moments, 1 / r->unit), *of_pool = &s.channel[c];
        sound = is_near(of_pool->weight, m.weight) &&
                (m.weight <= 0 || (is_near(of_pool->mean, m.mean) && is_near(of_pool->m2, m.m2)));
    }
    statistics_free(&s);
    return sound;
}

/* A picture is one of one unit, and only the process of the batch names it; statistics are of any. */
static bool counts_are_sound(const struct result *r)
{
    const struct pooled *p = &r->pooled;
    if (r->status == RESULT_STATISTICS)
        return p->pictures == r->pictures && p->missing == r->missing;
    return p->pictures <= 1 && p->missing == 0 && p->units <= 1 && !p->unnamed && p->names.high == 0 && p->names.low == 0 &&
           (p->pictures == 1 || !pooled_counts(p));
}

static bool pool_is_sound(const struct result *r)
{
    const struct pooled *p = &r->pooled;
    double most = r->status == RESULT_STATISTICS ? INFINITY : (double)r->width * (double)r->height;
    if (p->colours == 0)
        return p->units == 0 && p->pictures == 0 && p->missing == 0 && !p->unnamed;
    bool sound = counts_are_sound(r) && p->units > 0;
    for (size_t i = 0; sound && i < p->units; i++)
        sound = sums_are_sound(p, &p->unit[i], most);
    for (unsigned c = 0; sound && c < p->colours; c++)
        sound = range_is_sound(&p->range[c], p, most);
    return sound && pool_is_of_moments(r);
}

bool result_is_sound(const struct result *r)
{
    return view_is_sound(&r->before) && view_is_sound(&r->after) && pool_is_sound(r) &&
           (r->format[0] == '\0' || codec_named(r->format)) && r->notes.n <= NOTES_MAX && r->status != RESULT_SKIPPED &&
           (r->status != RESULT_FAILED || r->why.text[0]) &&
           (r->status != RESULT_LEFT_OUT || (r->why.text[0] && r->member));
}
