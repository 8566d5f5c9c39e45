#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 1 << 16 };

struct arena_block {
    struct arena_block *before;
    char bytes[];
};

/* The bytes of a new block; what is left of the newest one is lost. */
static char *add_block(struct arena *arena, size_t bytes)
{
    struct arena_block *block = malloc(sizeof *block + bytes);
    if (!block)
        return NULL;
    block->before = arena->last;
    arena->last = block;
    return block->bytes;
}

char *arena_take(struct arena *arena, size_t size)
{
    if (size > arena->n_free) {
        size_t bytes = size > BLOCK_BYTES ? size : BLOCK_BYTES;
        char *block = add_block(arena, bytes);
        if (!block)
            return NULL;
        arena->free = block;
        arena->n_free = bytes;
    }
    char *taken = arena->free;
    arena->free += size;
    arena->n_free -= size;
    return taken;
}

char *arena_copy(struct arena *arena, const char *text, size_t n)
{
    char *copy = arena_take(arena, n + 1);
    if (!copy)
        return NULL;
    memcpy(copy, text, n);
    copy[n] = '\0';
    return copy;
}

char *arena_string(struct arena *arena, const char *string)
{
    return arena_copy(arena, string, strlen(string));
}

void arena_free(struct arena *arena)
{
    for (struct arena_block *block = arena->last, *before; block; block = before) {
        before = block->before;
        free(block);
    }
    *arena = (struct arena){0};
}
