/* The net of samples/training.c: its gradients against differences of its loss, and what else it promises. */
#include "training/net.h"
#include "support.h"

#include <string.h>

enum { N = 4, AREA = SIDE * SIDE };

static const struct norm norms[] = {{"none", false, 0, 0},
                                    {"instance", true, INSTNORM_INSTANCE, 0},
                                    {"layer", true, INSTNORM_LAYER, 0},
                                    {"group:4", true, INSTNORM_GROUP, 4},
                                    {"batch", true, INSTNORM_BATCH, 0}};
enum { NORMS = sizeof norms / sizeof *norms, BATCH = NORMS - 1 };

static struct pass pass;
static float x[BATCH_MAX * AREA];
static unsigned char label[BATCH_MAX];

/* A net whose gamma, beta and biases are other than at first. */
static struct net make_net(int norm)
{
    struct generator generator = {5};
    struct net net;
    net_begin(&net, norms[norm], &generator);
    textures_draw(x, label, BATCH_MAX, UNEVEN, &generator);
    for (int i = 0; i < WEIGHTS; i++)
        net.weight[i] += (float)uniform(&generator, -0.1, 0.1);
    return net;
}

/* ---- gradients ------------------------------------------------------------------------------------------------------ */

static double loss_at(const struct net *net, int i, float value)
{
    struct net moved = *net;
    moved.weight[i] = value;
    net_forward(&moved, &pass, x, N);
    return net_loss(&pass, label);
}

/* Central differences of two steps (L. F. Richardson): errors of the fourth order, and of rounding, about as large. */
static double slope_at(const struct net *net, int i)
{
    const float w = net->weight[i], h = 0x1p-8f;
    double near = (loss_at(net, i, w + h) - loss_at(net, i, w - h)) / (double)((w + h) - (w - h));
    double far = (loss_at(net, i, w + 2 * h) - loss_at(net, i, w - 2 * h)) / (double)((w + 2 * h) - (w - 2 * h));
    return (4 * near - far) / 3;
}

/* Each 31st weight of the filters, gamma and beta: 31 has no common factor with their sizes. Of the last layer all. */
START_TEST(gradients_are_slopes)
{
    double gradient[WEIGHTS] = {0};
    const struct net net = make_net(_i);
    double most = 0;
    net_forward(&net, &pass, x, N);
    net_backward(&net, &pass, x, label, 1, gradient);
    for (int i = 0; i < WEIGHTS; i++)
        most = fmax(most, fabs(gradient[i]));
    REQUIRE(most > 0.1, "%s: the gradient is no larger than %g", norms[_i].name, most);
    for (int i = 0; i < WEIGHTS; i += i + 31 < LINEAR ? 31 : 1) {
        double slope = slope_at(&net, i);
        REQUIRE(fabs(gradient[i] - slope) <= 1e-4 * most, "%s, weight %d: the gradient is %g, the slope %g of at most %g",
                norms[_i].name, i, gradient[i], slope, most);
    }
}
END_TEST

/* Two times half of it is the gradient. */
START_TEST(gradients_add_up)
{
    double once[WEIGHTS] = {0}, twice[WEIGHTS] = {0};
    const struct net net = make_net(_i);
    net_forward(&net, &pass, x, N);
    net_backward(&net, &pass, x, label, 1, once);
    for (int k = 0; k < 2; k++) {
        net_forward(&net, &pass, x, N);
        net_backward(&net, &pass, x, label, 0.5, twice);
    }
    for (int i = 0; i < WEIGHTS; i++)
        REQUIRE_CLOSE(twice[i], once[i], 1e-7 + 1e-5 * fabs(once[i]));
}
END_TEST

/* ---- the loss, and first weights ---------------------------------------------------------------------------------- */

/* Scores that are alike, and such as exp has no number for. */
START_TEST(loss_of_any_scores)
{
    static const float high[CLASSES] = {2000, -2000};
    unsigned char first = 0, second = 1;
    pass.n = 1;
    for (int k = 0; k < CLASSES; k++)
        pass.score[k] = -2000;
    REQUIRE_CLOSE(net_loss(&pass, &first), log(CLASSES), 1e-12);
    memcpy(pass.score, high, sizeof high);
    REQUIRE_CLOSE(net_loss(&pass, &first), 0, 1e-12);
    REQUIRE_CLOSE(net_loss(&pass, &second), 4000, 1e-9);
}
END_TEST

/* Filters of n inputs have a deviation of sqrt(2 / n). */
START_TEST(first_weights)
{
    struct generator generator = {5};
    struct net net;
    double squares = 0;
    int n = CHANNELS2 * TAPS * CHANNELS3;
    net_begin(&net, norms[BATCH], &generator);
    for (int i = 0; i < n; i++)
        squares += (double)net.weight[STAGE3 + i] * (double)net.weight[STAGE3 + i];
    REQUIRE_CLOSE(sqrt(squares / n), sqrt(2.0 / (CHANNELS2 * TAPS)), 0.005);
    for (int c = 0; c < CHANNELS3; c++)
        ck_assert(net.weight[STAGE3 + n + c] == 1 && net.weight[STAGE3 + n + CHANNELS3 + c] == 0);
    for (int k = 0; k < CLASSES; k++)
        ck_assert(net.weight[BIAS + k] == 0);
}
END_TEST

/* ---- samples alone, and inference ----------------------------------------------------------------------------------- */

