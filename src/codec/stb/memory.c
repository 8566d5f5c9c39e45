/* A list of the blocks that stb has got, so that it can be refused more, and what it forgets can be freed. */
#include "codec/stb/memory.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

/* A block that stb has got and not freed yet. */
struct piece {
    struct piece *next, *before;
    size_t size;
    max_align_t data[];
};

/* The memory of this thread's call into stb. */
static _Thread_local struct {
    struct piece *pieces;
    size_t left;   /* bytes that it may still take */
    jmp_buf *full; /* where to go if there are no more; NULL: return NULL */
    bool refused;
} heap;

static struct piece *piece_of(void *data)
{
    return (struct piece *)((unsigned char *)data - offsetof(struct piece, data));
}

/* Zeroed: stb_image passes on memory that it has not written if a file is malformed. */
void *stb_heap_get(size_t size)
{
    struct piece *piece = size <= heap.left ? calloc(1, sizeof *piece + size) : NULL;

    if (!piece) {
        heap.refused = true;
        if (heap.full)
            longjmp(*heap.full, 1);
        return NULL;
    }
    heap.left -= size;
    piece->size = size;
    piece->next = heap.pieces;
    if (piece->next)
        piece->next->before = piece;
    heap.pieces = piece;
    return piece->data;
}

static void unlink_piece(struct piece *piece)
{
    *(piece->before ? &piece->before->next : &heap.pieces) = piece->next;
    if (piece->next)
        piece->next->before = piece->before;
    heap.left += piece->size;
}

void stb_heap_put(void *data)
{
    if (!data)
        return;
    unlink_piece(piece_of(data));
    free(piece_of(data));
}

void *stb_heap_resize(void *data, size_t size)
{
    void *to = stb_heap_get(size);

    if (data && to) {
        size_t old = piece_of(data)->size;
        memcpy(to, data, old < size ? old : size);
        stb_heap_put(data);
    }
    return to;
}

void stb_heap_begin(size_t budget)
{
    heap.pieces = NULL;
    heap.left = budget;
    heap.full = NULL;
    heap.refused = false;
}

int stb_heap_run(int (*call)(void *), void *argument)
{
    jmp_buf full;

    if (setjmp(full) != 0)
        return 0;
    heap.full = &full;
    return call(argument);
}

bool stb_heap_end(void *result)
{
    if (result)
        unlink_piece(piece_of(result));
    while (heap.pieces)
        stb_heap_put(heap.pieces->data);
    heap.full = NULL;
    return !heap.refused;
}

void stb_heap_free(void *result)
{
    if (result)
        free(piece_of(result));
}
