/*
 * A small convolutional net whose normalization layers are those of libinstnorm. It has three stages:
 *
 *     [N,1,16,16]  convolution 3 x 3, normalization, activation, mean of 2 x 2 pixels
 *     [N,8,8,8]    convolution 3 x 3, normalization, activation, mean of 2 x 2 pixels
 *     [N,16,4,4]   convolution 3 x 3, scale and shift, activation, mean of all pixels
 *     [N,16]       linear
 *     [N,CLASSES]  scores
 *
 * The activation is squareplus (J. T. Barron, arXiv:2112.11687), a ReLU with a round corner: where the slope jumps,
 * rounding errors would decide what two programs learn. Activations are float32, as the library takes them; gradients of
 * weights are added up in double precision.
 */
#ifndef TRAINING_NET_H
#define TRAINING_NET_H

#include "instnorm.h"
#include "textures.h"

#include <stdbool.h>

enum { STAGES = 3, TAPS = 9, CHANNELS1 = 8, CHANNELS2 = 16, CHANNELS3 = 16, CHANNELS_MAX = 16, BATCH_MAX = 32 };

/* Where the weights are in their one array: of each stage the filters [out][in][TAPS], gamma [out] and beta [out]; last
 * [in][CLASSES]. */
enum {
    STAGE1 = 0,
    STAGE2 = STAGE1 + TAPS * CHANNELS1 + 2 * CHANNELS1,
    STAGE3 = STAGE2 + CHANNELS1 * TAPS * CHANNELS2 + 2 * CHANNELS2,
    LINEAR = STAGE3 + CHANNELS2 * TAPS * CHANNELS3 + 2 * CHANNELS3,
    BIAS = LINEAR + CHANNELS3 * CLASSES,
    WEIGHTS = BIAS + CLASSES
};

/* What the normalization layers do. Without normalization they are y = x * gamma + beta. */
struct norm {
    const char *name;
    bool normalizes;
    enum instnorm_kind kind;
    size_t groups;
};

/* Statistics that a batch normalization keeps for inference. */
struct running {
    double mean[CHANNELS_MAX], variance[CHANNELS_MAX];
};

struct net {
    struct norm norm;
    float weight[WEIGHTS];
    struct running running[STAGES];
};

enum { PLANES_MAX = BATCH_MAX * CHANNELS1 * SIDE * SIDE }; /* samples of the first stage, which has most */

/* All that a forward pass of n samples leaves for the backward pass. */
struct pass {
    size_t n;
    struct activations {
        float convolved[PLANES_MAX], normalized[PLANES_MAX], reduced[PLANES_MAX / 4];
        double mean[BATCH_MAX * CHANNELS_MAX], rstd[BATCH_MAX * CHANNELS_MAX]; /* of each pool, by instnorm_forward */
    } stage[STAGES];
    float score[BATCH_MAX * CLASSES];
};

/* Random weights (K. He et al., arXiv:1502.01852, section 2.2), gamma 1, beta and bias 0, and running statistics of mean 0
 * and variance 1. */
void net_begin(struct net *net, struct norm norm, struct generator *generator);

/* pass <- the activations of x[n][SIDE][SIDE], n <= BATCH_MAX, by the statistics of these samples. */
void net_forward(const struct net *net, struct pass *pass, const float *x, size_t n);

/* The same in inference: batch normalization takes its running statistics instead. */
void net_infer(const struct net *net, struct pass *pass, const float *x, size_t n);

/* The running statistics follow those of a pass of net_forward. */
void net_follow(struct net *net, const struct pass *pass);

/* The cross entropy, summed over the samples of a pass. */
double net_loss(const struct pass *pass, const unsigned char *label);

/* gradient[WEIGHTS] += scale times the gradient of net_loss, of a pass of net_forward. Overwrites activations of the pass.
 */
void net_backward(const struct net *net, struct pass *pass, const float *x, const unsigned char *label, double scale,
                  double *gradient);

#endif
