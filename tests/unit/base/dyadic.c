/* Exact numbers, beside numbers of one bit a place, which a plain loop adds up. */
#include "dyadics.h"
#include "support.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void require_text(const struct dyadic *x, const char *want)
{
    char *text = dyadic_text(x);
    REQUIRE(strcmp(text, want) == 0, "%s, not %s", text, want);
    free(text);
}

static void require_same(const struct dyadic *a, const struct dyadic *b)
{
    REQUIRE(a->n == b->n && a->low == b->low && a->negative == b->negative, "other places");
    REQUIRE(a->n == 0 || memcmp(a->digit, b->digit, a->n * sizeof *a->digit) == 0, "other digits");
}

static void require_double(double got, double want, const char *of)
{
    REQUIRE(memcmp(&got, &want, sizeof got) == 0, "%s is %a, not %a", of, got, want);
}

/* ---- plain numbers ------------------------------------------------------------------------------------------------ */

/* The sum of bit[i] x 2^(i - ONE), where a bit is any number until it is settled. */
enum { ONE = 2200, PLACES = 2 * ONE };

struct plain {
    int bit[PLACES];
    bool negative;
};

/* bit[53] <- |x| in units of 2^*exponent; by multiplying and subtracting. */
static void bits_of(double x, int bit[53], int *exponent)
{
    double rest = frexp(fabs(x), exponent);
    *exponent -= 53;
    for (int i = 53; i-- > 0;) {
        rest *= 2;
        bit[i] = rest >= 1;
        rest -= bit[i];
    }
}

static void plain_add_product(struct plain *p, double x, double y)
{
    int a[53], b[53], i, j;
    bits_of(x, a, &i);
    bits_of(y, b, &j);
    int *at = p->bit + ONE + i + j, sign = !signbit(x) == !signbit(y) ? 1 : -1;
    for (i = 0; i < 53; i++)
        for (j = 0; j < 53; j++)
            if (a[i] && b[j])
                at[i + j] += sign;
}

static void plain_add_integer(struct plain *p, bool negative, uint64_t high, uint64_t low)
{
    for (int i = 0; i < 64; i++) {
        p->bit[ONE + i] += (negative ? -1 : 1) * (int)(low >> i & 1);
        p->bit[ONE + 64 + i] += (negative ? -1 : 1) * (int)(high >> i & 1);
    }
}

static void plain_settle(struct plain *p)
{
    int carry = 0;
    for (int i = 0; i < PLACES; i++) {
        int sum = p->bit[i] + carry;
        p->bit[i] = sum & 1;
        carry = (sum - p->bit[i]) / 2;
    }
    if (carry >= 0)
        return;
    for (int i = 0; i < PLACES; i++)
        p->bit[i] = -p->bit[i];
    p->bit[PLACES - 1] -= 2 * carry; /* the sign that was carried away */
    p->negative = true;
    plain_settle(p);
}

/* The integer of the bits from ONE on, by doubling a number in decimal. */
static void plain_decimal(const struct plain *p, char text[PLACES])
{
    unsigned char digit[PLACES] = {0};
    int n = 1;
    for (int i = PLACES; i-- > ONE;) {
        int carry = p->bit[i];
        for (int k = 0; k < n; k++) {
            carry += 2 * digit[k];
            digit[k] = (unsigned char)(carry % 10);
            carry /= 10;
        }
        if (carry)
            digit[n++] = (unsigned char)carry;
    }
    for (int k = 0; k < n; k++)
        text[k] = (char)('0' + digit[n - 1 - k]);
    text[n] = '\0';
}

static void plain_text(const struct plain *p, char text[PLACES])
{
    int low = 0, end = PLACES;
    while (low < ONE && !p->bit[low])
        low++;
    if (p->negative)
        *text++ = '-';
    if (low == ONE) {
        plain_decimal(p, text);
        return;
    }
    while (!p->bit[end - 1])
        end--;
    text += sprintf(text, "0x");
    for (int i = (end - low - 1) / 4; i >= 0; i--) {
        const int *b = p->bit + low + 4 * i;
        text += sprintf(text, "%x", (unsigned)(b[0] + 2 * b[1] + 4 * b[2] + 8 * b[3]));
    }
    sprintf(text, "p-%d", ONE - low);
}

