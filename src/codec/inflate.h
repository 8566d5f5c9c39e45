/* zlib streams inflated, and checksums of PNG, faster than by zlib, where the build has ISA-L. */
#ifndef CODEC_INFLATE_H
#define CODEC_INFLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whether the build has ISA-L. If it has not, the other functions are not to be called but for inflate_free(NULL). */
extern const bool inflate_is_there;

struct inflate;

/* *bytes <- where the next n bytes of the stream are, which stay until the next call. 0: there are none, for good. */
typedef size_t inflate_more(void *from, const unsigned char **bytes);

/* A stream that inflates to `size` bytes. NULL: out of memory. */
struct inflate *inflate_new(uint64_t size, inflate_more *more, void *from);

/*
 * The next n bytes. False: zlib would refuse the stream, or it ends before, or it may refer to more than its header allows.
 */
bool inflate_get(struct inflate *s, unsigned char *to, size_t n);

/* Whether the stream ends here, with the right checksum, and nothing follows. */
bool inflate_end(struct inflate *s);

/* Nothing if it is NULL. */
void inflate_free(struct inflate *s);

/* The CRC-32 of PNG of n more bytes; begins with 0. */
uint32_t inflate_crc(uint32_t crc, const unsigned char *bytes, size_t n);

#endif
