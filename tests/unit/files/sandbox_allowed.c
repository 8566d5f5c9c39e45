/* What a process in the sandbox does as without: its files, memory, clocks, its own end, and all codec libraries. */
#include "confined.h"
#include "folder.h"

#include "cli/files/process.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>

/* Made before the process enters. */
static struct {
    int file, kept, other; /* open for reading and writing; the end of a pair of sockets that the process keeps */
} given;

/* ---- files --------------------------------------------------------------------------------------------------------- */

static bool files_are_read_and_written(void)
{
    char got[8] = "";
    struct iovec parts[] = {{got, 1}, {got + 1, 3}};
    return pwrite(given.file, "text", 4, 2) == 4 && pread(given.file, got, 4, 2) == 4 && memcmp(got, "text", 4) == 0 &&
           lseek(given.file, 2, SEEK_SET) == 2 && readv(given.file, parts, 2) == 4 && memcmp(got, "text", 4) == 0 &&
           lseek(given.file, 0, SEEK_SET) == 0 && write(given.file, "ab", 2) == 2 && read(given.file, got, 2) == 2 &&
           memcmp(got, "te", 2) == 0;
}

static bool files_are_described(void)
{
    struct stat st;
    return descriptor_stat(given.file, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 6 && st.st_nlink == 1;
}

static bool others_are_closed(void)
{
    struct stat st;
    char c;
    bool standard =
        descriptor_stat(0, &st) == 0 && S_ISCHR(st.st_mode) && descriptor_stat(1, &st) == 0 && S_ISCHR(st.st_mode);
    return standard && read(0, &c, 1) == 0 && write(1, "x", 1) == 1 && write(2, "x", 1) == 1 &&
           descriptor_stat(given.other, &st) != 0 && close(given.file) == 0 && descriptor_stat(given.file, &st) != 0;
}

/* A descriptor comes through the socket, as the next job's do. */
static bool descriptors_arrive(void)
{
    char byte, control[CMSG_SPACE(sizeof(int))] = {0}, got[4];
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    struct pollfd ready = {.fd = given.kept, .events = POLLIN};
    int fd = -1;
    if (poll(&ready, 1, 5000) != 1 || recvmsg(given.kept, &message, MSG_CMSG_CLOEXEC) != 1 || !CMSG_FIRSTHDR(&message))
        return false;
    memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
    return pread(fd, got, 4, 0) == 4 && close(fd) == 0 && writev(given.kept, &part, 1) == 1;
}

/* ---- memory -------------------------------------------------------------------------------------------------------- */

static bool memory_comes_and_goes(void)
{
    enum { BYTES = 100 << 20 };
    unsigned char *p = malloc(BYTES);
    if (!p)
        return false;
    memset(p, 7, BYTES);
    p = realloc(p, 2 * (size_t)BYTES);
    bool ok = p && p[BYTES - 1] == 7;
    p = ok ? realloc(p, 10) : p;
    ok = ok && p && p[9] == 7;
    free(p);
    void *small[2000];
    for (size_t i = 0; i < 2000; i++)
        ok = (small[i] = calloc(1, 20 * i + 1)) != NULL && ok;
    for (size_t i = 0; i < 2000; i++)
        free(small[i]);
    return ok;
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* So large that libc asks how much memory there is. */
static bool large_arrays_are_sorted(void)
{
    enum { N = 4 << 20 };
    double *x = malloc(N * sizeof *x);
    struct random r = {1};
    bool ok = x != NULL;
    for (size_t i = 0; ok && i < N; i++)
        x[i] = random_unit(&r);
    if (ok)
        qsort(x, N, sizeof *x, compare);
    for (size_t i = 1; ok && i < N; i++)
        ok = x[i - 1] <= x[i];
    free(x);
    return ok;
}

/* ---- the process --------------------------------------------------------------------------------------------------- */

static bool clocks_are_read(void)
{
    struct timespec t = {0};
    struct rusage used;
    return syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &t) == 0 && t.tv_sec > 0 && getrusage(RUSAGE_SELF, &used) == 0 &&
           time(NULL) > 0;
}

static bool limits_are_set(void)
{
    struct rlimit time, memory;
    return getrlimit(RLIMIT_CPU, &time) == 0 && setrlimit(RLIMIT_CPU, &time) == 0 && getrlimit(RLIMIT_AS, &memory) == 0 &&
           setrlimit(RLIMIT_AS, &memory) == 0;
}

static unsigned called;

static void call(void)
{
    called++;
}

static bool things_are_done_once(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, call);
    pthread_once(&once, call);
    return called == 1;
}

