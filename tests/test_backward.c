/* The backward pass: PyTorch's numbers, the formula, central differences, and what callers may leave out or alias. */
#include "instnorm.h"
#include "reference.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

/* ---- a tensor and what forward says about it --------------------------------------------------------------------- */

enum { KINDS = 4, PADDING = -12345 };

struct problem {
    enum instnorm_kind kind;
    size_t groups, samples, pools;
    struct instnorm_shape s;
    float *x, *dy, *gamma, *beta;
    double eps, *mean, *rstd;
};

/* The kinds count their pools in groups of channels of a sample; batch has one for each channel. */
static size_t pool_of(const struct problem *p, size_t i)
{
    size_t c = i / (p->s.h * p->s.w) % p->s.c, n = i / (p->s.h * p->s.w * p->s.c);
    switch (p->kind) {
    case INSTNORM_INSTANCE:
        return n * p->s.c + c;
    case INSTNORM_LAYER:
        return n;
    case INSTNORM_GROUP:
        return n * p->groups + c / (p->s.c / p->groups);
    case INSTNORM_BATCH:
        return c;
    }
    return 0;
}

static size_t channel_of(const struct problem *p, size_t i)
{
    return i / (p->s.h * p->s.w) % p->s.c;
}

static float *random_tensor(struct random *r, size_t n, double mean, double deviation)
{
    float *x = must_alloc(n * sizeof *x);
    random_floats(r, mean, deviation, x, n);
    return x;
}

static void run_forward(struct problem *p)
{
    float *y = must_alloc(p->samples * sizeof *y);
    ck_assert_int_eq(instnorm_forward(p->kind, p->groups, &p->s, p->x, p->gamma, p->beta, p->eps, y, p->mean, p->rstd),
                     INSTNORM_OK);
    free(y);
}

static struct problem make_problem(int kind, const size_t dims[5], uint64_t seed)
{
    struct problem p = {.kind = (enum instnorm_kind)kind,
                        .s = {.n = dims[0], .c = dims[1], .h = dims[2], .w = dims[3]},
                        .groups = dims[4],
                        .eps = 1e-5};
    struct random r = {seed};

    p.samples = p.s.n * p.s.c * p.s.h * p.s.w;
    p.pools = pool_of(&p, p.samples - 1) + 1;
    p.x = random_tensor(&r, p.samples, 2, 3);
    p.dy = random_tensor(&r, p.samples, 0, 1);
    p.gamma = random_tensor(&r, p.s.c, 1, 0.5);
    p.beta = random_tensor(&r, p.s.c, 0, 1);
    p.mean = must_alloc(p.pools * sizeof *p.mean);
    p.rstd = must_alloc(p.pools * sizeof *p.rstd);
    run_forward(&p);
    return p;
}

static void free_problem(struct problem *p)
{
    free(p->x);
    free(p->dy);
    free(p->gamma);
    free(p->beta);
    free(p->mean);
    free(p->rstd);
}

/* N, C, H, W, groups */
static const size_t shapes[][5] = {{1, 1, 1, 2, 1},  {1, 3, 5, 7, 3},   {2, 4, 3, 3, 2},   {3, 6, 1, 11, 3},
                                   {2, 6, 17, 1, 6}, {5, 2, 13, 31, 1}, {1, 12, 2, 65, 4}, {2, 2, 70, 67, 2}};
enum { SHAPES = sizeof shapes / sizeof *shapes, SMALL_SHAPES = 4 };

/* What the backward pass gives; dgamma and dbeta start at `start`. */
struct gradients {
    float *dx;
    double *dgamma, *dbeta;
};

static struct gradients make_gradients(const struct problem *p, double start)
{
    struct gradients g = {must_alloc(p->samples * sizeof *g.dx), must_alloc(p->s.c * sizeof *g.dgamma),
                          must_alloc(p->s.c * sizeof *g.dbeta)};
    for (size_t c = 0; c < p->s.c; c++)
        g.dgamma[c] = g.dbeta[c] = start;
    return g;
}

static void free_gradients(struct gradients *g)
{
    free(g->dx);
    free(g->dgamma);
    free(g->dbeta);
}

static void backward(const struct problem *p, float *dx, double *dgamma, double *dbeta)
{
    ck_assert_int_eq(instnorm_backward(p->kind, p->groups, &p->s, p->x, p->dy, p->gamma, p->mean, p->rstd, dx, dgamma, dbeta),
                     INSTNORM_OK);
}

static struct gradients run_backward(const struct problem *p)
{
    struct gradients g = make_gradients(p, 0);
    backward(p, g.dx, g.dgamma, g.dbeta);
    return g;
}

