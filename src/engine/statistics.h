/* Moments of colour channels, in units of the space: of one picture, of many, or from a file. */
#ifndef STATISTICS_H
#define STATISTICS_H

#include "base/why.h"
#include "instnorm.h"

#include <stdbool.h>
#include <stdint.h>

struct statistics {
    unsigned colours; /* 0: of no picture yet */
    struct instnorm_moments *channel;
    uint64_t pictures;
    uint64_t missing; /* inputs that could not be read, and are not in it */
};

/* The same samples times a factor. */
struct instnorm_moments moments_scaled(const struct instnorm_moments *m, double factor);

/* The numbers of moments, in units. Mean, deviation and variance of no samples are NAN. */
struct moments_numbers {
    double mean, std, variance, min, max;
};

/* For people and programs to read: what a value `unit` is called 1. */
struct moments_numbers moments_in_units(const struct instnorm_moments *m, double unit);

/* Whether a sample of any of the n channels counts. */
bool moments_count(const struct instnorm_moments *channel, unsigned n);

/* False if no sample of some channel counts: the channel has no mean. */
bool statistics_check_counts(const struct statistics *s, struct why *why);

/* Of no samples yet. */
bool statistics_reserve(struct statistics *s, unsigned colours, struct why *why);

/* Merges those of a channel for each of `colours`. False if `into` has others. */
bool statistics_merge(struct statistics *into, const struct instnorm_moments *channel, unsigned colours, uint64_t pictures,
                      struct why *why);

/* to <- the same samples times a factor. */
bool statistics_copy(struct statistics *to, const struct statistics *from, double factor, struct why *why);

/*
 * into <- the means and standard deviations of n sets of the same channels, each by its weight: sets of instnorm_moments
 * that are given. One set alone stays what it is.
 */
bool statistics_blend(const struct statistics *set, const double *weight, size_t n, struct statistics *into,
                      struct why *why);

/* Makes three channels of one that is grey; others stay what they are. */
bool statistics_repeat_grey(struct statistics *s, struct why *why);

/* False if so many groups do not divide the channels. */
bool statistics_check_groups(const struct statistics *s, unsigned groups, struct why *why);

/*
 * Gives each of the groups of neighbouring channels the moments of all of them; and the comoments, if there are any:
 * [colours]. False if groups do not divide the channels.
 */
bool statistics_pool(struct statistics *s, struct instnorm_comoments *pairs, unsigned groups, struct why *why);

void statistics_free(struct statistics *s);

#endif
