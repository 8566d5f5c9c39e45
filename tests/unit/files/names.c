/* Names: which file they lead to, what is there, folders that are made, pictures that are looked up. */
#include "cli/files/names.h"
#include "folder.h"

START_TEST(descriptors_have_names)
{
    const struct {
        const char *path;
        int fd;
    } names[] = {{"/dev/stdin", 0},
                 {"/dev/stdout", 1},
                 {"/dev/stderr", 2},
                 {"/dev/fd/7", 7},
                 {"/proc/self/fd/12", 12},
                 {"/dev/fd/", -1},
                 {"/dev/fd/7x", -1},
                 {"/dev/fd/-7", -1},
                 {"/dev/fd/1234567890", -1},
                 {"dev/fd/7", -1},
                 {"/dev/stdin2", -1},
                 {"-", -1},
                 {"", -1}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        REQUIRE(file_descriptor(names[i].path) == names[i].fd, "%s is %d", names[i].path, file_descriptor(names[i].path));
    ck_assert(path_is_standard("-") && !path_is_standard("--") && !path_is_standard("") && !path_is_standard("./-"));
}
END_TEST

START_TEST(links_lead_to_one_file)
{
    struct file_id id[4];
    put_file("a", "1");
    put_file("b", "1");
    ck_assert(symlink("a", "link") == 0 && link("a", "hard") == 0 && mkfifo("pipe", 0600) == 0);
    const char *const names[] = {"a", "link", "hard", "b"};
    for (size_t i = 0; i < 4; i++)
        ck_assert(file_identify(names[i], 0, &id[i]));
    ck_assert(file_id_compare(&id[0], &id[1]) == 0 && file_id_compare(&id[0], &id[2]) == 0);
    ck_assert(file_id_compare(&id[0], &id[3]) != 0);
    ck_assert((file_id_compare(&id[0], &id[3]) < 0) != (file_id_compare(&id[3], &id[0]) < 0));
    ck_assert(!file_identify("pipe", 0, id) && !file_identify(".", 0, id) && !file_identify("none", 0, id) &&
              !file_identify(NULL, 0, id));
    ck_assert(file_is_special("pipe") && !file_is_special("a") && !file_is_special(".") && !file_is_special("none"));
    ck_assert(file_is_regular("link") && !file_is_regular(".") && file_is_folder(".") && !file_is_folder("a"));
    ck_assert(file_exists("pipe") && !file_exists("none"));
}
END_TEST

START_TEST(a_change_shows)
{
    struct stat before, after;
    put_file("a", "12");
    ck_assert_int_eq(stat("a", &before), 0);
    struct fingerprint old = fingerprint_of(&before), same = fingerprint_of(&before);
    ck_assert(fingerprint_same(&old, &same));
    put_file("a", "123");
    ck_assert_int_eq(stat("a", &after), 0);
    after.st_mtim = before.st_mtim;
    struct fingerprint longer = fingerprint_of(&after);
    ck_assert(!fingerprint_same(&old, &longer));
    after.st_size = before.st_size;
    after.st_mtim.tv_nsec ^= 1;
    struct fingerprint later = fingerprint_of(&after);
    ck_assert(!fingerprint_same(&old, &later));
}
END_TEST

START_TEST(folders_are_made)
{
    struct why why = {""};
    ck_assert(file_make_folder("a/b//c/", &why) && file_is_folder("a/b/c"));
    ck_assert(file_make_folder("a/b/c", &why) && file_make_folder("a/../a/d", &why) && file_is_folder("a/d"));
    ck_assert(file_make_parent("x/y/file", &why) && file_is_folder("x/y") && !file_exists("x/y/file"));
    ck_assert(file_make_parent("file", &why) && !file_exists("file"));
    ck_assert_str_eq(why.text, "");
}
END_TEST

/* Once the folder is made, ".." leads elsewhere than it did when the paths were compared. */
START_TEST(a_way_back_from_a_missing_folder_is_refused)
{
    struct why why = {""}, file = {""};
    ck_assert(!file_make_folder("new/../other", &why));
    ck_assert_str_eq(why.text, "folder 'new/../other': expected no .. after a folder that is missing");
    ck_assert(!file_exists("new") && !file_exists("other"));
    ck_assert(file_goes_back("new/../x") && file_goes_back("./new/a/..") && !file_goes_back("new/..x/x"));
    ck_assert(mkdir("old", 0700) == 0 && !file_goes_back("old/../x") && file_goes_back("old/../new/../x"));
    ck_assert(!file_goes_back("/../x") && !file_goes_back("x") && !file_goes_back("../x"));
    put_file("a", "");
    ck_assert(!file_make_folder("a", &file));
    ck_assert_str_eq(file.text, "'a': expected a folder");
}
END_TEST

static void require_found(const char *name, const char *first, const char *second)
{
    char *other, *found = picture_in_folder("masks", name, &other);
    REQUIRE((!found && !first) || (found && first && strcmp(found, first) == 0), "%s: %s", name, found ? found : "none");
    REQUIRE((!other && !second) || (other && second && strcmp(other, second) == 0), "%s: %s", name, other ? other : "none");
    free(found);
    free(other);
}

START_TEST(pictures_are_found_by_name)
{
    ck_assert_int_eq(mkdir("masks", 0700), 0);
    ck_assert_int_eq(mkdir("masks/sub.x", 0700), 0);
    put_file("masks/sub.x/below.npy", "");
    put_file("masks/one.npy", "");
    put_file("masks/two.jpg", "");
    put_file("masks/two.pfm", "");
    put_file("masks/three.txt", "");
    put_file("masks/.hidden", "");
    require_found("one.npy", "masks/one.npy", NULL);
    require_found("sub.x/one.npy", NULL, NULL);
    require_found("sub.x/below.jpg", "masks/sub.x/below.npy", NULL);
    require_found("one.jpg", "masks/one.npy", NULL);
    require_found("one", "masks/one.npy", NULL);
    require_found("two.pfm", "masks/two.pfm", codec_named("jpeg") ? "masks/two.jpg" : NULL);
    require_found("three.jpg", NULL, NULL);
    require_found("three.txt", "masks/three.txt", NULL);
    require_found(".hidden", "masks/.hidden", NULL);
    require_found("four.npy", NULL, NULL);
}
END_TEST

SUITE(names)
{
    TCase *names = tcase_create("names");
    tcase_add_checked_fixture(names, enter_folder, leave_folder);
    tcase_add_test(names, descriptors_have_names);
    tcase_add_test(names, links_lead_to_one_file);
    tcase_add_test(names, a_change_shows);
    tcase_add_test(names, folders_are_made);
    tcase_add_test(names, a_way_back_from_a_missing_folder_is_refused);
    tcase_add_test(names, pictures_are_found_by_name);
    suite_add_tcase(suite, names);
}
