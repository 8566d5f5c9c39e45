/* The types of samples: what they are called, how large they are, and what they can hold. */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stdbool.h>
#include <stddef.h>

/* A SAMPLE_BOOL is a byte, 0 or 1; a SAMPLE_F16 is an IEEE 754 binary16. */
enum sample {
    SAMPLE_NONE, /* no type, or any */
    SAMPLE_U8,
    SAMPLE_U16,
    SAMPLE_F32,
    SAMPLE_BOOL,
    SAMPLE_I8,
    SAMPLE_I16,
    SAMPLE_F16,
    SAMPLE_I32,
    SAMPLE_U32,
    SAMPLE_F64,
    SAMPLE_LAST = SAMPLE_F64
};

/* As NumPy calls it: "uint8". */
const char *sample_name(enum sample sample);

/* Bytes of a sample. */
size_t sample_size(enum sample sample);

/* The value that means 1.0 in a picture: the largest integer, such as 255 or 32767, or 1. */
double sample_unit(enum sample sample);

/* The smallest integer; 0 of floats. */
double sample_least(enum sample sample);

bool sample_is_float(enum sample sample);

/* Whether float32 cannot hold each of them. */
bool sample_is_wide(enum sample sample);

/* The sample at an address that need not be aligned. */
double sample_value(const void *at, enum sample sample);

/* The number nearest to the value that the type can hold; a whole number where it is an integer, which may be beyond it. */
double sample_nearest(double value, enum sample sample);

/* The neighbour of a number of that type on the way to 0, and 0's above it. */
double sample_beside(double value, enum sample sample);

/* to[0..n) <- the values, which are whole and within its range where the type is an integer; floats are rounded once. */
void samples_put(const double *value, size_t n, enum sample sample, void *to);

#endif
