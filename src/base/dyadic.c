#include "base/dyadic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DIGIT = DYADIC_DIGIT };

static bool make_room(struct dyadic *x, size_t n)
{
    size_t room = (n + 7) / 8 * 8;
    if (n <= x->room)
        return true;
    uint32_t *digit = realloc(x->digit, room * sizeof *digit);
    if (!digit)
        return false;
    x->digit = digit;
    x->room = room;
    return true;
}

/* Leaves no zeros at the ends. */
static void trim(struct dyadic *x)
{
    size_t zeros = 0;
    while (x->n && !x->digit[x->n - 1])
        x->n--;
    while (zeros < x->n && !x->digit[zeros])
        zeros++;
    if (zeros) {
        x->n -= zeros;
        x->low += (int)zeros;
        memmove(x->digit, x->digit + zeros, x->n * sizeof *x->digit);
    }
    if (!x->n) {
        x->low = 0;
        x->negative = false;
    }
}

/* Adds zeros to x, so that it has all places of y, and one above for a carry. */
static bool widen(struct dyadic *x, const struct dyadic *y)
{
    int end = y->low + (int)y->n, low = y->low;
    if (x->n) {
        end = x->low + (int)x->n > end ? x->low + (int)x->n : end;
        low = x->low < low ? x->low : low;
    }
    size_t n = (size_t)(end - low) + 1, below = x->n ? (size_t)(x->low - low) : 0;
    if (!make_room(x, n))
        return false;
    memmove(x->digit + below, x->digit, x->n * sizeof *x->digit);
    memset(x->digit, 0, below * sizeof *x->digit);
    memset(x->digit + below + x->n, 0, (n - below - x->n) * sizeof *x->digit);
    x->n = n;
    x->low = low;
    return true;
}

static void negate(struct dyadic *x)
{
    uint64_t carry = 1;
    for (size_t i = 0; i < x->n; i++) {
        carry += ~x->digit[i];
        x->digit[i] = (uint32_t)carry;
        carry >>= DIGIT;
    }
    x->negative = !x->negative;
}

/* to += y, taken as negative or not. What is subtracted is added as its complement: no carry at the end is a sign. */
static bool add(struct dyadic *to, const struct dyadic *y, bool negative)
{
    if (!y->n)
        return true;
    if (!widen(to, y))
        return false;
    const bool opposite = to->negative != negative;
    const uint32_t flip = opposite ? UINT32_MAX : 0;
    uint64_t carry = opposite;
    size_t from = (size_t)(y->low - to->low);
    for (size_t i = 0; i < y->n || (carry != opposite && from + i < to->n); i++) {
        carry += (uint64_t)to->digit[from + i] + ((i < y->n ? y->digit[i] : 0) ^ flip);
        to->digit[from + i] = (uint32_t)carry;
        carry >>= DIGIT;
    }
    if (carry != opposite)
        negate(to);
    trim(to);
    return true;
}

void digits_multiply_add(uint32_t *digit, size_t n, uint32_t by, uint32_t plus)
{
    uint64_t carry = plus;
    for (size_t i = 0; i < n; i++) {
        carry += (uint64_t)digit[i] * by;
        digit[i] = (uint32_t)carry;
        carry >>= DIGIT;
    }
}

/* to += (high x 2^64 + low) x 2^exponent */
static bool add_scaled(struct dyadic *to, bool negative, uint64_t high, uint64_t low, int exponent)
{
    uint32_t digit[] = {(uint32_t)low, (uint32_t)(low >> DIGIT), (uint32_t)high, (uint32_t)(high >> DIGIT), 0};
    int shift = exponent & (DIGIT - 1);
    struct dyadic x = {.digit = digit, .n = 5, .low = (exponent - shift) / DIGIT};
    digits_multiply_add(digit, x.n, UINT32_C(1) << shift, 0);
    trim(&x);
    return add(to, &x, negative);
}

bool dyadic_add_integer(struct dyadic *to, bool negative, uint64_t high, uint64_t low)
{
    return add_scaled(to, negative, high, low, 0);
}

/* mantissa x 2^exponent; the mantissa is below 2^53. */
struct parts {
    uint64_t mantissa;
    int exponent;
    bool negative;
};

static struct parts parts_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    int power = (int)(bits >> 52 & 0x7ff);
    bool negative = bits >> 63;
    if (!power)
        return (struct parts){fraction, -1074, negative};
    return (struct parts){fraction | UINT64_C(1) << 52, power - 1075, negative};
}

bool dyadic_add(struct dyadic *to, double x)
{
    struct parts p = parts_of(x);
    return add_scaled(to, p.negative, 0, p.mantissa, p.exponent);
}

bool dyadic_add_product(struct dyadic *to, double x, double y)
{
    struct parts p = parts_of(x), q = parts_of(y);
    uint64_t p_low = (uint32_t)p.mantissa, p_high = p.mantissa >> DIGIT;
    uint64_t q_low = (uint32_t)q.mantissa, q_high = q.mantissa >> DIGIT;
    uint64_t low = p_low * q_low, middle = p_low * q_high + p_high * q_low + (low >> DIGIT); /* below 2^55 */
    uint64_t high = p_high * q_high + (middle >> DIGIT);
    low = middle << DIGIT | (uint32_t)low;
    return add_scaled(to, p.negative != q.negative, high, low, p.exponent + q.exponent);
}

