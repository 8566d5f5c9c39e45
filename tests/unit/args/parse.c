/* Values of options, against what the C library and the manual say of each text. */
#include "cli/args/parse.h"
#include "support.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- numbers ------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *text;
    double value; /* NAN: refused */
} ratios[] = {
    {"0", 0},
    {"1", 1},
    {"-1", -1},
    {"+2.5", 2.5},
    {".5", 0.5},
    {"5.", 5},
    {"1e3", 1000},
    {"1E-3", 0.001},
    {"007", 7},
    {"0.1", 0.1},
    {"1e-400", 0},
    {"1/2", 0.5},
    {"1/255", 1 / 255.0},
    {"128/255", 128 / 255.0},
    {"-1/3", -1 / 3.0},
    {"1/-3", -1 / 3.0},
    {"0.5/0.25", 2},
    {"1e3/1e-3", 1e6},
    {"", NAN},
    {" 1", NAN},
    {"1 ", NAN},
    {"one", NAN},
    {"1,5", NAN},
    {"--1", NAN},
    {"1-", NAN},
    {"e5", NAN},
    {".", NAN},
    {"1.2.3", NAN},
    {"0x10", NAN},
    {"1e999", NAN},
    {"-1e999", NAN},
    {"inf", NAN},
    {"nan", NAN},
    {"infinity", NAN},
    {"1/0", NAN},
    {"1/-0", NAN},
    {"0/0", NAN},
    {"/2", NAN},
    {"1/", NAN},
    {"/", NAN},
    {"1//2", NAN},
    {"1/2/3", NAN},
    {"1 / 2", NAN},
    {"1e300/1e-300", NAN},
    {"1%", NAN},
    {"\xd9\xa1", NAN}, /* a digit, but not one of ours */
};

START_TEST(ratios_are_numbers_or_fractions)
{
    double value = 77;
    bool ok = value_ratio(ratios[_i].text, &value);
    ck_assert_msg(ok == !isnan(ratios[_i].value), "'%s'", ratios[_i].text);
    ck_assert_msg(!ok || value == ratios[_i].value, "'%s' is %.17g", ratios[_i].text, value);
}
END_TEST

START_TEST(every_printed_number_comes_back)
{
    struct random r = {3};
    for (int i = 0; i < 10000; i++) {
        char text[64];
        double a = random_normal(&r) * pow(10, (double)random_below(&r, 20) - 10), b = random_normal(&r), got;
        snprintf(text, sizeof text, "%.17g", a);
        REQUIRE(value_ratio(text, &got) && got == a, "'%s' is %.17g", text, got);
        snprintf(text, sizeof text, "%.17g/%.17g", a, b);
        REQUIRE(value_ratio(text, &got) && got == a / b, "'%s' is %.17g", text, got);
    }
}
END_TEST

static const struct {
    const char *text;
    uint64_t least, most;
    bool ok;
    uint64_t value;
} integers[] = {
    {"0", 0, 9, true, 0},
    {"9", 0, 9, true, 9},
    {"10", 0, 9, false, 0},
    {"1", 2, 9, false, 0},
    {"2", 2, 9, true, 2},
    {"007", 0, 9, true, 7},
    {"18446744073709551615", 0, UINT64_MAX, true, UINT64_MAX},
    {"18446744073709551616", 0, UINT64_MAX, false, 0},
    {"99999999999999999999999", 0, UINT64_MAX, false, 0},
    {"", 0, 9, false, 0},
    {"-1", 0, UINT64_MAX, false, 0},
    {"+1", 0, 9, false, 0},
    {" 1", 0, 9, false, 0},
    {"1 ", 0, 9, false, 0},
    {"1.0", 0, 9, false, 0},
    {"0x1", 0, 9, false, 0},
    {"1K", 0, UINT64_MAX, false, 0},
};

START_TEST(integers_lie_between_their_bounds)
{
    uint64_t value = 77;
    bool ok = value_integer(integers[_i].text, integers[_i].least, integers[_i].most, &value);
    ck_assert_msg(ok == integers[_i].ok, "'%s'", integers[_i].text);
    ck_assert_msg(!ok || value == integers[_i].value, "'%s' is %" PRIu64, integers[_i].text, value);
}
END_TEST

