#include "net.h"

#include <math.h>
#include <string.h>

static const double eps = 1e-5, momentum = 0.1;

/* Of x[in][side][side] a stage makes out channels, and of by x by pixels one. */
static const struct stage {
    int in, out, side, by;
    bool normalizes;
    int filter; /* where its weights are */
} stages[STAGES] = {
    {1, CHANNELS1, SIDE, 2, true, STAGE1},
    {CHANNELS1, CHANNELS2, SIDE / 2, 2, true, STAGE2},
    {CHANNELS2, CHANNELS3, SIDE / 4, SIDE / 4, false, STAGE3},
};

static int gamma_of(const struct stage *s)
{
    return s->filter + s->in * TAPS * s->out;
}

static int beta_of(const struct stage *s)
{
    return gamma_of(s) + s->out;
}

static struct instnorm_shape shape_of(const struct stage *s, size_t n)
{
    return (struct instnorm_shape){.n = n, .c = (size_t)s->out, .h = (size_t)s->side, .w = (size_t)s->side};
}

/* ---- convolution of 3 x 3, with zeros around ----------------------------------------------------------------------- */

enum { PADDED_MAX = CHANNELS1 * (SIDE / 2 + 2) * (SIDE / 2 + 2) }; /* the second stage has the largest input */

/* padded[in][side + 2][side + 2] <- x[in][side][side], with zeros around */
static void pad(float *padded, const float *x, int in, int side)
{
    int wide = side + 2;
    memset(padded, 0, sizeof *padded * (size_t)(in * wide * wide));
    for (int row = 0; row < in * side; row++)
        memcpy(padded + (row / side * wide + row % side + 1) * wide + 1, x + row * side, sizeof *x * (size_t)side);
}

/* x[in][side][side] <- the inner part of padded */
static void unpad(float *x, const float *padded, int in, int side)
{
    int wide = side + 2;
    for (int row = 0; row < in * side; row++)
        memcpy(x + row * side, padded + (row / side * wide + row % side + 1) * wide + 1, sizeof *x * (size_t)side);
}

/* patch[in][TAPS] <- what the filter sees at a pixel of the picture that was padded */
static void patch_take(float *patch, const float *padded, int in, int side, int pixel)
{
    int wide = side + 2, corner = pixel / side * wide + pixel % side;
    for (int c = 0; c < in; c++)
        for (int t = 0; t < TAPS; t++)
            patch[c * TAPS + t] = padded[c * wide * wide + corner + t / 3 * wide + t % 3];
}

static void patch_add(float *padded, const float *patch, int in, int side, int pixel)
{
    int wide = side + 2, corner = pixel / side * wide + pixel % side;
    for (int c = 0; c < in; c++)
        for (int t = 0; t < TAPS; t++)
            padded[c * wide * wide + corner + t / 3 * wide + t % 3] += patch[c * TAPS + t];
}

/* y[n][out][side][side] <- x[n][in][side][side] by w[out][in][TAPS] */
static void convolve(float *y, const float *x, const float *w, size_t n, int in, int out, int side)
{
    int area = side * side, taps = in * TAPS;
    float turned[CHANNELS_MAX * TAPS][CHANNELS_MAX]; /* w[taps][out], so that the inner loop is over outputs */
    for (int k = 0; k < taps; k++)
        for (int o = 0; o < out; o++)
            turned[k][o] = w[o * taps + k];
    for (size_t s = 0; s < n; s++, x += in * area, y += out * area) {
        float padded[PADDED_MAX];
        pad(padded, x, in, side);
        for (int pixel = 0; pixel < area; pixel++) {
            float patch[CHANNELS_MAX * TAPS], sum[CHANNELS_MAX] = {0};
            patch_take(patch, padded, in, side, pixel);
            for (int k = 0; k < taps; k++)
                for (int o = 0; o < out; o++)
                    sum[o] += patch[k] * turned[k][o];
            for (int o = 0; o < out; o++)
                y[o * area + pixel] = sum[o];
        }
    }
}

