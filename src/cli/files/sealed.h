/* A sealed output on its way to another process, which puts it in place. The descriptor goes beside the bytes. */
#ifndef CLI_FILES_SEALED_H
#define CLI_FILES_SEALED_H

#include "cli/files/sink.h"

/* All that file_place needs but the descriptor and the name for messages: bytes, to be freed. NULL: out of memory. */
unsigned char *sealed_pack(const struct file_sink *sealed, size_t *n);

/*
 * *sealed <- what was packed, with its descriptor; its name is to be set. False, with `why`: the descriptor is closed, and
 * the file is removed if its name is known.
 */
bool sealed_unpack(struct file_sink *sealed, const unsigned char *bytes, size_t n, int fd, struct why *why);

/* Closes the sink and leaves the file, which is another process's now. */
void sealed_forget(struct file_sink *sealed);

#endif
