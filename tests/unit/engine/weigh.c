/* Where a picture is measured and where it is changed, against plain loops: see in_memory.h. */
#include "in_memory.h"

#include <stdlib.h>
#include <string.h>

static const double gamma_[] = {0.2, 0.15, 0.1, 0.1}, beta_[] = {0.4, 0.5, 0.6, 0.6};
static struct item gamma_items[] = {{.value = 0.2}, {.value = 0.15}, {.value = 0.1}};
static struct item beta_items[] = {{.value = 0.4}, {.value = 0.5}, {.value = 0.6}};

/* A picture of three colours of that type, and a request for the target above. */
static struct image ask(struct asked *asked, enum sample sample, enum alpha alpha, uint64_t seed)
{
    struct recipe recipe = {57, 73, alpha == ALPHA_NONE ? 3 : 4, sample, alpha, .seed = seed};
    *asked = (struct asked){.request = request_default(), .bands = 1};
    asked->request.gamma = (struct list){3, gamma_items};
    asked->request.beta = (struct list){3, beta_items};
    asked->format.premultiplied = true;
    return make_noise(&recipe);
}

/* Grey noise of the same size, or the same three times; of alpha 0 to 1 if there is one. */
static struct image make_mask(enum sample sample, unsigned channels, enum alpha alpha, uint64_t seed)
{
    struct recipe recipe = {57, 73, channels, sample, alpha, .seed = seed};
    struct image mask = make_noise(&recipe);
    for (size_t i = 0; i < 57 * 73; i++)
        for (unsigned c = 0; c < picture_colours(&mask.info); c++)
            image_set(&mask, i, c, image_sample(&mask, (i * 7 + 3) % (57 * 73), 0) * (i % 3 != 0));
    return mask;
}

static double slack_of(enum sample sample)
{
    return sample == SAMPLE_U8 ? 2e-3 : sample == SAMPLE_U16 ? 0.05 : 1e-6;
}

static void check(const struct asked *asked)
{
    double *want[MOST_CHANNELS] = {NULL};
    struct made made = engine_make(asked);
    plain_map(asked, gamma_, beta_, 1e-5, want);
    require_made(&made, asked, want, slack_of(asked->in->info.sample));
    for (unsigned c = 0; c < MOST_CHANNELS; c++)
        free(want[c]);
    made_free(&made);
}

static const enum sample types[] = {SAMPLE_U8, SAMPLE_U16, SAMPLE_F32};
static const enum alpha alphas[] = {ALPHA_NONE, ALPHA_STRAIGHT, ALPHA_PREMULTIPLIED};

/* ---- pictures as weights ------------------------------------------------------------------------------------------- */

/* Measured by one, changed by another, both, or the product of two. */
START_TEST(pictures_weigh)
{
    struct asked asked;
    struct selector one[] = {{.kind = SELECTOR_PICTURE, .text = "a"}, {.kind = SELECTOR_PICTURE, .text = "b"}};
    struct image in = ask(&asked, types[_i % 3], alphas[_i / 3], (uint64_t)_i);
    struct image masks[] = {make_mask(SAMPLE_U8, 1, ALPHA_NONE, 1), make_mask(SAMPLE_U16, 3, ALPHA_NONE, 2),
                            make_mask(SAMPLE_F32, 2, ALPHA_STRAIGHT, 3), make_mask(SAMPLE_U8, 2, ALPHA_PREMULTIPLIED, 4)};
    asked.in = &in;
    for (size_t m = 0; m < 4; m++)
        for (size_t where = 1; where < 4; where++) {
            asked.request.mask = (struct selectors){where & 1 ? 1 : 0, one};
            asked.request.apply_mask = (struct selectors){where & 2 ? 1 : 0, one};
            asked.mask[0] = &masks[m];
            asked.apply_mask[0] = &masks[(m + where) % 4];
            check(&asked);
        }
    asked.request.mask = asked.request.apply_mask = (struct selectors){2, one};
    asked.mask[1] = &masks[1];
    asked.apply_mask[1] = &masks[2];
    check(&asked);
    for (size_t m = 0; m < 4; m++)
        free(masks[m].samples);
    free(in.samples);
}
END_TEST

