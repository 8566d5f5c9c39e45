/* The map of a picture as a look-up table that video and photo tools read. */
#ifndef ENGINE_LUT_H
#define ENGINE_LUT_H

#include "engine/map.h"

/*
 * The text of a .cube (Adobe Cube LUT Specification 1.0), to be freed. A 1D table for the spaces in which each channel
 * goes by itself, one of 65^3 for the others. map is in units, of 1 or 3 channels. NULL, with `why`: out of
 * memory, or the map leads to what is no number.
 */
char *lut_format(const struct instnorm_space *space, const struct map *map, struct why *why);

#endif
