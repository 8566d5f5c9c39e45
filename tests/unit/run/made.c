/* What a process of its own tells of the output that it has made. */
#include "cli/files/sink_flat.h"
#include "cli/run/wire.h"
#include "folder.h"

#include <sys/socket.h>

enum { JOB = 17 };

struct keeper {
    struct receiver base;
    struct file_sink kept;
};

static void keep_output(struct receiver *to, struct file_sink *made, const struct codec *codec, size_t job)
{
    REQUIRE(job == JOB && codec == codecs[0], "another job or codec");
    ((struct keeper *)to)->kept = *made;
}

/* A process that opens files itself tells of its output once, and before all else; others never do. */
START_TEST(an_output_that_a_process_makes_is_kept)
{
    static const struct file_rules rules = {.no_clobber = true};
    static struct wire wire;
    struct job_files files = {.codec = codecs[0], .made = true};
    struct keeper t = {.base = {.keep_output = keep_output}};
    struct frame_reader reader = {.takes_fds = true};
    struct delivery trusted = {.may_make = true}, other = {.may_make = false};
    struct frame frame;
    struct why why = {""};
    int ends[2];
    bool ended;
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    wire_open(&wire, ends[1], 0);
    put_file("in", "input");
    REQUIRE(opened_add(&files.inputs, "in", "in", NULL), "out of memory");
    REQUIRE(file_create(&files.output, "out", &rules, NULL, &why), "%s", why.text);
    ck_assert(wire_send_made(&wire, &files, JOB));
    ck_assert_int_eq(frame_read(&reader, ends[0], true), 1);
    ck_assert(frame_next(&reader, &frame) && frame.fds == 1);
    ck_assert(!wire_deliver(&other, &frame, JOB, &t.base, &ended));
    ck_assert(wire_deliver(&trusted, &frame, JOB, &t.base, &ended) && !ended);
    ck_assert(!wire_deliver(&trusted, &frame, JOB, &t.base, &ended));
    ck_assert(t.kept.no_clobber && t.kept.named && t.kept.mode == files.output.mode && t.kept.fd == frame.fd[0]);
    ck_assert_str_eq(t.kept.path, files.output.path);
    ck_assert_ptr_null(t.kept.temporary);
    file_discard(&t.kept);
    ck_assert_uint_eq(count_names(), 1);
    opened_free(&files.inputs);
    sink_forget(&files.output);
    frame_reader_free(&reader);
    wire_close(&wire);
}
END_TEST

SUITE(made)
{
    TCase *tcase = tcase_create("made");
    tcase_add_checked_fixture(tcase, enter_folder, leave_folder);
    tcase_add_test(tcase, an_output_that_a_process_makes_is_kept);
    suite_add_tcase(suite, tcase);
}