bool dyadic_merge(struct dyadic *to, const struct dyadic *other)
{
    return add(to, other, other->negative);
}

bool dyadic_subtract(struct dyadic *from, const struct dyadic *other)
{
    return add(from, other, !other->negative);
}

bool dyadic_multiply(const struct dyadic *a, const struct dyadic *b, struct dyadic *product)
{
    size_t n = a->n + b->n;
    struct dyadic x = {.n = n, .room = n + 1, .low = a->low + b->low, .negative = a->negative != b->negative};
    x.digit = calloc(x.room, sizeof *x.digit);
    if (!x.digit)
        return false;
    for (size_t i = 0; i < a->n; i++) {
        uint64_t carry = 0;
        for (size_t j = 0; j < b->n; j++) {
            carry += (uint64_t)a->digit[i] * b->digit[j] + x.digit[i + j];
            x.digit[i + j] = (uint32_t)carry;
            carry >>= DIGIT;
        }
        x.digit[i + b->n] = (uint32_t)carry;
    }
    trim(&x);
    dyadic_free(product);
    *product = x;
    return true;
}

int dyadic_sign(const struct dyadic *x)
{
    return x->n ? x->negative ? -1 : 1 : 0;
}

/* Zeros above the first bit; x is not 0. */
static int leading_zeros(const struct dyadic *x)
{
    return __builtin_clz(x->digit[x->n - 1]);
}

int dyadic_bits(const struct dyadic *x)
{
    return DIGIT * (x->low + (int)x->n) - leading_zeros(x);
}

/*
 * The double nearest to m x 2^exponent, or to a little more. The first bit of m is set. The bits that are kept count from
 * 2^least on; added to the field of the exponent they carry into it where rounding takes them to the next power.
 */
static double nearest(bool negative, uint64_t m, bool more, int exponent)
{
    const uint64_t half = UINT64_C(1) << 63, infinite = UINT64_C(0x7ff) << 52;
    int least = exponent < -1074 - 11 ? -1074 : exponent + 11, shift = least - exponent;
    uint64_t kept = shift < 64 ? m >> shift : 0, rest = shift > 64 ? 0 : m << (64 - shift);
    kept += rest > half || (rest == half && (more || kept & 1));
    uint64_t bits = least > 971 ? infinite : ((uint64_t)(least + 1074) << 52) + kept;
    double x;
    memcpy(&x, &bits, sizeof x);
    return negative ? -x : x;
}

double dyadic_round(const struct dyadic *x)
{
    uint32_t top[3] = {0};
    for (size_t i = 0; i < 3 && i < x->n; i++)
        top[i] = x->digit[x->n - 1 - i];
    if (!x->n)
        return 0;
    int zeros = leading_zeros(x);
    uint64_t m = ((uint64_t)top[0] << DIGIT | top[1]) << zeros | (uint64_t)top[2] << zeros >> DIGIT;
    return nearest(x->negative, m, (uint32_t)(top[2] << zeros) || x->n > 3, dyadic_bits(x) - 64);
}

/* to[n] <- the digits of x, so that the first bit is the highest but DIGIT; n > x->n. */
static void align(uint32_t *to, size_t n, const struct dyadic *x)
{
    memset(to, 0, n * sizeof *to);
    memcpy(to + n - 1 - x->n, x->digit, x->n * sizeof *to);
    digits_multiply_add(to, n, UINT32_C(1) << leading_zeros(x), 0);
}

/* from[n] -= x[n] if it is not less than that, and whether it is not. */
static bool subtract(uint32_t *from, const uint32_t *x, size_t n)
{
    size_t top = n - 1;
    while (top && from[top] == x[top])
        top--;
    if (from[top] < x[top])
        return false;
    uint64_t carry = 1;
    for (size_t i = 0; i < n; i++) {
        carry += (uint64_t)from[i] + (uint32_t)~x[i];
        from[i] = (uint32_t)carry;
        carry >>= DIGIT;
    }
    return true;
}

/* Long division in binary, of numbers that are aligned: the first bit of the quotient is 1, or 0 and the second is 1. */
bool dyadic_ratio(const struct dyadic *n, const struct dyadic *d, double *ratio)
{
    if (!n->n || !d->n) {
        *ratio = d->n ? 0 : NAN;
        return true;
    }
    const size_t size = (n->n > d->n ? n->n : d->n) + 1;
    uint32_t *rest = malloc(2 * size * sizeof *rest), more = 0;
    if (!rest)
        return false;
    uint32_t *by = rest + size;
    align(rest, size, n);
    align(by, size, d);
    uint64_t quotient = 0;
    int exponent = dyadic_bits(n) - dyadic_bits(d) + 1;
    while (!(quotient >> 63)) {
        quotient = quotient << 1 | subtract(rest, by, size);
        digits_multiply_add(rest, size, 2, 0);
        exponent--;
    }
    for (size_t i = 0; i < size; i++)
        more |= rest[i];
    free(rest);
    *ratio = nearest(n->negative != d->negative, quotient, more, exponent);
    return true;
}

void dyadic_free(struct dyadic *x)
{
    free(x->digit);
    *x = (struct dyadic){0};
}
