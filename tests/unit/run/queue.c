/* Results in the order of the jobs, whatever the order in which they come; outputs that fail late; what is left at the end.
 */
#include "cli/run/queue.h"
#include "cli/files/temporary.h"
#include "folder.h"

#include <stdarg.h>

/* What was passed on: "3.0 3.1 3= " for two pictures of job 3 and its end; "!" is a job that failed. */
static char passed[1 << 16];
static struct queue queue;

static void append(char *text, size_t size, const char *format, ...)
{
    size_t n = strlen(text);
    va_list args;
    va_start(args, format);
    int more = vsnprintf(text + n, size - n, format, args);
    va_end(args);
    REQUIRE(more >= 0 && (size_t)more < size - n, "too much");
}

static void pass_on(void *to, struct result *r)
{
    REQUIRE(to == &queue, "another queue");
    if (result_has_statistics(r))
        append(passed, sizeof passed, "%zu.%zu", r->job, r->index);
    else
        append(passed, sizeof passed, "%zu%s", r->job, r->status == RESULT_FAILED ? "!" : "=");
    for (size_t i = 0; i < r->notes.n; i++)
        append(passed, sizeof passed, "(%s)", r->notes.item[i].text);
    if (r->why.text[0])
        append(passed, sizeof passed, "[%s]", r->why.text);
    append(passed, sizeof passed, " ");
}

static void begin(void)
{
    passed[0] = '\0';
    queue_begin(&queue, pass_on, &queue);
}

static void give(struct result r)
{
    queue_take_result(&queue, &r);
    result_free(&r);
}

static void give_picture(size_t job, size_t index)
{
    struct result r = {.status = RESULT_MAPPED, .job = job, .index = index};
    notes_add(&r.notes, NOTE_WARNING, NULL, "%zu", index);
    give(r);
}

static void give_end(size_t job, enum result_status status)
{
    give((struct result){.status = status, .job = job});
}

/* An output of the job that waits for its name. */
static void give_output(size_t job, const char *path)
{
    static const struct file_rules rules = {0};
    struct why why = {""};
    struct file_sink f;
    REQUIRE(file_create(&f, path, &rules, NULL, &why) && f.base.write_at(&f.base, "new", 3, 0) && file_flush(&f, &why),
            "%s", why.text);
    queue_take_output(&queue, &f, job);
}

static void require_passed(const char *want)
{
    REQUIRE(strcmp(passed, want) == 0, "passed on: %s, expected: %s", passed, want);
    passed[0] = '\0';
}

START_TEST(in_the_order_of_the_jobs)
{
    begin();
    give_picture(1, 0);
    give_end(2, RESULT_SKIPPED);
    give_end(1, RESULT_DONE);
    require_passed("");
    give_picture(0, 0);
    require_passed(""); /* the last picture may still fail */
    give_picture(0, 1);
    require_passed("0.0(0) ");
    give_end(0, RESULT_DONE);
    require_passed("0.1(1) 0= 1.0(0) 1= 2= ");
    give_picture(3, 0);
    give_picture(3, 1);
    give_end(3, RESULT_FAILED); /* in its third picture */
    require_passed("3.0(0) 3.1(1) 3! ");
    queue_end(&queue);
    require_passed("");
}
END_TEST

/* What there was to say of pictures that are not passed on is said of their job. */
START_TEST(whole_or_not_at_all)
{
    begin();
    queue.whole = true;
    give_picture(0, 0);
    give_picture(0, 1);
    give_picture(1, 0);
    require_passed("");
    give_end(0, RESULT_FAILED);
    require_passed("0!(0)(1) ");
    give_end(1, RESULT_DONE);
    require_passed("1.0(0) 1= ");
    queue_end(&queue);
    queue.whole = false;
}
END_TEST

START_TEST(any_order)
{
    static char want[sizeof passed];
    static unsigned left[4 * QUEUE_JOBS]; /* pictures, and the end */
    struct random r = {1};
    size_t begun = 0, n = 4 * QUEUE_JOBS;
    want[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        left[i] = 1 + (unsigned)random_below(&r, 4);
        for (unsigned k = 0; k + 1 < left[i]; k++)
            append(want, sizeof want, "%zu.%u(%u) ", i, k, k);
        append(want, sizeof want, "%zu= ", i);
        if (strlen(want) > sizeof want - 100)
            n = i + 1;
    }
    unsigned total[4 * QUEUE_JOBS];
    memcpy(total, left, sizeof total);
    begin();
    while (queue.next < n) {
        begun = queue.next + QUEUE_JOBS < n ? queue.next + QUEUE_JOBS : n;
        size_t job = queue.next + random_below(&r, begun - queue.next);
        if (left[job] == 1)
            give_end(job, RESULT_DONE);
        else if (left[job] > 1)
            give_picture(job, total[job] - left[job]);
        left[job] -= left[job] > 0;
    }
    queue_end(&queue);
    require_passed(want);
}
END_TEST

