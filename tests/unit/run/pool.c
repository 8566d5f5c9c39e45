/* Worker processes that were taken over: whatever they do, the run goes on without them, and ends. */
#include "cli/run/pool.h"
#include "cli/files/process.h"
#include "cli/run/member.h"
#include "support.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

enum { JOBS = 3, HOSTILE = 1, MEMORY = 1000 };

/* What the process does that has the job HOSTILE. */
static void (*attack)(struct frame_writer *writer);

static struct {
    size_t next, ended, died;
    int status; /* of the process that died last */
} run;

static bool next(void *to, const size_t *after, size_t *job)
{
    (void)to;
    if (after || run.next == JOBS)
        return false;
    *job = run.next++;
    return true;
}

static bool accepts(void *to, size_t job)
{
    (void)to, (void)job;
    return true;
}

static void died(void *to, size_t job, int status, struct why *why)
{
    (void)to;
    REQUIRE(job == HOSTILE, "job %zu is lost", job);
    run.died++;
    run.status = status;
    why_set(why, "died");
}

static bool tend(void *to)
{
    (void)to;
    return true;
}

static enum pool_given give(void *to, size_t job, int socket, struct why *why)
{
    struct job_files files = {.made = false};
    (void)to;
    return wire_send_job(socket, &files, job, why) == FRAME_LATER ? POOL_LATER : POOL_GIVEN;
}

static void work_alone(void *to, size_t job, const struct why *why)
{
    (void)to;
    REQUIRE(false, "job %zu is done without a process: %s", job, why->text);
}

static void take_result(struct receiver *to, struct result *result)
{
    (void)to;
    run.ended++;
    REQUIRE((result->status == RESULT_FAILED) == (result->job == HOSTILE && run.died > 0), "job %zu", result->job);
    result_free(result);
}

static bool serve(void *to, int socket, const size_t *own)
{
    static struct wire wire;
    struct wire_job job;
    (void)to;
    REQUIRE(!own, "a process of its own");
    wire_open(&wire, socket, MEMORY);
    while (wire_next_job(&wire, &job)) {
        job_files_free(&job.files);
        if (job.number == HOSTILE)
            attack(&wire.writer);
        wire.base.take_result(&wire.base, &(struct result){.status = RESULT_DONE, .job = job.number});
    }
    return true;
}

/* Whether a process is left, after those that have ended. */
static bool have_children(void)
{
    pid_t ended;
    do
        ended = waitpid(-1, NULL, WNOHANG);
    while (ended > 0);
    return ended == 0;
}

static void run_jobs(void (*attacks)(struct frame_writer *writer))
{
    struct receiver receiver = {.take_result = take_result};
    const struct pool_work work = {.workers = 2,
                                   .memory = MEMORY,
                                   .next = next,
                                   .accepts = accepts,
                                   .died = died,
                                   .tend = tend,
                                   .give = give,
                                   .serve = serve,
                                   .work_alone = work_alone,
                                   .receiver = &receiver};
    struct why why = {""};
    attack = attacks;
    bool others = have_children(); /* of another suite, where all are one process */
    REQUIRE(pool_run(&work, &why), "%s", why.text);
    REQUIRE(others || !have_children(), "a process is left");
}

/* Or it has written into the socket that was closed. */
static void require_killed(void)
{
    ck_assert_uint_eq(run.died, 1);
    ck_assert_uint_eq(run.ended, JOBS);
    REQUIRE(WIFSIGNALED(run.status) && (WTERMSIG(run.status) == SIGKILL || WTERMSIG(run.status) == SIGPIPE),
            "it ended with status %#x", (unsigned)run.status);
}

static void stay(void)
{
    for (;;)
        pause();
}

static void send_number(struct frame_writer *writer, enum wire_kind kind, uint64_t number)
{
    frame_write(writer, kind, &(struct frame_part){&number, sizeof number}, 1);
    frame_flush(writer);
}

