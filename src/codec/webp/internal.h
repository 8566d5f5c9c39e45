/* What the two files of the WebP codec, read.c and write.c, share. */
#ifndef WEBP_CODEC_H
#define WEBP_CODEC_H

#include "base/bytes.h"
#include "codec/codec.h"

extern const struct codec codec_webp;

/* The name of a chunk. */
#define WEBP_TAG FOUR_CHARACTERS

enum {
    WEBP_RIFF = 12, /* bytes: "RIFF", the length of what follows, "WEBP" */
    WEBP_CHUNK = 8, /* bytes: name, length */
    WEBP_VP8X = 10  /* bytes: flags, 3 of 0, width - 1, height - 1 */
};

/* The flags of VP8X. */
enum { WEBP_ANIMATION = 0x02, WEBP_XMP = 0x04, WEBP_EXIF = 0x08, WEBP_ALPHA = 0x10, WEBP_ICC = 0x20 };

void *webp_write_create(struct sink *sink, const struct write_options *options, struct why *why);
bool webp_write_begin(void *writer, const struct picture_info *info, struct why *why);
bool webp_write_rows(void *writer, const struct rows *rows, struct why *why);
bool webp_write_finish(void *writer, struct why *why);
void webp_write_abandon(void *writer);

#endif
