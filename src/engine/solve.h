/* Pool and solve: from the statistics of a picture to its map. */
#ifndef ENGINE_SOLVE_H
#define ENGINE_SOLVE_H

#include "engine/map.h"
#include "engine/measure.h"
#include "engine/result.h"
#include "engine/series.h"

/* Statistics that are given, beside the numbers of the request. All 0: there are none. */
struct given {
    const struct statistics *measured; /* stand in for the picture's own; NULL: its own */
    const struct statistics *target;   /* whose mean and standard deviation to give; NULL: those that the request has */
    const char *measured_name, *target_name;
    const struct series *series; /* of a first pass, which stands in for the picture's own; NULL: there was none */
    size_t place;                /* of the picture in the series */
    unsigned average;            /* pictures of the series to average over for the target; 0: none */
};

/*
 * used <- what a picture is normalized with: its own statistics, those of linked channels being pooled. So are the pairs
 * with the picture to fit; NULL: there are none.
 */
bool solve_pool(const struct measure *measure, const struct request *request, struct statistics *used,
                struct instnorm_comoments *pairs, struct why *why);

/*
 * used <- the same of pictures of which the histogram is all that is known, in units. False, with `why`, if there is none.
 */
bool solve_pool_rough(const struct pooled *pool, const struct request *request, struct statistics *used, struct why *why);

/* The channels of a style are linked as those of the pictures are: not where the statistics of these are given. */
bool solve_link_style(struct statistics *style, const struct request *request, struct why *why);

/*
 * Pools and solves: fills in used, touched and target of each colour channel, and the map of all channels of the output in
 * that format. A channel that nothing is known of keeps its values.
 */
bool solve(const struct measure *measure, const struct request *request, const struct output_format *format,
           const struct given *given, struct result_channel *channel, struct map *map, struct why *why);

/* map <- one that changes no channel of the output. */
bool solve_unchanged(const struct layout *layout, struct map *map, struct why *why);

#endif
