/* Colour profiles. */
#ifndef ICC_H
#define ICC_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the profile is of sRGB: it takes samples for the colours that sRGB does. True if there is no way to tell. */
bool icc_is_srgb(const void *profile, size_t size);

#endif
