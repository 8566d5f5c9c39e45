/* What --compare draws. */
#include "cli/report/compare/histogram.h"
#include "cli/report/shrink.h"
#include "support.h"

#include <math.h>
#include <stdlib.h>

static struct why why;

static const unsigned char *at(const struct canvas *canvas, size_t x, size_t y)
{
    return canvas->rgb + (y * canvas->width + x) * 3;
}

static bool is_white(const struct canvas *canvas, size_t x, size_t y)
{
    const unsigned char *p = at(canvas, x, y);
    return p[0] == 255 && p[1] == 255 && p[2] == 255;
}

static struct canvas must_have(size_t width, size_t height)
{
    struct canvas canvas = {0};
    ck_assert(canvas_reserve(&canvas, width, height, &why));
    return canvas;
}

START_TEST(what_is_outside_is_not_drawn)
{
    struct canvas canvas = must_have(10, 6);
    const struct rectangle beyond = {8, 4, 100, 100}, outside = {20, 1, 3, 3};
    struct preview p = {0};
    ck_assert(preview_reserve(&p, 9, 9, &why));
    canvas_fill(&canvas, &beyond, (struct colour){{10, 20, 30}}, 1);
    canvas_fill(&canvas, &outside, (struct colour){{10, 20, 30}}, 1);
    ck_assert(at(&canvas, 9, 5)[0] == 10 && at(&canvas, 8, 4)[2] == 30 && is_white(&canvas, 7, 4) &&
              is_white(&canvas, 8, 3));
    canvas_fill(&canvas, &(struct rectangle){0, 0, 1, 1}, (struct colour){{0, 0, 0}}, 0.2);
    ck_assert_uint_eq(at(&canvas, 0, 0)[0], 204);
    canvas_picture(&canvas, &p, 6, 3); /* black */
    ck_assert(at(&canvas, 6, 3)[0] == 0 && at(&canvas, 9, 5)[0] == 0 && is_white(&canvas, 5, 3) && is_white(&canvas, 6, 2));
    canvas_picture(&canvas, &p, 10, 0);
    canvas_picture(&canvas, &p, 0, 6);
    ck_assert(is_white(&canvas, 1, 1));
    preview_free(&p);
    canvas_free(&canvas);
}
END_TEST

/* The columns that have ink. */
static void find_ink(const struct canvas *canvas, size_t *first, size_t *last)
{
    *first = canvas->width;
    *last = 0;
    for (size_t y = 0; y < canvas->height; y++)
        for (size_t x = 0; x < canvas->width; x++)
            if (!is_white(canvas, x, y)) {
                *first = x < *first ? x : *first;
                *last = x > *last ? x : *last;
            }
}

