/*
 * One output that takes the pictures of several jobs, in their order; or the parts of one that is cut, each with the list
 * of what is in it. Parts are put in place one after another, and stay if the run ends early.
 */
#ifndef CLI_RUN_STACK_H
#define CLI_RUN_STACK_H

#include "cli/args/plan.h"
#include "cli/files/group.h"
#include "engine/result.h"

/* A part on its way. All 0: none is. */
struct stack_part {
    bool open;
    size_t number;
    size_t samples;        /* in it so far */
    struct file_sink list; /* of their names; its file is that of the stack's `output` */
    const char *unlisted;  /* the input of the last sample, which is not in the list yet: its index is not known; or NULL */
};

/* All 0 has no output. */
struct stack {
    struct output output;
    struct temporaries temporaries;
    bool begun;  /* a picture of the job was begun: what is written cannot be taken back */
    bool broken; /* such a job failed, or a part could not be written */

    /* Of one that is cut: */
    const struct plan *plan;
    struct stat input; /* the first one, whose permissions the parts get */
    bool has_input;
    struct picture_info like; /* what each sample is; none is known while its width is 0 */
    struct stack_part part;
    struct file_group group; /* parts that are complete */
    struct why late;         /* why stack_tend could not put them in place; empty: it could */
    size_t sample;           /* the number of the next sample, */
    size_t first;            /* and that of the first one of the job, */
    size_t told;             /* of which so many have results */
    bool displaced;          /* the samples are not those of the parts that stay */
    bool drops;              /* the picture that is written is in a part that stays */
    size_t missing;          /* the number of the first part that is not complete */
    size_t unwritten;        /* jobs that are done, and have samples in the part on its way, */
    size_t waiting;          /* or in those of the group */
    size_t named;            /* the number of the part with this name: */
    const char *name;        /* NULL: none was named yet */
    struct arena names;
};

/* Opens the output of the plan, or prepares its parts: the first is made when its first picture comes. */
bool stack_open(struct stack *stack, const struct plan *plan, struct why *why);

/* The next picture, of this job. The notes get what there is to say of the output, too. */
bool stack_begin(struct stack *stack, size_t job, const struct picture_info *info, struct notes *notes, struct why *why);
bool stack_write(struct stack *stack, const struct rows *rows, struct why *why);

/* The job of the pictures has ended. False, with `why`: the part that it was to complete cannot be written. */
bool stack_end_job(struct stack *stack, const struct result *end, struct notes *notes, struct why *why);

/* Where the next picture of the job is of which a result has come: the name of the part. NULL: the stack is not cut, or
 * out of memory. */
const char *stack_next_told(struct stack *stack);

/* Puts parts in place that have waited long enough. False: one cannot be, so that the rest of the run is in vain. */
bool stack_tend(struct stack *stack);

/* How many parts there are of the samples so far. */
size_t stack_parts(const struct stack *stack);

/* Completes the file, which has a picture and is not broken; or the last part. */
bool stack_commit(struct stack *stack, struct notes *notes, struct why *why);

/*
 * Of one that is cut: puts the parts in place that are complete. The name of the first that another run would make; NULL if
 * that is not known. *unwritten <- how many jobs that are done have samples in no part. `why`: what could not be put in
 * place.
 */
const char *stack_give_up(struct stack *stack, size_t *unwritten, struct why *why);

/* Leaves the target as it was, unless it was completed. */
void stack_free(struct stack *stack);

#endif
