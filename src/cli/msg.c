#include "msg.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 8192, PROGRESS_NS = 1000000000 / 6 };

static enum msg_level level = MSG_NORMAL;
static bool progress_shown;

void msg_set_level(enum msg_level to)
{
    level = to;
}

/* The length of the UTF-8 character at s, 0 if it is none or a control character. */
static size_t printable(const char *s)
{
    const unsigned char *u = (const unsigned char *)s;
    size_t n = u[0] < 0x80                   ? 1
               : u[0] >= 0xc2 && u[0] < 0xe0 ? 2
               : u[0] >= 0xe0 && u[0] < 0xf0 ? 3
               : u[0] >= 0xf0 && u[0] < 0xf5 ? 4
                                             : 0;
    if (u[0] < 0x20 || u[0] == 0x7f || (u[0] == 0xc2 && u[1] < 0xa0))
        return 0;
    for (size_t i = 1; i < n; i++)
        if ((u[i] & 0xc0) != 0x80)
            return 0;
    return n;
}

static bool is_plain(const char *name)
{
    for (size_t n; *name; name += n)
        if ((n = printable(name)) == 0)
            return false;
    return true;
}

char *msg_quote(char *to, size_t size, const char *name)
{
    bool plain = is_plain(name);
    size_t at = (size_t)snprintf(to, size, plain ? "'" : "$'");
    while (*name && at + 8 < size) {
        size_t n = printable(name);
        if (n == 0 && *name == '\n')
            at += (size_t)snprintf(to + at, size - at, "\\n");
        else if (n == 0)
            at += (size_t)snprintf(to + at, size - at, "\\%03o", (unsigned)(unsigned char)*name);
        else if (*name == '\'')
            at += (size_t)snprintf(to + at, size - at, plain ? "'\\''" : "\\'");
        else if (*name == '\\' && !plain)
            at += (size_t)snprintf(to + at, size - at, "\\\\");
        else
            at += (size_t)snprintf(to + at, size - at, "%.*s", (int)n, name);
        name += n ? n : 1;
    }
    snprintf(to + at, size - at, "%s'", *name ? "..." : "");
    return to;
}

/* One write for each line, so that lines of several processes do not mix. */
static void print_line(const char *kind, const char *name, const char *format, va_list args)
{
    char text[LINE_MAX_BYTES], quoted[LINE_MAX_BYTES / 2];
    size_t at = 0;
    if (progress_shown)
        at += (size_t)snprintf(text, sizeof text, "\r\033[K");
    progress_shown = false;
    at += (size_t)snprintf(text + at, sizeof text - at, "instnorm-cli: %s", kind);
    if (name)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s: ", msg_quote(quoted, sizeof quoted, name));
    size_t said = at;
    int n = vsnprintf(text + at, sizeof text - at - 1, format, args);
    at += n < 0 ? 0 : (size_t)n;
    if (at > sizeof text - 2)
        at = sizeof text - 2;
    text[at] = '\0';
    while (said < at) { /* what a library quotes of a file must not reach the terminal as it is */
        size_t plain = printable(text + said);
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
    print_line("", name, format, args);
    va_end(args);
}

void msg_warning(const char *name, const char *format, ...)
{
    if (level < MSG_NORMAL)
        return;
    va_list args;
    va_start(args, format);
    print_line("warning: ", name, format, args);
    va_end(args);
}

void msg_verbose(const char *name, const char *format, ...)
{
    if (level < MSG_VERBOSE)
        return;
    va_list args;
    va_start(args, format);
    print_line("", name, format, args);
    va_end(args);
}

void msg_progress(size_t done, size_t total, const char *name)
{
    static struct timespec last;
    char text[128], quoted[64];
    struct timespec now;

    if (level == MSG_QUIET || total < 2 || !isatty(STDERR_FILENO))
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if ((now.tv_sec - last.tv_sec) * 1000000000 + (now.tv_nsec - last.tv_nsec) < PROGRESS_NS)
        return;
    last = now;
    int n = snprintf(text, sizeof text, "\r\033[K%zu/%zu %s", done, total, msg_quote(quoted, sizeof quoted, name));
    (void)!write(STDERR_FILENO, text, (size_t)n);
    progress_shown = true;
}
