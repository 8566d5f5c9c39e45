/* Processes that have entered the sandbox, for its suites. */
#ifndef CONFINED_H
#define CONFINED_H

#include "cli/files/sandbox.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_CONFINED = 99 }; /* the exit status of a process that could not enter */

/* Whether seccomp is among what confines here. If not, what the test leaves out is said, unless it is NULL. */
static inline bool has_seccomp(const char *left_out)
{
    bool has = strstr(sandbox_describe(), "seccomp") != NULL;
    if (!has && left_out)
        fprintf(stderr, "sandbox: left out: %s (%s)\n", left_out, sandbox_describe());
    return has;
}

/*
 * How a process ends (waitpid) that keeps the descriptors, enters the sandbox if it is to be confined, and then does that:
 * what it returns is its exit status.
 */
static inline int run_process(bool confined, const int *keep, size_t n, int (*does)(const void *with), const void *with)
{
    int status = 0;
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        struct why why = {""};
        bool ok = !confined || sandbox_enter(keep, n, true, &why);
        _exit(ok ? does(with) : NOT_CONFINED);
    }
    REQUIRE(pid > 0 && waitpid(pid, &status, 0) == pid, "no process");
    return status;
}

/* The process ended by itself with this exit status. */
static inline bool ended_with(int status, int code)
{
    return WIFEXITED(status) && WEXITSTATUS(status) == code;
}

#endif
