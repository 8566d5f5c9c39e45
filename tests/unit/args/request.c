/* Options -> what is asked of pictures and files: each option reaches its own member, and no other. */
#include "cli/report/reports.h"

#include "command_line.h"

/* ---- closeness ----------------------------------------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_list(const struct list *a, const struct list *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++)
        same = a->item[i].keep == b->item[i].keep && a->item[i].value == b->item[i].value;
    return same;
}

static bool same_selectors(const struct selectors *a, const struct selectors *b)
{
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++)
        same = a->item[i].kind == b->item[i].kind && a->item[i].value == b->item[i].value &&
               same_text(a->item[i].text, b->item[i].text);
    return same;
}

#define SAME(member)        ck_assert_msg(got->member == want->member, "%s: %s differs", words, #member)
#define SAME_BY(by, member) ck_assert_msg(by(&got->member, &want->member), "%s: %s differs", words, #member)
#define SAME_TEXT(member)   ck_assert_msg(same_text(got->member, want->member), "%s: %s differs", words, #member)

static void require_same_request(const char *words, const struct request *got, const struct request *want)
{
    SAME(space);
    SAME(norm);
    SAME(groups);
    SAME_BY(same_list, mean);
    SAME_BY(same_list, std);
    SAME(given);
    SAME_BY(same_selectors, mask);
    SAME_BY(same_list, gamma);
    SAME_BY(same_list, beta);
    SAME_TEXT(fit);
    SAME(style);
    SAME(strength);
    SAME(eps);
    SAME_TEXT(channels);
    SAME_BY(same_selectors, apply_mask);
    SAME(depth);
    SAME(channels_last);
    SAME(batched);
    SAME(rgb);
    SAME(dither);
    SAME(count_clipped);
    SAME(fail_on_clip);
}

static void require_same_styles(const char *words, const struct style_files *got, const struct style_files *want)
{
    SAME(n);
    SAME_TEXT(use_stats);
    SAME_BY(same_selectors, mask);
    for (size_t i = 0; i < want->n; i++) {
        SAME_TEXT(style[i].path);
        SAME(style[i].weight);
    }
}

static void require_same_rest(const char *words, const struct plan *got, const struct plan *want)
{
    SAME(deflicker);
    SAME(pooled);
    SAME(reading.memory);
    SAME(reading.max_pixels);
    SAME(reading.auto_orient);
    SAME(reading.alpha_as_data);
    SAME(reading.channel_order);
    SAME(reading.reported);
    SAME(writing.codec.quality);
    SAME(writing.codec.compression);
    SAME(writing.strip);
    SAME(writing.no_clobber);
    SAME(writing.force);
    SAME(writing.in_place);
    SAME(writing.keep_times);
    SAME(writing.make_folders);
    SAME(writing.may_fail);
    SAME(reporting.stats);
    SAME(reporting.total);
    SAME(reporting.alone);
    SAME(reporting.json);
    SAME(reporting.verbose);
    SAME(reporting.force);
    SAME_TEXT(reporting.save_stats);
    SAME(reporting.expect);
    SAME_TEXT(reporting.lut);
    SAME_TEXT(reporting.page);
    SAME(reporting.series);
    SAME(request.view.histograms);
    SAME(request.view.side[VIEW_SMALL]);
    SAME(request.view.side[VIEW_LARGE]);
    SAME(cut.samples);
    SAME(cut.end);
    SAME(sandbox);
    SAME(timeout);
    SAME(dry_run);
}

/* The plan of a command line without options, by the manual. */
static struct plan plain(void)
{
    return (struct plan){.request = {.space = instnorm_space_find("rgb"),
                                     .norm = INSTNORM_INSTANCE,
                                     .groups = 1,
                                     .strength = 1,
                                     .eps = -1,
                                     .fail_on_clip = -1},
                         .reading = {.memory = 1024 * 1024 * 1024, .max_pixels = 256 * 1024 * 1024},
                         .writing = {.codec = {.quality = -1, .compression = -1}},
                         .sandbox = true};
}

