/* What the page of --report is made of: text, thumbnails, histograms. */
#include "cli/report/html/histogram.h"
#include "cli/report/html/markup.h"
#include "cli/report/html/thumbnail.h"
#include "views.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- text and numbers ---------------------------------------------------------------------------------------------- */

static void require_text(struct growing *g, const char *want)
{
    struct why why = {""};
    char *text = growing_take(g, &why);
    ck_assert_str_eq(text, want);
    free(text);
}

static const struct {
    const char *text, *want;
} texts[] = {
    {"plain.png", "plain.png"},
    {"<script>&\"'", "&lt;script&gt;&amp;&quot;&#39;"},
    {"a\nb\tc\033[m", "a\\nb\\011c\\033[m"},
    {"caf\303\251 \360\237\230\200", "caf\303\251 \360\237\230\200"},
    {"caf\351", "caf\\351"},
    {"\302\205", "\\302\\205"},                   /* a control character beyond ASCII */
    {"\357\277\277x", "\\357\\277\\277x"},        /* U+FFFF, which no page may have */
    {"\357\267\220", "\\357\\267\\220"},          /* U+FDD0 */
    {"\360\237\277\276", "\\360\\237\\277\\276"}, /* U+1FFFE */
    {"\357\277\275", "\357\277\275"},             /* U+FFFD */
};

START_TEST(text_stays_text)
{
    struct growing g = {0};
    markup_string(&g, texts[_i].text);
    require_text(&g, texts[_i].want);
}
END_TEST

START_TEST(numbers_have_as_many_places_as_they_need)
{
    char text[NUMBER_BYTES];
    ck_assert_str_eq(number_text(text, 0.41234, number_places(0.9)), "0.4123");
    ck_assert_str_eq(number_text(text, -0.41239, 4), "−0.4124");
    ck_assert_str_eq(number_text(text, -1e-9, 4), "0.0000");
    ck_assert_str_eq(number_text(text, 51.987, number_places(51.987)), "51.99");
    ck_assert_str_eq(number_text(text, 65535, number_places(65535)), "65535.0");
    ck_assert_str_eq(number_text(text, -3e20, number_places(3e20)), "−3.0000e+20");
    ck_assert_str_eq(number_text(text, NAN, 4), "–");
    ck_assert_str_eq(percent_text(text, 0), "0");
    ck_assert_str_eq(percent_text(text, 0.00005), "&lt;0.01");
    ck_assert_str_eq(percent_text(text, 0.0334), "3.34");
    ck_assert_str_eq(percent_text(text, 1), "100.00");
}
END_TEST

/* ---- thumbnails ---------------------------------------------------------------------------------------------------- */

/* What a byte of base64 stands for, by RFC 4648. */
static unsigned digit_of(char c)
{
    const char *digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", *at = strchr(digits, c);
    REQUIRE(at && c, "%c is no base64", c);
    return (unsigned)(at - digits);
}

/* The picture in the address. */
static struct image decoded(const char *address)
{
    static unsigned char bytes[THUMBNAIL_BYTES];
    const char *text = strstr(address, ";base64,");
    size_t n = 0;
    ck_assert(strncmp(address, "data:image/", 11) == 0 && text);
    text += 8;
    ck_assert_uint_eq(strlen(text) % 4, 0);
    for (; *text; text += 4) {
        unsigned bits = digit_of(text[0]) << 18 | digit_of(text[1]) << 12;
        size_t whole = text[2] == '=' ? 1 : text[3] == '=' ? 2 : 3;
        bits |= (whole > 1 ? digit_of(text[2]) << 6 : 0) | (whole > 2 ? digit_of(text[3]) : 0);
        for (size_t i = 0; i < whole; i++)
            bytes[n++] = (unsigned char)(bits >> (16 - 8 * i));
    }
    return must_decode("thumbnail", bytes, n, 1);
}

static void require_thumbnail(const struct preview *p, size_t width, size_t height, double tolerance)
{
    struct why why = {""};
    struct thumbnail t;
    ck_assert_msg(thumbnail_make(&t, p, &why), "%s", why.text);
    ck_assert_ptr_nonnull(t.address);
    ck_assert(t.width == width && t.height == height);
    struct image image = decoded(t.address);
    ck_assert(image.info.width == width && image.info.height == height && image.info.channels == 3);
    for (size_t i = 0; i < width * height * 3; i++) {
        size_t x = i / 3 % width, y = i / 3 / width;
        size_t from = ((2 * y + 1) * p->height / (2 * height)) * p->width + (2 * x + 1) * p->width / (2 * width);
        REQUIRE_CLOSE(image.samples[i], p->rgb[3 * from + i % 3], tolerance);
    }
    free(image.samples);
    thumbnail_free(&t);
}

START_TEST(a_thumbnail_is_the_preview)
{
    struct preview p = slope(200, 100);
    require_thumbnail(&p, 200, 100, 12);
    preview_free(&p);
    p = slope(1, 1);
    require_thumbnail(&p, 1, 1, 12);
    preview_free(&p);
}
END_TEST

