#include "codec/icc.h"

#include <lcms2.h>
#include <lcms2_plugin.h>

#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* ---- memory ------------------------------------------------------------------------------------------------------- */

/*
 * Little CMS goes on where an allocation fails, to a crash or to other colours, and takes hundreds of megabytes for a small
 * profile that asks for them. So its allocations are our own, and one that fails leaves it by longjmp.
 */
#define BYTES_MAX ((size_t)64 << 20)

struct icc_transform {
    cmsContext context;
    cmsHTRANSFORM handle;
    struct block *blocks; /* that Little CMS has; its context is none of them */
    size_t bytes;
    jmp_buf jump;
    bool guarded; /* jump is set */
    enum icc_found found;
    const void *profile; /* arguments of the step under way */
    size_t size;
    bool wide, inverted, same;
};

struct block {
    struct icc_transform *owner;
    struct block *before, *behind;
    size_t size;
};

static void *failed(struct icc_transform *t, enum icc_found how)
{
    if (!t)
        return NULL;
    t->found = how;
    if (t->guarded)
        longjmp(t->jump, 1);
    return NULL;
}

static void *on_malloc(cmsContext context, cmsUInt32Number size)
{
    struct icc_transform *t = cmsGetContextUserData(context);
    if (t && size > BYTES_MAX - t->bytes)
        return failed(t, ICC_UNUSABLE);
    struct block *block = malloc(sizeof *block + size);
    if (!block)
        return failed(t, ICC_NO_MEMORY);
    *block = (struct block){.owner = t, .behind = t ? t->blocks : NULL, .size = size};
    if (block->behind)
        block->behind->before = block;
    if (t) {
        t->blocks = block;
        t->bytes += size;
    }
    return block + 1;
}

static void on_free(cmsContext context, void *data)
{
    (void)context;
    struct block *block = data;
    if (!data)
        return;
    block--;
    if (block->before)
        block->before->behind = block->behind;
    else if (block->owner)
        block->owner->blocks = block->behind;
    if (block->behind)
        block->behind->before = block->before;
    if (block->owner)
        block->owner->bytes -= block->size;
    free(block);
}

static void *on_realloc(cmsContext context, void *data, cmsUInt32Number size)
{
    void *more = on_malloc(context, size);
    if (more && data) {
        size_t had = ((struct block *)data)[-1].size;
        memcpy(more, data, had < size ? had : size);
        on_free(context, data);
    }
    return more;
}

/* Frees what Little CMS has in whatever state it is. */
static void release(struct icc_transform *t)
{
    t->guarded = false;
    if (t->context)
        cmsDeleteContext(t->context);
    while (t->blocks)
        on_free(NULL, t->blocks + 1);
}

/* Runs one step; what is found is ICC_OK but for what failed. The only setjmp. */
static void guard(struct icc_transform *t, void (*step)(struct icc_transform *))
{
    static cmsPluginMemHandler memory = {
        {cmsPluginMagicNumber, 2000, cmsPluginMemHandlerSig, NULL}, on_malloc, on_free, on_realloc, NULL, NULL, NULL};
    t->context = cmsCreateContext(&memory, t);
    if (!t->context)
        t->found = ICC_NO_MEMORY;
    if (t->found != ICC_OK)
        return;
    t->guarded = true;
    if (!setjmp(t->jump))
        step(t);
    t->guarded = false;
}

/* ---- sRGB or not -------------------------------------------------------------------------------------------------- */

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

static void compare(struct icc_transform *t)
{
    cmsHPROFILE profile = cmsOpenProfileFromMemTHR(t->context, t->profile, (cmsUInt32Number)t->size);
    cmsHPROFILE srgb = cmsCreate_sRGBProfileTHR(t->context);
    unsigned channels = profile && cmsGetColorSpace(profile) == cmsSigGrayData ? 1 : 3;
    if (profile && srgb)
        t->handle = cmsCreateTransformTHR(t->context, profile, channels == 1 ? TYPE_GRAY_8 : TYPE_RGB_8, srgb, TYPE_RGB_8,
                                          INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_NOOPTIMIZE | cmsFLAGS_NOCACHE);
    t->same = !t->handle || keeps_colours(t->handle, channels);
}

bool icc_is_srgb(const void *profile, size_t size)
{
    struct icc_transform t = {.profile = profile, .size = size, .same = true};
    if (size > UINT32_MAX)
        return true;
    guard(&t, compare);
    release(&t);
    return t.same;
}

/* ---- inks --------------------------------------------------------------------------------------------------------- */

/*
 * As Photoshop opens it: relative colorimetric, black to black. What Little CMS puts in place of a profile's tables to be
 * four times as fast is off by up to 20 of 255.
 */
static void open_inks(struct icc_transform *t)
{
    cmsUInt32Number inks =
        t->wide ? (t->inverted ? TYPE_CMYK_16_REV : TYPE_CMYK_16) : (t->inverted ? TYPE_CMYK_8_REV : TYPE_CMYK_8);
    cmsHPROFILE profile = cmsOpenProfileFromMemTHR(t->context, t->profile, (cmsUInt32Number)t->size);
    cmsHPROFILE srgb = cmsCreate_sRGBProfileTHR(t->context);
    if (profile && srgb && cmsGetColorSpace(profile) == cmsSigCmykData)
        t->handle =
            cmsCreateTransformTHR(t->context, profile, inks, srgb, t->wide ? TYPE_RGB_16 : TYPE_RGB_8,
                                  INTENT_RELATIVE_COLORIMETRIC, cmsFLAGS_BLACKPOINTCOMPENSATION | cmsFLAGS_NOOPTIMIZE);
    if (srgb)
        cmsCloseProfile(srgb);
    if (profile)
        cmsCloseProfile(profile);
    t->found = t->handle ? ICC_OK : ICC_UNUSABLE;
}

enum icc_found icc_open_cmyk(const void *profile, size_t size, bool wide, bool inverted, struct icc_transform **transform)
{
    struct icc_transform *t = calloc(1, sizeof *t);
    if (!t)
        return ICC_NO_MEMORY;
    *t = (struct icc_transform){.profile = profile, .size = size, .wide = wide, .inverted = inverted};
    guard(t, open_inks);
    enum icc_found found = t->found;
    if (found == ICC_OK)
        *transform = t;
    else
        icc_close(t);
    return found;
}

void icc_run(const struct icc_transform *t, const void *inks, size_t n, void *rgb)
{
    cmsDoTransform(t->handle, inks, rgb, (cmsUInt32Number)n);
}

void icc_close(struct icc_transform *t)
{
    release(t);
    free(t);
}
