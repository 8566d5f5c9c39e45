/* Misspelt options: what is suggested, and what is not. */
#include "support.h"

#include "cli/args/suggest.h"

static void says(const char *word, const char *text)
{
    struct why why = {0};
    ck_assert(!suggest_option(word, &why));
    ck_assert_str_eq(why.text, text);
}

START_TEST(each_kind_of_slip_is_one_edit)
{
    says("--gama", "unknown option '--gama', did you mean --gamma?");
    says("--gammma", "unknown option '--gammma', did you mean --gamma?");
    says("--gamna", "unknown option '--gamna', did you mean --gamma?");
    says("--quite", "unknown option '--quite', did you mean --quiet?");
    says("--maxpixels", "unknown option '--maxpixels', did you mean --max-pixels?");
}
END_TEST

START_TEST(two_edits_are_enough_in_a_long_name_only)
{
    says("--no-colbrr", "unknown option '--no-colbrr': see --help=all");
    says("--no-clobbrr", "unknown option '--no-clobbrr', did you mean --no-clobber?");
    says("--noclober", "unknown option '--noclober', did you mean --no-clobber?");
    says("--jsn", "unknown option '--jsn', did you mean --json?");
    says("--gxma", "unknown option '--gxma': see --help=all");
}
END_TEST

START_TEST(the_nearest_is_suggested)
{
    says("--stas", "unknown option '--stas', did you mean --stats?");
    says("--mak", "unknown option '--mak', did you mean --mask?");
}
END_TEST

START_TEST(a_value_is_no_part_of_the_name)
{
    says("--gama=0.3", "unknown option '--gama', did you mean --gamma?");
    says("--=gamma", "unknown option '--=gamma': see --help=all");
}
END_TEST

START_TEST(what_is_far_from_all_has_no_suggestion)
{
    says("--x", "unknown option '--x': see --help=all");
    says("--colour", "unknown option '--colour': see --help=all");
    says("--a-name-that-is-longer-than-any-option-is",
         "unknown option '--a-name-that-is-longer-than-any-option-is': see --help=all");
    says("--na\033me", "unknown option $'--na\\033me': see --help=all");
}
END_TEST

START_TEST(options_that_begin_alike_are_named)
{
    says("--st", "ambiguous option '--st', could be --style, --strength, --std, --style-mask, --strip or --stats");
    says("--de", "ambiguous option '--de', could be --deflicker or --depth");
    says("--ver=1", "ambiguous option '--ver', could be --verbose or --version");
}
END_TEST

SUITE(suggest)
{
    TCase *near = tcase_create("near"), *none = tcase_create("none"), *alike = tcase_create("alike");

    tcase_add_test(near, each_kind_of_slip_is_one_edit);
    tcase_add_test(near, two_edits_are_enough_in_a_long_name_only);
    tcase_add_test(near, the_nearest_is_suggested);
    tcase_add_test(near, a_value_is_no_part_of_the_name);
    tcase_add_test(none, what_is_far_from_all_has_no_suggestion);
    tcase_add_test(alike, options_that_begin_alike_are_named);
    suite_add_tcase(suite, near);
    suite_add_tcase(suite, none);
    suite_add_tcase(suite, alike);
}
