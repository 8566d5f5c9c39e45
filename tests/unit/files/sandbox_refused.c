/*
 * What a process in the sandbox tries, and gets as an answer. SANDBOX_TABLE=1 prints the attempts with their answers. A
 * call that is free to everyone is made without the sandbox too, where it must not be refused: so the attempts are real.
 */
#include "confined.h"
#include "folder.h"

#include "cli/files/confinement.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

/* What the attempts use: made before the process enters. */
static struct {
    int file, socket, program; /* open for writing; not connected; /bin/true */
    pid_t parent;
    void *page;
} given;

static char byte;
static struct iovec one = {&byte, 1};
static char *const no_words[] = {NULL};

static long child(long pid)
{
    if (pid == 0)
        _exit(0);
    return pid;
}

static long map_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0;
}

static long share_memory(void)
{
    int id = shmget(IPC_PRIVATE, 4096, 0600);
    return id >= 0 ? shmctl(id, IPC_RMID, NULL) : -1;
}

static long connect_to_port_1(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(1), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return connect(given.socket, (const struct sockaddr *)&to, sizeof to);
}

static long listen_somewhere(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    return bind(given.socket, (const struct sockaddr *)&at, sizeof at);
}

/* Each returns what its call does: -1, with errno, if it is refused. */
#define ATTEMPT(name, ...)                                                                                                 \
    static long name(void)                                                                                                 \
    {                                                                                                                      \
        return (long)(__VA_ARGS__);                                                                                        \
    }
