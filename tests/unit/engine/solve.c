/* What pictures are normalized with, and what they get: fits, series, constants, samples that do not count. */
#include "in_memory.h"

#include <stdlib.h>
#include <string.h>

enum { W = 40, H = 50, N = W * H };

static struct image make(enum sample sample, unsigned channels, uint64_t seed)
{
    struct recipe recipe = {W, H, channels, sample, ALPHA_NONE, .seed = seed};
    return make_noise(&recipe);
}

/* ---- constants ----------------------------------------------------------------------------------------------------- */

/* A constant becomes beta and nothing else, whatever eps and gamma are. */
START_TEST(constants_become_beta)
{
    static const char *const spaces[] = {"rgb", "linear", "lab", "oklab"};
    for (size_t s = 0; s < 4; s++) {
        struct image in = make(SAMPLE_U16, 3, 1);
        struct item beta[3] = {{.value = s == 2 ? 50 : 0.5}, {.value = s < 2 ? 0.5 : 0}, {.value = s < 2 ? 0.5 : 0}};
        struct item gamma = {.value = 0.3};
        struct asked asked = {.in = &in, .request = request_default()};
        for (size_t i = 0; i < N; i++)
            for (unsigned c = 0; c < 3; c++)
                image_set(&in, i, c, 20000 + 3000 * c);
        asked.request.space = instnorm_space_find(spaces[s]);
        asked.request.gamma = (struct list){1, &gamma};
        asked.request.beta = (struct list){3, beta};
        struct made made = engine_make(&asked);
        ck_assert_msg(made.ok, "%s", made.why.text);
        double want = s == 0 ? 0.5 : s == 1 ? 1.055 * pow(0.5, 1 / 2.4) - 0.055 : image_sample(&made.out, 0, 1) / 65535;
        for (size_t i = 0; i < N; i++)
            for (unsigned c = 0; c < 3; c++)
                REQUIRE_CLOSE(image_sample(&made.out, i, c), 65535 * want, s < 2 ? 0.51 : 0);
        made_free(&made);
        free(in.samples);
    }
}
END_TEST

/*
 * In a space the three planes of one colour differ by rounding, from pixel to pixel under another alpha; that is no
 * contrast to be raised. The same of values a little further apart is.
 */
START_TEST(rounding_is_no_contrast)
{
    for (int apart = 0; apart < 2; apart++) {
        struct image in = make(SAMPLE_F32, 3, 2);
        struct item beta[3] = {{.value = 50}, {.value = 10}, {.value = -20}},
                    gamma[3] = {{.value = 20}, {.value = 20}, {.value = 20}};
        struct asked asked = {.in = &in, .request = request_default()};
        bool differ = false;
        for (size_t i = 0; i < N; i++)
            for (unsigned c = 0; c < 3; c++)
                image_set(&in, i, c, 0.3 + 0.1 * c + (apart ? 1e-3 : 3e-8) * (double)(i % 2));
        asked.request.space = instnorm_space_find("lab");
        asked.request.gamma = (struct list){3, gamma};
        asked.request.beta = (struct list){3, beta};
        struct made made = engine_make(&asked);
        ck_assert_msg(made.ok, "%s", made.why.text);
        for (unsigned c = 0; c < 3; c++) {
            double low = INFINITY, high = -INFINITY;
            for (size_t i = 0; i < N; i++) {
                low = fmin(low, image_sample(&made.out, i, c));
                high = fmax(high, image_sample(&made.out, i, c));
            }
            ck_assert_msg(apart ? high - low > 0.1 : high - low < 1e-6, "%u: %g to %g", c, low, high);
            ck_assert(apart || made.result.channel[c].used.m2 == 0);
            differ |= made.result.channel[c].moments.m2 > 0;
        }
        ck_assert(differ);
        made_free(&made);
        free(in.samples);
    }
}
END_TEST

/* ---- what does not count ------------------------------------------------------------------------------------------- */

