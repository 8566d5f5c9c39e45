/* What the suites of reports share: the text that is printed. */
#ifndef CAPTURE_H
#define CAPTURE_H

#include "support.h"

#include <stdio.h>
#include <unistd.h>

/* Standard output, kept in a file. */
struct capture {
    FILE *file;
    int out; /* where it went before */
};

static inline struct capture begin_capture(void)
{
    struct capture c = {tmpfile(), -1};
    ck_assert(c.file != NULL);
    fflush(stdout);
    c.out = dup(STDOUT_FILENO);
    ck_assert(c.out >= 0 && dup2(fileno(c.file), STDOUT_FILENO) >= 0);
    return c;
}

/* What was printed, to be freed. */
static inline char *end_capture(const struct capture *c)
{
    fflush(stdout);
    dup2(c->out, STDOUT_FILENO);
    close(c->out);
    off_t n = lseek(fileno(c->file), 0, SEEK_END);
    char *text = must_alloc((size_t)n + 1);
    ck_assert(pread(fileno(c->file), text, (size_t)n, 0) == n);
    text[n] = '\0';
    fclose(c->file);
    return text;
}

#endif
