/* What is asked of a picture. It is made once, from options or by a page; lists, texts and selectors are its maker's. */
#ifndef ENGINE_REQUEST_H
#define ENGINE_REQUEST_H

#include "base/sample.h"
#include "base/why.h"
#include "engine/view.h"
#include "instnorm.h"

#include <stdbool.h>
#include <stddef.h>

/* One item of a list: a value, or `keep`, the picture's own. */
struct item {
    bool keep;
    double value;
};

/* One item for all colour channels, or one for each; nothing is asked for if n is 0. */
struct list {
    size_t n;
    struct item *item; /* freed by free() */
};

/* Where something is done: one condition on a pixel. */
enum selector_kind {
    SELECTOR_PICTURE, /* a grey picture as weights, or the folder that has one for each input */
    SELECTOR_BELOW,   /* where the lightness is below the value */
    SELECTOR_ABOVE,   /* where it is above the value */
    SELECTOR_NOT,     /* where the pixel is not of this value */
    SELECTOR_SAME,    /* where the picture was measured */
    SELECTOR_ALL      /* alpha is not a weight */
};

struct selector {
    enum selector_kind kind;
    const char *text; /* as given; the path of a picture */
    double value;
};

/* Their weights are multiplied. */
struct selectors {
    size_t n;
    struct selector *item; /* freed by free() */
};

/* What is taken for the mean and the standard deviation of samples. */
enum measured_by {
    MEASURED_MEAN,     /* these themselves */
    MEASURED_MEDIAN,   /* the median, and 1.4826 times the median of how far samples are from it */
    MEASURED_QUANTILES /* the middle of two quantiles, and half of the distance between them */
};

struct quantiles {
    size_t n;
    double *at; /* [n] from 0 to 1; freed by free() */
};

struct request {
    /* measure, pool */
    const struct instnorm_space *space;
    enum instnorm_kind norm;
    unsigned groups;       /* of norm group */
    struct list mean, std; /* given statistics: both or neither */
    bool given;            /* statistics are given, here or by a file, so that pictures need not be measured */
    struct selectors mask; /* where to measure */
    enum measured_by by;
    double range[2];            /* of MEASURED_QUANTILES: from 0 to 1, ascending */
    struct quantiles quantiles; /* to be told of each channel */
    /* solve */
    struct list gamma, beta;
    const char *fit; /* the name of the picture to fit, for messages; NULL: none */
    bool style;      /* the target is that of other statistics */
    double strength;
    double eps;           /* < 0: not asked for */
    const char *channels; /* names and indices of those to change, between commas; NULL: all */
    /* apply */
    struct selectors apply_mask; /* where to change */
    enum sample depth;           /* type of the output's samples; SAMPLE_NONE: as the input */
    bool channels_last;          /* tensors are written as [H,W,C]; with `batched` as [N,H,W,C] */
    bool batched;
    bool rgb;                 /* three channels: grey is repeated, alpha goes */
    bool dither;              /* integer samples get noise */
    bool count_clipped;       /* somebody wants to know what an integer output cuts off */
    bool pooled;              /* results say what they add to a pool */
    bool covariance;          /* and what is between channels, too */
    bool histogram;           /* and how many pixels have which value: wherever quantiles are asked for */
    struct view_request view; /* what somebody wants to see of the picture, before and after */
    double fail_on_clip;      /* percent of a channel that may be cut off; < 0: all */
};

/* Each picture by its own statistics, in rgb, to the customary target, everywhere and wholly. */
struct request request_default(void);

/* The first selector of that kind, NULL if there is none. */
const struct selector *selectors_find(const struct selectors *s, enum selector_kind kind);

/* Whether the selector looks at the samples of a pixel alone, so that it can select in every picture: below, above, not. */
bool selector_is_threshold(const struct selector *s);

/* Whether transparent pixels count as others do. */
bool request_counts_transparent(const struct request *request);

/*
 * What a list of the request says of channel c; NULL: nothing. One value is that of all channels; but in a space of three
 * planes it is that of the first, the lightness.
 */
const struct item *request_item(const struct request *request, const struct list *list, unsigned c);

/* The quantiles that are to be found, by whatever they are asked for. They stay the request's. */
struct quantiles_asked {
    size_t n;
    const double *at;
};

struct quantiles_asked request_quantiles(const struct request *request);

/* Of how many groups of neighbouring channels the statistics are pooled. */
unsigned request_groups(const struct request *request, unsigned colours);

/* False, with `why`, if a picture cannot be given what a tensor can: a negative gamma, or statistics and no target. */
bool request_suits_pictures(const struct request *request, struct why *why);

/* False, with `why`, if a mean or a deviation must be meant in integers, where samples count from 0 to 1. */
bool request_suits_integers(const struct request *request, struct why *why);

#endif
