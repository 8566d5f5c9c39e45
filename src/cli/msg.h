/*
 * The only code that writes to stderr: one line a message, `instnorm-cli: 'name': text`, by one write. For one thread: what
 * there is to say of an input is kept in its result, and printed when the results are put in order.
 */
#ifndef MSG_H
#define MSG_H

#include "base/notes.h"
#include "cli/progress.h"

enum msg_level { MSG_QUIET, MSG_NORMAL, MSG_VERBOSE };

void msg_set_level(enum msg_level level);

/* name is a file, quoted as a shell would take it, or NULL. Errors are always printed. */
__attribute__((format(printf, 2, 3))) void msg_error(const char *name, const char *format, ...);

/* Not with --quiet. */
__attribute__((format(printf, 2, 3))) void msg_warning(const char *name, const char *format, ...);

/* The same without the word "warning". */
__attribute__((format(printf, 2, 3))) void msg_normal(const char *name, const char *format, ...);

/* With --verbose. */
__attribute__((format(printf, 2, 3))) void msg_verbose(const char *name, const char *format, ...);

/* Prints notes in their order: warnings and verbose messages about the file `input`, or about the files that they name. */
void msg_notes(const struct notes *notes, const char *input);

/*
 * Shows how far the run is, on a terminal only and at most 6 times a second. The first call, before any work, starts the
 * clock. Whatever msg.c prints erases the line first.
 */
void msg_progress(const struct progress *progress);

/* Erases the line of progress: before others print to the terminal, and at the end. */
void msg_progress_erase(void);

#endif
