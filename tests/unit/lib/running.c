/* Around the forward pass: running statistics and inference; the same by hand, in parts, and with threads. */
#include "instnorm.h"
#include "support.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { KINDS = 4 };

/* ---- running statistics -------------------------------------------------------------------------------------------- */

/* Two samples of two channels: means 2, 5 and 7, 1; biased variances 1, 4 and 9, 0. */
static const float pairs[] = {1, 3, 3, 7, 4, 10, 1, 1};
static const struct instnorm_shape pairs_shape = {.n = 2, .c = 2, .h = 1, .w = 2};

struct running {
    double mean[2], variance[2];
};

static struct running run(enum instnorm_kind kind, double eps, double momentum, struct running before)
{
    double mean[4], rstd[4];
    float y[8];
    ck_assert_int_eq(instnorm_forward(kind, 0, &pairs_shape, pairs, NULL, NULL, eps, y, mean, rstd), INSTNORM_OK);
    ck_assert_int_eq(instnorm_running(kind, &pairs_shape, mean, rstd, eps, momentum, before.mean, before.variance),
                     INSTNORM_OK);
    return before;
}

static void require_running(const struct running *got, double mean0, double mean1, double variance0, double variance1)
{
    REQUIRE_CLOSE(got->mean[0], mean0, 1e-13L);
    REQUIRE_CLOSE(got->mean[1], mean1, 1e-13L);
    REQUIRE_CLOSE(got->variance[0], variance0, 1e-13L);
    REQUIRE_CLOSE(got->variance[1], variance1, 1e-13L);
}

/* The unbiased variances 2, 8 and 18, 0. */
START_TEST(instances_are_averaged_over_the_samples)
{
    for (int i = 0; i < 2; i++) {
        struct running r = run(INSTNORM_INSTANCE, i ? 0 : 0.5, 1, (struct running){{0}, {0}});
        require_running(&r, 4.5, 3, 10, 4);
    }
}
END_TEST

/* Channels 1, 3, 4, 10 and 3, 7, 1, 1: sums of squares 45 and 24. */
START_TEST(a_batch_is_one_pool)
{
    for (int i = 0; i < 2; i++) {
        struct running r = run(INSTNORM_BATCH, i ? 0 : 0.5, 1, (struct running){{0}, {0}});
        require_running(&r, 4.5, 3, 15, 8);
    }
}
END_TEST

START_TEST(momentum_is_the_weight_of_the_new)
{
    const struct running before = {{10, -20}, {1, 3}};
    struct running none = run(INSTNORM_BATCH, 1e-5, 0, before), tenth = run(INSTNORM_BATCH, 1e-5, 0.1, before);
    struct running twice = run(INSTNORM_BATCH, 1e-5, 0.1, tenth), all = run(INSTNORM_BATCH, 1e-5, 1, before);
    ck_assert(memcmp(&none, &before, sizeof none) == 0);
    require_running(&tenth, 9.45, -17.7, 2.4, 3.5);
    require_running(&twice, 8.955, -15.63, 3.66, 3.95);
    require_running(&all, 4.5, 3, 15, 8);
}
END_TEST

/* The variance comes back from rstd, and is never negative. */
START_TEST(no_variance_stays_none)
{
    const struct instnorm_shape s = {.n = 1, .c = 1, .h = 1, .w = 2};
    const double mean = 3;
    for (int i = 0; i < 100; i++) {
        double eps = i * 1e-7, rstd = eps > 0 ? 1 / sqrt(eps) : 0, running_mean = 0, running_variance = 0;
        ck_assert_int_eq(instnorm_running(INSTNORM_INSTANCE, &s, &mean, &rstd, eps, 1, &running_mean, &running_variance),
                         INSTNORM_OK);
        ck_assert(running_mean == 3 && running_variance >= 0 && running_variance <= 2e-15 * eps);
    }
}
END_TEST

static enum instnorm_status try_running(enum instnorm_kind kind, const struct instnorm_shape *s, double eps,
                                        double momentum, int missing)
{
    double a[64] = {0}, rstd[64] = {0}, mean = 5, variance = 5;
    enum instnorm_status status = instnorm_running(kind, s, missing == 1 ? NULL : a, missing == 2 ? NULL : rstd, eps,
                                                   momentum, missing == 3 ? NULL : &mean, missing == 4 ? NULL : &variance);
    if (status != INSTNORM_OK)
        REQUIRE(mean == 5 && variance == 5, "what was refused was written");
    return status;
}

