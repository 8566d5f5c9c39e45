/* What is seen of one picture: thumbnails and histograms. */
#ifndef CLI_REPORT_HTML_CARD_H
#define CLI_REPORT_HTML_CARD_H

#include "base/growing.h"
#include "engine/result.h"

/* Adds what is in the card of a picture, below its name. False: out of memory. */
bool card_put(struct growing *to, const struct result *result, struct why *why);

#endif
