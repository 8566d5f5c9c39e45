/*
 * The library on a whole tensor, to be compared byte by byte with what the tool made of it:
 *
 *     same_bytes KIND GROUPS N C H W EPS GAMMA BETA <samples >normalized
 *
 * KIND is the number of enum instnorm_kind; the samples are float32, low bytes first, without a header; GAMMA and BETA are
 * lists of C numbers between commas, or "-" for none. EPS is the tool's --eps.
 */
#include "instnorm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void die(const char *what)
{
    fprintf(stderr, "same_bytes: %s\n", what);
    exit(2);
}

static size_t number(const char *text)
{
    char *end;
    unsigned long long n = strtoull(text, &end, 10);
    if (end == text || *end)
        die("expected a number");
    return (size_t)n;
}

/* NULL if the text is "-". */
static float *list(const char *text, size_t n)
{
    if (strcmp(text, "-") == 0)
        return NULL;
    float *values = malloc(n * sizeof *values);
    for (size_t i = 0; values && i < n; i++) {
        char *end;
        values[i] = strtof(text, &end);
        if (end == text || *end != (i + 1 < n ? ',' : '\0'))
            die("expected a list of C numbers");
        text = end + 1;
    }
    return values;
}

/* From the bytes of a file to floats, and back: nothing to do where the machine is little-endian. */
static void swap_if_big(float *x, size_t n)
{
    const uint32_t one = 1;
    if (*(const unsigned char *)&one == 1)
        return;
    for (size_t i = 0; i < n; i++) {
        unsigned char from[4], to[4];
        memcpy(from, &x[i], 4);
        for (int b = 0; b < 4; b++)
            to[b] = from[3 - b];
        memcpy(&x[i], to, 4);
    }
}

int main(int argc, char **argv)
{
    if (argc != 10)
        die("usage: same_bytes KIND GROUPS N C H W EPS GAMMA BETA");
    enum instnorm_kind kind = (enum instnorm_kind)number(argv[1]);
    struct instnorm_shape shape = {.n = number(argv[3]), .c = number(argv[4]), .h = number(argv[5]), .w = number(argv[6])};
    size_t samples = shape.n * shape.c * shape.h * shape.w;
    float *x = malloc(samples * sizeof *x), *gamma = list(argv[8], shape.c), *beta = list(argv[9], shape.c);
    if (!x || fread(x, sizeof *x, samples, stdin) != samples || getchar() != EOF)
        die("the input is not of that shape");
    swap_if_big(x, samples);
    enum instnorm_status status =
        instnorm_forward(kind, number(argv[2]), &shape, x, gamma, beta, strtod(argv[7], NULL), x, NULL, NULL);
    if (status != INSTNORM_OK)
        die(instnorm_status_string(status));
    swap_if_big(x, samples);
    if (fwrite(x, sizeof *x, samples, stdout) != samples || fflush(stdout) != 0)
        die("cannot write");
    free(x);
    free(gamma);
    free(beta);
    return 0;
}