START_TEST(a_large_preview_is_made_smaller)
{
    struct preview p = slope(1000, 400);
    require_thumbnail(&p, 256, 102, 14);
    preview_free(&p);
    p = slope(3, 2000);
    require_thumbnail(&p, 1, 256, 100);
    preview_free(&p);
}
END_TEST

/* Noise is what takes most bytes. */
START_TEST(a_thumbnail_is_never_too_long)
{
    struct random random = {7};
    struct preview p = new_preview(256, 256);
    struct why why = {""};
    struct thumbnail t;
    for (size_t i = 0; i < 256 * 256 * 3; i++)
        p.rgb[i] = (unsigned char)random_below(&random, 256);
    ck_assert_msg(thumbnail_make(&t, &p, &why), "%s", why.text);
    ck_assert_uint_le(strlen(strchr(t.address, ',') + 1), THUMBNAIL_BYTES);
    ck_assert(t.width < 256 && t.width == t.height && t.width > 32);
    thumbnail_free(&t);
    preview_free(&p);
    ck_assert(thumbnail_make(&t, &p, &why) && !t.address);
}
END_TEST

/* ---- histograms ----------------------------------------------------------------------------------------------------- */

/* Reads the heights of an area's points: "M0 64V.." then steps of 4. */
static void read_area(const char *svg, const char *class, double height[64])
{
    char begin[40];
    int y;
    const char *at;
    snprintf(begin, sizeof begin, "<path class=\"%s\" d=\"M0 64V", class);
    ck_assert_msg((at = strstr(svg, begin)) != NULL, "%s", svg);
    at += strlen(begin);
    y = (int)strtol(at, (char **)&at, 10);
    ck_assert(strncmp(at, "h2l", 3) == 0);
    at += 3;
    height[0] = 64 - y;
    for (int i = 1; i < 64; i++) {
        ck_assert_int_eq(strtol(at, (char **)&at, 10), 4);
        y += (int)strtol(at, (char **)&at, 10);
        height[i] = 64 - y;
    }
    ck_assert(strncmp(at, "h2V64z", 6) == 0);
}

/* The density of a normal distribution, in parts of its highest point, at the middle of each. */
static void require_normal(const double height[64], double mean, double deviation, double top)
{
    for (int i = 0; i < 64; i++) {
        double x = (-1 + 4 * (i + 0.5) / 64 - mean) / deviation;
        REQUIRE_CLOSE(height[i], fmin(64, top * exp(-x * x / 2)), 2);
    }
}

START_TEST(a_histogram_has_its_bins_and_marks)
{
    struct view_channel before = channel_of(0.5, 0.25), after = channel_of(1, 0.5);
    struct growing g = {0};
    struct why why = {""};
    double height[64];
    histogram_put(&g, "R", "r", &before, &after);
    char *svg = growing_take(&g, &why);
    read_area(svg, "was", height);
    require_normal(height, 0.5, 0.25, 64);
    read_area(svg, "is", height);
    require_normal(height, 1, 0.5, 32); /* twice as wide, half as high */
    ck_assert_msg(strstr(svg, "class=\"was-at\" d=\"M96.0 0V68M80.0 68H112.0\"") != NULL, "%s", svg);
    ck_assert_msg(strstr(svg, "class=\"is-at\" d=\"M128.0 0V76M96.0 76H160.0\"") != NULL, "%s", svg);
    free(svg);
}
END_TEST

/* What is heaped up at the ends does not flatten what lies between; a channel of no samples has no marks. */
START_TEST(ends_do_not_flatten_a_histogram)
{
    struct view_channel heaped = channel_of(1, 0.5), none = {.low = 0, .high = 0};
    struct growing g = {0};
    struct why why = {""};
    double height[64];
    heaped.bin[0] = heaped.bin[255] = 1e9;
    instnorm_moments_clear(&none.moments);
    histogram_put(&g, "a<b", "k", &heaped, &none);
    char *svg = growing_take(&g, &why);
    read_area(svg, "was", height);
    ck_assert(height[0] == 64 && height[63] == 64 && height[31] > 60 && height[10] < 20);
    read_area(svg, "is", height);
    for (int i = 0; i < 64; i++)
        ck_assert(height[i] == 0);
    ck_assert(!strstr(svg, "is-at") && strstr(svg, "a&lt;b"));
    free(svg);
}
END_TEST

SUITE(html_pieces)
{
    TCase *tcase = tcase_create("pieces");
    ADD_EACH(tcase, text_stays_text, texts);
    tcase_add_test(tcase, numbers_have_as_many_places_as_they_need);
    tcase_add_test(tcase, a_thumbnail_is_the_preview);
    tcase_add_test(tcase, a_large_preview_is_made_smaller);
    tcase_add_test(tcase, a_thumbnail_is_never_too_long);
    tcase_add_test(tcase, a_histogram_has_its_bins_and_marks);
    tcase_add_test(tcase, ends_do_not_flatten_a_histogram);
    suite_add_tcase(suite, tcase);
}
