/*
 * Memory that runs out, to be preloaded: the FAIL_AT-th allocation fails, of the process and of those that it forks, or, as
 * "N+", that one and all after it. Without FAIL_AT none does. FAIL_COUNT names a file that gets the number of allocations
 * of all when the process exits.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PUBLIC __attribute__((visibility("default")))

/* The allocator of glibc under its other names: dlsym allocates itself. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static unsigned long *calls; /* shared with the processes that are forked; NULL: not yet */
static unsigned long fail_at;
static int fails_on;

__attribute__((constructor)) static void begin(void)
{
    char *end = "";
    const char *at = getenv("FAIL_AT");
    fail_at = at ? strtoul(at, &end, 10) : 0;
    fails_on = *end == '+';
    void *page = mmap(NULL, sizeof *calls, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
        abort();
    calls = page;
}

__attribute__((destructor)) static void end(void)
{
    unsigned long n = *calls;
    const char *name = getenv("FAIL_COUNT");
    FILE *to = name ? fopen(name, "w") : NULL;
    if (to) {
        fprintf(to, "%lu\n", n);
        fclose(to);
    }
}

static int fails(void)
{
    if (!calls)
        return 0;
    unsigned long n = __atomic_add_fetch(calls, 1, __ATOMIC_RELAXED);
    int now = fail_at > 0 && (fails_on ? n >= fail_at : n == fail_at);
    if (now)
        errno = ENOMEM;
    return now;
}

PUBLIC void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

PUBLIC void *calloc(size_t n, size_t size)
{
    return fails() ? NULL : __libc_calloc(n, size);
}

PUBLIC void *realloc(void *old, size_t size)
{
    return fails() ? NULL : __libc_realloc(old, size);
}

PUBLIC void *aligned_alloc(size_t alignment, size_t size)
{
    return fails() ? NULL : __libc_memalign(alignment, size);
}

PUBLIC int posix_memalign(void **to, size_t alignment, size_t size)
{
    void *data = fails() ? NULL : __libc_memalign(alignment, size);
    if (!data)
        return ENOMEM;
    *to = data;
    return 0;
}

/* Of memory alone: files that libraries map are another matter. */
PUBLIC void *mmap(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
    void *(*next)(void *, size_t, int, int, int, off_t);
    *(void **)&next = dlsym(RTLD_NEXT, "mmap");
    return (flags & MAP_ANONYMOUS) && fails() ? MAP_FAILED : next(at, size, protection, flags, fd, offset);
}
