/* Rows that are written by a thread of its own, in their order, while the next ones are made. */
#ifndef CLI_RUN_BEHIND_H
#define CLI_RUN_BEHIND_H

#include "base/rows.h"
#include "base/why.h"

#include <stdbool.h>

/* Bands that may wait. */
enum { BEHIND_MOST = 63 };

struct behind;

/* Writes a band. False, with `why`, if it fails. */
typedef bool behind_write(void *to, const struct rows *rows, struct why *why);

/*
 * Starts the thread, which calls enter(why), lives until the process ends, and is idle but between behind_put and
 * behind_end. NULL: there is none, because it could not be started, or enter was false.
 */
struct behind *behind_start(bool (*enter)(struct why *why));

/*
 * Has the thread call write(to, rows), and returns once at most `lag` bands wait, 1 to BEHIND_MOST: the samples stay as
 * they are until then. What `write` uses is the thread's until behind_end. False, with `why`, if a band before this one
 * failed.
 */
bool behind_put(struct behind *behind, behind_write *write, void *to, const struct rows *rows, unsigned lag,
                struct why *why);

/* Waits until all is written. False, with `why`, if that failed: no band behind that one was written. */
bool behind_end(struct behind *behind, struct why *why);

#endif
