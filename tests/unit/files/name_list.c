/* Lists of names: by lines and by NUL, names alone and pairs, and what is none. */
#include "cli/files/name_list.h"
#include "folder.h"

#include <errno.h>

/* A list and what it holds: its names, or inputs and outputs, each in brackets. */
struct case_of_list {
    const char *text;
    size_t size; /* 0: that of the text */
    enum name_end end;
    const char *holds;
};

static void put_list(const struct case_of_list *c)
{
    put_bytes("list", c->text, c->size ? c->size : strlen(c->text));
}

static void add(char *to, const char *name)
{
    ck_assert(strlen(to) + strlen(name) + 3 < 256);
    strcat(strcat(strcat(to, "["), name), "]");
}

static const struct case_of_list names[] = {
    {"a\nb\n", 0, NAME_END_LINE, "[a][b]"},
    {"a\nb", 0, NAME_END_LINE, "[a][b]"},
    {"\n\na\n\nb\n\n", 0, NAME_END_LINE, "[a][b]"},
    {"", 0, NAME_END_LINE, ""},
    {"\n", 0, NAME_END_LINE, ""},
    {" a \n\tb\r\n", 0, NAME_END_LINE, "[ a ][\tb]"},
    {"a\r\n\r\nb\rc\nd\r", 0, NAME_END_LINE, "[a][b\rc][d]"},
    {"a\r\0b\r\n\0", 7, NAME_END_NUL, "[a\r][b\r\n]"},
    {"a\0b\0", 4, NAME_END_NUL, "[a][b]"},
    {"a\0b", 3, NAME_END_NUL, "[a][b]"},
    {"\0\0a\n\0\0b", 7, NAME_END_NUL, "[a\n][b]"},
    {"", 0, NAME_END_NUL, ""},
};

START_TEST(names_are_taken_one_by_one)
{
    struct why why = {0};
    struct name_list list;
    char got[256] = "";
    put_list(&names[_i]);
    ck_assert_msg(name_list_read(&list, "list", names[_i].end, &why), "%s", why.text);
    for (const char *name; (name = name_list_next(&list)) != NULL;)
        add(got, name);
    ck_assert_str_eq(got, names[_i].holds);
    ck_assert(!name_list_next(&list));
    name_list_free(&list);
}
END_TEST

static const struct case_of_list pairs[] = {
    {"a\tb\n\nc d\te f", 0, NAME_END_LINE, "[a][b][c d][e f]"},
    {"", 0, NAME_END_LINE, ""},
    {"a\0b\0c\n\0d\t", 9, NAME_END_NUL, "[a][b][c\n][d\t]"},
    {"", 0, NAME_END_NUL, ""},
};

START_TEST(pairs_are_taken_one_by_one)
{
    struct why why = {0};
    struct name_list list;
    char got[256] = "", *input, *output;
    put_list(&pairs[_i]);
    ck_assert_msg(name_list_read(&list, "list", pairs[_i].end, &why), "%s", why.text);
    while (name_list_pair(&list, &input, &output, &why) && input) {
        add(got, input);
        add(got, output);
    }
    ck_assert_str_eq(why.text, "");
    ck_assert_str_eq(got, pairs[_i].holds);
    name_list_free(&list);
}
END_TEST

static const struct case_of_list no_pairs[] = {
    {"a\tb\n\nc\n", 0, NAME_END_LINE, "line 3: "}, {"a\tb\n\tc\n", 0, NAME_END_LINE, "line 2: "},
    {"a\t", 0, NAME_END_LINE, "line 1: "},         {"a\tb\tc", 0, NAME_END_LINE, "line 1: "},
    {"a\0b\0c\0", 6, NAME_END_NUL, "name 3: "},    {"a\0b\0\0c\0", 7, NAME_END_NUL, "name 3 "},
    {"a\0\0", 3, NAME_END_NUL, "name 2 "},
};

START_TEST(what_is_no_pair_is_told_by_its_number)
{
    struct why why = {0};
    struct name_list list;
    char *input, *output;
    put_list(&no_pairs[_i]);
    ck_assert(name_list_read(&list, "list", no_pairs[_i].end, &why));
    while (name_list_pair(&list, &input, &output, &why))
        ck_assert_ptr_nonnull(input);
    REQUIRE(strncmp(why.text, no_pairs[_i].holds, strlen(no_pairs[_i].holds)) == 0, "%s", why.text);
    name_list_free(&list);
}
END_TEST

/* A list for NUL that is read by lines would be cut at the first. */
START_TEST(lines_have_no_nul)
{
    struct why why = {0};
    struct name_list list;
    put_bytes("list", "a\nb\0c\n", 6);
    ck_assert(!name_list_read(&list, "list", NAME_END_LINE, &why) && strstr(why.text, "line 2") != NULL);
    name_list_free(&list);
}
END_TEST

/* Lines that are read as one name. */
START_TEST(names_that_end_with_nul_are_no_lines)
{
    struct why why = {0};
    struct name_list list;
    put_file("list", "a\nb\n");
    ck_assert(!name_list_read(&list, "list", NAME_END_NUL, &why) && strstr(why.text, "no NUL byte") != NULL);
    name_list_free(&list);
}
END_TEST

START_TEST(what_cannot_be_read_is_told)
{
    struct why missing = {0}, folder_why = {0};
    struct name_list list;
    ck_assert(!name_list_read(&list, "none", NAME_END_LINE, &missing));
    ck_assert_str_eq(missing.text, strerror(ENOENT));
    name_list_free(&list);
    ck_assert(!name_list_read(&list, ".", NAME_END_LINE, &folder_why));
    ck_assert_str_eq(folder_why.text, strerror(EISDIR));
    name_list_free(&list);
}
END_TEST

/* Neither the size of a pipe is known, nor how much comes at once. */
START_TEST(a_pipe_is_read_to_its_end)
{
    enum { LINES = 50000 };
    struct why why = {0};
    struct name_list list;
    char want[32];
    size_t n = 0;
    ck_assert(mkfifo("pipe", 0600) == 0 && system("seq -f 'name %.0f' 1 50000 >pipe &") == 0);
    ck_assert_msg(name_list_read(&list, "pipe", NAME_END_LINE, &why), "%s", why.text);
    for (const char *name; (name = name_list_next(&list)) != NULL;) {
        snprintf(want, sizeof want, "name %zu", ++n);
        ck_assert_str_eq(name, want);
    }
    ck_assert_uint_eq(n, LINES);
    name_list_free(&list);
}
END_TEST

SUITE(name_list)
{
    TCase *lists = tcase_create("lists");
    tcase_add_checked_fixture(lists, enter_folder, leave_folder);
    ADD_EACH(lists, names_are_taken_one_by_one, names);
    ADD_EACH(lists, pairs_are_taken_one_by_one, pairs);
    ADD_EACH(lists, what_is_no_pair_is_told_by_its_number, no_pairs);
    tcase_add_test(lists, lines_have_no_nul);
    tcase_add_test(lists, names_that_end_with_nul_are_no_lines);
    tcase_add_test(lists, what_cannot_be_read_is_told);
    tcase_add_test(lists, a_pipe_is_read_to_its_end);
    suite_add_tcase(suite, lists);
}