ATTEMPT(try_open, syscall(SYS_openat, AT_FDCWD, "there", O_RDONLY))
ATTEMPT(try_openat_file, openat(given.file, "there", O_RDONLY))
ATTEMPT(try_openat2, syscall(SYS_openat2, AT_FDCWD, "there", (uint64_t[3]){O_RDONLY, 0, 0}, 24))
ATTEMPT(try_creat, creat("new", 0600))
ATTEMPT(try_stat, stat("there", &(struct stat){0}))
ATTEMPT(try_fstat, syscall(SYS_newfstatat, given.file, "", &(struct stat){0}, AT_EMPTY_PATH)) /* some libcs call fstat */
ATTEMPT(try_statx, statx(AT_FDCWD, "there", 0, STATX_SIZE, &(struct statx){0}))
ATTEMPT(try_access, access("there", R_OK))
ATTEMPT(try_readlink, readlink("link", &byte, 1))
ATTEMPT(try_getcwd, syscall(SYS_getcwd, (char[64]){0}, 64))
ATTEMPT(try_chdir, chdir("."))
ATTEMPT(try_link, link("there", "other"))
ATTEMPT(try_symlink, symlink("there", "other"))
ATTEMPT(try_unlink, unlink("there"))
ATTEMPT(try_rename, rename("there", "other"))
ATTEMPT(try_mkdir, mkdir("new", 0700))
ATTEMPT(try_rmdir, rmdir("empty"))
ATTEMPT(try_chmod, chmod("there", 0600))
ATTEMPT(try_fchmod, fchmod(given.file, 0600))
ATTEMPT(try_fchown, fchown(given.file, getuid(), getgid()))
ATTEMPT(try_truncate, truncate("there", 0))
ATTEMPT(try_ftruncate, ftruncate(given.file, 0))
ATTEMPT(try_utimensat, utimensat(AT_FDCWD, "there", NULL, 0))
ATTEMPT(try_mknod, mknod("pipe", S_IFIFO | 0600, 0))
ATTEMPT(try_fsync, fsync(given.file))
ATTEMPT(try_fcntl, fcntl(given.file, F_GETFL))
ATTEMPT(try_dup, dup(given.file))
ATTEMPT(try_pipe, pipe((int[2]){0}))
ATTEMPT(try_ioctl, ioctl(given.socket, FIONREAD, &(int){0}))
ATTEMPT(try_sendfile, syscall(SYS_sendfile, given.file, given.program, NULL, 1))
ATTEMPT(try_socket, socket(AF_INET, SOCK_STREAM, 0))
ATTEMPT(try_send_descriptors, sendmsg(given.socket, &(struct msghdr){.msg_iovlen = 0}, MSG_NOSIGNAL))
ATTEMPT(try_socketpair, socketpair(AF_UNIX, SOCK_STREAM, 0, (int[2]){0}))
ATTEMPT(try_connect, connect_to_port_1())
ATTEMPT(try_bind, listen_somewhere())
ATTEMPT(try_execve, execve("/bin/true", no_words, no_words))
ATTEMPT(try_fexecve, syscall(SYS_execveat, given.program, "", no_words, no_words, AT_EMPTY_PATH))
ATTEMPT(try_memfd, memfd_create("program", 0))
ATTEMPT(try_fork, child(fork()))
ATTEMPT(try_vfork, child(vfork())) /* NOLINT */
ATTEMPT(try_clone, child(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)))
ATTEMPT(try_clone3, child(syscall(SYS_clone3, (uint64_t[8]){0, 0, 0, 0, SIGCHLD, 0, 0, 0}, 64)))
ATTEMPT(try_unshare, unshare(CLONE_NEWUSER))
ATTEMPT(try_setns, syscall(SYS_setns, given.file, 0))
ATTEMPT(try_ptrace_me, ptrace(PTRACE_TRACEME, 0, NULL, NULL))
ATTEMPT(try_ptrace, ptrace(PTRACE_ATTACH, given.parent, NULL, NULL))
ATTEMPT(try_kill_0, kill(given.parent, 0))
ATTEMPT(try_kill, kill(given.parent, SIGCONT))
ATTEMPT(try_tgkill, syscall(SYS_tgkill, given.parent, given.parent, SIGCONT))
ATTEMPT(try_tkill, syscall(SYS_tkill, given.parent, SIGCONT))
ATTEMPT(try_sigqueue, sigqueue(given.parent, SIGCONT, (union sigval){0}))
ATTEMPT(try_pidfd_open, syscall(SYS_pidfd_open, given.parent, 0))
ATTEMPT(try_pidfd_getfd, syscall(SYS_pidfd_getfd, given.file, 0, 0))
ATTEMPT(try_vm_read, process_vm_readv(given.parent, &one, 1, &one, 1, 0))
ATTEMPT(try_vm_write, process_vm_writev(given.parent, &one, 1, &one, 1, 0))
ATTEMPT(try_prlimit, prlimit(given.parent, RLIMIT_CPU, NULL, &(struct rlimit){0}))
ATTEMPT(try_prlimit_core, prlimit(0, RLIMIT_CORE, NULL, &(struct rlimit){0}))
ATTEMPT(try_prctl, prctl(PR_GET_DUMPABLE))
ATTEMPT(try_prctl_death, prctl(PR_SET_PDEATHSIG, 0))
ATTEMPT(try_seccomp, syscall(SYS_seccomp, 2, 0, &(unsigned){0x7fff0000}))
ATTEMPT(try_landlock, syscall(SYS_landlock_create_ruleset, NULL, 0, 1))
ATTEMPT(try_sigaction, signal(SIGXCPU, SIG_IGN) == SIG_ERR ? -1 : 0)
ATTEMPT(try_sigprocmask, sigprocmask(SIG_BLOCK, &(sigset_t){0}, NULL))
ATTEMPT(try_setuid, setuid(getuid()))
ATTEMPT(try_setresgid, setresgid((gid_t)-1, (gid_t)-1, (gid_t)-1))
ATTEMPT(try_capset, syscall(SYS_capset, (unsigned[2]){0x20080522, 0}, (unsigned[6]){0}))
ATTEMPT(try_setpriority, setpriority(PRIO_PROCESS, 0, 19))
ATTEMPT(try_affinity, sched_setaffinity(given.parent, sizeof(cpu_set_t), &(cpu_set_t){{1}}))
ATTEMPT(try_map_code, map_code())
ATTEMPT(try_protect_code, mprotect(given.page, 4096, PROT_READ | PROT_EXEC))
ATTEMPT(try_poison, madvise(given.page, 0, 100)) /* MADV_HWPOISON of no page */
ATTEMPT(try_shmget, share_memory())
ATTEMPT(try_personality, syscall(SYS_personality, 0xffffffff))
ATTEMPT(try_io_uring, syscall(SYS_io_uring_setup, 1, (struct io_uring_params[1]){{0}}))
ATTEMPT(try_userfaultfd, syscall(SYS_userfaultfd, 1))
ATTEMPT(try_bpf, syscall(SYS_bpf, BPF_MAP_CREATE, (union bpf_attr[1]){{{0}}}, sizeof(union bpf_attr)))
ATTEMPT(try_perf, syscall(SYS_perf_event_open, (struct perf_event_attr[1]){{0}}, 0, -1, -1, 0))
ATTEMPT(try_keyctl, syscall(SYS_keyctl, 0, -3, 0)) /* KEYCTL_GET_KEYRING_ID, the session's */
ATTEMPT(try_inotify, inotify_init())
ATTEMPT(try_epoll, epoll_create1(0))
ATTEMPT(try_mount, mount("none", ".", "tmpfs", 0, NULL))
ATTEMPT(try_umount, umount2("there", 0))
ATTEMPT(try_chroot, chroot("."))
ATTEMPT(try_sethostname, syscall(SYS_sethostname, "", -1))
ATTEMPT(try_settimeofday, syscall(SYS_settimeofday, NULL, NULL))

