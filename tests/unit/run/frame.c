/* Frames through a socket: whole and in their order, with the right descriptors, however the bytes are cut. */
#include "cli/run/frame.h"
#include "folder.h"

#include <errno.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { FRAMES = 400, BODY_MAX = 300000 };

static int ends[2];

static void open_sockets(void)
{
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
}

/* A body of any length, mostly a short one. */
static size_t make_body(struct random *r, unsigned char *body)
{
    size_t n = random_below(r, 10) ? random_below(r, 100) : random_below(r, BODY_MAX);
    for (size_t i = 0; i < n; i++)
        body[i] = (unsigned char)random_bits(r);
    return n;
}

/* An unlinked file with a number. */
static int make_descriptor(size_t number)
{
    int fd = open(".", O_TMPFILE | O_RDWR, 0600);
    if (fd < 0) {
        fd = open("a", O_CREAT | O_RDWR, 0600);
        unlink("a");
    }
    REQUIRE(fd >= 0 && pwrite(fd, &number, sizeof number, 0) == sizeof number, "no file");
    return fd;
}

/* The descriptors that go with a frame: with most none. */
static unsigned count_descriptors(struct random *r)
{
    return random_below(r, 3) ? 0 : 1 + (unsigned)random_below(r, FRAME_FDS_MAX);
}

/* With descriptors, each of which has a number of its own. */
static void send_at_once(int socket, size_t number, const struct frame_part *part, size_t parts, unsigned fds)
{
    int fd[FRAME_FDS_MAX];
    for (unsigned i = 0; i < fds; i++)
        fd[i] = make_descriptor(number * FRAME_FDS_MAX + i);
    REQUIRE(frame_send(socket, (uint32_t)number, part, parts, fd, fds) == FRAME_SENT, "frame %zu is not sent", number);
    for (unsigned i = 0; i < fds; i++)
        close(fd[i]);
}

/* Frames in several parts, some at once, and others together. */
static void send_frames(int socket, bool together)
{
    static unsigned char body[BODY_MAX];
    static struct frame_writer writer;
    struct random r = {7};
    frame_writer_open(&writer, socket);
    for (size_t i = 0; i < FRAMES; i++) {
        size_t n = make_body(&r, body), cut = n / 3;
        const struct frame_part part[] = {{body, cut}, {NULL, 0}, {body + cut, n - cut}};
        unsigned fds = count_descriptors(&r);
        if (together && fds == 0) {
            REQUIRE(frame_write(&writer, (uint32_t)i, part, 3), "frame %zu is not sent", i);
        } else {
            REQUIRE(frame_flush(&writer), "the frames before frame %zu are not sent", i);
            send_at_once(socket, i, part, 3, fds);
        }
    }
    REQUIRE(frame_flush(&writer), "the last frames are not sent");
}

static void require_frame(const struct frame *frame, size_t number, struct random *r)
{
    static unsigned char body[BODY_MAX];
    size_t n = make_body(r, body), told = SIZE_MAX;
    unsigned fds = count_descriptors(r);
    REQUIRE(frame->kind == number && frame->n == n, "frame %u of %zu bytes for %zu of %zu", frame->kind, frame->n, number,
            n);
    REQUIRE(n == 0 || memcmp(frame->body, body, n) == 0, "frame %zu has other bytes", number);
    REQUIRE((uintptr_t)frame->body % 8 == 0, "frame %zu is not aligned", number);
    REQUIRE(frame->fds == fds, "frame %zu: %u descriptors for %u", number, frame->fds, fds);
    for (unsigned i = 0; i < fds; i++) {
        REQUIRE(fcntl(frame->fd[i], F_GETFD) == FD_CLOEXEC, "another program would get it");
        REQUIRE(pread(frame->fd[i], &told, sizeof told, 0) == sizeof told && told == number * FRAME_FDS_MAX + i,
                "descriptor %u of frame %zu is that of %zu", i, number, told);
        close(frame->fd[i]);
    }
}

