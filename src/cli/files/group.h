/* Sealed outputs that wait to be committed together: a sync for each small file would cost more than its work. */
#ifndef FILE_GROUP_H
#define FILE_GROUP_H

#include "cli/files/file.h"

enum { FILE_GROUP_MAX = 32 };

struct file_group {
    struct file_sink sink[FILE_GROUP_MAX];
    size_t job[FILE_GROUP_MAX]; /* whose output it is */
    size_t n;
    uint64_t bytes;
    struct timespec since; /* when the first came */
};

/* Takes a sealed output over. The group must not be due. */
void file_group_add(struct file_group *group, const struct file_sink *sink, size_t job);

/* Whether it is full, by count or bytes, or has waited long enough: commit it, by file_commit_all, before the next job. */
bool file_group_due(const struct file_group *group);

#endif
