/* Pictures turned upright: the orientation of EXIF, 1 to 8, says where the first row and column of the samples belong. */
#ifndef CODEC_ORIENT_H
#define CODEC_ORIENT_H

#include "base/picture.h"

/*
 * What is read of a picture once it is turned: its size, what it is to be coded as, and `held` with the rows as stored,
 * which must all be at hand. Leaves an upright one as it is.
 */
void orient_info(struct picture_info *info);

/* The upright picture over the rows of the whole stored one: another way through the same memory. */
struct rows orient_rows(const struct rows *stored, unsigned orientation);

/* Rows of the same size and type: to <- from, whatever the layout of `from` is. */
void orient_copy(const struct rows *from, const struct rows *to);

#endif