static void receive_frames(int socket)
{
    struct frame_reader reader = {.takes_fds = true};
    struct frame frame;
    struct random r = {7};
    size_t n = 0;
    while (n < FRAMES) {
        while (frame_next(&reader, &frame))
            require_frame(&frame, n++, &r);
        REQUIRE(n == FRAMES || frame_read(&reader, socket, true) == 1, "the stream ends before frame %zu", n);
    }
    ck_assert_int_eq(frame_read(&reader, socket, true), -1);
    frame_reader_free(&reader);
}

/* Sockets of little room cut frames anywhere. */
START_TEST(frames_come_whole_with_their_descriptors)
{
    int room = _i < 2 ? 1 : 1 << 20;
    open_sockets();
    ck_assert_int_eq(setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof room), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        send_frames(ends[1], _i % 2);
        _exit(0);
    }
    close(ends[1]);
    receive_frames(ends[0]);
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    close(ends[0]);
}
END_TEST

START_TEST(nothing_there_is_not_waited_for)
{
    struct frame_reader reader = {0};
    struct frame frame;
    open_sockets();
    ck_assert_int_eq(frame_read(&reader, ends[0], false), 0);
    ck_assert_int_eq(frame_send(ends[1], 5, NULL, 0, NULL, 0), FRAME_SENT);
    ck_assert_int_eq(frame_read(&reader, ends[0], false), 1);
    ck_assert(frame_next(&reader, &frame));
    ck_assert_uint_eq(frame.kind, 5);
    ck_assert_uint_eq(frame.n, 0);
    ck_assert_uint_eq(frame.fds, 0);
    ck_assert(!frame_next(&reader, &frame));
    frame_reader_free(&reader);
    close(ends[0]);
    ck_assert_int_eq(frame_send(ends[1], 5, NULL, 0, NULL, 0), FRAME_UNREAD); /* and no SIGPIPE */
    close(ends[1]);
}
END_TEST

/* All but the last bytes of a frame: the sender died. */
START_TEST(a_frame_that_is_cut_is_none)
{
    unsigned char bytes[4096];
    open_sockets();
    ck_assert_int_eq(frame_send(ends[1], 1, &(struct frame_part){"twelve bytes", 12}, 1, NULL, 0), FRAME_SENT);
    ssize_t n = recv(ends[0], bytes, sizeof bytes, 0);
    ck_assert_int_ge(n, 28);
    for (ssize_t cut = 0; cut < n; cut++) {
        struct frame_reader reader = {0};
        struct frame frame;
        int pair[2];
        ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
        REQUIRE(send(pair[1], bytes, (size_t)cut, 0) == cut, "%s", strerror(errno));
        close(pair[1]);
        while (frame_read(&reader, pair[0], true) == 1)
            REQUIRE(!frame_next(&reader, &frame), "a frame of %zd bytes", cut);
        REQUIRE(!frame_next(&reader, &frame), "a frame of %zd bytes", cut);
        frame_reader_free(&reader);
        close(pair[0]);
    }
    close(ends[0]);
    close(ends[1]);
}
END_TEST

/* The length stands behind the kind and a flag, as 8 bytes. */
START_TEST(a_frame_that_is_too_long_ends_the_stream)
{
    static const uint64_t lengths[] = {UINT64_MAX, UINT64_MAX - 7, (uint64_t)1 << 63, ((uint64_t)1 << 31) + 1};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        struct frame_reader reader = {0};
        struct frame frame;
        uint64_t head[2] = {1, lengths[i]};
        open_sockets();
        REQUIRE(send(ends[1], head, sizeof head, 0) == sizeof head, "%s", strerror(errno));
        int read = frame_read(&reader, ends[0], true);
        REQUIRE(!frame_next(&reader, &frame), "a frame of 2^31 bytes or more");
        REQUIRE(read < 0 || frame_read(&reader, ends[0], true) < 0, "it is waited for");
        frame_reader_free(&reader);
        close(ends[0]);
        close(ends[1]);
    }
}
END_TEST

