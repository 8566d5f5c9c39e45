/* Memory among workers: who gets what is left, who waits, and that the earliest job is never held up for good. */
#include "cli/run/grants.h"
#include "support.h"

#include <sys/socket.h>
#include <unistd.h>

enum { MEMBERS = 3, MEMORY = 100 };

static struct members all;
static int worker_end[MEMBERS]; /* of the sockets */

/* The jobs before this one are accepted. */
static size_t accepted;

static bool accepts(void *to, size_t job)
{
    (void)to;
    return job < accepted;
}

static const struct pool_work work = {.memory = MEMORY, .accepts = accepts};

/* Member i has job i, and a share of the memory. */
static void begin(void)
{
    ck_assert(members_new(&all, MEMBERS));
    for (unsigned i = 0; i < MEMBERS; i++) {
        int ends[2];
        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
        all.member[i] = (struct member){.socket = ends[0], .job = {i}, .jobs = 1, .memory = MEMORY / MEMBERS};
        worker_end[i] = ends[1];
    }
    accepted = MEMBERS + 1;
}

static void end(void)
{
    for (unsigned i = 0; i < MEMBERS; i++) {
        close(all.member[i].socket);
        close(worker_end[i]);
    }
    members_free(&all);
}

/* The worker is told of so many bytes; 0: it is told nothing. */
static void require_told(unsigned i, uint64_t bytes)
{
    struct frame_reader reader = {0};
    struct frame frame;
    shutdown(all.member[i].socket, SHUT_WR);
    while (frame_read(&reader, worker_end[i], true) > 0)
        continue;
    bool told = frame_next(&reader, &frame);
    REQUIRE(told == (bytes > 0), "member %u is %stold of memory", i, told ? "" : "not ");
    if (told) {
        ck_assert_int_eq(frame.kind, WIRE_MEMORY);
        ck_assert_uint_eq(wire_number(&frame), bytes);
        ck_assert(!frame_next(&reader, &frame));
    }
    frame_reader_free(&reader);
}

START_TEST(what_is_left_is_given)
{
    ck_assert(!grants_are_wanted(&all));
    grants_want(&all.member[1], 1);
    ck_assert(grants_are_wanted(&all));
    ck_assert_uint_eq(all.member[1].memory, 0);
    grants_give(&all, &work);
    ck_assert(!grants_are_wanted(&all));
    ck_assert_uint_eq(all.member[1].memory, MEMORY / MEMBERS + 1);
    require_told(1, MEMORY / MEMBERS + 1);
    require_told(0, 0);
}
END_TEST

START_TEST(more_waits_until_a_job_has_ended)
{
    grants_want(&all.member[1], 30);
    grants_give(&all, &work);
    ck_assert(grants_are_wanted(&all));
    ck_assert_uint_eq(all.member[1].memory, 0);
    all.member[2].jobs = 0;
    all.member[2].memory = 0;
    grants_give(&all, &work);
    ck_assert(!grants_are_wanted(&all));
    require_told(1, MEMORY / MEMBERS + 30);
}
END_TEST

/* Whatever its place among the members. */
START_TEST(the_earliest_job_goes_first)
{
    all.member[0].job[0] = 7;
    all.member[1].job[0] = 6;
    all.member[2].job[0] = 5;
    accepted = 8;
    for (unsigned i = 0; i < MEMBERS; i++)
        grants_want(&all.member[i], 20);
    grants_give(&all, &work);
    require_told(0, 0);
    require_told(1, 0);
    require_told(2, MEMORY / MEMBERS + 20);
    ck_assert(grants_are_wanted(&all));
}
END_TEST

/* A later job that would fit does not overtake: else a large one might wait for ever. */
START_TEST(none_is_overtaken)
{
    grants_want(&all.member[0], 60);
    grants_want(&all.member[1], 1);
    grants_give(&all, &work);
    ck_assert_uint_eq(all.member[0].wants, MEMORY / MEMBERS + 60);
    ck_assert_uint_eq(all.member[1].wants, MEMORY / MEMBERS + 1);
    require_told(0, 0);
    require_told(1, 0);
}
END_TEST

/* A worker that was taken over says any number: it gets nothing that others have, and theirs are still added up. */
START_TEST(any_number_may_be_asked_for)
{
    for (unsigned i = 0; i < MEMBERS; i++)
        grants_want(&all.member[i], UINT64_MAX - i);
    grants_give(&all, &work);
    ck_assert(grants_are_wanted(&all));
    for (unsigned i = 0; i < MEMBERS; i++) {
        ck_assert_uint_gt(all.member[i].wants, MEMORY);
        require_told(i, 0);
    }
}
END_TEST

START_TEST(the_earliest_job_has_all_if_the_others_wait_for_its_end)
{
    accepted = 1; /* job 0 alone */
    grants_want(&all.member[0], 10 * MEMORY);
    grants_give(&all, &work);
    require_told(0, 10 * MEMORY + MEMORY / MEMBERS);
}
END_TEST

START_TEST(a_later_job_has_not)
{
    accepted = 1;
    grants_want(&all.member[1], 10 * MEMORY);
    grants_give(&all, &work);
    require_told(1, 0);
    ck_assert(grants_are_wanted(&all));
}
END_TEST

SUITE(grants)
{
    TCase *tc = tcase_create("grants");
    tcase_add_checked_fixture(tc, begin, end);
    tcase_add_test(tc, what_is_left_is_given);
    tcase_add_test(tc, more_waits_until_a_job_has_ended);
    tcase_add_test(tc, the_earliest_job_goes_first);
    tcase_add_test(tc, none_is_overtaken);
    tcase_add_test(tc, any_number_may_be_asked_for);
    tcase_add_test(tc, the_earliest_job_has_all_if_the_others_wait_for_its_end);
    tcase_add_test(tc, a_later_job_has_not);
    suite_add_tcase(suite, tc);
}
