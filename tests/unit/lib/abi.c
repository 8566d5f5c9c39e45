/*
 * What a program that was built with one version of instnorm.h finds in a later library: the layout of the structs that a
 * caller makes, and the values of constants. A number here is never edited: a test that fails says that programs break.
 */
#include "instnorm.h"
#include "support.h"

#include <string.h>

#define IS(x, type) _Generic((x), type : true, default : false)
#define MEMBER(s, member, type, at)                                                                                        \
    do {                                                                                                                   \
        struct s s_ = {0};                                                                                                 \
        (void)s_;                                                                                                          \
        ck_assert_msg(offsetof(struct s, member) == (at), "struct %s: %s is at %zu", #s, #member,                          \
                      offsetof(struct s, member));                                                                         \
        ck_assert_msg(IS(s_.member, type), "struct %s: %s is no %s", #s, #member, #type);                                  \
    } while (0)

START_TEST(statistics_are_laid_out_for_good)
{
    MEMBER(instnorm_moments, weight, double, 0);
    MEMBER(instnorm_moments, mean, double, 8);
    MEMBER(instnorm_moments, m2, double, 16);
    MEMBER(instnorm_moments, min, double, 24);
    MEMBER(instnorm_moments, max, double, 32);
    MEMBER(instnorm_moments, skipped, uint64_t, 40);
    ck_assert_uint_eq(sizeof(struct instnorm_moments), 48);

    MEMBER(instnorm_comoments, weight, double, 0);
    MEMBER(instnorm_comoments, mean_x, double, 8);
    MEMBER(instnorm_comoments, mean_y, double, 16);
    MEMBER(instnorm_comoments, m2_x, double, 24);
    MEMBER(instnorm_comoments, c_xy, double, 32);
    ck_assert_uint_eq(sizeof(struct instnorm_comoments), 40);

    MEMBER(instnorm_clip, low, uint64_t, 0);
    MEMBER(instnorm_clip, high, uint64_t, 8);
    MEMBER(instnorm_clip, min, double, 16);
    MEMBER(instnorm_clip, max, double, 24);
    ck_assert_uint_eq(sizeof(struct instnorm_clip), 32);
}
END_TEST

START_TEST(maps_and_shapes_are_laid_out_for_good)
{
    enum { S = sizeof(size_t) };
    MEMBER(instnorm_target, gamma, double, 0);
    MEMBER(instnorm_target, beta, double, 8);
    MEMBER(instnorm_target, eps, double, 16);
    MEMBER(instnorm_target, strength, double, 24);
    MEMBER(instnorm_target, unit_in, double, 32);
    MEMBER(instnorm_target, unit_out, double, 40);
    ck_assert_uint_eq(sizeof(struct instnorm_target), 48);

    MEMBER(instnorm_affine, scale, double, 0);
    MEMBER(instnorm_affine, shift, double, 8);
    ck_assert_uint_eq(sizeof(struct instnorm_affine), 16);

    MEMBER(instnorm_shape, n, size_t, 0);
    MEMBER(instnorm_shape, c, size_t, S);
    MEMBER(instnorm_shape, h, size_t, 2 * S);
    MEMBER(instnorm_shape, w, size_t, 3 * S);
    MEMBER(instnorm_shape, stride_n, size_t, 4 * S);
    MEMBER(instnorm_shape, stride_c, size_t, 5 * S);
    MEMBER(instnorm_shape, stride_h, size_t, 6 * S);
    ck_assert_uint_eq(sizeof(struct instnorm_shape), 7 * S);
}
END_TEST

/* Members may follow these, none may come between them. */
START_TEST(a_space_begins_the_same_for_good)
{
    enum { P = sizeof(void *), U = sizeof(unsigned), D = _Alignof(double), AFTER = (5 * P + 2 * U + D - 1) / D * D };
    MEMBER(instnorm_space, name, const char *, 0);
    MEMBER(instnorm_space, convention, const char *, P);
    MEMBER(instnorm_space, planes, unsigned, 2 * P);
    MEMBER(instnorm_space, linear, int, 2 * P + U);
    MEMBER(instnorm_space, channel[0], const char *, 2 * P + 2 * U);
    MEMBER(instnorm_space, channel[2], const char *, 4 * P + 2 * U);
    MEMBER(instnorm_space, gamma[0], double, AFTER);
    MEMBER(instnorm_space, gamma[2], double, AFTER + 16);
    MEMBER(instnorm_space, beta[0], double, AFTER + 24);
    MEMBER(instnorm_space, beta[2], double, AFTER + 40);
    MEMBER(instnorm_space, flat, double, AFTER + 48);
    ck_assert_uint_eq(offsetof(struct instnorm_space, to), AFTER + 56);
    ck_assert_uint_eq(offsetof(struct instnorm_space, from), AFTER + 56 + P);
    ck_assert_uint_eq(offsetof(struct instnorm_space, to_double), AFTER + 56 + 2 * P);
    ck_assert_uint_eq(offsetof(struct instnorm_space, from_double), AFTER + 56 + 3 * P);
}
END_TEST

/* The number, the constant and the text of each. */
static const struct {
    int number;
    enum instnorm_status status;
    const char *text;
} statuses[] = {
    {0, INSTNORM_OK, "success"},
    {1, INSTNORM_ERROR_NULL, "NULL"},
    {2, INSTNORM_ERROR_KIND, "kind"},
    {3, INSTNORM_ERROR_NUMBER, "number"},
    {4, INSTNORM_ERROR_SHAPE, "dimension"},
    {5, INSTNORM_ERROR_SIZE, "too large"},
    {6, INSTNORM_ERROR_OVERLAP, "overlap"},
    {7, INSTNORM_ERROR_GROUPS, "groups do not divide the channels"},
    {8, INSTNORM_ERROR_SINGLE, "one sample"},
    {9, INSTNORM_ERROR_EMPTY, "no finite sample"},
    {10, INSTNORM_ERROR_SINGULAR, "no inverse"},
    {11, INSTNORM_ERROR_OVERFLOW, "too large"},
};
enum { STATUSES = sizeof statuses / sizeof *statuses };

START_TEST(constants_keep_their_values)
{
    ck_assert_int_eq(INSTNORM_INSTANCE, 0);
    ck_assert_int_eq(INSTNORM_LAYER, 1);
    ck_assert_int_eq(INSTNORM_GROUP, 2);
    ck_assert_int_eq(INSTNORM_BATCH, 3);
    ck_assert_int_eq(INSTNORM_BLOCK, 4096);
    for (size_t i = 0; i < STATUSES; i++)
        ck_assert_int_eq(statuses[i].status, statuses[i].number);
}
END_TEST

START_TEST(every_status_says_what_is_wrong)
{
    const char *unknown = instnorm_status_string((enum instnorm_status)STATUSES);
    for (size_t i = 0; i < STATUSES; i++) {
        const char *text = instnorm_status_string(statuses[i].status);
        ck_assert_ptr_nonnull(text);
        REQUIRE(strstr(text, statuses[i].text) && text[strlen(text) - 1] != '.', "status %zu: \"%s\"", i, text);
        REQUIRE(strchr(text, '\n') == NULL, "status %zu has two lines", i);
        ck_assert_str_ne(text, unknown);
        for (size_t k = 0; k < i; k++)
            ck_assert_str_ne(text, instnorm_status_string(statuses[k].status));
    }
    ck_assert_str_eq(unknown, "unknown status");
    ck_assert_str_eq(instnorm_status_string((enum instnorm_status) - 1), unknown);
    ck_assert_str_eq(instnorm_version(), INSTNORM_VERSION);
}
END_TEST

SUITE(abi)
{
    TCase *cases = tcase_create("abi");
    tcase_add_test(cases, statistics_are_laid_out_for_good);
    tcase_add_test(cases, maps_and_shapes_are_laid_out_for_good);
    tcase_add_test(cases, a_space_begins_the_same_for_good);
    tcase_add_test(cases, constants_keep_their_values);
    tcase_add_test(cases, every_status_says_what_is_wrong);
    suite_add_tcase(suite, cases);
}
