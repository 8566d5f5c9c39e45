/* One picture on the page: a row of numbers, and a card of what is seen of it. */
#ifndef CLI_REPORT_HTML_PICTURE_H
#define CLI_REPORT_HTML_PICTURE_H

#include "base/growing.h"
#include "cli/args/plan.h"
#include "engine/result.h"

/* More channels than these are counted, and not told one by one. */
enum { CHANNELS_TOLD = 8, CHANNELS_DRAWN = 4 };

/* The headings of a table of which each picture is a row. */
void picture_put_headings(struct growing *to, bool mapped);

/* The cells of the picture behind its name. */
void picture_put_cells(struct growing *to, const struct result *result, bool mapped);

/* The cells of all pictures together. `after` may be NULL. */
void picture_put_totals(struct growing *to, const struct statistics *before, const struct statistics *after,
                        const struct instnorm_space *space, bool mapped);

/* What is in its card: thumbnails and histograms. False: out of memory. */
bool picture_put_card(struct growing *to, const struct result *result, struct why *why);

/* The largest share of a channel that clips, at both ends together; 0 if nothing was cut off. */
double picture_clipped(const struct result *result);

#endif
