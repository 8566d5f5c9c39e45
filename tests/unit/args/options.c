/* The command line: what each option sets, and which values are refused. */
#include "command_line.h"

#include <stdio.h>
#include <unistd.h>

/* Parses what must be right. */
static const struct options *parse(struct command_line *line, const char *words)
{
    begin_command_line(line, words);
    ck_assert_msg(line->ok, "%s: %s", words, line->why.text);
    return &line->options;
}

static bool has_json(void)
{
    struct command_line line;
    begin_command_line(&line, "--json in out");
    bool has = line.ok;
    end_command_line(&line);
    return has;
}

/* ---- what is set --------------------------------------------------------------------------------------------------- */

START_TEST(nothing_asked_is_the_default)
{
    struct command_line line;
    const struct options *o = parse(&line, "in.png out.png");
    ck_assert(o->action == ACTION_RUN && o->space == instnorm_space_find("rgb") && o->norm == INSTNORM_INSTANCE);
    ck_assert(o->strength == 1 && o->eps < 0 && o->fail_on_clip < 0 && o->depth == SAMPLE_NONE);
    ck_assert(o->gamma.n == 0 && o->beta.n == 0 && o->mean.n == 0 && o->std.n == 0 && o->n_styles == 0);
    ck_assert(o->write.quality == -1 && o->write.compression == -1);
    ck_assert_uint_eq(o->memory, 1073741824);
    ck_assert_uint_eq(o->max_pixels, 268435456);
    ck_assert(!o->rgb && !o->strip && !o->dither && !o->auto_orient && !o->no_clobber && !o->force && !o->in_place &&
              !o->preserve);
    ck_assert(!o->stats && !o->total && !o->json && !o->dry_run && !o->verbose && !o->quiet && !o->alpha_as_data);
    ck_assert(!o->no_sandbox && o->timeout == 0);
    ck_assert(!o->files_from && !o->null && !o->pairs && !o->recursive);
    ck_assert(!o->output && !o->suffix && !o->format && !o->writer && !o->channels && !o->fit && !o->use_stats);
    ck_assert_uint_eq(o->n_operands, 2);
    ck_assert_str_eq(o->operands[0], "in.png");
    ck_assert_str_eq(o->operands[1], "out.png");
    end_command_line(&line);
}
END_TEST

START_TEST(the_target)
{
    struct command_line line;
    const struct options *o = parse(&line, "-g 0.3,keep --beta=1/2 --strength 0.75 -c R --channels=0,none -e 1e-3 a b");
    ck_assert(o->gamma.n == 2 && o->gamma.item[0].value == 0.3 && o->gamma.item[1].keep);
    ck_assert(o->beta.n == 1 && o->beta.item[0].value == 0.5);
    ck_assert(o->strength == 0.75 && o->eps == 1e-3);
    ck_assert_str_eq(o->channels, "R,0,none");
    end_command_line(&line);

    o = parse(&line, "-s a.png --style=b@c.png@2.5 -s d@x -s e@1/4 a b");
    ck_assert_uint_eq(o->n_styles, 4);
    ck_assert_str_eq(o->style[0].path, "a.png");
    ck_assert_str_eq(o->style[1].path, "b@c.png");
    ck_assert_str_eq(o->style[2].path, "d@x");
    ck_assert_str_eq(o->style[3].path, "e");
    ck_assert(o->style[0].weight == 1 && o->style[1].weight == 2.5 && o->style[2].weight == 1 &&
              o->style[3].weight == 0.25);
    end_command_line(&line);

    o = parse(&line, "--fit f.png a b");
    ck_assert_str_eq(o->fit, "f.png");
    end_command_line(&line);
    o = parse(&line, "--deflicker 31 -o out/ a b c");
    ck_assert(o->deflicker == 31 && o->n_operands == 3);
    ck_assert_str_eq(o->output, "out/");
    end_command_line(&line);
}
END_TEST

