/* The backward pass: central differences, and what callers may leave out, alias and get wrong. */
#include "instnorm.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

/* ---- a tensor and what forward says about it --------------------------------------------------------------------- */

enum { KINDS = 4, POOLS_MAX = 32, CHANNELS_MAX = 16, PADDING = -12345 };

struct problem {
    enum instnorm_kind kind;
    size_t groups, samples, pools;
    struct instnorm_shape s;
    float *x, *dy; /* freed by free() */
    float gamma[CHANNELS_MAX], beta[CHANNELS_MAX];
    double eps, mean[POOLS_MAX], rstd[POOLS_MAX];
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
    ck_assert(p.s.c <= CHANNELS_MAX && p.pools <= POOLS_MAX);
    p.x = must_alloc(p.samples * sizeof *p.x);
    p.dy = must_alloc(p.samples * sizeof *p.dy);
    random_floats(&r, 2, 3, p.x, p.samples);
    random_floats(&r, 0, 1, p.dy, p.samples);
    random_floats(&r, 1, 0.5, p.gamma, p.s.c);
    random_floats(&r, 0, 1, p.beta, p.s.c);
    run_forward(&p);
    return p;
}

static void free_problem(struct problem *p)
{
    free(p->x);
    free(p->dy);
}

/* N, C, H, W, groups */
static const size_t shapes[][5] = {{1, 1, 1, 2, 1},  {1, 3, 5, 7, 3},   {2, 4, 3, 3, 2},   {3, 6, 1, 11, 3},
                                   {2, 6, 17, 1, 6}, {5, 2, 13, 31, 1}, {1, 12, 2, 65, 4}, {2, 2, 70, 67, 2}};
enum { SHAPES = sizeof shapes / sizeof *shapes };

struct gradients {
    float *dx; /* freed by free() */
    double dgamma[CHANNELS_MAX], dbeta[CHANNELS_MAX];
};

static struct gradients make_gradients(const struct problem *p)
{
    return (struct gradients){.dx = must_alloc(p->samples * sizeof(float))};
}

static void backward(const struct problem *p, float *dx, double *dgamma, double *dbeta)
{
    ck_assert_int_eq(
        instnorm_backward(p->kind, p->groups, &p->s, p->x, p->dy, p->gamma, p->mean, p->rstd, dx, dgamma, dbeta),
        INSTNORM_OK);
}

static struct gradients run_backward(const struct problem *p)
{
    struct gradients g = make_gradients(p);
    backward(p, g.dx, g.dgamma, g.dbeta);
    return g;
}

static void require_same_bits(const void *a, const void *b, size_t bytes, const char *what)
{
    REQUIRE(memcmp(a, b, bytes) == 0, "%s differs", what);
}

/* ---- central differences ----------------------------------------------------------------------------------------- */

/* The loss sum(dy * y), by definition, in long double: dy is the gradient of the loss with respect to y. */
static long double loss(const struct problem *p, const double *x, const double *gamma, const double *beta)
{
    long double count[POOLS_MAX] = {0}, mean[POOLS_MAX] = {0}, variance[POOLS_MAX] = {0}, sum = 0;
    for (size_t i = 0; i < p->samples; i++) {
        mean[pool_of(p, i)] += x[i];
        count[pool_of(p, i)]++;
    }
    for (size_t k = 0; k < p->pools; k++)
        mean[k] /= count[k];
    for (size_t i = 0; i < p->samples; i++) {
        size_t k = pool_of(p, i);
        variance[k] += (x[i] - mean[k]) * (x[i] - mean[k]) / count[k];
    }
    for (size_t k = 0; k < p->pools; k++)
        variance[k] = sqrtl(variance[k] + p->eps);
    for (size_t i = 0; i < p->samples; i++) {
        size_t k = pool_of(p, i), c = channel_of(p, i);
        sum += p->dy[i] * ((x[i] - mean[k]) / variance[k] * gamma[c] + beta[c]);
    }
    return sum;
}

/* got is the slope of the loss along *at, a number in x, gamma or beta, by the five-point formula. */
static void require_slope(const struct problem *p, const double *x, const double *gamma, const double *beta, double *at,
                          double got)
{
    const double step = 0x1p-15, held = *at, steps[] = {-2, -1, 1, 2}, weight[] = {1, -8, 8, -1};
    long double slope = 0;
    for (int i = 0; i < 4; i++) {
        *at = held + steps[i] * step;
        slope += weight[i] * loss(p, x, gamma, beta) / (12 * step);
    }
    *at = held;
    REQUIRE_CLOSE(got, slope, 6e-8L * fabs(got) + 1e-9L);
}

