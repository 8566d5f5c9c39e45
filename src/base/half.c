#include "base/half.h"

#include <math.h>
#include <string.h>

float half_to_float(uint16_t half)
{
    uint32_t sign = (uint32_t)(half & 0x8000u) << 16, exponent = half >> 10 & 31u, fraction = half & 1023u, bits;
    float value;
    if (exponent == 0) {
        value = (float)fraction * 0x1p-24f;
        memcpy(&bits, &value, sizeof bits);
        bits |= sign;
    } else {
        bits = sign | (exponent == 31 ? 255u : exponent + 112u) << 23 | fraction << 13;
    }
    memcpy(&value, &bits, sizeof value);
    return value;
}

uint16_t half_from_float(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u)
        return (uint16_t)(sign | 0x7e00u);
    if (magnitude >= 0x477ff000u) /* 65520: half way to the first number that is too large */
        return (uint16_t)(sign | 0x7c00u);
    if (magnitude < 0x38800000u) { /* below 2^-14 a step is 2^-24: adding 0.5 leaves the rounded count of them */
        float steps;
        memcpy(&steps, &magnitude, sizeof steps);
        steps += 0.5f;
        memcpy(&magnitude, &steps, sizeof magnitude);
        return (uint16_t)(sign | (magnitude - 0x3f000000u));
    }
    magnitude += 0xfffu + (magnitude >> 13 & 1u); /* half to even */
    return (uint16_t)(sign | (magnitude - 0x38000000u) >> 13);
}

/*
 * Rounded to float by cutting off, with the last bit set if anything was: that rounds to float16 as the double does.
 * S. Boldo, G. Melquiond: Emulation of FMA and correctly rounded sums, 2008.
 */
uint16_t half_from_double(double value)
{
    float cut = (float)value;
    uint32_t bits;
    memcpy(&bits, &cut, sizeof bits);
    if ((double)cut != value && !isnan(value)) {
        bits -= fabs((double)cut) > fabs(value);
        bits |= 1;
    }
    memcpy(&cut, &bits, sizeof cut);
    return half_from_float(cut);
}

void half_unpack(const uint16_t *in, size_t n, size_t step, float *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = half_to_float(in[i * step]);
}

void half_pack(const double *in, size_t n, uint16_t *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = half_from_double(in[i]);
}