/* x has the settled bits of p, and their text. Doubles are rounded by strtod. */
static void require_plain(const struct dyadic *x, struct plain *p)
{
    char text[PLACES];
    plain_settle(p);
    plain_text(p, text);
    require_text(x, text);
    require_double(dyadic_round(x), strtod(text, NULL), text);
    ck_assert_int_eq(dyadic_sign(x), p->negative ? -1 : strcmp(text, "0") != 0);
    REQUIRE(!x->n || (x->digit[0] && x->digit[x->n - 1] && x->n <= x->room), "zeros at an end");
    for (int i = 0; i < PLACES; i++) {
        int at = i - ONE - 32 * x->low;
        unsigned bit = at >= 0 && (size_t)at / 32 < x->n ? x->digit[at / 32] >> at % 32 & 1 : 0;
        REQUIRE(bit == (unsigned)p->bit[i], "bit %d of %s", i - ONE, text);
    }
}

/* ---- sums ---------------------------------------------------------------------------------------------------------- */

/* Of all exponents, of subnormals, or close to 1. */
static double random_double(struct random *r)
{
    double x = 1 + random_unit(r);
    size_t kind = random_below(r, 4);
    x = ldexp(x, kind == 0   ? (int)random_below(r, 4)
                 : kind == 1 ? -1023 - (int)random_below(r, 52)
                             : (int)random_below(r, 2045) - 1021);
    return random_below(r, 2) ? -x : x;
}

START_TEST(sums_are_exact)
{
    struct random r = {(uint64_t)_i};
    for (int round = 0; round < 50; round++) {
        struct dyadic x = {0};
        struct plain p = {0};
        for (size_t n = random_below(&r, 20); n; n--) {
            double a = random_double(&r), b = random_double(&r);
            uint64_t high = random_bits(&r) >> random_below(&r, 64), low = random_bits(&r);
            bool negative = random_below(&r, 2);
            ck_assert(dyadic_add(&x, a) && dyadic_add_product(&x, a, b) && dyadic_add_integer(&x, negative, high, low));
            plain_add_product(&p, a, 1);
            plain_add_product(&p, a, b);
            plain_add_integer(&p, negative, high, low);
        }
        require_plain(&x, &p);
        dyadic_free(&x);
    }
}
END_TEST

static const struct {
    double x, y;
    const char *text;
} products[] = {
    {0x1p-1074, 0x1p-1074, "0x1p-2148"},
    {-0x1p-1074, 0x3p-1074, "-0x3p-2148"},
    {0, -DBL_MAX, "0"},
    {-0.0, 1, "0"},
    /* Python: print(int(Fraction(1e22) * Fraction(3))); for the others Fraction(x)**2 has hex(numerator) and denominator */
    {1e22, 3, "30000000000000000000000"},
    {0.1, 0.1, "0xa3d70a3d70a3dc28f5c28f5c29p-110"},
    {1e-300, -1e-300, "-0x1cb40954c56aa83ae7947c214f1p-2098"},
    /* Python: print(int(Fraction(1e300)**2)) */
    {1e300, 1e300,
     "100000000000000010500952051040884325415878661871005563386469026563183901107141845888855375804821112590900462906138078"
     "2"
     "157148869014030637026887810152427377750035885083816082550814263137150354345278949097453419502470767363392899932808591"
     "295"
     "881371568940288244503606040041902156207636383027319843614106259397098107676861564303604429711713106484226430338070711"
     "231"
     "728767988709207351896957741522616930074361746672583868170395378017804744185628102362224618680845459322154729862135904"
     "368"
     "210157008370248034344368049358511572780806622311265779229109669229006505026201737472270344918612679973706853099299772"
     "825"
     "600"},
};

