/*
 * How far the results of normalization layers are from the exact ones.
 *
 *     accuracy write FOLDER N,C,H,W     K.x, gamma and beta for each case K, and a list of the cases
 *     accuracy table FOLDER N,C,H,W     reads K.torch and K.ort, what others made of K.x, where they are there
 *
 * Files hold float32 numbers as they are in memory. The exact y is worked out in long double, the variance in two passes.
 * Exit status 1 if a result of the library is off by more than instnorm.h allows.
 */
#include "instnorm.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct test {
    const char *label; /* |mean| / std of x, and gamma */
    double mean;
    float gamma;
};

/* The deviation is 1. The last row is what a large gamma does to the errors. */
static const struct test tests[] = {
    {"0", 0, 1}, {"2.5", 2.5, 1}, {"100", 100, 1}, {"1e3", 1e3, 1}, {"1e4", 1e4, 1}, {"1e6", 1e6, 1}, {"2.5", 2.5, 1000},
};
enum { TESTS = sizeof tests / sizeof *tests };

static const double eps = 1e-5;

static void fail(const char *what, const char *which)
{
    fprintf(stderr, "accuracy: %s: %s\n", which, what);
    exit(2);
}

static void *must_alloc(size_t n)
{
    void *p = malloc(n);
    if (!p)
        fail("out of memory", "malloc");
    return p;
}

static FILE *open_file(const char *folder, size_t k, const char *kind, const char *mode)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%zu.%s", folder, k, kind);
    return fopen(path, mode);
}

/* Normal numbers: sums of 12 uniform ones (splitmix64), the same in each run; x lies around mean, at deviation 1. */
static void fill(uint64_t seed, double mean, float *x, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        double sum = -6;
        for (int k = 0; k < 12; k++) {
            uint64_t z = seed += 0x9e3779b97f4a7c15u;
            z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
            z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
            sum += (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
        }
        x[i] = (float)(mean + sum);
    }
}

static size_t samples(const struct instnorm_shape *s)
{
    return s->n * s->c * s->h * s->w;
}

static void write_floats(const char *folder, size_t k, const char *kind, const float *x, size_t n)
{
    FILE *f = open_file(folder, k, kind, "wb");
    if (!f || fwrite(x, sizeof *x, n, f) != n || fclose(f) != 0)
        fail("cannot write", folder);
}

/* 0 if there is no such file. */
static int read_floats(const char *folder, size_t k, const char *kind, float *x, size_t n)
{
    FILE *f = open_file(folder, k, kind, "rb");
    if (!f)
        return 0;
    if (fread(x, sizeof *x, n, f) != n || fgetc(f) != EOF)
        fail("is not of the size of x", kind);
    fclose(f);
    return 1;
}

static void write_cases(const char *folder, const struct instnorm_shape *s)
{
    float *x = must_alloc(samples(s) * sizeof *x), *row = must_alloc(s->c * sizeof *row);
    for (size_t k = 0; k < TESTS; k++) {
        fill(k, tests[k].mean, x, samples(s));
        write_floats(folder, k, "x", x, samples(s));
        for (size_t c = 0; c < s->c; c++)
            row[c] = tests[k].gamma;
        write_floats(folder, k, "gamma", row, s->c);
        for (size_t c = 0; c < s->c; c++)
            row[c] = 0;
        write_floats(folder, k, "beta", row, s->c);
    }
    free(x);
    free(row);
}

/* The exact map of a plane. */
static void exact_map(const float *x, size_t n, float gamma, long double *scale, long double *shift)
{
    long double mean = 0, squares = 0;
    for (size_t i = 0; i < n; i++)
        mean += x[i];
    mean /= n;
    for (size_t i = 0; i < n; i++)
        squares += (x[i] - mean) * (x[i] - mean);
    *scale = gamma / sqrtl(squares / n + eps);
    *shift = -mean * *scale;
}

/* The largest error of y, and the largest one in parts of what instnorm.h allows, in *part. NaN is kept. */
static double largest_error(const struct instnorm_shape *s, const float *x, float gamma, const float *y, double *bound,
                            double *part)
{
    size_t plane = s->h * s->w;
    long double worst = 0, scale = 0, shift = 0, allowed = 0, share = 0;
    for (size_t i = 0; i < samples(s); i++) {
        if (i % plane == 0)
            exact_map(x + i, plane, gamma, &scale, &shift);
        long double want = x[i] * scale + shift, error = fabsl(y[i] - want);
        long double room = 0x1p-24L * fabsl(want) + 0x1p-50L * (fabsl(x[i] * scale) + fabsl(shift)) + 0x1p-150L;
        worst = error > worst || isnan(error) ? error : worst;
        allowed = fmaxl(allowed, room);
        share = error / room > share || isnan(error) ? error / room : share;
    }
    *bound = (double)allowed;
    *part = (double)share;
    return (double)worst;
}

static void print_peer(const char *folder, size_t k, const char *kind, const struct instnorm_shape *s, const float *x,
                       float *y)
{
    double bound, part;
    if (read_floats(folder, k, kind, y, samples(s)))
        printf(" %12.2e", largest_error(s, x, tests[k].gamma, y, &bound, &part));
    else
        printf(" %12s", "-");
}

/* Whether the library keeps its bound. */
static int print_row(const char *folder, size_t k, const struct instnorm_shape *s, float *x, float *y)
{
    double bound, part;
    float *gamma = must_alloc(s->c * sizeof *gamma);
    for (size_t c = 0; c < s->c; c++)
        gamma[c] = tests[k].gamma;
    if (!read_floats(folder, k, "x", x, samples(s)))
        fail("no x: accuracy write comes first", folder);
    enum instnorm_status status = instnorm_forward(INSTNORM_INSTANCE, 0, s, x, gamma, NULL, eps, y, NULL, NULL);
    if (status != INSTNORM_OK)
        fail(instnorm_status_string(status), "instnorm_forward");
    double error = largest_error(s, x, tests[k].gamma, y, &bound, &part);
    printf("%12s %8g %12.2e %12.2e", tests[k].label, (double)tests[k].gamma, bound, error);
    print_peer(folder, k, "torch", s, x, y);
    print_peer(folder, k, "ort", s, x, y);
    printf("   %s\n", part <= 1 ? "yes" : "NO");
    free(gamma);
    return part <= 1;
}

static int print_table(const char *folder, const struct instnorm_shape *s)
{
    float *x = must_alloc(samples(s) * sizeof *x), *y = must_alloc(samples(s) * sizeof *y);
    int kept = 1;
    printf("largest error of y, float32 [%zu,%zu,%zu,%zu], eps %g, against long double\n", s->n, s->c, s->h, s->w, eps);
    printf("%12s %8s %12s %12s %12s %12s   %s\n", "|mean|/std", "gamma", "bound", "instnorm", "PyTorch", "ONNX Runtime",
           "each sample within its bound");
    for (size_t k = 0; k < TESTS; k++)
        kept &= print_row(folder, k, s, x, y);
    free(x);
    free(y);
    return kept;
}

int main(int argc, char **argv)
{
    struct instnorm_shape s = {0};
    if (argc != 4 || sscanf(argv[3], "%zu,%zu,%zu,%zu", &s.n, &s.c, &s.h, &s.w) != 4 || samples(&s) == 0) {
        fprintf(stderr, "usage: accuracy write|table FOLDER N,C,H,W\n");
        return 2;
    }
    if (strcmp(argv[1], "write") == 0)
        write_cases(argv[2], &s);
    else
        return print_table(argv[2], &s) ? 0 : 1;
    return 0;
}
