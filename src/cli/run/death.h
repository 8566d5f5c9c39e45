/* Why a worker process left its job undone, in words. */
#ifndef CLI_RUN_DEATH_H
#define CLI_RUN_DEATH_H

#include "base/why.h"

/* The exit status of a worker process that could not be kept in its sandbox. */
enum { DEATH_UNABLE = 4 };

/*
 * why <- how the process ended. `status` is that of waitpid, `codec` the name of the codec that reads the input of the job
 * (NULL: unknown, or other pictures are read beside it), `timeout` that of --timeout, 0 by default.
 */
void death_describe(int status, const char *codec, unsigned timeout, struct why *why);

#endif