START_TEST(samples_that_are_no_numbers)
{
    struct image in = make(SAMPLE_F32, 3, 3);
    struct asked asked = {.in = &in, .request = request_default()};
    double gamma[] = {0.25, 0.25, 0.25}, beta[] = {0.5, 0.5, 0.5}, *want[MOST_CHANNELS] = {NULL};
    for (size_t i = 0; i < N; i += 7)
        image_set(&in, i, (unsigned)(i % 3), i % 2 ? (double)NAN : (double)INFINITY);
    plain_map(&asked, gamma, beta, 1e-5, want);
    struct made made = engine_make(&asked);
    ck_assert_msg(made.ok, "%s", made.why.text);
    for (size_t i = 0; i < N; i++)
        for (unsigned c = 0; c < 3; c++) {
            double got = image_sample(&made.out, i, c), x = image_sample(&in, i, c);
            REQUIRE(isfinite(x) || (isnan(x) ? isnan(got) : got == x), "%g became %g", x, got);
            if (isfinite(x))
                REQUIRE_CLOSE(got, want[c][i], 1e-6);
        }
    for (unsigned c = 0; c < 3; c++) {
        ck_assert_uint_gt(made.result.channel[c].moments.skipped, 0);
        free(want[c]);
    }
    made_free(&made);
    free(in.samples);
}
END_TEST

/* One channel has no number: it is passed on, and the others are not. */
START_TEST(a_channel_without_a_number)
{
    struct image in = make(SAMPLE_F32, 3, 4);
    struct asked asked = {.in = &in, .request = request_default()};
    for (size_t i = 0; i < N; i++)
        image_set(&in, i, 1, (double)NAN);
    struct made made = engine_make(&asked);
    ck_assert_msg(made.ok && !made.result.nothing.text[0], "%s", made.why.text);
    require_note(&made, "channel G");
    ck_assert(made.result.channel[0].touched && !made.result.channel[1].touched && made.result.channel[2].touched);
    ck_assert(isnan(image_sample(&made.out, 5, 1)) && image_sample(&made.out, 5, 0) != image_sample(&in, 5, 0));
    made_free(&made);
    free(in.samples);
}
END_TEST

/* Nothing counts: the picture is passed on, whether it is measured or only looked at. */
START_TEST(pictures_in_which_nothing_counts)
{
    static const struct {
        enum sample sample;
        enum alpha alpha;
        double colour, transparency;
        const char *says;
    } each[] = {{SAMPLE_U8, ALPHA_STRAIGHT, 100, 0, "transparent"},
                {SAMPLE_F32, ALPHA_NONE, NAN, 0, "finite"},
                {SAMPLE_F32, ALPHA_STRAIGHT, NAN, 1, "visible"},
                {SAMPLE_F32, ALPHA_STRAIGHT, 0.5, NAN, "alpha"},
                {SAMPLE_F32, ALPHA_STRAIGHT, 0.5, -1, "transparent"}};
    for (size_t k = 0; k < sizeof each / sizeof *each; k++)
        for (int look = 0; look < 2; look++) {
            unsigned channels = each[k].alpha == ALPHA_NONE ? 3 : 4;
            struct recipe recipe = {W, H, channels, each[k].sample, each[k].alpha, .seed = k};
            struct image in = make_noise(&recipe);
            struct item mean = {.value = 0.5}, std = {.value = 0.1};
            struct asked asked = {.in = &in, .request = request_default(), .look = look};
            for (size_t i = 0; i < N; i++)
                for (unsigned c = 0; c < channels; c++)
                    image_set(&in, i, c, c < 3 ? each[k].colour : each[k].transparency);
            asked.request.given = look;
            asked.request.mean = (struct list){look ? 1 : 0, &mean};
            asked.request.std = (struct list){look ? 1 : 0, &std};
            asked.request.beta = (struct list){1, &mean};
            struct made made = engine_make(&asked);
            ck_assert_msg(made.ok, "%s", made.why.text);
            ck_assert_msg(strstr(made.result.nothing.text, each[k].says) != NULL, "%zu: '%s'", k, made.result.nothing.text);
            ck_assert(!result_counts(&made.result));
            require_same_image(&made.out, &in, "passed on");
            made_free(&made);
            free(in.samples);
        }
}
END_TEST

