#include "cli/msg.h"

#include "base/quote.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 8192, COLUMNS_MAX = 10000 };

#define PROGRESS_SECONDS (1.0 / 6)

/* To the first column, and all from there on is blank. */
#define ERASE "\r\033[K"

/* What stderr is to show, and shows: the one state that the messages of a process share. */
static struct {
    enum msg_level level;
    bool progress;               /* the last line is one of progress */
    bool started;                /* the two below are set */
    struct timespec start, last; /* of the run, and when a line of progress was written */
} shown = {.level = MSG_NORMAL};

void msg_set_level(enum msg_level to)
{
    shown.level = to;
}

/* A line from that level on. One write, so that lines of several processes do not mix. */
static void print_line(enum msg_level from, const char *kind, const char *name, const char *format, va_list args)
{
    if (shown.level < from)
        return;
    char text[LINE_MAX_BYTES], quoted[LINE_MAX_BYTES / 2];
    size_t at = 0;
    if (shown.progress)
        at += (size_t)snprintf(text, sizeof text, ERASE);
    shown.progress = false;
    at += (size_t)snprintf(text + at, sizeof text - at, "instnorm-cli: %s", kind);
    if (name)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s: ", quote(quoted, sizeof quoted, name));
    size_t said = at;
    int n = vsnprintf(text + at, sizeof text - at - 1, format, args);
    at += n < 0 ? 0 : (size_t)n;
    if (at > sizeof text - 2)
        at = sizeof text - 2;
    text[at] = '\0';
    while (said < at) { /* what a library quotes of a file must not reach the terminal as it is */
        size_t plain = quote_printable(text + said);
        if (plain == 0)
            text[said] = '?';
        said += plain ? plain : 1;
    }
    text[at++] = '\n';
    (void)!write(STDERR_FILENO, text, at);
}

void msg_error(const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_line(MSG_QUIET, "", name, format, args);
    va_end(args);
}

void msg_warning(const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_line(MSG_NORMAL, "warning: ", name, format, args);
    va_end(args);
}

void msg_normal(const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_line(MSG_NORMAL, "", name, format, args);
    va_end(args);
}

void msg_verbose(const char *name, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_line(MSG_VERBOSE, "", name, format, args);
    va_end(args);
}

void msg_notes(const struct notes *notes, const char *input)
{
    for (size_t i = 0; i < notes->n; i++) {
        const struct note *note = &notes->item[i];
        (note->level == NOTE_WARNING ? msg_warning : msg_verbose)(note->name ? note->name : input, "%s", note->text);
    }
    if (notes->lacks)
        msg_error(input, "out of memory: some messages about it are missing");
}

/* ---- progress ------------------------------------------------------------------------------------------------------ */

/* Of the terminal, else what the environment says. */
static unsigned terminal_columns(void)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    long n = columns ? strtol(columns, NULL, 10) : 0;
    return n > 0 && n < COLUMNS_MAX ? (unsigned)n : 80;
}

static double seconds_since(const struct timespec *then, const struct timespec *now)
{
    return (double)(now->tv_sec - then->tv_sec) + (double)(now->tv_nsec - then->tv_nsec) / 1e9;
}

void msg_progress(const struct progress *progress)
{
    char line[PROGRESS_BYTES], text[PROGRESS_BYTES + 8];
    struct timespec now;

    if (shown.level == MSG_QUIET || progress->total < 2 || !isatty(STDERR_FILENO))
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!shown.started)
        shown.start = now;
    else if (seconds_since(&shown.last, &now) < PROGRESS_SECONDS)
        return;
    shown.started = true;
    shown.last = now;
    progress_line(progress, seconds_since(&shown.start, &now), terminal_columns(), line);
    int n = snprintf(text, sizeof text, ERASE "%s", line);
    (void)!write(STDERR_FILENO, text, (size_t)n);
    shown.progress = true;
}

void msg_progress_erase(void)
{
    if (shown.progress)
        (void)!write(STDERR_FILENO, ERASE, strlen(ERASE));
    shown.progress = false;
}
