/* Text that is put together in an array. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

/* Appends to the string `to`, an array of `size` bytes. What does not fit is cut off. */
__attribute__((format(printf, 3, 4))) void text_append(char *to, size_t size, const char *format, ...);

/* A hash of n bytes, FNV-1a of 64 bits. */
uint64_t text_hash(const char *text, size_t n);

#endif
