/* The line that shows how far a run is: text alone, so that tests need no terminal. */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <stddef.h>
#include <stdint.h>

/*
 * How far a run is, in inputs. One that is read in two passes counts twice; one that is skipped because its output exists
 * is no work and does not count.
 */
struct progress {
    size_t total;    /* 0: unknown, and there is no line */
    size_t done;     /* whatever came of them */
    size_t failed;   /* among those */
    uint64_t pixels; /* of the pictures that are done */
};

enum { PROGRESS_BYTES = 256 };

/*
 * to <- the line `seconds` after the start, for a terminal of that many columns, in ASCII. The last column stays empty,
 * because some terminals begin a new line there. What does not fit is left out: first the megapixels a second, last the
 * inputs that are done, for which a percentage stands where the terminal is even narrower.
 */
void progress_line(const struct progress *progress, double seconds, unsigned columns, char to[PROGRESS_BYTES]);

#endif