START_TEST(running_refuses)
{
    const struct instnorm_shape one = {.n = 1, .c = 1, .h = 1, .w = 1}, two = {.n = 2, .c = 1, .h = 1, .w = 1};
    const struct instnorm_shape wide = {.n = 1, .c = 1, .h = 1, .w = 2};
    const struct instnorm_shape none = {.n = 1, .c = 1, .h = 0, .w = 2}, short_stride = {1, 1, 2, 4, 0, 0, 3};
    ck_assert_int_eq(try_running(INSTNORM_INSTANCE, &one, 1e-5, 0.1, 0), INSTNORM_ERROR_SINGLE);
    ck_assert_int_eq(try_running(INSTNORM_BATCH, &one, 1e-5, 0.1, 0), INSTNORM_ERROR_SINGLE);
    ck_assert_int_eq(try_running(INSTNORM_INSTANCE, &two, 1e-5, 0.1, 0), INSTNORM_ERROR_SINGLE);
    ck_assert_int_eq(try_running(INSTNORM_BATCH, &two, 1e-5, 0.1, 0), INSTNORM_OK);
    ck_assert_int_eq(try_running(INSTNORM_INSTANCE, &wide, 1e-5, 0.1, 0), INSTNORM_OK);
    ck_assert_int_eq(try_running(INSTNORM_INSTANCE, &none, 1e-5, 0.1, 0), INSTNORM_ERROR_SHAPE);
    ck_assert_int_eq(try_running(INSTNORM_BATCH, &short_stride, 1e-5, 0.1, 0), INSTNORM_ERROR_OVERLAP);
    ck_assert_int_eq(try_running(INSTNORM_LAYER, &wide, 1e-5, 0.1, 0), INSTNORM_ERROR_KIND);
    ck_assert_int_eq(try_running(INSTNORM_GROUP, &wide, 1e-5, 0.1, 0), INSTNORM_ERROR_KIND);
    ck_assert_int_eq(try_running(INSTNORM_BATCH, &wide, 1e-5, (double)NAN, 0), INSTNORM_ERROR_NUMBER);
    ck_assert_int_eq(try_running(INSTNORM_BATCH, &wide, -1, 0.1, 0), INSTNORM_ERROR_NUMBER);
    ck_assert_int_eq(try_running(INSTNORM_BATCH, &wide, (double)NAN, 0.1, 0), INSTNORM_ERROR_NUMBER);
    ck_assert_int_eq(try_running(INSTNORM_BATCH, &wide, 1e-5, (double)INFINITY, 0), INSTNORM_ERROR_NUMBER);
    ck_assert_int_eq(try_running(INSTNORM_BATCH, NULL, 1e-5, 0.1, 0), INSTNORM_ERROR_NULL);
    for (int missing = 1; missing <= 4; missing++)
        ck_assert_int_eq(try_running(INSTNORM_BATCH, &wide, 1e-5, 0.1, missing), INSTNORM_ERROR_NULL);
}
END_TEST

/* ---- inference ----------------------------------------------------------------------------------------------------- */

START_TEST(inference_is_the_plain_map)
{
    const struct instnorm_shape s = {.n = 2, .c = 2, .h = 1, .w = 2};
    const struct instnorm_shape strided = {.n = 2, .c = 2, .h = 1, .w = 2, .stride_n = 7, .stride_c = 3, .stride_h = 3};
    const double mean[] = {1, 4}, variance[] = {4, 2.25};
    const float gamma[] = {2, -3}, beta[] = {0, 5}, want[] = {0, 2, 7, -1, 3, 9, 11, 11};
    float y[8], padded[14], bare[8];

    ck_assert_int_eq(instnorm_inference(&s, pairs, mean, variance, gamma, beta, 0, y), INSTNORM_OK);
    ck_assert(memcmp(y, want, sizeof y) == 0);
    ck_assert_int_eq(instnorm_inference(&s, pairs, mean, variance, NULL, NULL, 0, bare), INSTNORM_OK);
    ck_assert(bare[1] == 1 && bare[3] == 2);

    fill(padded, 14, 99);
    for (size_t i = 0; i < 8; i++)
        padded[i / 4 * 7 + i / 2 % 2 * 3 + i % 2] = pairs[i];
    ck_assert_int_eq(instnorm_inference(&strided, padded, mean, variance, gamma, beta, 0, padded), INSTNORM_OK);
    for (size_t i = 0; i < 8; i++)
        REQUIRE(padded[i / 4 * 7 + i / 2 % 2 * 3 + i % 2] == want[i], "%zu", i);
    ck_assert(padded[2] == 99 && padded[5] == 99 && padded[6] == 99 && padded[13] == 99);
}
END_TEST

