/* Views that are made by hand, for the suites of reports. */
#ifndef VIEWS_H
#define VIEWS_H

#include "engine/view.h"
#include "support.h"

static inline struct preview new_preview(size_t width, size_t height)
{
    struct why why = {""};
    struct preview p = {0};
    ck_assert(preview_reserve(&p, width, height, &why));
    p.white = 1;
    return p;
}

/* Bright on the left, dark at the bottom. */
static inline struct preview slope(size_t width, size_t height)
{
    struct preview p = new_preview(width, height);
    for (size_t i = 0; i < width * height; i++) {
        p.rgb[3 * i] = (unsigned char)(255 - i % width * 255 / width);
        p.rgb[3 * i + 1] = (unsigned char)(255 - i / width * 255 / height);
        p.rgb[3 * i + 2] = 80;
    }
    return p;
}

/* Bins of a normal distribution, from -1 to 3. */
static inline struct view_channel channel_of(double mean, double deviation)
{
    struct view_channel c = {.low = -1, .high = 3};
    instnorm_moments_given(mean, deviation * deviation, &c.moments);
    for (int i = 0; i < VIEW_BINS; i++) {
        double x = (-1 + 4 * (i + 0.5) / VIEW_BINS - mean) / deviation;
        c.bin[i] = 1000 * exp(-x * x / 2);
    }
    return c;
}

#endif
