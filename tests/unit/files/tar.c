/* Archives: what tells one, its members, and what is written again; against headers that are made here, byte by byte. */
#include "cli/files/tar.h"
#include "folder.h"

enum { BLOCK = 512, MOST = 1 << 16 };

static unsigned char archive[MOST];
static size_t length;

/* A header of POSIX 1988, and its content. */
static void put_member(const char *name, char type, const char *link, const void *content, size_t n)
{
    unsigned char *h = archive + length;
    unsigned sum = 0;
    memset(h, 0, BLOCK);
    snprintf((char *)h, 100, "%s", name);
    snprintf((char *)h + 100, 8, "%07o", 0640);
    snprintf((char *)h + 108, 8, "%07o", 1000);
    snprintf((char *)h + 116, 8, "%07o", 100);
    snprintf((char *)h + 124, 12, "%011o", (unsigned)n);
    snprintf((char *)h + 136, 12, "%011o", 1700000000u);
    memset(h + 148, ' ', 8);
    h[156] = (unsigned char)type;
    snprintf((char *)h + 157, 100, "%s", link);
    memcpy(h + 257, "ustar\00000", 8);
    for (size_t i = 0; i < BLOCK; i++)
        sum += h[i];
    snprintf((char *)h + 148, 8, "%06o", sum);
    memset(h + BLOCK, 0, (n + BLOCK - 1) / BLOCK * BLOCK);
    memcpy(h + BLOCK, content, n);
    length += BLOCK + (n + BLOCK - 1) / BLOCK * BLOCK;
}

static void put_end(void)
{
    memset(archive + length, 0, 2 * (size_t)BLOCK);
    length += 2 * (size_t)BLOCK;
}

static void fill_archive(void)
{
    length = 0;
    put_member("a.txt", '0', "", "hello", 5);
    put_member("empty", '0', "", "", 0);
    put_member("folder/", '5', "", "", 0);
    put_member("link", '2', "../../etc/passwd", "", 0);
    put_member("b\xff.bin", '0', "", archive, 513);
}

static void save(const char *name)
{
    FILE *f = fopen(name, "w");
    ck_assert(f && fwrite(archive, 1, length, f) == length && fclose(f) == 0);
}

/* Reads all of it, each member's content too: *why <- why it ended early. Returns how many members there are. */
static size_t read_archive(const char *name, struct why *why)
{
    struct file_source file;
    struct tar_member *m;
    struct notes notes = {0};
    unsigned char bytes[100];
    size_t n = 0;
    enum selected selected;
    ck_assert(file_open(&file, name, 1, why));
    struct tar_reader *r = tar_open(&file, true, why);
    ck_assert_ptr_nonnull(r);
    while ((selected = tar_next(r, &m, &notes, why)) == SELECT_OK) {
        ssize_t got, size = 0;
        while ((got = m->content.read(&m->content, bytes, sizeof bytes, why)) > 0)
            size += got;
        if (got < 0)
            break;
        ck_assert_uint_eq((uint64_t)size, m->size);
        n++;
    }
    ck_assert((selected == SELECT_END) == (why->text[0] == '\0'));
    tar_close(r);
    file_close(&file);
    notes_free(&notes);
    return n;
}

START_TEST(a_header_tells_an_archive)
{
    fill_archive();
    ck_assert(tar_sniff(archive, BLOCK));
    ck_assert(!tar_sniff(archive, BLOCK - 1));
    for (size_t at = 0; at < BLOCK; at++) {
        archive[at] ^= 1;
        ck_assert_msg(!tar_sniff(archive, BLOCK) || (at >= 154 && at < 156), "byte %zu", at);
        archive[at] ^= 1;
    }
    memset(archive, 0, BLOCK);
    ck_assert(!tar_sniff(archive, BLOCK) && tar_sniff_empty(archive, BLOCK) && !tar_sniff_empty(archive, BLOCK - 1));
    ck_assert(tar_names("a/b.TAR") && !tar_names("tar") && !tar_names("a.tar/b") && !tar_names("a.tar.gz"));
}
END_TEST

/* A sum that random bytes have by chance: a digit and a blank are none. */
START_TEST(bytes_are_no_archive)
{
    struct random r = {1};
    for (int i = 0; i < 200000; i++) {
        for (size_t k = 0; k < BLOCK; k += 8) {
            uint64_t bits = random_bits(&r);
            memcpy(archive + k, &bits, 8);
        }
        if (i % 2)
            memcpy(archive + 148, "5 ", 2);
        ck_assert(!tar_sniff(archive, BLOCK));
    }
}
END_TEST

