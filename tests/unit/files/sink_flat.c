/* Outputs on their way to another process. */
#include "cli/files/sink_flat.h"
#include "folder.h"
#include "no_tmpfile.h"

/* As where no more files can be open. `names`: whether the output has a temporary name. */
static void lose_descriptor(unsigned names)
{
    static const struct file_rules rules = {0};
    struct why why = {""};
    struct file_sink f, got;
    size_t n;
    ck_assert(file_create(&f, "out", &rules, NULL, &why) && file_flush(&f, &why));
    ck_assert_uint_eq(f.temporary ? 1 : 0, names);
    unsigned char *bytes = sink_pack(&f, &n);
    ck_assert_ptr_nonnull(bytes);
    sink_forget(&f);
    ck_assert_uint_eq(count_names(), names);
    for (size_t cut = 0; cut < n; cut++) {
        struct why reason = {""};
        REQUIRE(!sink_unpack(&got, bytes, cut, -1, &reason) && reason.text[0], "%zu bytes are taken", cut);
    }
    ck_assert_uint_eq(count_names(), names);
    ck_assert(!sink_unpack(&got, bytes, n, -1, &why));
    ck_assert_uint_eq(count_names(), 0);
    free(bytes);
}

START_TEST(an_output_without_descriptor_leaves_nothing)
{
    lose_descriptor(0);
}
END_TEST

/* Whoever knows the name of the temporary file removes it. */
START_TEST(an_output_with_a_temporary_name_leaves_nothing)
{
    REQUIRE(refuse_tmpfile(), "files without a name cannot be refused: %s", strerror(errno));
    lose_descriptor(1);
}
END_TEST

/* The process that made the file goes, and another gives it its name. */
static void hand_over(void)
{
    static const struct file_rules rules = {0};
    struct why why = {""};
    struct file_sink f, got;
    size_t n;
    ck_assert(file_create(&f, "out", &rules, NULL, &why) && f.base.write_at(&f.base, "new", 3, 0) && file_flush(&f, &why));
    unsigned char *bytes = sink_pack(&f, &n);
    int fd = dup(f.fd);
    ck_assert(bytes && fd >= 0);
    sink_forget(&f);
    REQUIRE(sink_unpack(&got, bytes, n, fd, &why) && file_place(&got, false, &why), "%s", why.text);
    require_file("out", "new");
    ck_assert_uint_eq(count_names(), 1);
    free(bytes);
}

START_TEST(an_output_is_handed_over)
{
    hand_over();
    hand_over();
    ck_assert(refuse_tmpfile());
    hand_over();
}
END_TEST

SUITE(sink_flat)
{
    TCase *tcase = tcase_create("sink_flat");
    tcase_add_checked_fixture(tcase, enter_folder, leave_folder);
    tcase_add_test(tcase, an_output_without_descriptor_leaves_nothing);
    if (tests_have_processes("sink_flat, of files that have temporary names")) {
        tcase_add_test(tcase, an_output_with_a_temporary_name_leaves_nothing);
        tcase_add_test(tcase, an_output_is_handed_over);
    }
    suite_add_tcase(suite, tcase);
}
