/* What the options ask for, once the channels of a picture are known. */
#ifndef TARGET_H
#define TARGET_H

#include "engine/band.h"
#include "engine/request.h"

/*
 * Fills in what the band is of: `in`, and the output that `writer` (NULL: none is written) and the options make of it.
 * False if the options do not fit the picture's channels.
 */
bool target_describe(struct band *band, const struct picture_info *in, const struct codec *writer,
                     const struct request *request, struct why *why);

/* The item of channel c, or the preset if the list was not given. */
struct item target_item(const struct list *list, unsigned c, double preset);

/* Whether --channels has channel c. */
bool target_touches(const struct request *request, const struct band *band, unsigned c);

#endif
