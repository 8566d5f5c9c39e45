/*
 * Readers and writers of whole pictures: what the codecs of stb, which knows no rows, have in common.
 *
 * A codec adds how to check and how to decode a file, and how to encode one. Where nothing else is said, functions are
 * members of struct codec.
 */
#ifndef STB_PICTURE_H
#define STB_PICTURE_H

#include "codec/stb/check.h"

/* The library and its version. */
const char *stb_library(void);

/* ---- reading ----------------------------------------------------------------------------------------------------- */

struct stb_reader {
    struct source *source;
    const struct limits *limits;
    struct picture_info info;
    uint64_t budget; /* bytes that stb_image may take for it, a MiB aside */
    void *(*decode)(struct stb_reader *reader, int got[3], struct why *why);
    unsigned char *pixels; /* the whole picture, from the first read on */
    size_t row;            /* the next to be read */
    struct stb_feed feed;
    union {
        struct stb_bmp bmp;
        struct stb_png png;
    };
};

/*
 * For open. check sets info and budget, and what decode needs beyond them. decode returns the picture from stb_image, and
 * in `got` its width, height and channels; NULL, or `why` set, if it is no good.
 */
void *stb_reader_open(struct source *source, const struct limits *limits,
                      bool (*check)(struct stb_reader *reader, struct why *why),
                      void *(*decode)(struct stb_reader *reader, int got[3], struct why *why), struct why *why);

enum selected stb_reader_select(void *reader, size_t picture, struct picture_info *info, struct why *why);
bool stb_reader_read(void *reader, const struct rows *rows, struct why *why);
void stb_reader_close(void *reader);

/* For decode: what stb_image makes of the feed. A picture that needed more than there is does not count. */
void *stb_decode_feed(struct stb_reader *reader, int got[3], struct why *why);

/* ---- writing ----------------------------------------------------------------------------------------------------- */

struct stb_writer {
    struct sink *sink;
    struct write_options options;
    int (*encode)(void *writer); /* 0 = it failed */
    struct picture_info info;
    unsigned char *pixels;
    size_t row; /* the next to be given */
    uint64_t offset;
    bool failed;
    size_t used;
    unsigned char buffer[16384];
};

/* For create. */
void *stb_writer_new(struct sink *sink, const struct write_options *options, int (*encode)(void *writer), struct why *why);

/* For begin: takes a picture that the format can hold, of `bits` a sample at most: 8 or 16. */
bool stb_writer_begin(struct stb_writer *writer, const struct picture_info *info, const char *format, unsigned bits,
                      struct why *why);

bool stb_writer_write(void *writer, const struct rows *rows, struct why *why);
bool stb_writer_finish(void *writer, struct why *why);
void stb_writer_abandon(void *writer);

/* For encode: a stbi_write_func. */
void stb_writer_put(void *writer, void *data, int size);

/* ---- png_write.c: members of codec_stb_png -------------------------------------------------------------------------- */

void *stb_png_create(struct sink *sink, const struct write_options *options, struct why *why);
bool stb_png_begin(void *writer, const struct picture_info *info, struct why *why);

#endif
