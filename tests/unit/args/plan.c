/* Operands -> jobs, in a folder with a few files. Names are made and compared; no picture is read. */
#include "cli/report/reports.h"

#include "command_line.h"
#include "folder.h"

/* ---- the folder ---------------------------------------------------------------------------------------------------- */

/* a.pgm, b.pgm, two.dots.ppm, sub/a.pgm, old/a.pgm ...; link.pgm and hard.pgm are a.pgm, and way is sub. */
static void enter_files(void)
{
    enter_folder();
    ck_assert(mkdir("sub", 0777) == 0 && mkdir("old", 0777) == 0 && mkdir("masks", 0777) == 0);
    const char *const files[] = {"a.pgm", "b.pgm", "two.dots.ppm", "sub/a.pgm", "old/a.pgm", ".pgm", "masks/a.pgm", "cube"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        put_file(files[i], "");
    put_file("list", "a.pgm\n\nsub/a.ppm\n");
    put_file("one", "a.pgm");
    put_bytes("nul", "a.pgm\0two.dots.ppm", 19);
    put_file("pairs", "a.pgm\tx/y.pgm\nb.pgm\t/dev/stdout\n");
    put_file("folders", "sub\na.ppm\n");
    put_file("kept", "a.pgm\tb.pgm");
    put_file("below", "a.pgm\tnew/x.pgm\nb.pgm\tsub/../new/x.pgm/y.pgm\n");
    put_file("above", "a.pgm\tnew/x/y.pgm\nb.pgm\t./new\n");
    ck_assert(mkdir("mixed", 0777) == 0 && mkdir("mixed/c.pgm", 0777) == 0);
    put_file("mixed/c.ppm", "");
    put_file("mixed/c.pgm/x.pgm", "");
    put_file("back", "a.pgm\tsub/../y.pgm\nb.pgm\tnew/../x.pgm\n");
    put_file("slash", "a.pgm\tnew/");
    put_file("empty", "\n\n");
    ck_assert(mkdir("void", 0777) == 0);
    ck_assert(symlink("a.pgm", "link.pgm") == 0 && symlink("sub", "way") == 0 && link("a.pgm", "hard.pgm") == 0);
}

/* ---- what becomes of operands ------------------------------------------------------------------------------------- */

/* The jobs as one line: "in>out in>out", with ! where the output stays. */
static void say(const struct plan *plan, char *to, size_t size)
{
    size_t at = 0;
    to[0] = '\0';
    for (size_t i = 0; i < plan->n; i++) {
        const struct job *job = &plan->job[i];
        ck_assert_uint_eq(job->number, i);
        at += (size_t)snprintf(to + at, size - at, "%s%s>%s%s", i > 0 ? " " : "", job->input,
                               job->output ? job->output : "", job->skip ? "!" : "");
    }
}

static const struct {
    const char *words, *jobs;
} named[] = {
    {"a.pgm out.pgm", "a.pgm>out.pgm"},
    {"a.pgm new/out.pgm", "a.pgm>new/out.pgm"},
    {"a.pgm sub", "a.pgm>sub/a.pgm"},
    {"a.pgm sub/", "a.pgm>sub/a.pgm"},
    {"a.pgm new/", "a.pgm>new/a.pgm"},
    {"a.pgm -", "a.pgm>-"},
    {"- out.pgm", "->out.pgm"},
    {"-o out/ a.pgm b.pgm", "a.pgm>out/a.pgm b.pgm>out/b.pgm"},
    {"-o out a.pgm b.pgm", "a.pgm>out/a.pgm b.pgm>out/b.pgm"},
    {"-o out.pgm a.pgm", "a.pgm>out.pgm"},
    {"-o new -f pnm a.pgm two.dots.ppm", "a.pgm>new/a.pnm two.dots.ppm>new/two.dots.pnm"},
    {"-o new/ --suffix -x sub/a.pgm two.dots.ppm", "sub/a.pgm>new/a-x.pgm two.dots.ppm>new/two.dots-x.ppm"},
    {"--suffix .norm sub/a.pgm b.pgm", "sub/a.pgm>sub/a.norm.pgm b.pgm>b.norm.pgm"},
    {"--suffix _n -f PPM a.pgm", "a.pgm>a_n.PPM"},
    {"--suffix _n .pgm", ".pgm>.pgm_n"},
    {"-o new/ -f ppm noext", "noext>new/noext.ppm"},
    {"-o new/ noext b.pgm", "noext>new/noext b.pgm>new/b.pgm"},
    {"--in-place a.pgm sub/a.pgm", "a.pgm>a.pgm sub/a.pgm>sub/a.pgm"},
    {"--stats a.pgm b.pgm", "a.pgm> b.pgm>"},
    {"--stats a.pgm a.pgm -", "a.pgm> a.pgm> ->"},
    {"-n -o old/ a.pgm b.pgm", "a.pgm>old/a.pgm! b.pgm>old/b.pgm"},
    {"-n a.pgm b.pgm", "a.pgm>b.pgm!"},
    {"-o all.npy a.pgm b.pgm", "a.pgm>all.npy b.pgm>all.npy"},
    {"-o - -f pnm a.pgm b.pgm", "a.pgm>- b.pgm>-"},
    {"-o out/ -f npy a.pgm b.pgm", "a.pgm>out/a.npy b.pgm>out/b.npy"},
    {"-o out --files-from list b.pgm", "b.pgm>out/b.pgm a.pgm>out/a.pgm sub/a.ppm>out/a.ppm"},
    {"-o out --files-from one", "a.pgm>out/a.pgm"},
    {"-o all.npy --files-from one", "a.pgm>all.npy"},
    {"-o out --files-from nul -0", "a.pgm>out/a.pgm two.dots.ppm>out/two.dots.ppm"},
    {"--suffix _n --files-from list", "a.pgm>a_n.pgm sub/a.ppm>sub/a_n.ppm"},
    {"--in-place --files-from one", "a.pgm>a.pgm"},
    {"--stats --files-from list", "a.pgm> sub/a.ppm>"},
    {"-r -o out .", "./a.pgm>out/a.pgm ./b.pgm>out/b.pgm ./hard.pgm>out/hard.pgm ./link.pgm>out/link.pgm "
                    "./masks/a.pgm>out/masks/a.pgm ./mixed/c.pgm/x.pgm>out/mixed/c.pgm/x.pgm "
                    "./mixed/c.ppm>out/mixed/c.ppm ./old/a.pgm>out/old/a.pgm "
                    "./sub/a.pgm>out/sub/a.pgm ./two.dots.ppm>out/two.dots.ppm"},
    {"-r sub out", "sub/a.pgm>out/a.pgm"},
    {"-r --suffix _n sub old/", "sub/a.pgm>sub/a_n.pgm old/a.pgm>old/a_n.pgm"},
    {"-r --in-place sub b.pgm", "sub/a.pgm>sub/a.pgm b.pgm>b.pgm"},
    {"-r --stats way sub", "way/a.pgm>"},
    {"-r -o x.npy sub", "sub/a.pgm>x.npy"},
    {"-r -o out --files-from folders", "sub/a.pgm>out/a.pgm a.ppm>out/a.ppm"},
    {"--stats sub", "sub>"},
    {"--pairs --files-from pairs", "a.pgm>x/y.pgm b.pgm>-"},
    {"--pairs -f pfm --files-from pairs", "a.pgm>x/y.pgm b.pgm>-"},
    {"-n --pairs --files-from kept", "a.pgm>b.pgm!"},
};

START_TEST(outputs_are_named)
{
    struct planned p;
    char jobs[512];
    begin_planned(&p, named[_i].words);
    say(&p.plan, jobs, sizeof jobs);
    ck_assert_str_eq(jobs, named[_i].jobs);
    end_planned(&p);
}
END_TEST

START_TEST(formats_go_by_the_option_then_by_the_name)
{
    static const struct {
        const char *words, *writer; /* NULL: the input's */
    } each[] = {{"a.pgm out.pnm", "pnm"},
                {"a.pgm out.PFM --depth float", "pfm"},
                {"-f npy a.pgm out.pnm", "npy"},
                {"a.pgm out", NULL},
                {"a.pgm -", NULL},
                {"a.pgm /dev/null", NULL},
                {"--in-place two.dots.ppm", NULL}};
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
        struct planned p;
        begin_planned(&p, each[i].words);
        ck_assert_msg(p.plan.job[0].writer == (each[i].writer ? codec_named(each[i].writer) : NULL), "%s", each[i].words);
        end_planned(&p);
    }
}
END_TEST

