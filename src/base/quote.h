/* Names of files in messages. */
#ifndef BASE_QUOTE_H
#define BASE_QUOTE_H

#include <stddef.h>

/*
 * The length of the UTF-8 character at s; 0 if the bytes there are none, or a control character: of a terminal, of lines,
 * or of the direction of a text.
 */
size_t quote_printable(const char *s);

/*
 * to <- the name in quotes, as a shell would take it: '...', or $'...' where bytes must be escaped. Cut to fit `size`
 * bytes. Returns `to`.
 */
char *quote(char *to, size_t size, const char *name);

#endif
