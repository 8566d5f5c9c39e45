/* What is seen of a picture before and after its map, against plain loops over its samples. */
#include "in_memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- by definition ------------------------------------------------------------------------------------------------- */

/* A straight sample in units. */
static double value_at(const struct image *image, size_t i, unsigned c)
{
    const struct picture_info *info = &image->info;
    unsigned colours = picture_colours(info);
    double x = image_sample(image, i, c < colours ? c : 0);
    if (info->alpha != ALPHA_PREMULTIPLIED)
        return x / info->unit;
    double alpha = image_sample(image, i, colours);
    return alpha > 0 ? (double)(float)(x * info->unit / alpha) / info->unit : 0;
}

static double weight_at(const struct image *image, size_t i)
{
    const struct picture_info *info = &image->info;
    return info->alpha == ALPHA_NONE ? 1 : image_sample(image, i, picture_colours(info)) / info->unit;
}

/* The view of `image` has the histogram of its values, each weighed as the pixel of `weighed` is. */
static void require_bins(const struct view_channel *got, const struct image *image, unsigned c, const struct image *weighed)
{
    double want[VIEW_BINS] = {0}, sum = 0, mean = 0;
    ck_assert(got->high > got->low);
    for (size_t i = 0; i < image->info.width * image->info.height; i++) {
        double value = value_at(image, i, c), w = weight_at(weighed, i);
        double at = floor((value - got->low) / (got->high - got->low) * VIEW_BINS);
        want[(size_t)fmin(fmax(at, 0), VIEW_BINS - 1)] += w;
        sum += w;
        mean += w * value;
    }
    for (unsigned b = 0; b < VIEW_BINS; b++)
        REQUIRE(fabs(got->bin[b] - want[b]) <= 1e-9 * sum, "channel %u, bin %u: %g, not %g", c, b, got->bin[b], want[b]);
    if (sum > 0)
        ck_assert_double_eq_tol(got->moments.mean, mean / sum, 1e-6 * (got->high - got->low));
    ck_assert_double_eq_tol(got->moments.weight, sum, 1e-9 * sum);
}

/* ---- histograms ---------------------------------------------------------------------------------------------------- */

static const struct {
    unsigned channels;
    enum alpha alpha;
    bool planar;
} layouts[] = {{1, ALPHA_NONE, false},     {2, ALPHA_STRAIGHT, false},      {3, ALPHA_NONE, true},
               {4, ALPHA_STRAIGHT, false}, {4, ALPHA_PREMULTIPLIED, false}, {5, ALPHA_NONE, false}};
static const enum sample types[] = {SAMPLE_U8, SAMPLE_U16, SAMPLE_F32};
enum { LAYOUTS = 6, TYPES = 3 };

static struct asked ask(const struct image *in, size_t bands)
{
    struct asked asked = {.in = in, .request = request_default(), .bands = bands, .format.premultiplied = true};
    asked.request.view = (struct view_request){.histograms = true};
    return asked;
}

START_TEST(histograms_are_of_all_samples)
{
    for (enum sample depth = SAMPLE_NONE; depth <= SAMPLE_F32; depth++) {
        struct recipe recipe = {45,
                                31,
                                layouts[_i % LAYOUTS].channels,
                                types[_i / LAYOUTS],
                                layouts[_i % LAYOUTS].alpha,
                                layouts[_i % LAYOUTS].planar,
                                .seed = (uint64_t)_i};
        struct image in = make_noise(&recipe);
        struct asked asked = ask(&in, 1);
        asked.request.depth = depth;
        struct made made = engine_make(&asked);
        const struct view *before = &made.result.before, *after = &made.result.after;
        ck_assert_msg(made.ok, "%s", made.why.text);
        unsigned seen = made.result.colours < VIEW_CHANNELS ? made.result.colours : VIEW_CHANNELS;
        ck_assert(before->channels == seen && after->channels == seen);
        for (unsigned c = 0; c < before->channels; c++) {
            require_bins(&before->channel[c], &in, c, &in);
            require_bins(&after->channel[c], &made.out, c, &in);
            ck_assert(before->channel[c].low == after->channel[c].low && before->channel[c].high == after->channel[c].high);
        }
        made_free(&made);
        free(in.samples);
    }
}
END_TEST