/* Of one sample: dw += the gradient of w, dx <- that of x, unless it is NULL. */
static void convolve_sample_backward(float *dx, double *dw, const float *x, const float *dy, const float *w, int in,
                                     int out, int side)
{
    int area = side * side, taps = in * TAPS;
    float padded[PADDED_MAX], dpadded[PADDED_MAX] = {0}, sum[CHANNELS_MAX * CHANNELS_MAX * TAPS] = {0};
    pad(padded, x, in, side);
    for (int pixel = 0; pixel < area; pixel++) {
        float patch[CHANNELS_MAX * TAPS], dpatch[CHANNELS_MAX * TAPS] = {0};
        patch_take(patch, padded, in, side, pixel);
        for (int o = 0; o < out; o++) {
            float d = dy[o * area + pixel];
            for (int k = 0; k < taps; k++)
                sum[o * taps + k] += patch[k] * d;
            for (int k = 0; dx && k < taps; k++)
                dpatch[k] += w[o * taps + k] * d;
        }
        patch_add(dpadded, dpatch, in, side, pixel);
    }
    for (int k = 0; k < out * taps; k++)
        dw[k] += (double)sum[k];
    if (dx)
        unpad(dx, dpadded, in, side);
}

/* dx[n][in][side][side], dy[n][out][side][side] */
static void convolve_backward(float *dx, double *dw, const float *x, const float *dy, const float *w, size_t n, int in,
                              int out, int side)
{
    int area = side * side;
    for (size_t s = 0; s < n; s++, x += in * area, dy += out * area)
        convolve_sample_backward(dx ? dx + s * (size_t)(in * area) : NULL, dw, x, dy, w, in, out, side);
}

/* ---- normalization ------------------------------------------------------------------------------------------------- */

/* y = x * gamma + beta: what is left of the layer without statistics. */
static void affine(float *y, const float *x, const float *gamma, const float *beta, const struct instnorm_shape *shape)
{
    size_t area = shape->h * shape->w;
    for (size_t plane = 0; plane < shape->n * shape->c; plane++, x += area, y += area) {
        size_t c = plane % shape->c;
        for (size_t i = 0; i < area; i++)
            y[i] = x[i] * gamma[c] + beta[c];
    }
}

/* dx may be dy. */
static void affine_backward(float *dx, double *dgamma, double *dbeta, const float *x, const float *dy, const float *gamma,
                            const struct instnorm_shape *shape)
{
    size_t area = shape->h * shape->w;
    for (size_t plane = 0; plane < shape->n * shape->c; plane++, x += area, dy += area, dx += area) {
        size_t c = plane % shape->c;
        for (size_t i = 0; i < area; i++) {
            dgamma[c] += (double)x[i] * (double)dy[i];
            dbeta[c] += (double)dy[i];
            dx[i] = gamma[c] * dy[i];
        }
    }
}

/* running: of a batch normalization in inference, otherwise NULL. Where the library refuses x, or weights, that are not
 * finite, all is NaN, and the loss as well. */
static void normalize(const struct net *net, int i, struct activations *a, size_t n, const struct running *running)
{
    const struct stage *s = &stages[i];
    const struct instnorm_shape shape = shape_of(s, n);
    const float *gamma = net->weight + gamma_of(s), *beta = net->weight + beta_of(s), *x = a->convolved;
    float *y = a->normalized;
    enum instnorm_status status = INSTNORM_OK;
    if (!s->normalizes || !net->norm.normalizes)
        affine(y, x, gamma, beta, &shape);
    else if (running)
        status = instnorm_inference(&shape, x, running->mean, running->variance, gamma, beta, eps, y);
    else
        status = instnorm_forward(net->norm.kind, net->norm.groups, &shape, x, gamma, beta, eps, y, a->mean, a->rstd);
    for (size_t k = 0; status != INSTNORM_OK && k < shape.n * shape.c * shape.h * shape.w; k++)
        y[k] = NAN;
}

