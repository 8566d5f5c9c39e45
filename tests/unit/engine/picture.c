/* Pictures through the engine, of every layout, against what is asked of them by definition: see in_memory.h. */
#include "in_memory.h"

#include <stdlib.h>

static const double keep[MOST_CHANNELS] = {NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};

static void fill_all(double *to, double value)
{
    for (unsigned c = 0; c < MOST_CHANNELS; c++)
        to[c] = value;
}

/* The engine's output is the plain one. */
static void check(const struct asked *asked, const double gamma[], const double beta[], double eps, double slack)
{
    double *want[MOST_CHANNELS] = {NULL};
    struct made made = engine_make(asked);
    plain_map(asked, gamma, beta, eps, want);
    require_made(&made, asked, want, slack);
    for (unsigned c = 0; c < MOST_CHANNELS; c++)
        free(want[c]);
    made_free(&made);
}

/* Rounding to float on the way, in steps of the type; floats in parts of the unit. */
static double slack_of(enum sample sample)
{
    return sample_is_float(sample)       ? 1e-6
           : sample_unit(sample) > 65535 ? 1e-6 * sample_unit(sample)
           : sample_unit(sample) > 255   ? 1e-2
                                         : 1e-3;
}

/* ---- every layout -------------------------------------------------------------------------------------------------- */

static const struct {
    unsigned channels;
    enum alpha alpha;
    bool planar;
} layouts[] = {{1, ALPHA_NONE, false},          {2, ALPHA_STRAIGHT, false}, {2, ALPHA_PREMULTIPLIED, false},
               {3, ALPHA_NONE, false},          {3, ALPHA_NONE, true},      {4, ALPHA_STRAIGHT, false},
               {4, ALPHA_PREMULTIPLIED, false}, {4, ALPHA_STRAIGHT, true},  {5, ALPHA_NONE, false}};
static const enum sample types[] = {SAMPLE_U8,  SAMPLE_U16, SAMPLE_F32, SAMPLE_BOOL, SAMPLE_I8,
                                    SAMPLE_I16, SAMPLE_F16, SAMPLE_I32, SAMPLE_U32,  SAMPLE_F64};
static const struct {
    size_t width, height, bands;
} sizes[] = {{37, 29, 0}, {300, 16, 1}, {4200, 2, 1}, {1, 1, 0}};
enum { LAYOUTS = 9, TYPES = 10, SIZES = 4, GRID = LAYOUTS * TYPES };

/* The depths to try with a size: all of them with the first one, and with the others every third. */
static enum sample first_depth(size_t size, int layout)
{
    return size == 0 ? SAMPLE_NONE : (enum sample)((size + (size_t)layout) % 3);
}

static enum sample next_depth(size_t size, enum sample depth)
{
    return depth + (size == 0 ? 1 : 3);
}

/* The default target, of each type, layout and size. */
START_TEST(the_default_of_every_layout)
{
    double gamma[MOST_CHANNELS], beta[MOST_CHANNELS];
    fill_all(gamma, 0.25);
    fill_all(beta, 0.5);
    for (size_t s = 0; s < SIZES; s++)
        for (enum sample depth = first_depth(s, _i); depth <= SAMPLE_LAST; depth = next_depth(s, depth)) {
            struct recipe recipe = {sizes[s].width,
                                    sizes[s].height,
                                    layouts[_i % LAYOUTS].channels,
                                    types[_i / LAYOUTS],
                                    layouts[_i % LAYOUTS].alpha,
                                    layouts[_i % LAYOUTS].planar,
                                    .seed = s + 10 * (size_t)_i};
            struct image in = make_noise(&recipe);
            struct asked asked = {.in = &in, .request = request_default(), .bands = sizes[s].bands};
            asked.request.depth = depth;
            asked.format.premultiplied = true;
            enum sample to = depth ? depth : recipe.sample;
            if (sizes[s].width > 1)
                check(&asked, gamma, beta, 1e-5, slack_of(to));
            asked.format.premultiplied = false;
            if (sizes[s].width > 1)
                check(&asked, gamma, beta, 1e-5, slack_of(to));
            free(in.samples);
        }
}
END_TEST

/* Nothing to change: samples are converted to the depth, and straightened if the format wants it. */
START_TEST(nothing_changes_but_the_depth)
{
    for (size_t s = 0; s < SIZES; s++)
        for (enum sample depth = first_depth(s, _i); depth <= SAMPLE_LAST; depth = next_depth(s, depth)) {
            struct recipe recipe = {sizes[s].width,
                                    sizes[s].height,
                                    layouts[_i % LAYOUTS].channels,
                                    types[_i / LAYOUTS],
                                    layouts[_i % LAYOUTS].alpha,
                                    layouts[_i % LAYOUTS].planar,
                                    .seed = 7 + s + 10 * (size_t)_i};
            struct image in = make_noise(&recipe);
            struct asked asked = {.in = &in, .request = request_default(), .bands = sizes[s].bands};
            asked.request.depth = depth;
            asked.request.channels = "none";
            asked.format.premultiplied = s % 2 == 0;
            check(&asked, keep, keep, 0, 1e-3);
            free(in.samples);
        }
}
END_TEST