/* A picture that is looked at is read as far as the first sample that counts, and mapped from its top. */
START_TEST(looking_reads_no_more_than_it_must)
{
    for (size_t first = 0; first < H; first += H - 1) {
        struct recipe recipe = {4096, H, 2, SAMPLE_U8, ALPHA_STRAIGHT, .seed = first};
        struct image in = make_noise(&recipe);
        struct item mean = {.value = 0.5}, std = {.value = 0.25}, beta = {.value = 0.25}, gamma = {.value = 0.25};
        struct asked asked = {.in = &in, .request = request_default(), .look = true, .bands = 1};
        for (size_t i = 0; i < 4096 * first; i++)
            image_set(&in, i, 1, 0);
        asked.request.given = true;
        asked.request.mean = (struct list){1, &mean};
        asked.request.std = (struct list){1, &std};
        asked.request.beta = (struct list){1, &beta};
        asked.request.gamma = (struct list){1, &gamma};
        struct made made = engine_make(&asked);
        ck_assert_msg(made.ok, "%s", made.why.text);
        for (size_t i = 0; i < 4096 * H; i++) {
            double y = image_sample(&in, i, 0) - 0.25 * 255;
            REQUIRE_CLOSE(image_sample(&made.out, i, 0), fmin(fmax(y, 0), 255), 0.51);
            REQUIRE_CLOSE(image_sample(&made.out, i, 1), image_sample(&in, i, 1), 0);
        }
        ck_assert_double_eq(made.result.channel[0].moments.weight, 0); /* not measured */
        made_free(&made);
        free(in.samples);
    }
}
END_TEST

/* ---- fits ---------------------------------------------------------------------------------------------------------- */

/* A picture that is a map of the input is found again; where it was cut off does not count. */
START_TEST(a_known_map_is_fitted)
{
    struct image in = make(SAMPLE_U16, 3, 6), fit = make(SAMPLE_U8, 3, 7);
    struct asked asked = {.in = &in, .fit = &fit, .request = request_default()};
    const double scale[] = {0.9, 1.6, -0.7}, shift[] = {0.1, -0.3, 0.9};
    asked.request.fit = "fit";
    for (size_t i = 0; i < N; i++)
        for (unsigned c = 0; c < 3; c++) {
            double y = scale[c] * image_sample(&in, i, c) / 65535 + shift[c];
            image_set(&fit, i, c, rint(fmin(fmax(y, 0), 1) * 255));
        }
    struct made made = engine_make(&asked);
    ck_assert_msg(made.ok, "%s", made.why.text);
    for (size_t i = 0; i < N; i++)
        for (unsigned c = 0; c < 3; c++) {
            double y = scale[c] * image_sample(&in, i, c) / 65535 + shift[c];
            REQUIRE_CLOSE(image_sample(&made.out, i, c) / 65535, fmin(fmax(y, 0), 1), 1.5e-3);
        }
    made_free(&made);
    free(in.samples);
    free(fit.samples);
}
END_TEST

/* Least squares in a plain loop, of pixels that a mask weighs and that are not at an end of the range. */
START_TEST(fits_are_least_squares)
{
    struct image in = make(SAMPLE_F32, 1, 8), fit = make(SAMPLE_U16, 1, 9), mask = make(SAMPLE_U8, 1, 10);
    struct selector one = {.kind = SELECTOR_PICTURE, .text = "m"};
    struct asked asked = {.in = &in, .fit = &fit, .request = request_default(), .mask = {&mask}};
    long double w = 0, x = 0, y = 0, xx = 0, xy = 0;
    asked.request.fit = "fit";
    asked.request.mask = (struct selectors){1, &one};
    for (size_t i = 0; i < N; i++) {
        if (i % 9 == 0)
            image_set(&fit, i, 0, i % 2 ? 0 : 65535);
        long double v = image_sample(&fit, i, 0), u = image_sample(&in, i, 0), a = image_sample(&mask, i, 0);
        if (v == 0 || v == 65535)
            continue;
        w += a;
        x += a * u;
        y += a * v / 65535;
        xx += a * u * u;
        xy += a * u * v / 65535;
    }
    long double scale = (xy - x * y / w) / (xx - x * x / w), shift = (y - scale * x) / w;
    struct made made = engine_make(&asked);
    ck_assert_msg(made.ok, "%s", made.why.text);
    struct map_member member[MAP_MEMBERS];
    map_members(&made.result.map, 0, member);
    REQUIRE_CLOSE(member[0].value, scale, 1e-6);
    REQUIRE_CLOSE(member[1].value, shift, 1e-6);
    made_free(&made);
    free(in.samples);
    free(fit.samples);
    free(mask.samples);
}
END_TEST

