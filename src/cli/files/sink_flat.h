/* An output on its way to another process, which puts it in place. The descriptor goes beside the bytes. */
#ifndef CLI_FILES_SINK_FLAT_H
#define CLI_FILES_SINK_FLAT_H

#include "cli/files/sink.h"

/* All but the descriptor and the name for messages, of a sink that gets a name: bytes, to be freed. NULL: out of memory. */
unsigned char *sink_pack(const struct file_sink *sink, size_t *n);

/*
 * *sink <- what was packed, with its descriptor; its name is to be set. False, with `why`: the descriptor is closed, and
 * the file is removed if it has a name that is known.
 */
bool sink_unpack(struct file_sink *sink, const unsigned char *bytes, size_t n, int fd, struct why *why);

/* Closes the sink and leaves the file, which is another process's now. */
void sink_forget(struct file_sink *sink);

#endif
