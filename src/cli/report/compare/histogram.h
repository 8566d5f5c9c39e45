/* The histograms of a picture's channels, drawn over one another. */
#ifndef CLI_REPORT_COMPARE_HISTOGRAM_H
#define CLI_REPORT_COMPARE_HISTOGRAM_H

#include "cli/report/compare/canvas.h"
#include "engine/view.h"
#include "instnorm.h"

/* The colour that channel c of `channels` is drawn and named in. */
struct colour histogram_colour(const struct instnorm_space *space, unsigned channels, unsigned c);

/*
 * The tallest bar that is drawn in full, before and after: taller are few, which would leave the others flat. The bars at
 * the ends are not looked at, for what is cut off piles up there.
 */
double histogram_peak(const struct view *before, const struct view *after);

/*
 * The bars of each channel, a bin of height `peak` as high as the rectangle, over an axis; below it a mark for the mean,
 * and a line as long as a standard deviation to both sides.
 */
void histogram_draw(struct canvas *canvas, const struct rectangle *where, const struct view *view,
                    const struct instnorm_space *space, double peak);

#endif
