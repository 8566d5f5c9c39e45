/* One picture file: measure, pool, solve, apply. The only place where codecs meet the library. */
#ifndef JOB_H
#define JOB_H

#include "plan.h"
#include "store.h"

/* What became of one channel. Alpha is not measured. */
struct channel {
    struct instnorm_moments moments; /* of its own samples */
    struct instnorm_moments pooled;  /* that it was normalized with */
    struct instnorm_target target;
    struct instnorm_affine map;
    uint64_t clipped_low, clipped_high; /* of `samples` */
};

/* What became of one picture; channel has info.channels entries, and samples = width x height. */
struct outcome {
    const struct job *job;
    const char *format;
    struct picture_info info;
    struct channel *channel;
    uint64_t samples;
    bool applied; /* target, map and clipped are valid */
};

/* The buffers of one worker, kept from picture to picture. */
struct worker {
    const struct options *options;
    struct store kept;              /* native rows of a picture that fits the budget */
    struct store band_in, band_out; /* native rows of a band */
    struct store tile, run;         /* a block as floats, all channels; its output, one channel */
    struct store table, channel;
    /* Takes each picture as soon as it is complete. */
    void (*report)(const struct outcome *outcome, const struct options *options);
};

enum job_result { JOB_DONE, JOB_SKIPPED, JOB_FAILED };

/* Runs a job from opening its input to its output in place; `why` is set if it failed, and then there is no output. */
enum job_result job_run(struct worker *worker, const struct job *job, struct why *why);

void worker_free(struct worker *worker);

#endif
