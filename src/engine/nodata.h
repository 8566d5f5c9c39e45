/* The sample that stands for no data in a picture, as GDAL_NODATA of TIFF tells it: it is kept, and no other becomes it. */
#ifndef ENGINE_NODATA_H
#define ENGINE_NODATA_H

#include "engine/layout.h"

/* Whether samples of the output can be that of no data in the input. */
bool nodata_is_held(const struct layout *layout);

/*
 * stored[0..n) of a colour channel of the output: where data is 0 it is the sample of no data. Elsewhere, where a pixel is
 * changed (amount is above 0, or NULL), one that became it is its neighbour on the way to 0.
 */
void nodata_keep(const struct layout *layout, const float *data, const double *amount, size_t n, void *stored);

#endif
