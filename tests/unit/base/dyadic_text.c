/* Exact numbers as text, which may come from anyone. */
#include "dyadics.h"
#include "support.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* text[n + 1] <- begin, as many of the character as there is room for, and end */
static const char *filled(char *text, size_t n, const char *begin, char with, const char *end)
{
    memset(text, with, n);
    memcpy(text, begin, strlen(begin));
    memcpy(text + n - strlen(end), end, strlen(end) + 1);
    return text;
}

/* Whether the text is read, and written as the same; what is refused changes nothing. */
static bool reads(const char *text)
{
    struct dyadic x = {0};
    ck_assert(dyadic_add(&x, 0.75));
    bool is_read = dyadic_read(&x, text);
    char *again = dyadic_text(&x);
    REQUIRE(strcmp(again, is_read ? text : "0x3p-2") == 0, "%s is written as %s", text, again);
    free(again);
    dyadic_free(&x);
    return is_read;
}

static const char *const taken[] = {
    "0",
    "7",
    "-10",
    "4294967296",
    "-18446744073709551616",
    "340282366920938463463374607431768211455",
    "100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000",
    "0x1p-1",
    "-0x1p-31",
    "0x3p-32",
    "0xffffffffp-33",
    "-0x123456789abcdefp-64",
    "0x10000000000000000000000000000000000000001p-2",
    "0x1p-2149",
    "0x1p-3222",
    "-0xffffffffffffffffffffffffffffffffp-3222",
};

START_TEST(numbers_are_read)
{
    ck_assert_msg(reads(taken[_i]), "%s", taken[_i]);
}
END_TEST

static const char *const refused[] = {
    "",
    "-",
    "-0",
    "00",
    "07",
    "-07",
    "+7",
    " 7",
    "7 ",
    "7\n",
    "7.0",
    "7e2",
    "7p-1",
    "--7",
    "1,000",
    "nan",
    "inf",
    "-inf",
    "a",
    "0x",
    "0x1",
    "0x1p",
    "0x1p-",
    "0x1p-0",
    "0x1p0",
    "0x1p1",
    "0x1p+1",
    "0x1p--1",
    "0x1p-01",
    "0x1p- 1",
    "0x1p-1 ",
    "0x1p-1p-1",
    "0xp-1",
    "0x0p-1",
    "0x2p-1",
    "0x01p-1",
    "0X1p-1",
    "0x1P-1",
    "0xAp-1",
    "0xABp-1",
    "0x-1p-1",
    "-0x-1p-1",
    "-0x0p-1",
    "0x1.1p-1",
    "x1p-1",
    "-x1p-1",
    "0xgp-1",
    "0x1g1p-1",
    "0x1p-a",
    "0x1p-1a",
    "\xff",
    "0x\xc3\xa9p-1",
    "1\x80",
    "0x1p-3223",
    "0x1p-9999",
    "0x1p-10001",
    "0x1p-4294967297",
    "0x1p-18446744073709551617",
    "0x1p-99999999999999999999999999",
    "0x1p-0000000000000000000000001",
};

START_TEST(what_is_not_written_is_refused)
{
    ck_assert_msg(!reads(refused[_i]), "%s", refused[_i]);
}
END_TEST

START_TEST(texts_have_an_end)
{
    enum { MOST = DYADIC_TEXT };
    char text[100001];
    /* 10^944 < 2^3136 < 10^945 */
    ck_assert(reads(filled(text, 944, "", '9', "")));
    ck_assert(reads(filled(text, 945, "-", '8', "0")));
    ck_assert(!reads(filled(text, 945, "", '9', "")));
    ck_assert(!reads(filled(text, MOST, "", '1', "")));
    ck_assert(!reads(filled(text, MOST + 1, "", '9', "")));
    ck_assert(!reads(filled(text, MOST + 1, "-", '9', "")));
    ck_assert(!reads(filled(text, 100000, "", '9', "")));
    ck_assert(!reads(filled(text, 100000, "", '0', "")));
    /* All of 3222 bits behind the point and 3136 before it, and one more. */
    ck_assert(reads(filled(text, MOST, "-0x3", 'f', "p-3222")));
    ck_assert(!reads(filled(text, MOST, "-0x7", 'f', "p-3222")));
    ck_assert(reads(filled(text, MOST, "-0x2", '0', "1p-3222")));
    ck_assert(!reads(filled(text, MOST, "-0x3", 'f', "p-3221")));
    ck_assert(!reads(filled(text, MOST, "0x", 'f', "p-3222")));
    ck_assert(!reads(filled(text, MOST + 1, "0x", 'f', "p-3222")));
    ck_assert(!reads(filled(text, MOST + 1, "-0x", 'f', "p-3222")));
    ck_assert(!reads(filled(text, 100000, "0x", 'f', "p-3222")));
    ck_assert(!reads(filled(text, 100000, "0x1p-", '1', "")));
    /* 784 digits of four bits before the point */
    ck_assert(reads(filled(text, 2 + 784 + 64 + 5, "0x", 'f', "p-256")));
    ck_assert(!reads(filled(text, 2 + 784 + 64 + 5, "0x", 'f', "p-255")));
}
END_TEST

