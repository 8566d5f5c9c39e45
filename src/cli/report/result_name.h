/* What reports and messages call that which a result is of. */
#ifndef CLI_REPORT_RESULT_NAME_H
#define CLI_REPORT_RESULT_NAME_H

#include "cli/args/plan.h"
#include "engine/result.h"

/* Room for an input and a member of it. */
enum { RESULT_NAME_BYTES = 8192 };

/* The input or, for a member of an archive, "archive.tar/member", which `name` gets. */
const char *result_name(const struct result *result, const struct job *job, char name[RESULT_NAME_BYTES]);

#endif