/* ---- spaces -------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *space;
    double gamma[3], beta[3];
} targets[] = {
    {"rgb", {0.2, 0.15, 0.1}, {0.4, 0.5, 0.6}},
    {"linear", {0.1, 0.12, 0.08}, {0.25, 0.3, 0.35}},
    {"lab", {15, 8, 9}, {55, 3, -4}},
    {"oklab", {0.12, 0.03, 0.03}, {0.6, 0.01, -0.01}},
    {"ruderman", {0.5, 0.05, 0.03}, {8.6, 0, 0}},
};
enum { SPACES = 5 };

static void ask_for(struct asked *asked, struct item items[2][3], int target)
{
    asked->request.space = instnorm_space_find(targets[target].space);
    for (size_t k = 0; k < 3; k++) {
        items[0][k] = (struct item){.value = targets[target].gamma[k]};
        items[1][k] = (struct item){.value = targets[target].beta[k]};
    }
    asked->request.gamma = (struct list){3, items[0]};
    asked->request.beta = (struct list){3, items[1]};
}

/* Each space, of each type, to each depth, of RGB and RGBA. */
START_TEST(every_space)
{
    for (size_t t = 0; t < TYPES; t++)
        for (size_t l = 3; l < 8; l++)
            for (enum sample depth = SAMPLE_U8; depth <= SAMPLE_F32; depth++) {
                struct recipe recipe = {
                    61, 83, layouts[l].channels, types[t], layouts[l].alpha, layouts[l].planar, .seed = t + 10 * l};
                struct image in = make_noise(&recipe);
                struct asked asked = {.in = &in, .request = request_default(), .bands = 1};
                struct item items[2][3];
                ask_for(&asked, items, _i);
                asked.request.depth = depth;
                bool plane3 = asked.request.space->planes == 3;
                check(&asked, targets[_i].gamma, targets[_i].beta, plane3 ? 0 : 1e-5,
                      depth == SAMPLE_U8    ? 0.01
                      : depth == SAMPLE_U16 ? 0.6
                                            : 1e-5);
                free(in.samples);
            }
}
END_TEST

/* ---- what is asked ------------------------------------------------------------------------------------------------- */

/* A picture of three channels of 16 bits, and a request that may be changed. */
static struct image some_image(struct asked *asked, uint64_t seed)
{
    struct recipe recipe = {64, 64, 3, SAMPLE_U16, ALPHA_NONE, .seed = seed};
    *asked = (struct asked){.request = request_default()};
    return make_noise(&recipe);
}

START_TEST(channels_that_go_together)
{
    static const struct {
        enum instnorm_kind norm;
        unsigned groups, channels;
    } kinds[] = {{INSTNORM_LAYER, 1, 3}, {INSTNORM_GROUP, 1, 3}, {INSTNORM_GROUP, 3, 3}, {INSTNORM_GROUP, 2, 6},
                 {INSTNORM_GROUP, 3, 6}, {INSTNORM_LAYER, 1, 6}, {INSTNORM_LAYER, 1, 1}};
    double gamma[MOST_CHANNELS], beta[MOST_CHANNELS];
    fill_all(gamma, 0.25);
    fill_all(beta, 0.5);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct recipe recipe = {50, 70, kinds[i].channels, SAMPLE_U16, ALPHA_NONE, .seed = i};
        struct image in = make_noise(&recipe);
        struct asked asked = {.in = &in, .request = request_default()};
        asked.request.norm = kinds[i].norm;
        asked.request.groups = kinds[i].groups;
        check(&asked, gamma, beta, 1e-5, 0.01);
        free(in.samples);
    }
}
END_TEST

START_TEST(strength_eps_and_some_channels)
{
    struct asked asked;
    struct image in = some_image(&asked, 1);
    const double gamma[] = {0.25, NAN, 0.25}, beta[] = {0.5, NAN, 0.5};
    asked.in = &in;
    asked.request.strength = 0.375;
    asked.request.eps = 0.01;
    asked.request.channels = "R,2";
    check(&asked, gamma, beta, 0.01, 0.01);
    asked.request.channels = "b,0";
    check(&asked, gamma, beta, 0.01, 0.01);
    free(in.samples);
}
END_TEST

/* keep is the picture's own mean or deviation: eps is added to a deviation that was wanted, and not to its own. */
START_TEST(kept_means_and_deviations)
{
    struct asked asked;
    struct image in = some_image(&asked, 2);
    struct spread measured[MOST_CHANNELS], pooled[MOST_CHANNELS];
    struct item kept = {.keep = true}, wanted = {.value = 0.3};
    double gamma[3], beta[3];
    asked.in = &in;
    plain_measure(&asked, measured, pooled);
    for (int c = 0; c < 3; c++) {
        gamma[c] = 0.3;
        beta[c] = pooled[c].mean;
    }
    asked.request.gamma = (struct list){1, &wanted};
    asked.request.beta = (struct list){1, &kept};
    check(&asked, gamma, beta, 1e-5, 0.01);
    for (int c = 0; c < 3; c++) {
        gamma[c] = sqrt(pooled[c].variance);
        beta[c] = 0.3;
    }
    asked.request.gamma = (struct list){1, &kept};
    asked.request.beta = (struct list){1, &wanted};
    check(&asked, gamma, beta, 0, 0.01);
    free(in.samples);
}
END_TEST

