/* Files that killed runs left: which are removed, which are told, and which stay in peace. */
#include "cli/files/left.h"
#include "folder.h"

#include <sys/file.h>

/* A name of this host and boot, "HERE-", or of this host, "HOST-", or another; *full <- the file, which is not empty. */
static void put_left(const char *short_name, char full[200])
{
    char prefix[LEFT_PREFIX_BYTES];
    left_prefix(prefix);
    if (strncmp(short_name, "HERE-", 5) == 0)
        snprintf(full, 200, "%s-%s.tmp", prefix, short_name + 5);
    else if (strncmp(short_name, "HOST-", 5) == 0)
        snprintf(full, 200, "%.*s-%s.tmp", (int)strlen(prefix) - 9, prefix, short_name + 5);
    else
        snprintf(full, 200, ".instnorm-%s.tmp", short_name);
    put_file(full, "begun");
}

static struct left_name beside(const char *path)
{
    char prefix[LEFT_PREFIX_BYTES];
    left_prefix(prefix);
    struct left_name name = left_name_beside(path, prefix);
    ck_assert_ptr_nonnull(name.text);
    return name;
}

static unsigned count(const struct notes *notes, enum note_level level)
{
    unsigned n = 0;
    for (size_t i = 0; i < notes->n; i++)
        n += notes->item[i].level == level;
    return n;
}

/* .instnorm-HOST-BOOT-N.tmp, with the first digits of the boot in the kernel's own words. */
START_TEST(a_name_has_host_boot_and_number)
{
    char host[200] = "", boot[9] = "", want[300];
    FILE *f = fopen("/proc/sys/kernel/random/boot_id", "r");
    ck_assert(f && fread(boot, 1, 8, f) == 8 && fclose(f) == 0);
    ck_assert_int_eq(gethostname(host, sizeof host - 1), 0);
    for (char *c = host; *c; c++)
        if (!strchr("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-", *c))
            *c = '_';
    struct left_name name = beside("a/b c/out.png");
    left_name_set(&name, 17);
    snprintf(want, sizeof want, "a/b c/.instnorm-%s-%s-17.tmp", host, boot);
    ck_assert_str_eq(name.text, want);
    left_name_set(&name, LEFT_NUMBERS - 1);
    ck_assert_ptr_nonnull(strstr(name.text, "-65535.tmp"));
    free(name.text);
}
END_TEST

/* By number alone: no look through the folder. */
START_TEST(by_number_only_this_boot_goes)
{
    static const struct {
        const char *name;
        bool stays;
    } row[] = {{"HERE-0", false},
               {"HERE-63", false},
               {"HERE-64", false},
               {"HERE-x", true},
               {"HERE-200", true} /* behind a gap */,
               {"HOST-00000000-0", true},
               {"elsewhere-00000000-0", true}};
    char full[sizeof row / sizeof *row][200];
    struct notes notes = {0};
    struct left_name name = beside("out.png");
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        put_left(row[i].name, full[i]);
    left_remove(&name, &notes);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        require_file(full[i], row[i].stays ? "begun" : NULL);
    ck_assert_uint_eq(notes.n, 3);
    ck_assert_uint_eq(count(&notes, NOTE_VERBOSE), 3);
    notes_free(&notes);
    free(name.text);
}
END_TEST

/* The folders of tests are in a local file system, where a lock that can be taken tells that the writer has ended. */
START_TEST(a_look_removes_this_host_and_tells_others)
{
    static const struct {
        const char *name;
        bool stays, is_told;
    } row[] = {{"HOST-00000000-0", false, false},   {"HOST-0123abcd-70000", false, false},
               {"HERE-200", false, false},          {"HOST-0123abcd-", true, true},
               {"HOST-0123abc-0", true, true},      {"HOST-0123ABCD-0", true, true},
               {"HOST-0123abcd-0-0", true, true},   {"HOST-0", true, true}, /* as older versions named them */
               {"elsewhere-0123abcd-0", true, true}};
    char full[sizeof row / sizeof *row][200];
    struct notes notes = {0};
    struct left_name name = beside("out.png");
    unsigned told = 0;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        put_left(row[i].name, full[i]);
        told += row[i].is_told;
    }
    put_file(".instnorm-.tmp", "no name of ours");
    put_file("instnorm-elsewhere-0123abcd-0.tmp", "no name of ours");
    put_file(".instnorm-elsewhere-0123abcd-0.png", "no name of ours");
    left_look(&name, &notes);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        require_file(full[i], row[i].stays ? "begun" : NULL);
    ck_assert_uint_eq(count(&notes, NOTE_VERBOSE), 3);
    ck_assert_uint_eq(count(&notes, NOTE_WARNING), 1);
    const char *text = notes.item[notes.n - 1].text, *more = strstr(text, "as do ");
    ck_assert_ptr_nonnull(more);
    ck_assert_uint_eq((unsigned)atoi(more + 6), told - 1);
    notes_free(&notes);
    free(name.text);
}
END_TEST

