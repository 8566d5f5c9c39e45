/*
 * What the sample scenes share: colour and vector arithmetic, noise, and a picture to render into.
 *
 * Colours are linear light, 0..1, until render() writes them sRGB-encoded into a picture.
 * Everything is a pure function of its arguments, so the pictures come out the same on every run.
 */
#ifndef SCENE_H
#define SCENE_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

struct vec {
    double x, y, z; /* a point, a direction, or red, green, blue */
};

struct picture {
    int width, height;
    uint16_t *rgb; /* [height][width][3], sRGB-encoded, 0..65535 */
};

/* Colour at x in 0..width/height (rightwards) and y in 0..1 (downwards). */
typedef struct vec shader(double x, double y);

shader shade_dusk, shade_fog, shade_portrait, shade_room, shade_sky, shade_tissue;

/* min, max and norm are fmin, fmax and hypot without their care for NaN and overflow, for speed. */
static inline double min(double a, double b)
{
    return a < b ? a : b;
}

static inline double max(double a, double b)
{
    return a > b ? a : b;
}

static inline double norm(double x, double y)
{
    return sqrt(x * x + y * y);
}

static inline struct vec vec(double x, double y, double z)
{
    return (struct vec){x, y, z};
}

static inline struct vec add(struct vec a, struct vec b)
{
    return vec(a.x + b.x, a.y + b.y, a.z + b.z);
}

static inline struct vec sub(struct vec a, struct vec b)
{
    return vec(a.x - b.x, a.y - b.y, a.z - b.z);
}

static inline struct vec mul(struct vec a, struct vec b)
{
    return vec(a.x * b.x, a.y * b.y, a.z * b.z);
}

static inline struct vec scale(struct vec a, double s)
{
    return vec(a.x * s, a.y * s, a.z * s);
}

static inline double dot(struct vec a, struct vec b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

static inline double length(struct vec a)
{
    return sqrt(dot(a, a));
}

static inline struct vec normalize(struct vec a)
{
    return scale(a, 1 / length(a));
}

static inline double clamp01(double v)
{
    return min(max(v, 0), 1);
}

static inline double mix(double a, double b, double t)
{
    return a + (b - a) * t;
}

static inline struct vec blend(struct vec a, struct vec b, double t)
{
    return add(scale(a, 1 - t), scale(b, t));
}

/* 0 below lo, 1 above hi, smooth between; with lo > hi it falls instead. */
static inline double ramp(double lo, double hi, double v)
{
    double t = clamp01((v - lo) / (hi - lo));

    return t * t * (3 - 2 * t);
}

/* exp(-(v/width)^2) */
static inline double bump(double v, double width)
{
    return exp(-(v / width) * (v / width));
}

/* Linear colour of an sRGB hex triple, 0xRRGGBB. */
struct vec hex(uint32_t rgb);

/* Uniform in 0..1, from an integer lattice point. */
double hash(int x, int y, uint32_t seed);

/* Value noise in 0..1 with continuous second derivatives, one feature per unit. */
double noise(double x, double y, uint32_t seed);

/* Sum of octaves of noise, in 0..1 with mean near 0.5. */
double fbm(double x, double y, int octaves, uint32_t seed);

/* Averages grid*grid samples of the shader in every pixel. */
void render(struct picture *out, shader *shade, int grid);

/* Both return 0, or -1 with errno or a codec's message printed on stderr. depth is 8 or 16. */
int write_png(const char *path, const struct picture *in, int depth);
int write_jpeg(const char *path, const struct picture *in);

#endif
