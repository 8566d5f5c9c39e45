/* What is seen of a picture, before or after its map: histograms, and a small picture of it. For reports. */
#ifndef ENGINE_VIEW_H
#define ENGINE_VIEW_H

#include "engine/preview.h"
#include "instnorm.h"

#include <stdbool.h>
#include <stddef.h>

/* Bins of a histogram, and how many of the channels have one at most: those that a report shows. */
enum { VIEW_BINS = 256, VIEW_CHANNELS = 4 };

struct view_channel {
    struct instnorm_moments moments; /* in units of the space, of the samples that were measured */
    double low, high;                /* the edges of the first and the last bin, in units; the same before and after */
    double bin[VIEW_BINS];           /* sums of weights; samples beyond the edges are in the first or the last */
};

/* The sizes of previews, each for who shows it. Of an output the large one is of the picture that its file has. */
enum view_size { VIEW_SMALL, VIEW_LARGE, VIEW_SIZES };

/* A value that owns its memory. All 0 is a view of nothing. */
struct view {
    unsigned channels;            /* 0: no histograms */
    struct view_channel *channel; /* [channels] the first colour channels, in the space that is worked in */
    struct preview preview[VIEW_SIZES];
};

/* What is to be seen: nothing if all is 0. */
struct view_request {
    bool moments;              /* those of the output */
    bool histograms;           /* of the picture and of the output; the moments are known then too */
    unsigned side[VIEW_SIZES]; /* of a preview: its longer side in pixels, at most; 0: none */
};

/* Whether anything is to be seen. */
bool view_asked(const struct view_request *request);

/* Room for histograms without samples. False: out of memory. */
bool view_reserve(struct view *view, unsigned channels, struct why *why);

void view_free(struct view *view);

#endif
