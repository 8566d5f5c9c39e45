/* A target that is a codec's reader. */
#ifndef FUZZ_READER_H
#define FUZZ_READER_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Bytes through the reader of the codec of that name, whatever they begin with. Always 0. */
int fuzz_reader(const char *codec, const uint8_t *bytes, size_t size);

#endif
