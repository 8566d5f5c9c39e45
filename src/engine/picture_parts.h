/* What picture.c and picture_measure.c share, and nobody else uses. */
#ifndef ENGINE_PICTURE_PARTS_H
#define ENGINE_PICTURE_PARTS_H

#include "engine/picture.h"

bool picture_check_stage(const struct picture *p, enum picture_stage stage, struct why *why);

/* Before the bands of a mask are read; NULL: there is none. */
bool picture_begin_mask(struct weights *mask, const struct picture_info *info, struct why *why);

/* The band that begins at row y, which is the next one or was kept, and that of the mask. */
bool picture_read_band(struct picture *p, struct weights *mask, size_t y, struct rows *rows, struct why *why);

/* Whether somebody wants to see the picture. */
bool picture_has_views(const struct picture *p);

/* map: NULL if there is no output. */
bool picture_begin_views(struct picture *p, const struct view_request *what, const struct map *map, struct result *result,
                         struct why *why);

bool picture_view_band(struct picture *p, const struct rows *in, const struct rows *out, size_t y, struct why *why);

#endif