START_TEST(members_are_read)
{
    struct why why = {""};
    fill_archive();
    put_end();
    save("a.tar");
    ck_assert_uint_eq(read_archive("a.tar", &why), 5);
    fill_archive();
    save("end.tar");
    ck_assert_uint_eq(read_archive("end.tar", &why), 5);
    ck_assert_str_eq(why.text, "truncated: the end of the archive is missing");
}
END_TEST

/* One behind the other, with the end of the first between them. */
START_TEST(archives_that_follow_are_read)
{
    struct why why = {""};
    fill_archive();
    put_end();
    size_t first = length;
    memcpy(archive + first, archive, first);
    length = 2 * first;
    save("a.tar");
    ck_assert_uint_eq(read_archive("a.tar", &why), 10);
}
END_TEST

START_TEST(every_truncation_is_an_error)
{
    fill_archive();
    size_t whole = length;
    put_end();
    for (length = BLOCK; length <= whole; length += 37) {
        struct why why = {""};
        save("a.tar");
        read_archive("a.tar", &why);
        REQUIRE(why.text[0], "of %zu bytes", length);
    }
}
END_TEST

static bool write_bytes(struct sink *sink, const void *from, size_t n, uint64_t offset)
{
    (void)sink;
    ck_assert_uint_le(offset + n, MOST);
    memcpy(archive + offset, from, n);
    length = (size_t)offset + n;
    return true;
}

/* Writes "a.tar" again: a.txt with other content, the others as they are; `cut` leaves one byte out. */
static bool write_again(bool cut, struct why *why)
{
    struct sink sink = {.write_at = write_bytes};
    struct file_source file;
    struct tar_member *m;
    struct notes notes = {0};
    unsigned char bytes[100];
    bool ok = true;
    ck_assert(file_open(&file, "a.tar", 1, why));
    struct tar_reader *r = tar_open(&file, true, why);
    struct tar_writer *w = tar_create(&sink, why);
    ck_assert(r && w);
    while (ok && tar_next(r, &m, &notes, why) == SELECT_OK) {
        bool other = strcmp(m->name, "a.txt") == 0;
        ssize_t got = 0;
        ok = other ? tar_begin_other(w, r, 7, why) && tar_write(w, "goodbye", cut ? 6 : 7, why) : tar_begin_copy(w, r, why);
        while (ok && !other && (got = m->content.read(&m->content, bytes, sizeof bytes, why)) > 0)
            ok = tar_write(w, bytes, (size_t)got, why);
    }
    if (ok)
        ok = tar_finish(w, why);
    else
        tar_abandon(w);
    tar_close(r);
    file_close(&file);
    notes_free(&notes);
    return ok;
}

/* What tar of the system says of the members; "" is nothing. */
static void require_listed(const char *command, const char *want)
{
    char got[4096];
    FILE *f;
    setenv("TAR_OPTIONS", "--warning=no-unknown-keyword", 1);
    f = popen(command, "r");
    ck_assert_ptr_nonnull(f);
    got[fread(got, 1, sizeof got - 1, f)] = '\0';
    ck_assert_int_eq(pclose(f), 0);
    ck_assert_str_eq(got, want);
}

START_TEST(members_are_written)
{
    struct why why = {""};
    fill_archive();
    put_end();
    save("a.tar");
    REQUIRE(write_again(false, &why), "%s", why.text);
    save("b.tar");
    ck_assert_uint_eq(read_archive("b.tar", &why), 5);
    require_listed("tar xf b.tar -O a.txt", "goodbye");
    require_listed("tar tvf a.tar --quoting-style=escape | sed 's/ 5 / 7 /' >1; tar tvf b.tar --quoting-style=escape >2; "
                   "diff 1 2; wc -l <2",
                   "5\n");
    require_listed("tar xf a.tar --wildcards -O 'b*' >1; tar xf b.tar --wildcards -O 'b*' | cmp - 1", "");
}
END_TEST

START_TEST(a_member_must_be_whole)
{
    struct why why = {""};
    fill_archive();
    put_end();
    save("a.tar");
    ck_assert(!write_again(true, &why));
    ck_assert_str_eq(why.text, "a member has 1 bytes less than its header says");
}
END_TEST

SUITE(tar)
{
    TCase *tar = tcase_create("tar");
    tcase_add_test(tar, a_header_tells_an_archive);
    tcase_add_test(tar, bytes_are_no_archive);
    suite_add_tcase(suite, tar);
    if (!tar_library()) {
        fputs("tar: without libarchive\n", stderr);
        return;
    }
    TCase *members = tcase_create("members");
    tcase_add_checked_fixture(members, enter_folder, leave_folder);
    tcase_add_test(members, members_are_read);
    tcase_add_test(members, archives_that_follow_are_read);
    tcase_add_test(members, every_truncation_is_an_error);
    tcase_add_test(members, members_are_written);
    tcase_add_test(members, a_member_must_be_whole);
    suite_add_tcase(suite, members);
}