enum { REFUSED = -1, SIZE_ONLY = 1 };
static const struct {
    const char *text;
    int kind; /* 0: a count, and a size */
    uint64_t value;
} sizes[] = {
    {"0", 0, 0},
    {"1", 0, 1},
    {"1K", 0, 1024},
    {"1k", 0, 1024},
    {"3M", 0, 3145728},
    {"3m", 0, 3145728},
    {"2G", 0, 2147483648},
    {"1T", 0, 1099511627776},
    {"18446744073709551615", 0, UINT64_MAX},
    {"18014398509481983K", 0, UINT64_MAX - 1023},
    {"16777215T", 0, UINT64_MAX - 1099511627775},
    {"1B", SIZE_ONLY, 1},
    {"1KB", SIZE_ONLY, 1024},
    {"1KiB", SIZE_ONLY, 1024},
    {"2GiB", SIZE_ONLY, 2147483648},
    {"18014398509481984K", REFUSED, 0},
    {"16777216T", REFUSED, 0},
    {"18446744073709551616", REFUSED, 0},
    {"99999999999999999999999999999999999999", REFUSED, 0},
    {"", REFUSED, 0},
    {"K", REFUSED, 0},
    {"-1", REFUSED, 0},
    {"1.5M", REFUSED, 0},
    {"1 M", REFUSED, 0},
    {"1KK", REFUSED, 0},
    {"1P", REFUSED, 0},
    {"1iB", REFUSED, 0},
    {"1Ki", REFUSED, 0},
    {"1KBs", REFUSED, 0},
    {"1bytes", REFUSED, 0},
};

START_TEST(sizes_have_their_units)
{
    const char *text = sizes[_i].text;
    uint64_t count = 77, size = 77;
    ck_assert_msg(value_count(text, &count) == (sizes[_i].kind == 0), "'%s' as a count", text);
    ck_assert_msg(value_size(text, &size) == (sizes[_i].kind != REFUSED), "'%s' as a size", text);
    if (sizes[_i].kind == 0)
        ck_assert_uint_eq(count, sizes[_i].value);
    if (sizes[_i].kind != REFUSED)
        ck_assert_uint_eq(size, sizes[_i].value);
}
END_TEST

/* ---- lists --------------------------------------------------------------------------------------------------------- */

START_TEST(lists_have_an_item_between_commas)
{
    struct list list = {0};
    struct why why = {0};
    ck_assert(value_list("0.5", &list, &why));
    ck_assert(list.n == 1 && !list.item[0].keep && list.item[0].value == 0.5);
    ck_assert(value_list("1/4,keep,-3e-2,keep", &list, &why)); /* in the place of the first */
    ck_assert_uint_eq(list.n, 4);
    ck_assert(!list.item[0].keep && list.item[0].value == 0.25);
    ck_assert(list.item[1].keep && list.item[3].keep);
    ck_assert(!list.item[2].keep && list.item[2].value == -0.03);
    free(list.item);
}
END_TEST

START_TEST(other_lists_are_refused)
{
    const char *refused[] = {"",      ",",      "1,",    ",1",     "1,,2",   "1;2",       "1, 2",  "Keep",
                             "keep ", "keeper", "1,kee", "keep/2", "1/keep", "1,2,three", "1,nan", "1 2"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct list list = {0};
        struct why why = {0};
        ck_assert_msg(!value_list(refused[i], &list, &why), "'%s'", refused[i]);
        ck_assert_str_eq(why.text, ""); /* memory was there */
        free(list.item);
    }
}
END_TEST

START_TEST(given_statistics_have_numbers_not_below_a_bound)
{
    struct list list = {0};
    struct why why = {0};
    ck_assert(value_given("0,1/2,3", 0, &list, &why) && list.n == 3 && list.item[1].value == 0.5);
    ck_assert(value_given("-5", -INFINITY, &list, &why) && list.item[0].value == -5);
    ck_assert(!value_given("1,-0.001", 0, &list, &why));
    ck_assert(!value_given("0.5,keep", -INFINITY, &list, &why));
    ck_assert(!value_given("keep", 0, &list, &why));
    ck_assert(!value_given("1,,2", 0, &list, &why));
    free(list.item);
}
END_TEST

