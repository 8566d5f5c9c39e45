#include "cli/files/group.h"

#include <sys/resource.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

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
    if (g->n == 0) {
        clock_gettime(CLOCK_MONOTONIC, &g->since);
        g->most = most();
    }
    g->bytes = sink->position + (g->n ? g->bytes : 0);
    g->job[g->n] = job;
    g->sink[g->n++] = *sink;
}

void file_group_discard(struct file_group *g, size_t job)
{
    for (size_t i = 0; i < g->n; i++) {
        if (g->job[i] != job)
            continue;
        file_discard(&g->sink[i]);
        g->n--;
        g->sink[i] = g->sink[g->n];
        g->job[i] = g->job[g->n];
        return;
    }
}

bool file_group_due(const struct file_group *g)
{
    struct timespec now;
    if (g->n == 0)
        return false;
    clock_gettime(CLOCK_MONOTONIC, &now);
    long ms = (now.tv_sec - g->since.tv_sec) * 1000 + (now.tv_nsec - g->since.tv_nsec) / 1000000;
    return g->n >= g->most || g->bytes >= GROUP_BYTES || ms >= GROUP_MS;
}

/* ---- sync ---------------------------------------------------------------------------------------------------------- */

/* Files from which on one sync of the file system is cheaper than one for each, and what it may take. */
enum { SYNC_ALL_FROM = 4, SYNC_ALL_SECONDS = 2 };

/* Whether all are in one file system, of those whose syncfs is known to do for each file what fsync does. */
static bool share_syncfs(const struct file_group *g)
{
    static const unsigned long known[] = {0xef53 /* ext4 */, 0x58465342 /* XFS */, 0x9123683e /* Btrfs */};
    struct statfs fs;
    struct stat first, st;
    bool shared = fstatfs(g->sink[0].fd, &fs) == 0 && fstat(g->sink[0].fd, &first) == 0, is_known = false;
    for (size_t i = 1; shared && i < g->n; i++)
        shared = fstat(g->sink[i].fd, &st) == 0 && st.st_dev == first.st_dev;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        is_known |= (unsigned long)fs.f_type == known[i];
    return shared && is_known;
}

/*
 * One sync for all, which waits for what other programs write to that file system too: where that took long it is not
 * done again. False if it was not done, or failed: then fsync says of whose data.
 */
static bool sync_together(struct file_group *g)
{
    struct timespec from, to;
    if (g->n < SYNC_ALL_FROM || g->slow || !share_syncfs(g))
        return false;
    clock_gettime(CLOCK_MONOTONIC, &from);
    bool ok = syncfs(g->sink[0].fd) == 0;
    clock_gettime(CLOCK_MONOTONIC, &to);
    g->slow = to.tv_sec - from.tv_sec > SYNC_ALL_SECONDS;
    return ok;
}

/* Puts n outputs of one job in place. */
static void place_job(struct file_sink *sink, size_t n, bool synced, struct why *why)
{
    bool ok = true;
    for (size_t i = 0; n > 1 && !synced && i < n; i++)
        ok = ok && file_sync(&sink[i], &why[i]);
    for (size_t i = 0; i < n; i++)
        if (ok)
            ok = file_place(&sink[i], synced || n > 1, &why[i]);
        else
            file_discard(&sink[i]);
}

void file_group_commit(struct file_group *g, struct why why[FILE_GROUP_MAX])
{
    bool synced = sync_together(g);
    for (size_t i = 0, n; i < g->n; i += n) {
        for (n = 1; i + n < g->n && g->job[i + n] == g->job[i]; n++)
            continue;
        place_job(&g->sink[i], n, synced, &why[i]);
    }
    g->n = 0;
}
