/*
 * Statistics of pictures that add up: whatever the order and the split of the pictures, the pool is the same to the last
 * bit. Numbers are kept exactly and rounded when they are asked for. After R. M. Neal, "Fast exact summation using small
 * and large superaccumulators", 2015.
 */
#ifndef ENGINE_POOLED_H
#define ENGINE_POOLED_H

#include "base/dyadic.h"
#include "base/sums.h"
#include "engine/histogram.h"
#include "engine/statistics.h"

/* Of one channel: the sums over pictures of weight, weight x mean, and m2 + weight x mean^2. */
struct pooled_channel {
    struct dyadic weight, sum, squares;
    struct dyadic means, stds; /* of the pictures' own, each counting once */
};

/* Of two channels, where both count: also weight x mean x mean + comoment. */
struct pooled_pair {
    struct dyadic weight, x, y, products;
};

/* Of pictures whose samples have the same unit: what is called 1. */
struct pooled_unit {
    double unit;
    struct pooled_channel *channel; /* [colours] in samples */
    struct pooled_pair *pair;       /* [sums_pairs(colours)]; NULL without covariances */
};

struct pooled_range {
    double least, most; /* in units; infinite: unknown */
    uint64_t skipped;   /* samples that are not finite */
    uint64_t pictures;  /* whose own mean and deviation are known */
};

/* All 0 is of no pictures. */
struct pooled {
    unsigned colours; /* 0: of none yet */
    size_t units;
    struct pooled_unit *unit; /* [units] ascending */
    struct pooled_range *range;
    uint64_t pictures;
    uint64_t missing;   /* inputs that could not be read, and are not in it */
    bool no_covariance; /* some pictures came without */
    struct histogram histogram;
    bool no_histogram; /* some pictures came without */
    bool unnamed;      /* and some without a name */
    struct wide names; /* the sum of hashes of the names of the others, modulo 2^128: see pooled_name */
};

/* Covariances are kept of as many channels at most. A statistics file has as many units at most, and one picture has one.
 */
enum { POOLED_COVARIANCES = 16, POOLED_UNITS = 64 };

/* A picture, or a set of them of which only the moments are known. */
struct pooled_part {
    unsigned colours;
    double unit;
    const struct instnorm_moments *moments;   /* [colours] in samples */
    const struct sums *sums;                  /* [colours] which the moments are of; NULL: not known */
    double least;                             /* what is to be added to each sample of the sums */
    const struct wide *products;              /* [pairs] beside sums; NULL: not known */
    const struct instnorm_comoments *between; /* [pairs] without sums; NULL: not known */
    struct counts *histogram;                 /* NULL: not known */
    uint64_t pictures;
};

/* Of so many channels from now on. False if it has others, or memory is short. */
bool pooled_begin(struct pooled *p, unsigned colours, struct why *why);

/* That of the unit, which is made if there is none. The others move. NULL: memory is short. */
struct pooled_unit *pooled_unit(struct pooled *p, double unit, struct why *why);

/* Whether a sample of any channel counts. */
bool pooled_counts(const struct pooled *p);

/* Adds it. False if it has other channels than those before, its variance is infinite, or memory is short. */
bool pooled_add(struct pooled *to, const struct pooled_part *part, struct why *why);

/*
 * Names a picture that was added: picture `index` of the file, by a name that is the same wherever the set of files is. The
 * hash is FNV-1a of 128 bits (RFC 9923) of the name, a zero, and the index in 8 bytes, the least first.
 */
void pooled_name(struct pooled *p, const char *file, uint64_t index);

/* Adds all pictures of another pool. */
bool pooled_merge(struct pooled *to, const struct pooled *from, struct why *why);

/* Makes three channels of one that is grey; others stay what they are. */
bool pooled_repeat_grey(struct pooled *p, struct why *why);

/* to <- its moments in units, each number the nearest to the exact one. */
bool pooled_statistics(const struct pooled *p, struct statistics *to, struct why *why);

/* The nearest numbers to the mean, the variance and the deviation of channel c, in units. */
bool pooled_numbers(const struct pooled *p, unsigned c, struct moments_numbers *to, struct why *why);

/* The means of the pictures' own means and deviations, in units; NAN if these are not known. */
bool pooled_means(const struct pooled *p, unsigned c, double *mean, double *std, struct why *why);

/* matrix[colours][colours] <- the covariances, in squared units. */
bool pooled_covariance(const struct pooled *p, double *matrix, struct why *why);

/* Adds integer samples, each `least` more than those of the sums. False if memory is short. */
bool pooled_add_sums(struct pooled_channel *to, const struct sums *sums, double least);

/* *moments <- of sums whose samples are each `least` more, in samples, each number the nearest to the exact one. */
bool moments_of_sums(const struct sums *sums, double least, struct instnorm_moments *moments, struct why *why);

void pooled_free(struct pooled *p);

#endif
