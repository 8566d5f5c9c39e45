/*
 * How a caller splits a tensor among threads: the library starts none, and planes are independent.
 *
 *     cc -O2 -pthread -Iinclude -o threads samples/threads.c build/libinstnorm.a -lm && ./threads 4
 *
 * Normalizes a tensor with one thread and with several, and says whether the bytes are the same: they are.
 */
#include "instnorm.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { THREADS_MAX = 64 };

/* Planes first <= n * C + c < last of a dense tensor. */
struct part {
    const struct instnorm_shape *shape;
    const float *x, *gamma, *beta;
    float *y;
    size_t first, last;
    enum instnorm_status status;
};

/* Runs of channels of one sample: each is a tensor [1, channels, H, W] of its own. */
static void *normalize_part(void *argument)
{
    struct part *p = argument;
    size_t c_all = p->shape->c, plane = p->shape->h * p->shape->w;

    for (size_t i = p->first; i < p->last && p->status == INSTNORM_OK;) {
        size_t c = i % c_all, channels = c_all - c < p->last - i ? c_all - c : p->last - i;
        struct instnorm_shape shape = {.n = 1, .c = channels, .h = p->shape->h, .w = p->shape->w};
        p->status = instnorm_forward(INSTNORM_INSTANCE, 0, &shape, p->x + i * plane, p->gamma + c, p->beta + c, 1e-5,
                                     p->y + i * plane, NULL, NULL);
        i += channels;
    }
    return NULL;
}

static enum instnorm_status normalize(const struct instnorm_shape *shape, const float *x, const float *gamma,
                                      const float *beta, float *y, size_t threads)
{
    struct part part[THREADS_MAX];
    pthread_t thread[THREADS_MAX];
    size_t planes = shape->n * shape->c, started = 0;

    for (size_t t = 0; t < threads; t++)
        part[t] = (struct part){shape, x, gamma, beta, y, planes * t / threads, planes * (t + 1) / threads, INSTNORM_OK};
    while (started + 1 < threads && pthread_create(&thread[started], NULL, normalize_part, &part[started]) == 0)
        started++;
    for (size_t t = started; t < threads; t++) /* the last part is ours, and those that found no thread */
        normalize_part(&part[t]);
    for (size_t t = 0; t < started; t++)
        pthread_join(thread[t], NULL);
    for (size_t t = 0; t < threads; t++)
        if (part[t].status != INSTNORM_OK)
            return part[t].status;
    return INSTNORM_OK;
}

int main(int argc, char **argv)
{
    struct instnorm_shape shape = {.n = 3, .c = 5, .h = 301, .w = 203};
    size_t planes = shape.n * shape.c, samples = planes * shape.h * shape.w;
    size_t threads = argc > 1 ? strtoul(argv[1], NULL, 10) : 4;
    float *x = malloc(samples * sizeof *x), *one = malloc(samples * sizeof *one), *many = malloc(samples * sizeof *many);
    float gamma[] = {1, 2, 0.5f, 3, 1}, beta[] = {0, 1, -1, 0.25f, 7};

    if (!x || !one || !many || threads < 1 || threads > THREADS_MAX)
        return 2;
    for (size_t i = 0; i < samples; i++)
        x[i] = (float)(i * 2654435761u % 65521) / 65521;
    enum instnorm_status a = normalize(&shape, x, gamma, beta, one, 1),
                         b = normalize(&shape, x, gamma, beta, many, threads);
    if (a != INSTNORM_OK || b != INSTNORM_OK) {
        fprintf(stderr, "threads: %s\n", instnorm_status_string(a != INSTNORM_OK ? a : b));
        return 1;
    }
    int same = memcmp(one, many, samples * sizeof *one) == 0;
    printf("%zu planes, %zu threads: %s\n", planes, threads,
           same ? "the same bytes as with one" : "other bytes than with one");
    free(x);
    free(one);
    free(many);
    return same ? 0 : 1;
}
