/*
 * The memory of the budget, among worker processes. Each may use its share. One that needs more waits until others have
 * ended their jobs. Those that wait for nothing but the earliest job do not count: it goes first, whatever they have.
 */
#ifndef CLI_RUN_GRANTS_H
#define CLI_RUN_GRANTS_H

#include "cli/run/member.h"
#include "cli/run/pool.h"

/* Notes that the job of `m` waits for so many bytes beyond those that it may use, and for that leaves those to others. */
void grants_want(struct member *m, uint64_t bytes);

/* Whether a process waits for memory. */
bool grants_are_wanted(const struct members *members);

/* Gives memory to those that wait for it, as far as there is some: the earliest job first, so that none waits for ever. */
void grants_give(struct members *members, const struct pool_work *work);

#endif
