/* Exact sums of integer samples: they do not depend on the order, and are the same on every machine. */
#ifndef BASE_SUMS_H
#define BASE_SUMS_H

#include "base/rows.h"

/* A sum of 128 bits. */
struct wide {
    uint64_t high, low;
};

/* to += high * 2^64 + low. */
void wide_add(struct wide *to, struct wide from);

/* Of a channel. All 0 is of no samples. */
struct sums {
    uint64_t n;
    struct wide sum, squares;
    uint32_t least, most;
};

/* Makes the range reach from least to most too. That of no samples becomes this. */
void sums_widen(struct sums *sums, uint32_t least, uint32_t most);

/* How many pairs so many channels have: 0 and 1, 0 and 2, 1 and 2, 0 and 3, ... */
size_t sums_pairs(unsigned channels);

/* The place of channels a < b among the pairs. */
size_t sums_pair(unsigned a, unsigned b);

/*
 * sums[c] += the samples of each of the first `channels` channels, which are integers; of each sample is taken how much
 * more it is than the least that its type has. products[] += for each pair of them the products of both samples of a pixel.
 * NULL of either: nobody asks for these.
 */
void sums_add(const struct rows *rows, unsigned channels, struct sums sums[], struct wide products[]);

/* The sums of samples of which count[v] are v. */
struct sums sums_of_counts(const uint64_t count[256]);

/* sums += n such numbers, of the pixels that weigh more than nothing (NULL: of all); and of pairs of them. */
void sums_add_where(const uint32_t *x, const float *weight, size_t n, struct sums *sums);
void sums_multiply_where(const uint32_t *x, const uint32_t *y, const float *weight, size_t n, struct wide *products);

#endif
