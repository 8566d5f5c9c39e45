/*
 * The system calls of a worker. libseccomp makes the filter once, in the parent; each worker loads its instructions, which
 * takes half the time of seccomp_load.
 */
#include "cli/files/confinement.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { INSTRUCTIONS_MAX = 512 }; /* there are about 70 */

/* Of which there is one in a process. */
static struct {
    struct sock_filter code[INSTRUCTIONS_MAX];
    unsigned short n; /* 0: it is not made yet */
} filter;

/* ---- what is allowed ----------------------------------------------------------------------------------------------- */

/* Stands for the process that loads the filter, until it does. No process has this number: they end at 2^22. */
enum { OWN_PROCESS = 0x7f5e1f00 };

/* Which of its operations a futex is called for: the argument without its flags. */
#define FUTEX_OPERATION (~(scmp_datum_t)(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME))

static const struct rule {
    int call;
    unsigned arguments;
    struct scmp_arg_cmp argument[2]; /* {which, comparison, values}: all that must hold */
} allowed[] = {
    /* Open descriptors. */
    {SCMP_SYS(read), 0, {{0}}},
    {SCMP_SYS(readv), 0, {{0}}},
    {SCMP_SYS(pread64), 0, {{0}}},
    {SCMP_SYS(write), 0, {{0}}},
    {SCMP_SYS(writev), 0, {{0}}},
    {SCMP_SYS(pwrite64), 0, {{0}}},
    {SCMP_SYS(lseek), 0, {{0}}},
    {SCMP_SYS(_llseek), 0, {{0}}},
    {SCMP_SYS(close), 0, {{0}}},
    {SCMP_SYS(recvmsg), 0, {{0}}}, /* and no sendmsg: it takes descriptors, of which few of a user may be on their way */
    {SCMP_SYS(poll), 0, {{0}}},
    {SCMP_SYS(ppoll), 0, {{0}}},
#if defined SYS_fstat && defined __LP64__
    {SCMP_SYS(fstat), 0, {{0}}}, /* the fstat of libc is a call that takes a path: see descriptor_stat */
#else
    {SCMP_SYS(fstat64), 0, {{0}}},
    {SCMP_SYS(fstatat64), 0, {{0}}},
    {SCMP_SYS(newfstatat), 0, {{0}}},
    {SCMP_SYS(statx), 0, {{0}}},
#endif
    /* Memory, of which nothing becomes instructions. */
    {SCMP_SYS(brk), 0, {{0}}},
    {SCMP_SYS(munmap), 0, {{0}}},
    {SCMP_SYS(mremap), 0, {{0}}},
    {SCMP_SYS(madvise), 1, {{2, SCMP_CMP_LT, 100, 0}}}, /* from 100 on, root breaks pages of the machine */
    {SCMP_SYS(mprotect), 1, {{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0}}},
    {SCMP_SYS(mmap2), 1, {{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0}}},
#ifdef __s390__
    {SCMP_SYS(mmap), 0, {{0}}}, /* its arguments are in memory, where no filter looks */
#else
    {SCMP_SYS(mmap), 1, {{2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0}}},
#endif
    /* The process itself: its limits of time and memory, its end, abort. No signal can be blocked, ignored or handled. */
    {SCMP_SYS(exit), 0, {{0}}},
    {SCMP_SYS(exit_group), 0, {{0}}},
    {SCMP_SYS(rt_sigreturn), 0, {{0}}},
    {SCMP_SYS(getpid), 0, {{0}}},
    {SCMP_SYS(gettid), 0, {{0}}},
    {SCMP_SYS(getrusage), 0, {{0}}},
    {SCMP_SYS(prlimit64), 2, {{0, SCMP_CMP_EQ, 0, 0}, {1, SCMP_CMP_EQ, RLIMIT_CPU, 0}}},
    {SCMP_SYS(prlimit64), 2, {{0, SCMP_CMP_EQ, 0, 0}, {1, SCMP_CMP_EQ, RLIMIT_AS, 0}}},
    {SCMP_SYS(tgkill), 1, {{0, SCMP_CMP_EQ, OWN_PROCESS, 0}}},
    /* Clocks, chance, and the end of pthread_once: if that is refused, libc ends the process. */
    {SCMP_SYS(clock_gettime), 0, {{0}}},
    {SCMP_SYS(clock_gettime64), 0, {{0}}},
    {SCMP_SYS(gettimeofday), 0, {{0}}},
    {SCMP_SYS(time), 0, {{0}}},
    {SCMP_SYS(getrandom), 0, {{0}}},
    {SCMP_SYS(futex), 1, {{1, SCMP_CMP_MASKED_EQ, FUTEX_OPERATION, FUTEX_WAKE}}},
    /* Threads wait for one another. */
    {SCMP_SYS(futex), 1, {{1, SCMP_CMP_MASKED_EQ, FUTEX_OPERATION, FUTEX_WAIT}}},
    {SCMP_SYS(futex), 1, {{1, SCMP_CMP_MASKED_EQ, FUTEX_OPERATION, FUTEX_WAIT_BITSET}}},
    {SCMP_SYS(futex_time64), 1, {{1, SCMP_CMP_MASKED_EQ, FUTEX_OPERATION, FUTEX_WAIT}}},
    {SCMP_SYS(futex_time64), 1, {{1, SCMP_CMP_MASKED_EQ, FUTEX_OPERATION, FUTEX_WAIT_BITSET}}},
};