START_TEST(products_have_their_text)
{
    struct dyadic x = {0};
    struct plain p = {0};
    ck_assert(dyadic_add_product(&x, products[_i].x, products[_i].y));
    plain_add_product(&p, products[_i].x, products[_i].y);
    require_text(&x, products[_i].text);
    require_plain(&x, &p);
    dyadic_free(&x);
}
END_TEST

/* x <- the values[n] from `from` on, each `step`-th. */
static void add_some(struct dyadic *x, const double *values, size_t n, size_t from, size_t step)
{
    for (size_t i = from; i < n; i += step)
        ck_assert(dyadic_add(x, values[i]) && dyadic_add_product(x, values[i], values[n - 1 - i]));
}

START_TEST(order_and_split_do_not_matter)
{
    enum { N = 300 };
    double values[N];
    struct random r = {7};
    struct dyadic whole = {0};
    for (size_t i = 0; i < N; i++)
        values[i] = random_double(&r);
    add_some(&whole, values, N, 0, 1);
    for (size_t parts = 1; parts <= N; parts = 2 * parts + 1) {
        struct dyadic sum = {0};
        for (size_t i = parts; i-- > 0;) {
            struct dyadic part = {0};
            add_some(&part, values, N, i, parts);
            ck_assert(dyadic_merge(&sum, &part));
            dyadic_free(&part);
        }
        require_same(&sum, &whole);
        dyadic_free(&sum);
    }
    dyadic_free(&whole);
}
END_TEST

START_TEST(equals_cancel_to_nothing)
{
    enum { N = 50 };
    double values[N], opposite[N];
    struct random r = {8};
    struct dyadic x = {0}, y = {0}, nothing = {0};
    for (int i = 0; i < N; i++) {
        values[i] = random_double(&r);
        opposite[N - 1 - i] = -values[i];
    }
    for (int i = 0; i < N; i++)
        ck_assert(dyadic_add(&x, values[i]) && dyadic_add(&y, opposite[i]) && dyadic_subtract(&y, &nothing));
    ck_assert(dyadic_merge(&x, &y));
    require_same(&x, &nothing);
    ck_assert_int_eq(dyadic_sign(&x), 0);
    require_text(&x, "0");
    /* What is left of large numbers is small. */
    ck_assert(dyadic_add(&x, DBL_MAX) && dyadic_add(&x, -0x1p-1074) && dyadic_add(&x, -DBL_MAX));
    require_text(&x, "-0x1p-1074");
    ck_assert_int_eq(dyadic_sign(&x), -1);
    dyadic_free(&x);
    dyadic_free(&y);
}
END_TEST

START_TEST(a_number_with_itself)
{
    struct dyadic x = {0};
    ck_assert(dyadic_add(&x, -0x1.8p40) && dyadic_add(&x, 0x1p-40) && dyadic_merge(&x, &x));
    require_text(&x, "-0x17fffffffffffffffffffp-39");
    ck_assert(dyadic_multiply(&x, &x, &x));
    /* Python: hex(0x17fffffffffffffffffff**2) */
    require_text(&x, "0x23ffffffffffffffffffd00000000000000000001p-78");
    ck_assert(dyadic_subtract(&x, &x) && dyadic_multiply(&x, &x, &x));
    require_text(&x, "0");
    dyadic_free(&x);
}
END_TEST

/* Sums of a million samples of 8 bits and of floats stay in the room that the first took. */
START_TEST(ordinary_sums_are_short)
{
    struct random r = {9};
    struct dyadic x = {0};
    for (int i = 0; i < 1000000; i++) {
        double sample = random_below(&r, 2) ? (double)random_below(&r, 256) : (float)random_unit(&r);
        REQUIRE(dyadic_add_product(&x, sample, sample), "memory was short");
    }
    ck_assert_uint_le(x.n, 5);
    ck_assert_uint_eq(x.room, 8);
    dyadic_free(&x);
}
END_TEST

