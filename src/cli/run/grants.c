#include "cli/run/grants.h"

void grants_want(struct member *m, uint64_t bytes)
{
    const uint64_t most = UINT64_MAX >> 12; /* whatever it says: such numbers of all processes can be added */
    m->wants = bytes < most ? m->memory + bytes : most;
    m->memory = 0;
}

/* The process with the earliest job of those that wait, or NULL. */
static struct member *first_to_wait(const struct members *members)
{
    struct member *first = NULL;
    for (unsigned i = 0; i < members->n; i++) {
        struct member *m = &members->member[i];
        if (m->wants > 0 && (!first || m->job[0] < first->job[0]))
            first = m;
    }
    return first;
}

bool grants_are_wanted(const struct members *members)
{
    return first_to_wait(members) != NULL;
}

/* Whether so much is left, or the job is the earliest: the others may wait for its end. */
static bool may_have(const struct members *members, const struct pool_work *work, const struct member *m, uint64_t bytes)
{
    uint64_t taken = 0;
    bool earliest = true;
    for (unsigned i = 0; i < members->n; i++) {
        const struct member *other = &members->member[i];
        if (other == m || other->jobs == 0)
            continue;
        taken += other->memory;
        earliest &= other->job[0] > m->job[0];
    }
    bool others_wait = earliest && !work->accepts(work->to, m->job[0] + 1);
    return taken + bytes <= work->memory || others_wait;
}

void grants_give(struct members *members, const struct pool_work *work)
{
    for (;;) {
        struct member *first = first_to_wait(members);
        if (!first || !may_have(members, work, first, first->wants))
            return;
        first->memory = first->wants;
        first->wants = 0;
        wire_send(first->socket, WIRE_MEMORY, first->memory);
    }
}
