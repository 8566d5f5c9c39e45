/*
 * Exact numbers of any length: sums, differences and products of doubles and integers without rounding. A sum does not
 * depend on the order of what was added, nor on how it was split.
 */
#ifndef BASE_DYADIC_H
#define BASE_DYADIC_H

#include "base/growing.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DYADIC_DIGIT = 32 };

/*
 * The sum of digit[i] x 2^(32 (low + i)). Equal numbers have equal digits. All 0 is the number 0. Freed by dyadic_free.
 *
 * Functions that return bool return false if memory was short; the number that they were to change is then as it was.
 * Their arguments may be the same number.
 */
struct dyadic {
    uint32_t *digit; /* [n], least first; neither the first nor the last is 0 */
    size_t n, room;
    int low; /* 0 if there are no digits */
    bool negative;
};

/* to += x, which is finite. */
bool dyadic_add(struct dyadic *to, double x);

/* to += x y, both finite. */
bool dyadic_add_product(struct dyadic *to, double x, double y);

/* to += high x 2^64 + low, or -= if negative. */
bool dyadic_add_integer(struct dyadic *to, bool negative, uint64_t high, uint64_t low);

/* to += other */
bool dyadic_merge(struct dyadic *to, const struct dyadic *other);

/* from -= other */
bool dyadic_subtract(struct dyadic *from, const struct dyadic *other);

/* product <- a b. What the product was before is freed. */
bool dyadic_multiply(const struct dyadic *a, const struct dyadic *b, struct dyadic *product);

/* -1, 0 or 1 */
int dyadic_sign(const struct dyadic *x);

/* The least b so that |x| < 2^b. x is not 0. */
int dyadic_bits(const struct dyadic *x);

/* The nearest double, of two the even one; infinite beyond the greatest. */
double dyadic_round(const struct dyadic *x);

/* *ratio <- the double nearest to n / d, as dyadic_round has it; NAN if d is 0. */
bool dyadic_ratio(const struct dyadic *n, const struct dyadic *d, double *ratio);

/*
 * In dyadic_text.c: adds the one text of the number: an integer in decimal, else [-]0xHEXp-E, which is HEX x 2^-E, with HEX
 * in lower case and odd. `to` lacks a part if memory was short.
 */
void dyadic_write(const struct dyadic *x, struct growing *to);

/*
 * What is read: sums of less than 2^64 products of three doubles, as weight x mean^2 is. Each is a multiple of (2^-1074)^3,
 * and below (2^1024)^3.
 */
enum { DYADIC_SCALE = 3 * 1074, DYADIC_BITS = 3 * 1024 + 64 };

/* The longest text of such a number: -0x, four bits a digit, and p-3222. In decimal it is shorter. */
enum { DYADIC_TEXT = 3 + (DYADIC_BITS + DYADIC_SCALE + 3) / 4 + 6 };

/* Whether the digits are such as they must be, and the number is within DYADIC_SCALE and DYADIC_BITS. */
bool dyadic_is_readable(const struct dyadic *x);

/*
 * to <- the number of a text, from any source. False leaves `to` as it was: the text is not what dyadic_write writes, or
 * the number is beyond that, or memory was short.
 */
bool dyadic_read(struct dyadic *to, const char *text);

/* Leaves 0. */
void dyadic_free(struct dyadic *x);

/* digit[n], least first, <- digit x by + plus, without what goes beyond. */
void digits_multiply_add(uint32_t *digit, size_t n, uint32_t by, uint32_t plus);

#endif
