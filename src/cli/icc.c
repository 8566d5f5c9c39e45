#include "icc.h"

#ifdef HAVE_LCMS2
#include <lcms2.h>

#include <stdint.h>
#include <stdlib.h>

enum { LEVELS = 5, COLOURS = LEVELS * LEVELS * LEVELS, TOLERANCE = 2 };

/* A lattice of colours, grey where the profile has one channel, through the profile to sRGB: each must stay where it is. */
static bool keeps_colours(cmsHTRANSFORM transform, unsigned channels)
{
    for (unsigned i = 0; i < (channels == 1 ? LEVELS : COLOURS); i++) {
        const unsigned level[] = {i % LEVELS, i / LEVELS % LEVELS, i / LEVELS / LEVELS};
        uint8_t in[3], out[3];
        for (unsigned c = 0; c < 3; c++)
            in[c] = (uint8_t)(level[channels == 1 ? 0 : c] * 255 / (LEVELS - 1));
        cmsDoTransform(transform, in, out, 1);
        for (unsigned c = 0; c < 3; c++)
            if (abs(in[c] - out[c]) > TOLERANCE)
                return false;
    }
    return true;
}

bool icc_is_srgb(const void *data, size_t size)
{
    if (size > UINT32_MAX)
        return true;
    cmsHPROFILE profile = cmsOpenProfileFromMem(data, (cmsUInt32Number)size), srgb = cmsCreate_sRGBProfile();
    unsigned channels = profile && cmsGetColorSpace(profile) == cmsSigGrayData ? 1 : 3;
    cmsHTRANSFORM transform = NULL;
    if (profile && srgb)
        transform = cmsCreateTransform(profile, channels == 1 ? TYPE_GRAY_8 : TYPE_RGB_8, srgb, TYPE_RGB_8,
                                       INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOOPTIMIZE | cmsFLAGS_NOCACHE);
    bool same = !transform || keeps_colours(transform, channels);
    if (transform)
        cmsDeleteTransform(transform);
    if (srgb)
        cmsCloseProfile(srgb);
    if (profile)
        cmsCloseProfile(profile);
    return same;
}

#else

bool icc_is_srgb(const void *data, size_t size)
{
    (void)data, (void)size;
    return true;
}

#endif
