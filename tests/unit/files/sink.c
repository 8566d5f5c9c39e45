/* Sinks: a target is the old file or the complete new one, whatever becomes of the output; groups of outputs. */
#include "cli/files/group.h"
#include "cli/files/temporary.h"
#include "folder.h"
#include "no_tmpfile.h"

static const struct file_rules plain = {0};
static bool named; /* outputs have temporary names, for the kernel knows no other files */

static struct file_sink must_create(const char *path, const struct file_rules *rules, struct temporaries *t)
{
    struct file_sink f;
    struct why why = {""};
    REQUIRE(file_create(&f, path, rules, t, &why), "%s", why.text);
    return f;
}

static void put(struct file_sink *f, const char *text, uint64_t at)
{
    REQUIRE(f->base.write_at(&f->base, text, strlen(text), at), "%s", f->base.why.text);
}

static bool complete(struct file_sink *f, struct why *why)
{
    return file_flush(f, why) && file_seal(f, NULL, why) && file_place(f, false, why);
}

START_TEST(the_new_file_comes_whole)
{
    struct why why = {""};
    put_file("a", "old");
    struct file_sink f = must_create("a", &plain, NULL);
    put(&f, "-----", 0);
    put(&f, "tail", 5);
    put(&f, "12", 1);
    require_file("a", "old");
    ck_assert(complete(&f, &why));
    require_file("a", "-12--tail");
    ck_assert_uint_eq(count_names(), 1);
}
END_TEST

START_TEST(what_is_given_up_leaves_the_old_file)
{
    put_file("a", "old");
    struct file_sink f = must_create("a", &plain, NULL);
    put(&f, "new", 0);
    ck_assert_uint_eq(count_names(), named ? 2 : 1);
    file_discard(&f);
    require_file("a", "old");
    ck_assert_uint_eq(count_names(), 1);
    file_discard(&f);
}
END_TEST

/* A target that comes meanwhile stays too. */
START_TEST(no_clobber_keeps_what_is_there)
{
    const struct file_rules rules = {.no_clobber = true};
    struct why why = {""};
    struct file_sink f = must_create("a", &rules, NULL);
    put(&f, "new", 0);
    put_file("a", "other");
    ck_assert(complete(&f, &why));
    require_file("a", "other");
    ck_assert_uint_eq(count_names(), 1);
}
END_TEST

START_TEST(a_guarded_file_is_never_replaced)
{
    const struct file_rules rules = {.guarded = true, .no_clobber = true};
    static const char says[] = "output 'a': another program wrote it meanwhile: left as it is";
    struct why why = {""}, refused = {""};
    struct file_sink f;
    for (int empty = 0; empty < 2; empty++) { /* missing, then empty */
        if (empty)
            put_file("a", "");
        f = must_create("a", &rules, NULL);
        put(&f, "new", 0);
        REQUIRE(complete(&f, &why), "%s", why.text);
        require_file("a", "new");
    }
    ck_assert(!file_create(&f, "a", &rules, NULL, &refused));
    ck_assert_str_eq(refused.text, says);
    ck_assert_int_eq(unlink("a"), 0);
    f = must_create("a", &rules, NULL);
    put(&f, "new", 0);
    put_file("a", "other");
    ck_assert(!complete(&f, &why));
    ck_assert_str_eq(why.text, says);
    require_file("a", "other");
    ck_assert_uint_eq(count_names(), 1);
}
END_TEST

START_TEST(a_file_that_another_changed_is_not_replaced)
{
    struct why why = {""}, changed = {""};
    for (int change = 0; change < 2; change++) {
        struct stat st;
        put_file("a", "old");
        ck_assert(chmod("a", 0640) == 0 && stat("a", &st) == 0);
        struct file_sink f = must_create("a", &plain, NULL);
        file_replaces(&f, &st);
        put(&f, "new", 0);
        if (change)
            put_file("a", "other");
        ck_assert(complete(&f, change ? &changed : &why) == !change);
        require_file("a", change ? "other" : "new");
        ck_assert(stat("a", &st) == 0 && (st.st_mode & 0777) == 0640);
    }
    ck_assert_str_eq(changed.text, "output 'a': another program changed it meanwhile: left as it is");
    ck_assert_uint_eq(count_names(), 1);
}
END_TEST

