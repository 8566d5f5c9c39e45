/* The order of jobs: each once, in order with one worker, and with several a time near the best that could be. */
#include "cli/run/schedule.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

enum { JOBS_MAX = 3000, WORKERS_MAX = 64, MOST = 6 };

static uint64_t sizes[JOBS_MAX];

static uint64_t size_of(void *to, size_t job)
{
    REQUIRE(to == sizes && job < JOBS_MAX, "asked for the size of job %zu", job);
    return sizes[job];
}

/* How sizes are chosen. */
enum shape { EQUAL, UNIFORM, HEAVY, RISING, LAST_LARGE, UNKNOWN, SHAPES };

static uint64_t a_size(enum shape shape, struct random *r, size_t i, size_t n)
{
    switch (shape) {
    case EQUAL:
        return 100;
    case UNIFORM:
        return 1 + random_below(r, 1000);
    case HEAVY:
        return (uint64_t)(1 / (1e-4 + random_unit(r)));
    case RISING:
        return 1 + i;
    case LAST_LARGE:
        return i + 1 == n ? 10 * n : 10;
    default:
        return random_below(r, 2) ? 0 : 50;
    }
}

static void fill_sizes(enum shape shape, struct random *r, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sizes[i] = a_size(shape, r, i, n);
}

/* ---- a run of workers -------------------------------------------------------------------------------------------- */

struct model {
    struct schedule schedule;
    size_t n;
    unsigned workers;
    size_t first; /* that has not ended */
    bool begun[JOBS_MAX], ended[JOBS_MAX];
    size_t job[WORKERS_MAX][MOST]; /* that a worker has, and of which all but the first wait */
    unsigned jobs[WORKERS_MAX];
    uint64_t ends[WORKERS_MAX]; /* when the first ends */
    uint64_t now;
};

/* As the pool does: one each, and then more, of those that may wait. */
static void hand_out(struct model *m)
{
    for (unsigned jobs = 0; jobs < MOST; jobs++)
        for (unsigned i = 0; i < m->workers; i++) {
            size_t job;
            if (m->jobs[i] != jobs || (jobs > 0 && !schedule_may_wait(&m->schedule, m->workers, MOST)))
                continue;
            if (!schedule_next(&m->schedule, m->first + QUEUE_JOBS, jobs > 0 ? 1 : m->workers, &job))
                return;
            REQUIRE(job < m->n && !m->begun[job], "job %zu of %zu came twice", job, m->n);
            REQUIRE(job < m->first + QUEUE_JOBS, "job %zu is too far behind %zu", job, m->first);
            m->begun[job] = true;
            m->job[i][m->jobs[i]++] = job;
            if (jobs == 0)
                m->ends[i] = m->now + sizes[job];
        }
}

/* The worker that ends its job first ends it. False: none has one. */
static bool end_one(struct model *m)
{
    unsigned found = m->workers;
    for (unsigned i = 0; i < m->workers; i++)
        if (m->jobs[i] > 0 && (found == m->workers || m->ends[i] < m->ends[found]))
            found = i;
    if (found == m->workers)
        return false;
    m->now = m->ends[found];
    m->ended[m->job[found][0]] = true;
    while (m->first < m->n && m->ended[m->first])
        m->first++;
    memmove(m->job[found], m->job[found] + 1, (MOST - 1) * sizeof *m->job[found]);
    if (--m->jobs[found] > 0)
        m->ends[found] = m->now + sizes[m->job[found][0]];
    return true;
}

/* How long so many workers take. */
static uint64_t time_of(size_t n, unsigned workers)
{
    static struct model m;
    memset(&m, 0, sizeof m);
    m.schedule = schedule_begin(n, size_of, sizes);
    m.n = n;
    m.workers = workers;
    do
        hand_out(&m);
    while (end_one(&m));
    for (size_t i = 0; i < n; i++)
        REQUIRE(m.begun[i] && m.ended[i], "job %zu of %zu was not done", i, n);
    return m.now;
}

/* ---- tests ------------------------------------------------------------------------------------------------------- */

