/*
 * Seconds of memcpy and of instnorm_forward on tensors that are in memory already, with one and with several threads.
 *
 *     kernels THREADS CALLS N,C,H,W...
 *
 * Prints for each shape the median seconds of memcpy and of the forward pass. Threads share the planes (samples/threads.c).
 */
#include "instnorm.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { THREADS_MAX = 16, CALLS_MAX = 1001 };

struct part {
    const struct instnorm_shape *shape;
    const float *x, *gamma, *beta;
    float *y;
    size_t first, last; /* planes */
    int copy;
};

static void *run_part(void *argument)
{
    struct part *p = argument;
    size_t all = p->shape->c, plane = p->shape->h * p->shape->w;
    if (p->copy) {
        memcpy(p->y + p->first * plane, p->x + p->first * plane, (p->last - p->first) * plane * sizeof *p->y);
        return NULL;
    }
    for (size_t i = p->first; i < p->last;) {
        size_t c = i % all, channels = all - c < p->last - i ? all - c : p->last - i;
        struct instnorm_shape shape = {.n = 1, .c = channels, .h = p->shape->h, .w = p->shape->w};
        instnorm_forward(INSTNORM_INSTANCE, 0, &shape, p->x + i * plane, p->gamma + c, p->beta + c, 1e-5, p->y + i * plane,
                         NULL, NULL);
        i += channels;
    }
    return NULL;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double once(struct part whole, size_t threads)
{
    struct part part[THREADS_MAX];
    pthread_t thread[THREADS_MAX];
    size_t planes = whole.last;
    double start = now();
    for (size_t t = 0; t < threads; t++) {
        part[t] = whole;
        part[t].first = planes * t / threads;
        part[t].last = planes * (t + 1) / threads;
        if (t + 1 < threads && pthread_create(&thread[t], NULL, run_part, &part[t]) != 0)
            exit(1);
    }
    run_part(&part[threads - 1]);
    for (size_t t = 0; t + 1 < threads; t++)
        pthread_join(thread[t], NULL);
    return now() - start;
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double median(struct part part, size_t threads, size_t calls)
{
    static double seconds[CALLS_MAX];
    once(part, threads);
    for (size_t i = 0; i < calls; i++)
        seconds[i] = once(part, threads);
    qsort(seconds, calls, sizeof *seconds, compare);
    return seconds[calls / 2];
}

int main(int argc, char **argv)
{
    size_t threads = argc > 2 ? strtoul(argv[1], NULL, 10) : 0, calls = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    if (threads < 1 || threads > THREADS_MAX || calls < 1 || calls > CALLS_MAX)
        return 2;
    for (int i = 3; i < argc; i++) {
        struct instnorm_shape s = {0};
        if (sscanf(argv[i], "%zu,%zu,%zu,%zu", &s.n, &s.c, &s.h, &s.w) != 4)
            return 2;
        size_t n = s.n * s.c * s.h * s.w;
        float *x = malloc(n * sizeof *x), *y = malloc(n * sizeof *y), *parameters = malloc(2 * s.c * sizeof *parameters);
        if (!x || !y || !parameters)
            return 1;
        for (size_t k = 0; k < n; k++)
            x[k] = (float)(k * 2654435761u % 65521) / 65521;
        for (size_t k = 0; k < 2 * s.c; k++)
            parameters[k] = (float)k / 7;
        memset(y, 0, n * sizeof *y);
        struct part part = {&s, x, parameters, parameters + s.c, y, 0, s.n * s.c, 1};
        double copy = median(part, threads, calls);
        part.copy = 0;
        printf("%s %.9f %.9f\n", argv[i], copy, median(part, threads, calls));
        free(x);
        free(y);
        free(parameters);
    }
    return 0;
}