START_TEST(measuring)
{
    static const struct {
        const char *words;
        enum instnorm_kind norm;
        unsigned groups;
    } kinds[] = {{"-N instance a b", INSTNORM_INSTANCE, 1},
                 {"-Nlayer a b", INSTNORM_LAYER, 1},
                 {"--norm group:3 a b", INSTNORM_GROUP, 3},
                 {"--norm=batch -o out/ a b", INSTNORM_BATCH, 1}};
    static const char *const spaces[] = {"rgb", "linear", "lab", "oklab"};
    struct command_line line;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const struct options *o = parse(&line, kinds[i].words);
        ck_assert(o->norm == kinds[i].norm && o->groups == kinds[i].groups);
        end_command_line(&line);
    }
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++) {
        char words[80];
        snprintf(words, sizeof words, "-S %s a b", spaces[i]);
        ck_assert_str_eq(parse(&line, words)->space->name, spaces[i]);
        end_command_line(&line);
    }
    const struct options *o = parse(&line, "--mask m.png --mask below:0.9 --apply-mask same --style-mask all -s s.png a b");
    ck_assert(o->mask.n == 2 && o->mask.item[0].kind == SELECTOR_PICTURE && o->mask.item[1].kind == SELECTOR_BELOW);
    ck_assert(o->apply_mask.n == 1 && o->apply_mask.item[0].kind == SELECTOR_SAME);
    ck_assert(o->style_mask.n == 1 && o->style_mask.item[0].kind == SELECTOR_ALL);
    end_command_line(&line);
    o = parse(&line, "--mean 1,2,3 --std 0.5 --alpha-as-data a b");
    ck_assert(o->mean.n == 3 && o->mean.item[2].value == 3 && o->std.n == 1 && o->alpha_as_data);
    end_command_line(&line);
}
END_TEST

START_TEST(outputs)
{
    struct command_line line;
    const struct options *o = parse(&line, "--suffix -x -f pnm --depth 16 --rgb --dither --auto-orient --strip -n a b");
    ck_assert_str_eq(o->suffix, "-x");
    ck_assert_str_eq(o->format, "pnm");
    ck_assert(o->writer == codec_named("pnm") && o->depth == SAMPLE_U16);
    ck_assert(o->rgb && o->dither && o->auto_orient && o->strip && o->no_clobber);
    end_command_line(&line);
    o = parse(&line, "--depth float -q 95 -z0 --force a b");
    ck_assert(o->depth == SAMPLE_F32 && o->write.quality == 95 && o->write.compression == 0 && o->force);
    end_command_line(&line);
    o = parse(&line, "--depth=8 -q keep --compression=9 --in-place --preserve a");
    ck_assert(o->depth == SAMPLE_U8 && o->write.quality == QUALITY_KEEP && o->write.compression == 9 && o->in_place &&
              o->preserve);
    end_command_line(&line);
}
END_TEST

START_TEST(reports_and_running)
{
    struct command_line line;
    const struct options *o =
        parse(&line, "--lut x.cube --report r.html --fail-on-clip 2.5 -v --memory 64M --max-pixels 1k --dry-run a b");
    ck_assert_str_eq(o->lut, "x.cube");
    ck_assert_str_eq(o->report, "r.html");
    ck_assert(o->fail_on_clip == 2.5 && o->verbose && o->dry_run);
    ck_assert_uint_eq(o->memory, 67108864);
    ck_assert_uint_eq(o->max_pixels, 1024);
    end_command_line(&line);
    o = parse(&line, "-o out --files-from list -0 -r");
    ck_assert(strcmp(o->files_from, "list") == 0 && o->null && o->recursive && o->n_operands == 0);
    end_command_line(&line);
    ck_assert(parse(&line, "--files-from list --pairs")->pairs);
    end_command_line(&line);
    ck_assert(parse(&line, "--stats -Q a b c")->quiet && line.options.stats && line.options.n_operands == 3);
    end_command_line(&line);
    ck_assert(parse(&line, "--help")->action == ACTION_HELP);
    end_command_line(&line);
    ck_assert(parse(&line, "-h")->action == ACTION_HELP);
    end_command_line(&line);
    ck_assert(parse(&line, "--help=all")->action == ACTION_HELP_ALL);
    end_command_line(&line);
    ck_assert(parse(&line, "-V")->action == ACTION_VERSION);
    end_command_line(&line);
}
END_TEST