static void require_same_bits(const void *a, const void *b, size_t bytes, const char *what)
{
    REQUIRE(memcmp(a, b, bytes) == 0, "%s differs", what);
}

/* ---- PyTorch ----------------------------------------------------------------------------------------------------- */

/*
 * Floats are the reference rounded once, 2^-24 of it, and so well within the 2e-6 of it that is promised; what is added in
 * double, before that, may be as large as the largest of the array.
 */
static void require_floats(const float *got, const double *want, size_t n, const char *name, const char *what)
{
    double largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(want[i]));
    for (size_t i = 0; i < n; i++)
        REQUIRE(fabs((double)got[i] - want[i]) <= 6e-8 * fabs(want[i]) + 1e-12 * largest, "%s: %s %zu is %.9g, not %.17g", name,
                what, i, (double)got[i], want[i]);
}

static void require_doubles(const double *got, const double *want, size_t n, const char *name, const char *what)
{
    double largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(want[i]));
    for (size_t i = 0; i < n; i++)
        REQUIRE(fabs(got[i] - want[i]) <= 1e-12 * largest, "%s: %s %zu is %.17g, not %.17g", name, what, i, got[i], want[i]);
}

START_TEST(pytorch_agrees)
{
    const struct torch_case *t = &torch_cases[_i];
    struct instnorm_shape s = {.n = t->n, .c = t->c, .h = t->h, .w = t->w};
    size_t samples = t->n * t->c * t->h * t->w;
    float y[1024], dx[1024];
    double mean[64], rstd[64], dgamma[16] = {0}, dbeta[16] = {0};

    ck_assert(samples <= 1024 && t->n * t->c <= 64 && t->c <= 16);
    if (t->inference)
        return;
    ck_assert_int_eq(instnorm_forward(t->kind, t->groups, &s, t->x, t->gamma, t->beta, t->eps, y, mean, rstd), INSTNORM_OK);
    require_floats(y, t->y, samples, t->name, "y");
    ck_assert_int_eq(
        instnorm_backward(t->kind, t->groups, &s, t->x, t->dy, t->gamma, mean, rstd, dx, dgamma, dbeta), INSTNORM_OK);
    require_floats(dx, t->dx, samples, t->name, "dx");
    require_doubles(dgamma, t->dgamma, t->c, t->name, "dgamma");
    require_doubles(dbeta, t->dbeta, t->c, t->name, "dbeta");
}
END_TEST

/* ---- the formula, and central differences ------------------------------------------------------------------------ */

/* The gradients by the formula in instnorm.h, one sum after the other; mean and rstd of forward are checked elsewhere. */
static void require_formula(const struct problem *p)
{
    struct gradients got = run_backward(p);
    double *count = must_alloc(p->pools * sizeof *count), *g_sum = must_alloc(p->pools * sizeof *g_sum);
    double *gz_sum = must_alloc(p->pools * sizeof *gz_sum), *want = must_alloc(p->samples * sizeof *want);
    double *dgamma = must_alloc(p->s.c * sizeof *dgamma), *dbeta = must_alloc(p->s.c * sizeof *dbeta);

    for (size_t i = 0; i < p->pools; i++)
        count[i] = g_sum[i] = gz_sum[i] = 0;
    for (size_t c = 0; c < p->s.c; c++)
        dgamma[c] = dbeta[c] = 0;
    for (size_t i = 0; i < p->samples; i++) {
        size_t at = pool_of(p, i), c = channel_of(p, i);
        double z = ((double)p->x[i] - p->mean[at]) * p->rstd[at], dy = (double)p->dy[i];
        count[at]++;
        g_sum[at] += dy * (double)p->gamma[c];
        gz_sum[at] += dy * (double)p->gamma[c] * z;
        dgamma[c] += dy * z;
        dbeta[c] += dy;
    }
    for (size_t i = 0; i < p->samples; i++) {
        size_t at = pool_of(p, i);
        double z = ((double)p->x[i] - p->mean[at]) * p->rstd[at], g = (double)p->dy[i] * (double)p->gamma[channel_of(p, i)];
        want[i] = p->rstd[at] * (g - g_sum[at] / count[at] - z * gz_sum[at] / count[at]);
    }
    require_floats(got.dx, want, p->samples, "formula", "dx");
    require_doubles(got.dgamma, dgamma, p->s.c, "formula", "dgamma");
    require_doubles(got.dbeta, dbeta, p->s.c, "formula", "dbeta");
    free(count);
    free(g_sum);
    free(gz_sum);
    free(want);
    free(dgamma);
    free(dbeta);
    free_gradients(&got);
}