/* Grey that becomes RGB is seen three times. */
START_TEST(grey_is_seen_as_what_it_becomes)
{
    struct recipe recipe = {20, 10, 1, SAMPLE_U8, .seed = 1};
    struct image in = make_noise(&recipe);
    struct asked asked = ask(&in, 0);
    asked.request.rgb = true;
    struct made made = engine_make(&asked);
    ck_assert(made.ok && made.result.before.channels == 3 && made.result.after.channels == 3);
    for (unsigned c = 0; c < 3; c++) {
        require_bins(&made.result.before.channel[c], &in, 0, &in);
        require_bins(&made.result.after.channel[c], &made.out, c, &in);
    }
    made_free(&made);
    free(in.samples);
}
END_TEST

/* In a space, the output is seen as a picture is that is measured by itself. */
START_TEST(views_after_are_of_the_output)
{
    static const char *const space[] = {"linear", "lab", "oklab", "ruderman"};
    static const double gamma[] = {0.1, 12, 0.1, 0.4}, beta[] = {0.3, 55, 0.6, 8.4};
    struct recipe recipe = {33, 17, 3, types[_i / 4], .seed = 5};
    struct image in = make_noise(&recipe);
    struct asked asked = ask(&in, 2);
    struct item items[2][3];
    for (unsigned c = 0; c < 3; c++) {
        items[0][c] = (struct item){.value = c == 0 || _i % 4 == 0 ? gamma[_i % 4] : gamma[_i % 4] / 4};
        items[1][c] = (struct item){.value = c == 0 || _i % 4 == 0 ? beta[_i % 4] : 0};
    }
    asked.request.space = instnorm_space_find(space[_i % 4]);
    asked.request.gamma = (struct list){3, items[0]};
    asked.request.beta = (struct list){3, items[1]};
    struct made made = engine_make(&asked);
    ck_assert_msg(made.ok, "%s", made.why.text);
    struct asked again = ask(&made.out, 2);
    again.request.space = asked.request.space;
    again.only_measure = true;
    struct made measured = engine_make(&again);
    ck_assert(measured.ok && measured.result.after.channels == 0);
    for (unsigned c = 0; c < 3; c++) {
        const struct view_channel *got = &made.result.after.channel[c], *want = &measured.result.before.channel[c];
        double weight = 0, range = got->high - got->low;
        for (unsigned b = 0; b < VIEW_BINS; b++)
            weight += got->bin[b];
        ck_assert_double_eq_tol(weight, 33 * 17, 1e-9);
        ck_assert_double_eq_tol(got->moments.mean, want->moments.mean, 1e-9 * range);
        ck_assert_double_eq_tol(got->moments.m2, want->moments.m2, 1e-6 * want->moments.m2);
    }
    made_free(&measured);
    made_free(&made);
    free(in.samples);
}
END_TEST

START_TEST(a_mask_weighs_both)
{
    struct recipe recipe = {40, 30, 3, SAMPLE_U8, .seed = 3}, grey = {40, 30, 1, SAMPLE_U8, .seed = 4};
    struct image in = make_noise(&recipe), mask = make_noise(&grey);
    struct selector by = {.kind = SELECTOR_PICTURE, .text = "mask"};
    struct asked asked = ask(&in, 1);
    asked.request.mask = (struct selectors){1, &by};
    asked.mask[0] = &mask;
    struct made made = engine_make(&asked);
    ck_assert_msg(made.ok, "%s", made.why.text);
    for (unsigned c = 0; c < 3; c++) {
        double before = 0, after = 0, want = 0;
        for (size_t i = 0; i < 40 * 30; i++)
            want += image_sample(&mask, i, 0) / 255;
        for (unsigned b = 0; b < VIEW_BINS; b++) {
            before += made.result.before.channel[c].bin[b];
            after += made.result.after.channel[c].bin[b];
        }
        ck_assert_double_eq_tol(before, want, 1e-4);
        ck_assert_double_eq_tol(after, want, 1e-4);
        ck_assert_double_eq_tol(made.result.before.channel[c].moments.mean, made.result.channel[c].moments.mean / 255,
                                1e-9);
    }
    made_free(&made);
    free(in.samples);
    free(mask.samples);
}
END_TEST