START_TEST(inference_without_variance_gives_beta)
{
    const struct instnorm_shape s = {.n = 1, .c = 2, .h = 1, .w = 2};
    const double mean[] = {1, 1}, variance[] = {0, 1};
    const float x[] = {-1e30f, 1e30f, 0, 3}, gamma[] = {3, 1}, beta[] = {0.25f, 0};
    float y[4];
    ck_assert_int_eq(instnorm_inference(&s, x, mean, variance, gamma, beta, 0, y), INSTNORM_OK);
    ck_assert(y[0] == 0.25f && y[1] == 0.25f && y[2] == -1 && y[3] == 2);
}
END_TEST

START_TEST(inference_refuses)
{
    const struct instnorm_shape s = {.n = 1, .c = 1, .h = 1, .w = 2}, none = {.n = 1, .c = 1, .h = 0, .w = 2};
    const float x[] = {1, 2}, nan = NAN;
    const double nan_given = (double)NAN, infinite = (double)INFINITY, negative = -1, one = 1;
    const double least = 0x1p-1074, most = 0x1p1023;
    const double *bad[] = {&nan_given, &infinite, &negative};
    float y[2] = {7, 7};

    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(instnorm_inference(&s, x, &one, bad[i], NULL, NULL, 0, y), INSTNORM_ERROR_NUMBER);
        ck_assert_int_eq(instnorm_inference(&s, x, &one, &one, NULL, NULL, *bad[i], y), INSTNORM_ERROR_NUMBER);
        if (i < 2)
            ck_assert_int_eq(instnorm_inference(&s, x, bad[i], &one, NULL, NULL, 0, y), INSTNORM_ERROR_NUMBER);
    }
    ck_assert_int_eq(instnorm_inference(&s, x, &one, &one, &nan, NULL, 0, y), INSTNORM_ERROR_NUMBER);
    ck_assert_int_eq(instnorm_inference(&s, x, &one, &one, NULL, &nan, 0, y), INSTNORM_ERROR_NUMBER);
    ck_assert_int_eq(instnorm_inference(NULL, x, &one, &one, NULL, NULL, 0, y), INSTNORM_ERROR_NULL);
    ck_assert_int_eq(instnorm_inference(&s, NULL, &one, &one, NULL, NULL, 0, y), INSTNORM_ERROR_NULL);
    ck_assert_int_eq(instnorm_inference(&s, x, NULL, &one, NULL, NULL, 0, y), INSTNORM_ERROR_NULL);
    ck_assert_int_eq(instnorm_inference(&s, x, &one, NULL, NULL, NULL, 0, y), INSTNORM_ERROR_NULL);
    ck_assert_int_eq(instnorm_inference(&s, x, &one, &one, NULL, NULL, 0, NULL), INSTNORM_ERROR_NULL);
    ck_assert_int_eq(instnorm_inference(&none, x, &one, &one, NULL, NULL, 0, y), INSTNORM_ERROR_SHAPE);
    ck_assert_int_eq(instnorm_inference(&s, x, &most, &least, NULL, NULL, 0, y), INSTNORM_ERROR_OVERFLOW);
    ck_assert(y[0] == 7 && y[1] == 7);
    ck_assert_int_eq(instnorm_inference(&s, x, &one, &least, NULL, NULL, 0, y), INSTNORM_OK);
    ck_assert(y[0] == 0 && y[1] > 1e30f);
}
END_TEST

/* ---- by hand: measure, pool, solve, apply -------------------------------------------------------------------------- */

enum { N = 2, C = 6, GROUPS = 3, H = 37, W = 211, PLANE = H * W, SAMPLES = N * C * PLANE };
static const struct instnorm_shape tensor_shape = {.n = N, .c = C, .h = H, .w = W};

struct tensor {
    float *x, gamma[C], beta[C];
};

/* Planes of noise far from 0, near it, constant, of both zeros, and of two neighbouring floats; `odd` adds what is not
 * finite. */
