/* A band of rows through the library, block by block: its samples measured, and mapped. */
#ifndef BAND_H
#define BAND_H

#include "codec.h"
#include "instnorm.h"

/* What became of one colour channel of the output. */
struct channel {
    struct instnorm_moments moments; /* of its own samples */
    struct instnorm_moments pooled;  /* that it was normalized with */
    bool touched;                    /* target is valid */
    struct instnorm_target target;
    struct instnorm_affine map;         /* from samples to samples */
    struct instnorm_clip clip;
};

/* Pictures of more channels than this are mapped without tables, which would take more room than their samples may. */
enum { BAND_TABLES = 64 };

/* What all bands of a picture share. */
struct band {
    struct picture_info in, out;
    unsigned colours;              /* of the output */
    bool all_count;                /* samples count whatever their alpha is */
    bool dither;                   /* of integer outputs */
    size_t y;                      /* of the first row of the rows that are mapped */
    struct channel *channel;       /* [out.channels] */
    float *tile;                   /* [in.channels][INSTNORM_BLOCK], or one channel if the input is planar */
    float *run, *alpha, *straight; /* [INSTNORM_BLOCK] */
    unsigned char *table;          /* [BAND_TABLES][256] samples of the output */
};

/* The input channel that a channel of the output is made of: a grey picture serves all three of --rgb. */
unsigned band_source(const struct band *band, unsigned c);

/* Merges the moments of the rows into those of the input's colour channels; alpha, if there is any, is the weight. */
void band_measure(const struct band *band, const struct rows *rows);

/* Once the maps are known, before the first band_apply. */
void band_prepare(const struct band *band);

/* Whether the maps change nothing, so that the rows can be passed on as they are. */
bool band_is_identity(const struct band *band);

/* out <- in mapped; out is laid out as the output's info says. */
void band_apply(const struct band *band, const struct rows *in, const struct rows *out);

/* Counts what falls outside the range of an integer output. */
void band_count_clipped(const struct band *band, const struct rows *rows);

#endif
