/* The tensor level: all kinds against a plain loop, and layouts against each other. */
#include "instnorm.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

/* ---- the plain loop --------------------------------------------------------------------------------------------- */

struct dims {
    size_t n, c, h, w, groups;
};

static size_t elements(const struct dims *d)
{
    return d->n * d->c * d->h * d->w;
}

static struct instnorm_shape dense(const struct dims *d)
{
    return (struct instnorm_shape){.n = d->n, .c = d->c, .h = d->h, .w = d->w};
}

static size_t pools_of(enum instnorm_kind kind, const struct dims *d)
{
    switch (kind) {
    case INSTNORM_INSTANCE:
        return d->n * d->c;
    case INSTNORM_LAYER:
        return d->n;
    case INSTNORM_GROUP:
        return d->n * d->groups;
    case INSTNORM_BATCH:
        return d->c;
    }
    return 0;
}

/* The pool that element i of a dense tensor is in. */
static size_t pool_of(enum instnorm_kind kind, const struct dims *d, size_t i)
{
    size_t c = i / (d->h * d->w) % d->c, n = i / (d->h * d->w * d->c);
    switch (kind) {
    case INSTNORM_INSTANCE:
        return n * d->c + c;
    case INSTNORM_LAYER:
        return n;
    case INSTNORM_GROUP:
        return n * d->groups + c * d->groups / d->c;
    case INSTNORM_BATCH:
        return c;
    }
    return 0;
}

/* mean[pools], variance[pools] <- of the finite elements of each pool */
static void plain_moments(enum instnorm_kind kind, const struct dims *d, const float *x, double *mean, double *variance)
{
    size_t pools = pools_of(kind, d);
    for (size_t p = 0; p < pools; p++) {
        double count = 0, sum = 0, squares = 0;
        for (size_t i = 0; i < elements(d); i++)
            if (pool_of(kind, d, i) == p && isfinite(x[i])) {
                sum += (double)x[i];
                count++;
            }
        mean[p] = sum / count;
        for (size_t i = 0; i < elements(d); i++)
            if (pool_of(kind, d, i) == p && isfinite(x[i]))
                squares += ((double)x[i] - mean[p]) * ((double)x[i] - mean[p]);
        variance[p] = squares / count;
    }
}

static void require_plain(enum instnorm_kind kind, const struct dims *d, const float *x, const float *gamma,
                          const float *beta, double eps)
{
    size_t pools = pools_of(kind, d), n = elements(d);
    double *mean = must_alloc(pools * sizeof *mean), *variance = must_alloc(pools * sizeof *variance);
    double *got_mean = must_alloc(pools * sizeof *got_mean), *got_rstd = must_alloc(pools * sizeof *got_rstd);
    float *y = must_alloc(n * sizeof *y);
    struct instnorm_shape shape = dense(d);

    ck_assert_int_eq(instnorm_forward(kind, d->groups, &shape, x, gamma, beta, eps, y, got_mean, got_rstd), INSTNORM_OK);
    plain_moments(kind, d, x, mean, variance);
    for (size_t p = 0; p < pools; p++) {
        REQUIRE_CLOSE(got_mean[p], mean[p], 1e-12L * (1 + fabsl(mean[p])));
        REQUIRE_NEAR(got_rstd[p], 1 / sqrt(variance[p] + eps), 1e-11L);
    }
    for (size_t i = 0; i < n; i++) {
        size_t p = pool_of(kind, d, i), c = i / (d->h * d->w) % d->c;
        double g = gamma ? (double)gamma[c] : 1, b = beta ? (double)beta[c] : 0;
        double want = ((double)x[i] - mean[p]) / sqrt(variance[p] + eps) * g + b;
        if (isfinite(x[i]))
            REQUIRE_CLOSE(y[i], want, 6e-8L * fabsl(want) + 1e-11L * (1 + fabs(mean[p])));
        else
            REQUIRE(!isfinite(y[i]), "element %zu is %g", i, (double)y[i]);
    }
    free(mean);
    free(variance);
    free(got_mean);
    free(got_rstd);
    free(y);
}

static const struct dims shapes[] = {{1, 1, 1, 2, 1},  {1, 3, 5, 7, 3},   {2, 4, 3, 3, 2},   {3, 6, 1, 11, 3},
                                     {2, 6, 17, 1, 6}, {5, 2, 13, 31, 1}, {1, 12, 2, 65, 4}, {2, 2, 70, 67, 2}};
