/*
 * gamma and beta are trainable: gradient descent that finds the grade between two sets of pictures.
 *
 *     cc -O2 -Iinclude -o learn samples/learn.c build/libinstnorm.a -lm && ./learn
 *
 * A batch of random pictures [N, C, H, W] was graded with a gamma and a beta that the training does not see. It starts at 1
 * and 0, and follows the gradients of the mean squared error that instnorm_backward gives. Prints the loss as it falls.
 */
#include "instnorm.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { N = 4, C = 3, H = 24, W = 32, SAMPLES = N * C * H * W, STEPS = 120 };

static const struct instnorm_shape shape = {.n = N, .c = C, .h = H, .w = W};

/* dy <- the gradient of the loss with respect to y; returns the loss. */
static double mean_squared_error(const float *y, const float *wanted, float *dy)
{
    double loss = 0;
    for (size_t i = 0; i < SAMPLES; i++) {
        double d = (double)y[i] - (double)wanted[i];
        loss += d * d / SAMPLES;
        dy[i] = (float)(2 * d / SAMPLES);
    }
    return loss;
}

static void fill(float *x)
{
    uint32_t state = 1;
    for (size_t i = 0; i < SAMPLES; i++) {
        state = state * 1664525u + 1013904223u;
        x[i] = (float)(state >> 8) / 0x1p24f;
    }
}

int main(void)
{
    static float x[SAMPLES], y[SAMPLES], wanted[SAMPLES], dy[SAMPLES];
    static const float grade_gamma[C] = {0.30f, 0.25f, 0.20f}, grade_beta[C] = {0.55f, 0.50f, 0.40f};
    float gamma[C] = {1, 1, 1}, beta[C] = {0, 0, 0};
    double mean[N * C], rstd[N * C], loss = 0, rate = 0.1;

    fill(x);
    if (instnorm_forward(INSTNORM_INSTANCE, 0, &shape, x, grade_gamma, grade_beta, 1e-5, wanted, NULL, NULL) != INSTNORM_OK)
        return 1;
    for (int step = 0; step <= STEPS; step++) {
        double dgamma[C] = {0}, dbeta[C] = {0};
        instnorm_forward(INSTNORM_INSTANCE, 0, &shape, x, gamma, beta, 1e-5, y, mean, rstd);
        loss = mean_squared_error(y, wanted, dy);
        if (step % 20 == 0)
            printf("step %2d  loss %.3e  gamma %.4f %.4f %.4f  beta %.4f %.4f %.4f\n", step, loss, (double)gamma[0],
                   (double)gamma[1], (double)gamma[2], (double)beta[0], (double)beta[1], (double)beta[2]);
        instnorm_backward(INSTNORM_INSTANCE, 0, &shape, x, dy, gamma, mean, rstd, NULL, dgamma, dbeta);
        for (size_t c = 0; c < C; c++) {
            gamma[c] -= (float)(rate * dgamma[c]);
            beta[c] -= (float)(rate * dbeta[c]);
        }
    }
    return loss < 1e-6 ? 0 : 1;
}
