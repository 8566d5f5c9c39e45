/* The line of progress: what it says in so many columns. */
#include "cli/progress.h"
#include "support.h"

static const struct progress none = {0}, nothing = {100000, 0, 0, 0}, some = {100000, 34567, 0, 1234567890123},
                             failing = {100000, 34567, 12, 1234567890123}, few = {104, 34, 3, 300000000},
                             all = {104, 104, 3, 900000000}, huge = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 1, UINT64_MAX};

START_TEST(a_line_says_what_fits)
{
    static const struct {
        const struct progress *of;
        double seconds;
        unsigned columns;
        const char *line;
    } row[] = {
        {&nothing, 0, 80, "[>               ]       0/100000  0 failed     - files/s     - MP/s  -:-- left"},
        {&some, 563, 80, "[=====>         ]   34567/100000  0 failed  61.4 files/s  2193 MP/s  17:46 left"},
        {&failing, 563, 80, "[====>         ]   34567/100000  12 failed  61.4 files/s  2193 MP/s  17:46 left"},
        {&few, 2, 80, "[=======>              ]   34/104  3 failed  17.0 files/s   150 MP/s  0:04 left"},
        {&all, 6, 80, "[======================]  104/104  3 failed  17.3 files/s   150 MP/s  0:00 left"},
        {&nothing, 0, 40, "[>          ]       0/100000  -:-- left"},
        {&some, 563, 40, "[===>      ]   34567/100000  17:46 left"},
        {&failing, 563, 40, " 34567/100000  12 failed  17:46 left"},
        {&few, 2, 40, "[==>    ]   34/104  3 failed  0:04 left"},
        {&all, 6, 40, "[=======]  104/104  3 failed  0:00 left"},
        {&few, 2, 30, " 34/104  3 failed  0:04 left"},
        {&few, 2, 20, " 34/104  0:04 left"},
        {&few, 2, 10, " 34/104"},
        {&few, 2, 7, "32 %"},
        {&all, 2, 7, "100 %"},
        {&few, 2, 4, ""},
        {&few, 2, 0, ""},
        {&few, 2, 1000,
         "[=============>                          ]   34/104  3 failed  17.0 files/s   150 MP/s  0:04 left"},
        {&huge, 0.001, 40, "99 %"},
        {&huge, 0.001, 80, "18446744073709551614/18446744073709551615  0:00 left"},
        {&none, 5, 80, ""},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char line[PROGRESS_BYTES];
        progress_line(row[i].of, row[i].seconds, row[i].columns, line);
        REQUIRE(strcmp(line, row[i].line) == 0, "row %zu: '%s' is not '%s'", i, line, row[i].line);
    }
}
END_TEST

/* Of two files one is done. */
START_TEST(numbers_of_every_size_are_readable)
{
    static const struct {
        double seconds;
        const char *rate, *left;
    } row[] = {{1e-9, "1.0e+09 files/s", "0:00 left"},
               {1e-5, "1.0e+05 files/s", "0:00 left"},
               {1e-4, "10000 files/s", "0:00 left"},
               {1 / 99.96, " 100 files/s", "0:00 left"},
               {0.1, "10.0 files/s", "0:00 left"},
               {0.5, "2.00 files/s", "0:01 left"},
               {1 / 9.996, "10.0 files/s", ""},
               {59.6, "0.02 files/s", "1:00 left"},
               {3599, "0.00 files/s", "59:59 left"},
               {3600, "0.00 files/s", "1:00:00 left"},
               {86400, "", "24:00:00 left"},
               {4 * 86400, "", "4 days left"},
               {999.9 * 86400, "", "999 days left"},
               {1e9, "", "years left"},
               {1e300, "", "years left"}};
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char line[PROGRESS_BYTES];
        progress_line(&(const struct progress){2, 1, 0, 0}, row[i].seconds, 200, line);
        REQUIRE(strstr(line, row[i].rate) && strstr(line, row[i].left), "row %zu: '%s'", i, line);
    }
}
END_TEST

/* Whatever the numbers, the last column of the terminal stays empty, and the text is printable ASCII. */
START_TEST(a_line_is_never_too_wide)
{
    static const double seconds[] = {0, 1e-300, 1e-3, 1, 1e5, 1e9, 1e300};
    static const size_t count[] = {0, 1, 9, 1234, 99999999, SIZE_MAX};
    struct random random = {3};
    for (int i = 0; i < 20000; i++) {
        const struct progress p = {count[random_below(&random, 6)], count[random_below(&random, 6)],
                                   count[random_below(&random, 6)], random_bits(&random)};
        unsigned columns = (unsigned)random_below(&random, 200);
        char line[PROGRESS_BYTES];
        progress_line(&p, seconds[random_below(&random, 7)], columns, line);
        size_t n = strlen(line);
        REQUIRE(n == 0 || n < columns, "%zu of %u: '%s'", n, columns, line);
        REQUIRE(n == strspn(line, "0123456789 []=>/%.:+-abcdefghijklmnopqrstuvwxyzMP"), "'%s'", line);
    }
}
END_TEST

/* The bar grows with the work, and is full when all is done and not before. */
START_TEST(the_bar_is_the_share_that_is_done)
{
    size_t before = 0;
    for (size_t done = 0; done <= 1000; done++) {
        char line[PROGRESS_BYTES];
        progress_line(&(const struct progress){1000, done, 0, 0}, 10, 60, line);
        size_t cells = strcspn(line, "]") - 1, full = strspn(line + 1, "=");
        REQUIRE(line[0] == '[' && full == cells * done / 1000, "%zu of 1000: '%s'", done, line);
        REQUIRE(full >= before && (full == cells) == (done == 1000), "%zu of 1000: '%s'", done, line);
        before = full;
    }
}
END_TEST

SUITE(progress)
{
    TCase *cases = tcase_create("progress");
    tcase_add_test(cases, a_line_says_what_fits);
    tcase_add_test(cases, numbers_of_every_size_are_readable);
    tcase_add_test(cases, a_line_is_never_too_wide);
    tcase_add_test(cases, the_bar_is_the_share_that_is_done);
    suite_add_tcase(suite, cases);
}