static bool is_new(const unsigned char *head, size_t n)
{
    return n >= 3 && memcmp(head, "new", 3) == 0;
}

START_TEST(files_of_another_kind_are_not_replaced)
{
    const struct file_rules rules = {.is_kind = is_new, .kind = "is not new"};
    struct why why = {""}, refused = {""};
    struct file_sink f;
    put_file("other", "old");
    put_file("empty", "");
    put_file("kind", "new");
    const char *const replaced[] = {"empty", "kind", "none"};
    for (size_t i = 0; i < 3; i++) {
        f = must_create(replaced[i], &rules, NULL);
        ck_assert(file_seal_bytes(&f, "newer", 5, &why) && file_place(&f, false, &why));
        require_file(replaced[i], "newer");
    }
    ck_assert(!file_create(&f, "other", &rules, NULL, &refused));
    ck_assert_str_eq(refused.text, "output 'other': exists and is not new: see --force");
    require_file("other", "old");
}
END_TEST

/* Nobody can tell its kind. Root reads every file, so the test is somebody else meanwhile. */
START_TEST(a_file_that_cannot_be_read_is_not_replaced)
{
    const struct file_rules rules = {.is_kind = is_new, .kind = "is not new"};
    struct why refused = {""};
    struct file_sink f;
    const uid_t user = geteuid();
    put_file("other", "new");
    ck_assert(chmod("other", 0) == 0 && chmod(".", 0777) == 0);
    ck_assert(user != 0 || seteuid(65534) == 0);
    bool created = file_create(&f, "other", &rules, NULL, &refused);
    ck_assert(seteuid(user) == 0 && !created);
    ck_assert_str_eq(refused.text, "output 'other': exists and cannot be read (Permission denied): see --force");
    ck_assert(chmod("other", 0600) == 0);
    require_file("other", "new");
    ck_assert_uint_eq(count_names(), 1);
}
END_TEST

START_TEST(links_are_followed)
{
    struct why why = {""}, dangling = {""};
    struct file_sink f;
    ck_assert(mkdir("sub", 0700) == 0 && symlink("sub/a", "link") == 0);
    ck_assert(!file_create(&f, "link", &plain, NULL, &dangling));
    ck_assert_str_eq(dangling.text, "output 'link': dangling symbolic link");
    put_file("sub/a", "old");
    f = must_create("link", &plain, NULL);
    ck_assert(file_seal_bytes(&f, "new", 3, &why) && file_place(&f, false, &why));
    require_file("sub/a", "new");
    char to[10] = "";
    ck_assert(readlink("link", to, sizeof to - 1) > 0);
    ck_assert_str_eq(to, "sub/a");
}
END_TEST

/* What goes back is spooled, and comes out in order. */
START_TEST(a_pipe_gets_what_goes_back_when_it_is_complete)
{
    const struct file_rules rules = {.seeks = true};
    struct why why = {""};
    char got[20] = "";
    ck_assert_int_eq(mkfifo("pipe", 0600), 0);
    int reader = open("pipe", O_RDONLY | O_NONBLOCK);
    struct file_sink f = must_create("pipe", &rules, NULL);
    put(&f, "....", 0);
    put(&f, "new", 1);
    ck_assert(read(reader, got, sizeof got) <= 0);
    ck_assert(complete(&f, &why));
    ck_assert_int_eq(read(reader, got, sizeof got), 4);
    ck_assert_str_eq(got, ".new");
    f = must_create("pipe", &plain, NULL);
    put(&f, "ab", 0);
    ck_assert(f.base.write_at(&f.base, "c", 1, 3) == false && strstr(f.base.why.text, "seek"));
    file_discard(&f);
    close(reader);
}
END_TEST

/* As if another run had taken it for one that was left: what has its name now is not moved, and not removed. */
START_TEST(a_temporary_that_was_replaced_is_left_alone)
{
    for (int is_there = 0; is_there < 2; is_there++) {
        struct temporaries t = {0};
        struct why why = {""};
        put_file("a", "old");
        struct file_sink f = must_create("a", &plain, &t);
        char *name = strdup(f.temporary);
        put(&f, "new", 0);
        ck_assert_int_eq(unlink(name), 0);
        if (is_there)
            put_file(name, "other");
        ck_assert(!complete(&f, &why));
        ck_assert_str_eq(why.text, "output 'a': another program removed its temporary file");
        require_file("a", "old");
        require_file(name, is_there ? "other" : NULL);
        free(name);
        temporaries_free(&t);
    }
}
END_TEST

