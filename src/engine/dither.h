/* Noise that hides the steps of integer samples. */
#ifndef ENGINE_DITHER_H
#define ENGINE_DITHER_H

#include "engine/cursor.h"

/* Adds less than half a step to each sample of channel c where the cursor is; the same each time. */
void dither_run(const struct cursor *cursor, unsigned c, struct run_to y);

#endif
