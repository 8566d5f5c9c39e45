/*
 * Prints a hash of the numbers that libinstnorm makes of fixed tensors: moments, forward, backward, running statistics and
 * inference, of every kind; and of fixed samples: colours in every space, and the fit of pairs; both of ordinary samples
 * and of zeros of either sign, NaN and infinities among them. Builds whose results are the same to the bit print the same
 * line, whatever the byte order of the machine. NaN is NaN: its sign and payload are not promised.
 *
 *     library_bytes
 */
#include "instnorm.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Rows of odd width; rows that share a block and rows that are wider than one. */
static const struct instnorm_shape shapes[] = {
    {.n = 2, .c = 6, .h = 37, .w = 203},
    {.n = 3, .c = 4, .h = 5, .w = 7, .stride_n = 331, .stride_c = 71, .stride_h = 11},
    {.n = 1, .c = 2, .h = 3, .w = 9001},
    {.n = 4, .c = 2, .h = 1, .w = 1},
};
enum { SHAPES = sizeof shapes / sizeof *shapes, SAMPLES_MAX = 1 << 17, PLANES_MAX = 16, GROUPS = 2 };

static float x[SAMPLES_MAX], dy[SAMPLES_MAX], y[SAMPLES_MAX];
static double wide[SAMPLES_MAX];
static uint8_t y8[SAMPLES_MAX];
static uint16_t y16[SAMPLES_MAX];
static uint64_t hash = 0xcbf29ce484222325u;

/* FNV-1a, 64 bits, of the low bytes first. */
static void add(uint64_t number, int bytes)
{
    for (; bytes > 0; bytes--, number >>= 8)
        hash = (hash ^ (number & 0xff)) * 0x100000001b3u;
}

static void add_floats(const float *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t bits;
        memcpy(&bits, &v[i], sizeof bits);
        add(isnan(v[i]) ? 0x7fc00000u : bits, 4);
    }
}

static void add_doubles(const double *v, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t bits;
        memcpy(&bits, &v[i], sizeof bits);
        add(isnan(v[i]) ? 0x7ff8000000000000u : bits, 8);
    }
}

static void add_moments(const struct instnorm_moments *m)
{
    const double numbers[] = {m->weight, m->mean, m->m2, m->min, m->max, (double)m->skipped};
    add_doubles(numbers, sizeof numbers / sizeof *numbers);
}

static void expect(enum instnorm_status status)
{
    if (status == INSTNORM_OK)
        return;
    fprintf(stderr, "library_bytes: %s\n", instnorm_status_string(status));
    exit(1);
}

/* Of all sizes from 2^-8 to 2^7, so that sums round. No arithmetic that a compiler could do otherwise. */
static void fill(float *to, uint32_t seed, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        uint32_t bits = (seed & 0x80000000u) | ((119 + (seed >> 8) % 16) << 23) | (seed * 2654435761u & 0x7fffffu);
        memcpy(&to[i], &bits, sizeof bits);
    }
}

/* wide <- samples that float cannot hold. */
static void widen(size_t n)
{
    for (size_t i = 0; i < n; i++)
        wide[i] = (double)x[i] + (double)dy[i] * 0x1p-30;
}

static void add_measured(const struct instnorm_shape *s)
{
    struct instnorm_moments plain, weighted, plane;
    widen(s->h * s->w);
    instnorm_measure_double(wide, NULL, s->h * s->w, &plain);
    instnorm_measure_double(wide, dy, s->h * s->w, &weighted);
    add_moments(&plain);
    add_moments(&weighted);
    instnorm_measure(x, NULL, s->h * s->w, &plain);
    instnorm_measure(x, dy, s->h * s->w, &weighted);
    add_moments(&plain);
    add_moments(&weighted);
    instnorm_moments_clear(&plane);
    expect(instnorm_measure_plane(x, s->h, s->w, s->stride_h ? s->stride_h : s->w, &plane));
    instnorm_merge(&plane, &weighted);
    add_moments(&plane);
}

/* The integer forms; instnorm_apply is in forward. */
static void add_applied(void)
{
    const struct instnorm_affine map = {101.37, 30000.123}, small = {1.37, 100.5};
    struct instnorm_clip clipped = {0, 0, INFINITY, -INFINITY};
    instnorm_apply_u8(x, SAMPLES_MAX - 3, &small, y8);
    instnorm_apply_u16(x, SAMPLES_MAX - 3, &map, y16);
    instnorm_count_clipped(x, SAMPLES_MAX - 3, &small, 255, &clipped);
    for (size_t i = 0; i < SAMPLES_MAX; i++) {
        add(y8[i], 1);
        add(y16[i], 2);
    }
    add(clipped.low, 8);
    add(clipped.high, 8);
    add_doubles(&clipped.min, 1);
    add_doubles(&clipped.max, 1);
}

/*
 * Colours of a few units, far beyond black and white, and with another unit within an 8-bit step of black; then the colours
 * of values that no picture has. Strips of 256, and what is left.
 */
static void add_colours(double unit)
{
    enum { N = 4999 };
    const float *const rgb[] = {x, x + N, dy}, *const mapped[] = {y, y + N, y + 2 * N};
    float *const plane[] = {y, y + N, y + 2 * N}, *const back[] = {y + 3 * N, y + 4 * N, y + 5 * N};

    for (size_t i = 1; instnorm_space_at(i); i++) {
        const struct instnorm_space *s = instnorm_space_at(i);
        memset(y, 0, sizeof y);
        instnorm_to_space(s, rgb, N, unit, plane);
        instnorm_from_space(s, mapped, N, unit, back);
        add_floats(y, SAMPLES_MAX);
        instnorm_from_space(s, rgb, N, unit, plane);
        add_floats(y, SAMPLES_MAX);
    }
    instnorm_decode(x, N, unit, plane[0]);
    instnorm_encode(x, N, unit, plane[1]);
    instnorm_lightness(rgb, N, unit, plane[2]);
    add_floats(y, SAMPLES_MAX);
}