static struct tensor make_tensor(bool odd)
{
    struct tensor t = {.x = must_alloc(SAMPLES * sizeof *t.x)};
    struct random r = {400};

    random_floats(&r, 3, 1, t.gamma, C);
    random_floats(&r, 0, 1, t.beta, C);
    random_floats(&r, 2, 3, t.x, SAMPLES);
    random_floats(&r, 1e4, 1e-2, t.x + PLANE, PLANE);
    fill(t.x + 2 * PLANE, 2 * PLANE, 0.1f);
    for (size_t i = 0; i < PLANE; i++) {
        t.x[(C + 4) * PLANE + i] = random_below(&r, 2) ? 0.0f : -0.0f;
        t.x[(C + 5) * PLANE + i] = random_below(&r, 2) ? 1.0f : 0x1.000002p0f;
    }
    t.x[3 * PLANE + 77] = nextafterf(0.1f, 1);
    for (size_t i = 0; odd && i < SAMPLES; i += 1 + random_below(&r, 3 * PLANE))
        t.x[i] = i % 3 == 0 ? NAN : i % 3 == 1 ? INFINITY : -INFINITY;
    return t;
}

/* The channels [c0, c1) of the samples [n0, n1) are one pool: y, *mean and *rstd from the four steps. */
static void pool_by_hand(const struct tensor *t, size_t n0, size_t n1, size_t c0, size_t c1, double eps, float *y,
                         double *mean, double *rstd)
{
    struct instnorm_moments m;
    instnorm_moments_clear(&m);
    for (size_t n = n0; n < n1; n++)
        for (size_t c = c0; c < c1; c++) {
            struct instnorm_moments plane;
            instnorm_moments_clear(&plane);
            ck_assert_int_eq(instnorm_measure_plane(t->x + (n * C + c) * PLANE, H, W, W, &plane), INSTNORM_OK);
            instnorm_merge(&m, &plane);
        }
    for (size_t c = c0; c < c1; c++) {
        struct instnorm_target target = {(double)t->gamma[c], (double)t->beta[c], eps, 1, 1, 1};
        struct instnorm_affine map;
        ck_assert_int_eq(instnorm_solve(&m, &target, &map), INSTNORM_OK);
        for (size_t n = n0; n < n1; n++)
            instnorm_apply(t->x + (n * C + c) * PLANE, PLANE, &map, y + (n * C + c) * PLANE);
    }
    *mean = m.mean;
    *rstd = instnorm_variance(&m) + eps > 0 ? 1 / sqrt(instnorm_variance(&m) + eps) : 0;
}

static void by_hand(enum instnorm_kind kind, const struct tensor *t, double eps, float *y, double *mean, double *rstd)
{
    size_t width = kind == INSTNORM_LAYER ? C : kind == INSTNORM_GROUP ? C / GROUPS : 1, pool = 0;
    size_t height = kind == INSTNORM_BATCH ? N : 1;
    for (size_t n = 0; n < N; n += height)
        for (size_t c = 0; c < C; c += width, pool++)
            pool_by_hand(t, n, n + height, c, c + width, eps, y, mean + pool, rstd + pool);
}

START_TEST(forward_is_the_four_steps)
{
    for (int i = 0; i < 4; i++) {
        struct tensor t = make_tensor(i & 1);
        float *got = must_alloc(SAMPLES * sizeof *got), *want = must_alloc(SAMPLES * sizeof *want);
        double mean[N * C] = {0}, rstd[N * C] = {0}, want_mean[N * C] = {0}, want_rstd[N * C] = {0}, eps = i & 2 ? 1e-5 : 0;
        enum instnorm_kind kind = (enum instnorm_kind)_i;

        by_hand(kind, &t, eps, want, want_mean, want_rstd);
        ck_assert_int_eq(instnorm_forward(kind, GROUPS, &tensor_shape, t.x, t.gamma, t.beta, eps, got, mean, rstd),
                         INSTNORM_OK);
        ck_assert_msg(memcmp(got, want, SAMPLES * sizeof *got) == 0, "y differs");
        ck_assert_msg(memcmp(mean, want_mean, sizeof mean) == 0, "mean differs");
        ck_assert_msg(memcmp(rstd, want_rstd, sizeof rstd) == 0, "rstd differs");
        free(t.x);
        free(got);
        free(want);
    }
}
END_TEST

