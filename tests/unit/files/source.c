/* Sources: files at any offset, streams that are kept in memory and in an unlinked file, and what is noticed of changes. */
#include "cli/files/source.h"
#include "folder.h"

#include <sys/socket.h>
#include <sys/un.h>

enum { SIZE = 300000 };

static void fill_bytes(unsigned char *bytes)
{
    struct random r = {1};
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (unsigned char)random_bits(&r);
}

/* Pieces of every size anywhere, also over the end. */
static void require_bytes(struct file_source *f, const unsigned char *bytes)
{
    struct random r = {2};
    unsigned char *got = must_alloc(SIZE);
    for (int i = 0; i < 400; i++) {
        size_t at = random_below(&r, SIZE + 100), n = random_below(&r, (size_t)1 << random_below(&r, 18));
        size_t left = at < SIZE ? SIZE - at : 0, want = n < left ? n : left;
        REQUIRE(f->base.read_at(&f->base, got, n, at) == want && memcmp(got, bytes + (want ? at : 0), want) == 0,
                "%zu bytes at %zu", n, at);
    }
    ck_assert_str_eq(f->base.why.text, "");
    free(got);
}

START_TEST(a_file_is_read_anywhere)
{
    unsigned char *bytes = must_alloc(SIZE);
    struct file_source f;
    struct why why = {""};
    fill_bytes(bytes);
    FILE *file = fopen("a", "w");
    ck_assert(file && fwrite(bytes, 1, SIZE, file) == SIZE && fclose(file) == 0);
    ck_assert(file_open(&f, "a", 1, &why) && f.regular);
    ck_assert_uint_eq(f.base.held, 0);
    require_bytes(&f, bytes);
    file_close(&f);
    free(bytes);
}
END_TEST

/* Nothing, a part and all of it within the memory that it may keep. */
START_TEST(a_stream_is_kept)
{
    static const size_t spools[] = {0, 100000, SIZE};
    unsigned char *bytes = must_alloc(SIZE);
    struct why why = {""};
    fill_bytes(bytes);
    ck_assert_int_eq(mkfifo("pipe", 0600), 0);
    for (size_t i = 0; i < 3; i++) {
        struct file_source f;
        pid_t child = fork();
        if (child == 0) {
            FILE *pipe = fopen("pipe", "w");
            _exit(pipe && fwrite(bytes, 1, SIZE, pipe) == SIZE && fclose(pipe) == 0 ? 0 : 1);
        }
        ck_assert(file_open(&f, "pipe", spools[i], &why) && !f.regular);
        ck_assert_uint_eq(f.base.held, spools[i]);
        ck_assert(!f.base.unchanged);
        require_bytes(&f, bytes);
        ck_assert_uint_le(f.spool_size, spools[i] < 1 << 16 ? 1 << 16 : 2 * spools[i]);
        file_close(&f);
    }
    free(bytes);
}
END_TEST

START_TEST(a_change_is_noticed)
{
    struct file_source f;
    struct why why = {""};
    put_file("a", "12");
    ck_assert(file_open(&f, "a", 1, &why) && f.base.unchanged(&f.base, &why));
    put_file("a", "123");
    ck_assert(!f.base.unchanged(&f.base, &why));
    ck_assert_str_eq(why.text, "changed while it was read");
    file_close(&f);
}
END_TEST

