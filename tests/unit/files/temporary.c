/* Temporary files beside a target: what killed runs left goes, what is in use stays, and a folder is looked at once. */
#include "cli/files/temporary.h"
#include "folder.h"
#include "no_tmpfile.h"

enum { FOLDERS = 1000, LEFT = 150 };

/* The descriptor of a temporary file beside the path; its name is of no interest. */
static int must_make(struct temporaries *t, const char *path)
{
    char *name;
    int fd = file_temporary(t, path, &name);
    REQUIRE(fd >= 0 && write(fd, "x", 1) == 1, "%s: no temporary file", path);
    free(name);
    return fd;
}

/* A run that is killed in the middle of the file. */
static void leave_one(const char *path)
{
    struct temporaries killed = {0};
    close(must_make(&killed, path));
    temporaries_free(&killed);
}

/* What a run at work has locked stays. */
START_TEST(what_was_left_is_removed)
{
    struct temporaries killed = {0}, t = {0};
    char *left, *locked;
    int fd = file_temporary(&killed, "a", &left), held = file_temporary(&killed, "a", &locked);
    ck_assert(fd >= 0 && held >= 0 && strcmp(left, locked) != 0);
    close(fd);
    fd = must_make(&t, "b");
    ck_assert_int_eq(access(locked, F_OK), 0);
    ck_assert_uint_eq(count_names(), 2); /* and the new one, which may have the name of what was left */
    close(fd);
    close(held);
    temporaries_free(&killed);
    temporaries_free(&t);
    free(left);
    free(locked);
}
END_TEST

/* Of many workers. Files that are in use stand between those that were left. */
START_TEST(however_many_were_left)
{
    struct temporaries killed = {0}, t = {0};
    int fd[LEFT];
    for (size_t i = 0; i < LEFT; i++)
        fd[i] = must_make(&killed, "a");
    for (size_t i = 0; i < LEFT; i++)
        if (i != 1 && i != 100)
            close(fd[i]);
    ck_assert_uint_eq(count_names(), LEFT);
    int own = must_make(&t, "a");
    ck_assert_uint_eq(count_names(), 3);
    ck_assert_uint_eq(t.notes.n, LEFT - 2);
    close(own);
    close(fd[1]);
    close(fd[100]);
    temporaries_free(&killed);
    temporaries_free(&t);
}
END_TEST

/* Outputs of a tree alternate between its folders. A second look would remove what the first round left. */
START_TEST(a_folder_is_looked_at_once)
{
    struct temporaries t = {0};
    char path[40];
    for (unsigned i = 0; i < 2 * FOLDERS; i++) {
        snprintf(path, sizeof path, "%u", i % FOLDERS);
        REQUIRE(i >= FOLDERS || mkdir(path, 0700) == 0, "%s cannot be made", path);
        snprintf(path, sizeof path, "%u/a", i % FOLDERS);
        close(must_make(&t, path));
    }
    ck_assert_uint_le(t.notes.n, FOLDERS / 100); /* a hash may have pushed another out */
    temporaries_free(&t);
}
END_TEST

/* Also one whose name begins like that of another, and the same by another path. */
START_TEST(each_folder_is_looked_at)
{
    struct temporaries t = {0};
    char absolute[5000];
    snprintf(absolute, sizeof absolute, "%s/sub/a", folder);
    const char *const paths[] = {"a", "sub/a", "sub2/a", "sub/sub/a", absolute};
    ck_assert(mkdir("sub", 0700) == 0 && mkdir("sub2", 0700) == 0 && mkdir("sub/sub", 0700) == 0);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        leave_one(paths[i]);
        close(must_make(&t, paths[i]));
        REQUIRE(t.notes.n == i + 1, "%s: %zu files were removed so far", paths[i], t.notes.n);
    }
    temporaries_free(&t);
}
END_TEST

/* Without a name nothing is there to be left; with a temporary one the file is locked. */
START_TEST(a_file_gets_its_name_late)
{
    struct temporaries t = {0}, other = {0};
    int fd = file_nameless(&t, "a"), second = file_nameless(&t, "a");
    REQUIRE(fd >= 0 && second >= 0 && write(fd, "x", 1) == 1, "no file without a name: %s", strerror(errno));
    ck_assert_uint_eq(count_names(), 0);
    char *name = file_link_beside(fd, "a"), *next = file_link_beside(second, "a");
    ck_assert(name && next && strcmp(name, next) != 0);
    close(must_make(&other, "b"));
    ck_assert(access(name, F_OK) == 0 && access(next, F_OK) == 0);
    ck_assert(!file_link(second, name) && errno == EEXIST);
    require_file(name, "x");
    ck_assert(file_link(fd, "c"));
    require_file("c", "x");
    close(fd);
    close(second);
    temporaries_free(&other);
    close(must_make(&other, "b"));
    ck_assert_uint_eq(count_names(), 2); /* c, and the new one */
    temporaries_free(&other);
    temporaries_free(&t);
    free(name);
    free(next);
}
END_TEST

/* The caller tries file_temporary then, and looks once. */
START_TEST(where_files_have_names)
{
    struct temporaries t = {0};
    REQUIRE(refuse_tmpfile(), "files without a name cannot be refused: %s", strerror(errno));
    leave_one("a");
    ck_assert_int_eq(file_nameless(&t, "a"), -1);
    ck_assert_uint_eq(t.notes.n, 1);
    ck_assert_uint_eq(count_names(), 0);
    close(must_make(&t, "a"));
    ck_assert_uint_eq(t.notes.n, 1);
    temporaries_free(&t);
}
END_TEST

SUITE(temporary)
{
    TCase *temporary = tcase_create("temporary");
    tcase_add_checked_fixture(temporary, enter_folder, leave_folder);
    tcase_add_test(temporary, what_was_left_is_removed);
    tcase_add_test(temporary, however_many_were_left);
    tcase_add_test(temporary, a_folder_is_looked_at_once);
    tcase_add_test(temporary, each_folder_is_looked_at);
    tcase_add_test(temporary, a_file_gets_its_name_late);
    if (tests_have_processes("where_files_have_names"))
        tcase_add_test(temporary, where_files_have_names);
    suite_add_tcase(suite, temporary);
}