/* A picture that clips less than is looked for has the same numbers, and nothing to draw; one of several bands has all. */
START_TEST(numbers_alone_are_the_same)
{
    static const char *const space[] = {"rgb", "linear", "lab"};
    for (unsigned i = 0; i < 3 * 3 * 2; i++) {
        unsigned layout = (unsigned)_i % LAYOUTS;
        struct recipe recipe = {
            45,       701, layouts[layout].channels, types[_i / LAYOUTS], layouts[layout].alpha, layouts[layout].planar,
            .seed = i};
        struct image in = make_noise(&recipe);
        struct item spread = {.value = 0.5};
        struct asked asked = ask(&in, i < 9 ? 0 : 1);
        asked.request.space = instnorm_space_find(picture_colours(&in.info) == 3 ? space[i % 3] : "rgb");
        if (asked.request.space->planes == 1)
            asked.request.gamma = (struct list){1, &spread};
        asked.request.count_clipped = true;
        asked.request.depth = (enum sample)(i / 3 % 3);
        struct made all = engine_make(&asked);
        ck_assert_msg(all.ok, "%s", all.why.text);
        double clipped = result_clipped(&all.result);
        for (int more = 0; more < 2; more++) {
            asked.views_from = more ? nextafter(clipped, 2) : clipped;
            struct made made = engine_make(&asked);
            bool spared = more && i < 9;
            ck_assert(made.ok && made.result.before.channels == (spared ? 0 : all.result.before.channels));
            for (unsigned c = 0; c < made.result.colours; c++)
                REQUIRE(memcmp(&made.result.channel[c].after, &all.result.channel[c].after,
                               sizeof all.result.channel->after) == 0,
                        "channel %u of %s", c, asked.request.space->name);
            made_free(&made);
        }
        made_free(&all);
        free(in.samples);
    }
}
END_TEST

/* What is known of many channels, of which a report draws the first. */
START_TEST(every_channel_has_numbers)
{
    struct recipe recipe = {9, 7, 6, SAMPLE_F32, .tensor = true, .seed = 9};
    struct image in = make_noise(&recipe);
    struct asked asked = ask(&in, 1);
    asked.format.tensor = true;
    struct made made = engine_make(&asked);
    ck_assert(made.ok && made.result.before.channels == VIEW_CHANNELS);
    for (unsigned c = 0; c < 6; c++) {
        ck_assert_double_eq_tol(made.result.channel[c].after.mean, 0, 1e-6);
        ck_assert_double_eq_tol(made.result.channel[c].after.m2, 63, 0.1);
    }
    made_free(&made);
    free(in.samples);
}
END_TEST

/* ---- previews ------------------------------------------------------------------------------------------------------ */

/* The mean of a square of the picture on white. */
static double mean_of(const struct image *image, size_t square, size_t x0, size_t y0, unsigned c)
{
    const struct picture_info *info = &image->info;
    double sum = 0, n = 0;
    for (size_t y = y0; y < y0 + square && y < info->height; y++)
        for (size_t x = x0; x < x0 + square && x < info->width; x++, n++) {
            size_t i = y * info->width + x;
            double alpha = weight_at(image, i);
            double colour = image_sample(image, i, picture_colours(info) < 3 ? 0 : c) / info->unit;
            sum += (info->alpha == ALPHA_STRAIGHT ? colour * alpha : colour) + 1 - alpha;
        }
    return 255 * fmin(sum / n, 1);
}

static void require_preview(const struct preview *got, const struct image *of, size_t square)
{
    const struct picture_info *info = &of->info;
    ck_assert_uint_eq(got->width, (info->width + square - 1) / square);
    ck_assert_uint_eq(got->height, (info->height + square - 1) / square);
    ck_assert(got->black == 0 && got->white == 1);
    for (size_t y = 0; y < got->height; y++)
        for (size_t x = 0; x < got->width; x++)
            for (unsigned c = 0; c < 3; c++)
                ck_assert_double_eq_tol(got->rgb[(y * got->width + x) * 3 + c],
                                        mean_of(of, square, x * square, y * square, c), 0.51);
}

START_TEST(a_preview_is_the_mean_of_squares)
{
    for (unsigned side = 10; side <= 70; side += 20) {
        struct recipe recipe = {37,
                                61,
                                layouts[_i % LAYOUTS].channels,
                                types[_i / LAYOUTS],
                                layouts[_i % LAYOUTS].alpha,
                                layouts[_i % LAYOUTS].planar,
                                .seed = side};
        struct image in = make_noise(&recipe);
        for (size_t i = 0; recipe.sample == SAMPLE_F32 && i < 37 * 61; i++) /* others have a range of their own */
            for (unsigned c = 0; c < recipe.channels; c++)
                image_set(&in, i, c, fmin(fmax(image_sample(&in, i, c), 0), 1));
        struct asked asked = ask(&in, side % 4);
        asked.request.view = (struct view_request){.side = {[VIEW_LARGE] = side}};
        asked.request.depth = recipe.sample == SAMPLE_F32 ? SAMPLE_U16 : SAMPLE_NONE;
        struct made made = engine_make(&asked);
        ck_assert_msg(made.ok, "%s", made.why.text);
        size_t square = (61 + side - 1) / side;
        if (square <= 3) { /* of larger ones some rows and columns are looked at */
            require_preview(&made.result.before.preview[VIEW_LARGE], &in, square);
            require_preview(&made.result.after.preview[VIEW_LARGE], &made.out, square);
        }
        ck_assert_uint_eq(made.result.before.preview[VIEW_LARGE].height, (61 + square - 1) / square);
        made_free(&made);
        free(in.samples);
    }
}
END_TEST

