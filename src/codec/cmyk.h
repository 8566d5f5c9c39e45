/* Inks to colours: cyan, magenta, yellow and black become sRGB, by the picture's profile or a plain formula. */
#ifndef CMYK_H
#define CMYK_H

#include "codec/codec.h"

struct cmyk {
    enum sample sample;              /* of inks and colours: SAMPLE_U8 or SAMPLE_U16 */
    bool inverted;                   /* 0 is full ink */
    struct icc_transform *transform; /* NULL: the formula */
};

/*
 * Takes the profile out of the metadata, for it is not that of the colours, and notes there how they are made. Needs
 * cmyk_end. False: out of memory.
 */
bool cmyk_begin(struct cmyk *k, enum sample sample, bool inverted, struct metadata *m, struct why *why);

/* The first three channels of `to` <- the four inks that `from` begins with. Channels behind the inks follow as they are.
 */
void cmyk_convert(const struct cmyk *k, const struct rows *from, const struct rows *to);

/* Nothing if it is all 0. */
void cmyk_end(struct cmyk *k);

#endif
