/*
 * A fault at one system call of a run of several processes:
 *
 *     inject LOG PROCESS CALL N ACTION COMMAND...
 *
 * PROCESS is 0 for the command itself, and its children by the order of their births; CALL is a name of `calls`, or "any".
 * The N-th of these calls in that process is the point; "N+" is that one and all that follow. ACTION is error=ERRNO (the
 * call does nothing), signal=NUMBER (it comes as the call begins) or list: then LOG gets a line for each call of each
 * process, its number, the call, and the path in it. Otherwise LOG says "hit" and what the call was if there was such a
 * point. Exit status: that of the command, or 128 + the signal that ended it. All processes have ended then; after 30
 * seconds SIGALRM ends all.
 */
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

enum { PROCESSES = 256, PATH_BYTES = 200, SECONDS = 30 };

/* A call of this name has its path in argument `path`; -1: none. */
struct call {
    long nr;
    const char *name;
    int path;
};

static const struct call calls[] = {
    {SYS_read, "read", -1},
    {SYS_pread64, "pread64", -1},
    {SYS_write, "write", -1},
    {SYS_writev, "writev", -1},
    {SYS_pwrite64, "pwrite64", -1},
    {SYS_openat, "openat", 1},
    {SYS_close, "close", -1},
    {SYS_fstat, "fstat", -1},
    {SYS_newfstatat, "newfstatat", 1},
    {SYS_lseek, "lseek", -1},
    {SYS_fsync, "fsync", -1},
    {SYS_fdatasync, "fdatasync", -1},
    {SYS_syncfs, "syncfs", -1},
    {SYS_sync_file_range, "sync_file_range", -1},
    {SYS_ftruncate, "ftruncate", -1},
    {SYS_fallocate, "fallocate", -1},
    {SYS_fchmod, "fchmod", -1},
    {SYS_fchown, "fchown", -1},
    {SYS_utimensat, "utimensat", 1},
    {SYS_flock, "flock", -1},
    {SYS_linkat, "linkat", 1},
    {SYS_renameat, "renameat", 1},
    {SYS_renameat2, "renameat2", 1},
    {SYS_unlinkat, "unlinkat", 1},
    {SYS_mkdirat, "mkdirat", 1},
    {SYS_getdents64, "getdents64", -1},
    {SYS_mmap, "mmap", -1},
    {SYS_mremap, "mremap", -1},
    {SYS_brk, "brk", -1},
    {SYS_clone, "clone", -1},
    {SYS_socketpair, "socketpair", -1},
    {SYS_sendmsg, "sendmsg", -1},
    {SYS_recvmsg, "recvmsg", -1},
    {SYS_dup, "dup", -1},
    {SYS_dup3, "dup3", -1},
    {SYS_fcntl, "fcntl", -1},
    {SYS_rt_sigaction, "rt_sigaction", -1},
    {SYS_prctl, "prctl", -1},
    {SYS_prlimit64, "prlimit64", -1},
#ifdef SYS_open
    {SYS_open, "open", 0},
    {SYS_stat, "stat", 0},
    {SYS_lstat, "lstat", 0},
    {SYS_link, "link", 0},
    {SYS_rename, "rename", 0},
    {SYS_unlink, "unlink", 0},
    {SYS_mkdir, "mkdir", 0},
    {SYS_dup2, "dup2", -1},
    {SYS_poll, "poll", -1},
#endif
};

struct process {
    pid_t pid;
    unsigned long seen;          /* calls of the wanted kind */
    int fails;                   /* the call that it is in is to fail */
    unsigned long long argument; /* of the call of brk that it is in, which fails */
    int starts;                  /* its first stop has not come yet */
};

struct run {
    struct process process[PROCESSES];
    size_t processes;
    FILE *log;
    long of; /* process */
    const char *name;
    unsigned long at;
    int goes_on, lists, error, signal;
    int status; /* of the command, as wait() has it */
};

static void die(const char *what)
{
    fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
    exit(99);
}

static const struct call *find_call(long nr)
{
    static const struct call other = {-1, "other", -1};
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        if (calls[i].nr == nr)
            return &calls[i];
    return &other;
}

static struct process *find_process(struct run *r, pid_t pid)
{
    for (size_t i = 0; i < r->processes; i++)
        if (r->process[i].pid == pid)
            return &r->process[i];
    return NULL;
}

static void add_process(struct run *r, pid_t pid)
{
    if (find_process(r, pid))
        return;
    if (r->processes == PROCESSES)
        die("too many processes");
    r->process[r->processes++] = (struct process){.pid = pid, .starts = 1};
}

enum place { NUMBER, FIRST_ARGUMENT, RETURNED };

/* Sets the number or the first argument of the call that begins, or what the call that ends returned. */
static void set_register(pid_t pid, enum place place, unsigned long long value)
{
#ifdef __x86_64__
    struct user_regs_struct regs;
    struct iovec io = {&regs, sizeof regs};
    if (ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &io) != 0)
        return; /* it was killed */
    *(place == NUMBER ? &regs.orig_rax : place == FIRST_ARGUMENT ? &regs.rdi : &regs.rax) = value;
    ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &io);
#else
    (void)pid, (void)place, (void)value;
    errno = ENOSYS;
    die("this processor");
#endif
}

