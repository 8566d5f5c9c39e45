/* Apply: the map of a picture, through the space and back, under a mask, with noise; and what an integer output clips. */
#ifndef ENGINE_APPLY_H
#define ENGINE_APPLY_H

#include "engine/map.h"
#include "engine/weigh.h"

struct apply_runs;

/* All 0 is closed. */
struct apply {
    const struct layout *layout;
    const struct map *map;
    struct weights *by;         /* where pixels are changed; NULL: everywhere */
    bool reached;               /* some pixel is to be changed */
    const float *data;          /* of the block: 0 where a pixel stands for no data; NULL: there is no such pixel */
    bool within;                /* nothing can be cut off: `clip` is complete */
    uint64_t pixels;            /* that are seen, and changed or cut off: those among which `clip` counts */
    struct instnorm_clip *clip; /* [layout->colours] of the output, in its samples */
    struct buffer buffer;
    struct apply_runs *runs;
};

/*
 * Before the first row. The layout, the map and the weights outlive the use of it. What was reserved before is kept. The
 * cursor is open for the layout.
 */
bool apply_begin(struct apply *a, const struct layout *layout, const struct map *map, struct weights *by,
                 const struct cursor *cursor, struct why *why);

/*
 * Before the first row, if all samples of the picture were measured: what its extremes become is all that can be cut off.
 * Where that is nothing, no sample is looked at for it.
 */
void apply_know(struct apply *a, const struct instnorm_moments *measured);

/* out <- the band that the cursor has entered, mapped; out is laid out as layout->out says. */
void apply_band(struct apply *a, struct cursor *cursor, const struct rows *out);

/* Whether the map changes nothing, so that rows can be passed on as they are. */
bool apply_is_identity(const struct layout *layout, const struct map *map);

void apply_free(struct apply *a);

#endif
