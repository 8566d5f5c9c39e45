/* What users are told of a worker process that left its picture undone. */
#include "cli/run/death.h"
#include "cli/run/member.h"
#include "support.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Ends a process by the signal, as it would end by itself, and tells of it. */
static void require_said(int number, const char *codec, unsigned seconds, const char *text)
{
    int status;
    struct why why = {""};
    pid_t child = fork();
    if (child == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        signal(number, SIG_DFL);
        raise(number);
        _exit(0);
    }
    REQUIRE(waitpid(child, &status, 0) == child && WIFSIGNALED(status), "signal %d does not end it", number);
    ck_assert(member_ended_in_job(status));
    death_describe(status, codec, seconds, &why);
    ck_assert_str_eq(why.text, text);
}

static const struct told {
    int signal;
    const char *codec, *text;
    unsigned seconds;
} told[] = {
    {SIGSEGV, "tiff", "the TIFF decoder crashed (Segmentation fault)", 60},
    {SIGBUS, "webp", "the WebP decoder crashed (Bus error)", 60},
    {SIGABRT, "png", "the PNG decoder crashed (Aborted)", 60},
    {SIGILL, "jpeg", "the JPEG decoder crashed (Illegal instruction)", 60},
    {SIGFPE, "bmp", "the BMP decoder crashed (Floating point exception)", 60},
    {SIGSYS, "npy", "the NPY decoder crashed (Bad system call)", 60},
    {SIGSEGV, NULL, "its worker process crashed (Segmentation fault)", 60},
    {SIGSYS, NULL, "its worker process crashed (Bad system call)", 60},
    {SIGXCPU, "tiff", "took more than 70 seconds of processor time: see --timeout", 70},
    {SIGXCPU, NULL, "took more than 1 second of processor time: see --timeout", 1},
    {SIGKILL, "tiff", "its worker process was ended by signal 9 (Killed)", 60},
    {SIGTERM, NULL, "its worker process was ended by signal 15 (Terminated)", 60},
};

START_TEST(each_signal_is_told)
{
    require_said(told[_i].signal, told[_i].codec, told[_i].seconds, told[_i].text);
}
END_TEST

START_TEST(an_exit_is_told)
{
    int status;
    struct why why = {""};
    pid_t child = fork();
    if (child == 0)
        _exit(7);
    ck_assert(waitpid(child, &status, 0) == child);
    ck_assert(member_ended_in_job(status));
    death_describe(status, "png", 60, &why);
    ck_assert_str_eq(why.text, "its worker process ended early, with status 7");
}
END_TEST

SUITE(death)
{
    TCase *tc = tcase_create("death");
    ADD_EACH(tc, each_signal_is_told, told);
    tcase_add_test(tc, an_exit_is_told);
    suite_add_tcase(suite, tc);
}