static double *to_doubles(const float *x, size_t n)
{
    double *wide = must_alloc(n * sizeof *wide);
    for (size_t i = 0; i < n; i++)
        wide[i] = (double)x[i];
    return wide;
}

/* Of a large tensor some samples are tried. */
static void require_slopes(const struct problem *p)
{
    struct gradients g = run_backward(p);
    double *x = to_doubles(p->x, p->samples), *gamma = to_doubles(p->gamma, p->s.c), *beta = to_doubles(p->beta, p->s.c);

    for (size_t i = 0; i < p->samples; i += p->samples < 200 ? 1 : p->samples / 20)
        require_slope(p, x, gamma, beta, &x[i], (double)g.dx[i]);
    for (size_t c = 0; c < p->s.c; c++) {
        require_slope(p, x, gamma, beta, &gamma[c], g.dgamma[c]);
        require_slope(p, x, gamma, beta, &beta[c], g.dbeta[c]);
    }
    free(x);
    free(gamma);
    free(beta);
    free(g.dx);
}

START_TEST(gradients_are_slopes)
{
    const size_t wide[5] = {1, 2, 2, INSTNORM_BLOCK + 5, 1};
    for (size_t i = 0; i <= SHAPES; i++) {
        struct problem p = make_problem(_i, i < SHAPES ? shapes[i] : wide, 300 + i);
        require_slopes(&p);
        free_problem(&p);
    }
}
END_TEST

/* ---- what may be left out, aliased, padded ------------------------------------------------------------------------ */

START_TEST(outputs_do_not_depend_on_each_other)
{
    for (size_t i = 0; i < SHAPES; i++) {
        struct problem p = make_problem(_i, shapes[i], 330 + i);
        struct gradients all = run_backward(&p), some = make_gradients(&p);

        backward(&p, NULL, some.dgamma, NULL);
        require_same_bits(some.dgamma, all.dgamma, sizeof all.dgamma, "dgamma alone");
        backward(&p, NULL, NULL, some.dbeta);
        require_same_bits(some.dbeta, all.dbeta, sizeof all.dbeta, "dbeta alone");
        backward(&p, some.dx, NULL, NULL);
        require_same_bits(some.dx, all.dx, p.samples * sizeof *all.dx, "dx alone");
        backward(&p, NULL, NULL, NULL);
        free(all.dx);
        free(some.dx);
        free_problem(&p);
    }
}
END_TEST

START_TEST(dx_may_be_dy_or_x)
{
    for (size_t i = 0; i < SHAPES; i++) {
        struct problem p = make_problem(_i, shapes[i], 340 + i), other = p;
        struct gradients apart = run_backward(&p), in_place = make_gradients(&p);
        size_t bytes = p.samples * sizeof *p.dy;

        other.dy = memcpy(in_place.dx, p.dy, bytes);
        backward(&other, in_place.dx, in_place.dgamma, NULL);
        require_same_bits(in_place.dx, apart.dx, bytes, "dx in the place of dy");
        require_same_bits(in_place.dgamma, apart.dgamma, sizeof apart.dgamma, "dgamma");
        backward(&p, p.x, NULL, NULL);
        require_same_bits(p.x, apart.dx, bytes, "dx in the place of x");
        free(apart.dx);
        free(in_place.dx);
        free_problem(&p);
    }
}
END_TEST

START_TEST(no_gamma_is_gamma_1)
{
    struct problem p = make_problem(_i, shapes[2], 350);
    struct gradients none = make_gradients(&p);
    fill(p.gamma, p.s.c, 1);
    struct gradients one = run_backward(&p);
    ck_assert_int_eq(instnorm_backward(p.kind, p.groups, &p.s, p.x, p.dy, NULL, p.mean, p.rstd, none.dx, none.dgamma, NULL),
                     INSTNORM_OK);
    require_same_bits(none.dx, one.dx, p.samples * sizeof *one.dx, "dx");
    require_same_bits(none.dgamma, one.dgamma, sizeof one.dgamma, "dgamma");
    free(one.dx);
    free(none.dx);
    free_problem(&p);
}
END_TEST

