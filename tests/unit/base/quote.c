/* Names in messages: what a shell makes of the quoted text is the name again, and a terminal can show the text. */
#include "base/quote.h"
#include "support.h"

#include <ctype.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

static const struct {
    const char *name, *quoted;
} known[] = {
    {"a.png", "'a.png'"},
    {"", "''"},
    {"two words", "'two words'"},
    {"it's", "'it'\\''s'"},
    {"back\\slash", "'back\\slash'"},
    {"gr\xc3\xbc\xc3\x9f"
     "e",
     "'gr\xc3\xbc\xc3\x9f"
     "e'"},
    {"\xe2\x82\xac and \xf0\x9f\x98\x80", "'\xe2\x82\xac and \xf0\x9f\x98\x80'"},
    {"a\nb", "$'a\\nb'"},
    {"tab\there", "$'tab\\011here'"},
    {"\x1b[31mred", "$'\\033[31mred'"},
    {"del\x7f"
     "ete",
     "$'del\\177ete'"},
    {"\x7f", "$'\\177'"},
    {"\x1f\x20\x7e", "$'\\037 ~'"},
    {"c1 \xc2\x9b"
     "31m",
     "$'c1 \\302\\23331m'"},
    {"\xc2\x9f\xc2\xa0", "$'\\302\\237\xc2\xa0'"},
    {"latin \xe4", "$'latin \\344'"},
    {"a\xe2\x80\xaegpj.exe", "$'a\\342\\200\\256gpj.exe'"},
    {"\xd8\x9c \xe2\x80\x8e", "$'\\330\\234 \\342\\200\\216'"},
    {"\xe2\x80\xa8\xe2\x81\xa6\xe2\x81\xa9", "$'\\342\\200\\250\\342\\201\\246\\342\\201\\251'"},
    {"\xe2\x80\x90\xe2\x80\xaf\xe2\x81\xa5 \xd8\x9b", "'\xe2\x80\x90\xe2\x80\xaf\xe2\x81\xa5 \xd8\x9b'"},
    {"cut \xe2\x82", "$'cut \\342\\202'"},
    {"cut \xf0\x9f\x98", "$'cut \\360\\237\\230'"},
    {"\xc0\xaf\xc1\xbf\xf5\x80\x80\x80\xff", "$'\\300\\257\\301\\277\\365\\200\\200\\200\\377'"},
    {"overlong \xe0\x80\xaf", "$'overlong \\340\\200\\257'"},
    {"surrogates \xed\xa0\xbd\xed\xb8\x80", "$'surrogates \\355\\240\\275\\355\\270\\200'"},
    {"above \xf4\x90\x80\x80", "$'above \\364\\220\\200\\200'"},
    {"it's \\ \x01", "$'it\\'s \\\\ \\001'"},
};

START_TEST(known_names)
{
    char quoted[256];
    ck_assert(quote(quoted, sizeof quoted, known[_i].name) == quoted);
    ck_assert_str_eq(quoted, known[_i].quoted);
}
END_TEST

/* What a shell makes of one word of '...' and \' or of one $'...'; false if it is no such word. */
static bool unquote(const char *word, char *name)
{
    bool escapes = *word == '$', open = false;
    word += escapes;
    for (; *word; word++) {
        if (*word == '\'') {
            open = !open;
        } else if (*word == '\\' && open && escapes && isdigit((unsigned char)word[1])) {
            *name++ = (char)strtol((char[]){word[1], word[2], word[3], '\0'}, NULL, 8);
            word += 3;
        } else if (*word == '\\' && open == escapes) {
            word++;
            *name++ = *word == 'n' && open ? '\n' : *word;
        } else if (open) {
            *name++ = *word;
        } else {
            return false;
        }
    }
    *name = '\0';
    return !open;
}

/* Whether the C library finds printable characters only. */
static bool can_be_shown(const char *text)
{
    wchar_t wide[1024];
    size_t n = mbstowcs(wide, text, sizeof wide / sizeof *wide);
    for (size_t i = 0; n != (size_t)-1 && i < n; i++)
        if (iswcntrl((wint_t)wide[i]) || (wide[i] >= 0x7f && wide[i] < 0xa0))
            return false;
    return n != (size_t)-1;
}

