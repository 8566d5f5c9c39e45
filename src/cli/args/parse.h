/* Values of options, parsed strictly: the whole text or not at all. Each is false if the text is no such value. */
#ifndef VALUES_H
#define VALUES_H

#include "engine/request.h"

#include <stdbool.h>
#include <stdint.h>

/* A number or a fraction of two. */
bool value_ratio(const char *text, double *out);

/* Items between commas. */
bool value_list(const char *text, struct list *out);

/* A list without `keep`, none below `least`: what stands in for measuring cannot be measured. */
bool value_given(const char *text, double least, struct list *out);

/* Adds one. */
bool value_selector(const char *text, struct selectors *into);

bool value_integer(const char *text, uint64_t least, uint64_t most, uint64_t *out);

/* A whole number with K, M, G or T (of 1024) behind it if one likes. */
bool value_count(const char *text, uint64_t *out);

/* Bytes: a number with K, M, G or T (of 1024), and B or iB behind it if one likes. */
bool value_size(const char *text, uint64_t *out);

#endif