/* (a + b) (c + d) = a c + a d + b c + b d */
START_TEST(multiplication_distributes)
{
    struct random r = {10};
    for (int round = 0; round < 2000; round++) {
        double a = random_double(&r), b = round % 10 ? random_double(&r) : -a, c = random_double(&r), d = random_double(&r);
        struct dyadic x = {0}, y = {0}, got = {0}, want = {0};
        ck_assert(dyadic_add(&x, a) && dyadic_add(&x, b) && dyadic_add(&y, c) && dyadic_add(&y, d) && dyadic_add(&got, 1));
        ck_assert(dyadic_add_product(&want, a, c) && dyadic_add_product(&want, a, d));
        ck_assert(dyadic_add_product(&want, b, c) && dyadic_add_product(&want, b, d));
        ck_assert(dyadic_multiply(&x, &y, &got));
        require_same(&got, &want);
        for (int i = 0; i < 4; i++)
            dyadic_free((struct dyadic *[]){&x, &y, &got, &want}[i]);
    }
}
END_TEST

/* ---- rounding ------------------------------------------------------------------------------------------------------ */

static const struct {
    double a, b, c, want;
} sums[] = {
    {0x1p53, 1, 0, 0x1p53},
    {0x1p53, 3, 0, 0x1.0000000000002p53},
    {0x1p53, 1, 0x1p-32, 0x1.0000000000001p53},
    {0x1p53, 1, 0x1p-40, 0x1.0000000000001p53},
    {0x1p53, 1, 0x1p-300, 0x1.0000000000001p53},
    {0x1p53, 3, -0x1p-300, 0x1.0000000000001p53},
    {-0x1p53, -1, -0x1p-1074, -0x1.0000000000001p53},
    {0x1p54, -1, 0, 0x1p54},
    {0x1p54, -1, -0x1p-9, 0x1.fffffffffffffp53},
    {DBL_MAX, 0x1p970, 0, INFINITY},
    {DBL_MAX, 0x1p970, -0x1p-1074, DBL_MAX},
    {-DBL_MAX, -DBL_MAX, 0, -INFINITY},
    {0x1p-1022, -0x1p-1074, 0, 0x0.fffffffffffffp-1022},
};

START_TEST(sums_are_rounded_to_even)
{
    struct dyadic x = {0};
    ck_assert(dyadic_add(&x, sums[_i].a) && dyadic_add(&x, sums[_i].b) && dyadic_add(&x, sums[_i].c));
    require_double(dyadic_round(&x), sums[_i].want, "the sum");
    dyadic_free(&x);
}
END_TEST

/* x y / d, which is one rounding of division by IEEE 754 if y is 1; none of the doubles is infinite. */
static double ratio(double x, double y, double d)
{
    struct dyadic n = {0}, by = {0};
    double got;
    ck_assert(dyadic_add_product(&n, x, y) && dyadic_add(&by, d) && dyadic_ratio(&n, &by, &got));
    dyadic_free(&n);
    dyadic_free(&by);
    return got;
}

START_TEST(ratios_are_those_of_the_processor)
{
    struct random r = {11};
    for (int round = 0; round < 100000; round++) {
        double x = random_double(&r), d = random_double(&r);
        if (round % 2) { /* short numbers have exact ratios, and ties among subnormals */
            x = ldexp((double)random_below(&r, 64), -1074 + (int)random_below(&r, 4));
            d = ldexp(1 + (double)random_below(&r, 16), (int)random_below(&r, 8));
        }
        require_double(ratio(x, 1, d), x / d, "the ratio");
        require_double(ratio(x, d, d), x, "the ratio");
    }
    ck_assert(ratio(0, 1, -3) == 0);
    ck_assert(isnan(ratio(1, 1, 0)) && isnan(ratio(0, 1, 0)));
}
END_TEST

