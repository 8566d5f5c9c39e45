/* Mean and deviation over the frames of a series, before and after. */
#ifndef CLI_REPORT_HTML_CHART_H
#define CLI_REPORT_HTML_CHART_H

#include "base/growing.h"
#include "engine/result.h"

enum { CHART_CHANNELS = 3 };

/* Of each channel: mean before and after, deviation before and after. */
struct frame {
    double value[CHART_CHANNELS][4];
};

/* All 0 is of no frame yet. */
struct chart {
    const struct instnorm_space *space;
    unsigned colours; /* of the first frame; those of others are left out */
    struct frame *frame;
    size_t n, room;
};

/* Adds the result if it is of a picture that was mapped and has samples that count. False: out of memory. */
bool chart_add(struct chart *chart, const struct result *result, struct why *why);

/* Adds what there is to show: nothing of less than two frames. */
void chart_put(struct growing *to, const struct chart *chart);

void chart_free(struct chart *chart);

#endif