static void write_line(struct run *r, const struct process *p, const struct call *call,
                       const struct ptrace_syscall_info *info, const char *what)
{
    char path[PATH_BYTES] = "";
    if (call->path >= 0) {
        struct iovec to = {path, sizeof path - 1},
                     from = {(void *)(uintptr_t)info->entry.args[call->path], sizeof path - 1};
        if (process_vm_readv(p->pid, &to, 1, &from, 1, 0) <= 0)
            path[0] = '\0';
    }
    for (char *c = path; *c; c++)
        if ((unsigned char)*c < ' ')
            *c = '?';
    fprintf(r->log, "%s%zu %s %s\n", what, (size_t)(p - r->process), call->name, path);
}

/* close() does its work even if it reports an error; brk() returns the old end if it fails, as if it had been asked for
 * that. */
static void begin_failure(struct process *p, const struct call *call, unsigned long long argument)
{
    p->fails = 1;
    p->argument = 0;
    if (call->nr == SYS_brk) {
        p->argument = argument;
        set_register(p->pid, FIRST_ARGUMENT, 0);
    } else if (call->nr != SYS_close) {
        set_register(p->pid, NUMBER, -1ULL);
    }
}

static void enter_call(struct run *r, struct process *p, const struct ptrace_syscall_info *info)
{
    const struct call *call = find_call((long)info->entry.nr);
    if (r->lists) {
        write_line(r, p, call, info, "");
        return;
    }
    if (p - r->process != r->of || (strcmp(r->name, "any") != 0 && strcmp(r->name, call->name) != 0))
        return;
    p->seen++;
    if (p->seen != r->at && !(r->goes_on && p->seen > r->at))
        return;
    write_line(r, p, call, info, "hit ");
    if (r->error)
        begin_failure(p, call, info->entry.args[0]);
    else
        kill(p->pid, r->signal);
}

static void at_call(struct run *r, struct process *p)
{
    struct ptrace_syscall_info info;
    if (ptrace(PTRACE_GET_SYSCALL_INFO, p->pid, sizeof info, &info) < 0)
        return; /* it was killed */
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY) {
        enter_call(r, p, &info);
    } else if (info.op == PTRACE_SYSCALL_INFO_EXIT && p->fails) {
        if (p->argument)
            set_register(p->pid, FIRST_ARGUMENT, p->argument);
        else
            set_register(p->pid, RETURNED, -(unsigned long long)r->error);
        p->fails = 0;
    }
}

/* The signal that the process is to go on with. */
static int at_stop(struct run *r, struct process *p, int status)
{
    int signal = WSTOPSIG(status), event = status >> 16;
    unsigned long child;
    if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) {
        if (ptrace(PTRACE_GETEVENTMSG, p->pid, 0, &child) == 0)
            add_process(r, (pid_t)child);
    } else if (signal == (SIGTRAP | 0x80)) {
        at_call(r, p);
    } else if (event == 0 && !(p->starts && signal == SIGSTOP)) {
        return signal;
    }
    if (signal == SIGSTOP)
        p->starts = 0;
    return 0;
}

static void trace(struct run *r)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, __WALL)) > 0;) {
        struct process *p = find_process(r, pid);
        if (!WIFSTOPPED(status)) {
            if (p == r->process)
                r->status = status;
            continue;
        }
        if (!p) { /* a child whose birth its parent has not told yet */
            add_process(r, pid);
            p = find_process(r, pid);
        }
        ptrace(PTRACE_SYSCALL, pid, 0, at_stop(r, p, status));
    }
}

static void start(struct run *r, char **command)
{
    pid_t pid = fork();
    if (pid < 0)
        die("fork");
    if (pid == 0) {
        ptrace(PTRACE_TRACEME, 0, 0, 0);
        raise(SIGSTOP);
        execv(command[0], command);
        die(command[0]);
    }
    if (waitpid(pid, NULL, 0) != pid)
        die("wait");
    if (ptrace(PTRACE_SETOPTIONS, pid, 0,
               PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC |
                   PTRACE_O_EXITKILL) != 0)
        die("ptrace");
    add_process(r, pid);
    r->process[0].starts = 0;
    ptrace(PTRACE_SYSCALL, pid, 0, 0);
}

int main(int argc, char **argv)
{
    struct run r = {0};
    char *end = "";
    if (argc < 7)
        return 99;
    r.log = fopen(argv[1], "we");
    if (!r.log)
        die(argv[1]);
    r.of = strtol(argv[2], NULL, 10);
    r.name = argv[3];
    r.at = strtoul(argv[4], &end, 10);
    r.goes_on = *end == '+';
    r.lists = strcmp(argv[5], "list") == 0;
    r.error = strncmp(argv[5], "error=", 6) == 0 ? atoi(argv[5] + 6) : 0;
    r.signal = strncmp(argv[5], "signal=", 7) == 0 ? atoi(argv[5] + 7) : 0;
    if (!r.lists && !r.error && !r.signal)
        return 99;
    alarm(SECONDS);
    start(&r, argv + 6);
    trace(&r);
    if (fclose(r.log) != 0)
        die(argv[1]);
    return WIFSIGNALED(r.status) ? 128 + WTERMSIG(r.status) : WEXITSTATUS(r.status);
}
