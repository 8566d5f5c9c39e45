/* The pictures of the page through the engine. */
#ifndef WEB_WORK_H
#define WEB_WORK_H

#include "web/show.h"
#include "web/way.h"

enum { PLACES = 256 };

/* A picture, and what was measured of it once. */
struct place {
    struct held held;
    bool known; /* the numbers below are those that it was measured by */
    double by[ASK_MEASURED];
    struct result measured; /* pooled: what the picture is normalized with */
    struct statistics used; /* the same in units */
};

/* A part of a picture, which is kept while sliders move. */
struct reduced {
    const struct held *of; /* NULL: of none */
    struct part part;
    struct buffer buffer;
    struct rows rows;
};

/* Two parts may be shown in turn: what is seen, and the whole for histograms. Each may have a mask. */
enum { REDUCED = 4 };

/* All that there is. All 0 is empty. The pictures of a batch are those that are neither the style nor the mask. */
struct desk {
    struct place place[PLACES];
    double ask[ASK_NUMBERS];
    struct picture picture; /* under work */
    struct held output;     /* of work_run */
    struct result result;   /* of work_run */
    struct result shown;    /* of the last work_show */
    struct reduced reduced[REDUCED];
    unsigned oldest; /* of them: the next to be replaced */
    struct block_weights weights;
};

/* What is known of that place is forgotten, for another picture comes there. */
void work_forget(struct desk *desk, int place);

/* Measures the picture, unless that was done. */
bool work_measure(struct desk *desk, int place, struct why *why);

/* The whole way of a picture, as the tool goes it: desk->output and desk->result are what comes of it. */
bool work_run(struct desk *desk, int place, struct why *why);

/* What becomes of a part, by the statistics of the whole: to rgba, and to desk->shown. */
bool work_show(struct desk *desk, int place, const struct part *part, unsigned char *rgba, struct why *why);

/* How much each pixel of a part counts: rgba is black, and the less it counts the more opaque. */
bool work_weigh(struct desk *desk, int place, const struct part *part, unsigned char *rgba, struct why *why);

#endif