START_TEST(json_needs_its_library)
{
    struct command_line line;
    begin_command_line(&line, "--json --save-stats s.json a b");
    if (has_json())
        ck_assert(line.ok && line.options.json && strcmp(line.options.save_stats, "s.json") == 0);
    else
        ck_assert_msg(strstr(line.why.text, "jansson") != NULL, "%s", line.why.text);
    end_command_line(&line);
}
END_TEST

/* A letter is its option, alone or with others; a name may be shortened as long as no other begins so. */
START_TEST(letters_and_short_names)
{
    struct command_line line;
    const struct options *o = parse(&line, "-nvg0.2 -b 0.4 -e1 -ca,b -S linear -o out -fpnm -z 3 in");
    ck_assert(o->no_clobber && o->verbose && o->gamma.item[0].value == 0.2 && o->beta.item[0].value == 0.4 && o->eps == 1);
    ck_assert(o->space == instnorm_space_find("linear") && o->write.compression == 3 && o->writer == codec_named("pnm"));
    ck_assert_str_eq(o->channels, "a,b");
    ck_assert_str_eq(o->output, "out");
    end_command_line(&line);
    o = parse(&line, "--stre 0.5 --max-p 3 --al --in in");
    ck_assert(o->strength == 0.5 && o->max_pixels == 3 && o->alpha_as_data && o->in_place);
    end_command_line(&line);
}
END_TEST

/* The last one counts; but channels, masks and styles add up. */
START_TEST(the_same_option_again)
{
    struct command_line line;
    const struct options *o = parse(&line, "-g 1,2,3 -g 0.5 --strength 0 --strength 1 -o x -o y -q 5 -q keep -N layer "
                                           "-N group:2 -N batch in");
    ck_assert(o->gamma.n == 1 && o->gamma.item[0].value == 0.5 && o->strength == 1 && o->write.quality == QUALITY_KEEP);
    ck_assert(o->norm == INSTNORM_BATCH);
    ck_assert_str_eq(o->output, "y");
    end_command_line(&line);
    o = parse(&line, "-c a -c b,c --mask all --mask not:0 -s x -s y@2 in out");
    ck_assert_str_eq(o->channels, "a,b,c");
    ck_assert(o->mask.n == 2 && o->n_styles == 2 && o->style[1].weight == 2);
    end_command_line(&line);
}
END_TEST

/* FILE@W is a file and a weight, unless there is a file of that name. */
START_TEST(a_style_whose_name_has_an_at)
{
    struct command_line line;
    char path[] = "/tmp/style@3XXXXXX", words[64];
    int fd = mkstemp(path);
    ck_assert(fd >= 0 && close(fd) == 0);
    snprintf(words, sizeof words, "-s %s -s %s@5 a b", path, path);
    const struct options *o = parse(&line, words);
    ck_assert(unlink(path) == 0);
    ck_assert_str_eq(o->style[0].path, path);
    ck_assert_str_eq(o->style[1].path, path);
    ck_assert(o->style[0].weight == 1 && o->style[1].weight == 5);
    end_command_line(&line);
}
END_TEST

/* Operands may stand anywhere; behind -- everything is one. */
START_TEST(operands)
{
    struct command_line line;
    const struct options *o = parse(&line, "a -g 0.2 b");
    ck_assert(o->n_operands == 2 && o->gamma.n == 1);
    ck_assert_str_eq(o->operands[1], "b");
    end_command_line(&line);
    o = parse(&line, "-b 0.4 -- -g --stats");
    ck_assert(o->n_operands == 2 && o->gamma.n == 0 && !o->stats);
    ck_assert_str_eq(o->operands[0], "-g");
    end_command_line(&line);
    o = parse(&line, "-o /dev/stdout -");
    ck_assert_str_eq(o->output, "-");
    ck_assert_str_eq(o->operands[0], "-");
    end_command_line(&line);
}
END_TEST

/* ---- what is refused ----------------------------------------------------------------------------------------------- */