/* Pieces that are near to one another's borders. */
static void make_name(struct random *r, char *name, size_t most)
{
    static const char *const piece[] = {"a",        " ",
                                        "'",        "\\",
                                        "\n",       "\t",
                                        "\x7f",     "$",
                                        "\xc2\x9f", "\xc2\xa0",
                                        "\xc3\xbc", "\xe2\x82\xac",
                                        "\x1b",     "\xf0\x9f\x98\x80",
                                        "\xff",     "\xc3",
                                        "\x80",     "7",
                                        "n"};
    size_t n = random_below(r, most / 4);
    name[0] = '\0';
    for (size_t i = 0; i < n; i++)
        strcat(name, piece[random_below(r, sizeof piece / sizeof *piece)]);
}

START_TEST(a_shell_has_the_name_back)
{
    struct random r = {1};
    ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
    for (int i = 0; i < 20000; i++) {
        char name[64], quoted[512], back[512];
        make_name(&r, name, sizeof name);
        quote(quoted, sizeof quoted, name);
        REQUIRE(unquote(quoted, back), "no word: %s", quoted);
        REQUIRE(strcmp(back, name) == 0, "%s is another name", quoted);
        REQUIRE(can_be_shown(quoted), "%s cannot be shown", quoted);
    }
}
END_TEST

/* A name that is cut fits, ends in dots, and no character or escape is cut in two. */
START_TEST(long_names_are_cut)
{
    struct random r = {2};
    size_t cut = 0;
    ck_assert_ptr_nonnull(setlocale(LC_CTYPE, "C.UTF-8"));
    for (int i = 0; i < 20000; i++) {
        char name[128], quoted[128], back[512];
        size_t size = 16 + random_below(&r, 100);
        make_name(&r, name, sizeof name);
        memset(quoted, '#', sizeof quoted);
        quote(quoted, size, name);
        size_t n = strlen(quoted);
        REQUIRE(n < size && quoted[size] == '#', "%zu bytes of %zu", n, size);
        REQUIRE(can_be_shown(quoted), "%s cannot be shown", quoted);
        REQUIRE(unquote(quoted, back), "no word: %s", quoted);
        if (strcmp(back, name) == 0)
            continue;
        size_t kept = strlen(back) - 3;
        REQUIRE(strcmp(back + kept, "...") == 0 && strncmp(back, name, kept) == 0, "%s is no part of the name", quoted);
        REQUIRE(n + 9 >= size, "%zu bytes of %zu are left", size - n, size);
        cut++;
    }
    ck_assert_uint_gt(cut, 1000);
}
END_TEST

START_TEST(lengths_of_characters)
{
    const struct {
        const char *s;
        size_t n;
    } each[] = {{"a", 1},
                {" ", 1},
                {"~", 1},
                {"\x7f", 0},
                {"\x1f", 0},
                {"\n", 0},
                {"\xc2\xa0", 2},
                {"\xc2\x9f", 0},
                {"\xdf\xbf", 2},
                {"\xe0\x80\x80", 0},
                {"\xe0\x9f\xbf", 0},
                {"\xe0\xa0\x80", 3},
                {"\xed\x9f\xbf", 3},
                {"\xed\xa0\x80", 0},
                {"\xed\xbf\xbf", 0},
                {"\xee\x80\x80", 3},
                {"\xef\xbf\xbd", 3},
                {"\xf0\x80\x80\x80", 0},
                {"\xf0\x8f\xbf\xbf", 0},
                {"\xf0\x90\x80\x80", 4},
                {"\xf4\x8f\xbf\xbf", 4},
                {"\xf4\x90\x80\x80", 0},
                {"\xf4\xbf\xbf\xbf", 0},
                {"\xf5\x80\x80\x80", 0},
                {"\x80", 0},
                {"\xbf", 0},
                {"\xc1\xbf", 0},
                {"\xe2\x82", 0},
                {"\xe2\x82(", 0},
                {"\xf0\x90\x80", 0}};
    for (size_t i = 0; i < sizeof each / sizeof *each; i++)
        ck_assert_msg(quote_printable(each[i].s) == each[i].n, "%zu", i);
}
END_TEST

SUITE(quote)
{
    TCase *cases = tcase_create("quote");
    ADD_EACH(cases, known_names, known);
    tcase_add_test(cases, a_shell_has_the_name_back);
    tcase_add_test(cases, long_names_are_cut);
    tcase_add_test(cases, lengths_of_characters);
    suite_add_tcase(suite, cases);
}
