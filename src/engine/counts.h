/*
 * Histograms that add up: how many pixels of a channel have which value. Samples of 8 and 16 bits are counted each by
 * itself, in rgb and in linear, whose values rise with the samples. Other values are counted in 65,536 intervals, see
 * counts_low.
 */
#ifndef ENGINE_COUNTS_H
#define ENGINE_COUNTS_H

#include "base/rows.h"
#include "base/why.h"
#include "engine/run.h"

#include <stdint.h>

enum {
    COUNTS_BINS = 1 << 16,  /* at most */
    COUNTS_CHANNELS = 256,  /* that are counted, at most */
    COUNTS_WHOLE = 1 << 24, /* what a pixel that counts in full adds, where others count in part */
    COUNTS_STEPS = 1 << 7   /* intervals from a power of two to the next */
};

/* Of pictures whose samples are alike. All 0 is of none. */
struct counts {
    enum sample
        sample;  /* an integer of 8 or 16 bits: bin i is of sample i above the least; or SAMPLE_F64: of values in units */
    double unit; /* the sample that is 1.0 */
    unsigned channels;
    bool in_parts; /* some pixels count in part: each bin has COUNTS_WHOLE for one that counts in full */
    bool fine;     /* some values are no float32 */
    uint64_t *bin; /* [channels][counts_bins] */
};

/* Whether samples of that type are counted each by itself. */
bool counts_each(enum sample sample);

/* How many bins a channel has. */
size_t counts_bins(enum sample sample);

/* Empty. False if memory is short, or there are too many channels. */
bool counts_begin(struct counts *c, enum sample sample, double unit, unsigned channels, struct why *why);

/* The bins of each channel where samples are of 8 bits; NULL: they are not, or nothing is counted. */
uint64_t (*counts_bytes(const struct counts *c))[256];

/* Adds the samples of each of the first `channels` channels. */
void counts_add(struct counts *c, unsigned channels, const struct rows *rows);

/*
 * Adds a run of samples, or of values of which `one` is 1.0 in units, by their weights, of which `full` is that of a whole
 * pixel; NULL: each is whole. Values that are not finite do not count. A weight is rounded to a 2^24th, and is one at least
 * if it is above 0.
 */
void counts_add_run(struct counts *c, unsigned channel, struct run x, double one, const float *weight, double full,
                    size_t n);

/* Whether each pixel counts in full or not at all. */
bool counts_whole(const float *weight, double full, size_t n);

/* What pixel i adds. */
uint64_t counts_weight(bool in_parts, const float *weight, double full, size_t i);

/* Adds those of other pictures whose samples are alike. False if a number would not fit 64 bits. */
bool counts_merge(struct counts *to, const struct counts *from, struct why *why);

/* channel `to` <- channel `from` */
void counts_copy_channel(struct counts *c, unsigned from, unsigned to);

/* The sum of the bins of a channel, or the largest number where it is larger. */
uint64_t counts_total(const struct counts *c, unsigned channel);

void counts_free(struct counts *c);

/*
 * The interval of a value that is finite. With 32,768 begin those from 0 on, and from 2^-127 on there are COUNTS_STEPS of
 * them, as long as one another, from a power of two to the next: each is 1/128 of that power long. The first is of all
 * below, the last, which begins at 2^128 (1 + 127/128), of all above. Interval 32,767 - i has the same values as 32,768 +
 * i, below 0.
 */
unsigned counts_interval(double value);

/* Where interval 32,768 + i begins, i being from 0 to 32,767; and of all of them the middle. */
double counts_low(unsigned i);
double counts_middle(unsigned interval);

#endif
