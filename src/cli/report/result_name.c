#include "cli/report/result_name.h"

const char *result_name(const struct result *r, const struct job *job, char name[RESULT_NAME_BYTES])
{
    if (!r->member)
        return job->input;
    snprintf(name, RESULT_NAME_BYTES, "%s/%s", job->input, r->member);
    return name;
}