enum { SHAPES = sizeof shapes / sizeof *shapes, KINDS = 4 };

static float *random_tensor(uint64_t seed, size_t n, double mean, double deviation)
{
    float *x = must_alloc(n * sizeof *x);
    struct random r = {seed};
    random_floats(&r, mean, deviation, x, n);
    return x;
}

START_TEST(forward_is_the_plain_loop)
{
    enum instnorm_kind kind = (enum instnorm_kind)_i;
    for (size_t s = 0; s < SHAPES; s++) {
        const struct dims *d = &shapes[s];
        float *x = random_tensor(30 + s, elements(d), 2, 3), *gamma = random_tensor(50 + s, d->c, 1, 0.5);
        float *beta = random_tensor(70 + s, d->c, 0, 1);
        require_plain(kind, d, x, gamma, beta, 1e-5);
        require_plain(kind, d, x, NULL, NULL, 0);
        require_plain(kind, d, x, gamma, NULL, 0.1);
        require_plain(kind, d, x, NULL, beta, 0.1);
        free(x);
        free(gamma);
        free(beta);
    }
}
END_TEST

START_TEST(forward_leaves_out_what_is_not_finite)
{
    enum instnorm_kind kind = (enum instnorm_kind)_i;
    const struct dims d = {2, 4, 9, 10, 2};
    float *x = random_tensor(90, elements(&d), 2, 3);
    x[0] = NAN;
    x[100] = INFINITY;
    x[700] = -INFINITY;
    require_plain(kind, &d, x, NULL, NULL, 1e-5);
    free(x);
}
END_TEST

START_TEST(forward_takes_rows_wider_than_a_block)
{
    const struct dims d = {1, 2, 3, 2 * INSTNORM_BLOCK + 5, 1};
    float *x = random_tensor(91, elements(&d), -1, 2);
    require_plain((enum instnorm_kind)_i, &d, x, NULL, NULL, 1e-5);
    free(x);
}
END_TEST

/* ---- layouts ---------------------------------------------------------------------------------------------------- */

static size_t padded(const struct instnorm_shape *s, const struct dims *d, size_t i)
{
    size_t w = i % d->w, h = i / d->w % d->h, c = i / (d->w * d->h) % d->c, n = i / (d->w * d->h * d->c);
    return n * s->stride_n + c * s->stride_c + h * s->stride_h + w;
}

/* `to` is a padded copy of x whose padding is a mark. */
static void spread(const struct instnorm_shape *s, const struct dims *d, const float *x, float *to, size_t room)
{
    fill(to, room, -12345);
    for (size_t i = 0; i < elements(d); i++)
        to[padded(s, d, i)] = x[i];
}

/* The padded tensor holds y and, between, the mark. */
static void require_spread(const struct instnorm_shape *s, const struct dims *d, const float *y, const float *got,
                           size_t room)
{
    float *want = must_alloc(room * sizeof *want);
    spread(s, d, y, want, room);
    REQUIRE(memcmp(want, got, room * sizeof *want) == 0, "strided and dense differ");
    free(want);
}

static void require_layouts_agree(enum instnorm_kind kind, const struct dims *d, const struct instnorm_shape *strided)
{
    size_t room = d->n * strided->stride_n, n = elements(d);
    float *x = random_tensor(92, n, 2, 3), *y = must_alloc(n * sizeof *y);
    float *wide_x = must_alloc(room * sizeof *wide_x), *wide_y = must_alloc(room * sizeof *wide_y);
    double mean[64], rstd[64], wide_mean[64], wide_rstd[64];
    struct instnorm_shape shape = dense(d);
    size_t pools = pools_of(kind, d);

    ck_assert_uint_le(pools, 64);
    ck_assert_int_eq(instnorm_forward(kind, d->groups, &shape, x, NULL, NULL, 1e-5, y, mean, rstd), INSTNORM_OK);
    spread(strided, d, x, wide_x, room);
    fill(wide_y, room, -12345);
    ck_assert_int_eq(instnorm_forward(kind, d->groups, strided, wide_x, NULL, NULL, 1e-5, wide_y, wide_mean, wide_rstd),
                     INSTNORM_OK);
    require_spread(strided, d, y, wide_y, room);
    ck_assert(memcmp(mean, wide_mean, pools * sizeof *mean) == 0 && memcmp(rstd, wide_rstd, pools * sizeof *rstd) == 0);

    ck_assert_int_eq(instnorm_forward(kind, d->groups, strided, wide_x, NULL, NULL, 1e-5, wide_x, NULL, NULL), INSTNORM_OK);
    require_spread(strided, d, y, wide_x, room);
    ck_assert_int_eq(instnorm_forward(kind, d->groups, &shape, x, NULL, NULL, 1e-5, x, NULL, NULL), INSTNORM_OK);
    ck_assert_msg(memcmp(x, y, n * sizeof *x) == 0, "in place differs");
    free(x);
    free(y);
    free(wide_x);
    free(wide_y);
}

