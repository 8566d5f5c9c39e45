/* Warnings about a command line that may be meant, and silence about its neighbours. */
#include "command_line.h"

/* The outputs need not be there, and the inputs are not read. */
static const struct {
    const char *words;
    const char *says[2]; /* two words of the only warning; NULL: there is none */
} lines[] = {
    /* a folder with the name of a picture, a file with that of a folder */
    {"-o new.ppm a b", {"'new.ppm'", "folder"}},
    {"-o new.ppm/ a b", {NULL, NULL}},
    {"-o new a b", {NULL, NULL}},
    {"-o new.ppm a", {NULL, NULL}},
    {"-o new a", {"'new'", "'new/'"}},
    {"-o new/ a", {NULL, NULL}},
    {"-o new -f ppm a", {"'new'", "'new/'"}},
    {"-o all.npy a b", {NULL, NULL}},
    {"-o /dev/null a", {NULL, NULL}},
    {"-o - a", {NULL, NULL}},
    {"a new", {NULL, NULL}},
    {"--stats a", {NULL, NULL}},
    {"--in-place a b", {NULL, NULL}},
    /* a target that most pictures clip under */
    {"-g 0.5 a b", {NULL, NULL}},
    {"-g 0.51 a b", {"--gamma 0.51", "0.5"}},
    {"-g 0.2,0.7,0.9 a b", {"--gamma 0.7", "0.5"}},
    {"-g 1.99 a b", {"--gamma 1.99", "0.5"}},
    {"-g 2 a b.pfm", {NULL, NULL}},
    {"-g 0.7 a b.npy", {NULL, NULL}},
    {"-g 0.7 -b 1.5 a b", {"--gamma 0.7", "0.5"}},
    {"-b 0 a b", {NULL, NULL}},
    {"-b 1 a b", {NULL, NULL}},
    {"-b -0.1 a b", {"--beta -0.1", "mean"}},
    {"-b 0.5,1.01,0.5 a b", {"--beta 1.01", "mean"}},
    {"-b 1.5 a b.npy", {NULL, NULL}},
    {"-b 2 a b.pfm", {NULL, NULL}},
    {"-b 1.5 --mean 0.5 --std 0.5 a b", {NULL, NULL}},
    {"-g 0.7 --dry-run a b", {NULL, NULL}},
    /* a mean of rgb where lightness goes to 100 */
    {"-S lab -b 0.5 a b", {"--beta 0.5", "lab"}},
    {"-S lab -b 1 a b", {"--beta 1", "100"}},
    {"-S lab -b -0.5 a b", {"--beta -0.5", "lab"}},
    {"-S lab -b 1.5 a b", {NULL, NULL}},
    {"-S lab -b 50 a b", {NULL, NULL}},
    {"-S lab -b keep,0,0 a b", {NULL, NULL}},
    {"-S oklab -b 0.5 a b", {NULL, NULL}},
    {"-S lab -g 0.7 a b", {NULL, NULL}},
    /* a table that holds no mask */
    {"--lut o.cube --apply-mask above:0.5 a b", {"--lut", "--apply-mask"}},
    {"--lut o.cube --mask above:0.5 a b", {NULL, NULL}},
    {"--lut o.cube --apply-mask above:0.5 --dry-run a b", {NULL, NULL}},
};

START_TEST(one_line_or_none)
{
    struct planned p;
    begin_planned(&p, lines[_i].words);
    const struct notes *notes = &p.plan.notes;
    const char *text = notes->n > 0 ? notes->item[0].text : "nothing";
    ck_assert_msg(notes->n == (lines[_i].says[0] ? 1 : 0), "%s: %zu warnings, %s", lines[_i].words, notes->n, text);
    for (size_t i = 0; i < 2 && lines[_i].says[i]; i++)
        ck_assert_msg(strstr(text, lines[_i].says[i]) != NULL, "%s: %s", lines[_i].words, text);
    ck_assert(notes->n == 0 || (notes->item[0].level == NOTE_WARNING && !notes->item[0].name));
    end_planned(&p);
}
END_TEST

START_TEST(several_in_order)
{
    static const char *const want[] = {"--output 'new'", "--lut", "--gamma 0.7"};
    struct planned p;
    begin_planned(&p, "-g 0.7 --lut o.cube --apply-mask above:0.5 -o new a");
    ck_assert_uint_eq(p.plan.notes.n, 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_msg(strstr(p.plan.notes.item[i].text, want[i]) != NULL, "%s", p.plan.notes.item[i].text);
    end_planned(&p);
}
END_TEST

SUITE(warn)
{
    TCase *all = tcase_create("all");
    ADD_EACH(all, one_line_or_none, lines);
    tcase_add_test(all, several_in_order);
    suite_add_tcase(suite, all);
}
