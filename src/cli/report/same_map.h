/* The map that all pictures got, if they all got one. */
#ifndef SAME_MAP_H
#define SAME_MAP_H

#include "engine/result.h"

/* All 0 is of no picture yet. Freed by map_free(&same->map). */
struct same_map {
    struct map map;  /* of the first picture, in units */
    size_t pictures; /* that were mapped */
    bool differs;    /* some picture got another map */
};

/* The next result. Pictures in which nothing counts, and smaller copies of others, tell nothing. */
bool same_map_add(struct same_map *same, const struct result *result, struct why *why);

/* The map; NULL if no picture was mapped, or they got different ones. */
const struct map *same_map_find(const struct same_map *same);

#endif
