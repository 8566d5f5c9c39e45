/*
 * An input that is a tar archive, the shard of a data set: its members are files of pictures, or pass through. Into an
 * archive each picture goes as a member of the same name, encoded before its header is written.
 */
#ifndef CLI_RUN_SHARD_H
#define CLI_RUN_SHARD_H

#include "cli/run/work.h"

/* Bytes of the name of a member that are told, with a zero. */
enum { SHARD_NAME_BYTES = 4096 };

/* All 0 is not open. */
struct shard {
    struct work *work;
    bool open;
    struct file_source file;
    bool once; /* the file is read once */
    struct tar_reader *reader;
    struct tar_writer *writer; /* NULL: members that are no pictures go nowhere */
    bool gathers;              /* this is the first pass, */
    struct series *series;     /* and what it is for */
    bool broken;               /* the archive is, or its output: no member can be left out for that */
    size_t pictures;           /* members that are pictures */
    char name[SHARD_NAME_BYTES];
};

/*
 * Opens the archive, which is the input of the work; `again` says that it is gathered before it is run. In either case
 * shard_close closes it, after the end of the work.
 */
bool shard_open(struct shard *shard, struct work *work, bool again, struct why *why);

/* work_gather for each member that is a picture. */
bool shard_gather(struct shard *shard, struct series *series, struct why *why);

/* work_run for each of them; all other members are copied. A member that fails fails the archive, or is left out. */
bool shard_run(struct shard *shard, struct why *why);

/* Completes the archive that is written. As output_complete. */
bool shard_complete(struct shard *shard, struct file_sink *complete, struct why *why);

void shard_close(struct shard *shard);

#endif
