/* Folders that are searched: what is found, in which order, and what is left out. */
#include "cli/files/walk.h"
#include "folder.h"

#include <errno.h>

/* tree/: pictures, other files, hidden ones, links and folders. */
static void enter_tree(void)
{
    enter_folder();
    const char *const folders[] = {"tree", "tree/b", "tree/b/c", "tree/.h", "tree/empty", "tree/out", "tree/out/x"};
    const char *const files[] = {"tree/b.pgm",   "tree/b/2.pgm",   "tree/b/c/d.ppm",  "tree/.h/x.pgm", "tree/.x.pgm",
                                 "tree/A.PGM",   "tree/a_n.pgm",   "tree/_n.pgm",     "tree/t.txt",    "tree/b/u.TXT",
                                 "tree/b/plain", "tree/out/o.pgm", "tree/out/x/p.pgm"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        ck_assert(mkdir(folders[i], 0777) == 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        put_file(files[i], "");
    ck_assert(symlink("../tree/b", "tree/link") == 0 && symlink(".", "tree/b/loop") == 0);
    ck_assert(symlink("b.pgm", "tree/l.pgm") == 0 && symlink("none", "tree/m.pgm") == 0);
    ck_assert(symlink("b", "tree/n.pgm") == 0 && mkfifo("tree/p.pgm", 0600) == 0 && symlink("tree/b", "way") == 0);
}

/* What is found in some folders, and what is said of the rest. */
struct looked {
    struct found found;
    struct arena texts;
    struct notes notes;
    struct why why;
    bool ok;
};

/* Searches the folders between blanks. */
static void look(struct looked *l, const char *paths, const char *output, const char *suffix)
{
    char text[200];
    *l = (struct looked){.ok = true};
    snprintf(text, sizeof text, "%s", paths);
    struct walk walk = walk_begin(output, suffix);
    for (const char *path = strtok(text, " "); path && l->ok; path = strtok(NULL, " "))
        l->ok = walk_folder(&walk, arena_copy(&l->texts, path, strlen(path)), &l->found, &l->texts, &l->why);
    walk_tell(&walk, &l->notes);
    walk_free(&walk);
}

static void end_look(struct looked *l)
{
    found_free(&l->found);
    arena_free(&l->texts);
    notes_free(&l->notes);
}

static void require_found(const char *paths, const char *output, const char *suffix, const char *want)
{
    struct looked l;
    char got[1000] = "";
    look(&l, paths, output, suffix);
    ck_assert_msg(l.ok, "%s", l.why.text);
    for (size_t i = 0; i < l.found.n; i++) {
        ck_assert(!l.found.item[i].unreadable && !l.found.item[i].output);
        snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", i > 0 ? " " : "", l.found.item[i].path);
    }
    ck_assert_str_eq(got, want);
    end_look(&l);
}

#define ABOVE_OUT "tree/A.PGM tree/_n.pgm tree/a_n.pgm tree/b/2.pgm tree/b/c/d.ppm tree/b.pgm tree/l.pgm tree/m.pgm"

START_TEST(files_are_found_in_order)
{
    require_found("tree", NULL, NULL, ABOVE_OUT " tree/out/o.pgm tree/out/x/p.pgm");
    require_found("tree/b/ tree/b/c", NULL, NULL, "tree/b/2.pgm tree/b/c/d.ppm");
    require_found("tree/b/c tree/b", NULL, NULL, "tree/b/c/d.ppm tree/b/2.pgm");
    require_found("way tree/b", NULL, NULL, "way/2.pgm way/c/d.ppm");
    require_found("tree/empty", NULL, NULL, "");
}
END_TEST

START_TEST(outputs_are_left_out)
{
    require_found("tree", "tree/out", NULL, ABOVE_OUT);
    require_found("tree", "tree/../tree/out/", NULL, ABOVE_OUT);
    require_found("tree/b", "tree/out", NULL, "tree/b/2.pgm tree/b/c/d.ppm");
    require_found("tree/b", "none", NULL, "tree/b/2.pgm tree/b/c/d.ppm");
    require_found("tree", "tree/out", "_n",
                  "tree/A.PGM tree/_n.pgm tree/b/2.pgm tree/b/c/d.ppm tree/b.pgm tree/l.pgm tree/m.pgm");
}
END_TEST

START_TEST(the_folder_of_outputs_is_not_searched)
{
    struct looked l;
    look(&l, "tree/b tree/out", "./tree/out", NULL);
    ck_assert(!l.ok && strstr(l.why.text, "'./tree/out'"));
    end_look(&l);
}
END_TEST

START_TEST(paths_are_known_below_the_folder)
{
    struct looked l;
    look(&l, "tree/out/ way", NULL, NULL);
    const char *const below[] = {"o.pgm", "x/p.pgm", "2.pgm", "c/d.ppm"};
    ck_assert_uint_eq(l.found.n, 4);
    for (size_t i = 0; i < 4; i++)
        ck_assert_str_eq(l.found.item[i].below, below[i]);
    end_look(&l);
}
END_TEST

START_TEST(others_are_counted)
{
    struct looked l;
    look(&l, "tree", NULL, "_n");
    ck_assert_uint_eq(l.notes.n, 2);
    REQUIRE(strstr(l.notes.item[0].text, ": 3, of which 2 .txt"), "%s", l.notes.item[0].text);
    REQUIRE(strstr(l.notes.item[1].text, "'_n': 1"), "%s", l.notes.item[1].text);
    end_look(&l);
    look(&l, "tree/b/c", NULL, NULL);
    ck_assert_uint_eq(l.notes.n, 0);
    end_look(&l);
}
END_TEST

/* More extensions than are counted one by one, and longer ones. */
START_TEST(any_extensions_are_counted)
{
    struct looked l;
    char name[40];
    ck_assert(mkdir("many", 0777) == 0);
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "many/%d.%d", i, i % 90);
        put_file(name, "");
    }
    put_file("many/x.a-very-long-extension", "");
    look(&l, "many", NULL, NULL);
    ck_assert_uint_eq(l.notes.n, 1);
    REQUIRE(strstr(l.notes.item[0].text, ": 101, of which "), "%s", l.notes.item[0].text);
    end_look(&l);
}
END_TEST

