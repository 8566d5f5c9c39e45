/* Text that grows. */
#ifndef BASE_GROWING_H
#define BASE_GROWING_H

#include "base/why.h"

#include <stddef.h>

/* All 0 is empty. Freed by growing_free. */
struct growing {
    char *text; /* [n], with no NUL behind it */
    size_t n, room;
    bool lacks; /* memory was short: the text is not whole, and no more is added */
};

void growing_add(struct growing *g, const char *text, size_t n);

/* Adds the string. */
void growing_put(struct growing *g, const char *string);

__attribute__((format(printf, 2, 3))) void growing_format(struct growing *g, const char *format, ...);

/* The text as a string of its size, to be freed, and leaves `g` empty. NULL with `why`: memory was short. */
char *growing_take(struct growing *g, struct why *why);

/* Leaves it empty. */
void growing_free(struct growing *g);

#endif