/* a->normalized, which is its gradient, becomes that of a->convolved. */
static void normalize_backward(const struct net *net, int i, struct activations *a, size_t n, double *gradient)
{
    const struct stage *s = &stages[i];
    const struct instnorm_shape shape = shape_of(s, n);
    const float *gamma = net->weight + gamma_of(s), *x = a->convolved;
    double *dgamma = gradient + gamma_of(s), *dbeta = gradient + beta_of(s);
    float *d = a->normalized;
    if (!s->normalizes || !net->norm.normalizes)
        affine_backward(d, dgamma, dbeta, x, d, gamma, &shape);
    else
        instnorm_backward(net->norm.kind, net->norm.groups, &shape, x, d, gamma, a->mean, a->rstd, d, dgamma, dbeta);
}

/* ---- activation, and the mean of squares of by x by pixels --------------------------------------------------------- */

/* What rounds the corner of the ReLU. */
static const double roundness = 0.1;

/* y[planes][side / by][side / by] <- the means of (x + sqrt(x * x + roundness)) / 2, x[planes][side][side] */
static void activate_mean(float *y, const float *x, size_t planes, size_t side, size_t by)
{
    double share = 1 / (double)(by * by);
    for (size_t band = 0; band < planes * side / by; band++)
        for (size_t left = 0; left < side; left += by) {
            const float *corner = x + band * by * side + left;
            double sum = 0;
            for (size_t i = 0; i < by; i++)
                for (size_t j = 0; j < by; j++) {
                    double v = (double)corner[i * side + j];
                    sum += (v + sqrt(v * v + roundness)) / 2;
                }
            *y++ = (float)(sum * share);
        }
}

/* x <- its gradient, from dy */
static void activate_mean_backward(float *x, const float *dy, size_t planes, size_t side, size_t by)
{
    double share = 1 / (double)(by * by);
    for (size_t band = 0; band < planes * side / by; band++)
        for (size_t left = 0; left < side; left += by, dy++) {
            float *corner = x + band * by * side + left;
            for (size_t i = 0; i < by; i++)
                for (size_t j = 0; j < by; j++) {
                    double v = (double)corner[i * side + j];
                    corner[i * side + j] = (float)((1 + v / sqrt(v * v + roundness)) / 2 * (double)*dy * share);
                }
        }
}

/* ---- scores and loss ----------------------------------------------------------------------------------------------- */

/* score[n][CLASSES] <- x[n][CHANNELS3] */
static void linear(float *score, const float *x, const float *w, const float *bias, size_t n)
{
    for (size_t s = 0; s < n; s++)
        for (int k = 0; k < CLASSES; k++) {
            float sum = bias[k];
            for (int c = 0; c < CHANNELS3; c++)
                sum += x[s * CHANNELS3 + (size_t)c] * w[c * CLASSES + k];
            score[s * CLASSES + (size_t)k] = sum;
        }
}

/* x <- its gradient, from that of the scores */
static void linear_backward(float *x, double *dw, double *dbias, const double *dscore, const float *w, size_t n)
{
    for (size_t s = 0; s < n; s++, x += CHANNELS3, dscore += CLASSES) {
        for (int k = 0; k < CLASSES; k++)
            dbias[k] += dscore[k];
        for (int c = 0; c < CHANNELS3; c++) {
            double sum = 0;
            for (int k = 0; k < CLASSES; k++) {
                dw[c * CLASSES + k] += (double)x[c] * dscore[k];
                sum += (double)w[c * CLASSES + k] * dscore[k];
            }
            x[c] = (float)sum;
        }
    }
}

/* p[CLASSES] <- the probabilities by the scores of a sample; returns the cross entropy. */
static double softmax(double *p, const float *score, int label)
{
    double most = -INFINITY, sum = 0;
    for (int k = 0; k < CLASSES; k++)
        most = fmax(most, (double)score[k]);
    for (int k = 0; k < CLASSES; k++)
        sum += p[k] = exp((double)score[k] - most);
    for (int k = 0; k < CLASSES; k++)
        p[k] /= sum;
    return log(sum) + most - (double)score[label];
}

double net_loss(const struct pass *pass, const unsigned char *label)
{
    double p[CLASSES], loss = 0;
    for (size_t s = 0; s < pass->n; s++)
        loss += softmax(p, pass->score + s * CLASSES, label[s]);
    return loss;
}

