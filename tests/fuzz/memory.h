/* What the targets share: files in memory, the limits under which all of them read, and what must hold. */
#ifndef FUZZ_MEMORY_H
#define FUZZ_MEMORY_H

#include "codec/pictures.h"

/* A picture that is larger is refused; of a file that has more pictures only the first are read. */
enum { PIXELS_MAX = 1 << 20, PICTURES_MAX = 4 };

/* What the budget for decoders and kept rows is. */
#define BUDGET ((uint64_t)64 << 20)

/* Ends the process if `holds` is false, so that libFuzzer keeps the input. The text says what must hold. */
void must(bool holds, const char *text);

/* A failure says why. */
void must_say(const struct why *why);

/* Reads bytes[0..size). */
struct memory_source {
    struct source base;
    const unsigned char *bytes;
    size_t size;
};

struct memory_source memory_source(const unsigned char *bytes, size_t size);

/* Takes a file. Its bytes are freed by free(). */
struct memory_sink {
    struct sink base;
    unsigned char *bytes;
    size_t size, room;
};

struct memory_sink memory_sink(bool seekable);

/* A whole picture; rows are tight. */
struct image {
    struct picture_info info;
    size_t height; /* of the rows that are there */
    unsigned char *samples;
};

/* Room for the samples of info, each byte of it `filling`, so that a reader who leaves some out shows. */
struct image image_new(const struct picture_info *info, int filling);
size_t image_bytes(const struct picture_info *info);
struct rows image_rows(const struct image *image, size_t y, size_t height);

/* Puts the rows behind those that are there. */
void image_append(struct image *image, const struct rows *rows);

void image_free(struct image *image);

#endif
