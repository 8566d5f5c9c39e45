/* The page of --report, from results that are made by hand, and which pictures it shows. */
#include "cli/report/html/chart.h"
#include "cli/report/html/entry.h"
#include "cli/report/html/page.h"
#include "cli/report/reports.h"
#include "engine/request.h"
#include "folder.h"
#include "views.h"

/* ---- which cards are kept ------------------------------------------------------------------------------------------- */

enum { ENTRIES = 500, KEPT = 40, CARD = 100 };

/* Whether a should be kept rather than b, by the manual. */
static bool ranks_above(const struct entries *e, size_t a, size_t b)
{
    const struct entry *x = &e->item[a], *y = &e->item[b];
    if (x->failed != y->failed)
        return x->failed;
    if (x->clipped != y->clipped)
        return x->clipped > y->clipped;
    return a < b;
}

static size_t rank_of(const struct entries *e, size_t i)
{
    size_t rank = 0;
    for (size_t k = 0; k < e->n; k++)
        rank += k != i && ranks_above(e, k, i);
    return rank;
}

static void add_entry(struct entries *e, struct cards *cards, bool failed, double clipped)
{
    struct why why = {""};
    struct entry *entry = entries_add(e, &why);
    double from = cards_clipped_from(cards, e);
    entry->failed = failed;
    entry->clipped = clipped;
    bool wants = cards_wants(cards, e);
    ck_assert(failed || wants == (clipped >= from));
    if (!wants)
        return;
    entry->card = must_alloc(CARD);
    entry->card_bytes = CARD;
    ck_assert(cards_add(cards, e, &why));
    ck_assert(cards_clipped_from(cards, e) >= from);
}

START_TEST(cards_are_of_failures_then_of_what_clips_most)
{
    struct random random = {(uint64_t)_i};
    struct entries e = {0};
    struct cards cards = {.most = KEPT * CARD + CARD / 2};
    for (size_t i = 0; i < ENTRIES; i++) {
        bool failed = random_below(&random, 50) == 0;
        add_entry(&e, &cards, failed, (double)random_below(&random, 30) / 100);
    }
    for (size_t i = 0; i < ENTRIES; i++)
        REQUIRE(!e.item[i].card == (rank_of(&e, i) >= KEPT), "entry %zu of rank %zu", i, rank_of(&e, i));
    ck_assert_uint_eq(cards.n, KEPT);
    ck_assert_uint_eq(cards.left_out, ENTRIES - KEPT);
    ck_assert_uint_eq(cards.bytes, KEPT * CARD);
    cards_free(&cards);
    entries_free(&e);
}
END_TEST

/* An input whose pictures were mapped before it failed. */
START_TEST(pictures_of_an_input_that_fails_keep_theirs)
{
    static const struct job good = {.input = "d/good"}, bad = {.input = "d/e/bad"};
    struct entries e = {0};
    struct cards cards = {.most = 3 * CARD};
    for (size_t i = 0; i < 6; i++) {
        add_entry(&e, &cards, false, i < 3 ? 0.5 : 0.25);
        e.item[i].job = i == 2 ? &bad : &good;
        if (i == 2 && entries_fail_job(&e, &bad))
            cards_sort(&cards, &e);
    }
    add_entry(&e, &cards, false, 1);
    add_entry(&e, &cards, false, 1);
    e.item[6].job = e.item[7].job = &good;
    for (size_t i = 0; i < 8; i++)
        ck_assert(!e.item[i].card == (i != 2 && i < 6));
    ck_assert_uint_eq(entries_folder(&e), 2);
    ck_assert(!entries_fail_job(&e, &bad));
    cards_free(&cards);
    entries_free(&e);
}
END_TEST

/* ---- a whole page --------------------------------------------------------------------------------------------------- */

static const struct job jobs[] = {{.input = "in/a.png", .output = "out/a.png"}, {.input = "in/<b>\"&'\n.png"}};

