/* Text in an array, and its hash. */
#include "base/text.h"
#include "support.h"

START_TEST(what_does_not_fit_is_cut_off)
{
    char text[8] = "ab";
    text_append(text, sizeof text, "%d", 12);
    ck_assert_str_eq(text, "ab12");
    text_append(text, sizeof text, "%s", "cdefgh");
    ck_assert_str_eq(text, "ab12cde");
    text_append(text, sizeof text, "more");
    ck_assert_str_eq(text, "ab12cde");
}
END_TEST

/* Those that its authors publish: http://www.isthe.com/chongo/tech/comp/fnv */
static const struct {
    const char *text;
    size_t n;
    uint64_t hash;
} hashes[] = {
    {"", 0, 0xcbf29ce484222325},
    {"a", 1, 0xaf63dc4c8601ec8c},
    {"foobar", 6, 0x85944171f73967e8},
    {"foobar", 1, 0xaf63db4c8601ead9}, /* f */
};

START_TEST(the_hash_is_the_published_one)
{
    ck_assert_uint_eq(text_hash(hashes[_i].text, hashes[_i].n), hashes[_i].hash);
}
END_TEST

SUITE(text)
{
    TCase *tcase = tcase_create("text");
    tcase_add_test(tcase, what_does_not_fit_is_cut_off);
    ADD_EACH(tcase, the_hash_is_the_published_one, hashes);
    suite_add_tcase(suite, tcase);
}
