/*
 * libinstnorm - instance, layer, group and batch normalization in plain C
 *
 *     y = (x - E[x]) / sqrt(Var[x] + eps) * gamma + beta
 *
 * Everything is built from four steps, and each can be called by itself:
 *
 *     measure  moments of a block of samples       instnorm_measure, instnorm_measure_plane
 *     pool     merge moments                       instnorm_merge
 *     solve    moments and a target -> two numbers instnorm_solve
 *     apply    x * scale + shift                   instnorm_apply and its integer forms
 *
 * What is merged before solving is all that tells the kinds of normalization apart (see enum instnorm_kind).
 *
 * The library allocates nothing, starts no threads, prints nothing and keeps no state: every function may be called
 * from any thread. Results do not depend on the processor or compiler, on how the planes are laid out in memory, or on
 * how the work is split into blocks of the block rule (see INSTNORM_BLOCK). The sign and the payload of a NaN are not
 * promised.
 *
 * What a program can rely on from version 1.0 on, for as long as the soname of the library is the same:
 *
 * - A function keeps its name, arguments and meaning. Arguments come in one order: what is to be done, the arrays that are
 *   read and their size, numbers and maps, and last what is written; a merge alone has what it adds to first.
 * - The structs that a program makes are frozen: instnorm_moments, instnorm_comoments, instnorm_target, instnorm_affine,
 *   instnorm_clip and instnorm_shape keep their members, their order and their size. A program may copy them, keep them in
 *   arrays, and hand them to another process of the same machine. All that will be known beside them comes in structs and
 *   functions of its own, as pairs of samples have in instnorm_comoments: covariances of channels, exact sums, maps that
 *   are matrices.
 * - A struct that the library alone makes, instnorm_space, may grow at its end.
 * - Constants keep their values, INSTNORM_BLOCK among them, and the block rule stays. Enums may get further values: a
 *   status that is not INSTNORM_OK is an error, and a cause keeps its status.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef INSTNORM_H
#define INSTNORM_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif

#define INSTNORM_VERSION "0.2.0"

/*
 * What a function returns that can refuse. It checks every argument but the samples, in the order of these values; the
 * numbers of arrays, such as gamma, come after the shape. An error leaves all outputs as they were, but for the
 * INSTNORM_ERROR_EMPTY of instnorm_forward. Functions that return no status check nothing.
 */
enum instnorm_status {
    INSTNORM_OK = 0,
    INSTNORM_ERROR_NULL = 1,      /* a pointer is NULL and must not be */
    INSTNORM_ERROR_KIND = 2,      /* no such kind, or a kind that the function does not have */
    INSTNORM_ERROR_NUMBER = 3,    /* a number is not finite or outside its range */
    INSTNORM_ERROR_SHAPE = 4,     /* a dimension is 0 */
    INSTNORM_ERROR_SIZE = 5,      /* the samples reach beyond what a size_t of bytes can address */
    INSTNORM_ERROR_OVERLAP = 6,   /* rows, channels or samples overlap: a stride is too small */
    INSTNORM_ERROR_GROUPS = 7,    /* groups is 0 or does not divide C */
    INSTNORM_ERROR_SINGLE = 8,    /* a pool of one sample has no unbiased variance */
    INSTNORM_ERROR_EMPTY = 9,     /* no finite sample, or pair, with a weight above 0: there are no statistics */
    INSTNORM_ERROR_SINGULAR = 10, /* the scale of the map is 0: it has no inverse */
    INSTNORM_ERROR_OVERFLOW = 11  /* the map is too large for double */
};

/* What is wrong, in one line of English without a full stop that a program can show; never NULL. */
const char *instnorm_status_string(enum instnorm_status status);

/* The version of the library that runs, as INSTNORM_VERSION of its header. */
const char *instnorm_version(void);

/* ---- measure and pool ------------------------------------------------------------------------------------------ */

/*
 * The moments of a set of samples. The variance is the biased one, m2 / weight (PyTorch and ONNX normalize with it).
 * Samples that are not finite, or have no weight, are left out; those that are not finite are counted.
 */
struct instnorm_moments {
    double weight;    /* sum of the weights; the number of samples where there are none */
    double mean;      /* 0 if weight is 0 */
    double m2;        /* sum of weight * (x - mean)^2 */
    double min, max;  /* of the samples that count, -0 being 0; INFINITY and -INFINITY if there are none */
    uint64_t skipped; /* samples that are NaN or infinite */
};