START_TEST(stacks_and_folders)
{
    static const struct {
        const char *words;
        bool stacked, pooled;
        const char *folder, *file;
    } each[] = {{"a.pgm out.pgm", false, false, NULL, "out.pgm"},
                {"-o out/ a.pgm", false, false, "out/", NULL},
                {"-o all.npy a.pgm b.pgm", true, false, NULL, "all.npy"},
                {"-o all.npy a.pgm", false, false, NULL, "all.npy"},
                {"-o sub -f npy a.pgm b.pgm", false, false, "sub", NULL},
                {"-N batch -o out a.pgm b.pgm", false, true, "out", NULL},
                {"--deflicker 3 -o out/ a.pgm b.pgm", false, true, "out/", NULL},
                {"-N batch --mean 0 --std 1 -b 0.5 -o out/ a.pgm b.pgm", false, false, "out/", NULL},
                {"--in-place a.pgm", false, false, NULL, NULL}};
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
        struct planned p;
        begin_planned(&p, each[i].words);
        ck_assert_msg(p.plan.stacked == each[i].stacked && p.plan.pooled == each[i].pooled, "%s", each[i].words);
        ck_assert_pstr_eq(p.plan.folder, each[i].folder);
        ck_assert_pstr_eq(p.plan.file, each[i].file);
        end_planned(&p);
    }
}
END_TEST

