/* Pieces of an HTML page: text that came from elsewhere, and numbers. */
#ifndef CLI_REPORT_HTML_MARKUP_H
#define CLI_REPORT_HTML_MARKUP_H

#include "base/growing.h"

/*
 * Adds n bytes, which begin and end where characters do and are followed by a NUL or more of them, as text, whatever is in
 * them: in an element or in an attribute. Control characters, and bytes that are no UTF-8, are written as a shell would
 * take them: \n, \033.
 */
void markup_text(struct growing *to, const char *text, size_t n);

/* Adds the string so. */
void markup_string(struct growing *to, const char *string);

enum { NUMBER_BYTES = 32 };

/* How many places behind the point a number of this size needs in a column of such numbers. */
int number_places(double magnitude);

/* text <- the number with so many places, or a dash if it is not finite. Returns `text`. */
const char *number_text(char text[NUMBER_BYTES], double value, int places);

/* text <- a share in percent: "0", "&lt;0.01", "12.50". Returns `text`. */
const char *percent_text(char text[NUMBER_BYTES], double share);

#endif
