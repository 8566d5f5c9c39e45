/*
 * A band of native samples, as codecs deliver and take them, and its way to and from CHW tiles.
 *
 * Tiles of float hold native values (0..255, -128..127, floats as stored), which float32 holds exactly but for wide types:
 * see sample_is_wide. Tiles of double hold those.
 */
#ifndef ROWS_H
#define ROWS_H

#include "base/sample.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* Interleaved rows without padding over the memory at data. */
struct rows rows_interleaved(void *data, enum sample sample, unsigned channels, size_t width, size_t height);

/* The planes of a band of rows, one behind the other. */
struct rows rows_planar(void *data, enum sample sample, unsigned channels, size_t width, size_t height);

/* The one or the other: neighbouring rows without gaps. */
struct rows rows_tight(bool planar, void *data, enum sample sample, unsigned channels, size_t width, size_t height);

/* The rows from y on, height of them. */
struct rows rows_part(const struct rows *rows, size_t y, size_t height);

/* tile[c][height * width] <- the block, planes `plane` floats apart; wide types are rounded. */
void rows_unpack(const struct rows *rows, const struct block *block, float *tile, size_t plane);

/* height * width floats <- channel c of the block; the samples themselves if they are such a run already. */
const float *rows_unpack_channel(const struct rows *rows, const struct block *block, unsigned c, float *run);

/* The same as doubles, of a wide type. */
const double *rows_unpack_channel_double(const struct rows *rows, const struct block *block, unsigned c, double *run);

/* The block of channel c <- the run of native samples (height * width of the rows' own type). */
void rows_pack(const struct rows *rows, const struct block *block, unsigned c, const void *run);

/*
 * Channel `to` of out <- channel `from` of in through a table of 256 entries of out's type, from 8-bit samples. The sizes
 * are the same.
 */
void rows_map(const struct rows *in, unsigned from, const void *table, const struct rows *out, unsigned to);

/* The three channels of interleaved 8-bit rows <- those of in, through three such tables at once. */
void rows_map3(const struct rows *in, const uint8_t *table, const struct rows *out);

/* count[c][v] += how many 8-bit samples are v, of each of the first `channels` channels. */
void rows_count(const struct rows *rows, unsigned channels, uint64_t count[][256]);

/* Channel `to` of the block of out <- channel `from` of in, of the same type and size. */
void rows_copy(const struct rows *in, unsigned from, const struct block *block, const struct rows *out, unsigned to);

#endif
