/* What channels are called. */
#ifndef BASE_CHANNEL_H
#define BASE_CHANNEL_H

#include "instnorm.h"

#include <stdbool.h>
#include <stddef.h>

enum { CHANNEL_NAME_BYTES = 32 };

/*
 * name <- the name of channel c of `colours`: that of the space; else, and where space is NULL, that of the picture: "R",
 * "G", "B", "grey", or the index. Returns `name`.
 */
const char *channel_name(const struct instnorm_space *space, unsigned colours, unsigned c, char *name, size_t size);

/* Whether the n bytes at `word` are the name of channel c, in any case, or its index. */
bool channel_is_called(const struct instnorm_space *space, unsigned colours, unsigned c, const char *word, size_t n);

#endif