/* Never a SIGBUS: files are read, not mapped. */
START_TEST(a_file_that_shrinks_is_an_error)
{
    struct file_source f;
    struct why why = {""};
    char text[100001], bytes[1000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    put_file("a", text);
    ck_assert(file_open(&f, "a", 1, &why));
    ck_assert_uint_eq(f.base.read_at(&f.base, bytes, sizeof bytes, 0), sizeof bytes);
    ck_assert_int_eq(truncate("a", 5000), 0);
    ck_assert_uint_lt(f.base.read_at(&f.base, bytes, sizeof bytes, 99000), sizeof bytes);
    ck_assert(!f.base.unchanged(&f.base, &why));
    ck_assert_str_eq(why.text, "changed while it was read");
    file_close(&f);
}
END_TEST

START_TEST(what_cannot_be_read_is_refused)
{
    struct file_source f;
    struct why missing = {""}, directory = {""};
    ck_assert(!file_open(&f, "none", 1, &missing) && !file_open(&f, ".", 1, &directory));
    ck_assert_str_eq(missing.text, "No such file or directory");
    ck_assert_str_eq(directory.text, "is a directory, expected a picture");

    struct sockaddr_un name = {.sun_family = AF_UNIX, .sun_path = "socket"};
    struct why why = {""};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert(fd >= 0 && bind(fd, (const struct sockaddr *)&name, sizeof name) == 0);
    ck_assert(!file_open(&f, "socket", 1, &why));
    ck_assert_str_eq(why.text, "No such device or address");
    close(fd);
}
END_TEST

/* The bytes in pieces, as what unpacks them may hand them over; an error behind the first `good` of them. */
struct pieces {
    struct byte_stream base;
    const unsigned char *bytes;
    size_t at, good;
};

static ssize_t read_piece(struct byte_stream *stream, void *to, size_t n, struct why *why)
{
    struct pieces *p = (struct pieces *)stream;
    size_t left = p->good - p->at, piece = n < 1000 ? n : 1000;
    if (left == 0 && p->good < SIZE) {
        why_set(why, "damaged");
        return -1;
    }
    piece = piece < left ? piece : left;
    memcpy(to, p->bytes + p->at, piece);
    p->at += piece;
    return (ssize_t)piece;
}

START_TEST(a_stream_without_a_descriptor_is_kept)
{
    static const size_t spools[] = {0, 100000, 2 * SIZE};
    unsigned char *bytes = must_alloc(SIZE);
    struct why none = {""};
    fill_bytes(bytes);
    for (size_t i = 0; i < 3; i++) {
        struct pieces pieces = {{read_piece}, bytes, 0, SIZE};
        struct file_source f;
        int spool = open(".", O_TMPFILE | O_RDWR, 0600);
        ck_assert_int_ge(spool, 0);
        file_stream(&f, &pieces.base, SIZE, spools[i], spool, &none);
        ck_assert_uint_eq(f.base.held, spools[i] < SIZE ? spools[i] : SIZE);
        require_bytes(&f, bytes);
        file_close(&f);
        ck_assert_int_eq(close(spool), 0); /* it was lent */
    }
    free(bytes);
}
END_TEST

START_TEST(the_reason_of_a_stream_is_told)
{
    unsigned char *bytes = must_alloc(SIZE);
    struct pieces pieces = {{read_piece}, bytes, 0, 5000};
    struct file_source f;
    struct why no_spool = {"no room"};
    file_stream(&f, &pieces.base, SIZE, SIZE, -1, &no_spool);
    ck_assert_uint_eq(f.base.read_at(&f.base, bytes, 6000, 0), 0);
    ck_assert_str_eq(f.base.why.text, "damaged");
    ck_assert_int_eq(file_pass(&f, bytes, 1), -1);
    file_close(&f);

    pieces.at = 0;
    file_stream(&f, &pieces.base, SIZE, 1000, -1, &no_spool);
    ck_assert_uint_eq(f.base.read_at(&f.base, bytes, 2000, 0), 0);
    ck_assert_str_eq(f.base.why.text, "no room");
    file_close(&f);
    free(bytes);
}
END_TEST

/* What was looked at comes first, and nothing else is kept. */
static void require_passed(struct file_source *f, const unsigned char *bytes, size_t head)
{
    unsigned char *got = must_alloc(SIZE);
    size_t at = 0;
    ssize_t n;
    ck_assert_uint_eq(file_head(f, got, head), head);
    size_t kept = (size_t)f->streamed;
    while ((n = file_pass(f, got + at, at + 777 < SIZE ? 777 : SIZE - at)) > 0)
        at += (size_t)n;
    ck_assert_uint_eq(at, SIZE);
    ck_assert_mem_eq(got, bytes, SIZE);
    ck_assert_uint_eq(f->streamed, kept);
    free(got);
}

START_TEST(what_is_read_once_is_not_kept)
{
    unsigned char *bytes = must_alloc(SIZE);
    struct why none = {""};
    fill_bytes(bytes);
    struct pieces pieces = {{read_piece}, bytes, 0, SIZE};
    struct file_source f;
    file_stream(&f, &pieces.base, SIZE, SIZE, -1, &none);
    require_passed(&f, bytes, 512);
    ck_assert_int_eq(file_pass(&f, bytes, 1), 0);
    file_close(&f);

    FILE *file = fopen("a", "w");
    ck_assert(file && fwrite(bytes, 1, SIZE, file) == SIZE && fclose(file) == 0);
    ck_assert(file_open(&f, "a", 1, &none));
    require_passed(&f, bytes, 512);

    struct file_source lent;
    file_lend(&f, &lent);
    require_bytes(&lent, bytes);
    file_close(&lent);
    require_bytes(&f, bytes); /* it is still open */
    file_close(&f);
    free(bytes);
}
END_TEST

SUITE(source)
{
    TCase *source = tcase_create("source");
    tcase_add_checked_fixture(source, enter_folder, leave_folder);
    tcase_add_test(source, a_file_is_read_anywhere);
    tcase_add_test(source, a_stream_is_kept);
    tcase_add_test(source, a_stream_without_a_descriptor_is_kept);
    tcase_add_test(source, the_reason_of_a_stream_is_told);
    tcase_add_test(source, what_is_read_once_is_not_kept);
    tcase_add_test(source, a_change_is_noticed);
    tcase_add_test(source, a_file_that_shrinks_is_an_error);
    tcase_add_test(source, what_cannot_be_read_is_refused);
    suite_add_tcase(suite, source);
}
