/*
 * Roots, logarithm and exponential as plain arithmetic: no call, no table, no branch, so that a loop over them is
 * vectorised, and no operation that two instruction sets would round differently. Within 5e-8 of libm,
 * relative to the value (the logarithm: to 1). NaN gives NaN.
 */
#ifndef CURVE_H
#define CURVE_H

#include <stdint.h>
#include <string.h>

static inline int32_t bits_of(float x)
{
    int32_t i;
    memcpy(&i, &x, sizeof i);
    return i;
}

static inline float float_of(int32_t i)
{
    float x;
    memcpy(&x, &i, sizeof x);
    return x;
}

/* 2^e, of -126 <= e <= 127; any number beyond. */
static inline double power_of_two(int32_t e)
{
    return (double)float_of((int32_t)((uint32_t)(e + 127) << 23));
}

/* r^P, P one of 3, 5, 12. */
#define POWER(r, P)                                                                                                        \
    ((P) == 3   ? (r) * (r) * (r)                                                                                          \
     : (P) == 5 ? (r) * (r) * ((r) * (r)) * (r)                                                                            \
                : ((r) * (r) * (r)) * ((r) * (r) * (r)) * (((r) * (r) * (r)) * ((r) * (r) * (r))))

/* r * (1 - h)^(-1/P), up to the second and the third order, where h = 1 - x r^P is what r lacks. */
#define ORDER2(P, one)         (((one) + (P)) / (2 * (one) * (P) * (P)))
#define ORDER3(P, one)         (((one) + (P)) * ((one) + 2 * (P)) / (6 * (one) * (P) * (P) * (P)))
#define REFINED2(r, h, P, one) ((r) * ((one) + (h) * ((one) / (P) + (h)*ORDER2(P, one))))
#define REFINED3(r, h, P, one) ((r) * ((one) + (h) * ((one) / (P) + (h) * (ORDER2(P, one) + (h)*ORDER3(P, one)))))

/*
 * x^(-1/P) for x >= 0; a large finite number for 0, so that x^k x^(-1/P) is 0 there. The bits of a float are its logarithm
 * but for a wobble: `magic` is 2^23 (127 - s) (1 + 1/P), with the s (found by trying) that leaves the least |h| over all x:
 * 0.10, 0.15 and 0.34 for 3, 5 and 12. Two steps follow, the first of them in float.
 */
#define INVERSE_ROOT(NAME, P, magic, LAST)                                                                                 \
    static inline double NAME(double x)                                                                                    \
    {                                                                                                                      \
        float xf = (float)x;                                                                                               \
        float f = float_of((int32_t)((magic) - (float)bits_of(xf) * (1.0f / (P))));                                        \
        float g = 1.0f - xf * POWER(f, P);                                                                                 \
        double r = (double)REFINED3(f, g, P, 1.0f);                                                                        \
        double h = 1.0 - x * POWER(r, P);                                                                                  \
        return LAST(r, h, P, 1.0);                                                                                         \
    }

INVERSE_ROOT(inverse_root3, 3, 0x1.5287dap+30f, REFINED2)
INVERSE_ROOT(inverse_root5, 5, 0x1.30ad28p+30f, REFINED2)
INVERSE_ROOT(inverse_root12, 12, 0x1.130d44p+30f, REFINED2)
INVERSE_ROOT(inverse_root12_fine, 12, 0x1.130d44p+30f, REFINED3)

/* x^(1/3) for x >= 0 */
static inline double curve_cbrt(double x)
{
    double r = inverse_root3(x);
    return x * (r * r);
}

/* x^2.4 for x >= 0 */
static inline double curve_power24(double x)
{
    double r = inverse_root5(x);
    return x * x * x * (r * r * r);
}

/* x^(1/2.4) for x >= 0; the fine one within 2e-10. */
#define ROOT24(r, x) ((x) * ((r) * (r) * (r) * ((r) * (r)) * ((r) * (r))))

static inline double curve_root24(double x)
{
    double r = inverse_root12(x);
    return ROOT24(r, x);
}

static inline double curve_root24_fine(double x)
{
    double r = inverse_root12_fine(x);
    return ROOT24(r, x);
}

/* The natural logarithm of a normal float below 2^126: exponent, and 2 atanh((m - 1) / (m + 1)) of a mantissa in
 * [0.7, 1.4]. */
static inline double curve_log(double x)
{
    int32_t e = (int32_t)((uint32_t)bits_of((float)x) - 0x3f330000u) >> 23;
    double m = x * power_of_two(-e);
    double s = (m - 1.0) / (m + 1.0), z = s * s;
    double series = 1.0 + z * (1.0 / 3 + z * (1.0 / 5 + z * (1.0 / 7 + z * (1.0 / 9 + z * (1.0 / 11 + z * (1.0 / 13))))));
    return (double)e * 0x1.62e42fefa39efp-1 + 2.0 * s * series;
}

/* e^x, of x within what a float can hold: a power of two, and the Taylor series of the rest, at most ln(2)/2 from 0. */
static inline double curve_exp(double x)
{
    double y = x < -87.0 ? -87.0 : x > 88.0 ? 88.0 : x;
    double finite = y >= -87.0 ? y : -87.0;
    double n = (finite * 0x1.71547652b82fep+0 + 0x1.8p52) - 0x1.8p52; /* y / ln 2, rounded */
    double r = y - n * 0x1.62e42fefa39efp-1;
    double series =
        1.0 +
        r * (1.0 + r * (1.0 / 2 +
                        r * (1.0 / 6 +
                             r * (1.0 / 24 +
                                  r * (1.0 / 120 + r * (1.0 / 720 + r * (1.0 / 5040 + r * (1.0 / 40320 + r / 362880))))))));
    return series * power_of_two((int32_t)n);
}

#endif
