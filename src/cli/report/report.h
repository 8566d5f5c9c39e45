/* What is told of a picture that is complete: a table or JSON on stdout, the formula on stderr. */
#ifndef REPORT_H
#define REPORT_H

#include "base/channel.h"
#include "cli/report/reporting.h"
#include "cli/args/plan.h"
#include "engine/result.h"

#include <stdio.h>

/* False: out of memory, and nothing of it was printed. */
bool report_result(const struct result *result, const struct job *job, const struct reporting *how);

/* The statistics of a file, as those of a picture. */
bool report_statistics(const char *input, const struct instnorm_space *space, const struct reporting *how,
                       const struct statistics *s);

/* json.c; only where jansson is in. */
bool report_json(const struct result *result, const struct job *job, FILE *to);
bool report_json_statistics(const char *input, const struct instnorm_space *space, const struct statistics *s, FILE *to);

/* name <- "grey", "RGBA", or the number of channels. */
const char *report_layout(const struct result *result, char name[CHANNEL_NAME_BYTES]);

#endif
