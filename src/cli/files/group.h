/* Sealed outputs that wait to be put in place together: a sync for each small file would cost more than its work. */
#ifndef CLI_FILES_GROUP_H
#define CLI_FILES_GROUP_H

#include "cli/files/sink.h"

enum { FILE_GROUP_MAX = 32 };

/* All 0 is empty. */
struct file_group {
    struct file_sink sink[FILE_GROUP_MAX];
    size_t job[FILE_GROUP_MAX]; /* whose output it is */
    size_t n;
    size_t most; /* that may wait: set when the first comes */
    uint64_t bytes;
    struct timespec since; /* when the first came */
    bool slow;             /* a sync of the whole file system took long */
};

/* Takes a sealed output over. The group must not be due, but for further outputs of one job, which come at once. */
void file_group_add(struct file_group *group, const struct file_sink *sink, size_t job);

/* Leaves the target of that job's output as it was. Does nothing if it has none here. */
void file_group_discard(struct file_group *group, size_t job);

/* Whether it is full, by count or bytes, or has waited long enough: to be committed before the next job. */
bool file_group_due(const struct file_group *group);

/*
 * Puts all outputs in place; none gets its name before it is on the disk. why[i] stays empty where that is done. Several of
 * one job get their names in their order, once all of them are on the disk, and none behind one that failed. The group is
 * empty then.
 */
void file_group_commit(struct file_group *group, struct why why[FILE_GROUP_MAX]);

#endif
