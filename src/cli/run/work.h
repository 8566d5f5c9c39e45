/* A file under work: what job.c opens, and picture.c takes through the four verbs. */
#ifndef WORK_H
#define WORK_H

#include "cli/files/beside.h"
#include "cli/run/job.h"
#include "cli/files/mask_file.h"

struct work {
    struct worker *worker;
    const struct request *request;
    const struct reading *reading;
    const struct job *job;
    const struct shared *shared;
    struct why *why;
    struct input in;
    struct band band;
    struct mask_files mask, changed; /* --mask, --apply-mask */
    struct beside fit;               /* --fit */
    struct band fit_band;
    struct output own, *to;
    struct statistics average; /* --deflicker: the target of this picture */
    struct result result;      /* of the last picture, until it is taken */
    bool has_result;
    struct why nothing; /* why no sample of it counts; empty: some do */
    struct rows first;  /* its first band where that is read already, or no data */
    size_t full;        /* pictures before this one, side pages left out */
    unsigned kept_maps; /* how many channels of the last full page the worker has the maps of */
};

/* Whether the pictures must be read before they can be mapped. */
bool picture_must_measure(const struct work *w);

/* Measures the selected picture, pooled and ready for `gather`. */
bool picture_measure(struct work *w);

/* Measures the selected picture if need be and, if there is an output, writes it there. */
bool picture_run(struct work *w);

#endif
