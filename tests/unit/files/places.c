/* Places: one for each file that is there or would be made, by whatever names. */
#include "cli/files/places.h"
#include "folder.h"

/* a, sub/a, sub/deep/; link is sub, file is a, new is missing/x, dangling leads nowhere, and a pipe. */
static void enter_places(void)
{
    enter_folder();
    ck_assert(mkdir("sub", 0777) == 0 && mkdir("sub/deep", 0777) == 0 && mkfifo("pipe", 0600) == 0);
    put_file("a", "");
    put_file("sub/a", "");
    ck_assert(symlink("sub", "link") == 0 && symlink("a", "file") == 0 && symlink("none", "dangling") == 0);
    ck_assert(symlink("../a", "sub/up") == 0 && symlink("/dev/null", "null") == 0 && link("a", "hard") == 0);
}

/* Two names of one place. */
static const char *const same[][2] = {
    {"a", "./a"},
    {"a", "file"},
    {"a", "sub/up"},
    {"a", "link/up"},
    {"a", "sub/../a"},
    {"a", "link/deep/../../a"},
    {"sub/a", "link/a"},
    {"sub/a", "sub//a"},
    {"sub/a", "./link/./a"},
    {"sub/x", "link/x"},
    {"x", "./x"},
    {"x", "sub/../x"},
    {"new/x", "./new/x"},
    {"new/x", "new//x"},
    {"new/x", "new/./x"},
    {"new/x", "sub/../new/x"},
    {"new/x", "new/y/../x"},
    {"sub/new/x", "link/new/x"},
    {"sub/new/y/x", "link/./new//y/x"},
    {"x", "new/../x"},
    {"sub/x", "new/../sub/x"},
    {"null", "/dev/null"},
    {"/dev/null", "/dev/../dev/null"},
    {"/x", "//x"},
    {"/x", "/dev/../x"},
    {"/none-of-this/x", "/dev/../none-of-this/x"},
    {"/x", "/none-of-this/../x"},
};

/* Two places. */
static const char *const differ[][2] = {
    {"a", "sub/a"},       {"a", "b"},    {"a", "hard"},          {"a", "new/a"}, {"new/a", "new/new/a"},
    {"dangling", "none"}, {"pipe", "a"}, {"new/x", "sub/new/x"}, {"/x", "x"},    {"a/x", "x"},
};

static void require_one(struct places *p, const char *a, const char *b, bool one)
{
    struct place place[2];
    ck_assert(place_find(p, a, &place[0]) && place_find(p, b, &place[1]));
    REQUIRE(place_same(&place[0], &place[1]) == one, "%s and %s", a, b);
    REQUIRE(!one || place_hash(&place[0]) == place_hash(&place[1]), "the hashes of %s and %s", a, b);
}

/* In either order, of folders that are known and that are not. */
START_TEST(names_of_one_place)
{
    struct places all = {0};
    for (size_t i = 0; i < 2 * (sizeof same / sizeof *same); i++) {
        struct places p = {0};
        const char *const *pair = same[i / 2];
        require_one(&p, pair[i % 2], pair[1 - i % 2], true);
        require_one(&all, pair[i % 2], pair[1 - i % 2], true);
        places_free(&p);
    }
    places_free(&all);
}
END_TEST

START_TEST(places_that_differ)
{
    struct places all = {0};
    for (size_t i = 0; i < sizeof differ / sizeof *differ; i++) {
        struct places p = {0};
        require_one(&p, differ[i][0], differ[i][1], false);
        require_one(&all, differ[i][0], differ[i][1], false);
        places_free(&p);
    }
    places_free(&all);
}
END_TEST

START_TEST(what_is_there)
{
    static const struct {
        const char *path;
        enum place_kind kind;
    } each[] = {{"a", PLACE_FILE},       {"file", PLACE_FILE},     {"sub/up", PLACE_FILE},     {"hard", PLACE_FILE},
                {"sub", PLACE_FOLDER},   {"link", PLACE_FOLDER},   {"sub/deep", PLACE_FOLDER}, {"pipe", PLACE_SPECIAL},
                {"null", PLACE_SPECIAL}, {"dangling", PLACE_FREE}, {"none", PLACE_FREE},       {"new/a", PLACE_FREE},
                {"a/b", PLACE_FREE}};
    struct places p = {0};
    struct place place;
    for (size_t i = 0; i < sizeof each / sizeof *each; i++) {
        ck_assert(place_find(&p, each[i].path, &place));
        REQUIRE(place.kind == each[i].kind, "%s is %u", each[i].path, (unsigned)place.kind);
        struct file_id id;
        if (file_identify(each[i].path, 0, &id))
            REQUIRE(file_id_compare(&id, &place.id) == 0, "%s is another file", each[i].path);
        else
            ck_assert(place.kind != PLACE_FILE);
    }
    places_free(&p);
}
END_TEST

/* Folders that are there and not, in turn, each met again in another spelling. */
START_TEST(many_folders_are_told_apart)
{
    enum { FOLDERS = 1000 };
    struct places p = {0};
    struct place place[FOLDERS], again;
    static char path[FOLDERS][32];
    for (int i = 0; i < FOLDERS; i++) {
        snprintf(path[i], sizeof path[i], "sub/deep/%d", i);
        ck_assert(i % 2 || mkdir(path[i], 0777) == 0);
        strcat(path[i], "/x");
        ck_assert(place_find(&p, path[i], &place[i]));
        for (int k = 0; k < i; k++)
            REQUIRE(place[k].folder != place[i].folder, "%s and %s", path[k], path[i]);
    }
    for (int i = 0; i < FOLDERS; i++) {
        char other[40];
        snprintf(other, sizeof other, "link/deep/../deep/%d//x", i);
        ck_assert(place_find(&p, other, &again));
        REQUIRE(place_same(&again, &place[i]), "%s and %s", other, path[i]);
    }
    places_free(&p);
}
END_TEST

SUITE(places)
{
    TCase *paths = tcase_create("paths");
    tcase_add_checked_fixture(paths, enter_places, leave_folder);
    tcase_add_test(paths, names_of_one_place);
    tcase_add_test(paths, places_that_differ);
    tcase_add_test(paths, what_is_there);
    tcase_add_test(paths, many_folders_are_told_apart);
    suite_add_tcase(suite, paths);
}
