/* Memory for many texts that are freed together: what each takes is its bytes alone. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

/* All 0 is empty. Freed by arena_free. */
struct arena {
    struct arena_block *last; /* the blocks, from the newest to the oldest */
    char *free;               /* in the newest block */
    size_t n_free;
};

/* `size` bytes, for any text. NULL: out of memory. */
char *arena_take(struct arena *arena, size_t size);

/* A copy of n bytes, ended by a NUL. NULL: out of memory. */
char *arena_copy(struct arena *arena, const char *text, size_t n);

/* A copy of the string. NULL: out of memory. */
char *arena_string(struct arena *arena, const char *string);

/* Leaves it empty. */
void arena_free(struct arena *arena);

#endif
