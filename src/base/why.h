/* The first error of an operation, as text. */
#ifndef BASE_WHY_H
#define BASE_WHY_H

#include <stdbool.h>

struct why {
    char text[240]; /* empty = no error */
};

/* Sets the text unless there is one already. Always false, so that `return why_set(...)` reads well. */
__attribute__((format(printf, 2, 3))) bool why_set(struct why *why, const char *format, ...);

/* why_set with "out of memory". */
bool why_memory(struct why *why);

/* why_set with an option, its value and the reason: "--mask 'x.png': truncated". */
bool why_option(struct why *why, const char *option, const char *value, const struct why *reason);

#endif
