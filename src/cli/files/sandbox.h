/* Keeps a worker process in: nothing that a hostile file makes it do reaches more than the worker was given. */
#ifndef CLI_FILES_SANDBOX_H
#define CLI_FILES_SANDBOX_H

#include "base/why.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

/* What keeps workers in, as "seccomp, Landlock", or why nothing does: for --version. */
const char *sandbox_describe(void);

/* Before the first fork: makes what workers share, so that each need not. False: nothing here can keep a worker in. */
bool sandbox_prepare(void);

/*
 * In a worker, for good. Closes all descriptors but keep[n], of which 0, 1 and 2 lead nowhere if they are not kept.
 * If `confined`, and if anything can keep it in, the process may from then on read, write and seek on open descriptors,
 * receive through sockets, map memory that is no code, read clocks, set its soft limits of time and memory, end,
 * and abort. Any other system call fails with EPERM. The process cannot be traced, leaves no core, and is killed when its
 * parent ends. If not `confined`, descriptor 2 is kept, for what a library or a sanitizer prints. False, with `why`, if it
 * failed: then the process should end.
 */
bool sandbox_enter(const int *keep, size_t n, bool confined, struct why *why);

/*
 * The same in a second thread, which is started before sandbox_enter: each keeps in the thread that calls it. Descriptors
 * are left to sandbox_enter, and that the process cannot be traced.
 */
bool sandbox_enter_thread(struct why *why);

/* fstat for those who may be in the sandbox: that of libc is a system call which takes a path too, and is refused there. */
int descriptor_stat(int fd, struct stat *to);

#endif
