#include "cli/run/schedule.h"

struct schedule schedule_begin(size_t jobs, uint64_t (*size_of)(void *to, size_t job), void *to)
{
    return (struct schedule){.jobs = jobs, .size_of = size_of, .to = to};
}

/* Asks for the sizes of the jobs before `end`. */
static void see(struct schedule *s, size_t end)
{
    for (; s->seen < end; s->seen++) {
        s->size[s->seen % QUEUE_JOBS] = s->size_of(s->to, s->seen);
        s->begun[s->seen % QUEUE_JOBS] = false;
        s->left += s->size[s->seen % QUEUE_JOBS];
    }
}

/* The largest that was not begun, the first of several. */
static size_t largest(const struct schedule *s)
{
    size_t found = s->first;
    for (size_t i = s->first; i < s->seen; i++)
        if (!s->begun[i % QUEUE_JOBS] && s->size[i % QUEUE_JOBS] > s->size[found % QUEUE_JOBS])
            found = i;
    return found;
}

/*
 * Each of the workers has about left / workers to do. A job of a quarter of that or more does not wait: begun last, it
 * would leave the others idle for as long as it takes.
 */
static bool is_large(const struct schedule *s, size_t job, unsigned workers)
{
    return s->size[job % QUEUE_JOBS] >= s->left / workers / 4;
}

bool schedule_next(struct schedule *s, size_t end, unsigned workers, size_t *job)
{
    see(s, end < s->jobs ? end : s->jobs);
    if (s->first >= s->seen)
        return false;
    size_t large = workers > 1 ? largest(s) : s->first;
    *job = is_large(s, large, workers) ? large : s->first;
    s->begun[*job % QUEUE_JOBS] = true;
    s->left -= s->size[*job % QUEUE_JOBS];
    while (s->first < s->seen && s->begun[s->first % QUEUE_JOBS])
        s->first++;
    return true;
}

bool schedule_may_wait(const struct schedule *s, unsigned workers, unsigned most)
{
    size_t enough = 4 * (size_t)most * workers;
    return s->first < s->seen && s->jobs - s->first > enough && s->size[s->first % QUEUE_JOBS] <= s->left / enough;
}