START_TEST(text_is_where_it_may_be)
{
    static const char *const texts[] = {"A", "a name.png", "\303\244\303\266 \001\377",
                                        "a name that is much too long for the place"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (unsigned scale = 1; scale <= 2; scale++) {
            struct canvas canvas = must_have(200, 40);
            size_t first, last;
            canvas_text(&canvas, 20, 8, 100, scale, texts[i], (struct colour){{0, 0, 0}});
            find_ink(&canvas, &first, &last);
            ck_assert_msg(first >= 20 && first < 20 + 6 * scale && last < 120, "%s: %zu to %zu", texts[i], first, last);
            canvas_free(&canvas);
        }
}
END_TEST

/* Whether both texts look the same at that scale. */
static bool look_alike(const char *a, const char *b, unsigned scale)
{
    const char *const text[] = {a, b};
    struct canvas canvas[2];
    for (int i = 0; i < 2; i++) {
        canvas[i] = must_have(400, 40);
        canvas_text(&canvas[i], 4, 4, 390, scale, text[i], (struct colour){{0, 0, 0}});
    }
    bool same = memcmp(canvas[0].rgb, canvas[1].rgb, (size_t)400 * 40 * 3) == 0;
    for (int i = 0; i < 2; i++)
        canvas_free(&canvas[i]);
    return same;
}

/* A letter of UTF-8 is one "?", as a byte that is none. */
START_TEST(other_letters_are_question_marks)
{
    ck_assert(look_alike("\303\244\303\266", "??", 1) && look_alike("\377\n", "??", 3));
    ck_assert(!look_alike("???", "??", 1) && !look_alike("a", "?", 1));
}
END_TEST

/* A text that has room is whole: more room changes nothing. */
START_TEST(text_that_fits_is_whole)
{
    for (size_t width = 60; width < 390; width += 10) {
        struct canvas narrow = must_have(400, 40), wide = must_have(400, 40);
        size_t first, last, end;
        canvas_text(&narrow, 0, 4, width, 1, "a name.png", (struct colour){{0, 0, 0}});
        canvas_text(&wide, 0, 4, 400, 1, "a name.png", (struct colour){{0, 0, 0}});
        find_ink(&wide, &first, &last);
        find_ink(&narrow, &first, &end);
        ck_assert(end < width && (last + 4 > width || memcmp(narrow.rgb, wide.rgb, (size_t)400 * 40 * 3) == 0));
        canvas_free(&narrow);
        canvas_free(&wide);
    }
}
END_TEST

/* Bins rise from the left to the right; the mark is at the mean, the line a deviation to both sides. */
START_TEST(bars_are_as_high_as_bins)
{
    const struct instnorm_space *rgb = instnorm_space_find("rgb");
    const struct rectangle where = {4, 2, VIEW_BINS, 100};
    struct canvas canvas = must_have(VIEW_BINS + 8, 130);
    struct view view = {0};
    ck_assert(view_reserve(&view, 1, &why));
    view.channel[0] = (struct view_channel){.moments = {1, 0.5, 0.01, 0, 1, 0}, .low = 0, .high = 1};
    for (unsigned b = 0; b < VIEW_BINS; b++)
        view.channel[0].bin[b] = b;
    histogram_draw(&canvas, &where, &view, rgb, VIEW_BINS - 1);
    for (size_t x = 0; x < VIEW_BINS; x++) {
        size_t height = (size_t)ceil((double)x / (VIEW_BINS - 1) * 100);
        ck_assert(height == 0 || !is_white(&canvas, 4 + x, 102 - height));
        ck_assert(height == 100 || is_white(&canvas, 4 + x, 101 - height));
    }
    size_t y = 102 + 4, first = 0, last = 0, mean = 4 + (size_t)lrint(0.5 * 255);
    for (size_t x = 0; x < canvas.width; x++)
        if (!is_white(&canvas, x, y)) {
            first = first ? first : x;
            last = x;
        }
    ck_assert_uint_eq(first, 4 + (size_t)lrint(0.4 * 255));
    ck_assert_uint_eq(last, 4 + (size_t)lrint(0.6 * 255));
    ck_assert(!is_white(&canvas, mean, y - 2) && is_white(&canvas, mean + 4, y - 2) && is_white(&canvas, mean - 4, y - 2));
    view_free(&view);
    canvas_free(&canvas);
}
END_TEST

/* What is cut off piles up at the ends, and a few tall bars are no measure. */
START_TEST(few_bars_are_cut_off)
{
    struct view before = {0}, after = {0};
    ck_assert(view_reserve(&before, 3, &why) && view_reserve(&after, 3, &why));
    ck_assert(histogram_peak(&before, &after) > 0);
    for (unsigned c = 0; c < 3; c++)
        for (unsigned b = 0; b < VIEW_BINS; b++)
            before.channel[c].bin[b] = after.channel[c].bin[b] = b == 0 ? 1e9 : b == 100 ? 1e6 : 10 + b % 2;
    ck_assert_double_eq(histogram_peak(&before, &after), 11);
    view_free(&before);
    view_free(&after);
}
END_TEST

/* Each pixel is the mean of what falls on it, by a plain integral of the picture. */
START_TEST(a_shrunk_preview_is_the_mean)
{
    static const size_t sizes[][2] = {{7, 5}, {100, 3}, {64, 48}, {1, 1}, {33, 90}};
    for (size_t i = 0; i < 5; i++)
        for (size_t side = 1; side <= 40; side += 13) {
            size_t w = sizes[i][0], h = sizes[i][1];
            struct preview from = {0}, to = {0};
            struct random r = {i};
            ck_assert(preview_reserve(&from, w, h, &why));
            for (size_t k = 0; k < w * h * 3; k++)
                from.rgb[k] = (unsigned char)random_bits(&r);
            ck_assert(shrink(&from, side, &to, &why));
            ck_assert((to.width <= side || w <= side) && (to.height <= side || h <= side));
            for (size_t y = 0; y < to.height; y++)
                for (size_t x = 0; x < to.width; x++) {
                    double sum = 0, area = 0, l = (double)x * (double)w / (double)to.width;
                    double right = l + (double)w / (double)to.width, t = (double)y * (double)h / (double)to.height;
                    double bottom = t + (double)h / (double)to.height;
                    for (size_t v = 0; v < h; v++)
                        for (size_t u = 0; u < w; u++) {
                            double a = fmax(fmin(right, (double)u + 1) - fmax(l, (double)u), 0) *
                                       fmax(fmin(bottom, (double)v + 1) - fmax(t, (double)v), 0);
                            sum += a * from.rgb[(v * w + u) * 3 + 1];
                            area += a;
                        }
                    ck_assert_double_eq_tol(to.rgb[(y * to.width + x) * 3 + 1], sum / area, 0.5 + 1e-6);
                }
            preview_free(&to);
            preview_free(&from);
        }
}
END_TEST

SUITE(compare)
{
    TCase *tcase = tcase_create("compare");
    tcase_add_test(tcase, what_is_outside_is_not_drawn);
    tcase_add_test(tcase, text_is_where_it_may_be);
    tcase_add_test(tcase, other_letters_are_question_marks);
    tcase_add_test(tcase, text_that_fits_is_whole);
    tcase_add_test(tcase, bars_are_as_high_as_bins);
    tcase_add_test(tcase, few_bars_are_cut_off);
    tcase_add_test(tcase, a_shrunk_preview_is_the_mean);
    suite_add_tcase(suite, tcase);
}
