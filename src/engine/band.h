/* A band of rows through the library, block by block: its samples measured, and mapped. */
#ifndef BAND_H
#define BAND_H

#include "base/picture.h"
#include "instnorm.h"

struct weights;

/* What became of one colour channel. Statistics and map are of a channel of the space, clip of one of the output. */
struct channel {
    struct instnorm_moments moments; /* of its own samples */
    struct instnorm_moments pooled;  /* that it was normalized with */
    struct instnorm_comoments pairs; /* with those of the picture to fit */
    bool touched;                    /* target is valid */
    struct instnorm_target target;
    struct instnorm_affine map; /* from samples to samples; in a space other than rgb from values to values */
    struct instnorm_clip clip;
};

/* Pictures of more channels than this are mapped without tables, which would take more room than their samples may. */
enum { BAND_TABLES = 64 };

/*
 * Runs of a block: one for each plane of a space, and those of a single channel. What becomes samples of 8 bits is kept in
 * float on its way, which is enough there; what becomes others in double, so that it is rounded once, when it is stored.
 */
struct scratch {
    float straight[3][INSTNORM_BLOCK];     /* samples that are not multiplied by alpha */
    float hub[3][INSTNORM_BLOCK];          /* in linear light */
    float value[3][INSTNORM_BLOCK];        /* in the space */
    float mapped[3][INSTNORM_BLOCK];       /* samples again */
    double wide_mapped[3][INSTNORM_BLOCK]; /* the same in double */
    double wide_straight[INSTNORM_BLOCK];
    double counted[INSTNORM_BLOCK]; /* what may clip */
    double amount[INSTNORM_BLOCK];  /* how much of a pixel is changed */
    float alpha[INSTNORM_BLOCK], weight[INSTNORM_BLOCK];
    float run[INSTNORM_BLOCK], plain[INSTNORM_BLOCK]; /* samples of the output: mapped, and only converted */
    float decode[256];                                /* linear light of 8-bit samples */
    double wide_decode[256];
};

/* What all bands of a picture share. */
struct band {
    struct picture_info in, out;
    const struct instnorm_space *space;
    unsigned colours;            /* of the output */
    unsigned values;             /* channels that are measured: the planes of the space, or the input's colours */
    bool all_count;              /* samples count whatever their alpha is */
    bool dither;                 /* of integer outputs */
    bool counts;                 /* what clips is counted */
    struct weights *mask, *changed; /* where it is measured and where it is mapped; NULL = everywhere */
    bool reached;                /* some pixel is to be changed */
    bool odd_alpha;              /* that of some pixel that was measured is not finite */
    size_t y;                    /* of the first row of the rows that are mapped */
    uint64_t pixels;             /* that are seen, and changed or cut off: those among which what clips is counted */
    struct channel *channel;     /* [out.channels] */
    float *tile;                 /* [block_channels][INSTNORM_BLOCK] */
    struct scratch *scratch;
    unsigned char *table; /* [BAND_TABLES][256] samples of the output */
};

/* The input channel that a channel of the output is made of: a grey picture serves all three of --rgb. */
unsigned band_source(const struct band *band, unsigned c);

/* Whether the values of the space are other numbers than the samples. */
bool band_converts(const struct band *band);

/* The sample value that is 1 unit of the statistics. */
double band_unit(const struct band *band);

/* Before the first row is measured. */
void band_begin(struct band *band);

/*
 * Whether a sample of the rows counts, looked for until there is one. Until then those that are not finite are added to
 * `skipped` of the moments.
 */
bool band_counts(struct band *band, const struct rows *rows);

/* Merges the moments of the rows into those of the first `values` channels, weighted by alpha and the mask. */
void band_measure(struct band *band, const struct rows *rows);

/*
 * Merges the comoments of the rows with those of the target, which is a band of its own with the same space and size:
 * of as many channels as the one or the other has, where one of them is grey.
 * Samples that clip in the target are left out.
 */
void band_fit(struct band *band, const struct rows *rows, const struct band *target, const struct rows *target_rows);

/* Once the maps are known, before the first band_apply. */
void band_prepare(struct band *band);

/* Whether the map of colour channel c changes values, or in a space that of a channel that goes with it. */
bool band_changes(const struct band *band, unsigned c);

/* Whether channel c of the output has the samples of the input. */
bool band_keeps(const struct band *band, unsigned c);

/* Whether the maps change nothing, so that the rows can be passed on as they are. */
bool band_is_identity(const struct band *band);

/* out <- in mapped; out is laid out as the output's info says. Counts what falls outside the range of an integer output. */
void band_apply(struct band *band, const struct rows *in, const struct rows *out);

#endif