static bool numbers_are_printed_and_parsed(void)
{
    char text[64];
    snprintf(text, sizeof text, "%.17g", 0.1);
    return strtod(text, NULL) == 0.1;
}

/* ---- codec libraries ----------------------------------------------------------------------------------------------- */

static unsigned pictures;

static void write_and_read(const struct codec *codec, const struct kind *kind)
{
    struct image p = make_image(codec, kind, 61, 47, true);
    struct memory_sink m = must_encode(codec, &p, 3, true);
    struct image back = must_decode(codec->name, m.bytes, m.size, 3);
    pictures += back.info.width == 61;
    free(back.samples);
    free(m.bytes);
    free(p.samples);
}

static bool codecs_read_and_write(void)
{
    each_kind(write_and_read);
    return pictures >= 10;
}

/* ---- the table ----------------------------------------------------------------------------------------------------- */

static const struct deed {
    const char *name;
    bool (*works)(void);
} deeds[] = {
    {"files are read and written", files_are_read_and_written},
    {"files are described", files_are_described},
    {"other descriptors are closed", others_are_closed},
    {"descriptors arrive", descriptors_arrive},
    {"memory comes and goes", memory_comes_and_goes},
    {"large arrays are sorted", large_arrays_are_sorted},
    {"clocks are read", clocks_are_read},
    {"limits are set", limits_are_set},
    {"things are done once", things_are_done_once},
    {"numbers are printed and parsed", numbers_are_printed_and_parsed},
    {"codecs read and write", codecs_read_and_write},
};

static int do_deed(const void *with)
{
    const struct deed *deed = with;
    return deed->works() ? 0 : 1;
}

/* The file with 6 bytes, and a byte in the socket with the file's descriptor. */
static void prepare(void)
{
    int ends[2];
    char byte = 'x', control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
    enter_folder();
    put_file("there", "123456");
    given.file = open("there", O_RDWR | O_CLOEXEC);
    REQUIRE(given.file >= 0 && socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0, "nothing to work with");
    given.kept = ends[0];
    given.other = ends[1];
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    *head = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(head), &given.file, sizeof(int));
    REQUIRE(sendmsg(given.other, &message, 0) == 1, "nothing can be sent");
    sandbox_prepare();
}

static int run_confined(int (*does)(const void *with), const void *with)
{
    const int keep[] = {given.kept, given.file};
    return run_process(true, keep, 2, does, with);
}

START_TEST(every_deed_works)
{
    if (!has_seccomp(_i == 0 ? "what is allowed" : NULL))
        return;
    int status = run_confined(do_deed, &deeds[_i]);
    ck_assert_msg(ended_with(status, 0), "%s: status %#x", deeds[_i].name, (unsigned)status);
}
END_TEST

/* ---- ends ---------------------------------------------------------------------------------------------------------- */

static int abort_it(const void *with)
{
    (void)with;
    abort();
}

static int raise_it(const void *with)
{
    raise(*(const int *)with);
    return 0;
}

static int fault(const void *with)
{
    volatile char *nowhere = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    (void)with;
    return *nowhere;
}

static int exit_by_libc(const void *with)
{
    exit(*(const int *)with);
}

/* Frees twice: libc complains on stderr, and aborts. */
static int free_twice(const void *with)
{
    void *volatile p = malloc(2000), *volatile between = malloc(10);
    (void)with;
    free(p);
    free(p);
    free(between);
    return 0;
}

