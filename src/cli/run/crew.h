/* The crew of a worker process: threads for what its encoders hand over. */
#ifndef CLI_RUN_CREW_H
#define CLI_RUN_CREW_H

#include "base/crew.h"
#include "base/why.h"

#include <stdbool.h>

/* More are not kept busy by the one that hands over. */
enum { CREW_MOST = 7 };

/*
 * Starts up to n threads, of which each calls enter(why). They live until the process ends. NULL: there are none, because
 * none could be started, or enter was false.
 */
struct crew *crew_start(unsigned n, bool (*enter)(struct why *why));

#endif