/* A tensor has no black and no white. */
START_TEST(floats_are_shown_from_the_least_to_the_greatest)
{
    struct recipe recipe = {16, 16, 3, SAMPLE_F32, .tensor = true, .seed = 2};
    struct image in = make_noise(&recipe);
    for (size_t i = 0; i < 256; i++)
        for (unsigned c = 0; c < 3; c++)
            image_set(&in, i, c, (double)i - 100);
    struct asked asked = ask(&in, 0);
    asked.format.tensor = true;
    asked.request.view.side[VIEW_LARGE] = 16;
    struct made made = engine_make(&asked);
    ck_assert_msg(made.ok, "%s", made.why.text);
    const struct preview *before = &made.result.before.preview[VIEW_LARGE], *after = &made.result.after.preview[VIEW_LARGE];
    ck_assert(before->black == -100 && before->white == 155);
    ck_assert(before->rgb[0] == 0 && before->rgb[3 * 255] == 255 && before->rgb[3 * 100] == 100);
    ck_assert_double_eq_tol(after->black, -127.5 / sqrt((256.0 * 256 - 1) / 12), 1e-4);
    ck_assert(after->rgb[0] == 0 && after->rgb[3 * 255] == 255);
    made_free(&made);
    free(in.samples);
}
END_TEST

/* The axis has a length, also where 1 is less than a double can tell from the value. */
START_TEST(a_constant_is_in_the_middle)
{
    static const double values[] = {0, -3, 1e20, -3e38};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        struct recipe recipe = {4, 4, 1, SAMPLE_F32, .tensor = true, .seed = 2};
        struct image in = make_noise(&recipe);
        for (size_t k = 0; k < 16; k++)
            image_set(&in, k, 0, values[i]);
        struct asked asked = ask(&in, 0);
        asked.only_measure = true;
        struct made made = engine_make(&asked);
        ck_assert_msg(made.ok, "%s", made.why.text);
        const struct view_channel *c = made.result.before.channel;
        ck_assert(c->low < c->moments.mean && c->moments.mean < c->high && isfinite(c->high - c->low));
        ck_assert(c->bin[VIEW_BINS / 2 - 1] + c->bin[VIEW_BINS / 2] == 16);
        made_free(&made);
        free(in.samples);
    }
}
END_TEST

/* Nothing is gathered where nothing is asked for. */
START_TEST(no_view_without_a_request)
{
    struct recipe recipe = {16, 16, 3, SAMPLE_U8, .seed = 2};
    struct image in = make_noise(&recipe);
    struct asked asked = {.in = &in, .request = request_default()};
    struct made made = engine_make(&asked);
    ck_assert(made.ok && !made.result.before.channel && !made.result.before.preview[VIEW_LARGE].rgb &&
              !made.result.after.channel);
    made_free(&made);
    free(in.samples);
}
END_TEST

SUITE(viewer)
{
    TCase *tcase = tcase_create("viewer");
    tcase_add_loop_test(tcase, histograms_are_of_all_samples, 0, LAYOUTS * TYPES);
    tcase_add_test(tcase, grey_is_seen_as_what_it_becomes);
    tcase_add_loop_test(tcase, views_after_are_of_the_output, 0, 4 * TYPES);
    tcase_add_test(tcase, a_mask_weighs_both);
    tcase_add_loop_test(tcase, numbers_alone_are_the_same, 0, LAYOUTS * TYPES);
    tcase_add_test(tcase, every_channel_has_numbers);
    tcase_add_loop_test(tcase, a_preview_is_the_mean_of_squares, 0, LAYOUTS * TYPES);
    tcase_add_test(tcase, floats_are_shown_from_the_least_to_the_greatest);
    tcase_add_test(tcase, a_constant_is_in_the_middle);
    tcase_add_test(tcase, no_view_without_a_request);
    suite_add_tcase(suite, tcase);
}
