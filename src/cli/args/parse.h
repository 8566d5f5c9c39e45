/*
 * Values of options, parsed strictly: the whole text or not at all. Each function is false if the text is no such value;
 * one that takes `why` is false, too, if there is no memory, and then sets it.
 */
#ifndef ARGS_PARSE_H
#define ARGS_PARSE_H

#include "base/why.h"
#include "engine/request.h"

#include <stdbool.h>
#include <stdint.h>

/* A number or a fraction of two. */
bool value_ratio(const char *text, double *out);

/* A whole number in decimal digits. */
bool value_integer(const char *text, uint64_t least, uint64_t most, uint64_t *out);

/* A whole number, with K, M, G or T (of 1024) behind it if one likes. */
bool value_count(const char *text, uint64_t *out);

/* Bytes: a number with K, M, G or T (of 1024), and B or iB behind it if one likes. */
bool value_size(const char *text, uint64_t *out);

/* A word that stands for a number. */
struct word {
    const char *text; /* NULL: no value */
    int value;
};

/* One of the words [n]. The text may be NULL. */
bool value_word(const char *text, const struct word *word, size_t n, int *out);

/* Items between commas, in place of those that are there. */
bool value_list(const char *text, struct list *out, struct why *why);

/* A list without `keep`, none below `least`: what stands in for measuring cannot be measured. */
bool value_given(const char *text, double least, struct list *out, struct why *why);

/* Adds one, which refers to the text. */
bool value_selector(const char *text, struct selectors *into, struct why *why);

#endif
