/* Values of options, parsed strictly: the whole text or not at all. Each is false if the text is no such value. */
#ifndef VALUES_H
#define VALUES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One item of a LIST: a value, or `keep`, the picture's own. */
struct item {
    bool keep;
    double value;
};

/* For all colour channels if n is 1; not given if n is 0. */
struct list {
    size_t n;
    struct item *item; /* freed by free() */
};

/* A number or a fraction of two. */
bool value_ratio(const char *text, double *out);

/* Items between commas. */
bool value_list(const char *text, struct list *out);

/* A list without `keep`, none below `least`: what stands in for measuring cannot be measured. */
bool value_given(const char *text, double least, struct list *out);

/* Where something is done: one SEL of a mask. */
enum selector_kind {
    SELECTOR_PICTURE, /* a grey picture as weights, or the folder that has one for each input */
    SELECTOR_BELOW,   /* where the lightness is below the value, */
    SELECTOR_ABOVE,   /* or above it */
    SELECTOR_NOT,     /* where the pixel is not of this value */
    SELECTOR_SAME,    /* where it was measured */
    SELECTOR_ALL      /* alpha is not a weight */
};

struct selector {
    enum selector_kind kind;
    const char *text; /* as given; the path of a picture */
    double value;
};

/* They multiply. */
struct selectors {
    size_t n;
    struct selector *item; /* freed by free() */
};

/* Adds one. */
bool value_selector(const char *text, struct selectors *into);

/* The first selector of that kind, NULL if there is none. */
const struct selector *selectors_find(const struct selectors *s, enum selector_kind kind);

bool value_integer(const char *text, uint64_t least, uint64_t most, uint64_t *out);

/* A whole number with K, M, G or T (of 1024) behind it if one likes. */
bool value_count(const char *text, uint64_t *out);

/* Bytes: a number with K, M, G or T (of 1024), and B or iB behind it if one likes. */
bool value_size(const char *text, uint64_t *out);

#endif
