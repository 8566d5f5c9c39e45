#include "cli/files/limits.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

enum { SECONDS = 60, MORE_SECONDS = 10, MORE_AT = 10 * 1000 * 1000, SPARE_BYTES = 256 << 20 };

/* Of which there is one in a process: what it had when limits_start was called. */
static struct {
    uint64_t mapped; /* bytes; 0: unknown */
    struct rlimit time, memory;
    uint64_t given, writer; /* bytes beyond that: of the budget, and for a writer */
} start;

unsigned timeout_of(unsigned timeout, uint64_t pixels)
{
    uint64_t seconds = SECONDS + MORE_SECONDS * (pixels / MORE_AT);
    return timeout > 0 ? timeout : seconds < UINT_MAX ? (unsigned)seconds : UINT_MAX;
}

/* Of the address space, as RLIMIT_AS counts. */
static uint64_t mapped_bytes(void)
{
    char text[64] = "";
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    return n > 0 ? strtoull(text, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

/* A soft limit that is never above that of `most`, so that it can be set. */
static struct rlimit limited(const struct rlimit *most, uint64_t wanted)
{
    return (struct rlimit){wanted < most->rlim_cur ? wanted : most->rlim_cur, most->rlim_max};
}

bool limits_allow(unsigned seconds)
{
    struct rlimit own;
    return getrlimit(RLIMIT_CPU, &own) != 0 || own.rlim_cur > seconds; /* no limit is the largest number */
}

void limits_start(void)
{
    sigset_t time;
    sigemptyset(&time);
    sigaddset(&time, SIGXCPU);
    signal(SIGXCPU, SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &time, NULL);
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    getrlimit(RLIMIT_CPU, &start.time);
    getrlimit(RLIMIT_AS, &start.memory);
    start.mapped = mapped_bytes();
}

void limits_picture(unsigned seconds)
{
    struct rusage used;
    if (getrusage(RUSAGE_SELF, &used) != 0)
        return;
    uint64_t micros = (uint64_t)used.ru_utime.tv_usec + (uint64_t)used.ru_stime.tv_usec;
    uint64_t whole = (uint64_t)used.ru_utime.tv_sec + (uint64_t)used.ru_stime.tv_sec + (micros + 999999) / 1000000;
    const struct rlimit limit = limited(&start.time, whole + seconds);
    setrlimit(RLIMIT_CPU, &limit);
}

static void limit_memory(void)
{
#ifndef INSTRUMENTED
    uint64_t most = start.mapped + SPARE_BYTES + start.writer;
    const struct rlimit limit =
        limited(&start.memory, start.given < UINT64_MAX - most ? start.given + most : RLIM_INFINITY);
    if (start.mapped > 0)
        setrlimit(RLIMIT_AS, &limit);
#endif
}

void limits_memory(uint64_t bytes)
{
    start.given = bytes;
    limit_memory();
}

void limits_writer(uint64_t bytes)
{
    if (start.writer != bytes) {
        start.writer = bytes;
        limit_memory();
    }
}
