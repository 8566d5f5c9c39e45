/* Smaller previews. */
#ifndef CLI_REPORT_SHRINK_H
#define CLI_REPORT_SHRINK_H

#include "engine/preview.h"

/* to <- the preview with the longer side of `side` pixels at most; each is the mean of what falls on it. */
bool shrink(const struct preview *from, size_t side, struct preview *to, struct why *why);

#endif
