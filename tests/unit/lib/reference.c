/* PyTorch's numbers (reference.h): forward, backward, running statistics and inference. */
#include "instnorm.h"
#include "reference.h"
#include "support.h"

enum { SAMPLES_MAX = 512, PLANES_MAX = 64, CHANNELS_MAX = 8 };

/*
 * Floats are the reference rounded once, 2^-24 of it, which is well within the 2e-6 of it that one may count on. What
 * double precision loses before that is measured by the largest number of the array.
 */
static void require_floats(const struct torch_case *t, const float *got, const double *want, const char *what)
{
    size_t n = t->n * t->c * t->h * t->w;
    double largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(want[i]));
    for (size_t i = 0; i < n; i++)
        REQUIRE(fabs((double)got[i] - want[i]) <= 6e-8 * fabs(want[i]) + 1e-12 * largest, "%s: %s %zu is %.9g, not %.17g",
                t->name, what, i, (double)got[i], want[i]);
}

/* Numbers [C]. */
static void require_doubles(const struct torch_case *t, const double *got, const double *want, const char *what)
{
    double largest = 0;
    for (size_t c = 0; c < t->c; c++)
        largest = fmax(largest, fabs(want[c]));
    for (size_t c = 0; c < t->c; c++)
        REQUIRE(fabs(got[c] - want[c]) <= 1e-12 * largest, "%s: %s %zu is %.17g, not %.17g", t->name, what, c, got[c],
                want[c]);
}

static struct instnorm_shape shape_of(const struct torch_case *t)
{
    ck_assert(t->n * t->c * t->h * t->w <= SAMPLES_MAX && t->n * t->c <= PLANES_MAX && t->c <= CHANNELS_MAX);
    return (struct instnorm_shape){.n = t->n, .c = t->c, .h = t->h, .w = t->w};
}

static void require_forward(const struct torch_case *t, double *mean, double *rstd)
{
    struct instnorm_shape s = shape_of(t);
    float y[SAMPLES_MAX];
    ck_assert_int_eq(instnorm_forward(t->kind, t->groups, &s, t->x, t->gamma, t->beta, t->eps, y, mean, rstd), INSTNORM_OK);
    require_floats(t, y, t->y, "y");
}

static void require_backward(const struct torch_case *t, const double *mean, const double *rstd)
{
    struct instnorm_shape s = shape_of(t);
    float dx[SAMPLES_MAX];
    double dgamma[CHANNELS_MAX] = {0}, dbeta[CHANNELS_MAX] = {0};
    ck_assert_int_eq(instnorm_backward(t->kind, t->groups, &s, t->x, t->dy, t->gamma, mean, rstd, dx, dgamma, dbeta),
                     INSTNORM_OK);
    require_floats(t, dx, t->dx, "dx");
    require_doubles(t, dgamma, t->dgamma, "dgamma");
    require_doubles(t, dbeta, t->dbeta, "dbeta");
}

static void require_running(const struct torch_case *t, const double *mean, const double *rstd)
{
    struct instnorm_shape s = shape_of(t);
    double running_mean[CHANNELS_MAX], running_variance[CHANNELS_MAX];
    for (size_t c = 0; c < t->c; c++) {
        running_mean[c] = t->mean_before[c];
        running_variance[c] = t->variance_before[c];
    }
    ck_assert_int_eq(instnorm_running(t->kind, &s, mean, rstd, t->eps, t->momentum, running_mean, running_variance),
                     INSTNORM_OK);
    require_doubles(t, running_mean, t->mean_after, "running mean");
    require_doubles(t, running_variance, t->variance_after, "running variance");
}

static void require_inference(const struct torch_case *t)
{
    struct instnorm_shape s = shape_of(t);
    float y[SAMPLES_MAX];
    ck_assert_int_eq(instnorm_inference(&s, t->x, t->mean_before, t->variance_before, t->gamma, t->beta, t->eps, y),
                     INSTNORM_OK);
    require_floats(t, y, t->y, "y");
}

START_TEST(pytorch_agrees)
{
    const struct torch_case *t = &torch_cases[_i];
    double mean[PLANES_MAX], rstd[PLANES_MAX];
    if (t->inference) {
        require_inference(t);
        return;
    }
    require_forward(t, mean, rstd);
    require_backward(t, mean, rstd);
    if (t->mean_after)
        require_running(t, mean, rstd);
}
END_TEST

SUITE(reference)
{
    TCase *pytorch = tcase_create("pytorch");

    tcase_add_loop_test(pytorch, pytorch_agrees, 0, TORCH_CASES);
    suite_add_tcase(suite, pytorch);
}
