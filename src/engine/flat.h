/*
 * The flat form of a result, from the inside. One walk over its members measures, writes and reads it, so that the three
 * cannot disagree: numbers with the low byte first, doubles as their bits, texts with their length before them.
 */
#ifndef ENGINE_FLAT_H
#define ENGINE_FLAT_H

#include "engine/pooled.h"

enum flat_mode { FLAT_MEASURE, FLAT_WRITE, FLAT_READ };

struct flat {
    enum flat_mode mode;
    unsigned char *to;         /* FLAT_WRITE */
    const unsigned char *from; /* FLAT_READ: [n] */
    size_t n, at;
    struct why why; /* FLAT_READ: what is wrong; the walk goes on, with zeros */
};

/* Whether `bytes` more are there to be read. */
bool flat_has(struct flat *f, uint64_t bytes);

/* What is read is out of its range. */
void flat_refuse(struct flat *f);

void flat_bytes(struct flat *f, void *data, size_t n);

/* A number below 256^bytes. */
void flat_number(struct flat *f, size_t bytes, uint64_t *value);
void flat_double(struct flat *f, double *value);
void flat_size(struct flat *f, size_t *value);
void flat_bool(struct flat *f, bool *value);

/* A number of 32 bits that is `most` or less, and 0 where it is more. Returns it. */
unsigned flat_unsigned(struct flat *f, unsigned value, unsigned most);

/* A text in an array of `size` bytes. */
void flat_text(struct flat *f, char *text, size_t size);

/* A text of its own. */
void flat_string(struct flat *f, char **text);

/* Those of n counts that are not 0, by their places, which ascend. Before they are read, all n are 0. */
void flat_counts(struct flat *f, uint64_t *count, size_t n);

void flat_pooled(struct flat *f, struct pooled *p); /* (flat_pooled.c) */

#endif
