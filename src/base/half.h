/* float16: IEEE 754 binary16, of 1 sign, 5 exponent and 10 fraction bits. */
#ifndef HALF_H
#define HALF_H

#include <stddef.h>
#include <stdint.h>

/* Exact. */
float half_to_float(uint16_t half);

/* Rounded half to even; beyond the range, infinity. */
uint16_t half_from_float(float value);

/* The same, rounded once. */
uint16_t half_from_double(double value);

/* out[0..n) <- every `step`th of in. */
void half_unpack(const uint16_t *in, size_t n, size_t step, float *out);

/* out[0..n) <- in, rounded once. */
void half_pack(const double *in, size_t n, uint16_t *out);

#endif
