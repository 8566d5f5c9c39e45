/* IDAT of a PNG, faster than by zlib, where the build has ISA-L. */
#ifndef CODEC_DEFLATE_H
#define CODEC_DEFLATE_H

#include "base/picture.h"

/* Whether the build has ISA-L. If it has not, the other functions are not to be called but for deflate_free(NULL). */
extern const bool deflate_is_there;

struct deflate;

/* Where the stream goes, in pieces; may leave by longjmp. */
typedef void deflate_put(void *to, const unsigned char *bytes, size_t n);

struct crew;

/*
 * For the rows of a picture of 8 or 16 bits. `fastest`: larger and sooner. The crew, which outlives it and is its alone
 * until deflate_free, does a part; NULL: there is none, and what comes of the rows is the same. NULL: out of memory.
 */
struct deflate *deflate_new(const struct picture_info *info, bool fastest, struct crew *crew, deflate_put *put, void *to);

/* Filters and deflates the next row; the last one ends the stream. False if ISA-L fails. */
bool deflate_row(struct deflate *d, const unsigned char *row);

/* Nothing if it is NULL. */
void deflate_free(struct deflate *d);

#endif