/* What is asked of pictures and files is what the options say. */
START_TEST(the_request_is_that_of_the_options)
{
    struct planned p;
    begin_planned(
        &p, "-S lab -N batch -g 20 -b 50 -e 0.5 --strength 0.25 -c L --depth 16 --rgb --dither --mask all --memory 3M "
            "--max-pixels 9 --auto-orient --strip --force -q 77 -v --fail-on-clip 3 -o out/ a.pgm b.pgm");
    const struct request *r = &p.plan.request;
    ck_assert(r->space == instnorm_space_find("lab") && r->norm == INSTNORM_BATCH && r->eps == 0.5 && r->strength == 0.25);
    ck_assert(r->gamma.n == 1 && r->gamma.item[0].value == 20 && r->beta.item[0].value == 50);
    ck_assert(strcmp(r->channels, "L") == 0 && r->depth == SAMPLE_U16 && r->rgb && r->dither && r->count_clipped);
    ck_assert(r->mask.n == 1 && r->apply_mask.n == 0 && !r->given && !r->style && !r->fit && r->fail_on_clip == 3);
    ck_assert(p.plan.reading.memory == 3145728 && p.plan.reading.max_pixels == 9 && p.plan.reading.auto_orient);
    ck_assert(p.plan.writing.strip && p.plan.writing.force && p.plan.writing.codec.quality == 77);
    ck_assert(!p.plan.writing.in_place && !p.plan.writing.no_clobber && !p.plan.dry_run);
    end_planned(&p);

    begin_planned(&p, "--mean 0.5 --std 0.25 -s b.pgm --style-mask below:0.5 a.pgm out.pgm");
    ck_assert(p.plan.request.given && p.plan.request.style && p.plan.styles.n == 1 && p.plan.styles.mask.n == 1);
    ck_assert(!p.plan.request.count_clipped);
    end_planned(&p);
}
END_TEST

/* ---- what is refused ----------------------------------------------------------------------------------------------- */

