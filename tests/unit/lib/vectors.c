/* Published numbers: the tests of other projects, and inputs that their bug reports name. */
#include "instnorm.h"
#include "support.h"

#include <float.h>
#include <stdlib.h>

/* ---- forward ---------------------------------------------------------------------------------------------------- */

struct vector {
    enum instnorm_kind kind;
    struct instnorm_shape shape;
    const float *x, *gamma, *beta;
    double eps, tolerance;
    const double *y; /* the first `given` of the wanted numbers */
    size_t given;
};

static void require_vector(const struct vector *v)
{
    float y[64];
    ck_assert_int_eq(instnorm_forward(v->kind, 0, &v->shape, v->x, v->gamma, v->beta, v->eps, y, NULL, NULL), INSTNORM_OK);
    for (size_t i = 0; i < v->given; i++)
        REQUIRE_CLOSE(y[i], v->y[i], v->tolerance);
}

/* ONNX backend test, test_instancenorm_example. */
START_TEST(vector_a_onnx_example)
{
    const float x[] = {-1, 0, 1, 2, 3, 4}, s[] = {1, 1.5f}, bias[] = {0, 1};
    const double y[] = {-1.2247356859, 0, 1.2247356859, -0.8371035289, 1, 2.8371035289};
    require_vector(&(struct vector){.shape = {.n = 1, .c = 2, .h = 1, .w = 3},
                                    .x = x,
                                    .gamma = s,
                                    .beta = bias,
                                    .eps = 1e-5,
                                    .tolerance = 2e-7,
                                    .y = y,
                                    .given = 6});
}
END_TEST

/* onnxruntime, InstanceNorm. */
START_TEST(vector_b_onnxruntime_instancenorm)
{
    const float x[] = {3.1513367f, 9.283596f,  1.4546119f, 5.4617004f, 8.519701f, 1.2382338f,
                       1.7930176f, 5.1099434f, 7.9195533f, 7.638727f,  8.065445f, 3.8082376f};
    const double y[] = {-0.56495477, 1.48930046, -1.13334329, 0.20899761, 1.46688162, -0.98600774,
                        -0.79911913, 0.31824524, 0.57370438,  0.42193634, 0.6525492,  -1.64818992};
    require_vector(&(struct vector){
        .shape = {.n = 1, .c = 3, .h = 1, .w = 4}, .x = x, .eps = 0.3, .tolerance = 2e-7, .y = y, .given = 12});
}
END_TEST

/* onnxruntime, InstanceNorm_2: the first plane. */
START_TEST(vector_c_onnxruntime_instancenorm_2)
{
    const float x[] = {2.676342f, 4.1100464f, 4.570907f, 5.8493505f, 4.772751f, 7.1669755f};
    const float scale = 4.753198f, beta = 3.720993f;
    const double y[] = {-3.1855264, 1.3537457, 2.8128836, 6.860582, 3.451944, 11.032334};
    require_vector(&(struct vector){.shape = {.n = 1, .c = 1, .h = 2, .w = 3},
                                    .x = x,
                                    .gamma = &scale,
                                    .beta = &beta,
                                    .eps = 0.3,
                                    .tolerance = 4e-6,
                                    .y = y,
                                    .given = 6});
}
END_TEST

/* onnxruntime, InstanceNormNCHW: a constant channel gives beta. */
START_TEST(vector_d_onnxruntime_constant_channel)
{
    const float x[] = {1, 2, 3, 2, 2, 2}, scale[] = {1, 1}, beta[] = {0, 2};
    const double y[] = {-1.21566, 0, 1.21566, 2, 2, 2};
    require_vector(&(struct vector){.shape = {.n = 1, .c = 2, .h = 1, .w = 3},
                                    .x = x,
                                    .gamma = scale,
                                    .beta = beta,
                                    .eps = 0.01,
                                    .tolerance = 5e-6,
                                    .y = y,
                                    .given = 6});
}
END_TEST

