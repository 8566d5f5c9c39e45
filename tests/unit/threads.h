/* What threads of the tool call as they begin, and a process without room for the stack of another. */
#ifndef TEST_THREADS_H
#define TEST_THREADS_H

#include "base/why.h"
#include "support.h"

#include <sys/resource.h>

static inline bool enter(struct why *why)
{
    (void)why;
    return true;
}

static inline bool refuse(struct why *why)
{
    return why_set(why, "no");
}

/* The limit of before, to be set again. Sanitizers end a process that has no address space. */
static inline struct rlimit end_address_space(void)
{
    enum { ENOUGH = 1 << 20 };
    struct rlimit before;
    ck_assert_int_eq(getrlimit(RLIMIT_AS, &before), 0);
    ck_assert_int_eq(setrlimit(RLIMIT_AS, &(struct rlimit){ENOUGH, before.rlim_max}), 0);
    return before;
}

#endif