/* The words make the plan `want`. */
static void makes(const char *words, const struct plan *want)
{
    struct planned p;
    begin_planned(&p, words);
    require_same_request(words, &p.plan.request, &want->request);
    require_same_styles(words, &p.plan.styles, &want->styles);
    require_same_rest(words, &p.plan, want);
    end_planned(&p);
}

/* The words make the plan of none, but for what the statement says. */
#define MAKES(words, ...)                                                                                                  \
    do {                                                                                                                   \
        struct plan want = plain();                                                                                        \
        __VA_ARGS__;                                                                                                       \
        makes(words, &want);                                                                                               \
    } while (0)

/* ---- options alone ------------------------------------------------------------------------------------------------- */

START_TEST(no_option_asks_for_the_default)
{
    const struct request request = request_default();
    const struct plan want = plain();
    require_same_request("request_default", &request, &want.request);
    makes("in.ppm out.ppm", &want);
}
END_TEST

START_TEST(what_is_measured)
{
    struct item half = {false, 0.5}, two[] = {{false, 0.25}, {false, 3}};
    struct selector dark = {SELECTOR_BELOW, "below:0.5", 0.5},
                    all[] = {{SELECTOR_PICTURE, "m.png", 0}, {SELECTOR_ALL, "all", 0}};
    MAKES("-S oklab in out", want.request.space = instnorm_space_find("oklab"));
    MAKES("-N layer in out", want.request.norm = INSTNORM_LAYER);
    MAKES("-N group:4 in out", want.request.norm = INSTNORM_GROUP; want.request.groups = 4);
    MAKES("-N batch in out", want.request.norm = INSTNORM_BATCH; want.pooled = true);
    MAKES("--deflicker 5 in out", want.deflicker = 5; want.pooled = want.reporting.series = true);
    MAKES("--mean 0.5 --std 1/4,3 -b 0.5 in out", want.request.mean = (struct list){1, &half};
          want.request.std = (struct list){2, two}; want.request.beta = want.request.mean; want.request.given = true);
    MAKES("--mask below:0.5 in out", want.request.mask = (struct selectors){1, &dark});
    MAKES("--mask m.png --mask all in out", want.request.mask = (struct selectors){2, all});
    MAKES("--alpha-as-data in out", want.reading.alpha_as_data = true);
}
END_TEST

START_TEST(what_is_to_give)
{
    struct item quarter = {false, 0.25}, three[] = {{false, 0.5}, {true, 0}, {false, 1}};
    struct selector bright = {SELECTOR_ABOVE, "above:1/4", 0.25};
    struct style styles[] = {{"a.png", 1}, {"b.png", 2}};
    MAKES("-g 0.25 in out", want.request.gamma = (struct list){1, &quarter});
    MAKES("-b 0.5,keep,1 in out", want.request.beta = (struct list){3, three});
    MAKES("--fit f.png in out", want.request.fit = "f.png");
    MAKES("-s a.png -s b.png@2 in out", want.request.style = true; want.styles.n = 2; want.styles.style = styles);
    MAKES("-s a.png --style-mask above:1/4 in out", want.request.style = true; want.styles.n = 1;
          want.styles.style = styles; want.styles.mask = (struct selectors){1, &bright});
    MAKES("--strength 0.25 in out", want.request.strength = 0.25);
    MAKES("-e 0 in out", want.request.eps = 0);
    MAKES("-c R,2 -c none in out", want.request.channels = "R,2,none");
    MAKES("--apply-mask above:1/4 in out", want.request.apply_mask = (struct selectors){1, &bright});
}
END_TEST

