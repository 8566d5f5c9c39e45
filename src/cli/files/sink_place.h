/* A complete file gets its name: what sink.c needs for the end of a sink. */
#ifndef CLI_FILES_SINK_PLACE_H
#define CLI_FILES_SINK_PLACE_H

#include "cli/files/sink.h"

/* What is said of a guarded target that came between the plan and the output. */
extern const char sink_came_meanwhile[];

/* False with errno, but where the file system knows no permissions. */
bool sink_set_mode(int fd, mode_t mode);

/* Waits until the file is on the disk. `synced`: its file system was synced since the last write. False with errno. */
bool sink_sync(int fd, bool synced);

/*
 * Gives an open file its name, whether it has a temporary one or none. True too if the target is there and is to stay.
 * False, with base.why or errno.
 */
bool sink_take_name(struct file_sink *f);

#endif