/* One that fails is not to the harm of the others. */
START_TEST(a_group_is_put_in_place)
{
    static struct file_group group;
    const char *const names[] = {"a", "b", "c", "d", "e"};
    struct temporaries t = {0};
    struct why why[FILE_GROUP_MAX] = {0}, sealed = {""};
    for (size_t i = 0; i < 5; i++) {
        struct file_sink f = must_create(names[i], &plain, &t);
        put(&f, names[i], 0);
        ck_assert(file_flush(&f, &sealed) && file_seal(&f, NULL, &sealed));
        file_group_add(&group, &f, 10 + i);
        require_file(names[i], NULL);
    }
    ck_assert_int_eq(mkdir("c", 0700), 0);
    file_group_commit(&group, why);
    for (size_t i = 0; i < 5; i++) {
        REQUIRE((why[i].text[0] == '\0') == (i != 2), "%s: '%s'", names[i], why[i].text);
        ck_assert_uint_eq(group.job[i], 10 + i);
        if (i != 2)
            require_file(names[i], names[i]);
    }
    ck_assert(group.n == 0 && !file_group_due(&group));
    ck_assert_uint_eq(count_names(), 5);
    temporaries_free(&t);
}
END_TEST

/* Written in pieces of any size, going back, as writers of TIFF and NPY do: in memory, and in part or wholly in a file. */
START_TEST(what_is_held_is_read_back)
{
    enum { SIZE = 3000000 };
    static const size_t most[] = {0, 1 << 20, 1 << 24};
    static unsigned char bytes[SIZE], got[SIZE];
    for (size_t i = 0; i < sizeof most / sizeof *most; i++) {
        struct random r = {i + 1};
        struct file_sink f;
        struct why none = {""};
        int spool = open("spool", O_CREAT | O_TRUNC | O_RDWR, 0600);
        ck_assert_int_ge(spool, 0);
        file_hold(&f, most[i], spool, &none);
        for (size_t at = 0; at < SIZE;) {
            size_t n = 1 + random_below(&r, (size_t)1 << random_below(&r, 20));
            n = n < SIZE - at ? n : SIZE - at;
            for (size_t k = 0; k < n; k++)
                bytes[at + k] = (unsigned char)random_bits(&r);
            ck_assert(f.base.write_at(&f.base, bytes + at, n, at));
            at += n;
            memset(bytes + at / 2, (int)at, at < 16 ? 0 : 4);
            ck_assert(at < 16 || f.base.write_at(&f.base, bytes + at / 2, 4, at / 2));
        }
        ck_assert_uint_eq(f.end, SIZE);
        ck_assert_uint_eq(file_read_back(&f, got, 1000, SIZE - 10), 10);
        ck_assert_mem_eq(got, bytes + SIZE - 10, 10);
        ck_assert_uint_eq(file_read_back(&f, got, SIZE, 0), SIZE);
        ck_assert_mem_eq(got, bytes, SIZE);
        ck_assert_uint_eq(file_read_back(&f, got, 1, SIZE), 0);
        struct stat st;
        ck_assert(fstat(spool, &st) == 0 && (st.st_size == 0) == (most[i] > SIZE));
        file_discard(&f);
        ck_assert_int_eq(close(spool), 0);
    }
}
END_TEST

START_TEST(what_has_no_file_is_held_in_memory_alone)
{
    static unsigned char bytes[1 << 20];
    struct file_sink f;
    struct why none = {"no room"};
    file_hold(&f, 1 << 18, -1, &none);
    ck_assert(f.base.write_at(&f.base, bytes, 1 << 18, 0));
    ck_assert_uint_eq(file_read_back(&f, bytes, sizeof bytes, 0), 1 << 18);
    ck_assert(!f.base.write_at(&f.base, bytes, sizeof bytes, 1 << 18));
    ck_assert_str_eq(f.base.why.text, "no room");
    file_discard(&f);
}
END_TEST

