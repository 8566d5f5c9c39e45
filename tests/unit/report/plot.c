/* Scales, and what is drawn by them, against places that were worked out by hand. */
#include "cli/report/html/plot.h"
#include "support.h"

#include <stdlib.h>

#define ACROSS                                                                                                             \
    {                                                                                                                      \
        0, 4, 10, 50, false                                                                                                \
    }
#define UPWARDS                                                                                                            \
    {                                                                                                                      \
        0, 10, 100, 0, false                                                                                               \
    }
#define DECADES                                                                                                            \
    {                                                                                                                      \
        0.01, 100, 0, 400, true                                                                                            \
    }

static const struct scale across = ACROSS, upwards = UPWARDS, decades = DECADES;
static const struct axes linear = {ACROSS, UPWARDS}, half_logarithmic = {DECADES, UPWARDS};

static void require_path(struct growing *g, const char *want)
{
    struct why why = {""};
    char *text = growing_take(g, &why);
    ck_assert_str_eq(text, want);
    free(text);
}

static struct values values(const double *at, size_t n)
{
    return (struct values){at, n, 1};
}

/* ---- ranges and scales ---------------------------------------------------------------------------------------------- */

START_TEST(ranges_leave_out_what_is_no_number)
{
    const double some[] = {NAN, 3, INFINITY, -2, -INFINITY, 7, NAN};
    struct values all = values(some, 7), every_second = {some + 1, 3, 2};
    struct range range = range_of(&all, 0, 7);
    ck_assert(range.low == -2 && range.high == 7);
    range = range_of(&every_second, 0, 3);
    ck_assert(range.low == -2 && range.high == 7);
    range = range_of(&all, 1, 3);
    ck_assert(range.low == 3 && range.high == 3);
    range = range_of(&all, 4, 5);
    ck_assert(range.low == INFINITY && range.high == -INFINITY);
    range = range_of(&all, 3, 3);
    ck_assert(range.low == INFINITY && range.high == -INFINITY);
}
END_TEST

START_TEST(a_linear_scale)
{
    ck_assert_double_eq(scale_place(&across, 0), 10);
    ck_assert_double_eq(scale_place(&across, 1), 20);
    ck_assert_double_eq(scale_place(&across, 4), 50);
    ck_assert_double_eq(scale_place(&across, -1), 0);
    ck_assert_double_eq(scale_place(&upwards, 0), 100);
    ck_assert_double_eq(scale_place(&upwards, 2.5), 75);
    ck_assert_double_eq(scale_place(&upwards, 11), -10);
}
END_TEST

START_TEST(a_logarithmic_scale)
{
    ck_assert_double_eq_tol(scale_place(&decades, 0.01), 0, 1e-9);
    ck_assert_double_eq_tol(scale_place(&decades, 0.1), 100, 1e-9);
    ck_assert_double_eq_tol(scale_place(&decades, 1), 200, 1e-9);
    ck_assert_double_eq_tol(scale_place(&decades, 2), 230.10299956639812, 1e-9); /* 200 + 100 log10 2 */
    ck_assert_double_eq_tol(scale_place(&decades, 1000), 500, 1e-9);
}
END_TEST

START_TEST(what_has_no_place)
{
    const struct scale point = {3, 3, 10, 50, false}, endless = {-1e308, 1e308, 10, 50, false}, tenth = {1, 1, 0, 8, true};
    ck_assert(isnan(scale_place(&across, NAN)) && isnan(scale_place(&across, INFINITY)));
    ck_assert(isnan(scale_place(&across, -INFINITY)) && isnan(scale_place(&point, NAN)));
    ck_assert(isnan(scale_place(&decades, 0)) && isnan(scale_place(&decades, -1)));
    ck_assert(isnan(scale_place(&decades, NAN)) && isnan(scale_place(&decades, INFINITY)));
    ck_assert_double_eq(scale_place(&point, 3), 30);
    ck_assert_double_eq(scale_place(&point, 4), 30);
    ck_assert_double_eq(scale_place(&endless, 7), 30);
    ck_assert_double_eq(scale_place(&tenth, 5), 4);
}
END_TEST

/* ---- lines ---------------------------------------------------------------------------------------------------------- */

START_TEST(a_line_is_broken_where_there_is_no_number)
{
    const double y[] = {10, 0, NAN, 5, 2.5};
    struct values some = values(y, 5), none = values(y, 0), nan = values(y + 2, 1);
    struct growing g = {0};
    plot_line(&g, "a", &linear, NULL, &some);
    require_path(&g, "<path class=\"a\" d=\"M10.0 0.0L20.0 100.0M40.0 50.0L50.0 75.0\"/>");
    plot_line(&g, "a", &linear, NULL, &none);
    require_path(&g, "<path class=\"a\" d=\"\"/>");
    plot_line(&g, "a", &linear, NULL, &nan);
    require_path(&g, "<path class=\"a\" d=\"\"/>");
}
END_TEST

