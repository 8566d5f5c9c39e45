/* How much a process may do at a time: quotas of control groups, affinity. */
#include "cli/files/processors.h"
#include "support.h"

#include <limits.h>
#include <sched.h>
#include <sys/resource.h>

static const struct {
    const char *cpu_max;
    unsigned n;
} quotas[] = {
    {"max 100000\n", 0},
    {"", 0},
    {"words", 0},
    {"100000", 0},
    {"100000 0\n", 0},
    {"1 100000\n", 1},
    {"100000 100000\n", 1},
    {"100001 100000\n", 2},
    {"150000 100000\n", 2},
    {"200000 100000\n", 2},
    {"1600000 100000", 16},
    {"50000 10000", 5},
    {"18446744073709551615 1", 0},
};

START_TEST(quotas_are_rounded_up)
{
    ck_assert_uint_eq(processors_of_quota(quotas[_i].cpu_max), quotas[_i].n);
}
END_TEST

START_TEST(affinity_bounds_them)
{
    cpu_set_t set;
    ck_assert_int_eq(sched_getaffinity(0, sizeof set, &set), 0);
    unsigned most = (unsigned)CPU_COUNT(&set);
    ck_assert_uint_ge(processors(), 1);
    ck_assert_uint_le(processors(), most);
    for (size_t i = 0; i < CPU_SETSIZE; i++)
        if (CPU_ISSET(i, &set)) {
            CPU_ZERO(&set);
            CPU_SET(i, &set);
        }
    ck_assert_int_eq(sched_setaffinity(0, sizeof set, &set), 0);
    ck_assert_uint_eq(processors(), 1);
}
END_TEST

START_TEST(descriptors_bound_processes)
{
    struct rlimit limit;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    const struct rlimit before = limit;
    const unsigned limits[][2] = {{64, 14}, {16, 2}, {12, 1}, {7, 1}, {3, 1}};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        limit.rlim_cur = limits[i][0];
        ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
        ck_assert_uint_eq(processes_most(), limits[i][1]);
    }
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0); /* others may need more when the test ends */
}
END_TEST

SUITE(processors)
{
    TCase *tcase = tcase_create("processors");
    ADD_EACH(tcase, quotas_are_rounded_up, quotas);
    tcase_add_test(tcase, affinity_bounds_them);
    tcase_add_test(tcase, descriptors_bound_processes);
    suite_add_tcase(suite, tcase);
}