START_TEST(fits_without_a_pair_are_refused)
{
    struct image in = make(SAMPLE_U8, 3, 11), fit = make(SAMPLE_U8, 3, 12), grey = make(SAMPLE_U8, 1, 13);
    struct asked asked = {.in = &in, .fit = &fit, .request = request_default()};
    for (size_t i = 0; i < N; i++)
        image_set(&fit, i, 1, 255);
    asked.request.fit = "name";
    require_no_output(&asked, "--fit 'name': each of its samples clips");
    asked.fit = &grey;
    require_no_output(&asked, "--fit 'name': 1 colour channel");
    free(in.samples);
    free(fit.samples);
    free(grey.samples);
}
END_TEST

/* ---- other statistics ---------------------------------------------------------------------------------------------- */

START_TEST(a_style_gives_mean_and_deviation)
{
    struct image in = make(SAMPLE_F32, 3, 14);
    struct instnorm_moments moments[3];
    struct statistics style = {3, moments, 1, 0}, grey = {1, moments, 1, 0};
    const double gamma[] = {0.1, 0.2, 0.3}, beta[] = {0.2, 0.5, 0.8};
    double *want[MOST_CHANNELS] = {NULL};
    struct asked asked = {.in = &in, .request = request_default(), .from = {.target = &style, .target_name = "the style"}};
    for (int c = 0; c < 3; c++)
        instnorm_moments_given(beta[c], gamma[c] * gamma[c], &moments[c]);
    asked.request.style = true;
    plain_map(&asked, gamma, beta, 0, want);
    struct made made = engine_make(&asked);
    require_made(&made, &asked, want, 1e-6);
    made_free(&made);
    for (int c = 0; c < 3; c++)
        free(want[c]);
    asked.from.target = &grey;
    require_no_output(&asked, "the style has 1");
    asked.from = (struct given){.measured = &grey, .measured_name = "the file"};
    require_no_output(&asked, "the file has 1");
    free(in.samples);
}
END_TEST

enum { FRAMES = 5 };

struct frames {
    struct image image[FRAMES];
    struct spread own[FRAMES][MOST_CHANNELS], pooled[FRAMES][MOST_CHANNELS]; /* by definition */
    struct series series;
};

/* The first pass over one frame. */
static void gather(struct frames *frames, size_t f)
{
    struct image *image = &frames->image[f];
    struct asked asked = {.in = image, .request = request_default()};
    asked.request.pooled = true;
    struct rows all = image_rows(image, 0, H);
    struct memory_picture rows;
    struct picture work = {0};
    struct result result = {0};
    struct map page = {0};
    struct why why = {""};
    memory_picture_open(&rows, &image->info, &all);
    struct picture_task task = {.request = &asked.request, .rows = &rows.base, .page = &page};
    ck_assert_msg(picture_begin(&work, &task, &why) && picture_measure(&work, &result, &why) &&
                      picture_pool(&work, &result, &why) && result_gather(&result, &frames->series, &why),
                  "%s", why.text);
    plain_measure(&asked, frames->own[f], frames->pooled[f]);
    result_free(&result);
    picture_free(&work);
    map_free(&page);
}

static void make_frames(struct frames *frames, bool averages)
{
    *frames = (struct frames){.series = {.averages = averages}};
    for (size_t f = 0; f < FRAMES; f++) {
        frames->image[f] = make(SAMPLE_F32, 3, 20 + f);
        for (size_t i = 0; i < N; i++)
            for (unsigned c = 0; c < 3; c++)
                image_set(&frames->image[f], i, c, image_sample(&frames->image[f], i, c) * (0.5 + 0.1 * (double)f));
        gather(frames, f);
    }
}