START_TEST(backward_is_the_formula)
{
    const size_t wide[5] = {1, 2, 3, 2 * INSTNORM_BLOCK + 5, 1};
    for (size_t i = 0; i <= SHAPES; i++) {
        struct problem p = make_problem(_i, i < SHAPES ? shapes[i] : wide, 300 + i);
        require_formula(&p);
        free_problem(&p);
    }
}
END_TEST

/* The loss sum(dy * y), all in double, where dy is the gradient of the loss with respect to y. */
static double loss(const struct problem *p, const double *x, const double *gamma, const double *beta)
{
    double sum = 0;
    for (size_t at = 0; at < p->pools; at++) {
        double count = 0, mean = 0, variance = 0;
        for (size_t i = 0; i < p->samples; i++)
            if (pool_of(p, i) == at) {
                mean += x[i];
                count++;
            }
        mean /= count;
        for (size_t i = 0; i < p->samples; i++)
            if (pool_of(p, i) == at)
                variance += (x[i] - mean) * (x[i] - mean) / count;
        for (size_t i = 0; i < p->samples; i++)
            if (pool_of(p, i) == at) {
                size_t c = channel_of(p, i);
                sum += (double)p->dy[i] * ((x[i] - mean) / sqrt(variance + p->eps) * gamma[c] + beta[c]);
            }
    }
    return sum;
}

/* got[i] is the slope of the loss along at[i], one of x, gamma and beta. The differences are good to some 1e-9 of `scale`. */
static void require_slope(const struct problem *p, const double *x, const double *gamma, const double *beta, double *at,
                          double got, double scale)
{
    const double step = 1e-5, held = *at;
    *at = held + step;
    double above = loss(p, x, gamma, beta);
    *at = held - step;
    double below = loss(p, x, gamma, beta);
    *at = held;
    REQUIRE_CLOSE(got, (above - below) / (2 * step), 1e-7L * fmax(fabs(got), scale));
}

static double *to_doubles(const float *x, size_t n)
{
    double *wide = must_alloc(n * sizeof *wide);
    for (size_t i = 0; i < n; i++)
        wide[i] = (double)x[i];
    return wide;
}

START_TEST(gradients_are_slopes)
{
    for (size_t i = 1; i < SMALL_SHAPES; i++) {
        struct problem p = make_problem(_i, shapes[i], 320 + i);
        struct gradients g = run_backward(&p);
        double *x = to_doubles(p.x, p.samples), *gamma = to_doubles(p.gamma, p.s.c), *beta = to_doubles(p.beta, p.s.c);

        for (size_t k = 0; k < p.samples; k++)
            require_slope(&p, x, gamma, beta, &x[k], (double)g.dx[k], 1);
        for (size_t c = 0; c < p.s.c; c++) {
            require_slope(&p, x, gamma, beta, &gamma[c], g.dgamma[c], 1);
            require_slope(&p, x, gamma, beta, &beta[c], g.dbeta[c], 1);
        }
        free(x);
        free(gamma);
        free(beta);
        free_gradients(&g);
        free_problem(&p);
    }
}
END_TEST

/* ---- what may be left out, aliased, padded ------------------------------------------------------------------------ */

START_TEST(outputs_do_not_depend_on_each_other)
{
    for (size_t i = 0; i < SHAPES; i++) {
        struct problem p = make_problem(_i, shapes[i], 330 + i);
        struct gradients all = run_backward(&p), some = make_gradients(&p, 0);
        size_t channels = p.s.c * sizeof *all.dgamma, bytes = p.samples * sizeof *all.dx;

        backward(&p, NULL, some.dgamma, NULL);
        require_same_bits(some.dgamma, all.dgamma, channels, "dgamma alone");
        backward(&p, NULL, NULL, some.dbeta);
        require_same_bits(some.dbeta, all.dbeta, channels, "dbeta alone");
        backward(&p, some.dx, NULL, NULL);
        require_same_bits(some.dx, all.dx, bytes, "dx alone");
        backward(&p, NULL, NULL, NULL);
        free_gradients(&all);
        free_gradients(&some);
        free_problem(&p);
    }
}
END_TEST

START_TEST(dx_may_be_dy_or_x)
{
    for (size_t i = 0; i < SHAPES; i++) {
        struct problem p = make_problem(_i, shapes[i], 340 + i);
        struct gradients apart = run_backward(&p), in_place = make_gradients(&p, 0);
        float *dy = p.dy;
        size_t bytes = p.samples * sizeof *dy;

        memcpy(in_place.dx, dy, bytes);
        p.dy = in_place.dx;
        backward(&p, in_place.dx, in_place.dgamma, in_place.dbeta);
        p.dy = dy;
        require_same_bits(in_place.dx, apart.dx, bytes, "dx in the place of dy");
        require_same_bits(in_place.dgamma, apart.dgamma, p.s.c * sizeof *apart.dgamma, "dgamma");
        backward(&p, p.x, NULL, NULL);
        require_same_bits(p.x, apart.dx, bytes, "dx in the place of x");
        free_gradients(&apart);
        free_gradients(&in_place);
        free_problem(&p);
    }
}
END_TEST

