/*
 * The blocks of a picture, one after another: their samples as runs of floats, which is what the library measures and maps,
 * or of doubles, where the picture has samples that float cannot hold (sample_is_wide). As floats those are rounded.
 * A cursor owns the runs that it hands out; they are valid until it moves, or as long as is said below.
 */
#ifndef ENGINE_CURSOR_H
#define ENGINE_CURSOR_H

#include "base/buffer.h"
#include "engine/layout.h"
#include "engine/run.h"

struct cursor_runs;

/* All 0 is closed. What is not marked as private is to be read. */
struct cursor {
    const struct layout *layout;
    struct rows rows;     /* the band */
    size_t y;             /* of its first row in the picture */
    struct block block;   /* where in the band the cursor is: see instnorm_block_rows */
    size_t n;             /* samples of a channel there */
    const float *alpha;   /* [n] as stored; NULL: the picture has none */
    struct run alpha_run; /* the same, not rounded */
    bool converted;       /* private: the planes of the space are there */
    struct buffer buffer; /* private */
    struct cursor_runs *runs;
};

/* Makes room for the pictures of that layout, which outlives the cursor's use. What was reserved before is kept. */
bool cursor_open(struct cursor *cursor, const struct layout *layout, struct why *why);

void cursor_close(struct cursor *cursor);

/* To a band that begins at row y of the picture, before its first block. */
void cursor_enter(struct cursor *cursor, const struct rows *rows, size_t y);

/* To the next block of the band: false if there is none. */
bool cursor_next(struct cursor *cursor);

/* [n] channel c as it is stored; valid until a channel is asked for whose index differs from c by 3, 6, ... */
const float *cursor_samples(struct cursor *cursor, unsigned c);

/* The same, not rounded. */
struct run cursor_samples_run(struct cursor *cursor, unsigned c);

/* The same, not multiplied by alpha; 0 where alpha is. */
const float *cursor_straight(struct cursor *cursor, unsigned c);

/* The same, not rounded; divided by alpha, as double where `wide` asks for it. Valid until the next one. */
struct run cursor_straight_run(struct cursor *cursor, unsigned c, bool wide);

/* hub[n] <- channel c in the hub of the space, in double: see struct instnorm_space. */
void cursor_hub(struct cursor *cursor, unsigned c, double *hub);

/* [n] channel c of the space; valid until the next one where channels go by themselves. */
const float *cursor_value(struct cursor *cursor, unsigned c);

/* The same; where it is a sample, not rounded. */
struct run cursor_value_run(struct cursor *cursor, unsigned c);

/* [256] the linear light of 8-bit samples, in a space that is linear. */
struct run cursor_decoded(const struct cursor *cursor, bool wide);

#endif
