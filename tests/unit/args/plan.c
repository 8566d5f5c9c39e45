/* Operands -> jobs, in a folder with a few files. Names are made and compared; no picture is read. */
#include "cli/report/reports.h"

#include "command_line.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the folder ---------------------------------------------------------------------------------------------------- */

static char start[4096], folder[64];

static void touch(const char *path)
{
    FILE *f = fopen(path, "w");
    ck_assert_msg(f != NULL, "%s: %s", path, strerror(errno));
    ck_assert(fclose(f) == 0);
}

/* a.png, b.png, two.dots.ppm, sub/a.png, old/a.png ...; link.png and hard.png are a.png, and way is sub. */
static void enter_folder(void)
{
    snprintf(folder, sizeof folder, "/tmp/plan-XXXXXX");
    ck_assert(getcwd(start, sizeof start) && mkdtemp(folder) && chdir(folder) == 0);
    ck_assert(mkdir("sub", 0777) == 0 && mkdir("old", 0777) == 0 && mkdir("masks", 0777) == 0);
    const char *const files[] = {"a.png", "b.png", "two.dots.ppm", "sub/a.png", "old/a.png", ".png", "masks/a.pgm", "cube"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        touch(files[i]);
    ck_assert(symlink("a.png", "link.png") == 0 && symlink("sub", "way") == 0 && link("a.png", "hard.png") == 0);
}

static void leave_folder(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    ck_assert(chdir(start) == 0 && system(command) == 0);
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
    {"a.png out.png", "a.png>out.png"},
    {"a.png new/out.png", "a.png>new/out.png"},
    {"a.png sub", "a.png>sub/a.png"},
    {"a.png sub/", "a.png>sub/a.png"},
    {"a.png new/", "a.png>new/a.png"},
    {"a.png -", "a.png>-"},
    {"- out.png", "->out.png"},
    {"-o out/ a.png b.png", "a.png>out/a.png b.png>out/b.png"},
    {"-o out a.png b.png", "a.png>out/a.png b.png>out/b.png"},
    {"-o out.png a.png", "a.png>out.png"},
    {"-o new -f pnm a.png two.dots.ppm", "a.png>new/a.pnm two.dots.ppm>new/two.dots.pnm"},
    {"-o new/ --suffix -x sub/a.png two.dots.ppm", "sub/a.png>new/a-x.png two.dots.ppm>new/two.dots-x.ppm"},
    {"--suffix .norm sub/a.png b.png", "sub/a.png>sub/a.norm.png b.png>b.norm.png"},
    {"--suffix _n -f PPM a.png", "a.png>a_n.PPM"},
    {"--suffix _n .png", ".png>.png_n"},
    {"-o new/ -f ppm noext", "noext>new/noext.ppm"},
    {"-o new/ noext b.png", "noext>new/noext b.png>new/b.png"},
    {"--in-place a.png sub/a.png", "a.png>a.png sub/a.png>sub/a.png"},
    {"--stats a.png b.png", "a.png> b.png>"},
    {"--stats a.png a.png -", "a.png> a.png> ->"},
    {"-n -o old/ a.png b.png", "a.png>old/a.png! b.png>old/b.png"},
    {"-n a.png b.png", "a.png>b.png!"},
    {"-o all.npy a.png b.png", "a.png>all.npy b.png>all.npy"},
    {"-o - -f pnm a.png b.png", "a.png>- b.png>-"},
    {"-o out/ -f npy a.png b.png", "a.png>out/a.npy b.png>out/b.npy"},
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
    } each[] = {{"a.png out.pnm", "pnm"},
                {"a.png out.PFM --depth float", "pfm"},
                {"-f npy a.png out.pnm", "npy"},
                {"a.png out", NULL},
                {"a.png -", NULL},
                {"a.png /dev/null", NULL},
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
    } each[] = {{"a.png out.png", false, false, NULL, "out.png"},
                {"-o out/ a.png", false, false, "out/", NULL},
                {"-o all.npy a.png b.png", true, false, NULL, "all.npy"},
                {"-o all.npy a.png", false, false, NULL, "all.npy"},
                {"-o sub -f npy a.png b.png", false, false, "sub", NULL},
                {"-N batch -o out a.png b.png", false, true, "out", NULL},
                {"--deflicker 3 -o out/ a.png b.png", false, true, "out/", NULL},
                {"-N batch --mean 0 --std 1 -b 0.5 -o out/ a.png b.png", false, false, "out/", NULL},
                {"--in-place a.png", false, false, NULL, NULL}};
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
            "--max-pixels 9 --auto-orient --strip --force -q 77 -v --fail-on-clip 3 -o out/ a.png b.png");
    const struct request *r = &p.plan.request;
    ck_assert(r->space == instnorm_space_find("lab") && r->norm == INSTNORM_BATCH && r->eps == 0.5 && r->strength == 0.25);
    ck_assert(r->gamma.n == 1 && r->gamma.item[0].value == 20 && r->beta.item[0].value == 50);
    ck_assert(strcmp(r->channels, "L") == 0 && r->depth == 16 && r->rgb && r->dither && r->count_clipped);
    ck_assert(r->mask.n == 1 && r->apply_mask.n == 0 && !r->given && !r->style && !r->fit && r->fail_on_clip == 3);
    ck_assert(p.plan.reading.memory == 3145728 && p.plan.reading.max_pixels == 9 && p.plan.reading.auto_orient);
    ck_assert(p.plan.writing.strip && p.plan.writing.force && p.plan.writing.codec.quality == 77);
    ck_assert(!p.plan.writing.in_place && !p.plan.writing.no_clobber && !p.plan.dry_run);
    end_planned(&p);

    begin_planned(&p, "--mean 0.5 --std 0.25 -s b.png --style-mask below:0.5 a.png out.png");
    ck_assert(p.plan.request.given && p.plan.request.style && p.plan.styles.n == 1 && p.plan.styles.mask.n == 1);
    ck_assert(!p.plan.request.count_clipped);
    end_planned(&p);
}
END_TEST