START_TEST(no_gamma_is_gamma_1)
{
    struct problem p = make_problem(_i, shapes[2], 350);
    float *gamma = p.gamma;
    fill(gamma, p.s.c, 1);
    struct gradients one = run_backward(&p);
    p.gamma = NULL;
    struct gradients none = run_backward(&p);
    p.gamma = gamma;
    require_same_bits(none.dx, one.dx, p.samples * sizeof *one.dx, "dx");
    require_same_bits(none.dgamma, one.dgamma, p.s.c * sizeof *one.dgamma, "dgamma");
    require_same_bits(none.dbeta, one.dbeta, p.s.c * sizeof *one.dbeta, "dbeta");
    free_gradients(&one);
    free_gradients(&none);
    free_problem(&p);
}
END_TEST

/* Of instances the sums go sample by sample, so that two halves of a batch give the bits of the whole. */
START_TEST(gamma_and_beta_accumulate)
{
    struct problem p = make_problem(INSTNORM_INSTANCE, shapes[2], 360);
    struct gradients whole = run_backward(&p), halves = make_gradients(&p, 0), more = make_gradients(&p, 100);
    struct problem half = p;

    half.s.n = 1;
    backward(&half, NULL, halves.dgamma, halves.dbeta);
    half.x += p.samples / 2;
    half.dy += p.samples / 2;
    half.mean += p.s.c;
    half.rstd += p.s.c;
    backward(&half, NULL, halves.dgamma, halves.dbeta);
    require_same_bits(halves.dgamma, whole.dgamma, p.s.c * sizeof *whole.dgamma, "dgamma");
    require_same_bits(halves.dbeta, whole.dbeta, p.s.c * sizeof *whole.dbeta, "dbeta");

    backward(&p, NULL, more.dgamma, more.dbeta);
    for (size_t c = 0; c < p.s.c; c++) {
        REQUIRE_CLOSE(more.dgamma[c], 100 + whole.dgamma[c], 1e-12L);
        REQUIRE_CLOSE(more.dbeta[c], 100 + whole.dbeta[c], 1e-12L);
    }
    free_gradients(&whole);
    free_gradients(&halves);
    free_gradients(&more);
    free_problem(&p);
}
END_TEST

static float *spread(const struct problem *p, const struct instnorm_shape *to, const float *x)
{
    float *padded = must_alloc(to->n * to->stride_n * sizeof *padded);
    fill(padded, to->n * to->stride_n, PADDING);
    for (size_t i = 0; i < p->samples; i++) {
        size_t w = i % to->w, h = i / to->w % to->h, c = channel_of(p, i), n = i / (to->w * to->h * to->c);
        padded[n * to->stride_n + c * to->stride_c + h * to->stride_h + w] = x[i];
    }
    return padded;
}

/* The gradients of the padded tensor are the dense ones, and its padding stays as it was. */
static void require_layout(const struct problem *dense, size_t row, size_t plane, size_t sample)
{
    struct problem p = *dense;
    p.s.stride_h = p.s.w + row;
    p.s.stride_c = p.s.h * p.s.stride_h + plane;
    p.s.stride_n = p.s.c * p.s.stride_c + sample;
    p.x = spread(dense, &p.s, dense->x);
    p.dy = spread(dense, &p.s, dense->dy);
    struct gradients want = run_backward(dense), got = make_gradients(&p, 0);
    float *dx = spread(dense, &p.s, want.dx);

    backward(&p, p.dy, got.dgamma, got.dbeta);
    require_same_bits(p.dy, dx, p.s.n * p.s.stride_n * sizeof *dx, "strided dx");
    require_same_bits(got.dgamma, want.dgamma, p.s.c * sizeof *want.dgamma, "strided dgamma");
    require_same_bits(got.dbeta, want.dbeta, p.s.c * sizeof *want.dbeta, "strided dbeta");
    free(p.x);
    free(p.dy);
    free(dx);
    free_gradients(&want);
    free_gradients(&got);
}

START_TEST(layouts_agree_bit_for_bit)
{
    for (size_t i = 0; i < SHAPES; i++) {
        struct problem p = make_problem(_i, shapes[i], 370 + i);
        require_layout(&p, 3, 0, 0);
        require_layout(&p, 0, 5, 0);
        require_layout(&p, 1, 2, 7);
        free_problem(&p);
    }
}
END_TEST
