/* A crew: each of its threads does what it is given, once, and beside the others. */
#include "cli/run/crew.h"
#include "support.h"
#include "threads.h"

#include <pthread.h>
#include <stdatomic.h>

struct duty {
    unsigned done;
    pthread_t thread;
};

static void work(void *of)
{
    struct duty *duty = of;
    duty->done++;
    duty->thread = pthread_self();
}

START_TEST(each_does_what_it_is_given)
{
    enum { TURNS = 5000 };
    struct crew *crew = crew_start(CREW_MOST + 5, enter);
    static struct duty duty[CREW_MOST];
    ck_assert_ptr_nonnull(crew);
    ck_assert_uint_eq(crew->n, CREW_MOST);
    for (unsigned turn = 0; turn < TURNS; turn++)
        for (unsigned i = 0; i < crew->n; i++) {
            crew->wait(crew, i);
            REQUIRE(duty[i].done == turn, "thread %u did %u of %u", i, duty[i].done, turn);
            crew->start(crew, i, work, &duty[i]);
        }
    for (unsigned i = 0; i < crew->n; i++) {
        crew->wait(crew, i);
        crew->wait(crew, i); /* it is idle */
        ck_assert_uint_eq(duty[i].done, TURNS);
        for (unsigned k = 0; k < i; k++)
            ck_assert(!pthread_equal(duty[i].thread, duty[k].thread));
    }
}
END_TEST

/* Two that wait for one another do not end unless both are at work. */
static void meet(void *of)
{
    atomic_uint *here = of;
    atomic_fetch_add(here, 1);
    while (atomic_load(here) < 2)
        ;
}

START_TEST(they_work_side_by_side)
{
    struct crew *crew = crew_start(2, enter);
    atomic_uint here = 0;
    ck_assert_ptr_nonnull(crew);
    crew->start(crew, 0, meet, &here);
    crew->start(crew, 1, meet, &here);
    crew->wait(crew, 0);
    crew->wait(crew, 1);
    ck_assert_uint_eq(atomic_load(&here), 2);
}
END_TEST

START_TEST(threads_that_cannot_be_kept_in)
{
    ck_assert_ptr_null(crew_start(2, refuse));
    ck_assert_ptr_null(crew_start(0, enter));
}
END_TEST

/* As many as there is address space for. */
#ifndef INSTRUMENTED
START_TEST(no_thread)
{
    struct rlimit before = end_address_space();
    struct crew *crew = crew_start(2, enter);
    setrlimit(RLIMIT_AS, &before);
    ck_assert_ptr_null(crew);
}
END_TEST
#endif

SUITE(crew)
{
    TCase *tcase = tcase_create("crew");
    tcase_add_test(tcase, each_does_what_it_is_given);
    tcase_add_test(tcase, they_work_side_by_side);
    tcase_add_test(tcase, threads_that_cannot_be_kept_in);
#ifndef INSTRUMENTED
    if (tests_have_processes("crew")) /* else the stack of an earlier thread is there */
        tcase_add_test(tcase, no_thread);
#endif
    suite_add_tcase(suite, tcase);
}
