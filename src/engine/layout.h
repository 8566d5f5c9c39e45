/* What the options ask for, once the channels of a picture are known. */
#ifndef TARGET_H
#define TARGET_H

#include "engine/band.h"
#include "engine/request.h"

/* What a format can hold, as far as the samples of an output depend on it. */
struct output_format {
    bool tensor;        /* tensors: floats without alpha in planes, which are standardized unless a target is given */
    bool premultiplied; /* colours that are multiplied by alpha */
};

/*
 * Fills in what the band is of: `in`, and the output that the request makes of it in that format (NULL: nothing is
 * written). False if the request does not fit the picture's channels.
 */
bool target_describe(struct band *band, const struct picture_info *in, const struct output_format *format,
                     const struct request *request, struct why *why);

/* The item of channel c, or the preset if the list was not given. */
struct item target_item(const struct list *list, unsigned c, double preset);

/* Whether --channels has channel c. */
bool target_touches(const struct request *request, const struct band *band, unsigned c);

#endif