/* The moments of no samples: where merging starts. */
void instnorm_moments_clear(struct instnorm_moments *m);

/* Moments that were not measured but are given: weight 1, the range unknown. */
void instnorm_moments_given(double mean, double variance, struct instnorm_moments *m);

/*
 * The block rule. Moments are gathered in blocks of max(1, INSTNORM_BLOCK / W) whole rows of one plane; a row wider than
 * INSTNORM_BLOCK is cut in runs of INSTNORM_BLOCK samples. Blocks are merged left to right to the moments of a plane, and
 * planes, where they are pooled, in order (n, c). A program that keeps to the rule gets the bits of instnorm_forward.
 * instnorm-cli keeps to it for floats. It sums integer samples exactly, so its mean and variance are within 1 unit of the
 * last place of the true ones, and those of the same samples here, as floats, differ from them by the rounding of double.
 */
#define INSTNORM_BLOCK 4096

/* Rows of a block in a plane that is w samples wide (w > 0). */
size_t instnorm_block_rows(size_t w);

/*
 * The moments of one block: out <- x[0..n). weight has n values or is NULL for 1 each; one that is not above 0 leaves its
 * sample out, and none may be infinite. Two passes in double: the mean first, then the squared deviations, in 16 lanes
 * (element i in lane i mod 16) that are added up pairwise.
 */
void instnorm_measure(const float *x, const float *weight, size_t n, struct instnorm_moments *out);

/* The same of samples that float cannot hold. Where their sum, or that of their squares, is beyond double, so are the
 * moments. */
void instnorm_measure_double(const double *x, const float *weight, size_t n, struct instnorm_moments *out);

/*
 * into <- the moments of both sets together. Exact up to rounding in double; merging in the same order gives the same bits.
 * T. F. Chan, G. H. Golub, R. J. LeVeque: Updating formulae and a pairwise algorithm for computing sample variances, 1979.
 */
void instnorm_merge(struct instnorm_moments *into, const struct instnorm_moments *from);

/*
 * Merges the moments of the plane x [H, W], rows stride elements apart, into `into`, by the block rule. What the rule
 * loses: of K blocks of which no sample is beyond M in size, the mean is within E = (2^-43 + K 2^-51) M of the exact one,
 * and the variance s^2 within (2^-43 + K 2^-50 + 4 E / s + 5 E^2 / s^2) s^2, if squares are neither denormal nor beyond
 * double. INSTNORM_ERROR_SHAPE: h or w is 0. INSTNORM_ERROR_OVERLAP: stride < w, and there is a second row.
 */
enum instnorm_status instnorm_measure_plane(const float *x, size_t h, size_t w, size_t stride,
                                            struct instnorm_moments *into);

/* m2 / weight; 0 if weight is 0. */
double instnorm_variance(const struct instnorm_moments *m);

/* ---- solve ------------------------------------------------------------------------------------------------------ */

/* y = x * scale + shift */
struct instnorm_affine {
    double scale, shift;
};

/*
 * What is asked for. unit_in and unit_out are the sample values that mean 1.0 (255 for 8 bit, 1 for floats): the moments
 * are in samples, gamma, beta and eps (which is squared) in units.
 */
struct instnorm_target {
    double gamma, beta;       /* standard deviation and mean to give */
    double eps;               /* >= 0, added to the variance inside the square root */
    double strength;          /* 1 = the whole map, 0 = none of it: y = strength * normalized + (1 - strength) * x */
    double unit_in, unit_out; /* > 0, and so is the square of unit_in in double */
};

/*
 * The map that gives samples with the moments m the target:
 *     scale = gamma / sqrt(Var + eps),  shift = beta - mean * scale,  then strength and units.
 * A constant channel (min == max), and a variance + eps of 0, gives scale 0 and shift beta: exactly beta and never NaN.
 * INSTNORM_ERROR_NUMBER: a number of m or target is outside its range. INSTNORM_ERROR_EMPTY: m has no weight.
 * INSTNORM_ERROR_OVERFLOW: the map, or the variance in units.
 */