static bool same_alone(const struct net *net, void forward(const struct net *, struct pass *, const float *, size_t))
{
    float among[BATCH_MAX * CLASSES];
    forward(net, &pass, x, BATCH_MAX);
    memcpy(among, pass.score, sizeof among);
    for (size_t s = 0; s < BATCH_MAX; s++) {
        forward(net, &pass, x + s * AREA, 1);
        if (memcmp(among + s * CLASSES, pass.score, CLASSES * sizeof *among) != 0)
            return false;
    }
    return true;
}

START_TEST(a_sample_alone)
{
    const struct net net = make_net(_i);
    ck_assert_int_eq(same_alone(&net, net_forward), _i != BATCH);
    ck_assert(same_alone(&net, net_infer));
}
END_TEST

/* From mean 0 and variance 1 they go a tenth of the way to those of a batch, and after many of the same all of it; the
 * variance is the unbiased one. */
START_TEST(running_statistics_follow)
{
    struct net net = make_net(BATCH);
    for (int step = 1; step <= 400; step++) {
        double way = 1 - pow(0.9, step);
        net_forward(&net, &pass, x, N);
        net_follow(&net, &pass);
        for (int stage = 0; stage < 2; stage++) {
            const struct activations *a = &pass.stage[stage];
            double samples = stage == 0 ? N * AREA : N * AREA / 4;
            for (int c = 0; c < (stage == 0 ? CHANNELS1 : CHANNELS2); c++) {
                double variance = (1 / (a->rstd[c] * a->rstd[c]) - 1e-5) * samples / (samples - 1);
                REQUIRE_CLOSE(net.running[stage].mean[c], way * a->mean[c], 1e-9);
                REQUIRE_NEAR(net.running[stage].variance[c], 1 - way + way * variance, 1e-9);
            }
        }
    }
}
END_TEST

/* With the statistics of a batch as running ones, inference gives the scores of that batch. */
START_TEST(inference_takes_running_statistics)
{
    struct net net = make_net(BATCH);
    float scores[N * CLASSES];
    net_forward(&net, &pass, x, N);
    memcpy(scores, pass.score, sizeof scores);
    for (int stage = 0; stage < 2; stage++)
        for (int c = 0; c < (stage == 0 ? CHANNELS1 : CHANNELS2); c++) {
            double rstd = pass.stage[stage].rstd[c];
            net.running[stage].mean[c] = pass.stage[stage].mean[c];
            net.running[stage].variance[c] = 1 / (rstd * rstd) - 1e-5;
        }
    net_infer(&net, &pass, x, N);
    for (int i = 0; i < N * CLASSES; i++)
        REQUIRE_CLOSE(pass.score[i], scores[i], 1e-4);
}
END_TEST

/* The library refuses numbers that are not finite; what the pass before left is not taken for its result. */
START_TEST(what_diverged_has_no_loss)
{
    static const float values[] = {NAN, INFINITY};
    const struct net net = make_net(_i);
    for (int k = 0; k < 2; k++) {
        struct net bad = net;
        for (int i = 0; i < TAPS * CHANNELS1; i++)
            bad.weight[STAGE1 + i] = values[k];
        net_forward(&net, &pass, x, N);
        ck_assert(isfinite(net_loss(&pass, label)));
        net_forward(&bad, &pass, x, N);
        ck_assert(isnan(net_loss(&pass, label)));
        net_forward(&net, &pass, x, N);
        net_infer(&bad, &pass, x, N);
        ck_assert(isnan(net_loss(&pass, label)));
    }
}
END_TEST

/* ---- textures ------------------------------------------------------------------------------------------------------- */

/* A texture in uneven light is the same one in even light, times a factor, plus a bias; of each class there are some. */
START_TEST(light_is_gain_and_bias)
{
    static float even[BATCH_MAX * AREA];
    unsigned char again[BATCH_MAX];
    int found[CLASSES] = {0};
    double least = INFINITY, most = 0;
    textures_draw(x, label, BATCH_MAX, UNEVEN, &(struct generator){3});
    textures_draw(even, again, BATCH_MAX, EVEN, &(struct generator){3});
    ck_assert_mem_eq(label, again, BATCH_MAX);
    for (size_t s = 0; s < BATCH_MAX; s++) {
        const float *u = x + s * AREA, *e = even + s * AREA;
        double gain = ((double)u[1] - (double)u[0]) / ((double)e[1] - (double)e[0]),
               bias = (double)u[0] - gain * (double)e[0];
        for (int i = 0; i < AREA; i++)
            REQUIRE_CLOSE(u[i], gain * (double)e[i] + bias, 1e-4);
        ck_assert(label[s] < CLASSES && fabs(bias) <= 2.001 && gain > 0.249 && gain < 4.001);
        least = fmin(least, gain);
        most = fmax(most, gain);
        found[label[s]]++;
    }
    ck_assert(least < 0.4 && most > 3);
    for (int k = 0; k < CLASSES; k++)
        ck_assert_int_gt(found[k], 0);
}
END_TEST

SUITE(net)
{
    TCase *tcase = tcase_create("net");
    tcase_add_loop_test(tcase, gradients_are_slopes, 0, NORMS);
    tcase_add_loop_test(tcase, gradients_add_up, 0, NORMS);
    tcase_add_test(tcase, loss_of_any_scores);
    tcase_add_test(tcase, first_weights);
    tcase_add_loop_test(tcase, a_sample_alone, 0, NORMS);
    tcase_add_test(tcase, running_statistics_follow);
    tcase_add_test(tcase, inference_takes_running_statistics);
    tcase_add_loop_test(tcase, what_diverged_has_no_loss, 0, NORMS);
    tcase_add_test(tcase, light_is_gain_and_bias);
    suite_add_tcase(suite, tcase);
}
