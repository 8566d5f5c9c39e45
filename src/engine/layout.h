/* What a request makes of a picture, once its channels are known: the layout of the output, and what is measured. */
#ifndef ENGINE_LAYOUT_H
#define ENGINE_LAYOUT_H

#include "base/picture.h"
#include "engine/request.h"

/* What a format can hold, as far as the samples of an output depend on it. */
struct output_format {
    bool tensor;        /* tensors: floats without alpha in planes, which are standardized unless a target is given */
    bool premultiplied; /* colours that are multiplied by alpha */
    bool stacked;       /* tensors of several inputs, whose floats get the type of the first */
};

struct layout {
    struct picture_info in, out; /* in.unit is the white of the picture where the space needs one */
    const struct instnorm_space *space;
    unsigned colours;   /* colour channels of the output */
    unsigned measured;  /* channels that are measured: the planes of the space, or the colours of the input */
    bool alpha_counts;  /* a pixel counts by its alpha: a transparent one does not */
    bool dither;        /* integer outputs get noise */
    bool count_clipped; /* what an integer output cuts off is counted */
};

/*
 * layout <- that of a picture and the output that the request makes of it in that format (NULL: nothing is written).
 * False if the request does not suit the channels of the picture.
 */
bool layout_make(struct layout *layout, const struct picture_info *in, const struct output_format *format,
                 const struct request *request, struct why *why);

/* The input channel that a channel of the output is made of: a grey picture serves all three of --rgb. */
unsigned layout_source(const struct layout *layout, unsigned c);

/* Whether the values of the space are other numbers than the samples. */
bool layout_converts(const struct layout *layout);

/* The measured value that is 1.0 in units, and the one that a map leads to. */
double layout_unit(const struct layout *layout);
double layout_unit_out(const struct layout *layout);

/* What a sample of the input is in the output's unit. */
struct instnorm_affine layout_conversion(const struct layout *layout);

/* Whether the request changes channel c. */
bool layout_touches(const struct layout *layout, const struct request *request, unsigned c);

#endif
