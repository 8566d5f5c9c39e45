#include "engine/clip_bytes.h"

#include "base/outside.h"

#include <math.h>

#ifdef SMALL_CODE

bool clip_count_bytes(struct apply *a, const struct rows *rows)
{
    return (void)a, (void)rows, false;
}

#else

/* Channels that are counted at once, if the output has those of the input. */
enum { TOGETHER = 4 };

static const struct instnorm_clip none = {0, 0, INFINITY, -INFINITY};

/* What is cut off of one sample of channel c, and its image. */
static struct instnorm_clip clip_of(const struct apply *a, unsigned c, unsigned x)
{
    const double value = x;
    struct instnorm_clip clip = none;
    map_count_clipped(a->map, c, (struct run){NULL, &value}, 1, a->layout->out.sample, &clip);
    return clip;
}

/* Of images that rise or fall, samples of one end are too low, and those of the other too high. */
static bool is_before(const struct apply *a, unsigned c, unsigned x)
{
    const struct instnorm_clip clip = clip_of(a, c, x);
    return (map_falls(a->map, c) ? clip.high : clip.low) > 0;
}

static bool is_behind(const struct apply *a, unsigned c, unsigned x)
{
    const struct instnorm_clip clip = clip_of(a, c, x);
    return (map_falls(a->map, c) ? clip.low : clip.high) > 0;
}

/* The first sample that is not before the range, and the last one that is not behind it; 256 and -1: none. */
static void find_range(const struct apply *a, unsigned c, int *first, int *last)
{
    *first = 0;
    *last = 255;
    for (int step = 128; step > 0; step /= 2) {
        if (is_before(a, c, (unsigned)(*first + step - 1)))
            *first += step;
        if (is_behind(a, c, (unsigned)(*last - step + 1)))
            *last -= step;
    }
    *first += *first == 255 && is_before(a, c, 255);
    *last -= *last == 0 && is_behind(a, c, 0);
}

/* Whether all images are numbers: those of the ends are. */
static bool are_numbers(const struct apply *a, unsigned c)
{
    return isfinite(clip_of(a, c, 0).min) && isfinite(clip_of(a, c, 255).min);
}

/* Of the output's channels from c on the samples of as many channels of rows. */
static void count_channels(struct apply *a, unsigned c, unsigned channels, const struct rows *rows)
{
    uint64_t n = (uint64_t)rows->width * rows->height;
    struct outside counts[TOGETHER];
    int first[TOGETHER], last[TOGETHER];
    for (unsigned k = 0; k < channels; k++) {
        find_range(a, c + k, &first[k], &last[k]);
        counts[k] = (struct outside){.from = (uint8_t)first[k], .to = (uint8_t)last[k], .least = UINT8_MAX};
    }
    outside_add(rows, channels, counts);
    for (unsigned k = 0; k < channels; k++) {
        struct instnorm_clip *clip = &a->clip[c + k], least = clip_of(a, c + k, counts[k].least);
        const struct instnorm_clip most = clip_of(a, c + k, counts[k].most);
        uint64_t before = first[k] > 255 ? n : counts[k].below, behind = last[k] < 0 ? n : counts[k].above;
        bool falls = map_falls(a->map, c + k);
        clip->low += falls ? behind : before;
        clip->high += falls ? before : behind;
        clip->min = fmin(clip->min, fmin(least.min, most.min));
        clip->max = fmax(clip->max, fmax(least.max, most.max));
    }
}

bool clip_count_bytes(struct apply *a, const struct rows *rows)
{
    const struct layout *layout = a->layout;
    unsigned colours = layout->colours;
    bool together = colours <= TOGETHER && colours == picture_colours(&layout->in);
    if ((layout->alpha_counts && layout->in.alpha != ALPHA_NONE) || rows->width == 0 || rows->height == 0)
        return false;
    for (unsigned c = 0; c < colours; c++)
        if (!are_numbers(a, c))
            return false;
    for (unsigned c = 0; c < (together ? 1 : colours); c++) {
        struct rows one = *rows;
        one.data += (ptrdiff_t)layout_source(layout, c) * rows->dc;
        one.channels = 1;
        count_channels(a, c, together ? colours : 1, together ? rows : &one);
    }
    a->pixels += (uint64_t)rows->width * rows->height;
    return true;
}

#endif
