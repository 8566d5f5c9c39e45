/* One large block of memory that a worker keeps from picture to picture: the native rows of the one it works on. */
#ifndef STORE_H
#define STORE_H

#include <stdbool.h>
#include <stddef.h>

struct store {
    unsigned char *data;
    size_t size;
};

/* At least `size` bytes at data, the old content lost. False: out of memory, and the store is empty. */
bool store_reserve(struct store *store, size_t size);

void store_free(struct store *store);

#endif