enum instnorm_status instnorm_solve(const struct instnorm_moments *m, const struct instnorm_target *target,
                                    struct instnorm_affine *out);

/*
 * out <- the inverse map; out may be a. INSTNORM_ERROR_NUMBER: a is not finite. INSTNORM_ERROR_SINGULAR: its scale is 0.
 * INSTNORM_ERROR_OVERFLOW: the inverse.
 */
enum instnorm_status instnorm_invert(const struct instnorm_affine *a, struct instnorm_affine *out);

/* ---- fit -------------------------------------------------------------------------------------------------------- */

/* The moments of pairs of samples (x, y). Pairs with a sample that is not finite, or without weight, are left out. */
struct instnorm_comoments {
    double weight;
    double mean_x, mean_y;
    double m2_x, c_xy; /* sums of weight * (x - mean_x)^2 and of weight * (x - mean_x) * (y - mean_y) */
};

/* The comoments of no pairs are all 0. Measuring and merging go as for moments; out <- those of x[0..n) and y[0..n). */
void instnorm_measure_pairs(const float *x, const float *y, const float *weight, size_t n, struct instnorm_comoments *out);
void instnorm_measure_pairs_double(const double *x, const double *y, const float *weight, size_t n,
                                   struct instnorm_comoments *out);
void instnorm_merge_pairs(struct instnorm_comoments *into, const struct instnorm_comoments *from);

/*
 * The map that brings x closest to y, by least squares: scale = c_xy / m2_x, shift = mean_y - scale * mean_x; scale 0 if x
 * is constant. INSTNORM_ERROR_NUMBER: a number of m is outside its range. INSTNORM_ERROR_EMPTY: m has no weight.
 * INSTNORM_ERROR_OVERFLOW: the map.
 */
enum instnorm_status instnorm_fit(const struct instnorm_comoments *m, struct instnorm_affine *out);

/* ---- apply ------------------------------------------------------------------------------------------------------ */

/*
 * y[0..n) <- x * scale + shift in double, rounded once to float. y may be x; otherwise they do not overlap.
 * |error| <= 2^-24 |y| + 2^-50 (|x scale| + |shift|), and 2^-150 more where y is denormal.
 */
void instnorm_apply(const float *x, size_t n, const struct instnorm_affine *a, float *y);

/* The same for integer samples: clamped to 0..255 or 0..65535, rounded half to even, NaN gives 0. */
void instnorm_apply_u8(const float *x, size_t n, const struct instnorm_affine *a, uint8_t *y);
void instnorm_apply_u16(const float *x, size_t n, const struct instnorm_affine *a, uint16_t *y);

/* The same of samples that float cannot hold, such as what instnorm_apply_in_space gives. */
void instnorm_apply_double(const double *x, size_t n, const struct instnorm_affine *a, float *y);
void instnorm_apply_double_u8(const double *x, size_t n, const struct instnorm_affine *a, uint8_t *y);
void instnorm_apply_double_u16(const double *x, size_t n, const struct instnorm_affine *a, uint16_t *y);

/* What an integer output cuts off. Starts as {0, 0, INFINITY, -INFINITY}. */
struct instnorm_clip {
    uint64_t low, high; /* samples that fall below 0 or above the maximum */
    double min, max;    /* of the finite ones, before they are cut off, -0 being 0 */
};

/* Adds to clip the samples whose image, rounded half to even, falls below 0 or above max, which is odd. */
void instnorm_count_clipped(const float *x, size_t n, const struct instnorm_affine *a, double max,
                            struct instnorm_clip *clip);
void instnorm_count_clipped_double(const double *x, size_t n, const struct instnorm_affine *a, double max,
                                   struct instnorm_clip *clip);

/* ---- colour spaces ---------------------------------------------------------------------------------------------- */

/*
 * A space in which pictures are measured and mapped. Its values are in units of its own, whatever the samples are. Each
 * step is computed in double, within 1e-6 of the definition, and rounded once to float. Values beyond 0..unit are
 * converted too: the transfer function is odd about 0, and two steps may be further off there (libinstnorm(3), EXACTNESS).
 * Grey has exactly no colour in lab and oklab. Arrays that are written overlap no other; those that are read may be the
 * same.
 *
 * The library alone makes these structs, and later versions may append members. A program holds the pointer that
 * instnorm_space_find or instnorm_space_at returned: it neither copies the struct nor uses its size. The pointer is valid
 * for as long as the library is loaded, and the same for the same space, so that pointers can be compared.
 */
