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

unsigned processors_of_quota(const char *quota_and_period)
{
    unsigned long long quota, period;
    if (quota_and_period[0] == '-' || sscanf(quota_and_period, "%llu %llu", &quota, &period) != 2 || period == 0 ||
        quota / period >= UINT_MAX)
        return 0;
    unsigned n = (unsigned)(quota / period + (quota % period > 0));
    return n > 0 ? n : 1;
}

/* The quota of the group: cpu.max of version 2, or the two files of version 1. 0: there is none. */
static unsigned quota_at(const char *folder)
{
    char path[4096 + 32], text[64], period[32];
    snprintf(path, sizeof path, "%s/cpu.max", folder);
    read_text(path, text, sizeof text);
    if (text[0])
        return processors_of_quota(text);
    snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
    read_text(path, text, sizeof text / 2);
    snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
    read_text(path, period, sizeof period);
    text[strcspn(text, "\n")] = '\0';
    snprintf(path, sizeof path, "%s %s", text, period);
    return processors_of_quota(path);
}

/* Of two quotas, of which 0 is none. */
static unsigned lesser(unsigned a, unsigned b)
{
    return a == 0 || (b > 0 && b < a) ? b : a;
}

/* The least quota of the group and of the groups around it, up to the one that is mounted. */
static unsigned least_quota(const char *mounted, const char *group, size_t group_bytes)
{
    char folder[4096];
    unsigned least = 0;
    int n = snprintf(folder, sizeof folder, "%s%.*s", mounted, (int)group_bytes, group);
    if (n < 0 || (size_t)n >= sizeof folder)
        return 0;
    while (strlen(folder) >= strlen(mounted)) {
        least = lesser(least, quota_at(folder));
        *strrchr(folder, '/') = '\0';
    }
    return least;
}

/* Whether a line of /proc/self/cgroup is of the controller: "4:cpu,cpuacct:/group". Version 2 names none: "0::/group". */
static bool is_of(const char *line, const char *controller)
{
    const char *list = strchr(line, ':'), *end = list ? strchr(list + 1, ':') : NULL;
    size_t n = strlen(controller);
    if (!end)
        return false;
    if (n == 0)
        return end == list + 1;
    for (const char *name = list + 1; name < end; name += strcspn(name, ",:") + 1)
        if (strcspn(name, ",:") == n && strncmp(name, controller, n) == 0)
            return true;
    return false;
}

/* The quota of the groups that this process is in. */
static unsigned quota_of_groups(void)
{
    static const struct {
        const char *controller, *mounted;
    } hierarchies[] = {{"", "/sys/fs/cgroup"}, {"cpu", "/sys/fs/cgroup/cpu"}};
    char lines[4096];
    unsigned least = 0;
    read_text("/proc/self/cgroup", lines, sizeof lines);
    for (const char *line = lines; *line; line += strcspn(line, "\n") + (strchr(line, '\n') != NULL))
        for (size_t i = 0; i < sizeof hierarchies / sizeof *hierarchies; i++) {
            if (!is_of(line, hierarchies[i].controller))
                continue;
            const char *group = strchr(line, '/');
            if (group)
                least = lesser(least, least_quota(hierarchies[i].mounted, group, strcspn(group, "\n")));
        }
    return least;
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
    return lesser(count_affinity(), quota_of_groups());
}

/* ---- descriptors ---------------------------------------------------------------------------------------------------- */

/* The outputs that wait for their names take a quarter of the limit (group.c). */
enum { BESIDE = 8, EACH = 4 };

/*
 * The process that starts the workers holds for each a socket and the output that it writes, for the outputs that wait for
 * their names what group.c takes, and a few beside.
 */
unsigned processes_most(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur / EACH >= UINT_MAX)
        return UINT_MAX;
    return limit.rlim_cur >= BESIDE + EACH ? (unsigned)((limit.rlim_cur - BESIDE) / EACH) : 1;
}

unsigned jobs_ahead(unsigned workers, unsigned most)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return most;
    rlim_t taken = BESIDE + limit.rlim_cur / EACH + 2 * ((rlim_t)workers + 1);
    rlim_t each = limit.rlim_cur > taken ? (limit.rlim_cur - taken) / workers : 0;
    return each < most ? (unsigned)each : most;
}
