/* Tables of bytes that are lines: to multiply gives what to look up gives, of many samples at once. */
#ifndef BASE_BYTE_LINES_H
#define BASE_BYTE_LINES_H

#include "base/rows.h"

/* A table: `first` below `least`, `last` above `most`, and bits 16 to 23 of x * slope + shift from the one to the other. */
struct byte_line {
    uint8_t least, most, first, last;
    uint32_t slope, shift; /* modulo 2^24 */
};

/*
 * Whether the table, of 256 entries, is such a line; *line is one whose entries are exactly those of the table. Most tables
 * of rounded and clamped x * scale + shift are. Not where many sums end in exactly one half.
 */
bool byte_line_find(const uint8_t *table, struct byte_line *line);

/*
 * Each channel of out <- that of in by line[channel], of 8-bit rows of the same size. False, and nothing is done, if
 * neither up to 4 channels that adjoin take turns in both, nor the samples of each channel adjoin.
 */
bool byte_lines_map(const struct rows *in, const struct byte_line *line, const struct rows *out);

#endif
