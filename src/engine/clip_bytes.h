/* What is cut off of bytes, without making numbers of them. */
#ifndef ENGINE_CLIP_BYTES_H
#define ENGINE_CLIP_BYTES_H

#include "engine/apply.h"

/*
 * Adds to a->clip and a->pixels a band of 8-bit samples that are all changed, each by the map of its channel alone. False,
 * and nothing is added, if not all of them count or some image is no number.
 */
bool clip_count_bytes(struct apply *a, const struct rows *rows);

#endif