static void free_frames(struct frames *frames)
{
    for (size_t f = 0; f < FRAMES; f++)
        free(frames->image[f].samples);
    series_free(&frames->series);
}

/* Each sample of frame f is the plain one: mean and deviation lead to beta and gamma. */
static void check_frame(const struct frames *frames, size_t f, unsigned average, const struct spread from[],
                        const struct spread to[])
{
    struct asked asked = {.in = &frames->image[f], .request = request_default(), .look = true};
    asked.from = (struct given){.series = &frames->series, .place = f, .average = average};
    asked.request.given = average == 0;
    struct made made = engine_make(&asked);
    ck_assert_msg(made.ok, "%s", made.why.text);
    for (size_t i = 0; i < N; i++)
        for (unsigned c = 0; c < 3; c++) {
            double x = image_sample(&frames->image[f], i, c);
            double y = (x - from[c].mean) * sqrt(to[c].variance / from[c].variance) + to[c].mean;
            REQUIRE_CLOSE(image_sample(&made.out, i, c), y, 2e-6);
        }
    made_free(&made);
}

/* Each frame gets the means and variances averaged over itself and the two beside it. */
START_TEST(frames_get_the_average_around_them)
{
    struct frames frames;
    make_frames(&frames, true);
    for (size_t f = 0; f < FRAMES; f++) {
        struct spread average[3] = {{0}};
        for (unsigned c = 0; c < 3; c++) {
            double n = 0;
            for (size_t k = f > 0 ? f - 1 : 0; k < FRAMES && k <= f + 1; k++, n++) {
                average[c].mean += frames.pooled[k][c].mean;
                average[c].variance += frames.pooled[k][c].variance;
            }
            average[c].mean /= n;
            average[c].variance /= n;
        }
        check_frame(&frames, f, 3, frames.pooled[f], average);
    }
    free_frames(&frames);
}
END_TEST

/* All frames are one pool: they have the same size, so that its variance is that within them and that of their means. */
START_TEST(a_batch_is_one_pool)
{
    struct frames frames;
    const struct spread target[] = {{0.5, 0.0625, 1}, {0.5, 0.0625, 1}, {0.5, 0.0625, 1}};
    struct spread pool[3] = {{0}};
    struct why why = {""};
    make_frames(&frames, false);
    ck_assert(series_check(&frames.series, &why));
    for (unsigned c = 0; c < 3; c++) {
        for (size_t k = 0; k < FRAMES; k++)
            pool[c].mean += frames.own[k][c].mean / FRAMES;
        for (size_t k = 0; k < FRAMES; k++)
            pool[c].variance += (frames.own[k][c].variance + pow(frames.own[k][c].mean - pool[c].mean, 2)) / FRAMES;
    }
    for (size_t f = 0; f < FRAMES; f++)
        check_frame(&frames, f, 0, pool, target);
    free_frames(&frames);
}
END_TEST

SUITE(solve)
{
    TCase *constants = tcase_create("constants"), *counts = tcase_create("counts"), *fits = tcase_create("fits");
    TCase *others = tcase_create("others");
    tcase_add_test(constants, constants_become_beta);
    tcase_add_test(constants, rounding_is_no_contrast);
    tcase_add_test(counts, samples_that_are_no_numbers);
    tcase_add_test(counts, a_channel_without_a_number);
    tcase_add_test(counts, pictures_in_which_nothing_counts);
    tcase_add_test(counts, looking_reads_no_more_than_it_must);
    tcase_add_test(fits, a_known_map_is_fitted);
    tcase_add_test(fits, fits_are_least_squares);
    tcase_add_test(fits, fits_without_a_pair_are_refused);
    tcase_add_test(others, a_style_gives_mean_and_deviation);
    tcase_add_test(others, frames_get_the_average_around_them);
    tcase_add_test(others, a_batch_is_one_pool);
    suite_add_tcase(suite, constants);
    suite_add_tcase(suite, counts);
    suite_add_tcase(suite, fits);
    suite_add_tcase(suite, others);
}
