/* The filters of PNG undone: kernels of flat arrays. */
#ifndef PNG_UNFILTER_H
#define PNG_UNFILTER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * out[n] <- what the filtered bytes in[n] were (PNG specification, 9.2), given the row above, which is zeros for the first
 * one. A pixel has 1, 2, 3, 4, 6 or 8 bytes, and n is a multiple of that. False: there is no such filter.
 */
bool png_unfilter(unsigned filter, const unsigned char *restrict in, const unsigned char *restrict above, size_t n,
                  size_t pixel, unsigned char *restrict out);

/* ---- within the unfilters ------------------------------------------------------------------------------------------- */

enum { PNG_NONE, PNG_SUB, PNG_UP, PNG_AVERAGE, PNG_PAETH, PNG_MOST_PIXEL = 8 };

/* One filter and one size of a pixel. */
typedef void png_undo(const unsigned char *restrict in, const unsigned char *restrict above, size_t n,
                      unsigned char *restrict out);

/* Of Sub, Average or Paeth, by SSE4.1. NULL: it is for other pixels or other processors. */
png_undo *png_undo_sse4(unsigned filter, size_t pixel);

#endif
