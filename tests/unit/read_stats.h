/* A statistics file, read from its name. */
#ifndef READ_STATS_H
#define READ_STATS_H

#include "cli/report/stats_file.h"
#include "support.h"

static inline bool read_stats_file(const char *path, const struct instnorm_space *space, struct pooled *into,
                                   struct why *why)
{
    struct file_source file;
    REQUIRE(file_open(&file, path, 1, why), "%s: %s", path, why->text);
    bool ok = stats_file_read(&file, space, into, why);
    file_close(&file);
    return ok;
}

#endif