/* A thousand folders: the table of those that were read grows. */
START_TEST(many_folders_are_read_once)
{
    struct looked l;
    char name[40];
    for (int i = 0; i < 1000; i++) {
        snprintf(name, sizeof name, "tree/b/%d", i);
        ck_assert(mkdir(name, 0777) == 0);
        strcat(name, "/x.pgm");
        put_file(name, "");
    }
    look(&l, "tree/b tree/b tree tree/b/7", "tree/out", NULL);
    ck_assert(l.ok);
    ck_assert_uint_eq(l.found.n, 1000 + 8);
    end_look(&l);
}
END_TEST

/* Deeper than a path can be long. Root may read any folder, so that permissions cannot tell. */
START_TEST(a_folder_that_cannot_be_read_is_found)
{
    struct looked l;
    char name[251];
    memset(name, 'd', 250);
    name[250] = '\0';
    ck_assert(chdir("tree/b/c") == 0);
    for (int i = 0; i < 20; i++)
        ck_assert(mkdir(name, 0777) == 0 && chdir(name) == 0);
    ck_assert(chdir(folder) == 0);
    look(&l, "tree/b none", NULL, NULL);
    ck_assert(l.ok);
    ck_assert_uint_eq(l.found.n, 4);
    ck_assert(!l.found.item[0].unreadable && !l.found.item[1].unreadable && l.found.item[2].unreadable &&
              l.found.item[3].unreadable);
    ck_assert_str_eq(l.found.item[2].unreadable, strerror(ENAMETOOLONG));
    ck_assert_str_eq(l.found.item[1].path, "tree/b/c/d.ppm");
    ck_assert_str_eq(l.found.item[3].path, "none");
    ck_assert_str_eq(l.found.item[3].unreadable, strerror(ENOENT));
    end_look(&l);
}
END_TEST

SUITE(walk)
{
    TCase *folders = tcase_create("folders");
    tcase_add_checked_fixture(folders, enter_tree, leave_folder);
    tcase_add_test(folders, files_are_found_in_order);
    tcase_add_test(folders, outputs_are_left_out);
    tcase_add_test(folders, the_folder_of_outputs_is_not_searched);
    tcase_add_test(folders, paths_are_known_below_the_folder);
    tcase_add_test(folders, others_are_counted);
    tcase_add_test(folders, any_extensions_are_counted);
    tcase_add_test(folders, many_folders_are_read_once);
    tcase_add_test(folders, a_folder_that_cannot_be_read_is_found);
    suite_add_tcase(suite, folders);
}
