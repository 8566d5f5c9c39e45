#include "cli/files/processors.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* text <- the beginning of the file, a string; empty if it cannot be read. */
static void read_text(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? 0 : read(fd, text, size - 1);
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
}

unsigned processors_of_quota(const char *cpu_max)
{
    unsigned long long quota, period;
    if (sscanf(cpu_max, "%llu %llu", &quota, &period) != 2 || period == 0)
        return 0;
    unsigned long long n = (quota + period - 1) / period;
    return n < 1 ? 1 : n > UINT_MAX ? 0 : (unsigned)n;
}

/* The least quota of the group at `folder`, of which there are `mounted` bytes, and of the groups around it. */
static unsigned least_quota(char *folder, size_t mounted, size_t size)
{
    unsigned least = 0;
    for (size_t n = strlen(folder);; n = (size_t)(strrchr(folder, '/') - folder)) {
        char text[64];
        folder[n] = '\0';
        if (n + sizeof "/cpu.max" > size)
            return least;
        strcpy(folder + n, "/cpu.max");
        read_text(folder, text, sizeof text);
        folder[n] = '\0';
        unsigned quota = processors_of_quota(text);
        if (quota > 0 && (least == 0 || quota < least))
            least = quota;
        if (n <= mounted)
            return least;
    }
}

/* Of version 2: "0::/user.slice/..." is where the process is. */
static unsigned quota_of_group(void)
{
    static const char mounted[] = "/sys/fs/cgroup";
    char groups[4096], folder[4096];
    read_text("/proc/self/cgroup", groups, sizeof groups);
    const char *own = strncmp(groups, "0::/", 4) == 0 ? groups + 3 : strstr(groups, "\n0::/");
    if (!own)
        return 0;
    own += *own == '\n' ? 4 : 0;
    int n = snprintf(folder, sizeof folder, "%s%.*s", mounted, (int)strcspn(own, "\n"), own);
    if (n < 0 || (size_t)n >= sizeof folder)
        return 0;
    if (folder[n - 1] == '/')
        folder[n - 1] = '\0';
    return least_quota(folder, sizeof mounted - 1, sizeof folder);
}

/* The set grows until it has room for all processors that the machine may have. */
static unsigned count_affinity(void)
{
    for (unsigned most = 1024; most <= 1u << 20; most *= 2) {
        cpu_set_t *set = CPU_ALLOC(most);
        if (!set)
            return 1;
        bool ok = sched_getaffinity(0, CPU_ALLOC_SIZE(most), set) == 0;
        bool small = !ok && errno == EINVAL;
        int n = ok ? CPU_COUNT_S(CPU_ALLOC_SIZE(most), set) : 1;
        CPU_FREE(set);
        if (!small)
            return n > 0 ? (unsigned)n : 1;
    }
    return 1;
}

unsigned processors(void)
{
    unsigned n = count_affinity(), quota = quota_of_group();
    return quota > 0 && quota < n ? quota : n;
}

unsigned processes_most(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur / 4 >= UINT_MAX)
        return UINT_MAX;
    return limit.rlim_cur / 4 > 0 ? (unsigned)(limit.rlim_cur / 4) : 1;
}
