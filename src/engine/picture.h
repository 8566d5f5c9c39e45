/*
 * One picture through the four verbs: measure, pool, solve, apply.
 *
 *     picture_begin(&picture, &task, ...)             what the output will be
 *     picture_measure(&picture, &result, ...)
 *     picture_map(&picture, &given, &sink, &result, ...)
 *
 * A picture that belongs to another one goes from picture_begin to picture_map_side. Calls in another order are refused.
 */
#ifndef ENGINE_PICTURE_H
#define ENGINE_PICTURE_H

#include "base/picture_rows.h"
#include "engine/apply.h"
#include "engine/solve.h"
#include "engine/viewer.h"

/* What is to be done with a picture. All that it points to outlives the work on the picture. */
struct picture_task {
    const struct request *request;
    const struct output_format *format; /* of the output; NULL: the picture is only measured */
    struct picture_rows *rows;          /* at the top */
    struct picture_rows *fit;   /* the picture to fit, in bands of the same height; it is rewound first; NULL: none */
    struct weights *mask;       /* where to measure; NULL: everywhere */
    struct weights *apply_mask; /* where to change; NULL: everywhere */
    bool lags;                  /* bands that the sink got stay as they are for a while: see picture_lag */
    bool look;                  /* statistics come from elsewhere: whether a sample counts is all that is measured */
    bool views;                 /* the result gets what the request wants to see of a picture of its own */
    double views_from; /* the share of clipped samples from which it gets them: below it may have the numbers alone */
    struct map *page;  /* of the last picture of its own in the file, for its smaller copies; all 0: there was none */
};

/* Takes the rows of an output. */
struct picture_sink {
    bool (*begin)(struct picture_sink *sink, const struct picture_info *info, struct why *why);
    bool (*write)(struct picture_sink *sink, const struct rows *rows, struct why *why);
};

/* So many bands of an output may stay. */
enum { PICTURE_LAG_MAX = 63 };

enum picture_stage { PICTURE_NONE, PICTURE_BEGUN, PICTURE_MEASURED };

/* A place to work on pictures, one after another. It keeps its memory from picture to picture. All 0 is empty. */
struct picture {
    enum picture_stage stage;
    struct picture_task task;
    struct layout layout, fit_layout;
    struct cursor cursor, fit;
    struct measure measure;
    struct apply apply;
    struct viewer viewer;
    struct map map;
    struct rows first;    /* the band that was read already, if it was the only one; or no data */
    struct buffer output; /* bands of the output: the last one, and so many before it: */
    unsigned lag;
    struct why nothing; /* why no sample counts; empty: some do */
};

/* The layout of the output. False, with `why`, if the request does not suit the picture. */
bool picture_begin(struct picture *picture, const struct picture_task *task, struct why *why);

/*
 * After picture_begin: the rows that a sink gets stay as they are until so many bands more were mapped. 0: until the sink
 * returns.
 */
unsigned picture_lag(const struct picture *picture);

/* Whether the picture is no picture of its own: something else, or a smaller copy of the one before, whose map it takes. */
bool picture_is_side_page(const struct picture *picture);

/*
 * Measures the picture and fills in the result of one that is only measured: all but the format, the job and the index.
 * Notes stay in the result on failure too.
 */
bool picture_measure(struct picture *picture, struct result *result, struct why *why);

/*
 * Instead of picture_measure, where all pictures of a run are read again for a search: the result has what the search asks,
 * and no statistics.
 */
bool picture_search(struct picture *picture, const struct search *search, struct result *result, struct why *why);

/*
 * After picture_measure: what each channel of the result is normalized with, its own statistics pooled as the request says.
 * The result is then one that result_gather adds to a series.
 */
bool picture_pool(const struct picture *picture, struct result *result, struct why *why);

/* Maps the picture into the sink, and adds to the result. */
bool picture_map(struct picture *picture, const struct given *given, struct picture_sink *sink, struct result *result,
                 struct why *why);

/* Maps a side page into the sink. */
bool picture_map_side(struct picture *picture, struct picture_sink *sink, struct result *result, struct why *why);

void picture_free(struct picture *picture);

#endif