static void require_back(const struct dyadic *x)
{
    struct dyadic y = {0};
    char *text = dyadic_text(x);
    ck_assert_uint_le(strlen(text), DYADIC_TEXT);
    ck_assert_msg(dyadic_read(&y, text), "%s", text);
    ck_assert(y.n == x->n && y.low == x->low && y.negative == x->negative &&
              (!x->n || memcmp(x->digit, y.digit, x->n * sizeof *x->digit) == 0));
    free(text);
    dyadic_free(&y);
}

/* x += a b c */
static void add_three(struct dyadic *x, double a, double b, double c)
{
    struct dyadic ab = {0}, third = {0};
    ck_assert(dyadic_add_product(&ab, a, b) && dyadic_add(&third, c) && dyadic_multiply(&ab, &third, &ab) &&
              dyadic_merge(x, &ab));
    dyadic_free(&ab);
    dyadic_free(&third);
}

static double any_finite(struct random *r)
{
    return ldexp(random_normal(r), (int)random_below(r, 2090) - 1070);
}

/* Sums of products of doubles of any exponent as text and back: the same digits. */
START_TEST(what_is_written_is_read)
{
    struct random r = {12};
    for (int round = 0; round < 5000; round++) {
        struct dyadic x = {0};
        for (size_t n = random_below(&r, 5); n; n--) {
            double a = any_finite(&r), b = any_finite(&r);
            ck_assert(dyadic_add(&x, round % 2 ? floor(a) : a) && dyadic_add_product(&x, a, round % 3 ? b : -a));
            if (round % 5 == 0)
                add_three(&x, a, b, any_finite(&r));
        }
        require_back(&x);
        dyadic_free(&x);
    }
}
END_TEST

/* weight x mean^2 of the least and of the greatest numbers, by themselves and in one sum. */
START_TEST(both_ends_of_the_range)
{
    const double least = 0x1p-1074, most = DBL_MAX;
    struct dyadic low = {0}, high = {0};
    add_three(&low, least, least, least);
    char *text = dyadic_text(&low);
    ck_assert_str_eq(text, "0x1p-3222");
    free(text);
    require_back(&low);
    for (int i = 0; i < 1000; i++)
        add_three(&high, -most, most, most);
    require_back(&high);
    ck_assert(dyadic_merge(&high, &low));
    require_back(&high);
    for (int i = 0; i < 64; i++) /* 2^64 of them are beyond */
        ck_assert(dyadic_merge(&high, &high));
    text = dyadic_text(&high);
    ck_assert(!reads(text));
    free(text);
    dyadic_free(&low);
    dyadic_free(&high);
}
END_TEST

/* The time for a text is bounded by its length: a megabyte of the longest ones is read within seconds. */
START_TEST(long_texts_take_no_time)
{
    char text[DYADIC_TEXT + 1];
    struct dyadic x = {0};
    filled(text, DYADIC_TEXT, "-0x3", 'f', "p-3222");
    clock_t begin = clock();
    for (int i = 0; i < 1 << 20; i += DYADIC_TEXT)
        ck_assert(dyadic_read(&x, text));
    double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
    ck_assert_msg(seconds < 5, "%g seconds", seconds);
    dyadic_free(&x);
}
END_TEST

/* A text in which some characters are others, come twice or are missing: it is refused, or written as the same. */
START_TEST(broken_texts)
{
    static const char likely[] = "0123456789abcdefxp--..+ \nA\xff";
    struct random r = {13};
    int counts[2] = {0};
    for (int round = 0; round < 100000; round++) {
        char text[128];
        const char *from = taken[random_below(&r, sizeof taken / sizeof *taken)];
        size_t n = 0, breaks = 1 + random_below(&r, 3), length = strlen(from);
        for (size_t i = 0; i < length; i++) {
            size_t what = random_below(&r, length / breaks + 3);
            if (what != 0)
                text[n++] = what == 1 ? likely[random_below(&r, sizeof likely - 1)] : from[i];
            if (what == 2)
                text[n++] = from[i];
            if (n > sizeof text - 3)
                break;
        }
        text[n] = '\0';
        counts[reads(text)]++;
    }
    ck_assert_int_gt(counts[0], 10000);
    ck_assert_int_gt(counts[1], 10000);
}
END_TEST

SUITE(dyadic_text)
{
    TCase *tcase = tcase_create("dyadic_text");
    ADD_EACH(tcase, numbers_are_read, taken);
    ADD_EACH(tcase, what_is_not_written_is_refused, refused);
    tcase_add_test(tcase, texts_have_an_end);
    tcase_add_test(tcase, what_is_written_is_read);
    tcase_add_test(tcase, both_ends_of_the_range);
    tcase_add_test(tcase, long_texts_take_no_time);
    tcase_add_test(tcase, broken_texts);
    suite_add_tcase(suite, tcase);
}