/* TensorFlow, per_image_standardization: all channels pooled. */
START_TEST(vector_e_tensorflow_standardization)
{
    const float x[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    const double half[] = {-1.593255, -1.3035723, -1.0138896, -0.7242068, -0.4345241, -0.14484136};
    double y[12];
    for (size_t i = 0; i < 6; i++) {
        y[i] = half[i];
        y[11 - i] = -half[i];
    }
    require_vector(&(struct vector){
        .kind = INSTNORM_LAYER, .shape = {.n = 1, .c = 3, .h = 2, .w = 2}, .x = x, .tolerance = 3e-7, .y = y, .given = 12});
}
END_TEST

/* mlx, issue 4228: checkerboards. */
START_TEST(vector_f_mlx_checkerboard)
{
    const struct instnorm_shape s = {.n = 1, .c = 2, .h = 64, .w = 64};
    float *x = must_alloc(2 * 4096 * sizeof *x);
    for (size_t i = 0; i < 2 * 4096; i++)
        x[i] = ((i / 64 + i) % 2 ? 1.0f : -1.0f) * (i < 4096 ? 512.0f : 256.0f);
    ck_assert_int_eq(instnorm_forward(INSTNORM_INSTANCE, 0, &s, x, NULL, NULL, 1e-5, x, NULL, NULL), INSTNORM_OK);
    for (size_t i = 0; i < 2 * 4096; i++)
        REQUIRE(x[i] == ((i / 64 + i) % 2 ? 1.0f : -1.0f), "%zu: %g", i, (double)x[i]);
    free(x);
}
END_TEST

/* onnxruntime, issue 21935: a constant gave NaN. */
START_TEST(vector_h_constant_forward)
{
    const struct instnorm_shape s = {.n = 1, .c = 1, .h = 1, .w = 256};
    float x[256];
    for (int kind = 0; kind < 4; kind++)
        for (int zero = 0; zero < 2; zero++) {
            fill(x, 256, 1234);
            ck_assert_int_eq(
                instnorm_forward((enum instnorm_kind)kind, 1, &s, x, NULL, NULL, zero ? 0 : 1e-5, x, NULL, NULL),
                INSTNORM_OK);
            for (size_t i = 0; i < 256; i++)
                REQUIRE(x[i] == 0, "%zu: %g", i, (double)x[i]);
        }
}
END_TEST

/* pytorch, issue 22617: normalized with the biased variance, five numbers have the unbiased variance 5 / 4. */
START_TEST(vector_j_biased_variance)
{
    const struct instnorm_shape s = {.n = 1, .c = 1, .h = 1, .w = 5};
    const float x[] = {1, 2, 3, 4, 5};
    float y[5];
    double sum = 0;
    ck_assert_int_eq(instnorm_forward(INSTNORM_INSTANCE, 0, &s, x, NULL, NULL, 1e-5, y, NULL, NULL), INSTNORM_OK);
    for (size_t i = 0; i < 5; i++)
        sum += (double)y[i] * (double)y[i];
    REQUIRE_CLOSE(sum / 4, 1.25, 1e-5);
}
END_TEST

/* pytorch, pull request 178123: squares of these overflow float. */
START_TEST(vector_k_large_numbers)
{
    const struct instnorm_shape s = {.n = 1, .c = 2, .h = 8, .w = 8};
    struct random r = {95};
    float x[128], y[128];
    double mean[2], rstd[2];
    random_floats(&r, 0, 1e30, x, 128);
    x[7] = FLT_MAX;
    ck_assert_int_eq(instnorm_forward(INSTNORM_INSTANCE, 0, &s, x, NULL, NULL, 1e-5, y, mean, rstd), INSTNORM_OK);
    for (size_t c = 0; c < 2; c++) {
        struct reference want = reference(x + 64 * c, NULL, 64);
        long double deviation = sqrtl(want.m2 / 64 + 1e-5L);
        REQUIRE_CLOSE(mean[c], want.mean, 1e-12L * want.size);
        REQUIRE_NEAR(rstd[c], 1 / deviation, 1e-11L);
        for (size_t i = 64 * c; i < 64 * c + 64; i++)
            REQUIRE_CLOSE(y[i], (x[i] - want.mean) / deviation, 6e-8L * fabsl((x[i] - want.mean) / deviation) + 1e-11L);
    }
}
END_TEST

/* ---- moments ---------------------------------------------------------------------------------------------------- */

/* ncnn, pull request 874: the one-pass variance of these was negative. */
START_TEST(vector_g_tiny_constant)
{
    static float x[3136];
    fill(x, 3136, -2.77808977674856681365843268e-19f);
    struct instnorm_moments m;
    instnorm_measure(x, NULL, 3136, &m);
    ck_assert(instnorm_variance(&m) == 0);
    ck_assert(m.mean == (double)-2.77808977674856681365843268e-19f);
}
END_TEST

/* onnxruntime, issue 21935: 256 copies of 1234. */
START_TEST(vector_h_constant_moments)
{
    float x[256];
    fill(x, 256, 1234);
    struct instnorm_moments m;
    instnorm_measure(x, NULL, 256, &m);
    ck_assert(m.mean == 1234 && m.m2 == 0 && m.min == m.max);
}
END_TEST

/* A variance that one pass in float loses; 4 % is five deviations of the variance of 32768 normal numbers. */
static void require_small_variance(uint64_t seed, double mean, double deviation)
{
    size_t n = 32768;
    float *x = must_alloc(n * sizeof *x);
    struct random r = {seed};
    struct instnorm_moments m;
    random_floats(&r, mean, deviation, x, n);
    instnorm_moments_clear(&m);
    ck_assert_int_eq(instnorm_measure_plane(x, 128, 256, 256, &m), INSTNORM_OK);
    struct reference want = reference(x, NULL, n);
    REQUIRE_NEAR(m.m2, want.m2, 1e-12L);
    REQUIRE_NEAR(instnorm_variance(&m), deviation * deviation, 0.04L);
    free(x);
}

/* pytorch, issue 40302; tt-metal, issue 45968; sherpa-onnx, issue 3853. */
START_TEST(vector_i_small_variance)
{
    require_small_variance(13, 100, 0.01);
    require_small_variance(14, 5, 0.1);
    require_small_variance(15, -15.94, 0.005);
}
END_TEST

SUITE(vectors)
{
    TCase *forward = tcase_create("forward"), *measure = tcase_create("measure");

    tcase_add_test(forward, vector_a_onnx_example);
    tcase_add_test(forward, vector_b_onnxruntime_instancenorm);
    tcase_add_test(forward, vector_c_onnxruntime_instancenorm_2);
    tcase_add_test(forward, vector_d_onnxruntime_constant_channel);
    tcase_add_test(forward, vector_e_tensorflow_standardization);
    tcase_add_test(forward, vector_f_mlx_checkerboard);
    tcase_add_test(forward, vector_h_constant_forward);
    tcase_add_test(forward, vector_j_biased_variance);
    tcase_add_test(forward, vector_k_large_numbers);
    tcase_add_test(measure, vector_g_tiny_constant);
    tcase_add_test(measure, vector_h_constant_moments);
    tcase_add_test(measure, vector_i_small_variance);
    suite_add_tcase(suite, forward);
    suite_add_tcase(suite, measure);
}
