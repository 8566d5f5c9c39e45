/* Inline SVG of what was gathered of a channel. */
#ifndef CLI_REPORT_HTML_HISTOGRAM_H
#define CLI_REPORT_HTML_HISTOGRAM_H

#include "base/growing.h"
#include "engine/view.h"

/*
 * Adds the histogram of a channel before and, unless NULL, after, on one scale, with the mean and one deviation to either
 * side. `name` is that of the channel, `hue` the class of its colour.
 */
void histogram_put(struct growing *to, const char *name, const char *hue, const struct view_channel *before,
                   const struct view_channel *after);

#endif