START_TEST(layouts_agree_bit_for_bit)
{
    for (size_t s = 0; s < SHAPES; s++) {
        const struct dims *d = &shapes[s];
        struct instnorm_shape rows = dense(d), planes = dense(d), samples = dense(d);
        rows.stride_h = d->w + 3;
        rows.stride_c = d->h * rows.stride_h;
        rows.stride_n = d->c * rows.stride_c;
        require_layouts_agree((enum instnorm_kind)_i, d, &rows);
        planes.stride_h = d->w;
        planes.stride_c = d->h * d->w + 5;
        planes.stride_n = d->c * planes.stride_c;
        require_layouts_agree((enum instnorm_kind)_i, d, &planes);
        samples.stride_h = d->w + 1;
        samples.stride_c = d->h * samples.stride_h + 2;
        samples.stride_n = d->c * samples.stride_c + 7;
        require_layouts_agree((enum instnorm_kind)_i, d, &samples);
    }
}
END_TEST

START_TEST(stride_0_is_dense)
{
    const struct dims d = {2, 3, 5, 7, 3};
    struct instnorm_shape zero = dense(&d), full = dense(&d), rows = dense(&d);
    float *x = random_tensor(93, elements(&d) * 2, 2, 3);
    float a[2 * 3 * 5 * 7], b[2 * 3 * 5 * 7];
    full.stride_h = 7;
    full.stride_c = 35;
    full.stride_n = 105;
    ck_assert_int_eq(instnorm_forward(INSTNORM_LAYER, 0, &zero, x, NULL, NULL, 0, a, NULL, NULL), INSTNORM_OK);
    ck_assert_int_eq(instnorm_forward(INSTNORM_LAYER, 0, &full, x, NULL, NULL, 0, b, NULL, NULL), INSTNORM_OK);
    ck_assert(memcmp(a, b, sizeof a) == 0);

    /* The strides above a given one follow from it. */
    rows.stride_h = 9;
    float *wide = must_alloc(2 * 3 * 5 * 9 * sizeof *wide), *y = must_alloc(2 * 3 * 5 * 9 * sizeof *y);
    full = (struct instnorm_shape){.n = 2, .c = 3, .h = 5, .w = 7, .stride_n = 135, .stride_c = 45, .stride_h = 9};
    spread(&full, &d, x, wide, 270);
    spread(&full, &d, a, y, 270);
    ck_assert_int_eq(instnorm_forward(INSTNORM_LAYER, 0, &rows, wide, NULL, NULL, 0, wide, NULL, NULL), INSTNORM_OK);
    ck_assert(memcmp(wide, y, 270 * sizeof *y) == 0);
    free(x);
    free(wide);
    free(y);
}
END_TEST

START_TEST(kinds_meet_at_their_borders)
{
    const struct dims d = {2, 4, 3, 5, 0};
    struct instnorm_shape s = dense(&d), one = {.n = 1, .c = 4, .h = 3, .w = 5};
    float *x = random_tensor(94, 120, 2, 3), a[120], b[120];
    ck_assert_int_eq(instnorm_forward(INSTNORM_GROUP, 1, &s, x, NULL, NULL, 0.1, a, NULL, NULL), INSTNORM_OK);
    ck_assert_int_eq(instnorm_forward(INSTNORM_LAYER, 0, &s, x, NULL, NULL, 0.1, b, NULL, NULL), INSTNORM_OK);
    ck_assert_msg(memcmp(a, b, sizeof a) == 0, "one group is a layer");
    ck_assert_int_eq(instnorm_forward(INSTNORM_GROUP, 4, &s, x, NULL, NULL, 0.1, a, NULL, NULL), INSTNORM_OK);
    ck_assert_int_eq(instnorm_forward(INSTNORM_INSTANCE, 0, &s, x, NULL, NULL, 0.1, b, NULL, NULL), INSTNORM_OK);
    ck_assert_msg(memcmp(a, b, sizeof a) == 0, "groups of one channel are instances");
    ck_assert_int_eq(instnorm_forward(INSTNORM_BATCH, 0, &one, x, NULL, NULL, 0.1, a, NULL, NULL), INSTNORM_OK);
    ck_assert_msg(memcmp(a, b, 60 * sizeof *a) == 0, "a batch of one sample is instances");
    free(x);
}
END_TEST