/* The maps of spaces end in samples, and those are mixed. */
START_TEST(pictures_weigh_in_spaces)
{
    static const struct {
        const char *space;
        double gamma[3], beta[3];
    } targets[] = {{"linear", {0.1, 0.12, 0.08}, {0.25, 0.3, 0.35}}, {"lab", {15, 8, 9}, {55, 3, -4}}};
    struct selector one = {.kind = SELECTOR_PICTURE, .text = "a"};
    struct image mask = make_mask(SAMPLE_U8, 1, ALPHA_NONE, 1);
    for (size_t s = 0; s < 2; s++)
        for (size_t t = 0; t < 3; t++)
            for (size_t a = 0; a < 3; a++) {
                struct asked asked;
                struct item items[2][3];
                struct image in = ask(&asked, types[t], alphas[a], t);
                double *want[MOST_CHANNELS] = {NULL};
                for (size_t c = 0; c < 3; c++) {
                    items[0][c] = (struct item){.value = targets[s].gamma[c]};
                    items[1][c] = (struct item){.value = targets[s].beta[c]};
                }
                asked.in = &in;
                asked.request.space = instnorm_space_find(targets[s].space);
                asked.request.gamma = (struct list){3, items[0]};
                asked.request.beta = (struct list){3, items[1]};
                asked.request.mask = asked.request.apply_mask = (struct selectors){1, &one};
                asked.mask[0] = asked.apply_mask[0] = &mask;
                struct made made = engine_make(&asked);
                plain_map(&asked, targets[s].gamma, targets[s].beta, s == 0 ? 1e-5 : 0, want);
                require_made(&made, &asked, want, t == 0 ? 0.01 : t == 1 ? 1 : 1e-5);
                made_free(&made);
                for (unsigned c = 0; c < MOST_CHANNELS; c++)
                    free(want[c]);
                free(in.samples);
            }
    free(mask.samples);
}
END_TEST

/* ---- conditions ---------------------------------------------------------------------------------------------------- */

START_TEST(lightness_and_values_select)
{
    struct asked asked;
    struct image in = ask(&asked, types[_i % 3], alphas[_i / 3], 20 + (uint64_t)_i);
    for (size_t i = 0; i < 57 * 73; i += 5) /* some black, and some white */
        for (unsigned c = 0; c < 3; c++)
            image_set(&in, i, c, i % 2 ? 0 : in.info.unit * (in.info.alpha == ALPHA_NONE));
    struct selector selector[] = {{.kind = SELECTOR_BELOW, .text = "below:0.7", .value = 0.7},
                                  {.kind = SELECTOR_ABOVE, .text = "above:0.4", .value = 0.4},
                                  {.kind = SELECTOR_NOT, .text = "not:0", .value = 0},
                                  {.kind = SELECTOR_NOT, .text = "not:1", .value = 1}};
    asked.in = &in;
    for (size_t k = 0; k < 4; k++)
        for (size_t where = 1; where < 4; where++) {
            asked.request.mask = (struct selectors){where & 1 ? 1 : 0, &selector[k]};
            asked.request.apply_mask = (struct selectors){where & 2 ? 1 : 0, &selector[k]};
            check(&asked);
        }
    asked.request.mask = asked.request.apply_mask = (struct selectors){2, selector};
    check(&asked);
    free(in.samples);
}
END_TEST

/* With `all` transparent pixels are measured too. */
START_TEST(alpha_need_not_weigh)
{
    struct asked asked;
    struct selector all = {.kind = SELECTOR_ALL, .text = "all"};
    for (size_t t = 0; t < 3; t++)
        for (size_t a = 0; a < 3; a++) {
            struct image in = ask(&asked, types[t], alphas[a], 40 + t);
            asked.in = &in;
            asked.request.mask = (struct selectors){1, &all};
            check(&asked);
            free(in.samples);
        }
}
END_TEST

/* ---- what is noted, and refused ------------------------------------------------------------------------------------ */

START_TEST(values_above_1_weigh_as_1)
{
    struct asked asked;
    struct selector one = {.kind = SELECTOR_PICTURE, .text = "m"};
    struct image in = ask(&asked, SAMPLE_F32, ALPHA_NONE, 50), mask = make_mask(SAMPLE_F32, 1, ALPHA_NONE, 5);
    asked.in = &in;
    for (size_t i = 0; i < 300; i++)
        image_set(&mask, i, 0, i < 100 ? 1 + (double)i : i < 200 ? -1 : i < 250 ? (double)NAN : (double)INFINITY);
    asked.request.mask = asked.request.apply_mask = (struct selectors){1, &one};
    asked.mask[0] = asked.apply_mask[0] = &mask;
    check(&asked);
    struct made made = engine_make(&asked);
    require_note(&made, "values above 1");
    made_free(&made);
    free(mask.samples);
    free(in.samples);
}
END_TEST