static const struct {
    const char *words, *says;
} refused[] = {
    {"a.pgm", "INPUT OUTPUT"},
    {"a.pgm b.pgm c.pgm", "INPUT OUTPUT"},
    {"-o out/", "no input"},
    {"--stats", "no input"},
    {"a.pgm ''", "output"},
    {"-o out/ -", "'-'"},
    {"--suffix x -", "'-'"},
    {"a.pgm out.xyz", "out.xyz"},
    {"-N batch -o out/ - a.pgm", "batch"},
    {"--deflicker 3 -o out/ a.pgm /dev/null", "deflicker"},
    {"--in-place -", "--in-place"},
    {"--in-place /dev/null", "--in-place"},
    {"-r -o old old", "--output"},
    {"--preserve -o x.npy a.pgm b.pgm", "--preserve"},
    {"-r -o out old sub", "both"},
    {"-r -o out void", "no input"},
    {"--files-from list", "--files-from"},
    {"--files-from list b.pgm out.pgm", "--files-from"},
    {"--files-from empty -o out", "no input"},
    {"--files-from missing -o out", "'missing'"},
    {"--files-from nul -o out", "--null"},
    {"--files-from list --pairs", "line 1"},
    {"--files-from list --pairs a.pgm", "--pairs"},
    {"--files-from slash --pairs", "new/"},
    {"--files-from below --pairs", "'new/x.pgm'"},
    {"--files-from above --pairs", "'./new'"},
    {"-r -o out -f pgm mixed", "'out/c.pgm'"},
    {"--lut new.cube a.pgm new.cube/x.pgm", "'new.cube'"},
    {"--files-from back --pairs", "new/../x.pgm"},
    /* two outputs of one name */
    {"-o out/ a.pgm sub/a.pgm", "out/a.pgm"},
    {"-o out/ a.pgm a.pgm", "out/a.pgm"},
    {"-o out/ -f pgm a.pgm a.ppm", "out/a.pgm"},
    {"--in-place a.pgm a.pgm", "a.pgm"},
    {"--in-place a.pgm ./sub/../a.pgm", "a.pgm"},
    {"--suffix _n sub/a.pgm way/a.pgm", "a_n.pgm"},
    {"-o way/ a.pgm old/a.pgm", "way/a.pgm"},
    {"--lut sub/x.cube a.pgm way/x.cube -f ppm", "--lut"},
    {"--lut x.cube a.pgm x.cube -f ppm", "x.cube"},
    /* outputs that are read */
    {"a.pgm a.pgm", "same file"},
    {"a.pgm ./a.pgm", "same file"},
    {"a.pgm link.pgm", "same file"},
    {"a.pgm hard.pgm", "same file"},
    {"link.pgm hard.pgm", "same file"},
    {"sub/a.pgm way/a.pgm", "same file"},
    {"-o out/ --lut way/a.pgm -N batch sub/a.pgm b.pgm", ".cube"},
    {"--lut cube -s cube a.pgm out.pgm", "same file"},
    {"--lut cube --in-place cube", "both"},
    {"-o . a.pgm b.pgm", "same file"},
    {"-s b.pgm a.pgm b.pgm", "same file"},
    {"--fit b.pgm a.pgm b.pgm", "same file"},
    {"--mask b.pgm a.pgm b.pgm", "same file"},
    {"--mask masks -o masks -f pgm a.pgm", "same file"},
    {"--apply-mask b.pgm a.pgm b.pgm", "same file"},
    {"-s x.pgm --style-mask b.pgm a.pgm b.pgm", "same file"},
    {"--in-place --mask a.pgm a.pgm", "same file"},
    {"--in-place --fit a.pgm a.pgm", "same file"},
    {"--apply-mask masks -o masks -f pgm a.pgm b.pgm", "same file"},
    /* standard input and output */
    {"-o out/ -f pgm --mask - - a.pgm", "'-'"},
    {"--mask - - out.pgm", "once"},
    {"--mask - -o out/ a.pgm b.pgm", "once"},
    {"--mask - --apply-mask same a.pgm out.pgm", "once"},
    {"--mask - --apply-mask - a.pgm out.pgm", "once"},
    {"--fit - -o out/ a.pgm b.pgm", "once"},
    {"--fit - - out.pgm", "once"},
    {"-s - -s - a.pgm out.pgm", "once"},
    {"-s x --style-mask - - out.pgm", "once"},
    {"-s x -s y --style-mask - a.pgm out.pgm", "once"},
    {"-s - --fit x - out.pgm", "--fit"},
    {"-s - - out.pgm", "once"},
    {"--lut - a.pgm -", "--lut"},
    {"-o - -f pfm a.pgm b.pgm", "--output"},
    /* reports, and targets of pictures */
    {"--lut x.txt a.pgm out.pgm", "--lut"},
    {"--lut x.cube -o out/ a.pgm b.pgm", "--lut"},
    {"--lut x.cube a.pgm out.npy", "--lut"},
    {"-g -1 a.pgm out.pnm", "--gamma"},
    {"-g 64 a.pgm out.pgm", "--gamma"},
    {"-g 64 --depth 8 a.pgm out.pfm", "--gamma"},
    {"-b 128 -o out/ -f pgm a.pgm", "--beta"},
    {"--mean 1 --std 1 a.pgm out.pgm", "--mean"},
};

START_TEST(what_cannot_be_meant_is_refused)
{
    struct planned p;
    begin_command_line(&p.line, refused[_i].words);
    bool ok = p.line.ok && plan_build(&p.plan, &p.line.options, &p.line.why);
    ck_assert_msg(!ok, "%s", refused[_i].words);
    ck_assert_msg(strstr(p.line.why.text, refused[_i].says) != NULL, "%s: %s", refused[_i].words, p.line.why.text);
    end_command_line(&p.line);
}
END_TEST

