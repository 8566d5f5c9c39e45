/* What became of the inputs, told in their order: messages, reports, progress and totals. */
#ifndef CLI_RUN_TALLY_H
#define CLI_RUN_TALLY_H

#include "cli/args/plan.h"
#include "cli/files/names.h"
#include "cli/progress.h"
#include "engine/result.h"

/* A statistics file, and what it says that it is of. */
struct tally_set {
    size_t job;
    bool identified;
    struct file_id id;
    uint64_t pictures; /* 0: the names are not known */
    struct wide names;
};

struct tally {
    const struct plan *plan;
    struct reports *reports;
    struct progress progress;
    size_t count[RESULT_FAILED + 1]; /* results of each status; of inputs: done, skipped and failed */
    struct tally_set *set;           /* [sets] */
    size_t sets;
    struct why twice;  /* why pictures are added twice; empty: they are not */
    uint64_t pictures; /* that count, those in statistics files included */
    bool unreported;   /* some result could not be printed */
};

/* Begins the reports. tally_free frees it. */
bool tally_begin(struct tally *tally, const struct plan *plan, struct why *why);

/* The share of clipped samples from which the reports want to see a picture: it never falls. */
double tally_views_from(const struct tally *tally);

/* Counts a result for the progress, in any order: inputs before it may take longer. */
void tally_advance(struct tally *tally, const struct result *result);

/* All inputs are going to be read once more. */
void tally_expect_again(struct tally *tally);

/* Tells of the next result, in the order of the inputs. */
void tally_add(struct tally *tally, const struct result *result);

/* Reports that an input gets no output because another one failed. */
void tally_give_up(struct tally *tally, size_t job, const struct why *why);

/* Says an error that is of no input; not if nobody listens any more. It counts as an input that failed. */
void tally_fail(struct tally *tally, const struct why *why);

/*
 * After the last input: writes the reports that are of all inputs, or of those that did not fail if `skip_failed` is set in
 * the plan. `all` are the statistics of a first pass, or NULL; `quantiles` are those of all, or NULL where the histogram
 * has to do. `lost_all`: what is of all inputs cannot be told, though those that failed were left out.
 */
void tally_finish_reports(struct tally *tally, const struct pooled *all, const struct robust *quantiles, bool lost_all);

/* After a first pass that failed, so that there is no output: writes the reports that tell of failures. */
void tally_give_up_reports(struct tally *tally);

/* Says how many inputs there were, if there were several. */
void tally_say_totals(struct tally *tally);

void tally_free(struct tally *tally);

#endif
