/* Bands that another thread writes: all, in their order, each before its samples are lost; and no more behind one that
 * fails. */
#include "cli/run/behind.h"
#include "support.h"
#include "threads.h"

#include <pthread.h>
#include <unistd.h>

enum { BANDS = 20000, SAMPLES = 64 };

/* What was written, as the thread found it. */
static struct written {
    unsigned n, fails_at, calls;
    bool wrong, other_thread;
    pthread_t first;
} written;

static struct rows rows_of(unsigned char *data)
{
    return rows_interleaved(data, SAMPLE_U8, 1, SAMPLES, 1);
}

static void make_band(unsigned char *data, unsigned i)
{
    for (unsigned k = 0; k < SAMPLES; k++)
        data[k] = (unsigned char)(i * 31 + k);
}

static bool write_band(void *to, const struct rows *rows, struct why *why)
{
    struct written *w = to;
    unsigned char want[SAMPLES];
    w->calls++;
    w->other_thread = !pthread_equal(pthread_self(), w->first);
    if (w->calls == w->fails_at)
        return why_set(why, "band %u", w->calls);
    if (w->n % 4000 == 0)
        usleep(2000); /* so that bands wait, now and then */
    make_band(want, w->n++);
    w->wrong |= memcmp(rows->data, want, SAMPLES) != 0;
    return true;
}

/* Puts bands into a ring of 1 + lag places, as the engine does. False: a band before failed. */
static bool put_all(struct behind *behind, unsigned lag, unsigned n, struct why *why)
{
    static unsigned char ring[BEHIND_MOST + 1][SAMPLES];
    for (unsigned i = 0; i < n; i++) {
        unsigned char *data = ring[i % (1 + lag)];
        make_band(data, i);
        const struct rows rows = rows_of(data);
        if (!behind_put(behind, write_band, &written, &rows, lag, why))
            return false;
    }
    return true;
}

START_TEST(all_in_their_order)
{
    struct behind *behind = behind_start(enter);
    struct why why = {""};
    const unsigned lags[] = {1, 2, 7, BEHIND_MOST};
    ck_assert_ptr_nonnull(behind);
    for (size_t i = 0; i < 4; i++) {
        written = (struct written){.first = pthread_self()};
        ck_assert(put_all(behind, lags[i], BANDS, &why) && behind_end(behind, &why));
        ck_assert_uint_eq(written.n, BANDS);
        ck_assert(!written.wrong && written.other_thread);
    }
}
END_TEST

START_TEST(none_behind_one_that_fails)
{
    struct behind *behind = behind_start(enter);
    struct why why = {""};
    ck_assert_ptr_nonnull(behind);
    written = (struct written){.first = pthread_self(), .fails_at = 50};
    ck_assert(!put_all(behind, 5, BANDS, &why));
    ck_assert_str_eq(why.text, "band 50");
    why = (struct why){""};
    ck_assert(!behind_end(behind, &why));
    ck_assert_str_eq(why.text, "band 50");
    ck_assert_uint_eq(written.calls, 50);
    ck_assert_uint_eq(written.n, 49);

    /* The last one fails: that shows at the end. And then the next picture. */
    why = (struct why){""};
    written = (struct written){.first = pthread_self(), .fails_at = 3};
    put_all(behind, 5, 3, &why);
    ck_assert(!behind_end(behind, &why));
    ck_assert_str_eq(why.text, "band 3");
    why = (struct why){""};
    written = (struct written){.first = pthread_self()};
    ck_assert(put_all(behind, 5, 100, &why) && behind_end(behind, &why));
    ck_assert_uint_eq(written.n, 100);
}
END_TEST

START_TEST(a_thread_that_cannot_be_kept_in)
{
    ck_assert_ptr_null(behind_start(refuse));
}
END_TEST

/* No address space for its stack. */
#ifndef INSTRUMENTED
START_TEST(no_thread)
{
    struct rlimit before = end_address_space();
    struct behind *behind = behind_start(enter);
    setrlimit(RLIMIT_AS, &before);
    ck_assert_ptr_null(behind);
}
END_TEST
#endif

SUITE(behind)
{
    TCase *tcase = tcase_create("behind");
    tcase_add_test(tcase, all_in_their_order);
    tcase_add_test(tcase, none_behind_one_that_fails);
    tcase_add_test(tcase, a_thread_that_cannot_be_kept_in);
#ifndef INSTRUMENTED
    if (tests_have_processes("behind")) /* else the stack of an earlier thread is there */
        tcase_add_test(tcase, no_thread);
#endif
    suite_add_tcase(suite, tcase);
}