/* A build without a library for JSON refuses the options before. */
static const struct {
    const char *words, *says;
} refused_json[] = {
    {"--save-stats a.pgm a.pgm out.ppm", "same file"},
    {"--save-stats hard.pgm --in-place a.pgm", "same file"},
    {"--save-stats ./out.ppm a.pgm out.ppm", "'--save-stats'"},
    {"--save-stats sub/s.cube --lut way/s.cube a.pgm out.ppm", "'--lut'"},
    {"--use-stats cube a.pgm cube -f ppm", "same file"},
    {"--use-stats - - out.ppm", "once"},
    {"--use-stats - -s - a.pgm out.ppm", "once"},
    {"--save-stats - a.pgm -", "--save-stats"},
    {"--json a.pgm -", "--json"},
    {"--fit b.pgm --save-stats s.json -o out/ a.pgm old/a.ppm", "--fit"},
};

START_TEST(what_cannot_be_meant_with_json_is_refused)
{
    struct planned p;
    const char *says = reports_json() ? refused_json[_i].says : "jansson";
    begin_command_line(&p.line, refused_json[_i].words);
    bool ok = p.line.ok && plan_build(&p.plan, &p.line.options, &p.line.why);
    ck_assert_msg(!ok && strstr(p.line.why.text, says), "%s: %s", refused_json[_i].words, p.line.why.text);
    end_command_line(&p.line);
}
END_TEST

/* Near to what is refused, and right. */
static const char *const taken[] = {
    "--mask - a.pgm out.pgm",
    "--apply-mask - a.pgm out.pgm",
    "--fit - a.pgm out.pgm",
    "-s x --style-mask - -o out/ a.pgm b.pgm",
    "--in-place -s link.pgm a.pgm",
    "--in-place a.pgm sub/a.pgm",
    "-o way/ b.pgm",
    "-o /dev/null -f ppm a.pgm b.pgm",
    "-n a.pgm b.pgm",
    "--stats --mask - a.pgm",
    "-s - a.pgm out.pgm",
    "--lut - a.pgm out.pgm",
    "--lut x.cube -N batch -o out/ a.pgm b.pgm",
    "--lut x.CUBE a.pgm out.pgm",
    "--lut /dev/null a.pgm out.pgm",
    "--in-place --mask b.pgm a.pgm",
    "--in-place -s a.pgm a.pgm",
    "--stats --mask a.pgm a.pgm",
    "-o /dev/null a.pgm",
    "-g -1 a.pgm out.npy",
    "-g 64 -b 128 a.pgm out.npy",
    "-g 64 a.pgm out.pfm --depth float",
    "-b 128 -S lab -g 20 a.pgm out.ppm",
    "--mean 1 --std 1 a.pgm out.npy",
    "--mean 1 --std 1 -b 0.5 a.pgm out.pgm",
    "-o old a.pgm",
    "--mask masks -o old -f pgm a.pgm",
};

START_TEST(what_is_near_to_it_is_taken)
{
    struct planned p;
    begin_planned(&p, taken[_i]);
    end_planned(&p);
}
END_TEST

START_TEST(a_dry_run_prints_the_jobs)
{
    struct planned p;
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    begin_planned(&p, "-n -o old/ --dry-run a.pgm b.pgm");
    ck_assert(to);
    plan_print(&p.plan, to);
    ck_assert(fclose(to) == 0);
    ck_assert_str_eq(text, "'a.pgm' keeps 'old/a.pgm'\n'b.pgm' -> 'old/b.pgm'\n");
    free(text);
    end_planned(&p);

    ck_assert((to = open_memstream(&text, &size)) != NULL);
    begin_planned(&p, "--stats --dry-run a.pgm -");
    plan_print(&p.plan, to);
    ck_assert(fclose(to) == 0);
    ck_assert_str_eq(text, "'a.pgm'\n'-'\n");
    free(text);
    end_planned(&p);
}
END_TEST

SUITE(plan)
{
    TCase *jobs = tcase_create("jobs"), *refuse = tcase_create("refused");
    tcase_add_checked_fixture(jobs, enter_files, leave_folder);
    tcase_add_checked_fixture(refuse, enter_files, leave_folder);
    ADD_EACH(jobs, outputs_are_named, named);
    tcase_add_test(jobs, formats_go_by_the_option_then_by_the_name);
    tcase_add_test(jobs, stacks_and_folders);
    tcase_add_test(jobs, the_request_is_that_of_the_options);
    tcase_add_test(jobs, a_dry_run_prints_the_jobs);
    ADD_EACH(refuse, what_cannot_be_meant_is_refused, refused);
    ADD_EACH(refuse, what_cannot_be_meant_with_json_is_refused, refused_json);
    ADD_EACH(refuse, what_is_near_to_it_is_taken, taken);
    suite_add_tcase(suite, jobs);
    suite_add_tcase(suite, refuse);
}
