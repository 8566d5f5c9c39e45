/* Text that grows. */
#include "base/growing.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

START_TEST(it_grows_piece_by_piece)
{
    struct growing g = {0};
    struct why why = {""};
    for (int i = 0; i < 1000; i++) {
        growing_format(&g, "%02d", i % 100);
        growing_put(&g, i % 2 ? "x" : "yz");
        growing_add(&g, "ab", 0);
    }
    ck_assert_uint_eq(g.n, 3500);
    char *text = growing_take(&g, &why);
    ck_assert_uint_eq(strlen(text), 3500);
    ck_assert(strncmp(text, "00yz01x02yz", 11) == 0 && strcmp(text + 3493, "98yz99x") == 0);
    ck_assert(!g.text && g.n == 0 && !why.text[0]);
    free(text);
}
END_TEST

START_TEST(nothing_is_an_empty_string)
{
    struct growing g = {0};
    struct why why = {""};
    growing_format(&g, "%s", "");
    char *text = growing_take(&g, &why);
    ck_assert_str_eq(text, "");
    free(text);
}
END_TEST

/* What lacks a part is no text, whatever comes behind. */
START_TEST(what_lacks_a_part_is_no_text)
{
    struct growing g = {0};
    struct why why = {""};
    growing_put(&g, "begun");
    g.lacks = true;
    growing_put(&g, "more");
    ck_assert_uint_eq(g.n, 5);
    ck_assert_ptr_null(growing_take(&g, &why));
    ck_assert_str_eq(why.text, "out of memory");
    ck_assert(!g.text && !g.lacks);
}
END_TEST

SUITE(growing)
{
    TCase *tcase = tcase_create("growing");
    tcase_add_test(tcase, it_grows_piece_by_piece);
    tcase_add_test(tcase, nothing_is_an_empty_string);
    tcase_add_test(tcase, what_lacks_a_part_is_no_text);
    suite_add_tcase(suite, tcase);
}