struct instnorm_space {
    const char *name;
    const char *convention;   /* what its numbers are, in one line */
    unsigned planes;          /* 3: red, green and blue go together; 1: each channel goes by itself */
    int linear;               /* 1: its hub is linear RGB; 0: RGB as it is stored */
    const char *channel[3];   /* the names of its channels; NULL: those of the picture */
    double gamma[3], beta[3]; /* the customary target; NAN: the channel keeps its own. All NAN: there is no such target */
    double flat;              /* two values that are not further apart differ by rounding alone */
    /* plane[0..planes) <- hub, and back; `unit` is the value of 1.0 in the hub. NULL: the values are those of the hub. */
    void (*to)(const float *const hub[], size_t n, double unit, float *const plane[]);
    void (*from)(const float *const plane[], size_t n, double unit, float *const hub[]);
    /* The same of double: nothing is rounded to float. */
    void (*to_double)(const double *const hub[], size_t n, double unit, double *const plane[]);
    void (*from_double)(const double *const plane[], size_t n, double unit, double *const hub[]);
};

/* The space of that name: rgb, linear, lab, oklab, ruderman. NULL if there is none. */
const struct instnorm_space *instnorm_space_find(const char *name);

/* The space at index i, 0 being rgb; NULL behind the last. Later versions append spaces: an index keeps its space. */
const struct instnorm_space *instnorm_space_at(size_t i);

/*
 * y <- x / unit without the transfer function of sRGB (IEC 61966-2-1), which is linear light; and back, y <- unit * coded
 * x.
 */
void instnorm_decode(const float *x, size_t n, double unit, float *y);
void instnorm_encode(const float *x, size_t n, double unit, float *y);
void instnorm_decode_double(const double *x, size_t n, double unit, double *y);

/*
 * plane[0..planes) <- rgb, samples as they are stored, and back: decode and `to`, `from` and encode. In rgb the values are
 * the samples over unit.
 */
void instnorm_to_space(const struct instnorm_space *space, const float *const rgb[], size_t n, double unit,
                       float *const plane[]);
void instnorm_from_space(const struct instnorm_space *space, const float *const plane[], size_t n, double unit,
                         float *const rgb[]);

/*
 * out[0..planes) <- samples as they are stored: the hub taken to the space, mapped there, plane k by map[k], and taken
 * back, in double from beginning to end. The hub is what `to` takes: linear light (instnorm_decode_double) or samples.
 * unit_in is the value of 1.0 in it, unit_out that in out. The arrays of `out` may be those of the hub. Samples beyond 1e16
 * of their unit have powers beyond float, and give no meaningful numbers.
 */
void instnorm_apply_in_space(const struct instnorm_space *space, const double *const hub[], size_t n,
                             const struct instnorm_affine map[], double unit_in, double unit_out, double *const out[]);

/* y <- the lightness of CIELAB over 100: 0 is black, 1 is white. rgb has three arrays, of samples as they are stored. */
void instnorm_lightness(const float *const rgb[], size_t n, double unit, float *y);

/* ---- tensors ---------------------------------------------------------------------------------------------------- */

/* Which planes [H, W] of a tensor [N, C, H, W] share their statistics. */
enum instnorm_kind {
    INSTNORM_INSTANCE = 0, /* none: each (n, c) alone */
    INSTNORM_LAYER = 1,    /* all channels of a sample */
    INSTNORM_GROUP = 2,    /* C / groups neighbouring channels of a sample */
    INSTNORM_BATCH = 3     /* one channel of all samples */
};

/*
 * A tensor [N, C, H, W] of float32. The distance, in elements, from one sample, channel and row to the next; 0 means
 * dense (stride_h = W, stride_c = H * stride_h, stride_n = C * stride_c). The elements of a row are neighbours. Rows,
 * channels and samples may lie in any order, and be padded, but not reach into one another. The stride of a dimension of 1
 * is used for the strides that are 0, and otherwise not at all.
 */
struct instnorm_shape {
    size_t n, c, h, w;
    size_t stride_n, stride_c, stride_h;
};