/* ---- the net ------------------------------------------------------------------------------------------------------- */

static void fill(float *w, int n, int inputs, struct generator *generator)
{
    for (int i = 0; i < n; i++)
        w[i] = (float)(sqrt(2.0 / inputs) * normal(generator));
}

void net_begin(struct net *net, struct norm norm, struct generator *generator)
{
    *net = (struct net){.norm = norm};
    for (int i = 0; i < STAGES; i++) {
        const struct stage *s = &stages[i];
        fill(net->weight + s->filter, gamma_of(s) - s->filter, s->in * TAPS, generator);
        for (int c = 0; c < s->out; c++) {
            net->weight[gamma_of(s) + c] = 1;
            net->running[i].variance[c] = 1;
        }
    }
    fill(net->weight + LINEAR, BIAS - LINEAR, CHANNELS3, generator);
}

/* running[STAGES]: as of normalize. */
static void forward(const struct net *net, struct pass *pass, const float *x, size_t n, const struct running *running)
{
    pass->n = n;
    for (int i = 0; i < STAGES; i++) {
        const struct stage *s = &stages[i];
        struct activations *a = &pass->stage[i];
        convolve(a->convolved, x, net->weight + s->filter, n, s->in, s->out, s->side);
        normalize(net, i, a, n, running ? running + i : NULL);
        activate_mean(a->reduced, a->normalized, n * (size_t)s->out, (size_t)s->side, (size_t)s->by);
        x = a->reduced;
    }
    linear(pass->score, x, net->weight + LINEAR, net->weight + BIAS, n);
}

void net_forward(const struct net *net, struct pass *pass, const float *x, size_t n)
{
    forward(net, pass, x, n, NULL);
}

static bool keeps_running(const struct net *net)
{
    return net->norm.normalizes && net->norm.kind == INSTNORM_BATCH;
}

void net_infer(const struct net *net, struct pass *pass, const float *x, size_t n)
{
    forward(net, pass, x, n, keeps_running(net) ? net->running : NULL);
}

void net_follow(struct net *net, const struct pass *pass)
{
    for (int i = 0; i < STAGES; i++) {
        const struct activations *a = &pass->stage[i];
        const struct instnorm_shape shape = shape_of(&stages[i], pass->n);
        struct running *running = &net->running[i];
        if (keeps_running(net) && stages[i].normalizes)
            instnorm_running(INSTNORM_BATCH, &shape, a->mean, a->rstd, eps, momentum, running->mean, running->variance);
    }
}

/* dscore[n][CLASSES] <- the gradient of scale * net_loss. */
static void loss_backward(double *dscore, const struct pass *pass, const unsigned char *label, double scale)
{
    for (size_t s = 0; s < pass->n; s++, dscore += CLASSES) {
        softmax(dscore, pass->score + s * CLASSES, label[s]);
        dscore[label[s]] -= 1;
        for (int k = 0; k < CLASSES; k++)
            dscore[k] *= scale;
    }
}

/* Each array of activations becomes its own gradient, but that a->convolved becomes that of the input of the stage. */
void net_backward(const struct net *net, struct pass *pass, const float *x, const unsigned char *label, double scale,
                  double *gradient)
{
    double dscore[BATCH_MAX * CLASSES];
    float *d = pass->stage[STAGES - 1].reduced;
    loss_backward(dscore, pass, label, scale);
    linear_backward(d, gradient + LINEAR, gradient + BIAS, dscore, net->weight + LINEAR, pass->n);
    for (int i = STAGES - 1; i >= 0; i--) {
        const struct stage *s = &stages[i];
        struct activations *a = &pass->stage[i];
        const float *input = i > 0 ? pass->stage[i - 1].reduced : x;
        activate_mean_backward(a->normalized, d, pass->n * (size_t)s->out, (size_t)s->side, (size_t)s->by);
        normalize_backward(net, i, a, pass->n, gradient);
        d = i > 0 ? a->convolved : NULL;
        convolve_backward(d, gradient + s->filter, input, a->normalized, net->weight + s->filter, pass->n, s->in, s->out,
                          s->side);
    }
}