/* The message names the option. */
static const struct {
    const char *words, *says;
} refused[] = {
    {"-g x a b", "--gamma"},
    {"-g '' a b", "--gamma"},
    {"--gamma 0.1,,2 a b", "--gamma"},
    {"-b 1; a b", "--beta"},
    {"--strength 1.01 a b", "--strength"},
    {"--strength -0.01 a b", "--strength"},
    {"--strength keep a b", "--strength"},
    {"-e -1 a b", "--eps"},
    {"-s '' a b", "--style"},
    {"-s x@0 a b", "--style"},
    {"-s x@-1 a b", "--style"},
    {"-s @2 a b", "--style"},
    {"--fit '' a b", "--fit"},
    {"--deflicker 0 -o o/ a b", "--deflicker"},
    {"--deflicker 2.5 -o o/ a b", "--deflicker"},
    {"--deflicker 4294967296 -o o/ a b", "--deflicker"},
    {"-N layers a b", "--norm"},
    {"-N '' a b", "--norm"},
    {"-N group a b", "--norm"},
    {"-N group: a b", "--norm"},
    {"-N group:0 a b", "--norm"},
    {"-N group:1x a b", "--norm"},
    {"-N group:4294967296 a b", "--norm"},
    {"-S sRGB a b", "--space"},
    {"-c '' a b", "--channels"},
    {"-c , a b", "--channels"},
    {"-c R, a b", "--channels"},
    {"-c ,R a b", "--channels"},
    {"-c R,,G a b", "--channels"},
    {"--mean keep --std 1 a b", "--mean"},
    {"--mean 1 --std -1 a b", "--std"},
    {"--mask '' a b", "--mask"},
    {"--mask below:2 a b", "--mask"},
    {"--apply-mask above:x a b", "--apply-mask"},
    {"-s x --style-mask not: a b", "--style-mask"},
    {"-o '' a", "--output"},
    {"--suffix '' a", "--suffix"},
    {"--suffix x/y a", "--suffix"},
    {"-f nosuch a b", "--format"},
    {"-f '' a b", "--format"},
    {"--depth 12 a b", "--depth"},
    {"--depth Float a b", "--depth"},
    {"-q 0 a b", "--quality"},
    {"-q 101 a b", "--quality"},
    {"-q Keep a b", "--quality"},
    {"-z 10 a b", "--compression"},
    {"-z -1 a b", "--compression"},
    {"--lut '' a b", "--lut"},
    {"--report '' a b", "--report"},
    {"--fail-on-clip 101 a b", "--fail-on-clip"},
    {"--fail-on-clip -1 a b", "--fail-on-clip"},
    {"--memory 0 a b", "--memory"},
    {"--memory 1.5G a b", "--memory"},
    {"--max-pixels 0 a b", "--max-pixels"},
    {"--timeout 0 a b", "--timeout"},
    {"--timeout 1s a b", "--timeout"},
    {"--no-sandbox=yes a b", "--no-sandbox"},
    {"--max-pixels 1MB a b", "--max-pixels"},
    {"--help=some", "--help"},
    {"a b --gamma", "--gamma"},
    {"a b -g", "--gamma"},
    {"--rgb=1 a b", "--rgb"},
    {"--version=1", "--version"},
    {"--nosuch a b", "--nosuch"},
    {"--st a b", "--st"},
    {"-x a b", "-x"},
    {"-Qx a b", "x"},
};

START_TEST(what_is_refused_names_the_option)
{
    struct command_line line;
    begin_command_line(&line, refused[_i].words);
    ck_assert_msg(!line.ok, "%s", refused[_i].words);
    ck_assert_msg(strstr(line.why.text, refused[_i].says) != NULL, "%s: %s", refused[_i].words, line.why.text);
    ck_assert_msg(!strchr(line.why.text, '\n'), "%s", line.why.text);
    end_command_line(&line);
}
END_TEST

