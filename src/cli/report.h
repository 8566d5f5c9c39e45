/* What is told of a picture that is complete: a table or JSON on stdout, the formula on stderr. */
#ifndef REPORT_H
#define REPORT_H

#include "job.h"

void report_outcome(const struct outcome *outcome, const struct options *options);

/* json.c; only where jansson is in. */
void report_json(const struct outcome *outcome, FILE *to);

/* "R", "G", "B", "A", "grey", or the index. */
const char *report_channel_name(const struct picture_info *info, unsigned c);

/* "grey", "RGBA", or the number of channels. */
const char *report_layout(const struct picture_info *info);

#endif