START_TEST(colour_is_no_weight)
{
    struct asked asked;
    struct selector one = {.kind = SELECTOR_PICTURE, .text = "coloured"};
    struct image in = ask(&asked, SAMPLE_U8, ALPHA_NONE, 60), mask = make_mask(SAMPLE_U8, 3, ALPHA_NONE, 6);
    image_set(&mask, 57 * 73 - 1, 2, image_sample(&mask, 57 * 73 - 1, 1) + 1);
    asked.in = &in;
    asked.mask[0] = asked.apply_mask[0] = &mask;
    for (int changed = 0; changed < 2; changed++) {
        asked.request.mask = (struct selectors){changed ? 0 : 1, &one};
        asked.request.apply_mask = (struct selectors){changed ? 1 : 0, &one};
        struct made made = engine_make(&asked);
        ck_assert(!made.ok);
        ck_assert_msg(strstr(made.why.text, "'coloured'") && strstr(made.why.text, "grey"), "%s", made.why.text);
        made_free(&made);
    }
    free(mask.samples);
    free(in.samples);
}
END_TEST

/* Whoever hands in the pictures sees to their size; rows that are missing must not be read all the same. */
START_TEST(rows_of_another_size_are_refused)
{
    static const size_t sizes[][2] = {{57, 72}, {56, 73}, {73, 57}, {1, 1}};
    struct asked asked;
    struct selector one = {.kind = SELECTOR_PICTURE, .text = "small"};
    struct image in = ask(&asked, SAMPLE_U8, ALPHA_NONE, 80);
    asked.in = &in;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int kind = 0; kind < 3; kind++) { /* a mask, one of what to change, a picture to fit */
            struct recipe recipe = {sizes[i][0], sizes[i][1], kind == 2 ? 3 : 1, SAMPLE_U8, ALPHA_NONE, .seed = 8};
            struct image small = make_noise(&recipe);
            asked.request.mask = (struct selectors){kind == 0 ? 1 : 0, &one};
            asked.request.apply_mask = (struct selectors){kind == 1 ? 1 : 0, &one};
            asked.request.fit = kind == 2 ? "small" : NULL;
            asked.mask[0] = asked.apply_mask[0] = &small;
            asked.fit = kind == 2 ? &small : NULL;
            struct made made = engine_make(&asked);
            REQUIRE(!made.ok, "%zu x %zu, kind %d", sizes[i][0], sizes[i][1], kind);
            REQUIRE(strstr(made.why.text, "'small': its rows are not those") != NULL, "%s", made.why.text);
            made_free(&made);
            free(small.samples);
        }
    free(in.samples);
}
END_TEST

START_TEST(five_channels_have_no_lightness)
{
    struct recipe recipe = {20, 20, 5, SAMPLE_U8, ALPHA_NONE, .seed = 1};
    struct image in = make_noise(&recipe);
    struct selector below = {.kind = SELECTOR_BELOW, .text = "below:0.5", .value = 0.5};
    struct asked asked = {.in = &in, .request = request_default()};
    asked.request.mask = (struct selectors){1, &below};
    struct made made = engine_make(&asked);
    ck_assert(!made.ok && made.began == 0);
    ck_assert_msg(strstr(made.why.text, "lightness") != NULL, "%s", made.why.text);
    made_free(&made);
    free(in.samples);
}
END_TEST

/* Nothing is left to measure, so that the picture is passed on; or nothing is left to change. */
START_TEST(masks_without_a_pixel)
{
    struct asked asked;
    struct selector above = {.kind = SELECTOR_ABOVE, .text = "above:1", .value = 1};
    for (int changed = 0; changed < 2; changed++) {
        struct image in = ask(&asked, SAMPLE_U8, ALPHA_NONE, 70);
        asked.in = &in;
        asked.request.mask = (struct selectors){changed ? 0 : 1, &above};
        asked.request.apply_mask = (struct selectors){changed ? 1 : 0, &above};
        struct made made = engine_make(&asked);
        ck_assert_msg(made.ok, "%s", made.why.text);
        require_same_image(&made.out, &in, "passed on");
        if (changed)
            require_note(&made, "no pixel is left");
        else
            ck_assert_msg(strstr(made.result.nothing.text, "no pixel is left") != NULL, "%s", made.result.nothing.text);
        made_free(&made);
        free(in.samples);
    }
}
END_TEST

SUITE(weigh)
{
    TCase *weigh = tcase_create("weigh"), *noted = tcase_create("noted");
    tcase_add_loop_test(weigh, pictures_weigh, 0, 9);
    tcase_add_test(weigh, pictures_weigh_in_spaces);
    tcase_add_loop_test(weigh, lightness_and_values_select, 0, 9);
    tcase_add_test(weigh, alpha_need_not_weigh);
    tcase_add_test(noted, values_above_1_weigh_as_1);
    tcase_add_test(noted, colour_is_no_weight);
    tcase_add_test(noted, rows_of_another_size_are_refused);
    tcase_add_test(noted, five_channels_have_no_lightness);
    tcase_add_test(noted, masks_without_a_pixel);
    suite_add_tcase(suite, weigh);
    suite_add_tcase(suite, noted);
}