/* ---- the filter ---------------------------------------------------------------------------------------------------- */

static int add_rules(scmp_filter_ctx context)
{
    int status = 0;
    for (size_t i = 0; status == 0 && i < sizeof allowed / sizeof *allowed; i++)
        status =
            seccomp_rule_add_array(context, SCMP_ACT_ALLOW, allowed[i].call, allowed[i].arguments, allowed[i].argument);
    return status;
}

/* The instructions of the context, through a pipe, which holds far more. */
static int export(scmp_filter_ctx context)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -errno;
    int status = seccomp_export_bpf(context, ends[1]);
    ssize_t n = status == 0 ? read(ends[0], filter.code, sizeof filter.code) : 0;
    filter.n = n > 0 ? (unsigned short)((size_t)n / sizeof *filter.code) : 0;
    close(ends[0]);
    close(ends[1]);
    return status;
}

/*
 * libseccomp 2.5 may loop for ever where memory is short: what this gives back is there for it. Not by malloc, which would
 * keep it, and calloc would then clear what the system had cleared: that took half a millisecond.
 */
static bool has_memory(void)
{
    enum { MOST = 1 << 20 };
    void *memory = mmap(NULL, MOST, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory != MAP_FAILED && munmap(memory, MOST) == 0;
}

static bool prepare(struct why *why)
{
    if (filter.n > 0)
        return true;
    if (!has_memory())
        return why_memory(why);
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int status = context ? add_rules(context) : -ENOMEM;
    if (status == 0)
        status = export(context);
    seccomp_release(context);
    return filter.n > 0 || why_set(why, "seccomp: %s", strerror(-status));
}

/* The one instruction that compares with OWN_PROCESS. */
static void insert_process(void)
{
    for (unsigned i = 0; i < filter.n; i++)
        if (filter.code[i].code == (BPF_JMP | BPF_JEQ | BPF_K) && filter.code[i].k == OWN_PROCESS)
            filter.code[i].k = (unsigned)getpid();
}

static bool is_there(void)
{
    unsigned action = SECCOMP_RET_ERRNO;
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

/*
 * SPEC_ALLOW: older kernels slow a process with a filter down, so that its threads cannot spy on one another through the
 * caches of the processor. A worker's trust one another.
 */
static bool enter(struct why *why)
{
    if (!prepare(why))
        return false;
    insert_process();
    const struct sock_fprog program = {filter.n, filter.code};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &program) == 0 ||
        syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0)
        return true;
    return why_set(why, "seccomp: %s", strerror(errno));
}

const struct confinement confinement_seccomp = {"seccomp", is_there, prepare, enter};