/* A grey picture that became twice as bright. */
static struct result grey(void)
{
    struct why why = {""};
    struct result r = {.status = RESULT_MAPPED,
                       .format = "png",
                       .width = 40,
                       .height = 20,
                       .channels = 1,
                       .depth = 8,
                       .integer = true,
                       .most = 255,
                       .pixels = 800,
                       .space = instnorm_space_find("rgb"),
                       .unit = 255,
                       .pictures = 1};
    ck_assert(result_reserve(&r, 1, &why) && map_reserve(&r.map, 1, &why));
    ck_assert(view_reserve(&r.before, 1, &why) && view_reserve(&r.after, 1, &why));
    r.channel[0].moments = (struct instnorm_moments){800, 0.25 * 255, 800 * 0.01 * 255 * 255, 0, 127.5, 0};
    r.channel[0].touched = true;
    r.channel[0].clip = (struct instnorm_clip){0, 20, 0, 300};
    map_set_members(&r.map, 0, (const double[]){2, 0.125});
    r.before.channel[0] = channel_of(0.25, 0.1);
    r.after.channel[0] = channel_of(0.625, 0.2);
    r.after.channel[0].moments.weight = 800;
    r.after.channel[0].moments.m2 = 800 * 0.04;
    r.channel[0].after = r.after.channel[0].moments;
    r.before.preview[VIEW_SMALL] = slope(40, 20);
    r.after.preview[VIEW_SMALL] = slope(40, 20);
    return r;
}

/* The page of two pictures and a failure, to be freed. */
static char *page_of(struct reporting how)
{
    const struct request request = {.space = instnorm_space_find("rgb")};
    struct why why = {""};
    size_t n;
    how.page = "r.html";
    struct reports *reports = reports_begin(&how, &request, &why);
    ck_assert_msg(reports != NULL, "%s", why.text);
    for (int i = 0; i < 2; i++) {
        struct result r = grey(), end = {.status = RESULT_DONE};
        ck_assert(reports_add(reports, &r, &jobs[0]) && reports_add(reports, &end, &jobs[0]));
        result_free(&r);
    }
    ck_assert(reports_add(reports, &(struct result){.status = RESULT_FAILED, .why = {"a <reason>"}}, &jobs[1]));
    bool ok = reports_finish(reports, &(struct report_end){.missing = 1, .broken = true}, &why);
    ck_assert_msg(ok, "%s", why.text);
    reports_free(reports);
    char *text = (char *)load_file("r.html", &n);
    ck_assert_ptr_nonnull(text);
    ck_assert(page_begins((const unsigned char *)text, n < 1024 ? n : 1024));
    text = realloc(text, n + 1);
    text[n] = '\0';
    return text;
}

static void require_in(const char *page, const char *part)
{
    ck_assert_msg(strstr(page, part) != NULL, "%s is missing", part);
}

static size_t count(const char *page, const char *part)
{
    size_t n = 0;
    for (const char *at = page; (at = strstr(at, part)); at++)
        n++;
    return n;
}

START_TEST(a_page_tells_of_pictures_and_failures)
{
    char *page = page_of((struct reporting){.command = "instnorm-cli -s 'a&b'"});
    require_in(page, "<code>instnorm-cli -s &#39;a&amp;b&#39;</code>");
    require_in(page, "<dt>pictures</dt><dd>2</dd>");
    require_in(page, "<dt>inputs failed</dt><dd>1</dd>");
    require_in(page, "<bdi>&lt;b&gt;&quot;&amp;&#39;\\n.png</bdi></th><td>a &lt;reason&gt;</td>");
    require_in(page, "<td>40 × 20</td><td>grey</td><td>0.2500</td><td>0.6250</td><td>0.1000</td><td>0.2000</td>"
                     "<td>0.0000 … 0.5000</td><td>2 x + 0.125</td><td>0</td><td>2.50</td>");
    require_in(page, "<th scope=\"row\">All pictures</th><td>2 pictures</td>");
    ck_assert_uint_eq(count(page, "<article"), 2);
    ck_assert_uint_eq(count(page, "<img "), 4);
    ck_assert_uint_eq(count(page, "<svg "), 2);
    ck_assert_uint_eq(count(page, "<script"), 1);
    ck_assert_ptr_null(strstr(page, "http:"));
    ck_assert_ptr_null(strstr(page, "https:"));
    ck_assert_ptr_null(strstr(page, "id=\"series\""));
    free(page);
}
END_TEST