static void send_one(uint32_t kind)
{
    int fd = open("/dev/null", O_RDONLY);
    ck_assert_int_eq(frame_send(ends[1], kind, NULL, 0, &fd, 1), FRAME_SENT);
    close(fd);
}

/* Who takes no descriptors has none open, whatever comes. */
START_TEST(descriptors_that_are_not_taken_are_closed)
{
    struct frame_reader reader = {0};
    struct frame frame;
    open_sockets();
    int first = dup(STDERR_FILENO);
    close(first);
    send_one(1);
    ck_assert_int_eq(frame_read(&reader, ends[0], true), 1);
    ck_assert(frame_next(&reader, &frame));
    ck_assert_uint_eq(frame.fds, 0);
    int next = dup(STDERR_FILENO);
    ck_assert_int_eq(next, first);
    close(next);
    frame_reader_free(&reader);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

/* Where no more can be open the stream has ended: which descriptor belongs to which frame would be unknown. */
START_TEST(no_room_for_a_descriptor)
{
    enum { LIMIT = 64 };
    struct rlimit before;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    const struct rlimit limit = {LIMIT, before.rlim_max};
    struct frame_reader reader = {.takes_fds = true};
    int last = STDERR_FILENO, most = 0, fds[LIMIT];
    open_sockets();
    send_one(0);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    while (most < LIMIT && (last = dup(STDERR_FILENO)) >= 0)
        fds[most++] = last;
    ck_assert_int_lt(last, 0);
    ck_assert_int_eq(frame_read(&reader, ends[0], true), -1);
    while (most > 0)
        close(fds[--most]);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
    frame_reader_free(&reader);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

enum { ON_THEIR_WAY = 32, MANY = 4 * ON_THEIR_WAY };

/*
 * Sends frames with a descriptor each, as a user for whom more than so many on their way are too many: root has no limit.
 * Returns how many are sent until one is put off; -1 if it fails otherwise.
 */
static int send_many(int socket)
{
    const struct rlimit limit = {ON_THEIR_WAY, ON_THEIR_WAY};
    if ((geteuid() == 0 && setresuid(65534, 65534, 65534) < 0) || setrlimit(RLIMIT_NOFILE, &limit) < 0)
        return -1;
    for (int i = 0; i < MANY; i++) {
        enum frame_sent sent = frame_send(socket, 0, NULL, 0, &socket, 1);
        if (sent != FRAME_SENT)
            return sent == FRAME_LATER ? i : -1;
    }
    return MANY;
}

START_TEST(too_many_descriptors_are_put_off)
{
    open_sockets();
    pid_t child = fork();
    if (child == 0) {
        int sent = send_many(ends[1]);
        _exit(sent < 0 ? 255 : sent);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status));
    int sent = WEXITSTATUS(status);
    if (sent == MANY)
        printf("unit/run/frame: skipped, this kernel lets any number of descriptors be on their way\n");
    else
        REQUIRE(sent >= ON_THEIR_WAY && sent < MANY, "%d were sent", sent);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

SUITE(frame)
{
    TCase *tcase = tcase_create("frame");
    tcase_add_checked_fixture(tcase, enter_folder, leave_folder);
    tcase_add_loop_test(tcase, frames_come_whole_with_their_descriptors, 0, 4);
    tcase_add_test(tcase, nothing_there_is_not_waited_for);
    tcase_add_test(tcase, a_frame_that_is_cut_is_none);
    tcase_add_test(tcase, a_frame_that_is_too_long_ends_the_stream);
    tcase_add_test(tcase, no_room_for_a_descriptor);
    tcase_add_test(tcase, descriptors_that_are_not_taken_are_closed);
    tcase_add_test(tcase, too_many_descriptors_are_put_off);
    suite_add_tcase(suite, tcase);
}
