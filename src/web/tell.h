/* What the page is told: JSON, in an array that is cut off if it is full. */
#ifndef WEB_TELL_H
#define WEB_TELL_H

#include "engine/result.h"
#include "web/shelf.h"

/* Colour channels that are told of; a tensor may have many more. */
enum { TOLD_CHANNELS = 6 };

/* What a picture is. */
void tell_picture(const struct held *held, char *to, size_t size);

/* What became of one: the space, each channel, notes. Histograms are arrays of their own. */
void tell_result(const struct result *result, char *to, size_t size);

#endif