START_TEST(what_is_written)
{
    MAKES("--depth float in out", want.request.depth = SAMPLE_F32);
    MAKES("--layout hwc in out", (want.request.channels_last = true, want.reading.channel_order = ORDER_HWC));
    MAKES("--layout nhwc in out",
          (want.request.channels_last = want.request.batched = true, want.reading.channel_order = ORDER_NHWC));
    MAKES("--per-file 3 -o out.npy in", want.cut.samples = 3);
    MAKES("--per-file 3K -0 -o out.npy in", want.cut.samples = 3072; want.cut.end = NAME_END_NUL);
    MAKES("--rgb in out", want.request.rgb = true);
    MAKES("--dither in out", want.request.dither = true);
    MAKES("--auto-orient in out", want.reading.auto_orient = true);
    MAKES("--strip in out", want.writing.strip = true);
    MAKES("-q 31 in out", want.writing.codec.quality = 31);
    MAKES("-z 0 in out", want.writing.codec.compression = 0);
    MAKES("-n in out", want.writing.no_clobber = true);
    MAKES("--force in out", want.writing.force = true; want.reporting.force = true);
    MAKES("--in-place in", want.writing.in_place = true);
    MAKES("--preserve in out", want.writing.keep_times = true);
    MAKES("-r in out", want.writing.make_folders = true);
}
END_TEST

/* What a report needs is asked of the engine and the reader, too. */
START_TEST(what_is_reported)
{
    MAKES("--stats in", want.reporting.stats = true);
    MAKES("--stats in in", want.reporting.stats = want.reporting.total = true);
    MAKES("--total in", want.reporting.stats = want.reporting.total = want.reporting.alone = true);
    MAKES("--total --expect 31 in",
          (want.reporting.stats = want.reporting.total = want.reporting.alone = true, want.reporting.expect = 31));
    MAKES("-v in out", want.reporting.verbose = true; want.request.count_clipped = true);
    MAKES("--lut o.cube in out", want.reporting.lut = "o.cube");
    MAKES("--report r.html in out", want.reporting.page = "r.html"; want.request.count_clipped = true;
          want.reading.reported = want.request.view.histograms = true; want.request.view.side[VIEW_SMALL] = 256);
    if (reports_has("--compare"))
        MAKES("--compare c.png in out", want.reporting.compare = "c.png"; want.request.view.histograms = true;
              want.request.view.side[VIEW_LARGE] = 1280);
    MAKES("--fail-on-clip 0 in out", want.request.fail_on_clip = 0; want.request.count_clipped = true;
          want.writing.may_fail = true);
    MAKES("-Q in out", (void)0); /* the messages are main's */
    if (reports_json()) {
        MAKES("--json in out", want.reporting.json = true; want.request.count_clipped = true; want.reading.reported = true);
        MAKES("--save-stats s.json in out", want.reporting.save_stats = "s.json"; want.reading.reported = true);
        MAKES("--use-stats s.json in out", want.styles.use_stats = "s.json"; want.request.given = true);
    }
}
END_TEST

START_TEST(how_it_is_run)
{
    MAKES("--memory 3K in out", want.reading.memory = 3072);
    MAKES("--max-pixels 2M in out", want.reading.max_pixels = 2097152);
    MAKES("--timeout 7 in out", want.timeout = 7);
    MAKES("--no-sandbox in out", want.sandbox = false);
    MAKES("--dry-run in out", want.dry_run = true);
}
END_TEST

/* ---- options together ---------------------------------------------------------------------------------------------- */

/* Where statistics are given, or nothing is mapped, no input is measured before the first is mapped. */
START_TEST(pooled_inputs_are_those_that_are_measured)
{
    struct item half = {false, 0.5};
    MAKES("-N batch --mean 0.5 --std 0.5 -b 0.5 in out", want.request.norm = INSTNORM_BATCH; want.request.given = true;
          want.request.mean = want.request.std = want.request.beta = (struct list){1, &half});
    if (reports_json())
        MAKES("-N batch --use-stats s.json in out", want.request.norm = INSTNORM_BATCH; want.request.given = true;
              want.styles.use_stats = "s.json");
}
END_TEST

SUITE(request)
{
    TCase *alone = tcase_create("alone"), *together = tcase_create("together");
    tcase_add_test(alone, no_option_asks_for_the_default);
    tcase_add_test(alone, what_is_measured);
    tcase_add_test(alone, what_is_to_give);
    tcase_add_test(alone, what_is_written);
    tcase_add_test(alone, what_is_reported);
    tcase_add_test(alone, how_it_is_run);
    tcase_add_test(together, pooled_inputs_are_those_that_are_measured);
    suite_add_tcase(suite, alone);
    suite_add_tcase(suite, together);
}
