/* The files of a stack that is cut: their names, and which of them are found. */
#include "cli/files/parts.h"

#include "folder.h"

static void require_names(const char *output, size_t number, const char *tensor, const char *list)
{
    char *path[2] = {part_tensor_path(output, number), part_list_path(output, number)};
    ck_assert_str_eq(path[0], tensor);
    ck_assert_str_eq(path[1], list);
    ck_assert(parts_take_name(output, tensor) && parts_take_name(output, list));
    free(path[0]);
    free(path[1]);
}

START_TEST(numbers_have_five_digits_or_more)
{
    require_names("part.npy", 0, "part-00000.npy", "part-00000.txt");
    require_names("a.b/part.npy", 99999, "a.b/part-99999.npy", "a.b/part-99999.txt");
    require_names("a.b/part", 100000, "a.b/part-100000", "a.b/part-100000.txt");
    require_names("/x/.npy", 1234567890123, "/x/.npy-1234567890123", "/x/.npy-1234567890123.txt");
    require_names("two.dots.NPY", 7, "two.dots-00007.NPY", "two.dots-00007.txt");
}
END_TEST

START_TEST(other_names_are_none_of_its_parts)
{
    const char *const others[] = {"part.npy",        "part-0000.npy",   "part-00000",     "part-00000.NPY",
                                  "part-00000.npy.", "part-000000.npy", "part-0000x.npy", "part--00000.npy",
                                  "part-00000.json", "art-00000.npy",   "part00000.npy",  "part-1234567890123456789.npy",
                                  "x/part-00000.npy"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        ck_assert_msg(!parts_take_name("part.npy", others[i]), "%s", others[i]);
}
END_TEST

/* By whatever name. */
START_TEST(folders_are_the_same_by_other_names)
{
    ck_assert(mkdir("sub", 0777) == 0 && symlink("sub", "way") == 0);
    ck_assert(parts_take_name("sub/x.npy", "./way/x-00001.txt") && parts_take_name("x.npy", "sub/../x-00001.npy"));
    ck_assert(parts_take_name("new/x.npy", "new/x-00001.npy"));
    ck_assert(!parts_take_name("sub/x.npy", "x-00001.npy") && !parts_take_name("new/x.npy", "sub/x-00001.npy"));
}
END_TEST

START_TEST(what_is_there_is_found_in_its_order)
{
    struct parts parts;
    struct why why = {0};
    const char *const files[] = {"o/x-00012.txt", "o/x-00003.npy", "o/x-100000.npy", "o/x-00003.txt",  "o/x-00007.npy",
                                 "o/y-00000.npy", "o/x-0.npy",     "o/x.npy",        "o/x-000001.txt", "x-00001.npy"};
    ck_assert_int_eq(mkdir("o", 0777), 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        put_file(files[i], "x");
    put_file("o/x-00001.npy", ""); /* no content */
    ck_assert(mkdir("o/x-00009.npy", 0777) == 0 && symlink("nowhere", "o/x-00002.npy") == 0);
    ck_assert_msg(parts_find("o/x.npy", &parts, &why), "%s", why.text);
    static const struct found_part want[] = {
        {3, true, true, 0}, {7, true, false, 0}, {9, true, false, 0}, {12, false, true, 0}, {100000, true, false, 0}};
    ck_assert_uint_eq(parts.n, sizeof want / sizeof *want);
    for (size_t i = 0; i < parts.n; i++) {
        const struct found_part *part = parts_at(&parts, want[i].number);
        ck_assert_ptr_eq(part, &parts.part[i]);
        ck_assert(part->tensor == want[i].tensor && part->list == want[i].list);
    }
    ck_assert(!parts_at(&parts, 0) && !parts_at(&parts, 4) && !parts_at(&parts, 100001));
    parts_free(&parts);
}
END_TEST

START_TEST(a_folder_that_is_missing_has_none)
{
    struct parts parts;
    struct why why = {0};
    put_file("file", "x");
    ck_assert(parts_find("new/x.npy", &parts, &why) && parts.n == 0 && !parts_at(&parts, 0));
    ck_assert(parts_find("file/x.npy", &parts, &why) && parts.n == 0);
    ck_assert(parts_find("x.npy", &parts, &why) && parts.n == 0);
    parts_free(&parts);
}
END_TEST

SUITE(parts)
{
    TCase *parts = tcase_create("parts");
    tcase_add_checked_fixture(parts, enter_folder, leave_folder);
    tcase_add_test(parts, numbers_have_five_digits_or_more);
    tcase_add_test(parts, other_names_are_none_of_its_parts);
    tcase_add_test(parts, folders_are_the_same_by_other_names);
    tcase_add_test(parts, what_is_there_is_found_in_its_order);
    tcase_add_test(parts, a_folder_that_is_missing_has_none);
    suite_add_tcase(suite, parts);
}
