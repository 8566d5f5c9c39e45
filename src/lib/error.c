/* Status strings and the version. */
#include "exact.h"

#include "instnorm.h"

const char *instnorm_status_string(enum instnorm_status status)
{
    switch (status) {
    case INSTNORM_OK:
        return "success";
    case INSTNORM_ERROR_NULL:
        return "a pointer is NULL and must not be";
    case INSTNORM_ERROR_KIND:
        return "the function has no such kind of normalization";
    case INSTNORM_ERROR_NUMBER:
        return "a number is not finite or outside its range";
    case INSTNORM_ERROR_SHAPE:
        return "a dimension of the shape is 0";
    case INSTNORM_ERROR_SIZE:
        return "the shape is too large to be addressed in memory";
    case INSTNORM_ERROR_OVERLAP:
        return "a stride is so small that samples overlap";
    case INSTNORM_ERROR_GROUPS:
        return "the groups do not divide the channels";
    case INSTNORM_ERROR_SINGLE:
        return "one sample has no unbiased variance";
    case INSTNORM_ERROR_EMPTY:
        return "there is no finite sample to measure";
    case INSTNORM_ERROR_SINGULAR:
        return "the map has no inverse, because its scale is 0";
    case INSTNORM_ERROR_OVERFLOW:
        return "the map is too large for double precision";
    }
    return "unknown status";
}

const char *instnorm_version(void)
{
    return INSTNORM_VERSION;
}
