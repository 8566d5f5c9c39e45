/* A part of a picture as the page shows it. */
#ifndef WEB_SHOW_H
#define WEB_SHOW_H

#include "base/buffer.h"
#include "base/picture.h"
#include "base/why.h"

/* A rectangle of a picture, of whose pixels squares of step x step become one. */
struct part {
    size_t x, y, width, height, step;
};

/* False, with `why`, if the part is not within the picture. */
bool part_check(const struct part *part, size_t width, size_t height, struct why *why);

size_t part_width(const struct part *part);
size_t part_height(const struct part *part);

/*
 * to <- the part, of the means of its squares; at its right and lower edge they may be less than whole. With step 1 these
 * are the samples themselves, otherwise they are in the buffer. False: out of memory.
 */
bool part_take(const struct part *part, const struct rows *from, struct buffer *buffer, struct rows *to, struct why *why);

/* rgba[height][width][4] <- the rows in 8 bits. Pictures of other than 1 or 3 colours are shown by their first ones. */
void show_rgba(const struct rows *rows, const struct picture_info *info, unsigned char *rgba);

#endif