/* In double: what the samples are mapped to in each space, as doubles and as samples. */
static void add_mapped(double unit)
{
    enum { N = 999 };
    static double hub[3][N], out[3][N];
    const struct instnorm_affine map[3] = {{1.1, 0.02}, {0.9, -0.01}, {1.3, 0.03}};
    const double *const from[] = {hub[0], hub[1], hub[2]};
    double *const to[] = {out[0], out[1], out[2]};

    for (size_t k = 0; instnorm_space_at(k); k++) {
        const struct instnorm_space *s = instnorm_space_at(k);
        for (size_t i = 0; i < 3 * N; i++)
            hub[i / N][i % N] = (double)x[i];
        memset(out, 0, sizeof out);
        instnorm_apply_in_space(s, from, N, map, unit, 65535, to);
        add_doubles(out[0], 3 * N);
        instnorm_apply_double(out[0], N, &map[0], y);
        instnorm_apply_double_u8(out[0], N, &map[1], y8);
        instnorm_apply_double_u16(out[0], N, &map[2], y16);
        add_floats(y, N);
        for (size_t i = 0; i < N; i++)
            add((uint64_t)y8[i] << 16 | y16[i], 3);
    }
    instnorm_decode_double(hub[0], N, unit, out[0]);
    add_doubles(out[0], N);
}

static void add_comoments(const struct instnorm_comoments *m)
{
    const double numbers[] = {m->weight, m->mean_x, m->mean_y, m->m2_x, m->c_xy};
    add_doubles(numbers, sizeof numbers / sizeof *numbers);
}

static void add_fitted(void)
{
    enum { N = 4001 };
    struct instnorm_comoments plain, weighted;
    struct instnorm_affine map;
    instnorm_measure_pairs(x, dy, NULL, N, &plain);
    instnorm_measure_pairs(x + N, dy + N, dy + 2 * N, N, &weighted); /* half of these weights are negative */
    add_comoments(&plain);
    add_comoments(&weighted);
    instnorm_merge_pairs(&plain, &weighted);
    add_comoments(&plain);
    widen((size_t)2 * N);
    instnorm_measure_pairs_double(wide, wide + N, dy, N, &weighted);
    add_comoments(&weighted);
    expect(instnorm_fit(&plain, &map));
    add_doubles(&map.scale, 1);
    add_doubles(&map.shift, 1);
}

static void add_layers(enum instnorm_kind kind, const struct instnorm_shape *s)
{
    const float gamma[] = {1, 0.37f, -2.5f, 3, 1e3f, 0.1f}, beta[] = {0, 0.1f, -7, 1e3f, 0.3f, 2};
    double mean[PLANES_MAX] = {0}, rstd[PLANES_MAX] = {0}, dgamma[PLANES_MAX] = {0}, dbeta[PLANES_MAX] = {0};
    double running_mean[PLANES_MAX] = {0}, running_variance[PLANES_MAX] = {0};

    expect(instnorm_forward(kind, GROUPS, s, x, gamma, beta, 1e-5, y, mean, rstd));
    add_floats(y, SAMPLES_MAX);
    expect(instnorm_backward(kind, GROUPS, s, x, dy, gamma, mean, rstd, y, dgamma, dbeta));
    add_floats(y, SAMPLES_MAX);
    if ((kind == INSTNORM_INSTANCE || kind == INSTNORM_BATCH) && s->h * s->w > 1) {
        expect(instnorm_running(kind, s, mean, rstd, 1e-5, 0.1, running_mean, running_variance));
        expect(instnorm_inference(s, x, running_mean, running_variance, gamma, beta, 1e-5, y));
        add_floats(y, SAMPLES_MAX);
    }
    const double *const doubles[] = {mean, rstd, dgamma, dbeta, running_mean, running_variance};
    for (size_t i = 0; i < sizeof doubles / sizeof *doubles; i++)
        add_doubles(doubles[i], PLANES_MAX);
}

/* Zeros of either sign and the ends of float, and what is not finite if it may be. */
static void make_odd(float *to, size_t step, int finite)
{
    const float odd[] = {-0.0f, 0, FLT_MAX, -FLT_MAX, FLT_TRUE_MIN, -0.0f, NAN, INFINITY, -INFINITY};
    const size_t count = sizeof odd / sizeof *odd - (finite ? 3 : 0);
    for (size_t i = 0; i < SAMPLES_MAX; i += step)
        to[i] = odd[i / step % count];
}

static void add_all(size_t shapes_used)
{
    for (size_t i = 0; i < shapes_used; i++) {
        add_measured(&shapes[i]);
        for (int kind = INSTNORM_INSTANCE; kind <= INSTNORM_BATCH; kind++)
            add_layers((enum instnorm_kind)kind, &shapes[i]);
    }
    add_applied();
    add_colours(1);
    add_colours(255);
    add_mapped(1);
    add_mapped(255);
    add_fitted();
}

int main(void)
{
    fill(x, 1, SAMPLES_MAX);
    fill(dy, 2, SAMPLES_MAX);
    add_all(SHAPES);
    make_odd(x, 7, 0);
    make_odd(dy, 11, 1);
    add_all(SHAPES - 1); /* the last has pools of one sample */
    for (size_t i = 0; i < SAMPLES_MAX; i++)
        x[i] = i % 5 < 2 ? -0.0f : 0;
    add_all(SHAPES);
    printf("%016llx\n", (unsigned long long)hash);
    return 0;
}