/* Of instances the sums go sample by sample, so that two halves of a batch give the bits of the whole. */
START_TEST(gamma_and_beta_accumulate)
{
    struct problem p = make_problem(INSTNORM_INSTANCE, shapes[2], 360), half = p;
    struct gradients whole = run_backward(&p), halves = {NULL, {0}, {0}}, more = {NULL, {100}, {-100}};

    half.s.n = 1;
    backward(&half, NULL, halves.dgamma, halves.dbeta);
    half.x += p.samples / 2;
    half.dy += p.samples / 2;
    memcpy(half.mean, p.mean + p.s.c, p.s.c * sizeof *p.mean);
    memcpy(half.rstd, p.rstd + p.s.c, p.s.c * sizeof *p.rstd);
    backward(&half, NULL, halves.dgamma, halves.dbeta);
    require_same_bits(halves.dgamma, whole.dgamma, sizeof whole.dgamma, "dgamma");
    require_same_bits(halves.dbeta, whole.dbeta, sizeof whole.dbeta, "dbeta");

    backward(&p, NULL, more.dgamma, more.dbeta);
    REQUIRE_CLOSE(more.dgamma[0], 100 + whole.dgamma[0], 1e-12L);
    REQUIRE_CLOSE(more.dbeta[0], -100 + whole.dbeta[0], 1e-12L);
    free(whole.dx);
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
    struct gradients want = run_backward(dense), got = make_gradients(&p);
    float *dx = spread(dense, &p.s, want.dx);

    backward(&p, p.dy, got.dgamma, got.dbeta);
    require_same_bits(p.dy, dx, p.s.n * p.s.stride_n * sizeof *dx, "strided dx");
    require_same_bits(got.dgamma, want.dgamma, sizeof want.dgamma, "strided dgamma");
    require_same_bits(got.dbeta, want.dbeta, sizeof want.dbeta, "strided dbeta");
    free(p.x);
    free(p.dy);
    free(dx);
    free(want.dx);
    free(got.dx);
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

/* ---- borders and errors -------------------------------------------------------------------------------------------- */

START_TEST(constant_pools_have_no_slope)
{
    struct problem p = make_problem(_i, shapes[5], 380);
    p.eps = 0;
    fill(p.x, p.samples, 3);
    run_forward(&p);
    for (size_t i = 0; i < p.pools; i++)
        REQUIRE(p.rstd[i] == 0, "rstd %zu is %g", i, p.rstd[i]);
    struct gradients g = run_backward(&p);
    for (size_t i = 0; i < p.samples; i++)
        REQUIRE(g.dx[i] == 0, "dx %zu is %g", i, (double)g.dx[i]);
    for (size_t c = 0; c < p.s.c; c++) {
        double sum = 0;
        for (size_t i = 0; i < p.samples; i++)
            sum += channel_of(&p, i) == c ? (double)p.dy[i] : 0;
        REQUIRE(g.dgamma[c] == 0, "dgamma %zu is %g", c, g.dgamma[c]);
        REQUIRE_CLOSE(g.dbeta[c], sum, 1e-11L);
    }
    free(g.dx);
    free_problem(&p);
}
END_TEST

/* One in x, or in dy, makes the gradients of its pool NaN and no other's. */
START_TEST(gradients_are_spoilt_where_samples_are)
{
    const float bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t k = 0; k < 6; k++) {
        struct problem p = make_problem(_i, shapes[6], 390);
        size_t last = pool_of(&p, p.samples - 1);
        (k < 3 ? p.x : p.dy)[p.samples - 1] = bad[k % 3];
        run_forward(&p);
        struct gradients g = run_backward(&p);
        for (size_t i = 0; i < p.samples; i++)
            if (pool_of(&p, i) != last)
                REQUIRE(isfinite(g.dx[i]), "dx %zu is %g", i, (double)g.dx[i]);
            else
                REQUIRE(isnan(g.dx[i]), "dx %zu is %g", i, (double)g.dx[i]);
        REQUIRE(isnan(g.dgamma[p.s.c - 1]), "dgamma is %g", g.dgamma[p.s.c - 1]);
        REQUIRE(k < 3 ? isfinite(g.dbeta[p.s.c - 1]) : isnan(g.dbeta[p.s.c - 1]), "dbeta is %g", g.dbeta[p.s.c - 1]);
        REQUIRE(isfinite(g.dgamma[0]) && isfinite(g.dbeta[0]), "those of the first channel are not finite");
        free(g.dx);
        free_problem(&p);
    }
}
END_TEST

