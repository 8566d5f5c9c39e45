/* What is told of a picture that is complete: a table or JSON on stdout, the formula on stderr. */
#ifndef REPORT_H
#define REPORT_H

#include "job.h"

void report_outcome(const struct outcome *outcome, const struct options *options);

/* json.c; only where jansson is in. */
void report_json(const struct outcome *outcome, FILE *to);

enum { NAME_BYTES = 32 };

/* name <- "R", "G", "B", "grey", or the index. */
const char *report_channel_name(unsigned colours, unsigned c, char *name, size_t size);

/* name <- "grey", "RGBA", or the number of channels. */
const char *report_layout(const struct outcome *outcome, char name[NAME_BYTES]);

#endif