/*
 * y <- the normalized x; both have the given shape. y may be x, otherwise they do not overlap. What lies between the rows
 * and planes of y is left as it was.
 *
 * gamma, beta  [C], or NULL for 1 and 0
 * eps          >= 0; 1e-5 in the literature
 * groups       used by INSTNORM_GROUP only: divides C
 * mean, rstd   [pools], or NULL: the mean, and 1 / sqrt(Var + eps), of each pool of planes in order: N * C pools for
 *              instance, N for layer, N * groups for group, C for batch. rstd is 0 where Var + eps is 0.
 *
 * Samples that are not finite are left out of the statistics and passed through the map; a pool that has no others is
 * INSTNORM_ERROR_EMPTY, and pools before it are done already.
 *
 * D. Ulyanov, A. Vedaldi, V. Lempitsky: Instance Normalization, arXiv:1607.08022; J. L. Ba, J. R. Kiros, G. E. Hinton:
 * Layer Normalization, arXiv:1607.06450; Y. Wu, K. He: Group Normalization, arXiv:1803.08494; S. Ioffe, C. Szegedy:
 * Batch Normalization, arXiv:1502.03167.
 */
enum instnorm_status instnorm_forward(enum instnorm_kind kind, size_t groups, const struct instnorm_shape *shape,
                                      const float *x, const float *gamma, const float *beta, double eps, float *y,
                                      double *mean, double *rstd);

/*
 * The backward pass of instnorm_forward with the same kind, groups, shape, x and gamma; mean and rstd are what it gave.
 * All arrays of planes have the given shape.
 *
 * dy             the gradient of the loss with respect to y
 * dx             the gradient with respect to x, overwritten; may be dy or x, or NULL
 * dgamma, dbeta  [C]: the gradients are added to what is there, so that several batches accumulate; NULL: not wanted
 *
 * With z = (x - mean) * rstd, over a pool of M samples (S. Ioffe, C. Szegedy, arXiv:1502.03167, section 3):
 *     dbeta += sum dy, dgamma += sum dy * z     over the samples of a channel
 *     dx = rstd * (g - sum(g) / M - z * sum(g * z) / M)     with g = gamma * dy, sums over the pool
 * Where rstd is 0 and all is finite, dx is 0. A sample of x or dy that is not finite makes dx of its pool and dgamma of its
 * channel NaN; one of dy, dbeta too. INSTNORM_ERROR_NUMBER: a number of gamma, mean or rstd is not finite, or one of rstd
 * is negative.
 */
enum instnorm_status instnorm_backward(enum instnorm_kind kind, size_t groups, const struct instnorm_shape *shape,
                                       const float *x, const float *dy, const float *gamma, const double *mean,
                                       const double *rstd, float *dx, double *dgamma, double *dbeta);

/*
 * Running statistics as PyTorch keeps them, for INSTNORM_INSTANCE and INSTNORM_BATCH; mean and rstd are what
 * instnorm_forward gave with this eps. For each of the C channels
 *     running <- (1 - momentum) * running + momentum * new
 * where new is the mean, and the unbiased variance, of the batch; for instance normalization their average over the N
 * samples. momentum is within 0..1, and 0.1 in PyTorch. INSTNORM_ERROR_KIND: another kind. INSTNORM_ERROR_SINGLE: a pool
 * has one sample. INSTNORM_ERROR_NUMBER: a number is not finite, or one of rstd or running_variance is negative.
 */
enum instnorm_status instnorm_running(enum instnorm_kind kind, const struct instnorm_shape *shape, const double *mean,
                                      const double *rstd, double eps, double momentum, double *running_mean,
                                      double *running_variance);

/*
 * Inference: y <- (x - mean) / sqrt(variance + eps) * gamma + beta with statistics [C] that are given; gamma and beta as
 * for instnorm_forward. A variance + eps of 0 gives beta. y may be x.
 * INSTNORM_ERROR_NUMBER: a variance is negative, or a number is not finite. INSTNORM_ERROR_OVERFLOW: the map of a channel.
 */
enum instnorm_status instnorm_inference(const struct instnorm_shape *shape, const float *x, const double *mean,
                                        const double *variance, const float *gamma, const float *beta, double eps,
                                        float *y);

#if defined(__GNUC__)
#pragma GCC visibility pop
#endif

#ifdef __cplusplus
}
#endif
#endif
