/* Exact numbers as text. */
#include "base/dyadic.h"

#include <stdlib.h>
#include <string.h>

enum { DIGIT = DYADIC_DIGIT };

/* digit[n] <- digit / by, and returns the remainder. */
static uint32_t divide(uint32_t *digit, size_t n, uint32_t by)
{
    uint64_t rest = 0;
    while (n--) {
        rest = rest << DIGIT | digit[n];
        digit[n] = (uint32_t)(rest / by);
        rest %= by;
    }
    return (uint32_t)rest;
}

static void write_integer(const struct dyadic *x, struct growing *to)
{
    size_t n = x->n + (size_t)x->low, longest = 10 * n + 1; /* 2^32 has ten digits in decimal */
    uint32_t *left = calloc(n + 1, sizeof *left + 10);
    if (!left) {
        to->lacks = true;
        return;
    }
    if (n)
        memcpy(left + x->low, x->digit, x->n * sizeof *left);
    char *const end = (char *)(left + n) + longest, *text = end;
    do {
        *--text = (char)('0' + divide(left, n, 10));
        while (n && !left[n - 1])
            n--;
    } while (n);
    growing_add(to, text, (size_t)(end - text));
    free(left);
}

/* The four bits of |x| from bit i of its digits on. */
static unsigned four_bits(const struct dyadic *x, size_t i)
{
    size_t at = i / DIGIT;
    uint64_t both = (at + 1 < x->n ? (uint64_t)x->digit[at + 1] << DIGIT : 0) | x->digit[at];
    return both >> i % DIGIT & 15;
}

static void write_fraction(const struct dyadic *x, struct growing *to)
{
    const int zeros = __builtin_ctz(x->digit[0]), scale = DIGIT * x->low + zeros;
    growing_put(to, "0x");
    for (size_t i = (size_t)(dyadic_bits(x) - scale + 3) / 4; i--;)
        growing_add(to, &"0123456789abcdef"[four_bits(x, (size_t)zeros + 4 * i)], 1);
    growing_format(to, "p%d", scale);
}

void dyadic_write(const struct dyadic *x, struct growing *to)
{
    if (x->negative)
        growing_put(to, "-");
    if (x->low < 0)
        write_fraction(x, to);
    else
        write_integer(x, to);
}

/* What a digit stands for, or 16. */
static unsigned value_of(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

/* digit[n] <- the number that the text begins with, and returns its end. NULL: there is none, or it begins with a 0. */
static const char *read_digits(const char *text, unsigned base, uint32_t *digit, size_t n)
{
    const char *at = text;
    for (; value_of(*at) < base; at++) {
        size_t some = (size_t)(at - text) / 8 + 1; /* a character has four bits at most */
        digits_multiply_add(digit, some < n ? some : n, base, value_of(*at));
    }
    return at == text || (*text == '0' && at > text + 1) ? NULL : at;
}

/* x->digit[n], which are 0, <- HEXp-E, and the place of the first. */
static bool read_fraction(const char *text, struct dyadic *x)
{
    uint32_t scale = 0;
    const char *at = read_digits(text, 16, x->digit, x->n);
    if (!at || value_of(at[-1]) % 2 == 0 || at[0] != 'p' || at[1] != '-')
        return false;
    text = at + 2;
    at = read_digits(text, 10, &scale, 1);
    if (!at || *at || at > text + 4 || scale == 0 || scale > DYADIC_SCALE)
        return false;
    x->low = -(int)(scale + DIGIT - 1) / DIGIT;
    digits_multiply_add(x->digit, x->n, UINT32_C(1) << (-scale % DIGIT), 0);
    return true;
}

static bool read_integer(const char *text, struct dyadic *x)
{
    const char *end = read_digits(text, 10, x->digit, x->n);
    return end && !*end;
}

bool dyadic_is_readable(const struct dyadic *x)
{
    if (!x->n)
        return !x->low && !x->negative;
    return x->digit[0] && x->digit[x->n - 1] && dyadic_bits(x) <= DYADIC_BITS &&
           DIGIT * x->low + __builtin_ctz(x->digit[0]) >= -DYADIC_SCALE;
}

bool dyadic_read(struct dyadic *to, const char *text)
{
    uint32_t digit[DYADIC_TEXT * 4 / DIGIT + 2] = {0}; /* four bits a character, and room to shift */
    struct dyadic x = {.digit = digit, .n = sizeof digit / sizeof *digit}, read = {0};
    const bool negative = *text == '-';
    if (strlen(text) > DYADIC_TEXT)
        return false;
    text += negative;
    if (!(text[0] == '0' && text[1] == 'x' ? read_fraction(text + 2, &x) : read_integer(text, &x)))
        return false;
    while (x.n && !digit[x.n - 1])
        x.n--;
    x.negative = negative;
    if (!dyadic_merge(&read, &x))
        return false;
    if (!dyadic_is_readable(&read) || (negative && !read.n)) {
        dyadic_free(&read);
        return false;
    }
    dyadic_free(to);
    *to = read;
    return true;
}
