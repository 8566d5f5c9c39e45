/* Outputs on their way to another process. */
#include "cli/files/sink_flat.h"
#include "folder.h"

/* As where no more files can be open: whoever knows the name of the temporary file removes it. */
START_TEST(an_output_without_descriptor_leaves_nothing)
{
    static const struct file_rules rules = {0};
    struct why why = {""};
    struct file_sink f, got;
    size_t n;
    ck_assert(file_create(&f, "out", &rules, NULL, &why) && file_flush(&f, &why));
    unsigned char *bytes = sink_pack(&f, &n);
    ck_assert_ptr_nonnull(bytes);
    sink_forget(&f);
    ck_assert_uint_eq(count_names(), 1);
    for (size_t cut = 0; cut < n; cut++) {
        struct why reason = {""};
        REQUIRE(!sink_unpack(&got, bytes, cut, -1, &reason) && reason.text[0], "%zu bytes are taken", cut);
    }
    ck_assert_uint_eq(count_names(), 1);
    ck_assert(!sink_unpack(&got, bytes, n, -1, &why));
    ck_assert_uint_eq(count_names(), 0);
    free(bytes);
}
END_TEST

SUITE(sink_flat)
{
    TCase *tcase = tcase_create("sink_flat");
    tcase_add_checked_fixture(tcase, enter_folder, leave_folder);
    tcase_add_test(tcase, an_output_without_descriptor_leaves_nothing);
    suite_add_tcase(suite, tcase);
}
