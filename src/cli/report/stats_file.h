/* Statistics files, which are JSON: see instnorm-stats(5). */
#ifndef STATS_FILE_H
#define STATS_FILE_H

#include "cli/files/source.h"
#include "engine/map.h"
#include "engine/pooled.h"

#include <stddef.h>

/* What is looked at to tell what a file is; and the bytes that one has at most. */
enum { STATS_FILE_HEAD = 64, STATS_FILE_BYTES_MAX = 64 << 20 };

/* The numbers of a file are below it, so that squares and sums of them are finite. */
#define STATS_NUMBER_MAX 1e150

/* Whether a file that begins with these bytes, STATS_FILE_HEAD of them if it has so many, is one, and not a picture. */
bool stats_file_begins(const char *head, size_t n);

/* Whether the file begins as one. Pipes are not looked into. */
bool stats_file_is(const char *path);

/* Merges the file, which is open, into `into`. False if it is of another space or has other channels. */
bool stats_file_read(struct file_source *file, const struct instnorm_space *space, struct pooled *into, struct why *why);

/* ---- the text of a file (stats_json.c), where there is a library for JSON: see reports_json ------------------------- */

struct json_library {
    const char *name; /* with its version */
    /* Merges the statistics of text[0..n) into `into`. */
    bool (*parse)(const char *text, size_t n, const struct instnorm_space *space, struct pooled *into, struct why *why);
    /* The text of a file, to be freed; NULL: out of memory. map is in units, or NULL. */
    char *(*format)(const struct instnorm_space *space, const struct pooled *pool, const struct map *map);
};

#endif