static const struct attempt {
    const char *name;
    long (*call)(void);
    bool is_free; /* everyone may do it */
} attempts[] = {
    {"openat", try_open, true},
    {"openat, of an open file", try_openat_file, false},
    {"openat2", try_openat2, false},
    {"creat", try_creat, true},
    {"stat", try_stat, true},
    {"fstat as newfstatat", try_fstat, true},
    {"statx", try_statx, true},
    {"access", try_access, true},
    {"readlink", try_readlink, true},
    {"getcwd", try_getcwd, true},
    {"chdir", try_chdir, true},
    {"link", try_link, true},
    {"symlink", try_symlink, true},
    {"unlink", try_unlink, true},
    {"rename", try_rename, true},
    {"mkdir", try_mkdir, true},
    {"rmdir", try_rmdir, true},
    {"chmod", try_chmod, true},
    {"fchmod", try_fchmod, true},
    {"fchown", try_fchown, true},
    {"truncate", try_truncate, true},
    {"ftruncate", try_ftruncate, true},
    {"utimensat", try_utimensat, true},
    {"mknod, a FIFO", try_mknod, true},
    {"fsync", try_fsync, true},
    {"fcntl", try_fcntl, true},
    {"dup", try_dup, true},
    {"pipe", try_pipe, true},
    {"ioctl", try_ioctl, false},
    {"sendfile", try_sendfile, true},
    {"socket", try_socket, true},
    {"sendmsg", try_send_descriptors, false},
    {"socketpair", try_socketpair, true},
    {"connect", try_connect, true},
    {"bind", try_bind, true},
    {"execve", try_execve, true},
    {"fexecve, of an open program", try_fexecve, true},
    {"memfd_create", try_memfd, true},
    {"fork", try_fork, true},
    {"vfork", try_vfork, true},
    {"clone", try_clone, true},
    {"clone3", try_clone3, false},
    {"unshare, of users", try_unshare, false},
    {"setns", try_setns, false},
    {"ptrace, by the parent", try_ptrace_me, true},
    {"ptrace, of the parent", try_ptrace, false},
    {"kill of the parent, with 0", try_kill_0, true},
    {"kill of the parent", try_kill, true},
    {"tgkill of the parent", try_tgkill, true},
    {"tkill of the parent", try_tkill, true},
    {"rt_sigqueueinfo to the parent", try_sigqueue, true},
    {"pidfd_open of the parent", try_pidfd_open, false},
    {"pidfd_getfd", try_pidfd_getfd, false},
    {"process_vm_readv of the parent", try_vm_read, false},
    {"process_vm_writev of the parent", try_vm_write, false},
    {"prlimit of the parent", try_prlimit, false},
    {"prlimit of its own core files", try_prlimit_core, true},
    {"prctl, PR_GET_DUMPABLE", try_prctl, true},
    {"prctl, PR_SET_PDEATHSIG", try_prctl_death, true},
    {"seccomp", try_seccomp, true},
    {"landlock_create_ruleset", try_landlock, false},
    {"sigaction", try_sigaction, true},
    {"sigprocmask", try_sigprocmask, true},
    {"setuid", try_setuid, true},
    {"setresgid", try_setresgid, true},
    {"capset", try_capset, false},
    {"setpriority", try_setpriority, true},
    {"sched_setaffinity of the parent", try_affinity, false},
    {"mmap with PROT_EXEC", try_map_code, true},
    {"mprotect with PROT_EXEC", try_protect_code, true},
    {"madvise with MADV_HWPOISON", try_poison, false},
    {"shmget", try_shmget, true},
    {"personality", try_personality, true},
    {"io_uring_setup", try_io_uring, false},
    {"userfaultfd", try_userfaultfd, false},
    {"bpf", try_bpf, false},
    {"perf_event_open", try_perf, false},
    {"keyctl", try_keyctl, false},
    {"inotify_init", try_inotify, true},
    {"epoll_create", try_epoll, true},
    {"mount", try_mount, false},
    {"umount", try_umount, false},
    {"chroot", try_chroot, false},
    {"sethostname", try_sethostname, false},
    {"settimeofday", try_settimeofday, false},
};

enum { SUCCEEDED = 255 };

/* The exit status is errno. */
static int attempt(const void *with)
{
    const struct attempt *a = with;
    errno = 0;
    return a->call() >= 0 ? SUCCEEDED : errno;
}

