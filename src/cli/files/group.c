#include "cli/files/group.h"

#include <sys/resource.h>
#include <time.h>

enum { GROUP_BYTES = 1 << 26, GROUP_MS = 250 };

/* Each output that waits holds a descriptor: a quarter of what a process may have. */
static size_t most(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur / 4 >= FILE_GROUP_MAX)
        return FILE_GROUP_MAX;
    return limit.rlim_cur / 4 > 0 ? (size_t)limit.rlim_cur / 4 : 1;
}

void file_group_add(struct file_group *g, const struct file_sink *sink, size_t job)
{
    if (g->n == 0)
        clock_gettime(CLOCK_MONOTONIC, &g->since);
    g->bytes = sink->position + (g->n ? g->bytes : 0);
    g->job[g->n] = job;
    g->sink[g->n++] = *sink;
}

bool file_group_due(const struct file_group *g)
{
    struct timespec now;
    if (g->n == 0)
        return false;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long ms = (now.tv_sec - g->since.tv_sec) * 1000 + (now.tv_nsec - g->since.tv_nsec) / 1000000;
    return g->n >= most() || g->bytes >= GROUP_BYTES || ms >= GROUP_MS;
}
