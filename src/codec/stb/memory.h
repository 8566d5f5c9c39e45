/*
 * The memory of stb_image and stb_image_write: zeroed, within a budget, and none of it left behind. For each thread.
 */
#ifndef STB_MEMORY_H
#define STB_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* Before a call into stb, which may then take so many bytes at a time. */
void stb_heap_begin(size_t budget);

/*
 * Returns call(argument), or 0 if memory runs out in it: then it is left by a jump, because stb_image_write does not look
 * whether its growing buffers grew.
 */
int stb_heap_run(int (*call)(void *), void *argument);

/* After the call. Frees what stb has left behind, all but `result`. False if stb was refused memory. */
bool stb_heap_end(void *result);

/* Frees a result. */
void stb_heap_free(void *result);

/* malloc, realloc and free of stb. */
void *stb_heap_get(size_t size);
void *stb_heap_resize(void *data, size_t size);
void stb_heap_put(void *data);

#endif
