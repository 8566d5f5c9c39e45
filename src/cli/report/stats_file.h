/* Statistics files, which are JSON: see instnorm-cli(1). */
#ifndef STATS_FILE_H
#define STATS_FILE_H

#include "engine/map.h"
#include "engine/statistics.h"

/* The library that reads and writes them, with its version; NULL: there is none. */
const char *stats_file_library(void);

/* Whether the file begins as one, and not as a picture. */
bool stats_file_is(const char *path);

/* Merges the file into `into`. False if it is of another space or has other channels. */
bool stats_file_read(const char *path, const struct instnorm_space *space, struct statistics *into, struct why *why);

/* The text of a file, to be freed; NULL: out of memory. map is in units, or NULL. */
char *stats_file_format(const struct instnorm_space *space, const struct statistics *s, const struct map *map);

#endif
