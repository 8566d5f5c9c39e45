/* Pool and solve: from the moments of a picture's channels to their maps. */
#ifndef SOLVE_H
#define SOLVE_H

#include "engine/band.h"
#include "engine/layout.h"
#include "engine/request.h"
#include "engine/statistics.h"

/* Where statistics come from beside the picture itself and the numbers of the command line; NULL: from there. */
struct references {
    const struct statistics *measured; /* stand in for the picture's own: of a batch, of --use-stats */
    const struct statistics *target;   /* whose mean and standard deviation to give: of --style, of --deflicker */
    const char *measured_name, *target_name;
};

/* Merges the moments of the channels that --norm links into `pooled` of each. */
bool solve_pool(struct band *band, const struct request *request, struct why *why);

/*
 * Pools and solves: fills in pooled, target and map of each channel. `format` is that of the output. A channel whose
 * pool is empty keeps its values.
 */
bool solve_picture(struct band *band, const struct request *request, const struct references *from,
                   const struct output_format *format, struct why *why);

/* The same values in the output's unit: alpha, and what has nothing to measure. */
struct instnorm_affine solve_unchanged(const struct band *band, unsigned c);

#endif