START_TEST(one_worker_keeps_the_order)
{
    struct random r = {1};
    fill_sizes(HEAVY, &r, JOBS_MAX);
    struct schedule s = schedule_begin(JOBS_MAX, size_of, sizes);
    for (size_t i = 0, job; i < JOBS_MAX; i++) {
        REQUIRE(schedule_next(&s, i + 10, 1, &job), "no job %zu", i);
        REQUIRE(job == i, "%zu for %zu", job, i);
    }
    size_t job;
    ck_assert(!schedule_next(&s, JOBS_MAX + 10, 1, &job));
}
END_TEST

START_TEST(nothing_behind_the_end)
{
    struct random r = {2};
    size_t job;
    fill_sizes(LAST_LARGE, &r, 50);
    struct schedule s = schedule_begin(50, size_of, sizes);
    for (size_t i = 0; i < 10; i++) {
        REQUIRE(schedule_next(&s, 10, 4, &job), "no job");
        REQUIRE(job < 10, "job %zu is not before 10", job);
    }
    ck_assert(!schedule_next(&s, 10, 4, &job));
    ck_assert(schedule_next(&s, 50, 4, &job));
    ck_assert_uint_eq(job, 49); /* which has half of all that there is to do */
}
END_TEST

static int compare_sizes(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

/* How long they take if the largest of all comes first, always: at most a third more than the best that could be. */
static uint64_t time_of_largest_first(size_t n, unsigned workers)
{
    static uint64_t sorted[JOBS_MAX], load[WORKERS_MAX];
    memcpy(sorted, sizes, n * sizeof *sizes);
    memset(load, 0, sizeof load);
    qsort(sorted, n, sizeof *sorted, compare_sizes);
    for (size_t i = 0; i < n; i++) {
        unsigned least = 0;
        for (unsigned k = 1; k < workers; k++)
            least = load[k] < load[least] ? k : least;
        load[least] += sorted[i];
    }
    for (unsigned k = 1; k < workers; k++)
        load[0] = load[k] > load[0] ? load[k] : load[0];
    return load[0];
}

/* Sizes that are known are enough for this. A pipe may take any time. */
START_TEST(no_worker_is_idle_for_long)
{
    struct random r = {3 + (uint64_t)_i};
    for (unsigned k = 0; k < 60; k++) {
        size_t n = 1 + random_below(&r, k % 2 ? 60 : 900);
        unsigned workers = 1 + (unsigned)random_below(&r, k % 3 ? 8 : WORKERS_MAX);
        fill_sizes((enum shape)_i, &r, n);
        double took = (double)time_of(n, workers), could = (double)time_of_largest_first(n, workers);
        REQUIRE(took <= 1.1 * could, "%zu jobs, %u workers: %g, but %g is possible", n, workers, took, could);
    }
}
END_TEST

/* Three large files of several sizes among small ones: none of them may wait behind another. */
START_TEST(large_ones_do_not_wait_behind_each_other)
{
    for (size_t i = 0; i < 200; i++)
        sizes[i] = 1;
    sizes[120] = 1000;
    sizes[121] = 500;
    sizes[122] = 490;
    ck_assert_uint_le(time_of(200, 2), 1150);
}
END_TEST

/* A pipe, which has no size, is overtaken by files, and not by a later pipe. */
START_TEST(pipes_keep_their_order)
{
    struct random r = {9};
    fill_sizes(UNKNOWN, &r, 500);
    struct schedule s = schedule_begin(500, size_of, sizes);
    size_t last = 0, pipes = 0;
    for (size_t i = 0, job; i < 500; i++) {
        REQUIRE(schedule_next(&s, 500, 4, &job), "no job");
        if (sizes[job] > 0)
            continue;
        REQUIRE(pipes++ == 0 || job > last, "the pipe %zu comes after %zu", job, last);
        last = job;
    }
    ck_assert_uint_gt(pipes, 100);
}
END_TEST

SUITE(schedule)
{
    TCase *tcase = tcase_create("schedule");
    tcase_add_test(tcase, one_worker_keeps_the_order);
    tcase_add_test(tcase, nothing_behind_the_end);
    tcase_add_loop_test(tcase, no_worker_is_idle_for_long, 0, SHAPES);
    tcase_add_test(tcase, large_ones_do_not_wait_behind_each_other);
    tcase_add_test(tcase, pipes_keep_their_order);
    suite_add_tcase(suite, tcase);
}
