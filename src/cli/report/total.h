/* The statistics of all results together, which are those that --save-stats writes; a reporter prints them at the end. */
#ifndef TOTAL_H
#define TOTAL_H

#include "cli/report/reporter.h"

/* Pools of results, one for each number of colour channels, in the order in which these appeared. */
struct total {
    const struct request *request;
    struct pooled *pool; /* [n] */
    size_t n;
    uint64_t channels; /* of all pools */
};

/*
 * Members of a reporter whose state is a struct total. Pictures in which nothing counts, and smaller copies of others, add
 * nothing.
 */
void *total_begin(const struct report_context *context, struct why *why);
bool total_add(void *state, const struct result *result, const struct job *job, struct why *why);
void total_free(void *state);

/*
 * Prints each pool as the result of a statistics file that lacks the missing inputs too. Where nothing counts, there is one
 * result, without channels. False with `why`: out of memory.
 */
bool total_print(const struct total *total, const struct report_end *end,
                 bool (*print)(const struct result *result, struct why *why), struct why *why);

#endif
