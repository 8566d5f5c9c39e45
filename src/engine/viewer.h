/* Gathers the views of a picture, before and after its map, while its rows go by. */
#ifndef ENGINE_VIEWER_H
#define ENGINE_VIEWER_H

#include "base/sums.h"
#include "engine/map.h"
#include "engine/result.h"
#include "engine/weigh.h"

/* How the numbers of a picture are gathered. */
enum viewer_way {
    VIEWER_NONE,
    VIEWER_SUMS,   /* of its bytes */
    VIEWER_COUNTS, /* of how often each byte comes */
    VIEWER_VALUES  /* of what its samples mean */
};

/* All 0 is closed. It keeps its memory from picture to picture. */
struct viewer {
    const struct layout *layout; /* of the picture, and of the output if that is seen too */
    struct layout after;         /* of the output, as a picture that is measured */
    struct result *result;
    struct weights *by; /* where the picture was measured; NULL: everywhere */
    struct cursor out;
    struct block_weights *weights;
    enum viewer_way before_way, after_way;
    uint64_t (*before_bytes)[256], (*after_bytes)[256]; /* [colours] of VIEWER_COUNTS */
    struct sums after_sums[VIEW_CHANNELS + 1];          /* [channels] of VIEWER_SUMS */
    struct preview_maker before_maker[VIEW_SIZES], after_maker[VIEW_SIZES];
};

/*
 * After the picture was measured, before its first row: makes room for what is to be seen. The map is that
 * of the output; NULL: there is none, and only the picture itself is seen. All arguments outlive the viewing. False, with
 * `why`: out of memory.
 */
bool viewer_begin(struct viewer *viewer, const struct layout *layout, const struct view_request *what, struct weights *by,
                  const struct map *map, struct result *result, struct why *why);

/*
 * The next band, which begins at row y: as it is and, if there is an output, as it became. The cursor is open for the
 * layout; `by` has been read as far.
 */
void viewer_band(struct viewer *viewer, struct cursor *cursor, const struct rows *in, const struct rows *out, size_t y);

/* After the last band. False: out of memory. */
bool viewer_end(struct viewer *viewer, struct why *why);

void viewer_free(struct viewer *viewer);

#endif