START_TEST(a_line_through_given_places)
{
    const double x[] = {0.01, 1, 0, 100}, y[] = {0, 1, 2, 3};
    struct values places = values(x, 4);
    struct values third = {(const double[]){0, -1, -1, 1, -1, -1, 2, -1, -1, 10}, 4, 3}, all = values(y, 4);
    struct growing g = {0};
    plot_line(&g, "b", &half_logarithmic, &places, &third);
    require_path(&g, "<path class=\"b\" d=\"M0.0 100.0L200.0 90.0M400.0 0.0\"/>");
    plot_line(&g, "b", &linear, &all, &all);
    require_path(&g, "<path class=\"b\" d=\"M10.0 100.0L20.0 90.0 30.0 80.0 40.0 70.0\"/>");
}
END_TEST

/* Two values to a column: 0 and 0.5, each time. */
START_TEST(many_values_share_a_column)
{
    static double x[2 * PLOT_COLUMNS], y[2 * PLOT_COLUMNS];
    for (size_t i = 0; i < 2 * PLOT_COLUMNS; i++) {
        x[i] = (double)i;
        y[i] = i % 2 ? 0.5 : 0;
    }
    const struct axes columns = {{0, PLOT_COLUMNS, 0, PLOT_COLUMNS, false}, UPWARDS};
    const struct axes steps = {{0, 2 * PLOT_COLUMNS, 0, PLOT_COLUMNS, false}, UPWARDS};
    struct values all = values(y, 2 * PLOT_COLUMNS), places = values(x, 2 * PLOT_COLUMNS);
    struct growing by_number = {0}, by_place = {0}, want = {0};
    growing_put(&want, "<path class=\"c\" d=\"");
    for (int i = 0; i < PLOT_COLUMNS; i++)
        growing_format(&want, "%s%d.0 100.0V95.0L%d.0 95.0", i == 0 ? "M" : i == 1 ? "L" : " ", i, i);
    growing_put(&want, "\"/>");
    ck_assert_uint_eq(plot_columns(all.n), PLOT_COLUMNS);
    ck_assert_uint_eq(plot_columns(PLOT_COLUMNS + 1), PLOT_COLUMNS);
    ck_assert_uint_eq(plot_columns(PLOT_COLUMNS - 1), PLOT_COLUMNS - 1);
    plot_line(&by_number, "c", &columns, NULL, &all);
    plot_line(&by_place, "c", &steps, &places, &all);
    struct why why = {""};
    char *text = growing_take(&want, &why);
    require_path(&by_number, text);
    require_path(&by_place, text);
    free(text);
}
END_TEST

/* ---- dots and bands ------------------------------------------------------------------------------------------------- */

START_TEST(dots_are_points_of_no_length)
{
    const double x[] = {0, 1, 2, NAN, 4}, y[] = {0, 10, NAN, 5, 5};
    struct values all = values(y, 5), none = values(y, 0), places = values(x, 5);
    struct growing g = {0};
    plot_dots(&g, "d", &linear, &places, &all);
    require_path(&g, "<path class=\"d\" d=\"M10.0 100.0h0M20.0 0.0h0M50.0 50.0h0\"/>");
    plot_dots(&g, "d", &linear, &places, &none);
    require_path(&g, "<path class=\"d\" d=\"\"/>");
}
END_TEST

START_TEST(a_band_goes_there_and_back)
{
    const double x[] = {0, 1, 2, 3, 4}, low[] = {0, 1, NAN, 2, 3}, high[] = {10, 9, 8, 7, 6};
    struct values below = values(low, 5), above = values(high, 5), none = values(low, 0), places = values(x, 5);
    struct values one = values(low + 1, 1), other = values(high + 1, 1);
    struct growing g = {0};
    plot_band(&g, "e", &linear, &places, &below, &above);
    require_path(
        &g, "<path class=\"e\" d=\"M10.0 100.0L20.0 90.0 20.0 10.0 10.0 0.0zM40.0 80.0L50.0 70.0 50.0 40.0 40.0 30.0z\"/>");
    plot_band(&g, "e", &linear, &places, &none, &none);
    require_path(&g, "<path class=\"e\" d=\"\"/>");
    plot_band(&g, "e", &linear, &places, &one, &other);
    require_path(&g, "<path class=\"e\" d=\"M10.0 90.0 10.0 10.0z\"/>");
    plot_band(&g, "e", &linear, &places, &above, &below);
    require_path(
        &g, "<path class=\"e\" d=\"M10.0 0.0L20.0 10.0 20.0 90.0 10.0 100.0zM40.0 30.0L50.0 40.0 50.0 70.0 40.0 80.0z\"/>");
}
END_TEST

SUITE(plot)
{
    TCase *tcase = tcase_create("plot");
    tcase_add_test(tcase, ranges_leave_out_what_is_no_number);
    tcase_add_test(tcase, a_linear_scale);
    tcase_add_test(tcase, a_logarithmic_scale);
    tcase_add_test(tcase, what_has_no_place);
    tcase_add_test(tcase, a_line_is_broken_where_there_is_no_number);
    tcase_add_test(tcase, a_line_through_given_places);
    tcase_add_test(tcase, many_values_share_a_column);
    tcase_add_test(tcase, dots_are_points_of_no_length);
    tcase_add_test(tcase, a_band_goes_there_and_back);
    suite_add_tcase(suite, tcase);
}
