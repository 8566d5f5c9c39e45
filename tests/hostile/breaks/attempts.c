/*
 * What a hijacked decoder would try: system calls, by name. Their arguments do no harm where a call is allowed, and most
 * calls then fail for another reason than that they were refused.
 */
#include "hostile/breaks/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGUMENTS = 6 };

struct call {
    const char *name;
    long number;
    long argument[ARGUMENTS];
};

/* The child of a fork ends at once, and is waited for. */
static long make_call(const struct call *call)
{
    const long *a = call->argument;
    bool forks = call->number == SYS_clone && a[0] == SIGCHLD;
    long result = forks ? fork() : syscall(call->number, a[0], a[1], a[2], a[3], a[4], a[5]);
    if (forks && result == 0)
        _exit(0);
    int error = errno;
    if (forks && result > 0)
        waitpid((pid_t)result, NULL, 0);
    errno = error;
    return result;
}

/* *call <- the call of that name. */
static bool find_call(const char *name, struct call *call)
{
    static const char here[] = ".", file[] = "attempted", other[] = "attempted.too", absent[] = "absent/absent";
    static const struct {
        uint64_t flags, mode, resolve;
    } how = {.flags = O_RDONLY};
    static const unsigned char address[16] = {AF_INET};
    static unsigned char memory[1 << 16];
    const long parent = getppid(), size = sysconf(_SC_PAGESIZE);
#define TEXT(text) ((long)(intptr_t)(text))
    const struct call calls[] = {
        /* files */
        {"open", SYS_openat, {AT_FDCWD, TEXT(here), O_RDONLY}},
        {"create", SYS_openat, {AT_FDCWD, TEXT(file), O_WRONLY | O_CREAT, 0600}},
        {"openat2", SYS_openat2, {AT_FDCWD, TEXT(here), TEXT(&how), sizeof how}},
        {"proc", SYS_openat, {AT_FDCWD, TEXT("/proc/self/mem"), O_RDWR}},
        {"mkdir", SYS_mkdirat, {AT_FDCWD, TEXT(other), 0700}},
        {"mknod", SYS_mknodat, {AT_FDCWD, TEXT(absent), 0600}},
        {"unlink", SYS_unlinkat, {AT_FDCWD, TEXT(absent)}},
        {"rename", SYS_renameat2, {AT_FDCWD, TEXT(absent), AT_FDCWD, TEXT(file)}},
        {"link", SYS_linkat, {AT_FDCWD, TEXT(absent), AT_FDCWD, TEXT(file)}},
        {"symlink", SYS_symlinkat, {TEXT(here), AT_FDCWD, TEXT(absent)}},
        {"chmod", SYS_fchmodat, {AT_FDCWD, TEXT(absent), 0600}},
        {"fchmod", SYS_fchmod, {-1, 0600}},
        {"chown", SYS_fchownat, {AT_FDCWD, TEXT(absent), -1, -1}},
        {"utimensat", SYS_utimensat, {AT_FDCWD, TEXT(absent)}},
        {"truncate", SYS_truncate, {TEXT(absent), 0}},
        {"access", SYS_faccessat, {AT_FDCWD, TEXT(here), R_OK}},
        {"statx", SYS_statx, {AT_FDCWD, TEXT(here), 0, STATX_SIZE, TEXT(memory)}},
        {"readlink", SYS_readlinkat, {AT_FDCWD, TEXT(here), TEXT(memory), sizeof memory}},
        {"getdents", SYS_getdents64, {-1, TEXT(memory), sizeof memory}},
        {"chdir", SYS_chdir, {TEXT(here)}},
        {"chroot", SYS_chroot, {TEXT(absent)}},
        {"mount", SYS_mount, {TEXT(absent), TEXT(absent), TEXT(absent), 0, 0}},
        {"name_to_handle", SYS_name_to_handle_at, {AT_FDCWD, TEXT(absent), 0, 0, 0}},
        {"inotify", SYS_inotify_init1, {0}},
        {"setxattr", SYS_setxattr, {TEXT(absent), TEXT("user.x"), TEXT("x"), 1, 0}},
        /* other processes, and other programs */
        {"fork", SYS_clone, {SIGCHLD}},
        {"vfork", SYS_clone, {CLONE_VFORK | CLONE_SIGHAND}},
        {"thread", SYS_clone, {CLONE_THREAD}},
        {"clone3", SYS_clone3, {0, 0}},
        {"exec", SYS_execve, {TEXT(absent), 0, 0}},
        {"execat", SYS_execveat, {AT_FDCWD, TEXT(absent), 0, 0, 0}},
        {"kill", SYS_kill, {parent, 0}},
        {"tkill", SYS_tkill, {parent, 0}},
        {"tgkill", SYS_tgkill, {parent, parent, 0}},
        {"sigqueue", SYS_rt_sigqueueinfo, {parent, SIGTERM, 0}},
        {"pidfd_open", SYS_pidfd_open, {parent, 0}},
        {"pidfd_send", SYS_pidfd_send_signal, {-1, 0, 0, 0}},
        {"ptrace", SYS_ptrace, {2 /* PTRACE_PEEKDATA */, parent, 0, 0}},
        {"readv", SYS_process_vm_readv, {parent, 0, 0, 0, 0, 0}},
        {"writev", SYS_process_vm_writev, {parent, 0, 0, 0, 0, 0}},
        {"kcmp", SYS_kcmp, {parent, parent, 0, 0, 0}},
        {"prlimit", SYS_prlimit64, {parent, RLIMIT_NOFILE, 0, 0}},
        {"setrlimit", SYS_prlimit64, {0, RLIMIT_NOFILE, TEXT(memory), 0}},
        {"setpriority", SYS_setpriority, {PRIO_PROCESS, parent, 20}},
        {"affinity", SYS_sched_setaffinity, {parent, 0, 0}},
        {"setpgid", SYS_setpgid, {0, 0}},
        {"setsid", SYS_setsid, {0}},
        {"setuid", SYS_setresuid, {-1, -1, -1}},
        {"unshare", SYS_unshare, {0}},
        {"setns", SYS_setns, {-1, 0}},
        /* the network */
        {"socket", SYS_socket, {AF_INET, SOCK_STREAM, 0}},
        {"unix", SYS_socket, {AF_UNIX, SOCK_STREAM, 0}},
        {"netlink", SYS_socket, {AF_NETLINK, SOCK_RAW, 0}},
        {"socketpair", SYS_socketpair, {AF_UNIX, SOCK_STREAM, 0, TEXT(memory)}},
        {"connect", SYS_connect, {-1, TEXT(address), sizeof address}},
        {"bind", SYS_bind, {-1, TEXT(address), sizeof address}},
        {"listen", SYS_listen, {-1, 1}},
        {"accept", SYS_accept4, {-1, 0, 0, 0}},
        /* memory, and the kernel */
        {"mmap-exec", SYS_mmap, {0, size, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0}},
        {"mprotect-exec", SYS_mprotect, {0, 0, PROT_READ | PROT_EXEC}},
        {"memfd", SYS_memfd_create, {TEXT(file), 0}},
        {"io_uring", SYS_io_uring_setup, {0, 0}},
        {"userfaultfd", SYS_userfaultfd, {-1}},
        {"bpf", SYS_bpf, {-1, 0, 0}},
        {"perf", SYS_perf_event_open, {0, 0, -1, -1, 0}},
        {"keyctl", SYS_keyctl, {-1}},
        {"shmget", SYS_shmget, {0 /* IPC_PRIVATE */, 0, 0600}},
        {"mq_open", SYS_mq_open, {TEXT(""), 0, 0, 0}},
        {"ioctl", SYS_ioctl, {-1, TIOCSTI, TEXT(here)}},
        {"fcntl", SYS_fcntl, {-1, F_SETOWN, parent}},
        {"dup", SYS_dup, {-1}},
        {"pipe", SYS_pipe2, {TEXT(memory), 0}},
        {"prctl", SYS_prctl, {PR_SET_DUMPABLE, 1, 0, 0, 0}},
        {"pdeathsig", SYS_prctl, {PR_SET_PDEATHSIG, 0, 0, 0, 0}},
        {"sethostname", SYS_sethostname, {TEXT(here), -1}},
        {"settime", SYS_clock_settime, {-1, 0}},
        {"reboot", SYS_reboot, {0, 0, 0, 0}},
    };
#undef TEXT
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (strcmp(calls[i].name, name) == 0) {
            *call = calls[i];
            return true;
        }
    return false;
}

bool attempt(const struct place *place, const char *name, struct why *why)
{
    struct call call;
    if (!find_call(name, &call))
        return why_set(why, "breaks: unknown system call '%.40s'", name);
    bool worked = make_call(&call) != -1;
    if (!place->metadata)
        return why_set(why, "try %s: %s", name, worked ? "done" : strerror(errno));
    metadata_note(place->metadata, NOTE_WARNING, "try %s: %s", name, worked ? "done" : strerror(errno));
    return true;
}
