/* What an integer output cuts off, block by block. */
#ifndef ENGINE_CLIP_H
#define ENGINE_CLIP_H

#include "engine/apply.h"

/*
 * Adds to clip[c] the samples x of a block that are changed and become the output by the map of channel c, or as they are;
 * of the straight ones, where the input may leave the range of the output, those that are not changed too.
 */
void clip_count(struct apply *a, const struct cursor *cursor, unsigned c, bool converted, struct run x, struct run straight,
                const double *amount);

/* The pixels of a block that are counted. */
uint64_t clip_pixels(const struct apply *a, const struct cursor *cursor, const double *amount);

#endif
