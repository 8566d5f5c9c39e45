/* Processor time and memory of a process. */
#include "cli/files/limits.h"
#include "cli/files/process.h"
#include "support.h"

#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
    unsigned timeout;
    uint64_t pixels;
    unsigned seconds;
} timeouts[] = {
    {0, 0, 60},        {0, 1, 60},         {0, 9999999, 60},        {0, 10000000, 70},
    {0, 19999999, 70}, {0, 20000000, 80},  {0, 1200000000, 1260},   {0, UINT64_MAX, UINT_MAX},
    {1, 0, 1},         {1, 1200000000, 1}, {UINT_MAX, 5, UINT_MAX},
};

START_TEST(time_grows_with_the_picture_unless_it_is_given)
{
    ck_assert_uint_eq(timeout_of(timeouts[_i].timeout, timeouts[_i].pixels), timeouts[_i].seconds);
}
END_TEST

/* How the process ends that does that. */
static int run_process(int (*does)(void))
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0)
        _exit(does());
    REQUIRE(pid > 0 && waitpid(pid, &status, 0) == pid, "no process");
    return status;
}

static double seconds_used(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void work_until(double seconds)
{
    while (seconds_used() < seconds)
        continue;
}

/* ---- time ---------------------------------------------------------------------------------------------------------- */

static int loop(void)
{
    process_start(); /* which catches SIGXCPU */
    limits_start();
    limits_picture(1);
    work_until(20);
    return 0;
}

/*
 * Three pictures, each of which takes less than its time and all of which take more. The kernel counts that of a limit by
 * the ticks of a clock, and on a busy machine not as getrusage tells it.
 */
static int work_for_pictures(void)
{
    limits_start();
    for (int i = 1; i <= 3; i++) {
        limits_picture(1);
        work_until(0.75 * i); /* the first limit is 2 seconds, for time that was begun is counted as whole */
    }
    return 7;
}

START_TEST(a_loop_ends_and_each_picture_has_its_time)
{
    int status = run_process(loop);
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU && !WCOREDUMP(status), "status %#x", (unsigned)status);
    status = run_process(work_for_pictures);
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 7, "status %#x", (unsigned)status);
}
END_TEST

/* 0 if the soft limit is that. */
static int compare_limit(int resource, rlim_t soft)
{
    struct rlimit limit;
    return getrlimit(resource, &limit) == 0 && limit.rlim_cur == soft ? 0 : 1;
}

static int lower_limits_stay(void)
{
    struct rlimit time, memory;
    if (getrlimit(RLIMIT_CPU, &time) != 0 || getrlimit(RLIMIT_AS, &memory) != 0)
        return 1;
    time.rlim_cur = 30;
    if (setrlimit(RLIMIT_CPU, &time) != 0)
        return 2;
    limits_start();
    limits_picture(100);
    if (compare_limit(RLIMIT_CPU, 30) != 0)
        return 3;
    limits_picture(10);
    if (compare_limit(RLIMIT_CPU, 11) != 0) /* so far less than a second, counted as one */
        return 4;
    limits_picture(UINT_MAX);
    return compare_limit(RLIMIT_CPU, 30) == 0 && compare_limit(RLIMIT_CORE, 0) == 0 ? 0 : 5;
}

START_TEST(limits_of_the_user_stay)
{
    int status = run_process(lower_limits_stay);
    ck_assert_msg(status == 0, "status %#x", (unsigned)status);
}
END_TEST

/* ---- memory -------------------------------------------------------------------------------------------------------- */

#ifndef INSTRUMENTED
static bool may_have(size_t mebibytes)
{
    void *p = malloc(mebibytes << 20);
    free(p);
    return p != NULL;
}

static int memory_is_bounded(void)
{
    limits_start();
    limits_memory(0);
    if (!may_have(240) || may_have(272))
        return 1;
    limits_memory(100 << 20);
    if (!may_have(340) || may_have(372))
        return 2;
    limits_memory(0);
    if (may_have(272))
        return 3;
    limits_memory(UINT64_MAX);
    return may_have(372) ? 0 : 4;
}

START_TEST(memory_is_what_the_process_had_and_more)
{
    int status = run_process(memory_is_bounded);
    ck_assert_msg(status == 0, "status %#x", (unsigned)status);
}
END_TEST
#endif

SUITE(limits)
{
    TCase *tcase = tcase_create("limits");
    ADD_EACH(tcase, time_grows_with_the_picture_unless_it_is_given, timeouts);
    tcase_add_test(tcase, a_loop_ends_and_each_picture_has_its_time);
    tcase_add_test(tcase, limits_of_the_user_stay);
#ifndef INSTRUMENTED
    if (tests_have_processes("memory_is_what_the_process_had_and_more")) /* other tests leave free memory behind */
        tcase_add_test(tcase, memory_is_what_the_process_had_and_more);
#endif
    suite_add_tcase(suite, tcase);
}
