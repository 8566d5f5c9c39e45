/* The first of two passes, for --norm batch and --deflicker: what it finds in the inputs, and which it goes on without. */
#ifndef CLI_RUN_GATHER_H
#define CLI_RUN_GATHER_H

#include "cli/run/tally.h"

/* All 0, but for the plan. gather_free frees it. */
struct gather {
    struct plan *plan;      /* whose jobs learn where their pictures are in the series */
    struct series series;   /* of the pictures of all inputs */
    struct why unfit;       /* why a picture cannot be added to the series, */
    char *unfit_member;     /* and the name that it has in its archive; NULL: it is in none */
    size_t folded;          /* jobs before this one were told of */
    struct result *missing; /* the ends of jobs that failed, and that the run goes on without */
    size_t n_missing;
};

struct gather gather_begin(struct plan *plan);

/*
 * Takes the next result of the pass, in the order of the jobs. False: an input failed on which all outputs depend, and the
 * tally was told how each input ended.
 */
bool gather_fold(struct gather *gather, struct result *r, struct tally *tally);

/* The same of a pass that looks for what the series seeks. */
bool gather_fold_found(struct gather *gather, struct result *r, struct tally *tally);

/* After the pass: whether all inputs together can be a pool. False: the tally was told how each input ended. */
bool gather_check(struct gather *gather, struct tally *tally);

/* A job failed, and further passes go on without it. Jobs come in their order. False: out of memory. */
bool gather_leave_out(struct gather *gather, size_t job);

/* The end of a job that failed, and that the run goes on without; or NULL. Its number must stay. */
struct result *gather_find_missing(struct gather *gather, size_t job);

void gather_free(struct gather *gather);

#endif