/* Statistics of the request, or of somebody else, in place of the picture's own: y = (x - mean) / std * gamma + beta. */
START_TEST(given_statistics)
{
    struct asked asked;
    struct image in = some_image(&asked, 3);
    struct item mean[] = {{.value = 0.1}, {.value = 0.4}, {.value = 0.7}}, std = {.value = 0.25}, beta = {.value = 0.5};
    struct item gamma = {.value = 0.125};
    struct instnorm_moments moments[3];
    struct statistics given = {3, moments, 1, 0};
    for (int c = 0; c < 3; c++)
        instnorm_moments_given(mean[c].value, 0.0625, &moments[c]);
    for (int elsewhere = 0; elsewhere < 2; elsewhere++) {
        asked.in = &in;
        asked.request.given = true;
        asked.request.mean = (struct list){elsewhere ? 0 : 3, mean};
        asked.request.std = (struct list){elsewhere ? 0 : 1, &std};
        asked.request.gamma = (struct list){1, &gamma};
        asked.request.beta = (struct list){1, &beta};
        asked.look = true;
        asked.from = (struct given){.measured = elsewhere ? &given : NULL, .measured_name = "given"};
        struct made made = engine_make(&asked);
        ck_assert_msg(made.ok, "%s", made.why.text);
        for (size_t i = 0; i < 64 * 64; i++)
            for (unsigned c = 0; c < 3; c++) {
                double x = image_sample(&in, i, c) / 65535, y = 65535 * ((x - mean[c].value) / 0.25 * 0.125 + 0.5);
                REQUIRE_CLOSE(image_sample(&made.out, i, c), fmin(fmax(y, 0), 65535), 0.51);
            }
        made_free(&made);
    }
    free(in.samples);
}
END_TEST

/* A grey picture as three channels. */
START_TEST(grey_becomes_rgb)
{
    double gamma[MOST_CHANNELS], beta[MOST_CHANNELS];
    fill_all(gamma, 0.25);
    fill_all(beta, 0.5);
    for (size_t t = 0; t < TYPES; t++)
        for (int alpha = 0; alpha < 2; alpha++) {
            struct recipe recipe = {47, 53, alpha ? 2 : 1, types[t], alpha ? ALPHA_STRAIGHT : ALPHA_NONE, .seed = t};
            struct image in = make_noise(&recipe);
            struct asked asked = {.in = &in, .request = request_default()};
            asked.request.rgb = true;
            check(&asked, gamma, beta, 1e-5, slack_of(types[t]));
            struct made made = engine_make(&asked);
            ck_assert(made.out.info.channels == 3 && made.out.info.alpha == ALPHA_NONE);
            made_free(&made);
            free(in.samples);
        }
}
END_TEST

/* Tensors are standardized as they are, to floats in planes. */
START_TEST(tensors)
{
    double gamma[MOST_CHANNELS], beta[MOST_CHANNELS];
    fill_all(gamma, 1);
    fill_all(beta, 0);
    for (size_t t = 0; t < TYPES; t++)
        for (unsigned channels = 1; channels <= 6; channels++) {
            struct recipe recipe = {61, 83, channels, types[t], ALPHA_NONE, .planar = true, .tensor = true, .seed = t};
            struct image in = make_noise(&recipe);
            struct asked asked = {.in = &in, .request = request_default(), .format = {.tensor = true}, .bands = 1};
            check(&asked, gamma, beta, 1e-5, 2e-6);
            struct made made = engine_make(&asked);
            enum sample want = types[t] == SAMPLE_F16 ? SAMPLE_F16 : sample_is_wide(types[t]) ? SAMPLE_F64 : SAMPLE_F32;
            ck_assert(made.out.info.planar && made.out.info.sample == want && made.out.info.unit == 1);
            made_free(&made);
            free(in.samples);
        }
}
END_TEST

SUITE(picture)
{
    TCase *grid = tcase_create("layouts"), *asked = tcase_create("asked");
    tcase_add_loop_test(grid, the_default_of_every_layout, 0, GRID);
    tcase_add_loop_test(grid, nothing_changes_but_the_depth, 0, GRID);
    tcase_add_loop_test(grid, every_space, 0, SPACES);
    tcase_add_test(asked, channels_that_go_together);
    tcase_add_test(asked, strength_eps_and_some_channels);
    tcase_add_test(asked, kept_means_and_deviations);
    tcase_add_test(asked, given_statistics);
    tcase_add_test(asked, grey_becomes_rgb);
    tcase_add_test(asked, tensors);
    suite_add_tcase(suite, grid);
    suite_add_tcase(suite, asked);
}
