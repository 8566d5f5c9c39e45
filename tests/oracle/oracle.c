/*
 * An independent check of a normalized PNG: the definition in plain loops, long double sums, and no code of the project.
 *
 *     oracle [-g LIST] [-b LIST] [-e EPS] [-N instance|layer] [-t MAXDIFF] IN.png OUT.png
 *     oracle -m [-g LIST] [-b LIST] [-N instance|layer] OUT.png
 *
 * y = (x - mean) / sqrt(variance + eps) * gamma + beta, clamped and rounded half to even; alpha weighs and stays. LIST has
 * one item, or one a colour channel: a number, or `keep`, the measured value (with eps 0). Exit status 1 if a sample
 * differs by more than MAXDIFF (1), or more than one in a million differ. -m instead asks OUT for the mean within 0.5 / 255
 * of beta and the standard deviation within 1 % of gamma.
 */
#include <png.h>

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COLOURS_MAX = 3 };

#define TIE 1e-6L /* of a sample */

struct image {
    size_t pixels;
    png_uint_32 width, height;
    unsigned channels, colours; /* all, and those that are not alpha */
    long double max;            /* the sample that means 1.0 */
    uint16_t *sample;           /* [pixels, channels] */
};

struct moments {
    long double weight, mean, variance;
    int constant;
};

struct list {
    size_t n;
    int keep[COLOURS_MAX];
    long double value[COLOURS_MAX];
};

static void fail(const char *name, const char *message)
{
    fprintf(stderr, "oracle: %s: %s\n", name, message);
    exit(2);
}

static void *must_alloc(size_t n, size_t size)
{
    void *p = calloc(n, size);
    if (!p)
        fail("memory", "exhausted");
    return p;
}

/* ---- decoding ---------------------------------------------------------------------------------------------------- */

static void on_error(png_structp png, png_const_charp message)
{
    fail(png_get_error_ptr(png), message);
}

static void on_warning(png_structp png, png_const_charp message)
{
    (void)png;
    (void)message;
}

/* 16 bits are stored with the high byte first. */
static uint16_t sample_of(png_const_bytep row, size_t i, int depth)
{
    return depth == 16 ? (uint16_t)(row[2 * i] << 8 | row[2 * i + 1]) : row[i];
}

static void copy_samples(struct image *p, png_bytepp rows, int depth)
{
    size_t row = (size_t)p->width * p->channels;
    for (size_t y = 0; y < p->height; y++)
        for (size_t i = 0; i < row; i++)
            p->sample[y * row + i] = sample_of(rows[y], i, depth);
}

static struct image decode(char *name)
{
    struct image p = {0};
    FILE *file = fopen(name, "rb");
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, name, on_error, on_warning);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!file || !info)
        fail(name, "cannot be opened");
    png_init_io(png, file);
    png_read_png(png, info, PNG_TRANSFORM_EXPAND, NULL);
    int depth = png_get_bit_depth(png, info);
    p.width = png_get_image_width(png, info);
    p.height = png_get_image_height(png, info);
    p.pixels = (size_t)p.width * p.height;
    p.channels = png_get_channels(png, info);
    p.colours = p.channels < 3 ? 1 : 3;
    p.max = depth == 16 ? 65535 : 255;
    p.sample = must_alloc(p.pixels * p.channels, sizeof *p.sample);
    copy_samples(&p, png_get_rows(png, info), depth);
    png_destroy_read_struct(&png, &info, NULL);
    fclose(file);
    return p;
}

/* ---- the definition ---------------------------------------------------------------------------------------------- */

static long double value_of(const struct image *p, size_t i, unsigned c)
{
    return p->sample[i * p->channels + c] / p->max;
}

static long double weight_of(const struct image *p, size_t i)
{
    return p->channels == p->colours ? 1 : value_of(p, i, p->colours);
}

/* Channels first..last - 1 together, in two passes. */
static struct moments measure(const struct image *p, unsigned first, unsigned last)
{
    struct moments m = {.constant = 1};
    long double seen = -1;
    for (unsigned c = first; c < last; c++)
        for (size_t i = 0; i < p->pixels; i++) {
            long double w = weight_of(p, i), x = value_of(p, i, c);
            m.weight += w;
            m.mean += w * x;
            if (w > 0 && seen >= 0 && x != seen)
                m.constant = 0;
            if (w > 0)
                seen = x;
        }
    if (m.weight == 0)
        return m;
    m.mean /= m.weight;
    for (unsigned c = first; c < last; c++)
        for (size_t i = 0; i < p->pixels; i++) {
            long double d = value_of(p, i, c) - m.mean;
            m.variance += weight_of(p, i) * d * d;
        }
    m.variance /= m.weight;
    return m;
}

static struct moments measure_channel(const struct image *p, unsigned c, int layer)
{
    return layer ? measure(p, 0, p->colours) : measure(p, c, c + 1);
}

