/* Status strings and the version. */
#include "exact.h"

#include "instnorm.h"

const char *instnorm_status_string(enum instnorm_status status)
{
    switch (status) {
    case INSTNORM_OK:
        return "success";
    case INSTNORM_ERROR_ARGUMENT:
        return "invalid argument";
    case INSTNORM_ERROR_SHAPE:
        return "invalid shape";
    case INSTNORM_ERROR_EMPTY:
        return "no sample to measure";
    case INSTNORM_ERROR_SINGULAR:
        return "the map has no inverse";
    }
    return "unknown status";
}

const char *instnorm_version(void)
{
    return INSTNORM_VERSION;
}