/* The message has the option's long name, the value, and some of what was expected. */
static const struct {
    const char *words, *begins, *expected[2];
} told[] = {
    {"-g 0.1,x a b", "--gamma '0.1,x': expected ", {"numbers", "keep"}},
    {"-b '' a b", "--beta '': expected ", {"numbers", "keep"}},
    {"-s x@0 a b", "--style 'x@0': expected ", {"picture", "above 0"}},
    {"--deflicker -1 a b", "--deflicker '-1': expected ", {"whole number", "above 0"}},
    {"--strength 2 a b", "--strength '2': expected ", {"0", "1"}},
    {"-Nsome a b", "--norm 'some': expected ", {"group:G", "batch"}},
    {"-S hsv a b", "--space 'hsv': expected ", {"oklab", "ruderman"}},
    {"-c R, a b", "--channels 'R,': expected ", {"names", "indices"}},
    {"--eps=-2 a b", "--eps '-2': expected ", {"not negative", ""}},
    {"--mean keep --std 1 a b", "--mean 'keep': expected ", {"numbers", "fractions"}},
    {"--std -1 --mean 1 a b", "--std '-1': expected ", {"not negative", ""}},
    {"--mask below: a b", "--mask 'below:': expected ", {"above:L", "all"}},
    {"--suffix a/b a", "--suffix 'a/b': expected ", {"slash", ""}},
    {"-f x a b", "--format 'x': expected ", {"--version", ""}},
    {"--depth 4 a b", "--depth '4': expected ", {"8, 16", "float"}},
    {"-q 0 a b", "--quality '0': expected ", {"1 to 100", "keep"}},
    {"-z x a b", "--compression 'x': expected ", {"0 to 9", ""}},
    {"--fail-on-clip 100.5 a b", "--fail-on-clip '100.5': expected ", {"0 to 100", ""}},
    {"--memory x a b", "--memory 'x': expected ", {"64M", ""}},
    {"--timeout 0.5 a b", "--timeout '0.5': expected ", {"whole number", "above 0"}},
    {"--max-pixels x a b", "--max-pixels 'x': expected ", {"above 0", ""}},
    {"--help=x", "--help 'x': expected ", {"all", ""}},
    {"--gamma", "--gamma: expected a value: ", {"numbers", ""}},
    {"a -o", "--output: expected a value: ", {"path", ""}},
};

START_TEST(the_message_says_what_was_expected)
{
    struct command_line line;
    begin_command_line(&line, told[_i].words);
    const char *text = line.why.text, *rest = text + strlen(told[_i].begins);
    ck_assert_msg(!line.ok && strncmp(text, told[_i].begins, strlen(told[_i].begins)) == 0, "%s: %s", told[_i].words, text);
    ck_assert_msg(strstr(rest, told[_i].expected[0]) && strstr(rest, told[_i].expected[1]), "%s: %s", told[_i].words, text);
    end_command_line(&line);
}
END_TEST

/* Near to what is refused, and right. */
static const char *const taken[] = {
    "--strength 0 a b",
    "--strength 1 a b",
    "-e 0 a b",
    "--std 0 --mean 0 -b 0.5 a b",
    "-c none,none a b",
    "-q 1 a b",
    "-q 100 a b",
    "--fail-on-clip 0 a b",
    "--fail-on-clip 100 a b",
    "-N layer -S linear a b",
    "-S ruderman -g 1 -b 1 a b",
    "-S ruderman -s x a b",
    "-S ruderman --fit x a b",
    "-S ruderman -c none a b",
    "-S ruderman --stats a",
    "--mask m.png --apply-mask same a b",
    "--mask all a b",
    "--mask m.png --mean 1 --std 1 -b 0 --apply-mask same a b",
    "--mask below:0.5 --mean 1 --std 1 -s x.png a b",
    "--stats --mask m.png -S lab a",
    "--in-place --force a",
    "--dit a b",
};

START_TEST(what_is_near_to_it_is_taken)
{
    struct command_line line;
    parse(&line, taken[_i]);
    end_command_line(&line);
}
END_TEST

SUITE(options)
{
    TCase *set = tcase_create("set"), *refuse = tcase_create("refused");
    tcase_add_test(set, nothing_asked_is_the_default);
    tcase_add_test(set, the_target);
    tcase_add_test(set, measuring);
    tcase_add_test(set, outputs);
    tcase_add_test(set, reports_and_running);
    tcase_add_test(set, json_needs_its_library);
    tcase_add_test(set, letters_and_short_names);
    tcase_add_test(set, the_same_option_again);
    tcase_add_test(set, a_style_whose_name_has_an_at);
    tcase_add_test(set, operands);
    ADD_EACH(refuse, what_is_refused_names_the_option, refused);
    ADD_EACH(refuse, the_message_says_what_was_expected, told);
    ADD_EACH(refuse, what_is_near_to_it_is_taken, taken);
    suite_add_tcase(suite, set);
    suite_add_tcase(suite, refuse);
}