/* What is in use, what may be new, and what is not ours. */
START_TEST(some_stay_in_peace)
{
    char locked[200], fresh[200], of_host[200];
    struct notes notes = {0};
    struct left_name name = beside("sub/out.png");
    ck_assert(mkdir("sub", 0700) == 0 && chdir("sub") == 0);
    put_left("elsewhere-0123abcd-0", locked);
    put_left("HOST-0123abcd-0", of_host);
    int fd = open(locked, O_RDWR), other = open(of_host, O_RDWR);
    ck_assert(fd >= 0 && other >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && flock(other, LOCK_EX | LOCK_NB) == 0);
    put_left("elsewhere-0123abcd-1", fresh);
    ck_assert(truncate(fresh, 0) == 0);
    ck_assert(mkdir(".instnorm-elsewhere-0123abcd-2.tmp", 0700) == 0 &&
              mkfifo(".instnorm-elsewhere-0123abcd-3.tmp", 0600) == 0 &&
              symlink("nowhere", ".instnorm-elsewhere-0123abcd-4.tmp") == 0 && symlink(fresh, ".instnorm-x-5.tmp") == 0);
    unsigned before = count_names();
    ck_assert_int_eq(chdir(".."), 0);
    left_remove(&name, &notes);
    left_look(&name, &notes);
    ck_assert_uint_eq(notes.n, 0);
    ck_assert_int_eq(chdir("sub"), 0);
    ck_assert_uint_eq(count_names(), before);
    ck_assert_int_eq(chdir(".."), 0);
    close(fd);
    close(other);
    left_look(&name, &notes);
    ck_assert_uint_eq(notes.n, 2);
    ck_assert_uint_eq(count(&notes, NOTE_WARNING), 1);
    notes_free(&notes);
    free(name.text);
}
END_TEST

/* A single picture into a large folder must not pay for all of it. */
START_TEST(a_look_ends)
{
    char full[200];
    struct notes notes = {0};
    struct left_name name = beside("out.png");
    for (unsigned i = 0; i < 2 * LEFT_LOOK; i++) {
        snprintf(full, sizeof full, ".instnorm-elsewhere-0123abcd-%u.tmp", i);
        put_file(full, "x");
    }
    left_look(&name, &notes);
    ck_assert_uint_eq(notes.n, 1);
    const char *more = strstr(notes.item[0].text, "as do ");
    ck_assert_ptr_nonnull(more);
    ck_assert_int_le(atoi(more + 6), LEFT_LOOK - 1);
    ck_assert_int_ge(atoi(more + 6), LEFT_LOOK - 3); /* "." and ".." */
    notes_free(&notes);
    free(name.text);
}
END_TEST

START_TEST(a_folder_that_is_missing_has_none)
{
    struct notes notes = {0};
    struct left_name name = beside("nowhere/out.png");
    left_remove(&name, &notes);
    left_look(&name, &notes);
    ck_assert_uint_eq(notes.n, 0);
    free(name.text);
}
END_TEST

SUITE(left)
{
    TCase *left = tcase_create("left");
    tcase_add_checked_fixture(left, enter_folder, leave_folder);
    tcase_add_test(left, a_name_has_host_boot_and_number);
    tcase_add_test(left, by_number_only_this_boot_goes);
    tcase_add_test(left, a_look_removes_this_host_and_tells_others);
    tcase_add_test(left, some_stay_in_peace);
    tcase_add_test(left, a_look_ends);
    tcase_add_test(left, a_folder_that_is_missing_has_none);
    suite_add_tcase(suite, left);
}