/* ---- in parts: what is not pooled together can be split ------------------------------------------------------------ */

/* Channels [first, last) of samples [sample, sample + samples): a tensor of its own, whose strides are those of the whole.
 */
struct part {
    enum instnorm_kind kind;
    const struct tensor *t;
    float *y;
    size_t sample, samples, first, last;
    enum instnorm_status status;
};

static void *forward_part(void *argument)
{
    struct part *p = argument;
    size_t at = (p->sample * C + p->first) * PLANE;
    struct instnorm_shape s = {.n = p->samples, .c = p->last - p->first, .h = H, .w = W, .stride_n = C * PLANE};
    p->status = instnorm_forward(p->kind, p->kind == INSTNORM_GROUP ? s.c / (C / GROUPS) : 0, &s, p->t->x + at,
                                 p->t->gamma + p->first, p->t->beta + p->first, 1e-5, p->y + at, NULL, NULL);
    return NULL;
}

/* part[] <- random runs of channels (of groups; whole layers); returns how many. */
static size_t split(enum instnorm_kind kind, const struct tensor *t, float *y, struct random *r, struct part *part)
{
    size_t unit = kind == INSTNORM_LAYER ? C : kind == INSTNORM_GROUP ? C / GROUPS : 1, count = 0;
    size_t samples = kind == INSTNORM_BATCH || (kind == INSTNORM_INSTANCE && random_below(r, 2)) ? N : 1;
    for (size_t n = 0; n < N; n += samples)
        for (size_t first = 0, last; first < C; first = last) {
            last = first + unit * (1 + random_below(r, (C - first) / unit));
            part[count++] = (struct part){kind, t, y, n, samples, first, last, INSTNORM_ERROR_EMPTY};
        }
    return count;
}

static void run_parts(struct part *part, size_t count, bool threads)
{
    pthread_t thread[N * C];
    for (size_t i = 0; i < count; i++)
        if (threads)
            REQUIRE(pthread_create(&thread[i], NULL, forward_part, &part[i]) == 0, "no thread %zu", i);
        else
            forward_part(&part[i]);
    for (size_t i = 0; i < count; i++) {
        if (threads)
            REQUIRE(pthread_join(thread[i], NULL) == 0, "thread %zu is lost", i);
        REQUIRE(part[i].status == INSTNORM_OK, "part %zu: %s", i, instnorm_status_string(part[i].status));
    }
}

START_TEST(parts_give_the_bytes_of_the_whole)
{
    enum instnorm_kind kind = (enum instnorm_kind)_i;
    struct tensor t = make_tensor(true);
    struct random r = {500};
    float *whole = must_alloc(SAMPLES * sizeof *whole), *parts = must_alloc(SAMPLES * sizeof *parts);
    struct part part[N * C];

    ck_assert_int_eq(instnorm_forward(kind, GROUPS, &tensor_shape, t.x, t.gamma, t.beta, 1e-5, whole, NULL, NULL),
                     INSTNORM_OK);
    for (int i = 0; i < 20; i++) {
        fill(parts, SAMPLES, 12345);
        run_parts(part, split(kind, &t, parts, &r, part), i % 2);
        REQUIRE(memcmp(parts, whole, SAMPLES * sizeof *whole) == 0, "split %d differs", i);
    }
    free(t.x);
    free(whole);
    free(parts);
}
END_TEST

SUITE(running)
{
    TCase *running = tcase_create("running"), *inference = tcase_create("inference"), *parts = tcase_create("parts");

    tcase_add_test(running, instances_are_averaged_over_the_samples);
    tcase_add_test(running, a_batch_is_one_pool);
    tcase_add_test(running, momentum_is_the_weight_of_the_new);
    tcase_add_test(running, no_variance_stays_none);
    tcase_add_test(running, running_refuses);
    tcase_add_test(inference, inference_is_the_plain_map);
    tcase_add_test(inference, inference_without_variance_gives_beta);
    tcase_add_test(inference, inference_refuses);
    tcase_add_loop_test(parts, forward_is_the_four_steps, 0, KINDS);
    tcase_add_loop_test(parts, parts_give_the_bytes_of_the_whole, 0, KINDS);
    suite_add_tcase(suite, running);
    suite_add_tcase(suite, inference);
    suite_add_tcase(suite, parts);
}
