/*
 * What became of a picture, or of an input as a whole. A result is a value: it owns all that it refers to but the space, so
 * that it outlives the picture, the buffers and the process that made it.
 */
#ifndef ENGINE_RESULT_H
#define ENGINE_RESULT_H

#include "base/channel.h"
#include "base/notes.h"
#include "base/picture.h"
#include "base/why.h"
#include "engine/map.h"
#include "engine/pooled.h"
#include "engine/series.h"
#include "engine/statistics.h"
#include "engine/view.h"
#include "instnorm.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct request;

enum result_status {
    RESULT_MEASURED,   /* a picture that was measured: there is no output */
    RESULT_MAPPED,     /* a picture that was mapped into an output */
    RESULT_STATISTICS, /* an input that is a statistics file */
    RESULT_LEFT_OUT,   /* a member of an archive that failed, and that its output is without */
    /* Each input ends with one of these: */
    RESULT_DONE,
    RESULT_SKIPPED, /* the output exists and stays */
    RESULT_FAILED
};

/* One colour channel. Moments are of the values of the picture, of which `unit` is 1.0 in the units of the space. */
struct result_channel {
    struct instnorm_moments moments; /* as measured; as read from a statistics file */
    struct instnorm_moments used;    /* that the channel is normalized with: where it is touched, and after picture_pool */
    /* What follows is of RESULT_MAPPED alone. */
    bool touched;                  /* used and target are valid; other channels keep their values */
    struct instnorm_target target; /* what it was given */
    struct instnorm_clip clip;     /* of the output's channel, in its samples; valid if the output is `integer` */
    struct instnorm_moments after; /* of the output, in units; where the request asks for views */
};

struct quantile {
    double share; /* of the samples, from 0 to 1 */
    double value; /* that they reach, in units; NAN: there are no samples */
};

/* All 0 is a result of nothing, to be filled in. result_free frees it. */
struct result {
    enum result_status status;
    size_t job;         /* the number of the job in its plan */
    char *member;       /* of an archive: the name of its file there; NULL: the input is none, or as a whole */
    struct why why;     /* RESULT_FAILED, RESULT_LEFT_OUT: the reason */
    bool given_up;      /* RESULT_FAILED: because another input failed; never from a worker */
    bool unread;        /* RESULT_FAILED: nobody reads the pipe that the output goes into any more */
    struct notes notes; /* what was noted on the way, in order */

    /* RESULT_MEASURED, RESULT_MAPPED */
    char format[16]; /* name of the codec that read the picture */
    size_t index;    /* of the picture in its file */
    size_t width, height;
    unsigned channels;   /* of the picture, alpha included */
    unsigned depth;      /* bits of a sample as stored */
    unsigned dimensions; /* of a tensor: 2 to 4; 0: the picture is no tensor */
    enum alpha alpha;
    enum page_role role;
    struct why nothing; /* why no sample counts, so that the picture is passed through; empty: some count */

    /* RESULT_MAPPED */
    bool integer;    /* the output has integer samples */
    double most;     /* the output's sample for 1.0 */
    uint64_t pixels; /* that were mapped: those among which `clip` counts */
    struct map map;  /* of the colour channels, in units */

    /* RESULT_MEASURED, RESULT_MAPPED, RESULT_STATISTICS */
    const struct instnorm_space *space;
    double unit;       /* of the moments: 1 for a statistics file */
    uint64_t pictures; /* in the statistics: 1 for a picture */
    uint64_t missing;  /* inputs that a statistics file says it lacks: 0 for a picture */
    unsigned colours;
    struct result_channel *channel; /* [colours] */

    size_t quantiles;          /* how many are told of each channel */
    struct quantile *quantile; /* [colours][quantiles] as the request lists them */
    size_t founds;             /* 0: no search was asked for */
    uint64_t *found;           /* [founds] what it found: see picture_search */
    struct pooled pooled;      /* what it adds to a pool: where the request asks for it, and of RESULT_STATISTICS */
    struct view before, after; /* where the request asks for views; `after` is of RESULT_MAPPED alone */
};

/* Makes room for the channels. False: out of memory. */
bool result_reserve(struct result *result, unsigned colours, struct why *why);

/* result <- the statistics as those of a file. False: out of memory. */
bool result_of_statistics(const struct statistics *s, const struct instnorm_space *space, struct result *result,
                          struct why *why);

/*
 * The same of a pool, which the result has then. Quantiles are those of its histogram: where that has intervals, the middle
 * of one.
 */
bool result_of_pool(const struct pooled *pool, const struct request *request, struct result *result, struct why *why);

/* Makes room for so many quantiles of each channel, and for what a search finds. False: out of memory. */
bool result_reserve_quantiles(struct result *result, size_t quantiles, struct why *why);
bool result_reserve_found(struct result *result, size_t founds, struct why *why);

/* Whether the result has statistics: of a picture or of a file. */
bool result_has_statistics(const struct result *result);

/* Whether it says how an input ended. */
bool result_is_end(const struct result *result);

/* Whether the picture is told apart from others of its file by an index. */
bool result_is_one_of_many(const struct result *result);

/* name <- "grey", "RGBA", or the number of channels. Returns `name`. */
const char *result_layout(const struct result *result, char name[CHANNEL_NAME_BYTES]);

/* Whether the result is of a picture of its own in which some samples count: a smaller copy of another page is not. */
bool result_counts(const struct result *result);

/* The largest share of a channel that the output cuts off, from 0 to 1. */
double result_clipped(const struct result *result);

/* Merges the moments, in units, into those of other results. Adds nothing if !result_counts(result). */
bool result_merge(const struct result *result, struct statistics *into, struct why *why);

/* Adds what it says to a pool. Nothing if !result_counts(result). */
bool result_pool(const struct result *result, struct pooled *into, struct why *why);

/*
 * Adds a picture to those of a first pass, or what it has of a search to that of the others. Its channels have what they
 * are normalized with: see picture_pool.
 */
bool result_gather(const struct result *result, struct series *series, struct why *why);

/*
 * Puts the target of a picture that was mapped in the place of the mean and the deviation that `into` has of it, which was
 * merged into it alone. The weights stay, and the ranges become unknown.
 */
void result_put_target(const struct result *result, struct statistics *into);

void result_free(struct result *result);

/* ---- the flat form: a result as an array of bytes, for pipes between processes (result_flat.c) ---------------------- */

/* Its bytes, to be freed, and how many they are. The same on every machine. NULL: out of memory. */
unsigned char *result_pack(const struct result *result, size_t *n);

enum { RESULT_HEAD_BYTES = 16 };

/* How long the flat form is that begins with these bytes; 0: it is none. The number is as hostile as whoever sent it. */
uint64_t result_packed_bytes(const unsigned char head[RESULT_HEAD_BYTES]);

/*
 * result <- what was packed, bit for bit, and to be freed. False, with `why`, if the bytes are no result: then it is empty.
 * Takes no more memory than a few times n, whatever the bytes say. The job's number may be any.
 */
bool result_unpack(struct result *result, const unsigned char *bytes, size_t n, struct why *why);

#endif