/* ---- errors ----------------------------------------------------------------------------------------------------- */

static enum instnorm_status forward_shape(enum instnorm_kind kind, size_t groups, struct instnorm_shape shape)
{
    float x[48] = {1, 2, 3}, y[48];
    return instnorm_forward(kind, groups, &shape, x, NULL, NULL, 1, y, NULL, NULL);
}

START_TEST(bad_shapes_are_refused)
{
    size_t big = SIZE_MAX / 2 + 1;
    const struct {
        struct instnorm_shape shape;
        enum instnorm_status status;
    } bad[] = {
        {{0, 2, 3, 4, 0, 0, 0}, INSTNORM_ERROR_SHAPE},           {{2, 0, 3, 4, 0, 0, 0}, INSTNORM_ERROR_SHAPE},
        {{2, 2, 0, 4, 0, 0, 0}, INSTNORM_ERROR_SHAPE},           {{2, 2, 3, 0, 0, 0, 0}, INSTNORM_ERROR_SHAPE},
        {{2, 2, 3, 4, 0, 0, 3}, INSTNORM_ERROR_OVERLAP},         {{2, 2, 3, 4, 0, 11, 0}, INSTNORM_ERROR_OVERLAP},
        {{2, 2, 3, 4, 23, 0, 0}, INSTNORM_ERROR_OVERLAP},        {{2, 2, 3, 4, 0, 13, 5}, INSTNORM_ERROR_OVERLAP},
        {{1, 1, 1, SIZE_MAX, 0, 0, 0}, INSTNORM_ERROR_SIZE},     {{1, 1, 2, big, 0, 0, 0}, INSTNORM_ERROR_SIZE},
        {{1, 2, 1, big, 0, 0, 0}, INSTNORM_ERROR_SIZE},          {{2, 1, 1, big, 0, 0, 0}, INSTNORM_ERROR_SIZE},
        {{1, 1, 4, SIZE_MAX / 8, 0, 0, 0}, INSTNORM_ERROR_SIZE}, {{2, 2, 3, 4, big, 0, 0}, INSTNORM_ERROR_SIZE},
        {{2, 2, 3, 4, 0, SIZE_MAX, 0}, INSTNORM_ERROR_SIZE},     {{2, 2, 3, 4, 0, 0, SIZE_MAX}, INSTNORM_ERROR_SIZE},
        {{big, big, 1, 1, 0, 0, 0}, INSTNORM_ERROR_SIZE},        {{SIZE_MAX, 2, 3, 4, 0, 0, 0}, INSTNORM_ERROR_SIZE},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        for (int kind = 0; kind < KINDS; kind++)
            REQUIRE(forward_shape((enum instnorm_kind)kind, 1, bad[i].shape) == bad[i].status, "shape %zu", i);
}
END_TEST

START_TEST(bad_groups_are_refused)
{
    const struct instnorm_shape s = {1, 4, 3, 4, 0, 0, 0};
    const size_t bad[] = {0, 3, 5, 8, SIZE_MAX};
    for (size_t i = 0; i < 5; i++)
        ck_assert_int_eq(forward_shape(INSTNORM_GROUP, bad[i], s), INSTNORM_ERROR_GROUPS);
    ck_assert_int_eq(forward_shape(INSTNORM_GROUP, 2, s), INSTNORM_OK);
    ck_assert_int_eq(forward_shape(INSTNORM_LAYER, 3, s), INSTNORM_OK);
}
END_TEST

START_TEST(bad_arguments_are_refused)
{
    const struct instnorm_shape s = {.n = 1, .c = 1, .h = 1, .w = 3};
    const float x[] = {1, 2, 3}, nan = NAN, inf = INFINITY;
    const double bad[] = {-1e-9, (double)NAN, (double)INFINITY};
    float y[3];
    ck_assert_int_eq(forward_shape((enum instnorm_kind)4, 1, s), INSTNORM_ERROR_KIND);
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(instnorm_forward(INSTNORM_INSTANCE, 0, &s, x, NULL, NULL, bad[i], y, NULL, NULL),
                         INSTNORM_ERROR_NUMBER);
    ck_assert_int_eq(instnorm_forward(INSTNORM_INSTANCE, 0, NULL, x, NULL, NULL, 0, y, NULL, NULL), INSTNORM_ERROR_NULL);
    ck_assert_int_eq(instnorm_forward(INSTNORM_INSTANCE, 0, &s, NULL, NULL, NULL, 0, y, NULL, NULL), INSTNORM_ERROR_NULL);
    ck_assert_int_eq(instnorm_forward(INSTNORM_INSTANCE, 0, &s, x, NULL, NULL, 0, NULL, NULL, NULL), INSTNORM_ERROR_NULL);
    ck_assert_int_eq(instnorm_forward(INSTNORM_INSTANCE, 0, &s, x, &nan, NULL, 0, y, NULL, NULL), INSTNORM_ERROR_NUMBER);
    ck_assert_int_eq(instnorm_forward(INSTNORM_INSTANCE, 0, &s, x, NULL, &inf, 0, y, NULL, NULL), INSTNORM_ERROR_NUMBER);
}
END_TEST

START_TEST(a_pool_without_samples_is_an_error)
{
    const struct instnorm_shape s = {.n = 1, .c = 3, .h = 1, .w = 2};
    const float x[] = {1, 3, NAN, INFINITY, 1, 3};
    float y[] = {9, 9, 9, 9, 9, 9};
    ck_assert_int_eq(instnorm_forward(INSTNORM_INSTANCE, 0, &s, x, NULL, NULL, 0, y, NULL, NULL), INSTNORM_ERROR_EMPTY);
    ck_assert_msg(y[0] == -1 && y[1] == 1, "the plane before it is done");
    ck_assert_msg(y[2] == 9 && y[4] == 9, "the others are not");
}
END_TEST

START_TEST(rstd_of_no_variance_is_0)
{
    const struct instnorm_shape s = {.n = 1, .c = 2, .h = 1, .w = 2};
    const float x[] = {5, 5, 1, 3};
    double mean[2], rstd[2];
    float y[4];
    ck_assert_int_eq(instnorm_forward(INSTNORM_INSTANCE, 0, &s, x, NULL, NULL, 0, y, mean, rstd), INSTNORM_OK);
    ck_assert(mean[0] == 5 && rstd[0] == 0 && mean[1] == 2 && rstd[1] == 1);
    ck_assert(y[0] == 0 && y[1] == 0 && y[2] == -1 && y[3] == 1);
    ck_assert_int_eq(instnorm_forward(INSTNORM_INSTANCE, 0, &s, x, NULL, NULL, 0.25, y, NULL, rstd), INSTNORM_OK);
    ck_assert(rstd[0] == 2 && y[0] == 0);
}
END_TEST

SUITE(norm)
{
    TCase *forward = tcase_create("forward"), *errors = tcase_create("errors");

    tcase_add_loop_test(forward, forward_is_the_plain_loop, 0, KINDS);
    tcase_add_loop_test(forward, forward_leaves_out_what_is_not_finite, 0, KINDS);
    tcase_add_loop_test(forward, forward_takes_rows_wider_than_a_block, 0, KINDS);
    tcase_add_loop_test(forward, layouts_agree_bit_for_bit, 0, KINDS);
    tcase_add_test(forward, stride_0_is_dense);
    tcase_add_test(forward, kinds_meet_at_their_borders);
    tcase_add_test(errors, bad_shapes_are_refused);
    tcase_add_test(errors, bad_groups_are_refused);
    tcase_add_test(errors, bad_arguments_are_refused);
    tcase_add_test(errors, a_pool_without_samples_is_an_error);
    tcase_add_test(errors, rstd_of_no_variance_is_0);
    suite_add_tcase(suite, forward);
    suite_add_tcase(suite, errors);
}