/* Each end shows as what it is. */
START_TEST(ends_are_told_apart)
{
    static const int fpe = SIGFPE, seven = 7;
    const struct {
        const char *name;
        int (*does)(const void *);
        const void *with;
        int signal; /* 0: it exits with 7 */
    } ends[] = {{"abort", abort_it, NULL, SIGABRT},
                {"raise", raise_it, &fpe, SIGFPE},
                {"a fault", fault, NULL, SIGSEGV},
                {"free twice", free_twice, NULL, SIGABRT},
                {"exit", exit_by_libc, &seven, 0}};
    if (!has_seccomp("how processes end"))
        return;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        int status = run_confined(ends[i].does, ends[i].with);
        bool ok = ends[i].signal ? WIFSIGNALED(status) && WTERMSIG(status) == ends[i].signal : ended_with(status, 7);
        ck_assert_msg(ok && !WCOREDUMP(status), "%s: status %#x", ends[i].name, (unsigned)status);
    }
}
END_TEST

static void ignore(int number)
{
    (void)number;
}

/* However it takes SIGTERM. */
START_TEST(it_ends_with_its_parent)
{
    int ends[2];
    char byte;
    if (!has_seccomp("the end of the parent"))
        return;
    ck_assert_int_eq(pipe2(ends, O_CLOEXEC), 0);
    pid_t parent = fork();
    if (parent == 0) {
        pid_t self = getpid();
        signal(SIGTERM, ignore);
        if (fork() == 0) {
            struct why why = {""};
            process_follow(self);
            bool ok = sandbox_enter(&ends[1], 1, true, &why) && write(ends[1], "x", 1) == 1;
            while (ok)
                poll(NULL, 0, 1000);
        }
        close(ends[1]);
        pause();
    }
    close(ends[1]);
    ck_assert_int_eq(read(ends[0], &byte, 1), 1);
    ck_assert_int_eq(kill(parent, SIGKILL), 0);
    ck_assert_int_eq(waitpid(parent, NULL, 0), parent);
    ck_assert_int_eq(read(ends[0], &byte, 1), 0); /* the last writer has ended */
    close(ends[0]);
}
END_TEST

static int find_errors_open(const void *with)
{
    struct stat a, b;
    (void)with;
    struct why why = {""};
    bool ok = fstat(2, &a) == 0 && sandbox_enter(NULL, 0, false, &why) && fstat(2, &b) == 0;
    return ok && a.st_dev == b.st_dev && a.st_ino == b.st_ino && fcntl(given.file, F_GETFD) < 0 ? 0 : 1;
}

/* For debugging: descriptors are closed too, but what is printed to stderr is seen. */
START_TEST(unconfined_it_keeps_stderr)
{
    int status = run_process(false, NULL, 0, find_errors_open, NULL);
    ck_assert_msg(ended_with(status, 0), "status %#x", (unsigned)status);
}
END_TEST

static int read_in_an_empty_root(const void *with)
{
    struct why why = {""};
    char byte;
    (void)with;
    if (chroot(".") != 0)
        return NOT_CONFINED;
    return sandbox_enter(NULL, 0, true, &why) && read(0, &byte, 1) <= 0 && write(1, "x", 1) < 0 ? 0 : 1;
}

START_TEST(it_needs_no_file)
{
    int status = run_process(false, NULL, 0, read_in_an_empty_root, NULL);
    if (ended_with(status, NOT_CONFINED))
        fprintf(stderr, "sandbox: left out: a root folder without /dev/null (it takes root to have one)\n");
    else
        ck_assert_msg(ended_with(status, 0), "status %#x", (unsigned)status);
}
END_TEST

SUITE(sandbox_allowed)
{
    TCase *tcase = tcase_create("deeds");
    tcase_add_checked_fixture(tcase, prepare, leave_folder);
    ADD_EACH(tcase, every_deed_works, deeds);
    tcase_add_test(tcase, ends_are_told_apart);
    tcase_add_test(tcase, it_ends_with_its_parent);
    tcase_add_test(tcase, unconfined_it_keeps_stderr);
    tcase_add_test(tcase, it_needs_no_file);
    suite_add_tcase(suite, tcase);
}
