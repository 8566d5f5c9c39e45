/*
 * The rows of one picture, band by band from its top. What reads files, a page, a fuzzer or a test fills this in, and the
 * engine reads it.
 */
#ifndef BASE_PICTURE_ROWS_H
#define BASE_PICTURE_ROWS_H

#include "base/picture.h"

struct picture_rows {
    struct picture_info info;
    size_t band; /* rows of each band: whole blocks, see instnorm_block_rows; the last may have fewer */
    /* band <- the next rows, valid until the next call. Not called behind the last band. */
    bool (*read)(struct picture_rows *from, struct rows *band, struct why *why);
    /* Back to the top, for a second time. */
    bool (*rewind)(struct picture_rows *from, struct why *why);
};

/* Rows for a band of about so many bytes: whole blocks, at least one, but no more rows than the picture has. */
size_t picture_band(const struct picture_info *info, size_t bytes);

/* A picture that is held in memory. */
struct memory_picture {
    struct picture_rows base;
    struct rows rows; /* all of it */
    size_t y;         /* of the next band */
};

/* Makes `picture` read those rows, which outlive it. info tells of them: width, height, channels and sample agree. */
void memory_picture_open(struct memory_picture *picture, const struct picture_info *info, const struct rows *rows);

#endif