/* ---- selectors ----------------------------------------------------------------------------------------------------- */

static const struct {
    const char *text;
    bool ok;
    enum selector_kind kind;
    double value; /* of NaN too */
} selectors[] = {
    {"below:0.5", true, SELECTOR_BELOW, 0.5}, {"below:0", true, SELECTOR_BELOW, 0},
    {"below:1", true, SELECTOR_BELOW, 1},     {"above:1/4", true, SELECTOR_ABOVE, 0.25},
    {"not:255", true, SELECTOR_NOT, 255},     {"not:-1e3", true, SELECTOR_NOT, -1000},
    {"not:nan", true, SELECTOR_NOT, NAN},     {"not:NaN", true, SELECTOR_NOT, NAN},
    {"same", true, SELECTOR_SAME, 0},         {"all", true, SELECTOR_ALL, 0},
    {"all.png", true, SELECTOR_PICTURE, 0},   {"./same", true, SELECTOR_PICTURE, 0},
    {"below", true, SELECTOR_PICTURE, 0},     {"Below:0.5", true, SELECTOR_PICTURE, 0},
    {"masks/", true, SELECTOR_PICTURE, 0},    {"below:1.01", false, SELECTOR_BELOW, 0},
    {"below:-0.1", false, SELECTOR_BELOW, 0}, {"above:2", false, SELECTOR_ABOVE, 0},
    {"below:", false, SELECTOR_BELOW, 0},     {"above:nan", false, SELECTOR_ABOVE, 0},
    {"not:", false, SELECTOR_NOT, 0},         {"not:inf", false, SELECTOR_NOT, 0},
    {"not:nano", false, SELECTOR_NOT, 0},     {"", false, SELECTOR_PICTURE, 0},
};

START_TEST(selectors_by_their_words)
{
    struct selectors s = {0};
    struct why why = {0};
    const char *text = selectors[_i].text;
    ck_assert_msg(value_selector(text, &s, &why) == selectors[_i].ok, "'%s'", text);
    ck_assert_uint_eq(s.n, selectors[_i].ok ? 1 : 0);
    if (selectors[_i].ok) {
        ck_assert(s.item[0].kind == selectors[_i].kind && s.item[0].text == text);
        double value = s.item[0].value;
        ck_assert(value == selectors[_i].value || (isnan(value) && isnan(selectors[_i].value)));
    }
    free(s.item);
}
END_TEST

START_TEST(selectors_are_added_in_order)
{
    struct selectors s = {0};
    struct why why = {0};
    ck_assert(value_selector("a.png", &s, &why) && value_selector("below:0.9", &s, &why));
    ck_assert(!value_selector("below:9", &s, &why));
    ck_assert(value_selector("all", &s, &why));
    ck_assert_uint_eq(s.n, 3);
    ck_assert_str_eq(s.item[0].text, "a.png");
    ck_assert(s.item[1].kind == SELECTOR_BELOW && s.item[2].kind == SELECTOR_ALL);
    ck_assert(selectors_find(&s, SELECTOR_ALL) == &s.item[2] && !selectors_find(&s, SELECTOR_SAME));
    free(s.item);
}
END_TEST

SUITE(parse)
{
    TCase *numbers = tcase_create("numbers"), *lists = tcase_create("lists"), *select = tcase_create("selectors");
    ADD_EACH(numbers, ratios_are_numbers_or_fractions, ratios);
    tcase_add_test(numbers, every_printed_number_comes_back);
    ADD_EACH(numbers, integers_lie_between_their_bounds, integers);
    ADD_EACH(numbers, sizes_have_their_units, sizes);
    tcase_add_test(lists, lists_have_an_item_between_commas);
    tcase_add_test(lists, other_lists_are_refused);
    tcase_add_test(lists, given_statistics_have_numbers_not_below_a_bound);
    ADD_EACH(select, selectors_by_their_words, selectors);
    tcase_add_test(select, selectors_are_added_in_order);
    suite_add_tcase(suite, numbers);
    suite_add_tcase(suite, lists);
    suite_add_tcase(suite, select);
}
