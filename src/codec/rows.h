/*
 * A band of native samples, as codecs deliver and take them, and its way to and from CHW tiles.
 *
 * Tiles hold native values (0..255, 0..65535, floats as stored), which float32 holds exactly.
 */
#ifndef ROWS_H
#define ROWS_H

#include <stddef.h>
#include <stdint.h>

enum sample { SAMPLE_U8, SAMPLE_U16, SAMPLE_F32 };

/* Sample (c, y, x) is at data + c * dc + y * dy + x * dx bytes: interleaved, planar and padded layouts are one type. */
struct rows {
    unsigned char *data;
    ptrdiff_t dc, dy, dx;
    enum sample sample;
    unsigned channels;
    size_t width, height;
};

/* A rectangle of samples within rows. */
struct block {
    size_t y, x, height, width;
};

size_t sample_size(enum sample sample);

/* The value that means 1.0: 255, 65535 or 1. */
double sample_unit(enum sample sample);

/* Interleaved rows without padding over the memory at data. */
struct rows rows_interleaved(void *data, enum sample sample, unsigned channels, size_t width, size_t height);

/* The rows from y on, height of them. */
struct rows rows_part(const struct rows *rows, size_t y, size_t height);

/* tile[c][height * width] <- the block, planes `plane` floats apart. */
void rows_unpack(const struct rows *rows, const struct block *block, float *tile, size_t plane);

/* The block of channel c <- the run of native samples (height * width of the rows' own type). */
void rows_pack(const struct rows *rows, const struct block *block, unsigned c, const void *run);

/*
 * out <- in through a table for each channel, from 8-bit samples to samples of out's type: table + c * 256 entries.
 * Both are interleaved and have the same size and channels.
 */
void rows_map(const struct rows *in, const void *table, const struct rows *out);

/* Channel c of the block <- channel c of `from`, whose type and size are the same. */
void rows_copy(const struct rows *to, const struct rows *from, const struct block *block, unsigned c);

#endif
