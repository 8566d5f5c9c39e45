/* Pictures of our own as files in memory. */
#ifndef CLI_REPORT_ENCODE_H
#define CLI_REPORT_ENCODE_H

#include "cli/report/reporter.h"
#include "codec/codec.h"

/*
 * to <- a file of that format, of 8 bits of R, G and B: rgb[height][width][3]. False, with `why`: out of memory, or the
 * format cannot hold the picture.
 */
bool encode_rgb(const unsigned char *rgb, size_t width, size_t height, const struct codec *codec, int quality,
                struct report_content *to, struct why *why);

#endif