/* backward of a small tensor but for what the test gets wrong; what it refuses it must leave alone. */
static enum instnorm_status refused(enum instnorm_kind kind, size_t groups, const struct instnorm_shape *s)
{
    float x[48] = {1, 2, 3}, dy[48] = {1}, dx[48];
    double mean[48] = {0}, rstd[48] = {0}, dgamma = 5, dbeta = 5;
    fill(dx, 48, 7);
    enum instnorm_status status = instnorm_backward(kind, groups, s, x, dy, NULL, mean, rstd, dx, &dgamma, &dbeta);
    REQUIRE(dx[0] == 7 && dgamma == 5 && dbeta == 5, "what was refused was written");
    return status;
}

/* The other shapes that are bad are those of forward. */
START_TEST(bad_shapes_are_refused)
{
    const struct instnorm_shape good = {.n = 1, .c = 4, .h = 3, .w = 4}, none = {.n = 1, .c = 0, .h = 3, .w = 4};
    const struct instnorm_shape big = {.n = 1, .c = 2, .h = 1, .w = SIZE_MAX / 2 + 1}, close = {1, 4, 3, 4, 0, 0, 3};
    const size_t groups[] = {0, 3, 5, 8, SIZE_MAX};
    for (int kind = 0; kind < KINDS; kind++) {
        ck_assert_int_eq(refused((enum instnorm_kind)kind, 1, &none), INSTNORM_ERROR_SHAPE);
        ck_assert_int_eq(refused((enum instnorm_kind)kind, 1, &big), INSTNORM_ERROR_SIZE);
        ck_assert_int_eq(refused((enum instnorm_kind)kind, 1, &close), INSTNORM_ERROR_OVERLAP);
    }
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++)
        ck_assert_int_eq(refused(INSTNORM_GROUP, groups[i], &good), INSTNORM_ERROR_GROUPS);
    ck_assert_int_eq(refused((enum instnorm_kind)4, 1, &good), INSTNORM_ERROR_KIND);
    ck_assert_int_eq(refused(INSTNORM_LAYER, 1, NULL), INSTNORM_ERROR_NULL);
}
END_TEST

START_TEST(missing_arrays_are_refused)
{
    const struct instnorm_shape s = {.n = 1, .c = 1, .h = 1, .w = 3};
    const float a[] = {1, 2, 3};
    const double one = 1;
    for (int missing = 0; missing <= 4; missing++) {
        float dx[3] = {7, 7, 7};
        enum instnorm_status status =
            instnorm_backward(INSTNORM_INSTANCE, 0, &s, missing == 1 ? NULL : a, missing == 2 ? NULL : a, NULL,
                              missing == 3 ? NULL : &one, missing == 4 ? NULL : &one, dx, NULL, NULL);
        ck_assert_int_eq(status, missing ? INSTNORM_ERROR_NULL : INSTNORM_OK);
        ck_assert((dx[0] == 7) == (missing > 0));
    }
}
END_TEST

SUITE(backward)
{
    TCase *gradients = tcase_create("gradients"), *calls = tcase_create("calls"), *borders = tcase_create("borders");

    tcase_add_loop_test(gradients, gradients_are_slopes, 0, KINDS);
    tcase_add_loop_test(calls, outputs_do_not_depend_on_each_other, 0, KINDS);
    tcase_add_loop_test(calls, dx_may_be_dy_or_x, 0, KINDS);
    tcase_add_loop_test(calls, no_gamma_is_gamma_1, 0, KINDS);
    tcase_add_test(calls, gamma_and_beta_accumulate);
    tcase_add_loop_test(calls, layouts_agree_bit_for_bit, 0, KINDS);
    tcase_add_loop_test(borders, constant_pools_have_no_slope, 0, KINDS);
    tcase_add_loop_test(borders, gradients_are_spoilt_where_samples_are, INSTNORM_INSTANCE, INSTNORM_INSTANCE + 1);
    tcase_add_loop_test(borders, gradients_are_spoilt_where_samples_are, INSTNORM_GROUP, KINDS);
    tcase_add_test(borders, bad_shapes_are_refused);
    tcase_add_test(borders, missing_arrays_are_refused);
    suite_add_tcase(suite, gradients);
    suite_add_tcase(suite, calls);
    suite_add_tcase(suite, borders);
}