/* eps < 0 is the default. */
static long double normalize(const struct moments *m, long double x, const struct list *gamma, const struct list *beta,
                             long double eps, unsigned c)
{
    size_t g = gamma->n == 1 ? 0 : c, b = beta->n == 1 ? 0 : c;
    long double std = gamma->keep[g] ? sqrtl(m->variance) : gamma->value[g];
    long double mean = beta->keep[b] ? m->mean : beta->value[b];
    if (eps < 0)
        eps = gamma->keep[g] ? 0 : 1e-5L;
    if (gamma->keep[g] && beta->keep[b])
        return x;
    if (m->constant || m->variance + eps == 0)
        return mean;
    return (x - m->mean) / sqrtl(m->variance + eps) * std + mean;
}

/* A sample of `max`: clamped, rounded half to even. */
static long quantize(long double y, long double max)
{
    return (long)nearbyintl(y < 0 ? 0 : y > max ? max : y);
}

/* How far a sample is from y. Within TIE of a half, where the rounding of a sum in double decides, either side is right. */
static long distance(long sample, long double y, long double max)
{
    long low = quantize(y * max - TIE, max), high = quantize(y * max + TIE, max);
    return sample < low ? low - sample : sample > high ? sample - high : 0;
}

/* ---- comparing --------------------------------------------------------------------------------------------------- */

struct difference {
    size_t samples, differing;
    long max;
};

static void compare_channel(const struct image *in, const struct image *out, unsigned c, const struct moments *m,
                            const struct list *gamma, const struct list *beta, long double eps, struct difference *d)
{
    int colour = c < in->colours && m->weight > 0;
    for (size_t i = 0; i < in->pixels; i++) {
        long double x = value_of(in, i, c);
        long double y = colour ? normalize(m, x, gamma, beta, eps, c) : x;
        long off = distance(out->sample[i * out->channels + c], y, out->max);
        d->samples++;
        d->differing += off > 0;
        if (off > d->max)
            d->max = off;
    }
}

static int compare(char *const name[], const struct list *gamma, const struct list *beta, long double eps, int layer,
                   long allowed)
{
    struct image in = decode(name[0]), out = decode(name[1]);
    struct difference d = {0};

    if (in.width != out.width || in.height != out.height || in.channels != out.channels)
        fail(name[1], "has another width, height or number of channels");
    for (unsigned c = 0; c < in.channels; c++) {
        struct moments m = c < in.colours ? measure_channel(&in, c, layer) : (struct moments){0};
        compare_channel(&in, &out, c, &m, gamma, beta, eps, &d);
    }
    printf("%s: %zu samples, %zu differ, max diff %ld\n", name[1], d.samples, d.differing, d.max);
    free(in.sample);
    free(out.sample);
    return d.max > allowed || d.differing > d.samples / 1000000;
}

/* Whether the picture has the mean and the deviation asked for. Written so that NaN fails. */
static int check_moments(char *name, const struct list *gamma, const struct list *beta, int layer)
{
    struct image p = decode(name);
    int bad = 0;

    printf("%s:", name);
    for (unsigned c = 0; c < (layer ? 1 : p.colours); c++) {
        struct moments m = measure_channel(&p, c, layer);
        long double std = gamma->value[gamma->n == 1 ? 0 : c], mean = beta->value[beta->n == 1 ? 0 : c];
        printf(" mean %.5Lf std %.5Lf", m.mean, sqrtl(m.variance));
        bad |= !(fabsl(m.mean - mean) <= 0.5L / 255) || !(fabsl(sqrtl(m.variance) - std) <= std / 100);
    }
    printf("\n");
    free(p.sample);
    return bad;
}

/* ---- the command line -------------------------------------------------------------------------------------------- */

static long double number(const char *text)
{
    char *end;
    long double value = strtold(text, &end);
    if (end == text || *end)
        fail(text, "expected a number");
    return value;
}

static struct list parse_list(char *text)
{
    struct list list = {0};
    for (char *item; (item = strsep(&text, ",")); list.n++) {
        if (list.n == COLOURS_MAX)
            fail(item, "expected at most three values");
        list.keep[list.n] = strcmp(item, "keep") == 0;
        list.value[list.n] = list.keep[list.n] ? 0 : number(item);
    }
    return list;
}

int main(int argc, char **argv)
{
    struct list gamma = {.n = 1, .value = {0.25L}}, beta = {.n = 1, .value = {0.5L}};
    long double eps = -1, allowed = 1;
    int layer = 0, moments = 0;

    for (int key; (key = getopt(argc, argv, "g:b:e:N:t:m")) != -1;) {
        if (key == 'g')
            gamma = parse_list(optarg);
        else if (key == 'b')
            beta = parse_list(optarg);
        else if (key == 'e')
            eps = number(optarg);
        else if (key == 't')
            allowed = number(optarg);
        else if (key == 'm')
            moments = 1;
        else if (key == 'N' && (strcmp(optarg, "layer") == 0 || strcmp(optarg, "instance") == 0))
            layer = optarg[0] == 'l';
        else
            fail("usage", "oracle [-m] [-g LIST] [-b LIST] [-e EPS] [-N instance|layer] [-t MAXDIFF] IN.png OUT.png");
    }
    if (argc - optind != (moments ? 1 : 2))
        fail("usage", "expected IN.png OUT.png, or -m OUT.png");
    if (moments)
        return check_moments(argv[optind], &gamma, &beta, layer);
    return compare(argv + optind, &gamma, &beta, eps, layer, (long)allowed);
}
