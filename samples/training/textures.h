/* Pictures to learn from: grey textures of six classes. */
#ifndef TRAINING_TEXTURES_H
#define TRAINING_TEXTURES_H

#include <stddef.h>
#include <stdint.h>

enum { SIDE = 16, CLASSES = 6 };

/* A random generator (SplitMix64: G. L. Steele, D. Lea, C. H. Flood, OOPSLA 2014, doi:10.1145/2660193.2660195). */
struct generator {
    uint64_t state;
};

/* Uniform in [low,high). */
double uniform(struct generator *generator, double low, double high);

/* Gaussian, of mean 0 and deviation 1. */
double normal(struct generator *generator);

/* What a texture of 0 +- 1 becomes: in even light all have the gain 0.5 and the bias 0, in uneven light each has its own.
 */
enum light { UNEVEN, EVEN };

/* x[n][SIDE][SIDE], label[n] <- textures of random classes; the same random numbers give the same ones in either light. */
void textures_draw(float *x, unsigned char *label, size_t n, enum light light, struct generator *generator);

#endif
