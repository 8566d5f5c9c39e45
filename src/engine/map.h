/*
 * What a picture becomes: a map for each of its channels. Only map.c knows what a map consists of; the others make it,
 * apply it and ask about it.
 *
 * The engine's own maps lead from the input's samples to the output's, or from values to values of a space. Reports have
 * them in units (map_in_units), where 1.0 is the same for every type of sample.
 */
#ifndef ENGINE_MAP_H
#define ENGINE_MAP_H

#include "base/why.h"
#include "engine/run.h"

#include <stdbool.h>

struct channel_map;

/* All 0 has no channels. Freed by map_free. */
struct map {
    unsigned channels;
    struct channel_map *channel; /* [channels] */
};

/* ---- make ---------------------------------------------------------------------------------------------------------- */

/* `channels` maps that change nothing; what the map was before is freed. */
bool map_reserve(struct map *map, unsigned channels, struct why *why);

bool map_copy(struct map *to, const struct map *from, struct why *why);

/* Channel c keeps its values: a sample is converted from the unit of the input to that of the output. */
void map_keep(struct map *map, unsigned c, double unit_in, double unit_out);

/* Channel c gets the target: see instnorm_solve. On failure it stays as it was. */
enum instnorm_status map_solve(struct map *map, unsigned c, const struct instnorm_moments *moments,
                               const struct instnorm_target *target);

/* to <- the way back. False if a channel has none, because everything becomes the same. */
bool map_invert(const struct map *map, struct map *to, struct why *why);

/* to <- the first `channels` in units. One that keeps its values has exactly the identity. */
bool map_in_units(const struct map *map, unsigned channels, double unit_in, double unit_out, struct map *to,
                  struct why *why);

void map_free(struct map *map);

/* ---- ask ----------------------------------------------------------------------------------------------------------- */

/* Whether channel c stays as it is, number for number. */
bool map_is_identity(const struct map *map, unsigned c);

/* Whether channel c is no more than converted from one unit to the other. */
bool map_is_conversion(const struct map *map, unsigned c, double unit_in, double unit_out);

/* Whether channel c falls where the input rises. */
bool map_falls(const struct map *map, unsigned c);

/*
 * Whether two maps in units are one but for rounding: the same statistics and target count in steps of 1 / 255 for one
 * picture, of 1 / 65535 for another.
 */
bool map_agrees(const struct map *a, const struct map *b);

/* Appends " = 1.085 x + 0.053" to the string `to`, an array of `size` bytes. */
void map_say(const struct map *map, unsigned c, char *to, size_t size);

/* The numbers that a map of a channel consists of, under the names that they have in files. */
struct map_member {
    const char *name;
    double value;
};

enum { MAP_MEMBERS = 2 };

/* to[0..MAP_MEMBERS) <- those of channel c. */
void map_members(const struct map *map, unsigned c, struct map_member to[MAP_MEMBERS]);

/* Sets the numbers of channel c by those names. */
void map_set_members(struct map *map, unsigned c, const double value[MAP_MEMBERS]);

/* ---- apply --------------------------------------------------------------------------------------------------------- */

/* y[0..n) <- what x becomes in channel c, rounded once to float. y may be x. */
void map_sample(const struct map *map, unsigned c, const float *x, size_t n, float *y);

/* y <- the same of either type. y may be x. */
void map_run(const struct map *map, unsigned c, struct run x, size_t n, struct run_to y);

/* to <- the same as native samples: see run_store. */
void map_store(const struct map *map, unsigned c, struct run x, size_t n, enum sample sample, void *to);

/* y <- what premultiplied samples x become, which stay so: a constant is multiplied by alpha / unit. */
void map_premultiplied(const struct map *map, unsigned c, struct run x, struct run alpha, double unit, size_t n,
                       struct run_to y);

/* The channels from c on, which go together in a space: see instnorm_apply_in_space. */
void map_in_space(const struct map *map, unsigned c, const struct instnorm_space *space, const double *const hub[],
                  size_t n, double unit_in, double unit_out, double *const out[]);

/* Adds to clip what of x integers of the type cut off in channel c. */
void map_count_clipped(const struct map *map, unsigned c, struct run x, size_t n, enum sample sample,
                       struct instnorm_clip *clip);

#endif
