/* What the files of the codec that breaks on command share. */
#ifndef HOSTILE_BREAKS_INTERNAL_H
#define HOSTILE_BREAKS_INTERNAL_H

#include "codec/codec.h"

enum { DESCRIPTORS_MAX = 64 /* that a command looks for */ };

/* What a command finds in the reader or the writer in which it takes effect. */
struct place {
    struct source *source;     /* NULL: in a writer */
    struct metadata *metadata; /* NULL: in a writer, which has no notes */
};

/*
 * Makes a system call by name (attempts.c), with arguments that do no harm where the call is allowed. A note says what came
 * of it: "try socket: Operation not permitted", or "try socket: done". In a writer it is an error that says so.
 */
bool attempt(const struct place *place, const char *name, struct why *why);

/* Sends frames as no worker process does (forge.c): KIND, and the number of a job where the frames are about one. */
bool forge(const struct place *place, const char *words, struct why *why);

#endif