/* ---- what is refused ----------------------------------------------------------------------------------------------- */

static const struct {
    const char *words, *says;
} refused[] = {
    {"a.png", "INPUT OUTPUT"},
    {"a.png b.png c.png", "INPUT OUTPUT"},
    {"-o out/", "no input"},
    {"--stats", "no input"},
    {"a.png ''", "output"},
    {"-o out/ -", "'-'"},
    {"--suffix x -", "'-'"},
    {"a.png out.xyz", "out.xyz"},
    {"-N batch -o out/ - a.png", "batch"},
    {"--deflicker 3 -o out/ a.png /dev/null", "deflicker"},
    {"--in-place -", "--in-place"},
    {"--in-place /dev/null", "--in-place"},
    /* two outputs of one name */
    {"-o out/ a.png sub/a.png", "out/a.png"},
    {"-o out/ a.png a.png", "out/a.png"},
    {"-o out/ -f png a.png a.ppm", "out/a.png"},
    {"--in-place a.png a.png", "a.png"},
    {"--in-place a.png ./sub/../a.png", "a.png"},
    {"--suffix _n sub/a.png way/a.png", "a_n.png"},
    {"-o way/ a.png old/a.png", "way/a.png"},
    {"--lut sub/x.cube a.png way/x.cube -f ppm", "--lut"},
    {"--lut x.cube a.png x.cube -f ppm", "x.cube"},
    /* outputs that are read */
    {"a.png a.png", "same file"},
    {"a.png ./a.png", "same file"},
    {"a.png link.png", "same file"},
    {"a.png hard.png", "same file"},
    {"link.png hard.png", "same file"},
    {"sub/a.png way/a.png", "same file"},
    {"-o out/ --lut way/a.png -N batch sub/a.png b.png", ".cube"},
    {"--lut cube -s cube a.png out.png", "same file"},
    {"--lut cube --in-place cube", "both"},
    {"-o . a.png b.png", "same file"},
    {"-s b.png a.png b.png", "same file"},
    {"--fit b.png a.png b.png", "same file"},
    {"--mask b.png a.png b.png", "same file"},
    {"--mask masks -o masks -f pgm a.png", "same file"},
    {"--apply-mask b.png a.png b.png", "same file"},
    {"-s x.png --style-mask b.png a.png b.png", "same file"},
    {"--in-place --mask a.png a.png", "same file"},
    {"--in-place --fit a.png a.png", "same file"},
    {"--apply-mask masks -o masks -f pgm a.png b.png", "same file"},
    /* standard input and output */
    {"-o out/ -f png --mask - - a.png", "'-'"},
    {"--mask - - out.png", "once"},
    {"--mask - -o out/ a.png b.png", "once"},
    {"--mask - --apply-mask same a.png out.png", "once"},
    {"--mask - --apply-mask - a.png out.png", "once"},
    {"--fit - -o out/ a.png b.png", "once"},
    {"--fit - - out.png", "once"},
    {"-s - -s - a.png out.png", "once"},
    {"-s x --style-mask - - out.png", "once"},
    {"-s x -s y --style-mask - a.png out.png", "once"},
    {"-s - --fit x - out.png", "--fit"},
    {"-s - - out.png", "once"},
    {"--lut - a.png -", "--lut"},
    {"-o - -f png a.png b.png", "--output"},
    /* reports, and targets of pictures */
    {"--lut x.txt a.png out.png", "--lut"},
    {"--lut x.cube -o out/ a.png b.png", "--lut"},
    {"--lut x.cube a.png out.npy", "--lut"},
    {"-g -1 a.png out.pnm", "--gamma"},
    {"-g 64 a.png out.pgm", "--gamma"},
    {"-g 64 --depth 8 a.png out.pfm", "--gamma"},
    {"-b 128 -o out/ -f pgm a.png", "--beta"},
    {"--mean 1 --std 1 a.png out.pgm", "--mean"},
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
    {"--save-stats a.png a.png out.ppm", "same file"},
    {"--save-stats hard.png --in-place a.png", "same file"},
    {"--save-stats ./out.ppm a.png out.ppm", "'--save-stats'"},
    {"--save-stats sub/s.cube --lut way/s.cube a.png out.ppm", "'--lut'"},
    {"--use-stats cube a.png cube -f ppm", "same file"},
    {"--use-stats - - out.ppm", "once"},
    {"--use-stats - -s - a.png out.ppm", "once"},
    {"--save-stats - a.png -", "--save-stats"},
    {"--json a.png -", "--json"},
    {"--fit b.png --save-stats s.json -o out/ a.png old/a.ppm", "--fit"},
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
    "--mask - a.png out.png",
    "--apply-mask - a.png out.png",
    "--fit - a.png out.png",
    "-s x --style-mask - -o out/ a.png b.png",
    "--in-place -s link.png a.png",
    "--in-place a.png sub/a.png",
    "-o way/ b.png",
    "-o /dev/null -f ppm a.png b.png",
    "-n a.png b.png",
    "--stats --mask - a.png",
    "-s - a.png out.png",
    "--lut - a.png out.png",
    "--lut x.cube -N batch -o out/ a.png b.png",
    "--lut x.CUBE a.png out.png",
    "--lut /dev/null a.png out.png",
    "--in-place --mask b.png a.png",
    "--in-place -s a.png a.png",
    "--stats --mask a.png a.png",
    "-o /dev/null a.png",
    "-g -1 a.png out.npy",
    "-g 64 -b 128 a.png out.npy",
    "-g 64 a.png out.pfm --depth float",
    "-b 128 -S lab -g 20 a.png out.ppm",
    "--mean 1 --std 1 a.png out.npy",
    "--mean 1 --std 1 -b 0.5 a.png out.pgm",
    "-o old a.png",
    "--mask masks -o old -f pgm a.png",
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
    begin_planned(&p, "-n -o old/ --dry-run a.png b.png");
    ck_assert(to && plan_print(&p.plan, to) && fclose(to) == 0);
    ck_assert_str_eq(text, "'a.png' keeps 'old/a.png'\n'b.png' -> 'old/b.png'\n");
    free(text);
    end_planned(&p);

    ck_assert((to = open_memstream(&text, &size)) != NULL);
    begin_planned(&p, "--stats --dry-run a.png -");
    ck_assert(plan_print(&p.plan, to) && fclose(to) == 0);
    ck_assert_str_eq(text, "'a.png'\n'-'\n");
    free(text);
    end_planned(&p);
}
END_TEST

SUITE(plan)
{
    TCase *jobs = tcase_create("jobs"), *refuse = tcase_create("refused");
    tcase_add_checked_fixture(jobs, enter_folder, leave_folder);
    tcase_add_checked_fixture(refuse, enter_folder, leave_folder);
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