/* As NPY does, whose header comes last: in memory too, and with zeros where nothing was written. */
START_TEST(what_is_left_out_first_is_held_in_memory)
{
    static const unsigned char zeros[100];
    unsigned char got[300];
    struct file_sink f;
    struct why none = {"no room"};
    file_hold(&f, 1 << 18, -1, &none);
    ck_assert(f.base.write_at(&f.base, "data", 4, 128));
    ck_assert(f.base.write_at(&f.base, "more", 4, 232));
    ck_assert(f.base.write_at(&f.base, "head", 4, 0));
    ck_assert_uint_eq(file_read_back(&f, got, sizeof got, 0), 236);
    ck_assert(memcmp(got, "head", 4) == 0 && memcmp(got + 128, "data", 4) == 0 && memcmp(got + 232, "more", 4) == 0);
    ck_assert(memcmp(got + 4, zeros, 100) == 0 && memcmp(got + 132, zeros, 100) == 0);
    ck_assert(!f.base.write_at(&f.base, "far", 3, 1 << 18));
    ck_assert_str_eq(f.base.why.text, "no room");
    file_discard(&f);
}
END_TEST

/* Those of one job get their names one behind the other, and none behind one that fails. */
START_TEST(outputs_of_one_job_go_together)
{
    static struct file_group group;
    const char *const names[] = {"a1", "a2", "b1", "b2", "c1", "c2"};
    struct temporaries t = {0};
    struct why why[FILE_GROUP_MAX] = {0}, sealed = {""};
    for (size_t i = 0; i < 6; i++) {
        struct file_sink f = must_create(names[i], &plain, &t);
        put(&f, names[i], 0);
        ck_assert(file_flush(&f, &sealed) && file_seal(&f, NULL, &sealed));
        file_group_add(&group, &f, i / 2);
    }
    ck_assert(mkdir("a1", 0700) == 0 && mkdir("b2", 0700) == 0);
    file_group_commit(&group, why);
    for (size_t i = 0; i < 6; i++)
        REQUIRE((why[i].text[0] == '\0') == (i != 0 && i != 3), "%s: '%s'", names[i], why[i].text);
    require_file("a2", NULL);
    require_file("b1", "b1");
    require_file("c1", "c1");
    require_file("c2", "c2");
    ck_assert(group.n == 0);
    ck_assert_uint_eq(count_names(), 5);
    temporaries_free(&t);
}
END_TEST

static void enter_folder_of_names(void)
{
    enter_folder();
    REQUIRE(refuse_tmpfile(), "files without a name cannot be refused: %s", strerror(errno));
    named = true;
}

static void add_tests(Suite *to, const char *name, void (*enter)(void))
{
    TCase *sink = tcase_create(name);
    tcase_add_checked_fixture(sink, enter, leave_folder);
    tcase_add_test(sink, the_new_file_comes_whole);
    tcase_add_test(sink, what_is_given_up_leaves_the_old_file);
    tcase_add_test(sink, no_clobber_keeps_what_is_there);
    tcase_add_test(sink, a_guarded_file_is_never_replaced);
    tcase_add_test(sink, a_file_that_another_changed_is_not_replaced);
    tcase_add_test(sink, files_of_another_kind_are_not_replaced);
    tcase_add_test(sink, a_file_that_cannot_be_read_is_not_replaced);
    tcase_add_test(sink, links_are_followed);
    tcase_add_test(sink, a_pipe_gets_what_goes_back_when_it_is_complete);
    tcase_add_test(sink, a_group_is_put_in_place);
    tcase_add_test(sink, what_is_held_is_read_back);
    tcase_add_test(sink, what_has_no_file_is_held_in_memory_alone);
    tcase_add_test(sink, what_is_left_out_first_is_held_in_memory);
    tcase_add_test(sink, outputs_of_one_job_go_together);
    suite_add_tcase(to, sink);
}

/* Where outputs have no name before they are complete, and where they have temporary ones. */
SUITE(sink)
{
    add_tests(suite, "nameless", enter_folder);
    if (!tests_have_processes("sink, of files that have temporary names"))
        return;
    add_tests(suite, "named", enter_folder_of_names);
    TCase *replaced = tcase_create("replaced");
    tcase_add_checked_fixture(replaced, enter_folder_of_names, leave_folder);
    tcase_add_test(replaced, a_temporary_that_was_replaced_is_left_alone);
    suite_add_tcase(suite, replaced);
}
