/*
 * Prints the exact sums of pictures of all types of samples in each colour space, and the numbers that they come to, bit
 * for bit: for a comparison of compilers and processors. Whole numbers make the pictures, so that they are the same
 * everywhere.
 */
#include "engine/picture.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNELS = 4, W_MOST = 5003, SAMPLES = 3 * W_MOST * CHANNELS };

static uint64_t state = 14;

/* 32 bits of Knuth's MMIX generator. */
static uint32_t next(void)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(state >> 32);
}

/* In units of the type: integers anywhere in its range; floats from 0 to 1 around a mean far from it, some of them NaN. */
static double any_sample(enum sample sample)
{
    if (!sample_is_float(sample))
        return floor(sample_least(sample) + (sample_unit(sample) - sample_least(sample) + 1) * (next() * 0x1p-32));
    return next() % 1000 == 0 ? NAN : 0.25 + 0.5 * (next() * 0x1p-32) + (next() % 7 == 0 ? 0x1p-40 * next() : 0);
}

static void fill(void *samples, enum sample sample, unsigned channels, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool is_alpha = channels == CHANNELS && i % channels == CHANNELS - 1;
        double value = is_alpha ? sample_nearest(sample_unit(sample) * (next() % 3) / 2, sample) : any_sample(sample);
        samples_put(&value, 1, sample, (char *)samples + i * sample_size(sample));
    }
}

/* Adds a picture; its alpha, if there is any, weighs half of its pixels by a half or by nothing. */
static bool add(struct picture *picture, const struct instnorm_space *space, enum sample sample, unsigned channels,
                size_t width, struct pooled *pool, struct why *why)
{
    static double memory[SAMPLES];
    const size_t height = 3;
    const struct picture_info info = {.width = width,
                                      .height = height,
                                      .channels = channels,
                                      .sample = sample,
                                      .unit = sample_unit(sample),
                                      .alpha = channels == CHANNELS ? ALPHA_STRAIGHT : ALPHA_NONE,
                                      .depth = (unsigned)(8 * sample_size(sample))};
    const struct rows rows = rows_interleaved(memory, sample, channels, width, height);
    struct memory_picture from;
    struct request request = request_default();
    struct map page = {0};
    struct result result = {0};
    request.space = space;
    request.pooled = request.covariance = true;
    const struct picture_task task = {.request = &request, .rows = &from.base, .page = &page};
    fill(memory, sample, channels, width * height * channels);
    memory_picture_open(&from, &info, &rows);
    bool ok =
        picture_begin(picture, &task, why) && picture_measure(picture, &result, why) && result_pool(&result, pool, why);
    result_free(&result);
    return ok;
}

static void print_sum(const char *name, const struct dyadic *sum)
{
    struct growing text = {0};
    dyadic_write(sum, &text);
    printf(" %s %.*s", name, text.lacks ? 0 : (int)text.n, text.lacks ? "" : text.text);
    growing_free(&text);
}

static void print_number(const char *name, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    printf(" %s %016" PRIx64, name, isnan(number) ? 0 : bits);
}

static void print_unit(const struct pooled_unit *u, unsigned colours)
{
    printf("unit %.0f\n", u->unit);
    for (unsigned c = 0; c < colours; c++) {
        print_sum("weight", &u->channel[c].weight);
        print_sum("sum", &u->channel[c].sum);
        print_sum("squares", &u->channel[c].squares);
        print_sum("means", &u->channel[c].means);
        print_sum("stds", &u->channel[c].stds);
        printf("\n");
    }
    for (size_t k = 0; k < sums_pairs(colours); k++) {
        print_sum("weight", &u->pair[k].weight);
        print_sum("x", &u->pair[k].x);
        print_sum("y", &u->pair[k].y);
        print_sum("products", &u->pair[k].products);
        printf("\n");
    }
}

static bool print_numbers(const struct pooled *p, struct why *why)
{
    double matrix[3 * 3], mean, std;
    struct moments_numbers n;
    for (unsigned c = 0; c < p->colours; c++) {
        if (!pooled_numbers(p, c, &n, why) || !pooled_means(p, c, &mean, &std, why))
            return false;
        print_number("mean", n.mean);
        print_number("variance", n.variance);
        print_number("std", n.std);
        print_number("least", n.min);
        print_number("most", n.max);
        print_number("means", mean);
        print_number("stds", std);
        printf(" skipped %" PRIu64 "\n", p->range[c].skipped);
    }
    bool ok = pooled_covariance(p, matrix, why);
    for (int i = 0; ok && i < 3 * 3; i++)
        print_number("", matrix[i]);
    printf("\n");
    return ok;
}

/* The types of pictures, and in rgb those of tensors, too. */
static bool print_space(const struct instnorm_space *space, struct why *why)
{
    static const size_t widths[] = {1, 37, 640, W_MOST};
    struct picture picture = {0};
    struct pooled pool = {0};
    bool ok = true;
    printf("%s\n", space->name);
    for (enum sample sample = SAMPLE_U8; ok && sample <= SAMPLE_LAST; sample++)
        for (int i = 0; ok && (sample <= SAMPLE_F32 || strcmp(space->name, "rgb") == 0) && i < 8; i++)
            ok = add(&picture, space, sample, i % 2 ? CHANNELS : 3, widths[i / 2], &pool, why);
    for (size_t i = 0; ok && i < pool.units; i++)
        print_unit(&pool.unit[i], pool.colours);
    ok = ok && pool.colours == 3 && print_numbers(&pool, why);
    pooled_free(&pool);
    picture_free(&picture);
    return ok;
}

int main(void)
{
    const struct instnorm_space *space;
    struct why why = {""};
    for (size_t i = 0; (space = instnorm_space_at(i)) != NULL; i++)
        if (!print_space(space, &why)) {
            fprintf(stderr, "pool_bytes: %s: %s\n", space->name, why.text);
            return 1;
        }
    return fflush(stdout) == 0 ? 0 : 1;
}
