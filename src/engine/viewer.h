/* Gathers the views of a picture, before and after its map, while its rows go by. */
#ifndef ENGINE_VIEWER_H
#define ENGINE_VIEWER_H

#include "engine/map.h"
#include "engine/result.h"
#include "engine/weigh.h"

struct byte_counts;

/* All 0 is closed. It keeps its memory from picture to picture. */
struct viewer {
    const struct layout *layout; /* of the picture, and of the output if that is seen too */
    struct layout after;         /* of the output, as a picture that is measured */
    struct result *result;
    struct weights *by; /* where the picture was measured; NULL: everywhere */
    struct cursor out;
    struct block_weights *weights;
    struct byte_counts *before_bytes, *after_bytes; /* [colours]; NULL: not of 8 bits that all count alike */
    struct preview_maker before_maker, after_maker;
};

/*
 * After the picture was measured, before its first row: makes room for the views that the request asks for. The map is that
 * of the output; NULL: there is none, and only the picture itself is seen. All arguments outlive the viewing. False, with
 * `why`: out of memory.
 */
bool viewer_begin(struct viewer *viewer, const struct layout *layout, const struct request *request, struct weights *by,
                  const struct map *map, struct result *result, struct why *why);

/*
 * The next band, which begins at row y: as it is and, if there is an output, as it became. The cursor is open for the
 * layout; `by` has been read as far.
 */
void viewer_band(struct viewer *viewer, struct cursor *cursor, const struct rows *in, const struct rows *out, size_t y);

/* After the last band. */
void viewer_end(struct viewer *viewer);

void viewer_free(struct viewer *viewer);

#endif