START_TEST(outputs_come_before_results)
{
    begin();
    give_picture(0, 0);
    give_output(0, "a");
    give_end(0, RESULT_DONE);
    give_output(1, "b");
    give_end(1, RESULT_DONE);
    require_passed("");
    require_file("a", NULL);
    queue_settle(&queue);
    require_file("a", "new");
    require_file("b", "new");
    require_passed("0.0(0) 0= 1= ");
    ck_assert(!queue_is_due(&queue));
    queue_end(&queue);
}
END_TEST

/* The output that was made for a process which died before it began the job: no other process can be started. */
START_TEST(an_output_is_made_again_and_not_kept)
{
    static const struct file_rules rules = {0};
    struct why why = {""};
    struct file_sink made;
    begin();
    REQUIRE(file_create(&made, "a", &rules, NULL, &why), "%s", why.text);
    queue_keep_output(&queue, &made, 0);
    give_picture(0, 0);
    give_output(0, "a");
    give_end(0, RESULT_DONE);
    queue_settle(&queue);
    require_passed("0.0(0) 0= ");
    require_file("a", "new");
    ck_assert_uint_eq(count_names(), 1);
    queue_end(&queue);
}
END_TEST

/* A folder came where the output was to be: the job fails with its last picture. */
START_TEST(an_output_fails_late)
{
    begin();
    give_picture(0, 0);
    give_picture(0, 1);
    give_output(0, "a");
    give_end(0, RESULT_DONE);
    give_output(1, "b");
    give_end(1, RESULT_DONE);
    ck_assert_int_eq(mkdir("a", 0777), 0);
    queue_settle(&queue);
    require_passed("0.0(0) 0!(1)[output 'a': Is a directory] 1= ");
    queue_end(&queue);
    ck_assert_uint_eq(count_names(), 2);
    require_file("b", "new");
}
END_TEST

/* The worker died, or its result was lost. */
START_TEST(a_job_fails_behind_its_output)
{
    begin();
    give_output(0, "a");
    give_output(1, "b");
    give_end(0, RESULT_FAILED);
    require_passed("0! ");
    require_file("a", NULL);
    require_file("b", NULL);
    give_end(1, RESULT_DONE);
    queue_end(&queue);
    require_passed("1= ");
    require_file("a", NULL);
    require_file("b", "new");
    ck_assert_uint_eq(count_names(), 1);
}
END_TEST

/* After a signal: what is there is told, whatever did not end before it. Then the queue begins again. */
START_TEST(it_ends_with_gaps)
{
    begin();
    give_picture(0, 0);
    give_picture(2, 0);
    give_output(2, "a");
    give_end(2, RESULT_DONE);
    give_end(QUEUE_JOBS - 1, RESULT_FAILED);
    queue_end(&queue);
    char want[100];
    snprintf(want, sizeof want, "2.0(0) 2= %d! ", QUEUE_JOBS - 1);
    require_passed(want);
    require_file("a", "new");
    begin();
    give_end(1, RESULT_DONE);
    give_end(0, RESULT_DONE);
    queue_end(&queue);
    require_passed("0= 1= ");
}
END_TEST

START_TEST(many_results_fill_it)
{
    begin();
    size_t n = 0;
    while (!queue_is_full(&queue) && n < 100 * QUEUE_JOBS)
        give_picture(1, n++);
    ck_assert_uint_lt(n, 10 * QUEUE_JOBS);
    require_passed("");
    passed[0] = '\0';
    queue_end(&queue);
    begin();
    for (n = 0; n < 20000 && !queue_is_full(&queue); n++) { /* those of the first job do not wait */
        give_picture(0, n);
        passed[0] = '\0';
    }
    ck_assert_uint_eq(n, 20000);
    queue_end(&queue);
}
END_TEST

SUITE(queue)
{
    TCase *tcase = tcase_create("queue");
    tcase_add_checked_fixture(tcase, enter_folder, leave_folder);
    tcase_add_test(tcase, in_the_order_of_the_jobs);
    tcase_add_test(tcase, whole_or_not_at_all);
    tcase_add_test(tcase, any_order);
    tcase_add_test(tcase, outputs_come_before_results);
    tcase_add_test(tcase, an_output_is_made_again_and_not_kept);
    tcase_add_test(tcase, an_output_fails_late);
    tcase_add_test(tcase, a_job_fails_behind_its_output);
    tcase_add_test(tcase, it_ends_with_gaps);
    tcase_add_test(tcase, many_results_fill_it);
    suite_add_tcase(suite, tcase);
}
