/* A block of memory that is kept from picture to picture and only grows. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

/* Where large blocks come from. */
struct memory {
    void *(*take)(size_t size); /* NULL: there is none left */
    void (*give)(void *data, size_t size);
};

/* All 0 is empty. */
struct buffer {
    unsigned char *data;
    size_t size;
    const struct memory *from; /* NULL: malloc and free */
};

/* At least `size` bytes at data; their old content is lost. False: out of memory, and the buffer is empty. */
bool buffer_reserve(struct buffer *buffer, size_t size);

/* Leaves it empty. */
void buffer_free(struct buffer *buffer);

#endif
