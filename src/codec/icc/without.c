/* Without Little CMS. */
#include "codec/icc.h"

bool icc_is_srgb(const void *profile, size_t size)
{
    (void)profile, (void)size;
    return true;
}

enum icc_found icc_open_cmyk(const void *profile, size_t size, bool wide, bool inverted, struct icc_transform **transform)
{
    (void)profile, (void)size, (void)wide, (void)inverted, (void)transform;
    return ICC_NO_LIBRARY;
}

void icc_run(const struct icc_transform *transform, const void *inks, size_t n, void *rgb)
{
    (void)transform, (void)inks, (void)n, (void)rgb;
}

void icc_close(struct icc_transform *transform)
{
    (void)transform;
}
