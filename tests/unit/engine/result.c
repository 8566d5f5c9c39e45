/* Results: what is told of them, and how their statistics go together. */
#include "engine/result.h"
#include "support.h"

#include <string.h>

START_TEST(layouts_have_names)
{
    static const struct {
        unsigned channels;
        enum alpha alpha;
        const char *name;
    } row[] = {{1, ALPHA_NONE, "grey"},
               {2, ALPHA_STRAIGHT, "grey+alpha"},
               {3, ALPHA_NONE, "RGB"},
               {4, ALPHA_STRAIGHT, "RGBA"},
               {4, ALPHA_NONE, "4 channels"},
               {3, ALPHA_STRAIGHT, "2 channels+alpha"},
               {65535, ALPHA_NONE, "65535 channels"}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct result result = {.channels = row[i].channels, .alpha = row[i].alpha};
        char name[CHANNEL_NAME_BYTES];
        ck_assert_str_eq(result_layout(&result, name), row[i].name);
    }
}
END_TEST

/* Two pictures in steps of 1 / 255 and of 1 / 65535, and what adds nothing. */
START_TEST(results_merge_in_units)
{
    static const double unit[] = {255, 65535};
    struct statistics all = {0};
    struct why why = {""};
    for (int i = 0; i < 4; i++) {
        struct result r = {.unit = unit[i % 2], .pictures = 1, .missing = 3, .role = i == 2 ? PAGE_REDUCED : PAGE_FULL};
        if (i == 3)
            why_set(&r.nothing, "wholly transparent");
        ck_assert(result_reserve(&r, 1, &why));
        r.channel[0].moments =
            (struct instnorm_moments){4, unit[i % 2] * (0.25 + i % 2 * 0.5), 0, unit[i % 2] * 0.25, unit[i % 2] * 0.75, 0};
        ck_assert(result_counts(&r) == (i < 2));
        ck_assert_msg(result_merge(&r, &all, &why), "%s", why.text);
        result_free(&r);
    }
    ck_assert_uint_eq(all.pictures, 2);
    ck_assert_uint_eq(all.missing, 6);
    REQUIRE_CLOSE(all.channel[0].weight, 8, 0);
    REQUIRE_CLOSE(all.channel[0].mean, 0.5, 1e-15);
    REQUIRE_CLOSE(instnorm_variance(&all.channel[0]), 0.0625, 1e-15);
    struct result wide = {.unit = 1, .pictures = 1};
    ck_assert(result_reserve(&wide, 2, &why));
    ck_assert(!result_merge(&wide, &all, &why));
    ck_assert_str_eq(why.text, "expected 1 colour channel, as in the inputs before, not 2");
    result_free(&wide);
    ck_assert_uint_eq(all.missing, 6);
    statistics_free(&all);
}
END_TEST

START_TEST(statistics_become_a_result_and_back)
{
    struct statistics all = {0}, again = {0};
    struct why why = {""};
    struct instnorm_moments m[] = {{4, 0.5, 1, 0, 1, 0}, {2, -7, 3, -8, -6, 5}};
    ck_assert(statistics_merge(&all, m, 2, 9, &why));
    all.missing = 4;
    struct result r;
    ck_assert(result_of_statistics(&all, instnorm_space_find("lab"), &r, &why));
    ck_assert(r.status == RESULT_STATISTICS && r.space == instnorm_space_find("lab") && r.unit == 1);
    ck_assert(result_counts(&r) && result_merge(&r, &again, &why));
    ck_assert(again.pictures == 9 && again.missing == 4 && again.colours == 2);
    ck_assert_mem_eq(again.channel, all.channel, 2 * sizeof *all.channel);
    result_free(&r);
    statistics_free(&all);
    statistics_free(&again);
}
END_TEST

/* The target of a fit stands for what was measured, at the same weight; a channel that keeps its values keeps them. */
START_TEST(a_target_takes_the_place_of_what_was_measured)
{
    struct statistics all = {0};
    struct why why = {""};
    struct result r = {.status = RESULT_MAPPED, .unit = 1, .pictures = 1};
    ck_assert(result_reserve(&r, 2, &why));
    for (unsigned c = 0; c < 2; c++)
        r.channel[c].moments = (struct instnorm_moments){6, 0.25, 6 * 0.01, 0, 1, 0};
    r.channel[0].touched = true;
    r.channel[0].target = (struct instnorm_target){.gamma = 0.5, .beta = 0.75};
    ck_assert(result_merge(&r, &all, &why));
    for (int i = 0; i < 2; i++) {
        r.status = i == 0 ? RESULT_MEASURED : RESULT_MAPPED;
        result_put_target(&r, &all);
        REQUIRE_CLOSE(all.channel[0].mean, i == 0 ? 0.25 : 0.75, 0);
        REQUIRE_CLOSE(instnorm_variance(&all.channel[0]), i == 0 ? 0.01 : 0.25, 1e-15);
        REQUIRE_CLOSE(all.channel[0].weight, 6, 0);
        REQUIRE_CLOSE(all.channel[1].mean, 0.25, 0);
        REQUIRE_CLOSE(instnorm_variance(&all.channel[1]), 0.01, 1e-15);
    }
    result_free(&r);
    statistics_free(&all);
}
END_TEST

SUITE(result)
{
    TCase *cases = tcase_create("result");
    tcase_add_test(cases, layouts_have_names);
    tcase_add_test(cases, results_merge_in_units);
    tcase_add_test(cases, statistics_become_a_result_and_back);
    tcase_add_test(cases, a_target_takes_the_place_of_what_was_measured);
    suite_add_tcase(suite, cases);
}
