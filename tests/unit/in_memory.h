/*
 * The engine on images that are held in memory, and what it is to make of them: the same by definition, in plain loops of
 * double over whole images.
 */
#ifndef IN_MEMORY_H
#define IN_MEMORY_H

#include "engine/picture.h"
#include "support.h"

enum { MASKS = 3, MOST_CHANNELS = 8 };

/* One picture, and what is asked of it. Pictures of masks are those of the selectors that name one, in their order. */
struct asked {
    const struct image *in, *fit; /* fit: NULL if there is none */
    struct request request;
    struct output_format format;
    bool only_measure, look;
    const struct image *mask[MASKS], *apply_mask[MASKS];
    struct given from;
    double views_from;
    size_t bands; /* each of so many blocks; 0: the whole at once */
};

struct made {
    bool ok;
    struct why why;
    struct image out; /* no samples if none were written */
    struct result result;
    size_t began; /* how often the sink was begun */
};

/* Takes the picture through the engine. made_free frees what came of it, whether it is ok or not. */
struct made engine_make(const struct asked *asked);
void made_free(struct made *made);

/* A note of the result has this text in it. */
void require_note(const struct made *made, const char *text);

/* The engine refuses it before it begins an output; the reason has this text in it. */
void require_no_output(const struct asked *asked, const char *text);

/* ---- images -------------------------------------------------------------------------------------------------------- */

/* How an image is made: its colours are noise around different means, its alpha noise that is often none or full. */
struct recipe {
    size_t width, height;
    unsigned channels;
    enum sample sample;
    enum alpha alpha; /* of the last channel */
    bool planar, tensor;
    uint64_t seed;
};

struct image make_noise(const struct recipe *recipe);

/* Sample c of pixel i as a number, and the same set. */
double image_sample(const struct image *image, size_t i, unsigned c);
void image_set(struct image *image, size_t i, unsigned c, double value);

/* ---- by definition ------------------------------------------------------------------------------------------------- */

/* Straight colours, in the units of a space, with the weight of each pixel; [colours][n]. */
struct values {
    size_t n;
    unsigned colours;
    double *x[MOST_CHANNELS], *weight;
};

/* Mean and variance of a channel, in units. */
struct spread {
    double mean, variance, weight;
};

/* Of each channel as it was measured, and after pooling. NaN and infinity are left out. */
void plain_measure(const struct asked *asked, struct spread measured[], struct spread pooled[]);

/*
 * want[channel][n] <- the samples of the output, neither rounded nor cut off, but for alpha in the unit of the output; each
 * freed by free(). gamma and beta are those that each channel gets, in units; NAN: the channel stays as it is.
 */
void plain_map(const struct asked *asked, const double gamma[], const double beta[], double eps, double *want[]);

/* The output is that of plain_map: off by `slack` steps more than rounding at most; floats by `slack` * unit. */
void require_made(const struct made *made, const struct asked *asked, double *const want[], double slack);

#endif