/*
 * Ties, and what is a little beside one:
 *
 * from fractions import Fraction as F
 * from random import Random
 * r = Random(14)
 * def text(x):
 *     scale = x.denominator.bit_length() - 1
 *     return f"{'-' * (x < 0)}{abs(x.numerator):#x}p-{scale}" if scale else f"{x.numerator}"
 * for bits, e, beside in [(54, -1, b) for b in (0, 1, -1)] * 2 + [(30, -1075, b) for b in (0, 1, -1)] + \
 *                        [(1, -1075, b) for b in (0, -1)]:
 *     d = F(r.getrandbits(70) | 1, 2**40)
 *     n = -(r.getrandbits(bits) | 1 << bits - 1 | 1) * F(2)**e * d + beside * F(2)**(e - 90)
 *     ratio = n.numerator * d.denominator / (n.denominator * d.numerator)
 *     print('{"%s", "%s", %s},' % (text(n), text(d), ratio.hex()))
 */
static const struct {
    const char *n, *d;
    double want;
} ratios[] = {
    {"-0x745da009b88579b8bb68520624272e5p-41", "0x2c9daa37e51b591d75p-40", -0x1.4dd8760aa90d8p+52},
    {"-0xbb7dfe3af27c91f33a434f2c94581fbffffffffffffp-91", "0xff0baef3a86f0ce2fp-40", -0x1.7863322b3e758p+52},
    {"-0x1e7af5ee62402c8bf660e27d588a23c4000000000001p-91", "0x2e4a800646417a8105p-40", -0x1.51205894bcdffp+52},
    {"-0x664e1f6aabb67e79828e65a72077615p-41", "0x1d4d909eb2732242fdp-40", -0x1.bee285794f37cp+52},
    {"-0x1e8b8c764416d4c17dba210aca1d4213ffffffffffffp-91", "0x3164d0b50f658c6763p-40", -0x1.3c9edf457987bp+52},
    {"-0x2d0b15e1221cd02a4948c67ea36f1f4c000000000001p-91", "0x373927f7d64375d035p-40", -0x1.a19def3632474p+52},
    {"-0x39dd32fcb4517e27c5251e497p-1115", "0x10cecf4f4e5ba80781p-40", -0x0.000001b8a9c0cp-1022},
    {"-0x14fa374a32d21522f5647d3a73ffffffffffffp-1165", "0x28a1fa7d4acde560dbp-40", -0x0.00000108545f3p-1022},
    {"-0x1765b4d115f5d9a3369f604a94000000000001p-1165", "0x23293a9acc2652f8ffp-40", -0x0.00000154b382ep-1022},
    {"-0xa467c0714a9fbd797p-1115", "0xa467c0714a9fbd797p-40", -0x0.0p+0},
    {"-0x1c479d82969b56cc2c000000000001p-1165", "0x711e760a5a6d5b30bp-40", -0x0.0000000000001p-1022},
};

START_TEST(ratios_of_long_numbers)
{
    struct dyadic n = {0}, d = {0};
    double got;
    ck_assert(dyadic_read(&n, ratios[_i].n) && dyadic_read(&d, ratios[_i].d) && dyadic_ratio(&n, &d, &got));
    require_double(got, ratios[_i].want, "the ratio");
    dyadic_free(&n);
    dyadic_free(&d);
}
END_TEST

SUITE(dyadic)
{
    TCase *tcase = tcase_create("dyadic");
    tcase_add_loop_test(tcase, sums_are_exact, 0, 4);
    ADD_EACH(tcase, products_have_their_text, products);
    tcase_add_test(tcase, order_and_split_do_not_matter);
    tcase_add_test(tcase, equals_cancel_to_nothing);
    tcase_add_test(tcase, a_number_with_itself);
    tcase_add_test(tcase, ordinary_sums_are_short);
    tcase_add_test(tcase, multiplication_distributes);
    ADD_EACH(tcase, sums_are_rounded_to_even, sums);
    tcase_add_test(tcase, ratios_are_those_of_the_processor);
    ADD_EACH(tcase, ratios_of_long_numbers, ratios);
    suite_add_tcase(suite, tcase);
}
