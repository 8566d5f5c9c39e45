/* One output that takes the pictures of several jobs, in their order. */
#ifndef CLI_RUN_STACK_H
#define CLI_RUN_STACK_H

#include "cli/files/output.h"

/* All 0 has no output. */
struct stack {
    struct output output;
    struct temporaries temporaries;
    bool begun;  /* a picture of the job was begun: what is written cannot be taken back */
    bool broken; /* such a job failed */
};

/* Opens the output. `input` is the first input, whose permissions it gets; the names outlive it. */
bool stack_open(struct stack *stack, const char *path, const struct codec *codec, const char *input,
                const struct writing *how, struct why *why);

/* The next picture. The notes get what there is to say of the output, too. */
bool stack_begin(struct stack *stack, const struct picture_info *info, struct notes *notes, struct why *why);
bool stack_write(struct stack *stack, const struct rows *rows, struct why *why);

/* The job of the pictures has ended. */
void stack_end_job(struct stack *stack, bool failed);

/* Completes the file, which has a picture and is not broken. */
bool stack_commit(struct stack *stack, struct notes *notes, struct why *why);

/* Leaves the target as it was, unless it was completed. */
void stack_free(struct stack *stack);

#endif
