/*
 * What stb_image leaves unchecked, checked before it sees a file.
 *
 * stb_image 2.27 reads zeros behind the end, knows no checksums, trusts palette indices and the sizes of Huffman tables,
 * and gets some headers wrong. So each format is walked here first, and stb_image is given a picture in one plain shape: a
 * BMP and a PNG header of our own making before pixels from the file, or a JPEG whose every segment was looked at.
 *
 * All functions that return bool or NULL have set `why` on failure.
 */
#ifndef STB_CHECK_H
#define STB_CHECK_H

#include "codec/codec.h"

/* Sets what follows from the size and the samples in info. False if they are more than the limits or stb_image allow. */
bool stb_info_complete(struct picture_info *info, const struct limits *limits, struct why *why);

/* ---- a source as a stream ---------------------------------------------------------------------------------------- */

struct stb_feed {
    struct source *source;
    uint64_t offset; /* in the source, of what follows the buffer */
    bool ended;      /* something was asked for where there is nothing more */
    size_t at, size;
    unsigned char buffer[8192];
};

/* `head` (at most the buffer's size) comes first, then the source from offset on. */
void stb_feed_start(struct stb_feed *feed, struct source *source, const void *head, size_t size, uint64_t offset);

/* The next n bytes, skipped if `to` is NULL. Returns how many there were; none at all sets `ended`. */
size_t stb_feed_read(struct stb_feed *feed, void *to, size_t n);

/* False, with why the feed ended early. */
bool stb_feed_cut(const struct stb_feed *feed, struct why *why);

/* ---- BMP --------------------------------------------------------------------------------------------------------- */

/* File header, V4 header and 256 colours. */
#define STB_BMP_HEAD (14 + 108 + 4 * 256)

struct stb_bmp {
    struct picture_info info;
    unsigned char head[STB_BMP_HEAD]; /* the header as stb_image is to see it */
    size_t head_size;
    uint64_t pixels; /* offset of the rows in the source */
    size_t stride;
    unsigned bits, colours; /* of a pixel; in the palette */
    unsigned char most[4];  /* the highest value of a stored sample, of at most 8 bits; 0: there is no alpha */
};

bool stb_check_bmp(struct source *source, const struct limits *limits, struct stb_bmp *bmp, struct why *why);

/* Whether all palette indices are within the palette. Reads all rows. */
bool stb_check_bmp_indices(struct source *source, const struct stb_bmp *bmp, struct why *why);

/* ---- PNG --------------------------------------------------------------------------------------------------------- */

/* Goes on with the CRC-32 of chunks, which begins with all bits set and ends with all of them changed. */
uint32_t stb_crc_add(uint32_t crc, const void *data, size_t n);

struct stb_png {
    struct picture_info info;
    unsigned char ihdr[13];
    unsigned char palette[3 * 256]; /* black where the file has no entry */
    size_t colours;                 /* in the palette that pixels can name */
    unsigned char trns[256];
    size_t trns_size;
    uint64_t idat; /* offset of the first IDAT chunk */
    uint64_t raw;  /* bytes of the filtered rows */
};

/* Everything before the first IDAT chunk. */
bool stb_check_png(struct source *source, const struct limits *limits, struct stb_png *png, struct why *why);

/* The content of all IDAT chunks, of `size` bytes, which the caller frees. Checks all chunks to the end. */
unsigned char *stb_png_idat(struct source *source, const struct stb_png *png, size_t *size, struct why *why);

/* ---- JPEG -------------------------------------------------------------------------------------------------------- */

/* Walks the segments from the start of the feed: up to the frame header, or all of them to the end of the picture. */
bool stb_check_jpeg(struct stb_feed *feed, const struct limits *limits, bool whole, struct picture_info *info,
                    struct why *why);

#endif
