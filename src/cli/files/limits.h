/*
 * What a worker process may take: processor time and memory. These are soft limits of the system. The ones that the user
 * set (ulimit) hold too if they are lower. Anybody may raise a soft limit to the hard one, a worker too: the limits stop a
 * decoder that went wrong, and not one that was taken over.
 */
#ifndef CLI_FILES_LIMITS_H
#define CLI_FILES_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Seconds of processor time for a picture of so many pixels: `timeout` unless it is 0, else 60, and 10 more for each full
 * 10 megapixels.
 */
unsigned timeout_of(unsigned timeout, uint64_t pixels);

/* Whether this process may take so much processor time: the user set no lower limit, which a worker then has too. */
bool limits_allow(unsigned seconds);

/* In a worker, before it enters the sandbox: notes the memory that the process has, lets SIGXCPU end it, and has it leave
 * no core. */
void limits_start(void);

/* From now on the process may take so much processor time, and at most a second more; then SIGXCPU ends it. */
void limits_picture(unsigned seconds);

/* The process may map so many bytes, and 256 MiB, beyond what it had at limits_start. Without limit with sanitizers. */
void limits_memory(uint64_t bytes);

/* What a writer keeps is beside that. */
void limits_writer(uint64_t bytes);

#endif
