/* Memory for texts: whole, apart from each other, and where it was. */
#include "base/arena.h"
#include "support.h"

#include <stdio.h>
#include <string.h>

START_TEST(texts_stay_as_they_were)
{
    enum { TEXTS = 20000 };
    static const char *text[TEXTS];
    struct arena arena = {0};
    char want[32];
    for (int i = 0; i < TEXTS; i++) {
        int n = snprintf(want, sizeof want, "text %d and more", i);
        ck_assert((text[i] = arena_copy(&arena, want, (size_t)n)) != NULL);
    }
    for (int i = 0; i < TEXTS; i++) {
        snprintf(want, sizeof want, "text %d and more", i);
        ck_assert_str_eq(text[i], want);
    }
    arena_free(&arena);
}
END_TEST

START_TEST(a_part_of_a_text_is_copied)
{
    struct arena arena = {0};
    ck_assert_str_eq(arena_copy(&arena, "abc", 2), "ab");
    ck_assert_str_eq(arena_copy(&arena, "abc", 0), "");
    arena_free(&arena);
}
END_TEST

/* Texts larger than a block have one of their own. */
START_TEST(large_texts_have_room)
{
    enum { LARGE = 1 << 20 };
    struct arena arena = {0};
    char *small = arena_take(&arena, 1), *large = arena_take(&arena, LARGE), *next = arena_take(&arena, 1);
    ck_assert(small && large && next);
    *small = *next = 'x';
    memset(large, 'y', LARGE);
    ck_assert(*small == 'x' && *next == 'x');
    arena_free(&arena);
    ck_assert(!arena.last && arena.n_free == 0);
    arena_free(&arena);
}
END_TEST

SUITE(arena)
{
    TCase *texts = tcase_create("texts");
    tcase_add_test(texts, texts_stay_as_they_were);
    tcase_add_test(texts, a_part_of_a_text_is_copied);
    tcase_add_test(texts, large_texts_have_room);
    suite_add_tcase(suite, texts);
}
