/* One picture file: measure, pool, solve, apply. The only place where codecs meet the library. */
#ifndef JOB_H
#define JOB_H

#include "band.h"
#include "output.h"
#include "plan.h"
#include "store.h"

/* What became of one picture; channel has an entry for each of its `colours`. */
struct outcome {
    const struct job *job;
    const char *format;
    size_t index; /* of the picture in its file */
    struct picture_info info;
    unsigned colours;
    const struct channel *channel;
    bool integer; /* the output's samples are */
    bool applied; /* map and clipped are valid */
};

/* Moments of each colour channel over many pictures, in units: what batch normalization uses. */
struct batch_moments {
    unsigned colours; /* 0: of no picture yet */
    struct instnorm_moments *channel;
};

/* The buffers of one worker, kept from picture to picture. */
struct worker {
    const struct options *options;
    struct store kept;              /* native rows of a picture that fits the budget */
    struct store band_in, band_out; /* native rows of a band */
    struct store tile, run;         /* a block as floats, all channels; its output, one channel */
    struct store table, channel, maps;
    /* Takes each picture when it is complete. */
    void (*report)(const struct outcome *outcome, const struct options *options);
};

/*
 * Measures every picture of the input and merges the moments into `batch`. False, with `why`, if a picture cannot be read
 * or has other channels than those before. Marks the job, so that job_run notices an input that changed meanwhile.
 */
bool job_measure(struct worker *worker, struct job *job, struct batch_moments *batch, struct why *why);

/*
 * Runs a job from opening its input to its output in place; false, with `why`, if it failed, and then there is no output.
 *
 * batch   the moments to normalize with, or NULL for those of the pictures themselves
 * shared  an output that takes the pictures of several jobs, opened by the first, or NULL for one of its own
 */
bool job_run(struct worker *worker, const struct job *job, const struct batch_moments *batch, struct output *shared,
             struct why *why);

void batch_moments_free(struct batch_moments *batch);
void worker_free(struct worker *worker);

#endif