static void send_end(struct frame_writer *writer)
{
    const struct result end = {.status = RESULT_DONE, .job = HOSTILE};
    size_t n;
    unsigned char *bytes = result_pack(&end, &n);
    frame_write(writer, WIRE_RESULT, &(struct frame_part){bytes, n}, 1);
    frame_flush(writer);
    free(bytes);
}

/* ---- what it does -------------------------------------------------------------------------------------------------- */

static void close_socket(struct frame_writer *writer)
{
    close(writer->socket);
    stay();
}

START_TEST(one_that_hangs_up_is_ended)
{
    run_jobs(close_socket);
    require_killed();
}
END_TEST

static void read_nothing(struct frame_writer *writer)
{
    for (;;)
        send_number(writer, WIRE_WANTS, 0);
}

START_TEST(one_that_reads_nothing_is_ended)
{
    run_jobs(read_nothing);
    require_killed();
}
END_TEST

static void want_much(struct frame_writer *writer)
{
    send_number(writer, WIRE_WANTS, UINT64_MAX);
    stay();
}

START_TEST(one_that_wants_more_than_there_is_is_ended)
{
    run_jobs(want_much);
    require_killed();
}
END_TEST

static void want_twice(struct frame_writer *writer)
{
    send_number(writer, WIRE_WANTS, MEMORY / 2);
    send_number(writer, WIRE_WANTS, MEMORY / 2);
    send_number(writer, WIRE_WANTS, 1);
    stay();
}

START_TEST(one_that_wants_more_and_more_is_ended)
{
    run_jobs(want_twice);
    require_killed();
}
END_TEST

static void go_on(struct frame_writer *writer)
{
    send_end(writer);
    for (;;)
        send_number(writer, WIRE_OUTPUT, 0);
}

/* Its job is done, and it could be given no other: each of the two processes gets a job at once, and there is no third. */
START_TEST(one_that_speaks_without_a_job_is_ended)
{
    run.next = HOSTILE;
    run_jobs(go_on);
    ck_assert_uint_eq(run.died, 0);
    ck_assert_uint_eq(run.ended, JOBS - HOSTILE);
}
END_TEST

static void stay_on(struct frame_writer *writer)
{
    send_end(writer);
    stay();
}

START_TEST(one_that_stays_is_ended_with_the_run)
{
    run.next = HOSTILE; /* as above */
    run_jobs(stay_on);
    ck_assert_uint_eq(run.died, 0);
    ck_assert_uint_eq(run.ended, JOBS - HOSTILE);
}
END_TEST

static void end_as_if_idle(struct frame_writer *writer)
{
    (void)writer;
    _exit(3);
}

START_TEST(one_that_says_it_had_not_begun_is_not_believed_for_ever)
{
    run_jobs(end_as_if_idle);
    ck_assert_uint_eq(run.died, 1);
    ck_assert_uint_eq(run.ended, JOBS);
}
END_TEST

static void ignore_signals(struct frame_writer *writer)
{
    (void)writer;
    signal(SIGTERM, SIG_IGN);
    kill(getppid(), SIGTERM);
    stay();
}

START_TEST(one_that_heeds_no_signal_is_ended)
{
    signal(SIGTERM, SIG_DFL); /* the library of the tests has a handler of its own */
    process_start();
    run_jobs(ignore_signals);
    ck_assert_int_eq(process_interrupted(), SIGTERM);
}
END_TEST

SUITE(pool)
{
    if (!tests_have_processes("pool"))
        return;
    TCase *tcase = tcase_create("pool");
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, one_that_hangs_up_is_ended);
    tcase_add_test(tcase, one_that_reads_nothing_is_ended);
    tcase_add_test(tcase, one_that_wants_more_than_there_is_is_ended);
    tcase_add_test(tcase, one_that_wants_more_and_more_is_ended);
    tcase_add_test(tcase, one_that_speaks_without_a_job_is_ended);
    tcase_add_test(tcase, one_that_stays_is_ended_with_the_run);
    tcase_add_test(tcase, one_that_says_it_had_not_begun_is_not_believed_for_ever);
    tcase_add_test(tcase, one_that_heeds_no_signal_is_ended);
    suite_add_tcase(suite, tcase);
}
