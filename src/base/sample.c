#include "base/sample.h"

#include "base/bytes.h"
#include "base/half.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static const struct {
    const char *name;
    size_t size;
    double least, unit;
    bool floats, wide;
} types[] = {[SAMPLE_NONE] = {"none", 0, 0, 1, false, false},
             [SAMPLE_U8] = {"uint8", 1, 0, UINT8_MAX, false, false},
             [SAMPLE_U16] = {"uint16", 2, 0, UINT16_MAX, false, false},
             [SAMPLE_F32] = {"float32", 4, 0, 1, true, false},
             [SAMPLE_BOOL] = {"bool", 1, 0, 1, false, false},
             [SAMPLE_I8] = {"int8", 1, INT8_MIN, INT8_MAX, false, false},
             [SAMPLE_I16] = {"int16", 2, INT16_MIN, INT16_MAX, false, false},
             [SAMPLE_F16] = {"float16", 2, 0, 1, true, false},
             [SAMPLE_I32] = {"int32", 4, INT32_MIN, INT32_MAX, false, true},
             [SAMPLE_U32] = {"uint32", 4, 0, UINT32_MAX, false, true},
             [SAMPLE_F64] = {"float64", 8, 0, 1, true, true}};

const char *sample_name(enum sample sample)
{
    return types[sample].name;
}

size_t sample_size(enum sample sample)
{
    return types[sample].size;
}

double sample_unit(enum sample sample)
{
    return types[sample].unit;
}

double sample_least(enum sample sample)
{
    return types[sample].least;
}

bool sample_is_float(enum sample sample)
{
    return types[sample].floats;
}

bool sample_is_wide(enum sample sample)
{
    return types[sample].wide;
}

#define VALUE(TYPE) (memcpy(&held, at, sizeof(TYPE)), (double)held.as_##TYPE)

double sample_value(const void *at, enum sample sample)
{
    union {
        int8_t as_int8_t;
        int16_t as_int16_t;
        int32_t as_int32_t;
        uint8_t as_uint8_t;
        uint16_t as_uint16_t;
        uint32_t as_uint32_t;
        float as_float;
        double as_double;
    } held;
    switch (sample) {
    case SAMPLE_NONE:
        break;
    case SAMPLE_U8:
    case SAMPLE_BOOL:
        return VALUE(uint8_t);
    case SAMPLE_U16:
        return VALUE(uint16_t);
    case SAMPLE_U32:
        return VALUE(uint32_t);
    case SAMPLE_I8:
        return VALUE(int8_t);
    case SAMPLE_I16:
        return VALUE(int16_t);
    case SAMPLE_I32:
        return VALUE(int32_t);
    case SAMPLE_F16:
        memcpy(&held, at, sizeof held.as_uint16_t);
        return (double)half_to_float(held.as_uint16_t);
    case SAMPLE_F32:
        return VALUE(float);
    case SAMPLE_F64:
        return VALUE(double);
    }
    return 0;
}

#define PUT(TYPE)                                                                                                          \
    for (size_t i = 0; i < n; i++) {                                                                                       \
        TYPE put = (TYPE)value[i];                                                                                         \
        memcpy((char *)to + i * sizeof put, &put, sizeof put);                                                             \
    }                                                                                                                      \
    break

void samples_put(const double *value, size_t n, enum sample sample, void *to)
{
    switch (sample) {
    case SAMPLE_NONE:
        break;
    case SAMPLE_U8:
    case SAMPLE_BOOL:
        PUT(uint8_t);
    case SAMPLE_U16:
        PUT(uint16_t);
    case SAMPLE_U32:
        PUT(uint32_t);
    case SAMPLE_I8:
        PUT(int8_t);
    case SAMPLE_I16:
        PUT(int16_t);
    case SAMPLE_I32:
        PUT(int32_t);
    case SAMPLE_F16:
        half_pack(value, n, to);
        break;
    case SAMPLE_F32:
        PUT(float);
    case SAMPLE_F64:
        memcpy(to, value, n * sizeof *value);
        break;
    }
}

double sample_nearest(double value, enum sample sample)
{
    double held;
    if (!sample_is_float(sample))
        return rint(value);
    samples_put(&value, 1, sample, &held);
    return sample_value(&held, sample);
}

double sample_beside(double value, enum sample sample)
{
    unsigned char held[sizeof(double)] = {0};
    uint64_t bits = 0;
    size_t size = sample_size(sample), at = machine_is_little() ? 0 : sizeof bits - size;
    if (!sample_is_float(sample))
        return value > 0 ? value - 1 : value + 1;
    samples_put(&value, 1, sample, held);
    memcpy((char *)&bits + at, held, size);
    bits = value == 0 ? 1 : bits - 1; /* the numbers of a sign are in the order of their bits */
    memcpy(held, (char *)&bits + at, size);
    return sample_value(held, sample);
}
