/* A thread of a worker process. It lives until the process ends. */
#ifndef CLI_RUN_THREAD_H
#define CLI_RUN_THREAD_H

#include "base/why.h"

#include <stdbool.h>

/*
 * Starts a thread that calls enter(why), and then run(of), which never returns. False: there is none, because it could not
 * be started, or enter was false.
 */
bool thread_start(bool (*enter)(struct why *why), void (*run)(void *of), void *of);

#endif
