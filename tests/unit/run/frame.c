/* Frames through a socket: whole and in their order, with the right descriptors, however the bytes are cut. */
#include "cli/run/frame.h"
#include "folder.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

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

/* An unlinked file with the number of its frame; -1 for most frames. */
static int make_descriptor(struct random *r, size_t number)
{
    if (random_below(r, 3))
        return -1;
    int fd = open(".", O_TMPFILE | O_RDWR, 0600);
    if (fd < 0) {
        fd = open("a", O_CREAT | O_RDWR, 0600);
        unlink("a");
    }
    REQUIRE(fd >= 0 && pwrite(fd, &number, sizeof number, 0) == sizeof number, "no file");
    return fd;
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
        int fd = make_descriptor(&r, i);
        if (together || fd >= 0)
            REQUIRE(frame_write(&writer, (uint32_t)i, part, 3, fd), "frame %zu is not sent", i);
        else
            REQUIRE(frame_flush(&writer) && frame_send(socket, (uint32_t)i, part, 3), "frame %zu is not sent", i);
    }
    REQUIRE(frame_flush(&writer), "the last frames are not sent");
}

static void require_frame(const struct frame *frame, size_t number, struct random *r)
{
    static unsigned char body[BODY_MAX];
    size_t n = make_body(r, body), told = SIZE_MAX;
    int fd = make_descriptor(r, number);
    REQUIRE(frame->kind == number && frame->n == n, "frame %u of %zu bytes for %zu of %zu", frame->kind, frame->n, number,
            n);
    REQUIRE(n == 0 || memcmp(frame->body, body, n) == 0, "frame %zu has other bytes", number);
    REQUIRE((uintptr_t)frame->body % 8 == 0, "frame %zu is not aligned", number);
    REQUIRE((frame->fd >= 0) == (fd >= 0), "frame %zu: descriptor %d for %d", number, frame->fd, fd);
    if (fd < 0)
        return;
    REQUIRE(fcntl(frame->fd, F_GETFD) == FD_CLOEXEC, "another program would get it");
    REQUIRE(pread(frame->fd, &told, sizeof told, 0) == sizeof told && told == number, "frame %zu has the file of %zu",
            number, told);
    close(fd);
    close(frame->fd);
}

static void receive_frames(int socket)
{
    struct frame_reader reader = {0};
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
    ck_assert(frame_send(ends[1], 5, NULL, 0));
    ck_assert_int_eq(frame_read(&reader, ends[0], false), 1);
    ck_assert(frame_next(&reader, &frame));
    ck_assert_uint_eq(frame.kind, 5);
    ck_assert_uint_eq(frame.n, 0);
    ck_assert_int_eq(frame.fd, -1);
    ck_assert(!frame_next(&reader, &frame));
    frame_reader_free(&reader);
    close(ends[0]);
    ck_assert(!frame_send(ends[1], 5, NULL, 0)); /* and no SIGPIPE */
    close(ends[1]);
}
END_TEST

/* All but the last bytes of a frame: the sender died. */
START_TEST(a_frame_that_is_cut_is_none)
{
    unsigned char bytes[4096];
    open_sockets();
    ck_assert(frame_send(ends[1], 1, &(struct frame_part){"twelve bytes", 12}, 1));
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

/* Where no more can be open the frame comes without its descriptor, and later frames have theirs. */
START_TEST(no_room_for_a_descriptor)
{
    static struct frame_writer writer;
    struct frame_reader reader = {0};
    struct frame frame;
    open_sockets();
    frame_writer_open(&writer, ends[1]);
    for (uint32_t i = 0; i < 2; i++)
        ck_assert(frame_write(&writer, i, NULL, 0, open("/dev/null", O_RDONLY)) && frame_flush(&writer));
    enum { LIMIT = 64 };
    const struct rlimit limit = {LIMIT, LIMIT};
    int last = STDERR_FILENO, most = 0, fds[LIMIT];
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    while (most < LIMIT && (last = dup(STDERR_FILENO)) >= 0)
        fds[most++] = last;
    ck_assert_int_lt(last, 0);
    ck_assert_int_eq(frame_read(&reader, ends[0], true), 1);
    ck_assert(frame_next(&reader, &frame));
    ck_assert_int_eq(frame.fd, -1);
    ck_assert_uint_eq(frame.kind, 0);
    while (most > 0)
        close(fds[--most]);
    while (!frame_next(&reader, &frame))
        ck_assert_int_eq(frame_read(&reader, ends[0], true), 1);
    ck_assert_uint_eq(frame.kind, 1);
    ck_assert_int_ge(frame.fd, 0);
    close(frame.fd);
    frame_reader_free(&reader);
}
END_TEST

enum { ON_THEIR_WAY = 32, MANY = 4 * ON_THEIR_WAY, HEAD_BYTES = 16 };

/* Frames with a descriptor each, sent by a user for whom more than so many on their way are too many: root has no limit. */
static bool send_many(int socket)
{
    static struct frame_writer writer;
    const struct rlimit limit = {ON_THEIR_WAY, ON_THEIR_WAY};
    if ((geteuid() == 0 && setresuid(65534, 65534, 65534) < 0) || setrlimit(RLIMIT_NOFILE, &limit) < 0)
        return false;
    frame_writer_open(&writer, socket);
    for (uint32_t i = 0; i < MANY; i++)
        if (!frame_write(&writer, i, NULL, 0, open("/dev/null", O_RDONLY)) || !frame_flush(&writer))
            return false;
    return true;
}

/* Waits until the first descriptors are on their way, and gives the others some time. Returns the bytes that are there. */
static int wait_for_many(int socket)
{
    const struct timespec pause = {.tv_nsec = 50000000};
    int there = 0;
    for (int tries = 0; tries < 40 && there < HEAD_BYTES * ON_THEIR_WAY; tries++) {
        nanosleep(&pause, NULL);
        ck_assert_int_eq(ioctl(socket, FIONREAD, &there), 0);
    }
    return there;
}

START_TEST(too_many_descriptors_are_waited_for)
{
    struct frame_reader reader = {0};
    struct frame frame;
    open_sockets();
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        _exit(send_many(ends[1]) ? 0 : 1);
    }
    close(ends[1]);
    if (wait_for_many(ends[0]) == HEAD_BYTES * MANY)
        printf("unit/run/frame: skipped, this kernel lets any number of descriptors be on their way\n");
    for (uint32_t i = 0; i < MANY; i++) {
        while (!frame_next(&reader, &frame))
            REQUIRE(frame_read(&reader, ends[0], true) == 1, "the stream ends before frame %u", i);
        REQUIRE(frame.kind == i && frame.fd >= 0, "frame %u for %u, descriptor %d", frame.kind, i, frame.fd);
        close(frame.fd);
    }
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    frame_reader_free(&reader);
    close(ends[0]);
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
    tcase_add_test(tcase, too_many_descriptors_are_waited_for);
    suite_add_tcase(suite, tcase);
}