static int make_attempt(const struct attempt *a, bool confined)
{
    const int keep[] = {given.file, given.socket, given.program};
    return run_process(confined, keep, 3, attempt, a);
}

static void prepare(void)
{
    enter_folder();
    put_file("there", "text");
    REQUIRE(symlink("there", "link") == 0 && mkdir("empty", 0700) == 0, "no folder");
    given.file = open("there", O_RDWR);
    given.socket = socket(AF_INET, SOCK_STREAM, 0);
    given.program = open("/bin/true", O_RDONLY);
    given.parent = getpid();
    given.page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    REQUIRE(given.file >= 0 && given.socket >= 0 && given.program >= 0 && given.page != MAP_FAILED, "nothing to try with");
    sandbox_prepare();
}

START_TEST(every_attempt_is_refused)
{
    if (!has_seccomp(_i == 0 ? "what is refused" : NULL))
        return;
    const struct attempt *a = &attempts[_i];
    int status = make_attempt(a, true);
    if (getenv("SANDBOX_TABLE"))
        fprintf(stderr, "%-32s %s\n", a->name, ended_with(status, EPERM) ? "EPERM" : "not refused");
#if defined __s390__
    if (a->call == try_map_code) /* no filter sees the arguments of mmap there */
        return;
#endif
    ck_assert_msg(ended_with(status, EPERM), "%s: status %#x", a->name, (unsigned)status);
    require_file("there", "text");
    ck_assert_uint_eq(count_names(), 3);
}
END_TEST

START_TEST(without_the_sandbox_what_is_free_is_not)
{
    const struct attempt *a = &attempts[_i];
    if (!a->is_free)
        return;
    int status = make_attempt(a, false);
    bool traced = WIFSIGNALED(status) || WIFSTOPPED(status);
    ck_assert_msg(!traced && !ended_with(status, EPERM) && !ended_with(status, ENOSYS), "%s: status %#x", a->name,
                  (unsigned)status);
}
END_TEST

/* ---- system calls of other kinds ----------------------------------------------------------------------------------- */

#ifdef __x86_64__
/* getpid as a program of 32 bits calls it. */
static int call_as_32_bits(const void *with)
{
    long result = 20;
    (void)with;
    __asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
    return 0;
}

static int call_as_x32(const void *with)
{
    (void)with;
    return syscall(0x40000000 + SYS_getpid) >= 0 ? 0 : 1;
}

/* The numbers of one kind mean other calls in another. */
START_TEST(calls_of_another_kind_end_the_process)
{
    if (!has_seccomp("calls of another kind"))
        return;
    int status = run_process(true, NULL, 0, call_as_32_bits, NULL);
    ck_assert_msg(WIFSIGNALED(status), "32 bits: status %#x", (unsigned)status);
    status = run_process(true, NULL, 0, call_as_x32, NULL);
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "x32: status %#x", (unsigned)status);
}
END_TEST
#endif

/* ---- Landlock alone ------------------------------------------------------------------------------------------------ */

static int landlocked(const void *with)
{
    struct why why = {""};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !confinement_landlock.enter(&why))
        return NOT_CONFINED;
    return attempt(with);
}

/* What seccomp refuses is refused once more where there is Landlock. */
START_TEST(landlock_refuses_files)
{
    static const struct attempt of_files[] = {{"openat", try_open, true},   {"creat", try_creat, true},
                                              {"unlink", try_unlink, true}, {"mkdir", try_mkdir, true},
                                              {"execve", try_execve, true}, {"symlink", try_symlink, true}};
    if (!confinement_landlock.is_there()) {
        fprintf(stderr, "sandbox: left out: Landlock (this kernel does not have it)\n");
        return;
    }
    for (size_t i = 0; i < sizeof of_files / sizeof *of_files; i++) {
        int status = run_process(false, NULL, 0, landlocked, &of_files[i]);
        ck_assert_msg(ended_with(status, EACCES), "%s: status %#x", of_files[i].name, (unsigned)status);
    }
}
END_TEST

SUITE(sandbox_refused)
{
    TCase *tcase = tcase_create("attempts");
    tcase_add_checked_fixture(tcase, prepare, leave_folder);
    ADD_EACH(tcase, every_attempt_is_refused, attempts);
    ADD_EACH(tcase, without_the_sandbox_what_is_free_is_not, attempts);
    tcase_add_test(tcase, landlock_refuses_files);
#ifdef __x86_64__
    tcase_add_test(tcase, calls_of_another_kind_end_the_process);
#endif
    suite_add_tcase(suite, tcase);
}
