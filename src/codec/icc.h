/* Colour profiles, through Little CMS; without it nothing is known of them. */
#ifndef ICC_H
#define ICC_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the profile is of sRGB: it takes samples for the colours that sRGB does. True if there is no way to tell. */
bool icc_is_srgb(const void *profile, size_t size);

/* What a profile of CMYK makes of inks. */
struct icc_transform;

enum icc_found { ICC_OK, ICC_UNUSABLE, ICC_NO_MEMORY, ICC_NO_LIBRARY };

/*
 * From four inks to three colours of sRGB, all of 8 bits, or of 16 where `wide`; 0 is full ink where `inverted`. Unusable
 * are profiles that are broken, of other colours, or of unreasonable size.
 */
enum icc_found icc_open_cmyk(const void *profile, size_t size, bool wide, bool inverted, struct icc_transform **transform);

/* n pixels. */
void icc_run(const struct icc_transform *transform, const void *inks, size_t n, void *rgb);

void icc_close(struct icc_transform *transform);

#endif