START_TEST(a_page_of_a_series_has_a_chart)
{
    char *page = page_of((struct reporting){.series = true});
    require_in(page, "Over 2 frames");
    require_in(page, "Mean of grey</figcaption><span>0.6250</span>");
    require_in(page, "<path class=\"was\" d=\"M0.0 118.0L600.0 118.0\"/><path class=\"is\" d=\"M0.0 2.0L600.0 2.0\"/>");
    free(page);
}
END_TEST

START_TEST(a_page_of_statistics_has_no_outputs)
{
    char *page = page_of((struct reporting){.stats = true, .alone = true});
    ck_assert_ptr_null(strstr(page, "Mean after"));
    require_in(page, "<td>40 × 20</td><td>grey</td><td>0.2500</td><td>0.1000</td><td>0.0000 … 0.5000</td></tr>");
    free(page);
}
END_TEST

START_TEST(a_page_is_the_same_each_time)
{
    char *a = page_of((struct reporting){.command = "x"}), *b = page_of((struct reporting){.command = "x"});
    ck_assert_str_eq(a, b);
    free(a);
    free(b);
}
END_TEST

/* Frames that share a column are drawn from the lowest to the highest. */
START_TEST(a_long_chart_keeps_its_flicker)
{
    struct chart chart = {.space = instnorm_space_find("rgb"), .colours = 1};
    struct growing g = {0};
    struct why why = {""};
    chart.n = 120000;
    chart.frame = must_alloc(chart.n * sizeof *chart.frame);
    for (size_t i = 0; i < chart.n; i++)
        for (int k = 0; k < 4; k++)
            chart.frame[i].value[0][k] = k % 2 ? -0.5 : (double)(i % 2);
    chart_put(&g, &chart);
    char *text = growing_take(&g, &why);
    require_in(text, "Over 120000 frames");
    require_in(text, "<path class=\"was\" d=\"M0.0 79.3V2.0L0.0 2.0L0.5 79.3V2.0");
    require_in(text, "<path class=\"is\" d=\"M0.0 118.0L0.5 118.0 1.0 118.0 ");
    ck_assert_uint_lt(strlen(text), 200000);
    free(text);
    chart_free(&chart);
}
END_TEST

START_TEST(other_files_are_no_pages)
{
    const char *other = "<!DOCTYPE html>\n<html lang=\"en\"><meta name=\"generator\" content=\"Hugo\">";
    ck_assert(!page_begins((const unsigned char *)other, strlen(other)));
    ck_assert(!page_begins((const unsigned char *)"<!DOC", 5));
    ck_assert(!page_begins(NULL, 0));
}
END_TEST

SUITE(html)
{
    TCase *parts = tcase_create("parts"), *pages = tcase_create("pages");
    tcase_add_loop_test(parts, cards_are_of_failures_then_of_what_clips_most, 1, 6);
    tcase_add_test(parts, pictures_of_an_input_that_fails_keep_theirs);
    tcase_add_test(parts, a_long_chart_keeps_its_flicker);
    tcase_add_test(parts, other_files_are_no_pages);
    suite_add_tcase(suite, parts);
    tcase_add_checked_fixture(pages, enter_folder, leave_folder);
    tcase_add_test(pages, a_page_tells_of_pictures_and_failures);
    tcase_add_test(pages, a_page_of_a_series_has_a_chart);
    tcase_add_test(pages, a_page_of_statistics_has_no_outputs);
    tcase_add_test(pages, a_page_is_the_same_each_time);
    suite_add_tcase(suite, pages);
}
